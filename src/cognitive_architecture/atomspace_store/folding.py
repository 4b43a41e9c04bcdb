"""Folding the log into the snapshot, part by part.

Each step is a commit of its own and leaves a store that loads to the same space, so writers wait
for a step at most, and it can end anywhere. Parts that no change of the log touches are left alone:
a fold costs what has changed, not what there is.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

from .portions import PORTION_CHANGES, Content, Portion, PortionDraft, StoredValue

PART_ATOMS_MIN: Final = PORTION_CHANGES // 2
"""A part that has fewer is put together with its neighbour when it is written anyway."""


@dataclass(slots=True)
class Record:
    """An atom of the snapshot, and what is kept on it."""

    number: int
    type: str
    content: Content
    values: dict[str, StoredValue] = field(default_factory=dict)


class LogChanges:
    """What the log changes of atoms that were there before it, and of its own."""

    def __init__(self, removed: AbstractSet[int]) -> None:
        self._removed = removed
        self._values: dict[int, dict[str, StoredValue]] = {}
        self._touched: list[int] = []

    def set_values(self, portion: Portion) -> None:
        """Take note of the values of a portion of the log, the oldest first."""
        for number, place, stored in portion.values:
            if number not in self._removed:
                self._values.setdefault(number, {})[portion.keys[place]] = stored

    def seal(self) -> None:
        """All values have been noted."""
        self._touched = sorted(self._removed | self._values.keys())

    def touches(self, first: int, last: int) -> bool:
        """Whether it changes any atom between two numbers, both included."""
        place = bisect_left(self._touched, first)
        return place < len(self._touched) and self._touched[place] <= last

    def applied_to(self, portion: Portion) -> list[Record]:
        """The atoms of a portion that are still there, with what is kept on them now."""
        columns = zip(portion.numbers, portion.type_places, portion.contents, strict=True)
        records = {
            number: Record(number, portion.types[place], content)
            for number, place, content in columns
            if number not in self._removed
        }
        for number, place, stored in portion.values:
            if number in records:
                records[number].values[portion.keys[place]] = stored
        for number, record in records.items():
            record.values |= self._values.get(number, {})
        return list(records.values())


def part_of(records: Iterable[Record]) -> Portion:
    """Atoms of the snapshot as one portion."""
    draft = PortionDraft()
    for record in records:
        draft.add(record.number, record.type, record.content)
        for key, value in record.values.items():
            if value is not None:
                draft.set_value(record.number, key, value)
    return draft.portion


def cut_evenly(records: list[Record], length_max: int) -> Iterator[list[Record]]:
    """Atoms in as few pieces as their length allows, one about as long as the other."""
    pieces = -(-len(records) // length_max)
    for piece in range(pieces):
        start, end = (len(records) * place // pieces for place in (piece, piece + 1))
        yield records[start:end]
