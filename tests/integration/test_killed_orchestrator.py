"""The orchestrator is killed again and again; every task ends, and ends once."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest

from cognitive_architecture.distributed_mesh.client import MeshClient
from cognitive_architecture.distributed_mesh.model import DistributedTask, Ending, TaskStatus
from cognitive_architecture.foundation.errors import MeshUnreachable
from cognitive_architecture.foundation.world import World
from tests.support.asynchronous import TEST_DEADLINE_S, async_test

from .cli_processes import Process
from .real_mesh import RealMesh, real_mesh

pytestmark = pytest.mark.processes

SEED: Final = 20_261_124
TASKS: Final = 10_000
PORTION: Final = 50
KILLS: Final = 4


@pytest.fixture
def mesh(tmp_path: Path) -> Iterator[RealMesh]:
    with real_mesh(tmp_path) as made:
        yield made


class Killer:
    """Kills the orchestrator when so many tasks are acknowledged, and has it started again."""

    def __init__(self, mesh: RealMesh, kill_at: list[int]) -> None:
        self.kills = 0
        self._mesh = mesh
        self._victim = mesh.up()
        self._kill_at = kill_at
        self._acknowledged = 0
        self._restart: asyncio.Task[None] | None = None

    def acknowledged(self, count: int) -> None:
        """So many more are acknowledged, and this is the moment at which it became known."""
        self._acknowledged += count
        is_up = self._restart is None or self._restart.done()
        if is_up and self._kill_at and self._acknowledged >= self._kill_at[0]:
            self._kill_at.pop(0)
            self.kills += 1
            self._victim.popen.kill()
            self._restart = asyncio.create_task(asyncio.to_thread(self._start_again))

    def _start_again(self) -> None:
        self._victim.ended()
        self._victim = self._mesh.up()

    async def spared(self) -> Process:
        """The one that is alive when all are killed that were to be."""
        if self._restart is not None:
            await self._restart
        return self._victim


class Requester:
    """Submits tasks in every way there is, and writes down how each of them ended."""

    def __init__(self, client: MeshClient, killer: Killer) -> None:
        self.heard: dict[str, Ending] = {}
        self.times_heard: Counter[str] = Counter()
        self._client = client
        self._killer = killer

    def _hear(self, ending: Ending) -> None:
        self.heard[ending.task_id] = ending
        self.times_heard[ending.task_id] += 1

    async def hand_over(self, ids: list[str], portion: int) -> None:
        """A portion after the other; their endings are asked for at the end."""
        for start in range(0, len(ids), portion):
            while True:
                try:
                    await self._client.submit_many(_quick(ids[start : start + portion]))
                    break
                except MeshUnreachable:
                    continue  # not acknowledged: said again, with the same ids
            self._killer.acknowledged(len(ids[start : start + portion]))
        for ending in await asyncio.gather(*(self._client.ending(task_id) for task_id in ids)):
            self._hear(ending)

    async def hand_over_singly(self, ids: list[str]) -> None:
        """All at once, each by itself."""

        async def one(task: DistributedTask) -> None:
            await self._client.submit(task)
            self._killer.acknowledged(1)
            self._hear(await self._client.ending(task.task_id))

        await asyncio.gather(*(one(task) for task in _quick(ids)))

    async def run(self, ids: list[str], portion: int) -> None:
        """A portion after the other, each when the one before has ended."""
        for start in range(0, len(ids), portion):
            async for ending in self._client.run_many(_quick(ids[start : start + portion])):
                self._killer.acknowledged(1)
                self._hear(ending)


def _quick(ids: list[str]) -> list[DistributedTask]:
    return [DistributedTask(task_type="quick", payload={}, task_id=task_id) for task_id in ids]


def _kill_points() -> list[int]:
    """At random; and once more right after one of them, when the new one is still finding out."""
    points = sorted(World(seed=SEED).rng("kills").sample(range(1, TASKS), KILLS))
    return [*points[:2], points[1] + 1, *points[2:]]


def test_what_is_acknowledged_ends_once_however_often_the_orchestrator_is_killed(
    mesh: RealMesh,
) -> None:
    mesh.set(dispatch__rejoin_grace_s=1)
    ids = [f"task-{number:05}" for number in range(TASKS)]
    killer = Killer(mesh, _kill_points())
    nodes = mesh.nodes("one", "two", slots=4)

    async def story() -> dict[str, Any]:
        async with mesh.client() as client, asyncio.timeout(TEST_DEADLINE_S):
            requester = Requester(client, killer)
            await asyncio.gather(
                *(requester.hand_over(ids[first:6000:3], PORTION) for first in range(3)),
                requester.hand_over_singly(ids[6000:7000]),
                requester.run(ids[7000:9000], 100),
                requester.run(ids[9000:], 1000),
            )
            await killer.spared()
            assert killer.kills == KILLS + 1
            assert set(requester.times_heard.values()) == {1}
            assert sorted(requester.heard) == ids
            await asyncio.gather(*(client.result(task_id) for task_id in ids[::1000]))
            await asyncio.to_thread((await killer.spared()).popen.terminate)
            assert await asyncio.to_thread((await killer.spared()).ended) == 0
            return requester.heard

    heard = asyncio.run(story())

    assert _kept(mesh.folder) == {
        task_id: (TaskStatus.COMPLETED, ending.node_id, ending.attempt, ending.ended_at)
        for task_id, ending in heard.items()
    }
    executed = [trace.task_id for node in nodes.values() for trace in mesh.traces(node, "ran")]
    assert sorted(set(executed)) == ids


@async_test
async def test_portions_that_are_not_yet_sent_when_the_orchestrator_is_killed(
    mesh: RealMesh,
) -> None:
    killer = Killer(mesh, [1])
    mesh.nodes("one", slots=4)
    ids = [f"task-{number:05}" for number in range(TASKS)]
    async with mesh.client(in_flight_max=1000) as client:  # so much for one portion
        heard = []

        async for ending in client.run_many(_quick(ids)):
            heard.append(ending.task_id)
            killer.acknowledged(1)

        assert killer.kills == 1
        assert sorted(heard) == ids
        await killer.spared()


def _kept(folder: Path) -> dict[str, tuple[Any, ...]]:
    """What is in the store when nobody owns it: each task once, with its one ending."""
    with closing(sqlite3.connect(folder / ".cogmesh" / "cogmesh.sqlite3")) as store:
        (tasks,) = store.execute("SELECT count(*) FROM tasks").fetchone()
        (endings,) = store.execute("SELECT count(*) FROM endings").fetchone()
        rows = store.execute(
            "SELECT task_id, status, node_id, attempt, ended_at"
            " FROM tasks JOIN endings USING (serial)"
        ).fetchall()
    assert tasks == endings == len(rows) == TASKS
    return {row[0]: tuple(row[1:]) for row in rows}
