"""The tasks of one requester in one lane, the one to go next in front."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Final

from cognitive_architecture.distributed_mesh.policies.scheduling import is_interactive

from .entry import Entry, Phase

if TYPE_CHECKING:
    from .accounts import Account
    from .lanes import Lane

_SPARE_PLACES: Final = 63
"""So many void places a line may keep before it is worth the trouble to clear it."""


class Line:
    """Those who wait for the same, on behalf of the same requester."""

    __slots__ = ("_heap", "account", "interactive", "lane", "waiting")

    def __init__(self, lane: Lane, account: Account) -> None:
        self.lane = lane
        self.account = account
        self.waiting = 0
        self.interactive = 0
        """How many of those who wait have somebody waiting for them; they stand in front."""
        self._heap: list[tuple[float, int, int, Entry]] = []

    def push(self, order: float, ticket: int, entry: Entry) -> bool:
        """Let ``entry`` wait; ``ticket`` must be larger than any before.

        Of those with the same order the oldest goes first, however often it has come back.

        Returns:
            Whether somebody of another kind waits here now than before: anybody, or somebody
            interactive.
        """
        entry.phase = Phase.QUEUED
        entry.ticket = ticket
        self.waiting += 1
        heapq.heappush(self._heap, (order, entry.serial, ticket, entry))
        if is_interactive(entry.spec):
            self.interactive += 1
            return self.waiting == 1 or self.interactive == 1
        return self.waiting == 1

    def front(self) -> tuple[float, int] | None:
        """The place of the task to go next, comparable with those of other lines."""
        heap = self._heap
        while heap:
            order, serial, ticket, entry = heap[0]
            if entry.ticket == ticket:
                return order - self.lane.shift_s, serial
            heapq.heappop(heap)  # it left the queue by another door
        return None

    @property
    def next(self) -> Entry:
        """The task that ``front`` found."""
        return self._heap[0][3]

    def pop(self) -> Entry:
        """Take out the task that ``front`` found; whoever calls looks at ``waiting`` afterwards."""
        entry = heapq.heappop(self._heap)[3]
        self.waiting -= 1
        if self.interactive and is_interactive(entry.spec):
            self.interactive -= 1
        return entry

    def leave(self, entry: Entry) -> None:
        """``entry`` no longer waits; its place in the heap is void and cleared in passing."""
        entry.ticket = 0
        self.waiting -= 1
        if self.interactive and is_interactive(entry.spec):
            self.interactive -= 1
        if len(self._heap) > 2 * self.waiting + _SPARE_PLACES:
            self._clear_void_places()

    def move(self, order: float, ticket: int, entry: Entry) -> None:
        """Give ``entry``, which waits here, another place."""
        entry.ticket = ticket
        heap = self._heap
        heapq.heappush(heap, (order, entry.serial, ticket, entry))
        if len(heap) > 2 * self.waiting + _SPARE_PLACES:
            self._clear_void_places()

    def standing(self) -> list[tuple[float, int, Entry]]:
        """Everybody who waits, in no order, and the place of each."""
        shift_s = self.lane.shift_s
        return [
            (order - shift_s, serial, entry)
            for order, serial, ticket, entry in self._heap
            if entry.ticket == ticket
        ]

    def _clear_void_places(self) -> None:
        self._heap = [item for item in self._heap if item[3].ticket == item[2]]
        heapq.heapify(self._heap)
