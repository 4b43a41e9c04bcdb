"""A client, and an orchestrator that says what the test wants it to say."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from cognitive_architecture.distributed_mesh import messages as m
from cognitive_architecture.distributed_mesh.adapters.local_fabric import LocalFabric, LocalHub
from cognitive_architecture.distributed_mesh.client import MeshClient
from cognitive_architecture.distributed_mesh.model import DistributedTask, TaskEvent, TaskEventKind
from cognitive_architecture.foundation.settings import Settings
from cognitive_architecture.foundation.world import CountedIds, SimulatedClock, World
from tests.support.asynchronous import turns
from tests.support.builders import an_ending, packed
from tests.support.fabrics import Peer

M = TypeVar("M", bound=m.Message)

ME = "client/ann~1"


def a_task(task_id: str = "", **fields: Any) -> DistributedTask:
    return DistributedTask(task_id=task_id, task_type="echo", **fields)


def chunk(index: int, *, attempt: int = 1) -> TaskEvent:
    """A piece of what task ``a`` streams."""
    return TaskEvent("a", TaskEventKind.CHUNK, attempt, index=index, chunk=packed(index))


class PlayedOrchestrator:
    """Accepts everything, if the test does not want anything else."""

    def __init__(self, hub: LocalHub, name: str = "o1") -> None:
        self.peer = Peer(hub, f"orchestrator/{name}")
        self.peer.on_message = self._on_message
        self.accepts = True
        self.refused: list[tuple[int, m.Fault]] = []
        self.same_as: list[tuple[int, str]] = []

    async def open(self) -> PlayedOrchestrator:
        await self.peer.open()
        return self

    async def close(self) -> None:
        await self.peer.close()
        await turns()

    def _on_message(self, _sender: str, message: m.Message) -> None:
        if isinstance(message, m.Submit) and self.accepts:
            self.tell(m.Accepted(message.request, self.refused, self.same_as))

    def tell(self, *messages: m.Message) -> None:
        self.peer.tell(ME, *messages)

    def end(self, *task_ids: str, result: object = None) -> None:
        """Say that these are completed."""
        endings = [an_ending(task_id=task_id, result=packed(result)) for task_id in task_ids]
        self.tell(m.Ended(endings))

    def heard(self, kind: type[M]) -> list[M]:
        return [said for _, said in self.peer.heard if isinstance(said, kind)]

    @property
    def submitted(self) -> list[list[str]]:
        """The ids of the tasks in each Submit."""
        return [[spec.task_id for spec in said.tasks] for said in self.heard(m.Submit)]

    @property
    def watched(self) -> list[tuple[list[str], bool]]:
        return [(watch.task_ids, watch.stream) for watch in self.heard(m.Watch)]


class Stand:
    """A client and its surroundings."""

    def __init__(self, settings: Settings) -> None:
        self.clock = SimulatedClock()
        self.hub = LocalHub()
        self.orchestrator = PlayedOrchestrator(self.hub)
        self.fabric = LocalFabric(self.hub)
        world = World(self.clock, CountedIds(), 0)
        self.client = MeshClient(world, settings, self.fabric, "ann")

    async def replaced(self) -> PlayedOrchestrator:
        """The orchestrator goes, and another one comes."""
        await self.orchestrator.close()
        self.orchestrator = await PlayedOrchestrator(self.hub, "o2").open()
        await turns()
        return self.orchestrator


@asynccontextmanager
async def a_client(settings: Settings | None = None) -> AsyncIterator[Stand]:
    """A client that has found an orchestrator."""
    stand = Stand(settings or Settings())
    await stand.orchestrator.open()
    await stand.fabric.start()
    await stand.client.open()
    try:
        yield stand
    finally:
        stand.client.close()
        await stand.fabric.stop()
        await stand.orchestrator.close()
