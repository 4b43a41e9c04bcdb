"""Handlers that say when they begin and when they are told to stop."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import Any

from cognitive_architecture.distributed_mesh.handlers import RunningTask, handles


@handles("held")
async def held(payload: dict[str, Any], task: RunningTask) -> None:
    """Run until stopped; the first word of it is progress."""
    task.progress(0.0, "begun")
    try:
        await asyncio.sleep(float(payload.get("seconds", 3600.0)))
    except asyncio.CancelledError:
        if (trace := payload.get("trace")) is not None:
            _note(str(trace), f"{task.task_id} {time.perf_counter()!r}")
        raise


@handles("token")
async def token(payload: dict[str, Any], task: RunningTask) -> str:
    """A result that no other attempt of any task gives."""
    await asyncio.sleep(float(payload.get("seconds", 0.0)))
    made = f"{task.task_id}/{task.attempt}/{os.getpid()}/{time.perf_counter_ns()}"
    _note(str(payload["trace"]), made)
    return made


def _note(path: str, line: str) -> None:
    # One short write to a file that was opened for appending is not torn by others.
    with Path(path).open("ab", buffering=0) as file:
        file.write(f"{line}\n".encode())
