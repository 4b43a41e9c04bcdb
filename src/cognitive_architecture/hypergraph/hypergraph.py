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
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

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
from cognitive_architecture.memory.bundles import (
    RECORDS_MAX,
    bundled,
    in_bundles,
    said_atoms,
    unbundled,
)
from cognitive_architecture.memory.identity import digest_of, shard_of
from cognitive_architecture.memory.owners import owners, shards_by_owner
from cognitive_architecture.memory.records import Record, added, merged, removed
from cognitive_architecture.memory.stamps import StampSource
from cognitive_architecture.memory.writing import read_all, records_of

from .answers import ALL_SHARDS, Answers, Coverage, Gathered, Known
from .asking import Asking, Mesh, NodeGone
from .errors import NoMemoryNode, NotSettled

T = TypeVar("T")
Answer = Mapping[str, Any]
Question = tuple[str, Mapping[str, Any]]
"""Which memory node, and what it is asked."""

PATIENCE_S: Final = 30.0
"""How long a write or a read may take where nothing else is said."""

_PAUSE_S: Final = 0.1
_AT_ONCE: Final = 3
"""Questions on their way to one memory node: one at work, one on its way, one commit."""


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
        stamp = self._stamps.next()
        records = [added(atom, stamp, space.values(atom)) for atom in space]
        await self._write(records, patience_s)
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
        await self._write(records, patience_s)
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
        known, _ = await self._known([digest_of(atom) for atom in written], patience_s)
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
        await self._write(records, patience_s)

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
        known, _ = await self._known([digest_of(atom) for atom in chosen], patience_s)
        doomed = {one.digest: one for one in known.values() if one.is_there}
        for holder in await self._holders(chosen, patience_s):
            if holder.digest not in doomed:
                if not with_incoming:
                    named = shown(holder.atom, 200)
                    raise AtomInUse(shown(chosen[0], 200), [named], 1)
                doomed[holder.digest] = holder
        stamp = self._stamps.next()
        gone = [removed(one.atom, stamp) for one in doomed.values() if one.atom is not None]
        await self._write(gone, patience_s)
        return len(gone)

    async def dismiss(self, node_id: str, *, patience_s: float = PATIENCE_S) -> None:
        """Say that a memory node will not come back, so that nobody waits for what it had.

        Raises:
            TaskFailed: It is there, or was never a memory node.
            MeshError: As ``add``.
        """
        await self._settled(lambda members: [(min(members), {"dismiss": node_id})], patience_s)

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
            members = await self._members()
            left_s = max(0.01, deadline - self._clock.now())
            payload = {
                "match": said_atoms(terms),
                "with_values": with_values,
                "deadline_s": min(300.0, left_s),
            }
            shards = shards_by_owner(members)
            answers = await self._ask_all(
                {node: payload | {"shards": sorted(shards[node])} for node in members}, left_s
            )
            coverage, is_settled = _coverage(answers)
            if is_settled or self._clock.now() >= deadline:
                records = await self._agreed(answers, members, left_s)
                return Gathered(tuple(records), coverage)
            # Somebody came or went, and its owners are catching up.
            await self._clock.sleep_until(self._clock.now() + _PAUSE_S)
            await self._asking.members(fresh=True)

    async def values(self, atoms: Iterable[Atom], *, patience_s: float = PATIENCE_S) -> Known:
        """What is on some atoms.

        Raises:
            MeshError: As ``query``.
        """
        chosen = {digest_of(own): own for own in map(self._ordered, atoms)}
        known, answers = await self._known(list(chosen), patience_s)
        coverage, _ = _coverage({str(number): answer for number, answer in enumerate(answers)})
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
        answers, members = await self._settled(
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

    # -- inside --------------------------------------------------------------------------------

    async def _members(self) -> frozenset[str]:
        members = await self._asking.members()
        if not members:
            members = await self._asking.members(fresh=True)
        if not members:
            raise NoMemoryNode(
                "no node of the mesh keeps atoms: start one with "
                "'cogmesh node --atomspace DIR', or register one that offers atomspace"
            )
        return members

    def _ordered(self, atom: Atom) -> Atom:
        types = self._types
        return with_canonical_order(
            atom, lambda name: name in types and types.kind(name) is Kind.UNORDERED
        )

    async def _write(self, records: Sequence[Record], patience_s: float) -> None:
        """Say records to their owners, until all have them on disk."""

        def questions(members: frozenset[str]) -> list[Question]:
            by_owner: dict[str, list[Record]] = {}
            for record in records:
                for owner in owners(record.shard, members):
                    by_owner.setdefault(owner, []).append(record)
            return [
                (node, {"merge": bundled(portion)})
                for node, said in by_owner.items()
                for portion in in_bundles(said)
            ]

        if records:
            await self._settled(questions, patience_s)

    async def _settled(
        self, questions: Callable[[frozenset[str]], list[Question]], patience_s: float
    ) -> tuple[Sequence[Answer], frozenset[str]]:
        """Ask owners until all of them answer and see the same memory nodes as it is seen here.

        Returns:
            The answers in the order of the questions, and the memory nodes.

        Raises:
            NotSettled: That did not come about in time.
        """
        done: dict[int, Answer] = {}
        asked: list[Question] = []
        members: frozenset[str] = frozenset()
        heard_at = self._clock.now()
        while True:
            before, members = members, await self._members()
            if members != before:
                asked, done = questions(members), {}
            view = sorted(members)
            missing = [place for place in range(len(asked)) if place not in done]
            answers = await self._ask_each([asked[place] for place in missing], patience_s)
            for place, answer in zip(missing, answers, strict=True):
                if answer is not None and answer["view"] == view:
                    done[place] = answer
                    heard_at = self._clock.now()
            if len(done) == len(asked):
                return [done[place] for place in range(len(asked))], members
            if self._clock.now() >= heard_at + patience_s:
                raise NotSettled(
                    f"the owners of these atoms did not all answer within {patience_s:g} s, for "
                    "memory nodes come and go; a write may be kept by some of them: write again, "
                    "it does no harm"
                )
            await self._clock.sleep_until(self._clock.now() + _PAUSE_S)
            await self._asking.members(fresh=True)

    async def _ask_each(
        self, questions: Sequence[Question], timeout_s: float
    ) -> list[dict[str, Any] | None]:
        """All answers in order, ``None`` where a node is gone; few at once for each node.

        More would not be faster: a node does one after the other, and those that wait would time
        out, be given out again, and keep it from ever catching up.
        """
        rooms = {node: asyncio.Semaphore(_AT_ONCE) for node, _ in questions}

        async def one(node: str, said: Mapping[str, Any]) -> dict[str, Any] | None:
            async with rooms[node]:
                return await self._asked(node, said, timeout_s)

        asking = [asyncio.ensure_future(one(node, said)) for node, said in questions]
        try:
            return await asyncio.gather(*asking)
        except BaseException:
            for other in asking:
                other.cancel()
            await asyncio.gather(*asking, return_exceptions=True)
            raise

    async def _asked(
        self, node: str, payload: Mapping[str, Any], left_s: float
    ) -> dict[str, Any] | None:
        try:
            return await self._asking.ask(node, payload, timeout_s=left_s)
        except NodeGone:
            return None

    async def _ask_all(
        self, payloads: Mapping[str, Mapping[str, Any]], left_s: float
    ) -> dict[str, dict[str, Any]]:
        """The answers of those that answered."""
        nodes = sorted(payloads)
        answers = await self._ask_each([(node, payloads[node]) for node in nodes], left_s)
        return {
            node: answer for node, answer in zip(nodes, answers, strict=True) if answer is not None
        }

    async def _agreed(
        self, answers: Mapping[str, Mapping[str, Any]], members: frozenset[str], left_s: float
    ) -> list[Record]:
        """One record of each atom that was found, in which all owners that answered agree."""
        found: dict[bytes, dict[str, Record]] = {}
        for node, answer in answers.items():
            records = await asyncio.to_thread(unbundled, answer["found"], self._types)
            for record in records:
                found.setdefault(record.digest, {})[node] = record
        lacking: dict[str, list[bytes]] = {}
        for digest, said in found.items():
            for owner in owners(shard_of(digest), members):
                if owner in answers and owner not in said:
                    lacking.setdefault(owner, []).append(digest)
        # An owner that did not find what another did has not heard of it, or heard that it is gone.
        for node, records in (await self._fetched(lacking, left_s)).items():
            for record in records:
                found[record.digest][node] = record
        agreed = [_together(said.values()) for said in found.values()]
        for record in agreed:
            self._stamps.see(max(record.added, record.removed))
        return [record for record in agreed if record.is_there]

    async def _fetched(
        self, wanted: Mapping[str, Sequence[bytes]], left_s: float
    ) -> dict[str, list[Record]]:
        """What each of some nodes knows of some atoms; nothing of those that do not answer."""
        asked = _for_records(wanted)
        answers = await self._ask_each(asked, left_s)
        found: dict[str, list[Record]] = {}
        for (node, _), answer in zip(asked, answers, strict=True):
            if answer is not None:
                found.setdefault(node, []).extend(unbundled(answer["found"], self._types))
        return found

    async def _known(
        self, digests: Sequence[bytes], patience_s: float
    ) -> tuple[dict[bytes, Record], Sequence[Answer]]:
        """What the owners of some atoms know of them, tombstones too; and their answers."""

        def questions(members: frozenset[str]) -> list[Question]:
            wanted: dict[str, list[bytes]] = {}
            for digest in digests:
                for owner in owners(shard_of(digest), members):
                    wanted.setdefault(owner, []).append(digest)
            return _for_records(wanted)

        answers, _ = await self._settled(questions, patience_s)
        found: dict[bytes, list[Record]] = {}
        for answer in answers:
            for record in unbundled(answer["found"], self._types):
                found.setdefault(record.digest, []).append(record)
        together = {digest: _together(records) for digest, records in found.items()}
        for record in together.values():
            stamps = [record.added, record.removed, *(said for said, _ in record.values.values())]
            self._stamps.see(max(stamps))
        return together, answers

    async def _holders(self, atoms: Sequence[Atom], patience_s: float) -> list[Record]:
        payload = {"holders": said_atoms(atoms)}

        def questions(members: frozenset[str]) -> list[Question]:
            return [(node, payload) for node in sorted(members)]

        answers, members = await self._settled(questions, patience_s)
        by_node = dict(zip(sorted(members), answers, strict=True))
        return await self._agreed(by_node, members, patience_s)


def _for_records(wanted: Mapping[str, Sequence[bytes]]) -> list[Question]:
    return [
        (node, {"records": [digest.hex() for digest in digests[start : start + RECORDS_MAX]]})
        for node, digests in wanted.items()
        for start in range(0, len(digests), RECORDS_MAX)
    ]


def _together(records: Iterable[Record]) -> Record:
    first, *others = records
    for other in others:
        first = merged(first, other)
    return first


def _coverage(answers: Mapping[str, Mapping[str, Any]]) -> tuple[Coverage, bool]:
    """Which shards these answers speak for, and whether asking again could not improve it soon."""
    complete = frozenset(shard for answer in answers.values() for shard in answer["complete"])
    missing: dict[int, frozenset[str]] = {}
    for answer in answers.values():
        for shard, names in answer["missing"].items():
            missing[int(shard)] = missing.get(int(shard), frozenset()) | frozenset(names)
    gone = [names for shard, names in missing.items() if shard not in complete]
    coverage = Coverage(complete, frozenset().union(*gone))
    return coverage, coverage.missing_shards <= missing.keys()
