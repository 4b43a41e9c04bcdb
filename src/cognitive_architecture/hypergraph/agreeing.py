"""What the owners of atoms know together: one record of those that each of them has."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cognitive_architecture.atomspace import Atom
from cognitive_architecture.atomspace.types import TypeHierarchy
from cognitive_architecture.memory.bundles import (
    RECORDS_MAX,
    bundled,
    in_bundles,
    said_atoms,
    unbundled,
)
from cognitive_architecture.memory.identity import shard_of
from cognitive_architecture.memory.owners import owners
from cognitive_architecture.memory.records import Record, merged
from cognitive_architecture.memory.stamps import StampSource

from .settling import Answer, Question, Settling


class Agreeing:
    """Writes records to their owners, and reads them from there.

    Args:
        settling: Asks the owners.
        stamps: Sees every stamp that is read, so that a later write gets a greater one.
        types: Of the atoms.
    """

    def __init__(self, settling: Settling, stamps: StampSource, types: TypeHierarchy) -> None:
        self._settling = settling
        self._stamps = stamps
        self._types = types

    async def write(self, records: Sequence[Record], patience_s: float) -> None:
        """Say records to their owners, until all have them on disk.

        Raises:
            MeshError: As ``Settling.settled``.
        """

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
            await self._settling.settled(questions, patience_s)

    async def agreed(
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

    async def known(
        self, digests: Sequence[bytes], patience_s: float
    ) -> tuple[dict[bytes, Record], Sequence[Answer]]:
        """What the owners of some atoms know of them, tombstones too; and their answers."""

        def questions(members: frozenset[str]) -> list[Question]:
            wanted: dict[str, list[bytes]] = {}
            for digest in digests:
                for owner in owners(shard_of(digest), members):
                    wanted.setdefault(owner, []).append(digest)
            return _for_records(wanted)

        answers, _ = await self._settling.settled(questions, patience_s)
        found: dict[bytes, list[Record]] = {}
        for answer in answers:
            for record in unbundled(answer["found"], self._types):
                found.setdefault(record.digest, []).append(record)
        together = {digest: _together(records) for digest, records in found.items()}
        for record in together.values():
            stamps = [record.added, record.removed, *(said for said, _ in record.values.values())]
            self._stamps.see(max(stamps))
        return together, answers

    async def holders(self, atoms: Sequence[Atom], patience_s: float) -> list[Record]:
        """Every link that holds one of these, or holds such a link."""
        payload = {"holders": said_atoms(atoms)}

        def questions(members: frozenset[str]) -> list[Question]:
            return [(node, payload) for node in sorted(members)]

        answers, members = await self._settling.settled(questions, patience_s)
        by_node = dict(zip(sorted(members), answers, strict=True))
        return await self.agreed(by_node, members, patience_s)

    async def _fetched(
        self, wanted: Mapping[str, Sequence[bytes]], left_s: float
    ) -> dict[str, list[Record]]:
        """What each of some nodes knows of some atoms; nothing of those that do not answer."""
        asked = _for_records(wanted)
        answers = await self._settling.ask_each(asked, left_s)
        found: dict[str, list[Record]] = {}
        for (node, _), answer in zip(asked, answers, strict=True):
            if answer is not None:
                found.setdefault(node, []).extend(unbundled(answer["found"], self._types))
        return found


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
