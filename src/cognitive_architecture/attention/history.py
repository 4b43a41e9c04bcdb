"""What a journal tells of the past: STI over time, the focus, the funds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .accounts import BANK, AccountKind
from .focus import focus_of
from .journal import Currency, Entry, bodies, decoded
from .units import Ints, whole


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """The accounts that mattered most, at moments between two entries."""

    moments: Ints
    """Entries that counted by then; ascending; shape ``(t,)``."""
    laws: tuple[str, ...]
    """The law of the last of these entries; length ``t``."""
    funds: Ints
    """µSTI of the bank; shape ``(t,)``."""
    names: tuple[str, ...]
    """Of the atoms that had most at their best, the richest first; length ``k``."""
    balances: Ints
    """Their µSTI; shape ``(t, k)``."""
    in_focus: Ints
    """1 where they were in the focus, else 0; shape ``(t, k)``."""


def history_of(
    journal: bytes, *, atoms_max: int = 12, focus_size: int = 100, moments_max: int = 400
) -> History:
    """Read a journal from its beginning.

    Args:
        journal: All records of a ledger.
        atoms_max: How many atoms to follow: those with the highest peaks.
        focus_size: Most atoms in the focus.
        moments_max: At most about so many moments, evenly spaced.

    Returns:
        The history.

    Raises:
        JournalDamaged: A record is not the one that was written.
    """
    for name, number in (("atoms_max", atoms_max), ("focus_size", focus_size)):
        whole([number], name, low=1)
    whole([moments_max], "moments_max", low=2)
    entries = [decoded(body) for body in bodies(journal)]
    peaks = _Books()
    highest = np.zeros(0, dtype=np.int64)
    for entry in entries:
        peaks.follow(entry)
        highest = _longer(highest, len(peaks.balances))
        np.maximum(highest, peaks.balances, out=highest)
    atoms = np.array([atom for atom in peaks.names if atom < len(highest)], dtype=np.int64)
    followed = atoms[np.argsort(-highest[atoms], kind="stable")][:atoms_max]
    every = max(1, -(-len(entries) // moments_max))
    books = _Books()
    moments, funds, balances, in_focus = [], [], [], []
    for number, entry in enumerate(entries, 1):
        books.follow(entry)
        if number % every and number < len(entries):
            continue
        known = _longer(books.balances, len(highest))
        there = np.array(sorted(books.open), dtype=np.int64)
        focus = focus_of(there, known[there], focus_size).atoms
        moments.append(number)
        funds.append(int(known[BANK]))
        balances.append(known[followed])
        in_focus.append(np.isin(followed, focus).astype(np.int64))
    shape = (len(moments), len(followed))
    return History(
        np.array(moments, dtype=np.int64),
        tuple(entries[number - 1].law for number in moments),
        np.array(funds, dtype=np.int64),
        tuple(peaks.names[atom] for atom in followed.tolist()),
        np.array(balances, dtype=np.int64).reshape(shape),
        np.array(in_focus, dtype=np.int64).reshape(shape),
    )


class _Books:
    """STI by handle, and which atoms there are."""

    def __init__(self) -> None:
        self.balances = np.zeros(1, dtype=np.int64)
        self.names: dict[int, str] = {}
        self.open: set[int] = set()

    def follow(self, entry: Entry) -> None:
        if entry.opened is not None:
            self.balances = _longer(self.balances, int(entry.opened.handles.max(initial=0)) + 1)
            if entry.opened.kind is AccountKind.ATOM:
                handles = entry.opened.handles.tolist()
                self.names.update(zip(handles, entry.opened.names, strict=True))
                self.open.update(handles)
        for posting in entry.postings:
            if posting.currency is Currency.STI:
                np.add.at(self.balances, posting.accounts, posting.amounts)
        if entry.closed is not None:
            self.open.difference_update(entry.closed.tolist())


def _longer(array: Ints, length: int) -> Ints:
    return np.concatenate([array, np.zeros(max(0, length - len(array)), dtype=np.int64)])
