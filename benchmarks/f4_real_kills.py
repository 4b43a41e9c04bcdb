"""Nothing acknowledged is lost and nothing is accepted twice, while everything is killed.

An orchestrator with a store on disk, four supervised nodes, a client that submits all the time.
Again and again a process gets SIGKILL: nine times out of ten a node, else the orchestrator, which
is started again at once. Every result is a token that no other attempt of any task makes; handlers
write each token they make to a file before they return it.

When the kills are over, and everything that was acknowledged has ended, the history is checked:

* lost: acknowledged, and not completed in the store;
* twice: the client was told one result when the task ended, and the store has another;
* made up: the result is none that a handler made.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from pathlib import Path

import psutil
from rich.console import Console

from cognitive_architecture.composition import connect
from cognitive_architecture.distributed_mesh.client import MeshClient
from cognitive_architecture.distributed_mesh.model import DistributedTask, TaskStatus
from cognitive_architecture.foundation.settings import ClientSettings, MeshSettings, Settings

from .broken_mesh import HANDLERS, SOON_S, BrokenMesh
from .report import Options, Report

KILLS = 1000
NODES = 4
BATCH = 10
TASK_S = 0.1
PAUSE_S = 0.4
"""Between two kills: some of them hit what has not come back from the last one."""


def measure(options: Options) -> Report:
    """Kill, then check the history."""
    kills = options.scaled(KILLS)
    found = asyncio.run(_drill(kills, Console()))
    rounds = {name: [float(value)] for name, value in found.items()}
    met = not (found["lost"] or found["twice"] or found["made_up"])
    return Report("lost", "tasks", rounds, met=met, config={"kills": kills, "seed": 7})


async def _drill(kills: int, console: Console) -> dict[str, int]:
    mesh = BrokenMesh()
    trace = mesh.folder / "made"
    trace.touch()
    words = ("--data", str(mesh.folder / "data"))
    try:
        mesh.up(*words)
        async with mesh.client():
            pass
        for number in range(NODES):
            mesh.start(
                f"supervisor-{number}", "node", "--supervise", "--id", f"node-{number}",
                "--handlers", HANDLERS, "--slots", "8", "--connect", mesh.endpoint,
            )  # fmt: skip
        settings = Settings(
            mesh=MeshSettings(connect=[mesh.endpoint]), client=ClientSettings(answer_timeout_s=60)
        )
        async with connect(settings=settings, name="bench") as client:
            load = _Load(client, trace)
            submitting = asyncio.create_task(load.submit())
            killed = await _kill(mesh, words, kills, console)
            load.is_over = True
            await submitting
            console.print(f"{len(load.acknowledged):,} acknowledged; waiting for all of them")
            await asyncio.wait_for(load.all_told(), 300.0)
            found = await load.check()
        return found | killed
    finally:
        mesh.close()


async def _kill(
    mesh: BrokenMesh, words: tuple[str, ...], kills: int, console: Console
) -> dict[str, int]:
    chance = random.Random(7)
    count = {"nodes_killed": 0, "orchestrators_killed": 0}
    await asyncio.sleep(3.0)
    while sum(count.values()) < kills:
        await asyncio.sleep(PAUSE_S * (0.5 + chance.random()))
        if chance.random() < 0.1:
            mesh.end("up")
            mesh.up(*words)
            count["orchestrators_killed"] += 1
            continue
        supervisor = psutil.Process(mesh.processes[f"supervisor-{chance.randrange(NODES)}"].pid)
        for child in supervisor.children():
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
                count["nodes_killed"] += 1
        done = sum(count.values())
        if done % 50 == 0:
            console.print(f"{done} of {kills} killed")
    return count


class _Load:
    """What was asked for, and what was told."""

    def __init__(self, client: MeshClient, trace: Path) -> None:
        self.acknowledged: list[str] = []
        self.is_over = False
        self._client = client
        self._trace = trace
        self._told: dict[str, asyncio.Task[str]] = {}

    async def submit(self) -> None:
        """Submit batches until it is over; what is acknowledged is waited for."""
        while not self.is_over:
            tasks = [
                DistributedTask(
                    task_type="token",
                    payload={"seconds": TASK_S, "trace": str(self._trace)},
                    max_attempts=1000,
                    wait_for_node=True,
                )
                for _ in range(BATCH)
            ]
            for task_id in await self._client.submit_many(tasks):
                self.acknowledged.append(task_id)
                self._told[task_id] = asyncio.create_task(self._client.result(task_id))
            await asyncio.sleep(0.1)

    async def all_told(self) -> None:
        """Return when the client has heard how each of them ended."""
        if self._told:
            await asyncio.wait(self._told.values())

    async def check(self) -> dict[str, int]:
        """Compare what was told with what the store has and what handlers made."""
        made = set(self._trace.read_text().split())
        found = {"acknowledged": len(self.acknowledged), "lost": 0, "twice": 0, "made_up": 0}
        found["executed"] = len(made)
        deadline = time.perf_counter() + SOON_S * 10
        for task_id in self.acknowledged:
            task = await self._client.task(task_id)
            told = self._told[task_id]
            if task.status is not TaskStatus.COMPLETED or told.exception() is not None:
                found["lost"] += 1
                continue
            found["twice"] += told.result() != task.result
            found["made_up"] += task.result not in made
            assert time.perf_counter() < deadline
        return found
