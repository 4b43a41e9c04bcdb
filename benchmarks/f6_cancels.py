"""How soon a running handler is told that its task is cancelled.

One orchestrator, one node process with 100 slots, this client. In each round 100 tasks run; the
client cancels them one after the other, each with a request of its own; the handler notes the
instant at which it is told. All processes of a machine share the clock that is read. Every single
one of the cancelled handlers must have been told.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from cognitive_architecture.distributed_mesh.model import DistributedTask

from .broken_mesh import SOON_S, BrokenMesh, percentiles
from .drill import Drill
from .report import Options, Report

CANCELS = 10_000
AT_ONCE = 100
GOAL_MS = 50.0


def measure(options: Options) -> Report:
    """Cancel, and report percentiles."""
    count = options.scaled(CANCELS)
    with Drill() as drill:
        asked, told = asyncio.run(_cancel(count, drill))
    took = [(told[task_id] - at) * 1e3 for task_id, at in asked.items() if task_id in told]
    rounds = percentiles("told", took) | {
        "cancelled": [float(len(asked))],
        "told": [float(len(took))],
    }
    met = len(took) == len(asked) == count and max(took) <= GOAL_MS
    return Report("told_max_ms", "ms", rounds, met=met, config={"at_once": AT_ONCE})


async def _cancel(count: int, drill: Drill) -> tuple[dict[str, float], dict[str, float]]:
    """The instants at which each task was cancelled, and at which its handler was told."""
    mesh = BrokenMesh()
    trace = mesh.folder / "told"
    trace.touch()
    asked: dict[str, float] = {}
    try:
        mesh.up("--memory")
        mesh.node(slots=AT_ONCE)
        async with mesh.client() as client:
            await mesh.until_nodes(client, 1)
            for number in drill.rounds(-(-count // AT_ONCE), f"times {AT_ONCE} tasks cancelled"):
                left = count - (number - 1) * AT_ONCE
                tasks = [
                    DistributedTask(task_type="held", payload={"trace": str(trace)})
                    for _ in range(min(AT_ONCE, left))
                ]
                ids = await client.submit_many(tasks)
                while (await client.status())["tasks"]["running"] < len(ids):
                    await asyncio.sleep(0.005)
                await asyncio.sleep(0.05)  # until the handlers run
                for task_id in ids:
                    asked[task_id] = time.perf_counter()
                    assert await client.cancel(task_id)
            await _until_all_told(trace, len(asked))
        return asked, _told(trace)
    finally:
        mesh.close()


async def _until_all_told(trace: Path, count: int) -> None:
    """Return when so many handlers were told, or none is any more."""
    deadline = time.perf_counter() + SOON_S
    while len(_told(trace)) < count and time.perf_counter() < deadline:
        await asyncio.sleep(0.1)


def _told(trace: Path) -> dict[str, float]:
    """By task; each instant is that of the first time."""
    told: dict[str, float] = {}
    for line in trace.read_text().splitlines():
        task_id, at = line.split()
        told.setdefault(task_id, float(at))
    return told
