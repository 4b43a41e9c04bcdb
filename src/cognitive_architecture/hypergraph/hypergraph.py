"""The atoms of the whole mesh, as if they were in one space.

    write   to both owners of every atom, at once; acknowledged when both have it on disk and both
            know the same memory nodes as the writer
    read    from both owners: what one of them has not heard of yet, the other has
    query   its terms go to all, what looks like them is gathered, and that is asked the whole query

Every write carries a stamp and says what shall be, so it may be said again: to whoever has become
an owner meanwhile, or to one that did not answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from cognitive_architecture.atomspace import (
    Atom,
    AtomInUse,
    AtomSpace,
    UnknownAtom,
    Value,
    standard_types,
)
from cognitive_architecture.atomspace.atoms import with_canonical_order
from cognitive_architecture.atomspace.notation import Dialect
from cognitive_architecture.atomspace.patterns import ask, read_query, terms_of
from cognitive_architecture.atomspace.types import Kind
from cognitive_architecture.distributed_mesh.model import PRIORITY_DEFAULT
from cognitive_architecture.foundation.sentences import shown
from cognitive_architecture.foundation.world import World
from cognitive_architecture.memory.bundles import said_atoms
from cognitive_architecture.memory.identity import digest_of, shard_of
from cognitive_architecture.memory.owners import shards_by_owner
from cognitive_architecture.memory.records import Record, removed
from cognitive_architecture.memory.stamps import StampSource
from cognitive_architecture.memory.writing import read_all, records_of, records_of_space

from .agreeing import Agreeing
from .answers import ALL_SHARDS, Answers, Coverage, Gathered, Known, coverage_of
from .asking import Asking, Mesh
from .settling import Settling

PATIENCE_S: Final = 30.0
"""How long a write or a read may take where nothing else is said."""


class Hypergraph:
    """The atoms of one mesh.

    Args:
        mesh: The way there: a ``MeshClient``, or ``task.mesh`` of a handler.
        writer: Who writes. Two that share a name may write with the same stamp, and then the
            memory nodes choose; so a name for each process, or a fresh one for each hypergraph.
        world: For time and ids.
        priority: Of the tasks for memory nodes; in a handler that of its own task holds.
    """

    def __init__(
        self,
        mesh: Mesh,
        *,
        writer: str | None = None,
        world: World | None = None,
        priority: int = PRIORITY_DEFAULT,
    ) -> None:
        world = world or World()
        self._clock = world.clock
        self._stamps = StampSource(world.clock, writer or world.ids.next_id("writer"))
        self._asking = Asking(mesh, world, priority=priority)
        self._types = standard_types()
        self._settling = Settling(self._asking, world.clock)
        self._agreeing = Agreeing(self._settling, self._stamps, self._types)

    # -- writing -------------------------------------------------------------------------------

    async def add(
        self,
        atoms: Mapping[Atom, Mapping[str, Value]] | Iterable[Atom],
        *,
        patience_s: float = PATIENCE_S,
    ) -> int:
        """Add atoms, with values on them, and everything inside them.

        Args:
            atoms: With the values to be set on each, or without any.
            patience_s: How long it may take until the next of its parts is acknowledged.

        Returns:
            How many atoms were written, those inside others included.

        Raises:
            NoMemoryNode: No node of the mesh keeps atoms.
            NotSettled: It was not acknowledged in time.
            NestedTooDeep: Links nest deeper than the mesh keeps.
            AtomTypeError: A type is unknown, or an atom does not fit its type.
            TaskFailed: A memory node refused it.
        """
        written = atoms if isinstance(atoms, Mapping) else {atom: {} for atom in atoms}
        space = AtomSpace(self._types)
        for atom, values in written.items():
            own = space.add(atom)
            for key, value in values.items():
                space.set_value(own, key, value)
        return await self.add_space(space, patience_s=patience_s)

    async def add_space(self, space: AtomSpace, *, patience_s: float = PATIENCE_S) -> int:
        """Add everything that is in a space, with all its values; see ``add``."""
        records = records_of_space(space, self._stamps.next())
        await self._agreeing.write(records, patience_s)
        return len(records)

    async def add_text(
        self,
        text: str,
        *,
        dialect: Dialect | str = Dialect.MODERN,
        patience_s: float = PATIENCE_S,
    ) -> int:
        """Add the expressions of a text in a notation, with the values that stand there.

        Raises:
            NotationError: A mistake; it says line and column. Nothing was written.
            MeshError: As ``add``.
        """
        records = records_of(read_all(text, dialect), self._stamps.next())
        await self._agreeing.write(records, patience_s)
        return len(records)

    async def set_values(
        self, values: Mapping[Atom, Mapping[str, Value | None]], *, patience_s: float = PATIENCE_S
    ) -> None:
        """Write values on atoms that are there; ``None`` takes one away.

        Raises:
            UnknownAtom: An atom is not there: it was never added, or removed, or forgotten.
            MeshError: As ``add``.
        """
        written = {self._ordered(atom): said for atom, said in values.items()}
        known, _ = await self._agreeing.known([digest_of(atom) for atom in written], patience_s)
        stamp = self._stamps.next()
        records = []
        for atom, said in written.items():
            before = known.get(digest_of(atom))
            if before is None or not before.is_there:
                raise UnknownAtom(
                    f"{shown(atom, 200)} is not in the hypergraph: it was never added, or it was "
                    "removed or forgotten; add it first"
                )
            stamped = {key: (stamp, value) for key, value in said.items()}
            records.append(
                Record(before.digest, before.atom, before.added, before.removed, stamped)
            )
        await self._agreeing.write(records, patience_s)

    async def remove(
        self,
        atoms: Iterable[Atom],
        *,
        with_incoming: bool = False,
        patience_s: float = PATIENCE_S,
    ) -> int:
        """Remove atoms; one that is not there is no error.

        Args:
            atoms: Which.
            with_incoming: Remove every link that holds one of them too, and what holds those.
            patience_s: How long it may take.

        Returns:
            How many went.

        Raises:
            AtomInUse: Links hold one of them, and ``with_incoming`` was not said.
            MeshError: As ``add``.
        """
        chosen = [self._ordered(atom) for atom in atoms]
        known, _ = await self._agreeing.known([digest_of(atom) for atom in chosen], patience_s)
        doomed = {one.digest: one for one in known.values() if one.is_there}
        for holder in await self._agreeing.holders(chosen, patience_s):
            if holder.digest not in doomed:
                if not with_incoming:
                    named = shown(holder.atom, 200)
                    raise AtomInUse(shown(chosen[0], 200), [named], 1)
                doomed[holder.digest] = holder
        stamp = self._stamps.next()
        gone = [removed(one.atom, stamp) for one in doomed.values() if one.atom is not None]
        await self._agreeing.write(gone, patience_s)
        return len(gone)

    async def dismiss(self, node_id: str, *, patience_s: float = PATIENCE_S) -> None:
        """Say that a memory node will not come back, so that nobody waits for what it had.

        Raises:
            TaskFailed: It is there, or was never a memory node.
            MeshError: As ``add``.
        """
        await self._settling.settled(
            lambda members: [(min(members), {"dismiss": node_id})], patience_s
        )

    # -- reading -------------------------------------------------------------------------------

    async def query(
        self, query: Atom, *, limit: int = 1000, patience_s: float = PATIENCE_S
    ) -> Answers:
        """What a Meet, Get, Query or Bind gives, as of one space with all atoms of the mesh.

        Args:
            query: It need not be in the hypergraph.
            limit: At most so many answers.
            patience_s: How long it may take.

        Raises:
            PatternError: It cannot be asked, or too much looks like one of its terms.
            DeadlinePassed: It took too long.
            NoMemoryNode: No node of the mesh keeps atoms.
            MeshError: As ``add``.
        """
        deadline = self._clock.now() + patience_s
        read_query(query, self._types)  # refused as a whole, before anybody is asked
        found = await self.gather(terms_of(query), patience_s=patience_s, with_values=False)

        def look() -> list[Atom]:
            answers = ask(found.space(), query, deadline=deadline, clock=self._clock.now)
            return list(islice(answers, limit + 1))

        atoms = await asyncio.to_thread(look)
        return Answers(tuple(atoms[:limit]), len(atoms) <= limit, found.coverage)

    async def gather(
        self,
        terms: Sequence[Atom],
        *,
        patience_s: float = PATIENCE_S,
        with_values: bool = True,
    ) -> Gathered:
        """Everything in the hypergraph that looks like one of some terms.

        Args:
            terms: Queries of one term each, as ``patterns.terms_of`` gives them.
            patience_s: How long it may take.
            with_values: With what is on the atoms.

        Raises:
            MeshError: As ``query``.
        """
        deadline = self._clock.now() + patience_s
        while True:
            members = await self._settling.members()
            left_s = max(0.01, deadline - self._clock.now())
            payload = {
                "match": said_atoms(terms),
                "with_values": with_values,
                "deadline_s": min(300.0, left_s),
            }
            shards = shards_by_owner(members)
            answers = await self._settling.ask_all(
                {node: payload | {"shards": sorted(shards[node])} for node in members}, left_s
            )
            coverage, is_settled = coverage_of(answers.values())
            if is_settled or self._clock.now() >= deadline:
                records = await self._agreeing.agreed(answers, members, left_s)
                return Gathered(tuple(records), coverage)
            # Somebody came or went, and its owners are catching up.
            await self._settling.pause()

    async def values(self, atoms: Iterable[Atom], *, patience_s: float = PATIENCE_S) -> Known:
        """What is on some atoms.

        Raises:
            MeshError: As ``query``.
        """
        chosen = {digest_of(own): own for own in map(self._ordered, atoms)}
        known, answers = await self._agreeing.known(list(chosen), patience_s)
        coverage, _ = coverage_of(answers)
        asked = {shard_of(digest) for digest in chosen}
        there = coverage.shards | (ALL_SHARDS - asked)
        return Known(
            {
                atom: known[digest].kept_values
                for digest, atom in chosen.items()
                if digest in known and known[digest].is_there
            },
            Coverage(there, coverage.missing_nodes if there != ALL_SHARDS else frozenset()),
        )

    async def members(self) -> frozenset[str]:
        """The memory nodes that are there.

        Raises:
            MeshError: No orchestrator answers.
        """
        return await self._asking.members()

    async def figures(self, *, patience_s: float = PATIENCE_S) -> dict[str, Any]:
        """How much there is, and how much of it each memory node keeps.

        Returns:
            ``atoms``, ``nodes`` (each with ``node_id``, ``atoms``, ``guests``, ``tombstones``,
            ``shards`` owned, how many of them are ``complete``, ``funds``) and ``missing_nodes``.

        Raises:
            MeshError: As ``query``.
        """
        answers, members = await self._settling.settled(
            lambda members: [(node, {"figures": True}) for node in sorted(members)], patience_s
        )
        shown = [
            {"node_id": node} | answer["figures"]
            for node, answer in zip(sorted(members), answers, strict=True)
        ]
        # Of every shard the owner that has most: the other may not have caught up.
        most: dict[str, int] = {}
        for node in shown:
            for shard, count in node.pop("shard_atoms").items():
                most[shard] = max(count, most.get(shard, 0))
        roster = frozenset(name for answer in answers for name in answer["roster"])
        return {
            "atoms": sum(most.values()),
            "nodes": shown,
            "missing_nodes": sorted(roster - members),
        }

    def _ordered(self, atom: Atom) -> Atom:
        types = self._types
        return with_canonical_order(
            atom, lambda name: name in types and types.kind(name) is Kind.UNORDERED
        )
