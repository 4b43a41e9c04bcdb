"""How long an orchestrator takes that finds very many open tasks in its store.

A SQLite store on disk holds 1,000,000 open tasks. Measured is the time from the moment at which a
dispatcher is made on it until a node that joins at once has its first task: reading everything,
waiting ``rejoin_grace_s`` for nodes that may still work on some of it, and queueing.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

import psutil
from rich.console import Console

from cognitive_architecture.distributed_mesh.adapters.sql_store import SqlTaskStore
from cognitive_architecture.distributed_mesh.machines.events import NodeArrived
from cognitive_architecture.distributed_mesh.messages import Assign, Message
from cognitive_architecture.distributed_mesh.model import TaskSpec
from cognitive_architecture.distributed_mesh.orchestrator.dispatcher import Dispatcher
from cognitive_architecture.distributed_mesh.policies.matching import CapabilityMatcher
from cognitive_architecture.distributed_mesh.records import NewTask, WriteBatch
from cognitive_architecture.foundation.settings import Settings
from cognitive_architecture.foundation.telemetry import NoMetrics
from cognitive_architecture.foundation.world import RealClock, World

from .report import Options, Report

TASKS = 1_000_000
IN_ONE_COMMIT = 20_000
GOAL_S = 10.0


def measure(options: Options) -> Report:
    """Fill a store once; take it over again and again."""
    console = Console()
    tasks = options.scaled(TASKS)
    rounds: dict[str, list[float]] = {"ready": [], "read": [], "bytes_a_task": []}
    with tempfile.TemporaryDirectory(prefix="cogmesh-p5-") as folder:
        console.print(f"{tasks:,} tasks are written")
        _fill(Path(folder), tasks)
        for number in range(1, options.pairs + 1):
            read_s, ready_s, grown = asyncio.run(_take_over(Path(folder), tasks))
            rounds["read"].append(read_s)
            rounds["ready"].append(ready_s)
            if number == 1:  # later rounds find the memory of the first one free
                rounds["bytes_a_task"].append(grown / tasks)
            console.print(f"round {number}: read in {read_s:.2f} s, ready after {ready_s:.2f} s")
    return Report(
        "ready",
        "s",
        rounds,
        met=max(rounds["ready"]) <= GOAL_S,
        config={"tasks": tasks, "rejoin_grace_s": Settings().dispatch.rejoin_grace_s},
    )


def _fill(folder: Path, tasks: int) -> None:
    store = SqlTaskStore(folder, RealClock())
    store.open()
    now = time.time()
    for first in range(1, tasks + 1, IN_ONE_COMMIT):
        serials = range(first, min(first + IN_ONE_COMMIT, tasks + 1))
        new = [
            NewTask(serial, TaskSpec(f"task-{serial:07}", "echo", b"\x80", 5, 300.0, "ann"), now)
            for serial in serials
        ]
        store.commit_now(WriteBatch(tasks=new))
    store.close()


async def _take_over(folder: Path, tasks: int) -> tuple[float, float, int]:
    """Seconds until everything is read, and until the first task is handed out; bytes grown by."""
    first = asyncio.get_running_loop().create_future()

    def tell(address: str, message: Message, *, can_wait: bool = False) -> None:  # noqa: ARG001
        if isinstance(message, Assign) and not first.done():
            first.set_result(time.perf_counter())

    process = psutil.Process()
    before = process.memory_info().rss
    began = time.perf_counter()
    dispatcher = Dispatcher(
        World(),
        Settings(),
        SqlTaskStore(folder, RealClock()),
        CapabilityMatcher(),
        NoMetrics(),
        tell=tell,
        on_incident=lambda _: None,
        on_fatal=lambda _: None,
    )
    read_s = time.perf_counter() - began
    if dispatcher.found != tasks:
        raise RuntimeError(f"{dispatcher.found:,} of {tasks:,} tasks were found")
    dispatcher.start()
    offers = frozenset({"echo"})
    dispatcher.feed(NodeArrived("node/n1~1", "n1", "agent", offers, 1, 1, 0, [], {}))
    dispatcher.settle()
    ready_s = await first - began
    grown = process.memory_info().rss - before
    await dispatcher.stop()
    return read_s, ready_s, grown
