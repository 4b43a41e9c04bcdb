"""How copies are made whole again, by the memory nodes themselves.

Each memory node looks now and then who is there. When that changes, or a while has passed, it
compares what it has with every other: one text for each shard, then the versions of the shards that
differ, then the records that differ. It fetches what it lacks of the shards that it owns, and hands
what it no longer owns to the owners before it lets go of it. Nobody directs this, so it needs no
orchestrator that knows of atoms, and it goes on after any of them was replaced.

It runs beside the node's tasks and asks through the node's own client: its handlers answer, they
never ask. So two memory nodes that heal each other cannot wait for each other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import structlog

from cognitive_architecture.atomspace import standard_types
from cognitive_architecture.foundation.errors import MeshError
from cognitive_architecture.foundation.sentences import sentence_of
from cognitive_architecture.foundation.world import World
from cognitive_architecture.memory.atom_memory import AtomMemory
from cognitive_architecture.memory.bundles import RECORDS_MAX, bundled, in_bundles, unbundled
from cognitive_architecture.memory.identity import SHARDS
from cognitive_architecture.memory.owners import owners
from cognitive_architecture.memory.records import Record
from cognitive_architecture.memory.replica import NOTHING

from .asking import Asking, Mesh, NodeGone

_log = structlog.get_logger(__name__)

_PRIORITY: Final = 8
"""Above what most people ask for: until it is done, there is one copy less."""

_ASK_S: Final = 30.0

_SOON_S: Final = 0.1
"""When to look again while others do not yet see the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a memory node looks around, in seconds."""

    look_s: float = 0.5
    """Between two looks at who is there."""
    sweep_s: float = 15.0
    """Between two comparisons while nobody comes or goes."""


class Unsettled(Exception):
    """Another node sees others there than this one does; soon both will see the same."""


class Healing:
    """Keeps the copies of one memory node whole.

    Args:
        memory: Of the node.
        mesh: The node's own way to the mesh.
        world: For time and ids.
        pace: How often.
    """

    def __init__(
        self, memory: AtomMemory, mesh: Mesh, world: World, pace: Pace | None = None
    ) -> None:
        self._memory = memory
        self._asking = Asking(mesh, world, priority=_PRIORITY)
        self._clock = world.clock
        self._pace = pace or Pace()
        self._types = standard_types()
        self._compared_at = float("-inf")
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, unless it runs."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """End; what was fetched stays."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        while True:
            pause_s = self._pace.look_s
            try:
                await self.look()
            except (Unsettled, NodeGone):
                self._compared_at = float("-inf")
                pause_s = min(pause_s, _SOON_S)
            except MeshError as error:
                self._compared_at = float("-inf")
                _log.info("copies_not_compared", node=self._memory.name, why=sentence_of(error))
            await self._clock.sleep_until(self._clock.now() + pause_s)

    async def look(self) -> None:
        """Look who is there, and heal if that has changed or a while has passed.

        Raises:
            MeshError: The mesh cannot be asked.
            Unsettled: Another memory node sees others there than this one does.
            NodeGone: Another memory node went meanwhile.
        """
        memory, view = self._memory, await self._asking.members(fresh=True)
        if memory.name not in view:
            return  # it is not let in yet, or leaves
        news = memory.holding.adopt(view)
        now = self._clock.now()
        is_due = now >= self._compared_at + self._pace.sweep_s
        if news or is_due or memory.holding.incomplete - memory.holding.missing.keys():
            await self._heal(sorted(view - {memory.name}))
            self._compared_at = now

    async def _heal(self, peers: Sequence[str]) -> None:
        memory = self._memory
        stamp = memory.stamps.next()
        for name in (memory.name, *peers):
            memory.roster.welcome(name, stamp)
        await memory.commit()
        view = sorted(memory.holding.view)
        told = {peer: await self._compared(peer, view) for peer in peers}
        for peer in peers:
            for shard in sorted(memory.holding.owned):
                sum_there = told[peer]["sums"][shard]
                if sum_there not in (NOTHING, memory.replica.sums()[shard]):
                    await self._fetch(peer, shard)
        if sorted(memory.holding.view) != view:
            raise Unsettled
        complete = [answer["complete"] for answer in told.values()]
        became = memory.holding.settle(complete, memory.roster.members)
        if became:
            _log.info(
                "shards_complete",
                node=memory.name,
                shards=len(became),
                of=len(memory.holding.owned),
                atoms=len(memory.replica),
            )
        await self._hand_over()

    async def _compared(self, peer: str, view: list[str]) -> dict[str, Any]:
        """What a peer says of itself; it must see the same nodes, or a write could slip between."""
        memory = self._memory
        answer = await self._asking.ask(
            peer, {"compare": True, "roster": memory.roster.said()}, timeout_s=_ASK_S
        )
        if answer["view"] != view or len(answer["sums"]) != SHARDS:
            raise Unsettled
        if memory.roster.hear(answer["roster"]):
            await memory.commit()
        return answer

    async def _fetch(self, peer: str, shard: int) -> None:
        """Bring what a peer has of a shard, and this node has not, or has otherwise."""
        replica = self._memory.replica
        answer = await self._asking.ask(peer, {"versions": shard}, timeout_s=_ASK_S)
        mine = {digest.hex(): f"{n:016x}" for digest, n in replica.versions(shard).items()}
        theirs: dict[str, str] = answer["versions"]
        differing = sorted(digest for digest, n in theirs.items() if mine.get(digest) != n)
        for start in range(0, len(differing), RECORDS_MAX):
            wanted = differing[start : start + RECORDS_MAX]
            found = await self._asking.ask(peer, {"records": wanted}, timeout_s=_ASK_S)
            records = await asyncio.to_thread(unbundled, found["found"], self._types)
            await self._memory.merge(records)

    async def _hand_over(self) -> None:
        """Give what others own to its owners, and let go of what they have on disk."""
        memory = self._memory
        holding = memory.holding
        for shard in range(SHARDS):
            records = [] if shard in holding.owned else list(memory.replica.records(shard))
            if not records:
                continue
            keepers = owners(shard, holding.view)
            for portion in in_bundles(records):
                for keeper in keepers:
                    await self._asking.ask(keeper, {"merge": bundled(portion)}, timeout_s=_ASK_S)
            await self._let_go(shard, records)

    async def _let_go(self, shard: int, records: Sequence[Record]) -> None:
        now = self._memory.replica.versions(shard)
        unchanged = [one.digest for one in records if now.get(one.digest) == one.version]
        if shard not in self._memory.holding.owned:  # somebody may have gone meanwhile
            await self._memory.drop(shard, unchanged)
