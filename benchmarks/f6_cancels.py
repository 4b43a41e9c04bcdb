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

from rich.console import Console

from cognitive_architecture.distributed_mesh.model import DistributedTask

from .broken_mesh import BrokenMesh
from .report import Options, Report, percentile

CANCELS = 10_000
AT_ONCE = 100
GOAL_MS = 50.0


def measure(options: Options) -> Report:
    """Cancel, and report percentiles."""
    count = options.scaled(CANCELS)
    took = asyncio.run(_cancel(count, Console()))
    rounds = {
        "told_max_ms": [took[-1]],
        "told_p99_ms": [percentile(took, 0.99)],
        "told_p50_ms": [percentile(took, 0.5)],
        "told": [float(len(took))],
    }
    met = len(took) == count and took[-1] <= GOAL_MS
    return Report("told_max_ms", "ms", rounds, met=met, config={"cancels": count})


async def _cancel(count: int, console: Console) -> list[float]:
    mesh = BrokenMesh()
    trace = mesh.folder / "told"
    trace.touch()
    asked: dict[str, float] = {}
    try:
        mesh.up("--memory")
        mesh.node(slots=AT_ONCE)
        async with mesh.client() as client:
            await mesh.until_nodes(client, 1)
            while len(asked) < count:
                tasks = [
                    DistributedTask(task_type="held", payload={"trace": str(trace)})
                    for _ in range(min(AT_ONCE, count - len(asked)))
                ]
                ids = await client.submit_many(tasks)
                while (await client.status())["tasks"]["running"] < len(ids):
                    await asyncio.sleep(0.005)
                await asyncio.sleep(0.05)  # until the handlers run
                for task_id in ids:
                    asked[task_id] = time.perf_counter()
                    assert await client.cancel(task_id)
                if len(asked) % 1000 == 0:
                    console.print(f"{len(asked):,} of {count:,} cancelled")
            await asyncio.sleep(1.0)
        return sorted((at - asked[task_id]) * 1e3 for task_id, at in _told(trace))
    finally:
        mesh.close()


def _told(trace: Path) -> list[tuple[str, float]]:
    lines = [line.split() for line in trace.read_text().splitlines()]
    return [(task_id, float(at)) for task_id, at in lines]
