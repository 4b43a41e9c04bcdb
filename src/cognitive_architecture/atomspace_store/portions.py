"""Changes as bytes: a portion of the log or of the snapshot.

A store gives each atom a number when it is added, counting up; an atom that goes and comes again
gets another. So what a link goes to is said in a few bytes however large it is, it always has
lower numbers than the link, and it does not matter in which order the changes of a portion are
applied. For the same reason a change can be applied twice without harm: the number of what is gone
is never given again. Which numbers went is kept beside the portions of the log, so that whoever
reads the log knows from its beginning what will be gone at its end, and leaves it out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec

from cognitive_architecture.atomspace import (
    AttentionValue,
    FloatValue,
    LinkValue,
    Provenance,
    StringValue,
    TruthValue,
    Value,
)

PORTION_CHANGES: Final = 8192
"""The most that one portion says: it is read and written whole."""

PORTION_BYTES_MAX: Final = 16_000_000
"""A longer one is written in several, unless it says one thing alone."""

_Written = TypeVar("_Written")

Content = str | list[int]
"""Of a node its name, of a link the numbers of the atoms it goes to."""

StoredValue = list[Any] | None
"""The place of its kind in ``_KINDS``, then its fields; ``None``: nothing is kept any more."""


class Portion(msgspec.Struct, array_like=True, gc=False):
    """What was added and which values were set, in columns."""

    types: list[str] = []
    """Names that ``type_places`` point to."""
    keys: list[str] = []
    """Names that ``values`` point to."""
    numbers: list[int] = []
    """Of the atoms that were added, ascending; the next two are as long."""
    type_places: list[int] = []
    contents: list[Content] = []
    values: list[tuple[int, int, StoredValue]] = []
    """Number of the atom, place of the key, what is kept under it now; in their order."""


class PortionDraft:
    """A portion that grows."""

    def __init__(self) -> None:
        self.portion = Portion()
        self._types: dict[str, int] = {}
        self._keys: dict[str, int] = {}

    def add(self, number: int, type_name: str, content: Content) -> None:
        """Say that an atom was added; its number is higher than those said before."""
        portion = self.portion
        portion.numbers.append(number)
        portion.type_places.append(_place(type_name, self._types, portion.types))
        portion.contents.append(content)

    def set_value(self, number: int, key: str, value: StoredValue) -> None:
        """Say what is kept on an atom under a key."""
        place = _place(key, self._keys, self.portion.keys)
        self.portion.values.append((number, place, value))


def _place(name: str, places: dict[str, int], names: list[str]) -> int:
    """Where a name stands; behind the others if it is new."""
    place = places.setdefault(name, len(names))
    if place == len(names):
        names.append(plain(name))
    return place


def in_portions(
    write: Callable[[int], _Written], sizes: Callable[[_Written], list[int]]
) -> _Written:
    """Call what writes portions until none is too long.

    Args:
        write: Takes how many changes a portion may say.
        sizes: Of the portions that it has written, in bytes.
    """
    changes_max = PORTION_CHANGES
    while True:
        written = write(changes_max)
        if changes_max == 1 or max(sizes(written), default=0) <= PORTION_BYTES_MAX:
            return written
        changes_max = max(1, changes_max // 8)


encode: Final = msgspec.msgpack.Encoder().encode
decode: Final[Callable[[bytes], Portion]] = msgspec.msgpack.Decoder(Portion).decode
"""It raises ``msgspec.MsgspecError`` or ``RecursionError`` where there is none."""
decode_numbers: Final = msgspec.msgpack.Decoder(list[int]).decode

_KINDS: Final = (TruthValue, AttentionValue, FloatValue, StringValue, LinkValue, Provenance)
_BIT_COUNT_MAX: Final = 63


def stored_value(value: Value | None) -> StoredValue:
    """A value as a portion says it."""
    match value:
        case None:
            return None
        case TruthValue():
            return [0, value.strength, value.confidence]
        case AttentionValue():
            return [1, value.sti, value.lti, _stored_count(value.vlti)]
        case FloatValue():
            return [2, *value.values]
        case StringValue():
            return [3, *map(plain, value.values)]
        case LinkValue():
            return [4, *map(stored_value, value.values)]
        case Provenance():
            start, end = _stored_count(value.start), _stored_count(value.end)
            return [5, plain(value.layer), start, end, value.confidence, plain(value.tool)]


def read_value(stored: list[Any]) -> Value:
    """The value that a portion says.

    Raises:
        InvalidValue, IndexError, TypeError, ValueError: It says none.
    """
    kind = _KINDS[stored[0]]
    fields = stored[1:]
    if kind is FloatValue or kind is StringValue:
        return kind(tuple(fields))
    if kind is LinkValue:
        return LinkValue(tuple(map(read_value, fields)))
    if kind is AttentionValue:
        fields[2] = _read_count(fields[2])
    elif kind is Provenance:
        fields[1:3] = map(_read_count, fields[1:3])
    return kind(*fields)


def plain(text: str) -> str:
    """Of a class derived from ``str``, the text alone: MessagePack knows no others."""
    return str.__str__(text)


def _stored_count(count: int) -> int | str:
    """MessagePack has integers of 64 bits; larger ones are said in hexadecimal digits."""
    return int(count) if count.bit_length() <= _BIT_COUNT_MAX else hex(count)


def _read_count(stored: int | str) -> int:
    return int(stored, 16) if isinstance(stored, str) else stored
