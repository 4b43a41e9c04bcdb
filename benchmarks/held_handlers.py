"""Handlers that say when they begin and when they are told to stop."""

from __future__ import annotations

import asyncio
import os
import time
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
            # One short write to a file opened for appending is not torn by others.
            line = f"{task.task_id} {time.perf_counter()!r}\n".encode()
            with open(str(trace), "ab", buffering=0) as file:  # noqa: ASYNC230, PTH123
                file.write(line)
        raise


@handles("token")
async def token(payload: dict[str, Any], task: RunningTask) -> str:
    """A result that no other attempt of any task gives."""
    await asyncio.sleep(float(payload.get("seconds", 0.0)))
    return f"{task.task_id} attempt {task.attempt} in {os.getpid()} at {time.perf_counter_ns()}"
