"""The attentional focus: the few atoms with the most STI."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .rounding import largest
from .units import Floats, Ints


@dataclass(frozen=True, slots=True, eq=False)
class Focus:
    """Who is in it."""

    atoms: Ints
    """Handles, ascending; shape ``(k,)``."""
    boundary: int
    """µSTI of the poorest of them; 0 if there is none."""

    def __contains__(self, atom: int) -> bool:
        place = int(np.searchsorted(self.atoms, atom))
        return place < len(self.atoms) and int(self.atoms[place]) == atom


def focus_of(atoms: Ints, balances: Ints, size: int) -> Focus:
    """The ``size`` atoms with the most STI; of equal ones, those with the older accounts.

    Where we differ: upstream compares an atom with the focus only when that atom is updated, so
    one whose STI falls stays until somebody else comes by. Here the focus is what the balances
    say, at any time, and a history does not matter. The sets agree whenever every atom has been
    updated since the last fall. Takes O(n), with no sort.

    Args:
        atoms: Handles; shape ``(n,)``.
        balances: Their µSTI; shape ``(n,)``.
        size: Most atoms in the focus.

    Returns:
        The focus; atoms without STI are in it only if there is room.

    Source: opencog/attention, ``ImportanceIndex.cc`` (row A1).
    """
    chosen = largest(balances, atoms, size)
    members = np.sort(atoms[chosen])
    return Focus(members, int(balances[chosen].min()) if len(chosen) else 0)


def displaced(balances: Ints, newcomer: int, size: int) -> int | None:
    """Whether one more atom enters a focus, upstream's way: one update at a time.

    Args:
        balances: µSTI of those inside; shape ``(k,)``.
        newcomer: µSTI of the atom that was updated.
        size: Most atoms in the focus.

    Returns:
        The place of the member that has to leave, ``-1`` if there is room, ``None`` if the
        newcomer stays outside: a full focus is entered only with more STI than its weakest.

    Source: opencog/attention, ``ImportanceIndex.cc`` (row A1).
    """
    if len(balances) < size:
        return -1
    weakest = int(np.argmin(balances))
    return weakest if newcomer > balances[weakest] else None


def attention_probability(balances: Floats, boundary: float, steepness: float) -> Floats:
    """How likely an atom counts as attended to: ``(1 + tanh(steepness * (sti - boundary))) / 2``.

    Args:
        balances: STI; shape ``(n,)``.
        boundary: STI at which it is 1/2.
        steepness: Per STI; 0 or more.

    Returns:
        From 0 to 1; shape ``(n,)``.

    Source: the paper of 2009, through the wiki of hyperon.dev and a port that quotes section 5.4.
    """
    if not math.isfinite(steepness):
        return np.asarray((balances >= boundary).astype(np.float64))
    return np.asarray((1 + np.tanh(steepness * (balances - boundary))) / 2)
