"""The queue, in lanes: tasks that need the same stand in the same lane.

A task that no free node can do waits in its own lane and holds up nobody else.
"""

from __future__ import annotations

import heapq

from .entry import Entry, Phase
from .needs import Needs
from .seats import SeatIndex


class Lane:
    """Tasks with the same needs, the one to go next in front, and the nodes that meet them."""

    def __init__(self, seats: SeatIndex) -> None:
        self.seats = seats
        """The capable nodes."""
        self.waiting = 0
        self._heap: list[tuple[float, int, int, Entry]] = []

    @property
    def needs(self) -> Needs:
        """What any task here needs of a node."""
        return self.seats.needs

    def push(self, order: float, ticket: int, entry: Entry) -> None:
        """Let ``entry`` wait; ``ticket`` must be larger than any before.

        Of those with the same order the oldest goes first, however often it has come back.
        """
        entry.phase = Phase.QUEUED
        entry.ticket = ticket
        self.waiting += 1
        heapq.heappush(self._heap, (order, entry.serial, ticket, entry))

    def front(self) -> tuple[float, int] | None:
        """The place of the task to go next."""
        heap = self._heap
        while heap:
            order, serial, ticket, entry = heap[0]
            if entry.ticket == ticket and entry.phase is Phase.QUEUED:
                return order, serial
            heapq.heappop(heap)  # it left the queue by another door
        return None

    @property
    def next(self) -> Entry:
        """The task that ``front`` found."""
        return self._heap[0][3]

    def pop(self) -> Entry:
        """Take out the task that ``front`` found."""
        self.waiting -= 1
        return heapq.heappop(self._heap)[3]

    def leave(self, entry: Entry) -> None:
        """``entry`` no longer waits; its place in the heap is void and cleared in passing."""
        entry.ticket = 0
        self.waiting -= 1
        if len(self._heap) > 64 and len(self._heap) > 2 * self.waiting:
            self._heap = [
                item
                for item in self._heap
                if item[3].ticket == item[2] and item[3].phase is Phase.QUEUED
            ]
            heapq.heapify(self._heap)
