"""Who may work on what, until when. A task has at most one valid lease at any time."""

from __future__ import annotations

import heapq
import math
from collections import OrderedDict
from typing import Final

from .entry import Entry

_LEASES_PER_EPOCH: Final = 1 << 40
_REVOKED_REMEMBERED: Final = 10_000
_DEADLINES_MIN: Final = 1024


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
        self._deadlines: list[tuple[float, int]] = []
        self._deadlines_max = _DEADLINES_MIN
        self._adopted: dict[int, float] = {}
        """Deadlines of adopted leases, which may have an earlier one in the heap."""
        self._revoked: OrderedDict[int, str] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    def grant(self, entry: Entry, deadline: float) -> int:
        """A fresh lease on ``entry`` until ``deadline``."""
        self._next = lease = self._next + 1
        self._held[lease] = entry
        heapq.heappush(self._deadlines, (deadline, lease))
        if len(self._deadlines) > self._deadlines_max:
            self._clear_void_deadlines()
        return lease

    def adopt(self, lease: int, entry: Entry, deadline: float) -> None:
        """Make a lease valid that an earlier owner granted, or that was revoked in error."""
        self._held[lease] = entry
        self._revoked.pop(lease, None)
        self._adopted[lease] = deadline
        heapq.heappush(self._deadlines, (deadline, lease))

    def _clear_void_deadlines(self) -> None:
        """Most leases end long before their deadline; without this the heap would keep them all."""
        self._deadlines = [item for item in self._deadlines if self._is_due_then(*item)]
        heapq.heapify(self._deadlines)
        self._deadlines_max = max(_DEADLINES_MIN, 4 * len(self._deadlines))

    def _is_due_then(self, deadline: float, lease: int) -> bool:
        return lease in self._held and self._adopted.get(lease, deadline) == deadline

    def holder(self, lease: int) -> Entry | None:
        """The entry a valid lease is on."""
        return self._held.get(lease)

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
        while self._deadlines and not self._is_due_then(*self._deadlines[0]):
            heapq.heappop(self._deadlines)
        return self._deadlines[0][0] if self._deadlines else math.inf

    def expired(self, now: float) -> list[int]:
        """The valid leases whose deadline has passed."""
        found = []
        while self.next_deadline <= now:
            found.append(heapq.heappop(self._deadlines)[1])
        return found
