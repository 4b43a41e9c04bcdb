"""Who gets what: tasks in the order of the policy, each to the best open node of its lane."""

from __future__ import annotations

import heapq
import math
from typing import Final

from cognitive_architecture.distributed_mesh.messages import Assign, Assignment
from cognitive_architecture.distributed_mesh.model import TaskEventKind

from .board import Board
from .effects import Effect, Tell
from .lanes import Lane

_NEVER: Final = (math.inf, 0)


def assign(board: Board, now: float) -> list[Effect]:
    """Hand out waiting tasks until no node has room, or no task waits that one could do."""
    board.classes.take_in_records()
    contest = [
        (front, lane)
        for lane in board.lanes.values()
        if lane.waiting and lane.seats.has_room and (front := lane.front())
    ]
    if not contest:
        return []
    heapq.heapify(contest)  # fronts differ in their serial, so lanes are never compared
    outgoing: dict[str, list[Assignment]] = {}
    effects: list[Effect] = []
    while contest:
        _, lane = contest[0]
        next_lane_at = min((entry[0] for entry in contest[1:3]), default=_NEVER)
        front = _hand_out(board, lane, next_lane_at, now, outgoing, effects)
        if front is None:
            heapq.heappop(contest)
        else:
            heapq.heapreplace(contest, (front, lane))
    effects += [Tell(address, Assign(assignments)) for address, assignments in outgoing.items()]
    return effects


def _hand_out(
    board: Board,
    lane: Lane,
    next_lane_at: tuple[float, int],
    now: float,
    outgoing: dict[str, list[Assignment]],
    effects: list[Effect],
) -> tuple[float, int] | None:
    """Give tasks of one lane away until another lane's turn comes.

    Returns:
        The place of the lane's next task, or ``None`` if it is empty or nobody has room for it.
    """
    front = lane.front()
    while front is not None and front <= next_lane_at:
        entry = lane.next
        if entry.refusals:
            entry.forget_refusals(now)
        seat = lane.seats.best(entry)
        if seat is None:
            if not lane.seats.has_room:
                return None
            # All that have room refused this one: it steps aside, and holds up nobody behind it.
            lane.pop()
            board.rest(entry, entry.refusals[0][1])
            front = lane.front()
            continue
        lane.pop()
        assignment = board.lease_out(entry, seat, now)
        assignments = outgoing.get(seat.address)
        if assignments is None:
            outgoing[seat.address] = [assignment]
        else:
            assignments.append(assignment)
        if board.watchers.are_any:
            effects += board.news(entry, TaskEventKind.ASSIGNED)
        front = lane.front()
    return front
