"""The nodes that can do what a class of tasks needs, the best open one in front.

Scores are kept in a heap that outlives decisions. While tasks are handed out a score only falls (a
node that gets one is busier), and a score that fell is found out when it comes to the top: what
stands in the heap is never less than the truth, so a top that proves true is exactly the best.
Scores that rise must be told: whoever makes a seat freer notes it in ``Roster.freed``, whoever
makes it better in ``Roster.judged``, and every class reads what is new to it before it decides. A
decision therefore costs what has changed since the last one, and never looks at all nodes.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from cognitive_architecture.distributed_mesh.policies.scoring import WARM

from .entry import Entry
from .needs import Needs
from .roster import Roster, Seat
from .warmth import Warmth

_PLACES_PER_SEAT: Final = 4
_SPARE_PLACES: Final = 64
"""With more places a heap is worth the trouble to clear it, which costs as much as all seats."""


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
        needs: Needs,
        merit: Callable[[Seat], float],
        roster: Roster,
        warmth: Warmth | None = None,
        seats: Iterable[Seat] = (),
    ) -> None:
        """Index ``seats``.

        Args:
            needs: What a node must meet to be here; whoever adds seats has looked.
            merit: What a seat is worth to the class, apart from how busy it is; 0 or more.
            roster: Where every change to a seat is noted.
            warmth: Which nodes are warm for the key of a task.
            seats: Those to begin with.
        """
        self.needs = needs
        self.load_weight = 1.0
        """The exponent of how free a node is."""
        self.warm = WARM
        """What a score is multiplied with if the node is warm for the task."""
        self._merit = merit
        self._freed = roster.freed
        self._judged = roster.judged
        self._freed_to = self._freed.from_here()
        self._judged_to = self._judged.from_here()
        self._warmth = warmth or Warmth()
        self._standings: dict[Seat, Standing] = {}
        self._heap: list[tuple[float, str, int, Standing]] = []
        self._arrivals = 0
        for seat in seats:
            self.add(seat)

    def __len__(self) -> int:
        return len(self._standings)

    def __iter__(self) -> Iterator[Seat]:
        return iter(self._standings)

    def __contains__(self, seat: Seat) -> bool:
        return seat in self._standings

    # -- who is here ------------------------------------------------------------------------

    def add(self, seat: Seat) -> None:
        """A node that can do it has come, or can do it now."""
        self._arrivals += 1
        standing = Standing(seat, self._arrivals, self._merit(seat))
        self._standings[seat] = standing
        self._raise((seat,))

    def remove(self, seat: Seat) -> None:
        """A node has gone, or can do it no longer; nothing happens if it was not here."""
        standing = self._standings.pop(seat, None)
        if standing is not None:
            standing.place = math.inf  # its places in the heap are void and cleared in passing

    def score(self, seat: Seat, entry: Entry | None = None) -> float:
        """How good a seat that is here is now, for a task of the class or for any."""
        self._catch_up()
        score = self._score(self._standings[seat])
        key = None if entry is None else entry.spec.rare.affinity
        return score * self.warm if key is not None and seat in self._warmth.seats(key) else score

    # -- who is best ------------------------------------------------------------------------

    @property
    def has_room(self) -> bool:
        """Whether any of the nodes will take something now."""
        return self._front() is not None

    def best(self, entry: Entry | None = None) -> Seat | None:
        """The seat to take, or ``None`` if every one is full.

        Equal scores go by node id, so that the order in which nodes joined decides nothing.

        Args:
            entry: Who asks. A node that refused it lately is passed over, and one that is warm
                for its affinity key counts more; apart from that, all tasks of a class get the
                same answer.
        """
        if entry is None or (entry.spec.options is None and not entry.refusals):
            front = self._front()
            return None if front is None else front.seat
        shunned = frozenset(node_id for node_id, _ in entry.refusals)
        front = self._front_but(shunned)
        key = entry.spec.options.affinity if entry.spec.options is not None else None
        if front is None or key is None:
            return None if front is None else front.seat
        # A cold node scores no better than the front; only the few warm ones can.
        best, best_key = front.seat, self._rank(front, key)
        for seat in self._warmth.seats(key):
            standing = self._standings.get(seat)
            if standing is not None and seat.room > 0 and seat.node_id not in shunned:
                rank = self._rank(standing, key)
                if rank < best_key:
                    best, best_key = seat, rank
        return best

    def _rank(self, standing: Standing, key: str) -> tuple[float, str]:
        score = self._score(standing)
        if standing.seat in self._warmth.seats(key):
            score *= self.warm
        return -score, standing.seat.node_id

    def _front(self) -> Standing | None:
        """The best open seat; the heap's top is put right until it is true."""
        if self._judged_to != self._judged.end or self._freed_to != self._freed.end:
            self._catch_up()
        heap, is_even = self._heap, self.load_weight == 1.0
        while heap:
            stale, node_id, arrival, standing = heap[0]
            seat = standing.seat
            if standing.place != stale:
                heapq.heappop(heap)  # it left, or stands at a better place
                continue
            if seat.is_draining or seat.withheld or seat.sent >= seat.granted:
                standing.place = math.inf
                heapq.heappop(heap)
                continue
            if is_even:  # ``_score`` without the call, for every decision asks twice
                fresh = -standing.merit / (1.0 + len(seat.leases) / seat.slots)
            else:
                fresh = -self._score(standing)
            if fresh <= stale or len(heap) == 1:
                return standing
            standing.place = fresh
            heapq.heapreplace(heap, (fresh, node_id, arrival, standing))
        return None

    def _front_but(self, shunned: frozenset[str]) -> Standing | None:
        """The best open seat that is none of these few."""
        aside = []
        while (front := self._front()) is not None and front.seat.node_id in shunned:
            aside.append(heapq.heappop(self._heap))
        for item in aside:
            heapq.heappush(self._heap, item)
        return front

    # -- what has changed -------------------------------------------------------------------

    def _catch_up(self) -> None:
        standings = self._standings
        if self._judged_to != self._judged.end:
            judged = self._judged.since(self._judged_to)
            self._judged_to = self._judged.end
            if judged is None:
                judged = list(standings)
            for seat in judged:
                standing = standings.get(seat)
                if standing is not None:
                    standing.merit = self._merit(seat)
            self._raise(judged)
        if self._freed_to != self._freed.end:
            freed = self._freed.since(self._freed_to)
            self._freed_to = self._freed.end
            self._raise(standings if freed is None else freed)

    def _raise(self, seats: Iterable[Seat]) -> None:
        """Give seats better places that are worth one; a worse one they find by themselves."""
        standings, heap, is_even = self._standings, self._heap, self.load_weight == 1.0
        for seat in seats:
            standing = standings.get(seat)
            if standing is None or seat.is_draining or seat.withheld or seat.sent >= seat.granted:
                continue
            if is_even:
                place = -standing.merit / (1.0 + len(seat.leases) / seat.slots)
            else:
                place = -self._score(standing)
            if place < standing.place:
                standing.place = place
                heapq.heappush(heap, (place, seat.node_id, standing.arrival, standing))
        if len(heap) > _PLACES_PER_SEAT * len(standings) + _SPARE_PLACES:
            self._clear_void_places()

    def _clear_void_places(self) -> None:
        # Not by asking each place whether it is void: a seat that is free, busy and free again has
        # several places that look alike.
        self._heap = [
            (standing.place, standing.seat.node_id, standing.arrival, standing)
            for standing in self._standings.values()
            if standing.place != math.inf
        ]
        heapq.heapify(self._heap)

    def _score(self, standing: Standing) -> float:
        """Merit, shared by who is there already; ``scoring.headroom`` without the call."""
        seat = standing.seat
        if self.load_weight == 1.0:
            return standing.merit / (1.0 + len(seat.leases) / seat.slots)
        return standing.merit / math.pow(1.0 + len(seat.leases) / seat.slots, self.load_weight)
