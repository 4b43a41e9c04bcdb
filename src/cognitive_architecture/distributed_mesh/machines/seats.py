"""The nodes that can do what a class of tasks needs, the best open one in front.

Scores are kept in a heap that outlives decisions. While tasks are handed out a score only falls (a
node that gets one is busier), and a score that fell is found out when it comes to the top: what
stands in the heap is never less than the truth, so a top that proves true is exactly the best.
Scores that rise (a lease ended, a node has recovered, credits came) must be told: whoever makes a
seat better notes it in ``Roster.changes``, and every class reads what is new to it before it
decides. A decision therefore costs what has changed since the last one, and never looks at all
nodes.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from cognitive_architecture.foundation.change_log import ChangeLog

from .roster import Seat

_SPARE_PLACES: Final = 64
"""So many void places a heap may keep before it is worth the trouble to clear it."""


class Standing:
    """How one seat stands in one class."""

    __slots__ = ("arrival", "merit", "place", "seat")

    def __init__(self, seat: Seat, arrival: int, merit: float) -> None:
        self.seat = seat
        self.arrival = arrival
        self.merit = merit
        """What the node is worth to the class, apart from how busy it is."""
        self.place = math.inf
        """The key under which it stands in the heap, minus its score; infinite: nowhere."""


class SeatIndex:
    """The seats that can do what a class of tasks needs; give the best one, again and again."""

    def __init__(
        self,
        needs: frozenset[str],
        merit: Callable[[Seat], float],
        changes: ChangeLog[Seat],
        seats: Iterable[Seat] = (),
    ) -> None:
        """Index ``seats``.

        Args:
            needs: What a node must offer to be here; whoever adds seats has looked.
            merit: What a seat is worth to the class, apart from how busy it is; 0 or more.
            changes: Where every change to a seat is noted.
            seats: Those to begin with.
        """
        self.needs = needs
        self._merit = merit
        self._changes = changes
        self._read_to = changes.from_here()
        self._standings: dict[Seat, Standing] = {}
        self._heap: list[tuple[float, str, int, Standing]] = []
        self._arrivals = 0
        for seat in seats:
            self.add(seat)

    def __len__(self) -> int:
        return len(self._standings)

    def __iter__(self) -> Iterator[Seat]:
        return iter(self._standings)

    def add(self, seat: Seat) -> None:
        """A node that can do it has come, or can do it now."""
        self._arrivals += 1
        standing = Standing(seat, self._arrivals, self._merit(seat))
        self._standings[seat] = standing
        self._raise(standing)

    def remove(self, seat: Seat) -> None:
        """A node has gone, or can do it no longer; nothing happens if it was not here."""
        standing = self._standings.pop(seat, None)
        if standing is not None:
            standing.place = math.inf  # its places in the heap are void and cleared in passing

    def changed(self, seat: Seat) -> None:
        """Judge a seat anew; nothing happens if it is not here."""
        standing = self._standings.get(seat)
        if standing is not None:
            standing.merit = self._merit(seat)
            self._raise(standing)

    @property
    def has_room(self) -> bool:
        """Whether any of the nodes will take something now."""
        return self.best() is not None

    def best(self) -> Seat | None:
        """The seat to take, or ``None`` if every one is full.

        Equal scores go by node id, so that the order in which nodes joined decides nothing.
        """
        if self._read_to != self._changes.end:
            self._catch_up()
        heap = self._heap
        while heap:
            stale, node_id, arrival, standing = heap[0]
            seat = standing.seat
            if standing.place != stale:
                heapq.heappop(heap)  # it left, or stands at a better place
            elif seat.is_draining or seat.sent >= seat.granted:
                standing.place = math.inf
                heapq.heappop(heap)
            elif len(heap) == 1 or (fresh := -_score(standing)) <= stale:
                return seat
            else:
                standing.place = fresh
                heapq.heapreplace(heap, (fresh, node_id, arrival, standing))
        return None

    def _catch_up(self) -> None:
        changed = self._changes.since(self._read_to)
        self._read_to = self._changes.end
        for seat in list(self._standings) if changed is None else changed:
            self.changed(seat)

    def _raise(self, standing: Standing) -> None:
        """Give the seat a better place, if it is worth one; a worse one it finds by itself."""
        seat = standing.seat
        if seat.is_draining or seat.sent >= seat.granted:
            return
        place = -_score(standing)
        if place < standing.place:
            standing.place = place
            heapq.heappush(self._heap, (place, seat.node_id, standing.arrival, standing))
            if len(self._heap) > 2 * len(self._standings) + _SPARE_PLACES:
                self._clear_void_places()

    def _clear_void_places(self) -> None:
        self._heap = [item for item in self._heap if item[3].place == item[0]]
        heapq.heapify(self._heap)


def _score(standing: Standing) -> float:
    """How good a seat is for a task of the class now: its merit, shared by who is there already."""
    seat = standing.seat
    return standing.merit / (1.0 + len(seat.leases) / seat.slots)
