"""Which number a store has given to which atom, and changes as portions of the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from cognitive_architecture.atomspace import Added, Atom, Change, Link, Removed

from .portions import Content, PortionDraft, encode, plain, stored_value
from .refusals import unknown_atom


class LogRow(NamedTuple):
    """Some changes, as they stand in the log."""

    length: int
    """How many."""
    last_number: int
    """The highest that was given to any atom by now."""
    removed: bytes | None
    portion: bytes


@dataclass(slots=True)
class Draft:
    """Changes that are being written: what the numbers will be when they are durable."""

    last_number: int
    rows: list[LogRow] = field(default_factory=list)
    added: dict[Atom, int] = field(default_factory=dict)
    removed: set[Atom] = field(default_factory=set)
    """Of those that were kept before."""


class Numbers:
    """The numbers of the atoms that are kept.

    Args:
        last_number: The highest that was ever given.
    """

    def __init__(self, last_number: int) -> None:
        self._of: dict[Atom, int] = {}
        self._last_number = last_number

    def know(self, numbers: dict[Atom, int]) -> None:
        """These atoms are kept, and no others."""
        self._of = numbers

    def draft(self, changes: Sequence[Change], length_max: int) -> Draft:
        """Changes as rows of the log; the numbers stay as they are until it is accepted.

        Args:
            changes: As a space tells them.
            length_max: How many of them one row may say.

        Raises:
            UnknownAtom: A change speaks of an atom that has no number.
        """
        draft = Draft(self._last_number)
        for start in range(0, len(changes), length_max):
            some = changes[start : start + length_max]
            portion = PortionDraft()
            removed: list[int] = []
            for change in some:
                if isinstance(change, Added):
                    self._add(change.atom, draft, portion)
                elif isinstance(change, Removed):
                    removed.append(self._remove(change.atom, draft))
                else:
                    number = self._number(change.atom, draft)
                    portion.set_value(number, change.key, stored_value(change.value))
            gone = encode(removed) if removed else None
            draft.rows.append(LogRow(len(some), draft.last_number, gone, encode(portion.portion)))
        return draft

    def accept(self, draft: Draft) -> None:
        """What the draft says is durable now."""
        for atom in draft.removed:
            del self._of[atom]
        self._of.update(draft.added)
        self._last_number = draft.last_number

    def _add(self, atom: Atom, draft: Draft, portion: PortionDraft) -> None:
        if atom in draft.added or (atom in self._of and atom not in draft.removed):
            return
        content: Content
        if isinstance(atom, Link):
            content = [self._number(target, draft) for target in atom.out]
        else:
            content = plain(atom.name)
        draft.last_number += 1
        draft.added[atom] = draft.last_number
        portion.add(draft.last_number, atom.type, content)

    def _remove(self, atom: Atom, draft: Draft) -> int:
        number = self._number(atom, draft)
        if draft.added.pop(atom, None) is None:
            draft.removed.add(atom)
        return number

    def _number(self, atom: Atom, draft: Draft) -> int:
        number = draft.added.get(atom)
        if number is None and atom not in draft.removed:
            number = self._of.get(atom)
        if number is None:
            raise unknown_atom(atom)
        return number
