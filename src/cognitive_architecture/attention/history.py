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
    peaks = _Books(kinds, start)
    highest = peaks.balances.copy()
    for entry in entries:
        peaks.follow(entry)
        highest = _longer(highest, len(peaks.balances))
        np.maximum(highest, peaks.balances, out=highest)
    known = np.array([handle for handle in peaks.named if handle < len(highest)], dtype=np.int64)
    followed = known[np.argsort(-highest[known], kind="stable")][:atoms_max]
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
        now = _longer(books.balances, len(highest))
        there = np.array(sorted(books.open), dtype=np.int64)
        focus = focus_of(there, now[there], focus_size).atoms
        moments.append(number)
        funds.append(int(now[BANK]))
        held.append(books.held())
        balances.append(now[followed])
        in_focus.append(np.isin(followed, focus).astype(np.int64))
    shape = (len(moments), len(followed))
    places = [number - 1 for number in moments]
    earlier = 0 if start is None else start.entry_count
    return History(
        np.array(moments, dtype=np.int64) + earlier,
        tuple(entries[place].law for place in places),
        np.array(funds, dtype=np.int64),
        tuple(peaks.named[handle][1] for handle in followed.tolist()),
        tuple(peaks.named[handle][0] for handle in followed.tolist()),
        np.array(balances, dtype=np.int64).reshape(shape),
        np.array(in_focus, dtype=np.int64).reshape(shape),
        _by_kind(np.array(held, dtype=np.int64).reshape(len(moments), len(KINDS))),
        None if instants is None else np.array([instants[place] for place in places], np.float64),
    )


class _Books:
    """STI by handle, and whose accounts of some kinds there are."""

    def __init__(self, kinds: Sequence[AccountKind], start: Checkpoint | None) -> None:
        self.balances = np.zeros(1, dtype=np.int64)
        self.named: dict[int, tuple[AccountKind, str]] = {}
        self.open: set[int] = set()
        self._kinds = frozenset(kinds)
        self._numbers = np.zeros(1, dtype=np.int64)
        if start is not None:
            self.balances = start.balances[Currency.STI].copy()
            for opening in start.openings:
                self._note(opening)

    def follow(self, entry: Entry) -> None:
        if entry.opened is not None:
            self.balances = _longer(self.balances, int(entry.opened.handles.max(initial=0)) + 1)
            self._note(entry.opened)
        for posting in entry.postings:
            if posting.currency is Currency.STI:
                np.add.at(self.balances, posting.accounts, posting.amounts)
        if entry.closed is not None:
            self.open.difference_update(entry.closed.tolist())

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
                self.named[handle] = (opening.kind, name)
                self.open.add(handle)


def _by_kind(held: Ints) -> dict[AccountKind, Ints]:
    return {
        kind: held[:, number]
        for number, kind in enumerate(KINDS)
        if kind is not AccountKind.BANK and held[:, number].any()
    }


def _longer(array: Ints, length: int) -> Ints:
    return np.concatenate([array, np.zeros(max(0, length - len(array)), dtype=np.int64)])
