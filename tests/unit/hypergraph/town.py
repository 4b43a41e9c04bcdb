"""Several memory nodes without a mesh: a question is a call, and a node goes at once."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from cognitive_architecture.atomspace_store import AtomDisk, MemoryAtomStore
from cognitive_architecture.distributed_mesh.handlers import Handler
from cognitive_architecture.distributed_mesh.model import DistributedTask
from cognitive_architecture.foundation.errors import MeshError, NoCapableNode, TaskFailed
from cognitive_architecture.foundation.sentences import sentence_of
from cognitive_architecture.foundation.world import CountedIds, RealClock, World
from cognitive_architecture.hypergraph import Hypergraph
from cognitive_architecture.hypergraph.asking import NodeGone
from cognitive_architecture.hypergraph.healing import Healing, Unsettled
from cognitive_architecture.hypergraph.serving import serving_handler
from cognitive_architecture.hypergraph.words import capability_of
from cognitive_architecture.memory import SHARDS
from cognitive_architecture.memory.atom_memory import AtomMemory
from cognitive_architecture.memory.owners import owners
from tests.unit.capabilities.recorded_task import RecordedTask


class House:
    """One memory node; its disk outlives it."""

    def __init__(self, town: Town, name: str, disk: AtomDisk) -> None:
        self.name = name
        self.disk = disk
        world = World(RealClock(), CountedIds(), 0)
        self.memory = AtomMemory(world, MemoryAtomStore(disk), name=name)
        self.handler: Handler = serving_handler(self.memory)
        self.healing = Healing(self.memory, town, world)


class Town:
    """The mesh, as those who ask see it."""

    def __init__(self) -> None:
        self.houses: dict[str, House] = {}
        self.disks: dict[str, AtomDisk] = {}
        self.asked: list[tuple[str, str]] = []
        """Whom, and for what."""
        self.deaf: set[str] = set()
        """Nodes that are there, and whose tasks fail."""
        self.taken_back: list[str] = []
        self._ids = CountedIds()

    async def come(self, *names: str) -> None:
        for name in names:
            disk = self.disks.setdefault(name, AtomDisk())
            house = House(self, name, disk)
            await house.memory.open()
            self.houses[name] = house

    async def go(self, *names: str) -> None:
        """Without a word, and without writing what is not yet written."""
        for name in names:
            del self.houses[name]

    async def heal(self, rounds: int = 6) -> None:
        """Everybody looks around and compares, until all see the same."""
        for _ in range(rounds):
            is_settled = True
            for house in list(self.houses.values()):
                house.healing._compared_at = float("-inf")
                try:
                    await house.healing.look()
                except (Unsettled, NodeGone):
                    is_settled = False
            if is_settled and self.copies_are_whole():
                return

    def hypergraph(self, writer: str = "desk") -> Hypergraph:
        return Hypergraph(self, writer=writer, world=World(RealClock(), self._ids, 0))

    # -- what a mesh does ----------------------------------------------------------------------

    async def run(self, task: DistributedTask) -> Any:
        name = task.task_type.removeprefix("atomspace:")
        house = self.houses.get(name)
        if house is None:
            raise NoCapableNode(task.task_id, {})
        if name in self.deaf:
            raise TaskFailed(task.task_id, "deaf")
        payload = json.loads(json.dumps(task.payload))
        self.asked.append((name, next(iter(payload))))
        try:
            found = await house.handler.function(payload, RecordedTask())
        except MeshError as error:
            raise TaskFailed(task.task_id, sentence_of(error)) from error
        return json.loads(json.dumps(found))

    async def cancel(self, task_id: str) -> bool:
        self.taken_back.append(task_id)
        return True

    async def nodes(self) -> list[dict[str, Any]]:
        return [
            {"node_id": name, "status": "active", "capabilities": [capability_of(name)]}
            for name in self.houses
        ]

    # -- what must hold ------------------------------------------------------------------------

    def copies_are_whole(self) -> bool:
        """Whether both owners of every shard have the same, and nobody else has anything of it."""
        for shard in range(SHARDS):
            keepers = owners(shard, self.houses)
            sums = {self.houses[name].memory.replica.sums()[shard] for name in keepers}
            others = set(self.houses) - set(keepers)
            strangers = [n for n in others if self.houses[n].memory.replica.versions(shard)]
            if len(sums) != 1 or strangers:
                return False
        return True


@asynccontextmanager
async def a_town(*names: str) -> AsyncIterator[Town]:
    town = Town()
    await town.come(*names)
    await town.heal()
    yield town
    for house in town.houses.values():
        await house.memory.close()


def names(count: int) -> Iterable[str]:
    return [f"memory-{number}" for number in range(1, count + 1)]
