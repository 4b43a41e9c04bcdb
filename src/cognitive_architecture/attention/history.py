"""What a journal tells of the past: STI over time, the focus, the funds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .accounts import BANK, KINDS, AccountKind, Opening
from .checkpoint import Checkpoint
from .errors import InvalidAmount
from .focus import focus_of
from .journal import START, Currency, Entry, bodies, decoded
from .units import Floats, Ints, whole


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
    """Of the accounts that had most at their best, the richest first; length ``k``."""
    kinds: tuple[AccountKind, ...]
    """What they belong to; length ``k``."""
    balances: Ints
    """Their µSTI; shape ``(t, k)``."""
    in_focus: Ints
    """1 where they were in the focus, else 0; shape ``(t, k)``."""
    held: Mapping[AccountKind, Ints]
    """µSTI of all accounts of a kind together, the bank's left out; shape ``(t,)``. With ``funds``
    they add up to what was ever issued."""
    instants: Floats | None = None
    """When the moments were, in seconds since the epoch; shape ``(t,)``. ``None``: nobody said."""


def history_of(
    journal: bytes,
    *,
    checkpoint: bytes | None = None,
    instants: Sequence[float] | None = None,
    kinds: Sequence[AccountKind] = (AccountKind.ATOM,),
    atoms_max: int = 12,
    focus_size: int = 100,
    moments_max: int = 400,
) -> History:
    """Read a journal from its beginning, or from a checkpoint on.

    Args:
        journal: All records of a ledger, or those after ``checkpoint``.
        checkpoint: What the ledger's ``checkpoint()`` returned before the first of them.
        instants: When each record was written, in seconds since the epoch. Of records of one
            instant the last makes a moment: what was between them never was.
        kinds: Whose accounts to follow; the focus is made of them.
        atoms_max: How many accounts to follow: those with the highest peaks.
        focus_size: Most accounts in the focus.
        moments_max: At most about so many moments, evenly spaced.

    Returns:
        The history.

    Raises:
        JournalDamaged: A record is not the one that was written.
        InvalidAmount: There are not as many instants as records.
    """
    for name, number in (("atoms_max", atoms_max), ("focus_size", focus_size)):
        whole([number], name, low=1)
    whole([moments_max], "moments_max", low=2)
    start = None if checkpoint is None else Checkpoint.decoded(checkpoint)
    before = START if start is None else start.head
    entries = [decoded(body) for body in bodies(journal, before)]
    if instants is not None and len(instants) < len(entries):
        raise InvalidAmount(f"instants: {len(instants)} for {len(entries)} records")
    peaks = _peaks(entries, kinds, start)
    followed = sorted(peaks, key=lambda owner: -peaks[owner])[:atoms_max]
    whens = range(len(entries)) if instants is None else instants
    ends = [n for n in range(1, len(entries) + 1) if n == len(entries) or whens[n] != whens[n - 1]]
    every = max(1, -(-len(ends) // moments_max))
    chosen = {*ends[every - 1 :: every], *ends[-1:]}
    books = _Books(kinds, start)
    moments, funds, balances, in_focus, held = [], [], [], [], []
    for number, entry in enumerate(entries, 1):
        books.follow(entry)
        if number not in chosen:
            continue
        there = np.array(sorted(books.owners), dtype=np.int64)
        focus = focus_of(there, books.balances[there], focus_size)
        handles = [books.handles.get(owner) for owner in followed]
        moments.append(number)
        funds.append(int(books.balances[BANK]))
        held.append(books.held())
        balances.append([0 if at is None else int(books.balances[at]) for at in handles])
        in_focus.append([int(at is not None and at in focus) for at in handles])
    shape = (len(moments), len(followed))
    places = [number - 1 for number in moments]
    earlier = 0 if start is None else start.entry_count
    return History(
        np.array(moments, dtype=np.int64) + earlier,
        tuple(entries[place].law for place in places),
        np.array(funds, dtype=np.int64),
        tuple(name for _, name in followed),
        tuple(kind for kind, _ in followed),
        np.array(balances, dtype=np.int64).reshape(shape),
        np.array(in_focus, dtype=np.int64).reshape(shape),
        _by_kind(np.array(held, dtype=np.int64).reshape(len(moments), len(KINDS))),
        None if instants is None else np.array([instants[place] for place in places], np.float64),
    )


_Owner = tuple[AccountKind, str]
"""Handles are given again after a checkpoint, and whoever was away has another when it is back; so
accounts are followed by kind and name."""


def _peaks(
    entries: Sequence[Entry], kinds: Sequence[AccountKind], start: Checkpoint | None
) -> dict[_Owner, int]:
    """The most µSTI that each owner ever had, whoever was there first in front."""
    books = _Books(kinds, start)
    peaks = dict.fromkeys(books.handles, 0)
    highest = books.balances.copy()

    def note(handle: int, owner: _Owner) -> None:
        peaks[owner] = max(peaks.get(owner, 0), int(highest[handle]))
        highest[handle] = 0

    for entry in entries:
        gone = books.follow(entry)
        highest = _longer(highest, len(books.balances))
        np.maximum(highest, books.balances, out=highest)
        for handle, owner in gone:
            note(handle, owner)
        if entry.opened is not None:
            for name in entry.opened.names:
                if (entry.opened.kind, name) in books.handles:
                    peaks.setdefault((entry.opened.kind, name), 0)
    for handle, owner in books.owners.items():
        note(handle, owner)
    return peaks


class _Books:
    """STI by handle, and whose accounts of some kinds are open."""

    def __init__(self, kinds: Sequence[AccountKind], start: Checkpoint | None) -> None:
        self.balances = np.zeros(1, dtype=np.int64)
        self.owners: dict[int, _Owner] = {}
        self.handles: dict[_Owner, int] = {}
        self._kinds = frozenset(kinds)
        self._numbers = np.zeros(1, dtype=np.int64)
        if start is not None:
            self.balances = start.balances[Currency.STI].copy()
            for opening in start.openings:
                self._note(opening)

    def follow(self, entry: Entry) -> list[tuple[int, _Owner]]:
        """Let an entry count; whose accounts it closes."""
        if entry.opened is not None:
            self.balances = _longer(self.balances, int(entry.opened.handles.max(initial=0)) + 1)
            self._note(entry.opened)
        for posting in entry.postings:
            if posting.currency is Currency.STI:
                np.add.at(self.balances, posting.accounts, posting.amounts)
        closed = [] if entry.closed is None else entry.closed.tolist()
        gone = [(handle, self.owners.pop(handle)) for handle in closed if handle in self.owners]
        for _, owner in gone:
            del self.handles[owner]
        return gone

    def held(self) -> Ints:
        """µSTI by number of the kind."""
        sums = np.zeros(len(KINDS), dtype=np.int64)
        np.add.at(sums, _longer(self._numbers, len(self.balances)), self.balances)
        return sums

    def _note(self, opening: Opening) -> None:
        self._numbers = _longer(self._numbers, len(self.balances))
        self._numbers[opening.handles] = KINDS.index(opening.kind)
        if opening.kind in self._kinds:
            for handle, name in zip(opening.handles.tolist(), opening.names, strict=True):
                self.owners[handle] = (opening.kind, name)
                self.handles[opening.kind, name] = handle


def _by_kind(held: Ints) -> dict[AccountKind, Ints]:
    return {
        kind: held[:, number]
        for number, kind in enumerate(KINDS)
        if kind is not AccountKind.BANK and held[:, number].any()
    }


def _longer(array: Ints, length: int) -> Ints:
    return np.concatenate([array, np.zeros(max(0, length - len(array)), dtype=np.int64)])
