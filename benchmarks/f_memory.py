"""Does a mesh grow with the work it has done? Memory of an orchestrator and a node over many tasks.

One orchestrator with its store on disk, one node, this client; no-op tasks in bursts. After each
burst the resident memory of both is read; the slope is that of the straight line through what was
read after the first fifth, in which pools and caches fill. What is kept on purpose is bounded:
10,000 revoked leases, 1,000 failures, 32 MiB of pages for each connection of the store. Until
those are full, at 150,000 to 200,000 tasks, an orchestrator grows; a tenth of the work (--quick)
shows only that.
"""

from __future__ import annotations

import asyncio
import math
import statistics
from pathlib import Path

import psutil

from cognitive_architecture.distributed_mesh.model import DistributedTask

from .broken_mesh import BrokenMesh
from .drill import Drill
from .report import Options, Report

TASKS = 1_000_000
BURSTS = 25
GOAL_BYTES_PER_TASK = 8.0
NOOP = str(Path(__file__).with_name("noop_handlers.py"))


def measure(options: Options) -> Report:
    """Run bursts, and report slopes."""
    with Drill() as drill:
        return asyncio.run(_measure(options.scaled(TASKS), drill))


async def _measure(tasks: int, drill: Drill) -> Report:
    mesh = BrokenMesh()
    burst = tasks // BURSTS
    rss: dict[str, list[float]] = {"up": [], "node": []}
    try:
        mesh.up("--data", str(mesh.folder / "data"))
        async with mesh.client() as client:
            mesh.start(
                "node", "node", "--id", "node", "--handlers", NOOP, "--slots", "4",
                "--connect", mesh.endpoint,
            )  # fmt: skip
            await mesh.until_nodes(client, 1)
            for number in drill.rounds(BURSTS, f"times {burst:,} tasks done"):
                batch = (DistributedTask(task_type="noop", payload={"n": 1}) for _ in range(burst))
                async for ending in client.run_many(batch):
                    assert ending.status == "completed", ending.reason
                for name, read in rss.items():
                    read.append(float(psutil.Process(mesh.processes[name].pid).memory_info().rss))
                drill.say(
                    f"{number * burst:>9,} tasks   orchestrator {rss['up'][-1] / 1e6:6.1f} MB   "
                    f"node {rss['node'][-1] / 1e6:6.1f} MB"
                )
    finally:
        mesh.close()
    rounds = {f"{of}_bytes_per_task": [_slope(rss[name], burst)] for name, of in _OF.items()}
    met = all(values[0] <= GOAL_BYTES_PER_TASK for values in rounds.values())
    rounds |= {f"{of}_rss_mb": [read / 1e6 for read in rss[name]] for name, of in _OF.items()}
    config = {"tasks": len(rss["up"]) * burst, "bursts": len(rss["up"])}
    return Report(
        "orchestrator_bytes_per_task",
        "bytes",
        rounds,
        met=met and not drill.was_stopped,
        config=config,
    )


_OF = {"up": "orchestrator", "node": "node"}
"""What the processes are."""


def _slope(read: list[float], burst: int) -> float:
    """Bytes per task, without the first fifth."""
    settled = read[len(read) // 5 :]
    if len(settled) < 2:
        return math.inf
    at = [float(index * burst) for index in range(len(settled))]
    return statistics.linear_regression(at, settled).slope
