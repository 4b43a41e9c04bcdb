"""Who may work on what, until when.

A task has at most one valid lease at any time, and two while it is hedged.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator
from typing import Final

from .entry import Entry
from .nearly_sorted import NearlySorted

_LEASES_PER_EPOCH: Final = 1 << 40
_REVOKED_REMEMBERED: Final = 10_000
_DEADLINES_MIN: Final = 1024
_SWEPT_EVERY: Final = 8
"""Leases, between two looks at some of the deadlines that may be void. Few, because the lease at
which it is looked waits for that: at 64 these were the slowest 1.6 % of decisions."""
_LOOKS: Final = 4
"""At so many deadlines it is looked for each lease that was granted."""


class LeaseTable:
    """The valid leases, and why the latest invalid ones are not.

    A lease is a number that no other attempt of any task, under any owner of the store, ever
    has: the owner's epoch is its upper part. A result is accepted if and only if its lease is
    valid, so accepting it once and refusing every stale attempt is one look-up.
    """

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self._next = epoch * _LEASES_PER_EPOCH
        self._held: dict[int, Entry] = {}
        self._deadlines: NearlySorted[tuple[float, int]] = NearlySorted()
        """By a clock that stood still for ``_excused_s``."""
        self._excused_s = 0.0
        self._adopted: dict[int, float] = {}
        """Deadlines of adopted leases, which may have an earlier one among ``_deadlines``."""
        self._revoked: OrderedDict[int, str] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    @property
    def latest(self) -> int:
        """The lease that was granted last; whatever is granted from now on is greater."""
        return self._next

    def grant(self, entry: Entry, deadline: float) -> int:
        """A fresh lease on ``entry`` until ``deadline``."""
        self._next = lease = self._next + 1
        self._held[lease] = entry
        self._deadlines.push((deadline - self._excused_s, lease))
        if not lease % _SWEPT_EVERY:
            self._sweep()
        return lease

    def adopt(self, lease: int, entry: Entry, deadline: float) -> None:
        """Make a lease valid that an earlier owner granted, or that was revoked in error."""
        self._held[lease] = entry
        self._revoked.pop(lease, None)
        self._adopted[lease] = by_own_clock = deadline - self._excused_s
        self._deadlines.push((by_own_clock, lease))

    def excuse(self, late_s: float) -> None:
        """Let every lease last so much longer: for so long nobody here said or heard anything."""
        self._excused_s += late_s

    def _sweep(self) -> None:
        """Most leases end long before their deadline; without this all would be kept."""
        most = max(_DEADLINES_MIN, 4 * len(self._held))
        self._deadlines.sweep(
            lambda item: self._is_due_then(*item), _LOOKS * _SWEPT_EVERY, most=most
        )

    def _is_due_then(self, deadline: float, lease: int) -> bool:
        return lease in self._held and self._adopted.get(lease, deadline) == deadline

    def holder(self, lease: int) -> Entry | None:
        """The entry a valid lease is on; of two, its fields speak of this one from now on."""
        entry = self._held.get(lease)
        if entry is not None and entry.lease != lease:
            entry.turn_to(lease)
        return entry

    def by_age(self) -> Iterator[Entry]:
        """The entries under a lease, by when it was granted; hedged ones are among them twice."""
        return iter(self._held.values())

    def end(self, lease: int) -> Entry | None:
        """Use a lease up; ``None`` if it was not valid."""
        if self._adopted:
            self._adopted.pop(lease, None)
        return self._held.pop(lease, None)

    def revoke(self, lease: int, reason: str) -> Entry | None:
        """Make a lease invalid, and remember why for whoever still believes in it."""
        entry = self.end(lease)
        if entry is not None:
            self._revoked[lease] = reason
            if len(self._revoked) > _REVOKED_REMEMBERED:
                self._revoked.popitem(last=False)
        return entry

    def why_invalid(self, lease: int) -> str:
        """A sentence for a node that holds an invalid lease."""
        return self._revoked.get(lease, "the attempt is over, its task has ended or was reassigned")

    @property
    def next_deadline(self) -> float:
        """When the next lease expires; infinite if none does."""
        while (first := self._deadlines.first) is not None:
            if self._is_due_then(*first):
                return first[0] + self._excused_s
            self._deadlines.pop()
        return math.inf

    def expired(self, now: float) -> list[int]:
        """The valid leases whose deadline has passed."""
        found = []
        while self.next_deadline <= now:
            found.append(self._deadlines.pop()[1])
        return found
