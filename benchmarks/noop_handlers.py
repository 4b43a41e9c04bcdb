"""The handler that the mesh under test runs: nothing, so that everything else is measured."""

from __future__ import annotations

from typing import Any

from cognitive_architecture.distributed_mesh.handlers import RunningTask, handles


@handles("noop")
async def noop(payload: dict[str, Any], task: RunningTask) -> None:
    """Do nothing."""
