"""What is known of one atom at its home, and how two such records become one.

    added    when it was last added       it is there if that is the later of the two
    removed  when it was last removed     a record of what is gone is its *tombstone*
    values   under each key the value that was written last, and when; ``None``: taken away

Merging takes the later of everything, so it does not matter in which order writes arrive, how
often, and over which replicas. A removal takes all values that were written before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Final

import msgspec

from cognitive_architecture.atomspace import Atom, Value
from cognitive_architecture.atomspace_store.portions import stored_value

from .identity import digest_of, shard_of
from .stamps import NEVER

Stamped = tuple[str, Value | None]
"""When it was written, and what."""

_encode: Final = msgspec.msgpack.Encoder(order="deterministic").encode
_NO_VALUES: Final[Mapping[str, Stamped]] = {}


class Record(msgspec.Struct, frozen=True):
    """What is known of one atom."""

    digest: bytes
    atom: Atom | None
    """``None`` only of what is gone: a tombstone need not know what it stands for."""
    added: str = NEVER
    removed: str = NEVER
    values: Mapping[str, Stamped] = _NO_VALUES

    @property
    def shard(self) -> int:
        """Where it is at home."""
        return shard_of(self.digest)

    @property
    def is_there(self) -> bool:
        """Whether the atom was added later than it was removed."""
        return self.added > self.removed

    @property
    def version(self) -> int:
        """A number of 64 bits that equal records have in common, and others by bad luck only."""
        written = {key: (stamp, stored_value(value)) for key, (stamp, value) in self.values.items()}
        said = _encode((self.digest, self.added, self.removed, written))
        return int.from_bytes(blake2b(said, digest_size=8).digest(), "big")

    @property
    def kept_values(self) -> dict[str, Value]:
        """What is on the atom."""
        return {key: value for key, (_, value) in self.values.items() if value is not None}


def added(atom: Atom, stamp: str, values: Mapping[str, Value | None] | None = None) -> Record:
    """The record of an atom that is added now, with what is written on it.

    Raises:
        NestedTooDeep: Its links nest too deep.
    """
    stamped = {key: (stamp, value) for key, value in (values or {}).items()}
    return Record(digest_of(atom), atom, stamp, NEVER, stamped)


def removed(atom: Atom, stamp: str) -> Record:
    """The record of an atom that is removed now.

    Raises:
        NestedTooDeep: Its links nest too deep; so it was never there.
    """
    return Record(digest_of(atom), atom, NEVER, stamp)


def merged(one: Record, other: Record) -> Record:
    """Both records of one atom as one; ``one`` itself if the other adds nothing."""
    was_removed = max(one.removed, other.removed)
    was_added = max(one.added, other.added)
    if was_added <= was_removed:
        if (one.added, one.removed) == (was_added, was_removed):
            return one
        return Record(one.digest, one.atom or other.atom, was_added, was_removed)
    values = {key: said for key, said in one.values.items() if said[0] > was_removed}
    for key, said in other.values.items():
        if said[0] > was_removed and (key not in values or _counts_more(said, values[key])):
            values[key] = said
    if (one.added, one.removed) == (was_added, was_removed) and values == one.values:
        return one
    return Record(one.digest, one.atom or other.atom, was_added, was_removed, values)


def _counts_more(said: Stamped, before: Stamped) -> bool:
    if said[0] != before[0]:
        return said[0] > before[0]
    # Only a writer that gives a stamp twice comes here; all replicas must still agree.
    return _encode(stored_value(said[1])) > _encode(stored_value(before[1]))
