"""How soon a killed node process is noticed, and how soon its tasks run elsewhere.

Three node processes over Zenoh on loopback, an orchestrator, this client. In each round the client
starts tasks that run until they are stopped and follows them; the process of a node that has any is
killed with SIGKILL; a new node takes its place. Noticed: the client has heard that the attempt is
void. Elsewhere: it has heard the first word of the handler at another node. Both are counted from
just before the signal was sent, and include the way to the client.

Besides: a node of `cogmesh up --nodes 1` is killed and a task submitted at once; the time until its
result is there is that of the supervised restart, from the signal to the first task done.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time

import psutil
from rich.console import Console

from cognitive_architecture.distributed_mesh.model import DistributedTask

from .broken_mesh import BrokenMesh, held_on
from .report import Options, Report, percentile

KILLS = 200
RESTARTS = 20
NODES = 3
TASKS = 4
GOALS = {"noticed_p99_ms": 50.0, "elsewhere_p99_ms": 250.0, "restart_p50_ms": 1000.0}


def measure(options: Options) -> Report:
    """Kill, and report percentiles."""
    console = Console()
    noticed, elsewhere = asyncio.run(_kills(options.scaled(KILLS), console))
    restarts = asyncio.run(_restarts(options.scaled(RESTARTS), console))
    rounds = {
        "noticed_p99_ms": [percentile(noticed, 0.99)],
        "noticed_p50_ms": [percentile(noticed, 0.5)],
        "elsewhere_p99_ms": [percentile(elsewhere, 0.99)],
        "elsewhere_p50_ms": [percentile(elsewhere, 0.5)],
        "elsewhere_max_ms": [elsewhere[-1]],
        "restart_p50_ms": [percentile(restarts, 0.5)],
        "restart_max_ms": [restarts[-1]],
    }
    met = all(rounds[name][0] <= goal for name, goal in GOALS.items())
    config = {"kills": options.scaled(KILLS), "restarts": len(restarts), "tasks_each": TASKS}
    return Report("noticed_p99_ms", "ms", rounds, met=met, config=config)


async def _kills(count: int, console: Console) -> tuple[list[float], list[float]]:
    mesh = BrokenMesh()
    noticed: list[float] = []
    elsewhere: list[float] = []
    try:
        mesh.up("--memory")
        async with mesh.client() as client:
            for _ in range(NODES):
                mesh.node(slots=TASKS)
            for number in range(1, count + 1):
                await mesh.until_nodes(client, NODES)
                tasks = await held_on(client, TASKS)
                victim = tasks[0].node
                killed_at = mesh.signal(victim, signal.SIGKILL)
                for task in tasks:
                    if task.node != victim and task.lost_at is None:
                        continue
                    await task.until("elsewhere")
                    assert task.lost_at is not None
                    assert task.elsewhere_at is not None
                    noticed.append((task.lost_at - killed_at) * 1e3)
                    elsewhere.append((task.elsewhere_at - killed_at) * 1e3)
                for task in tasks:
                    await client.cancel(task.task_id)
                for task in tasks:
                    task.forget()
                mesh.end(victim)
                mesh.node(slots=TASKS)
                if number % 20 == 0:
                    console.print(f"{number} of {count} kills")
    finally:
        mesh.close()
    return sorted(noticed), sorted(elsewhere)


async def _restarts(count: int, console: Console) -> list[float]:
    mesh = BrokenMesh()
    took = []
    try:
        mesh.up("--memory", "--nodes", "1", "--slots", "1")
        task = DistributedTask(
            task_type="text_processing", payload={"text": "One."}, wait_for_node=True
        )
        async with mesh.client() as client:
            await client.run(task)
            parent = psutil.Process(mesh.processes["up"].pid)
            for number in range(1, count + 1):
                await asyncio.sleep(4.0)  # until there is a spare again
                child = min(parent.children(), key=lambda one: one.create_time())
                killed_at = time.perf_counter()
                os.kill(child.pid, signal.SIGKILL)
                await client.run(
                    DistributedTask(
                        task_type="text_processing", payload={"text": "One."}, wait_for_node=True
                    )
                )
                took.append((time.perf_counter() - killed_at) * 1e3)
                if number % 10 == 0:
                    console.print(f"{number} of {count} restarts")
    finally:
        mesh.close()
    return sorted(took)
