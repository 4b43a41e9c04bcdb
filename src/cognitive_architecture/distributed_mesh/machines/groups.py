"""Requesters who wait in the same lanes, in the order in which it can be their turn."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Final

from .accounts import SHIFT, Account
from .lanes import Lane

_SPARE_PLACES: Final = 64
"""So many void places the heaps may keep before it is worth the trouble to clear them."""

NextCost = Callable[[Account], int]
"""The most that a requester's next task may cost: the one that would be handed out if it were
chosen."""

_Place = tuple[int, int, int, Account]


class Group:
    """Requesters who wait in the same lanes, and interactively in the same lanes."""

    __slots__ = (
        "eligible",
        "interactive",
        "interactive_lanes",
        "lanes",
        "members",
        "offset",
        "shut_at",
        "waiting",
        "weight",
        "work",
    )

    def __init__(self, lanes: frozenset[Lane], interactive_lanes: frozenset[Lane]) -> None:
        self.lanes = lanes
        self.interactive_lanes = interactive_lanes
        self.members = 0
        self.weight = 0
        self.work = 0
        """Of all members together, from ``offset``."""
        self.offset = 0
        """Where the starts of its members begin to count."""
        self.shut_at: int | None = None
        """The clock when it was shut out; ``None``: its members can be served."""
        self.waiting: list[_Place] = []
        """By start: who may not be eligible yet."""
        self.eligible: list[_Place] = []
        """By virtual deadline: who was eligible when he was put there."""
        self.interactive: list[_Place] = []
        """By start, of those who have somebody waiting for them, less what they may be ahead."""

    def put(self, account: Account, burst: int) -> None:
        """Give a member its place."""
        account.version += 1
        start = account.start
        place = (start, account.serial, account.version, account)
        heapq.heappush(self.waiting, place)
        if self.interactive_lanes:
            ahead = (burst << SHIFT) // account.weight
            heapq.heappush(self.interactive, (start - ahead, *place[1:]))
        if len(self.waiting) + len(self.eligible) > 4 * self.members + _SPARE_PLACES:
            self._clear_void_places()

    def first_eligible(self, now: int, cost: NextCost) -> tuple[int, int, Account] | None:
        """Whose next task should end first, of those whose start is ``now`` or before."""
        waiting, eligible = self.waiting, self.eligible
        while waiting and (waiting[0][0] <= now or not self._is_valid(waiting[0])):
            _, serial, version, account = place = heapq.heappop(waiting)
            if self._is_valid(place):
                deadline = account.start + (cost(account) << SHIFT) // account.weight
                heapq.heappush(eligible, (deadline, serial, version, account))
        while eligible:
            deadline, serial, version, account = eligible[0]
            if self._is_valid(eligible[0]):
                if account.start <= now:
                    return deadline, serial, account
                # Something was given back, or who was furthest behind has gone.
                heapq.heappush(waiting, (account.start, serial, version, account))
            heapq.heappop(eligible)
        return None

    def first_interactive(self) -> tuple[int, int, Account] | None:
        """Who is least ahead, of those who have somebody waiting for them."""
        heap = self.interactive
        while heap:
            start, serial, _, account = heap[0]
            if self._is_valid(heap[0]):
                return start, serial, account
            heapq.heappop(heap)
        return None

    def _is_valid(self, place: _Place) -> bool:
        return place[2] == place[3].version and place[3].group is self

    def _clear_void_places(self) -> None:
        for heap in (self.waiting, self.eligible, self.interactive):
            heap[:] = [place for place in heap if self._is_valid(place)]
            heapq.heapify(heap)
