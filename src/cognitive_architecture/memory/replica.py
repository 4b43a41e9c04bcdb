"""The atoms of one memory node: a space that is kept, and a record of every atom at home in it.

    Concept "cat"                       an atom that is at home here
        truth   TruthValue …            what is written on it
        @stamps StringValue …           when it was added and removed, and when each value was set
    Concept "animal"                    a *guest*: here only because a link here holds it
    Tombstone "9f3c…"                   an atom that is gone, by its digest
        @stamps StringValue …
    Keeper "memory-2"                   another memory node (``roster``)

Everything is in the one space, so one commit keeps an atom together with its stamps. Tombstones and
stamps never leave the node but as records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from cognitive_architecture.atomspace import (
    Atom,
    AtomSpace,
    AtomSpaceView,
    AtomTypeError,
    InvalidValue,
    Link,
    Node,
    StringValue,
    TypeHierarchy,
    standard_types,
)
from cognitive_architecture.atomspace.types import Kind

from .errors import BadBundle
from .identity import SHARDS, digest_of, shard_of
from .records import Record, Stamped, merged
from .roster import KEEPER

STAMPS: Final = "@stamps"
"""The key under which an atom that is at home here keeps its stamps."""

TOMBSTONE: Final = "Tombstone"

NOTHING: Final = "0" * 16
"""The sum of a shard without records."""


class _Entry(msgspec.Struct, gc=False):
    atom: Atom
    """The atom; of what is gone, its tombstone."""
    version: int


def memory_types() -> TypeHierarchy:
    """The standard types, and those of tombstones and of memory nodes."""
    types = standard_types()
    types.declare(TOMBSTONE, kind=Kind.NODE)
    types.declare(KEEPER, kind=Kind.NODE)
    return types


class Replica:
    """What one memory node keeps. Not for several threads at once.

    Args:
        space: With what was kept; whoever listens to it keeps what is done here.
    """

    def __init__(self, space: AtomSpace) -> None:
        self.space = space
        self._shards: list[dict[bytes, _Entry]] = [{} for _ in range(SHARDS)]
        self._sums = [0] * SHARDS
        self._there = [0] * SHARDS
        for atom in space:
            if space.value(atom, STAMPS) is not None:
                digest = bytes.fromhex(_name(atom)) if is_tombstone(atom) else digest_of(atom)
                if (record := read_record(space, digest, atom)) is not None:
                    self._file(record, atom)

    def __len__(self) -> int:
        """How many atoms are at home here, tombstones left out."""
        return sum(self._there)

    def counts(self) -> list[int]:
        """How many atoms are at home here, by shard."""
        return list(self._there)

    @property
    def tombstones(self) -> int:
        """How many are remembered as gone."""
        return sum(map(len, self._shards)) - len(self)

    def atoms(self) -> list[Atom]:
        """All that are at home here."""
        return [
            entry.atom
            for shard in self._shards
            for entry in shard.values()
            if not is_tombstone(entry.atom)
        ]

    # -- records -------------------------------------------------------------------------------

    def record(self, digest: bytes) -> Record | None:
        """What is known of an atom that is at home here."""
        entry = self._shards[shard_of(digest)].get(digest)
        return None if entry is None else read_record(self.space, digest, entry.atom)

    def find(self, atom: Atom) -> Record | None:
        """What is known of an atom that is there and at home here."""
        own = self.space.find(atom)
        return None if own is None or not self.is_home(own) else self.record(digest_of(own))

    def records(self, shard: int) -> Iterator[Record]:
        """All of a shard, tombstones included, as they are when each is asked for."""
        for digest in list(self._shards[shard]):
            if (record := self.record(digest)) is not None:
                yield record

    def is_home(self, atom: Atom) -> bool:
        """Whether an atom of the space is more than a guest."""
        return self.space.value(atom, STAMPS) is not None and not is_tombstone(atom)

    def merge(self, record: Record) -> bool:
        """Let a record count.

        Returns:
            Whether anything is different now.

        Raises:
            BadBundle: The atom does not fit the types, or a key is the mesh's own.
        """
        known = self.record(record.digest) or Record(record.digest, None)
        together = merged(known, record)
        if together is known:
            return False
        if together.is_there:
            self._put(known, together)
        else:
            self._bury(known, together)
        return True

    def drop(self, shard: int, digests: Iterable[bytes]) -> int:
        """Forget records of a shard without a trace, for others keep them.

        Returns:
            How many went.
        """
        count = 0
        for digest in digests:
            entry = self._unfile(shard, digest)
            if entry is None:
                continue
            count += 1
            if is_tombstone(entry.atom):
                self.space.remove(entry.atom)
            else:
                self._clear(entry.atom)
                self._release(entry.atom)
        return count

    # -- comparing -----------------------------------------------------------------------------

    def sums(self) -> list[str]:
        """Of each shard a text that replicas with equal records have in common."""
        return [f"{number:016x}" for number in self._sums]

    def versions(self, shard: int) -> dict[bytes, int]:
        """The version of every record of a shard."""
        return {digest: entry.version for digest, entry in self._shards[shard].items()}

    # -- inside --------------------------------------------------------------------------------

    def _put(self, known: Record, now: Record) -> None:
        if STAMPS in now.values or now.atom is None:
            raise BadBundle(f"the key {STAMPS} is the mesh's own: choose another")
        try:
            own = self.space.add(now.atom)
            before = known.values
            for key, said in now.values.items():
                if before.get(key) != said:
                    self.space.set_value(own, key, said[1])
            for key in before.keys() - now.values.keys():
                self.space.set_value(own, key, None)
        except (AtomTypeError, InvalidValue) as error:
            raise BadBundle(str(error)) from error
        self._unbury(now.digest)
        self.space.set_value(own, STAMPS, _stamps(now))
        self._file(now, own)

    def _bury(self, known: Record, now: Record) -> None:
        self._unfile(now.shard, now.digest)
        if known.is_there and known.atom is not None:
            self._clear(known.atom)
            self._release(known.atom)
        tombstone = self.space.node(TOMBSTONE, now.digest.hex())
        self.space.set_value(tombstone, STAMPS, _stamps(now))
        self._file(now, tombstone)

    def _unbury(self, digest: bytes) -> None:
        self.space.remove(Node(TOMBSTONE, digest.hex()))

    def _clear(self, atom: Atom) -> None:
        for key in self.space.values(atom):
            self.space.set_value(atom, key, None)

    def _release(self, atom: Atom) -> None:
        """Take out what is no longer at home here and held by nothing, and then its guests."""
        waiting = [atom]
        while waiting:
            one = waiting.pop()
            if one not in self.space or self.is_home(one):
                continue
            if next(self.space.incoming(one), None) is not None:
                continue
            self.space.remove(one)
            if isinstance(one, Link):
                waiting += one.out

    def _file(self, record: Record, atom: Atom) -> None:
        shard = record.shard
        self._unfile(shard, record.digest)
        self._shards[shard][record.digest] = _Entry(atom, record.version)
        self._sums[shard] ^= record.version
        self._there[shard] += record.is_there

    def _unfile(self, shard: int, digest: bytes) -> _Entry | None:
        entry = self._shards[shard].pop(digest, None)
        if entry is not None:
            self._sums[shard] ^= entry.version
            self._there[shard] -= not is_tombstone(entry.atom)
        return entry


def read_record(space: AtomSpace | AtomSpaceView, digest: bytes, atom: Atom) -> Record | None:
    """The record of an atom of a replica's space; ``None`` if it is only a guest.

    Args:
        space: Of a replica, or a snapshot of it.
        digest: Of the atom; of a tombstone, of what it stands for.
        atom: As it is in the space.
    """
    stamps = space.value(atom, STAMPS)
    if not isinstance(stamps, StringValue):
        return None
    added, removed, *rest = stamps.values
    if is_tombstone(atom):
        return Record(digest, None, added, removed)
    values: dict[str, Stamped] = {
        key: (stamp, space.value(atom, key))
        for key, stamp in zip(rest[::2], rest[1::2], strict=True)
    }
    return Record(digest, atom, added, removed, values)


def is_tombstone(atom: Atom) -> bool:
    """Whether an atom of the space only says that another is gone."""
    return atom.type == TOMBSTONE


def _name(atom: Atom) -> str:
    return atom.name if isinstance(atom, Node) else ""


def _stamps(record: Record) -> StringValue:
    said = [record.added, record.removed]
    for key, (stamp, _) in sorted(record.values.items()):
        said += [key, stamp]
    return StringValue(tuple(said))
