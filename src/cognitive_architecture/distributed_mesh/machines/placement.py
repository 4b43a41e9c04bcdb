"""Who gets what: whose turn it is, the best of his tasks, to the best open node of its lane."""

from __future__ import annotations

import heapq
import math
from typing import Final

from cognitive_architecture.distributed_mesh.messages import Assign, Assignment
from cognitive_architecture.distributed_mesh.model import TaskEventKind

from . import degradation, leasing, queueing, resting
from .accounts import Account
from .board import Board
from .effects import Effect, Tell
from .lanes import Lane
from .lines import Line

_NEVER: Final = (math.inf, 0)
_LAST: Final = 1 << 63
"""After every serial."""

_Contest = list[tuple[tuple[float, int], Line]]
"""Lines of one requester as a heap, by who is in front; fronts differ in their serial, so lines are
never compared."""


def assign(board: Board, now: float) -> list[Effect]:
    """Hand out waiting tasks until no node has room, or no task waits that one could do."""
    board.classes.take_in_records()
    if board.overload.is_on:
        degradation.let_go(board, now)
    lanes = {lane for lane in board.lanes.values() if lane.waiting and lane.seats.has_room}
    if not lanes:
        return list(board.recoveries.take_finished())
    handing = _Sparing(board, now) if board.overload.is_on else _Handing(board, now)
    only = board.shares.only
    if only is not None:
        _serve_alone(handing, only, lanes)
    else:
        _serve_in_turn(handing, lanes)
    return handing.orders()


def _contest(account: Account, lanes: set[Lane]) -> _Contest:
    contest = [
        (front, line)
        for lane, line in account.lines.items()
        if lane in lanes and (front := line.front()) is not None
    ]
    if len(contest) > 1:
        heapq.heapify(contest)
    return contest


def _serve_alone(handing: _Handing, account: Account, lanes: set[Lane]) -> None:
    """Nobody else waits for anything."""
    contest = _contest(account, lanes)
    while contest and account.running < account.running_max:
        _, line = contest[0]
        next_line_at = _NEVER if len(contest) == 1 else min(other[0] for other in contest[1:3])
        front = handing.hand_out(line, next_line_at, account.running_max - account.running)
        if front is None:
            heapq.heappop(contest)
        else:
            heapq.heapreplace(contest, (front, line))


def _serve_in_turn(handing: _Handing, lanes: set[Lane]) -> None:
    """Several requesters wait: each task goes to whoever's turn it is."""
    shares = handing.board.shares
    shares.open(lanes)
    contests: dict[Account, _Contest] = {}
    while (account := shares.choose()) is not None:
        contest = contests.get(account)
        if contest is None:
            contest = contests[account] = _contest(account, lanes)
        while contest[0][1].lane not in lanes:
            heapq.heappop(contest)
        line = contest[0][1]
        front = handing.hand_out(line, _NEVER, 1)
        if front is not None:
            heapq.heapreplace(contest, (front, line))
            continue
        heapq.heappop(contest)
        if line.lane in account.lines:
            lanes.discard(line.lane)
            shares.open(lanes)


class _Handing:
    """Assignments of one moment, by the node that gets them."""

    def __init__(self, board: Board, now: float) -> None:
        self.board = board
        self._now = now
        self._outgoing: dict[str, list[Assignment]] = {}
        self._news: list[Effect] = []

    def hand_out(
        self, line: Line, next_line_at: tuple[float, int], most: float
    ) -> tuple[float, int] | None:
        """Give at most so many tasks of one line away, until another line's turn comes.

        Returns:
            The place of the line's next task, or ``None`` if it is empty or nobody has room for it.
        """
        board = self.board
        seats = line.lane.seats
        given = reserved = 0
        is_watched = board.watchers.are_any
        front = line.front()
        while front is not None and most > 0 and front <= next_line_at:
            entry = line.next
            if entry.refusals:
                entry.forget_refusals(self._now)
            seat = seats.best(entry)
            if seat is None:
                if not seats.has_room:
                    front = None
                    break
                # All that have room refused this one: it steps aside, and holds up nobody.
                queueing.take_next(board, line)
                resting.rest(board, entry, entry.refusals[0][1])
                front = line.front()
                continue
            most -= 1
            given += 1
            queueing.take_next(board, line)
            assignment = leasing.lease_out(board, entry, seat, self._now)
            reserved += entry.reserved
            assignments = self._outgoing.get(seat.address)
            if assignments is None:
                self._outgoing[seat.address] = [assignment]
            else:
                assignments.append(assignment)
            if is_watched:
                self._news += board.watchers.news_of(entry, TaskEventKind.ASSIGNED)
            front = line.front()
        if given:
            board.shares.reserve(line.account, reserved, attempts=given)
        return front

    def orders(self) -> list[Effect]:
        """What the nodes and whoever watches are told."""
        assign = [Tell(address, Assign(items)) for address, items in self._outgoing.items()]
        return [*self._news, *self.board.recoveries.take_finished(), *assign]


class _Sparing(_Handing):
    """Under overload: lines are held back when what is next in them matters too little."""

    def hand_out(
        self, line: Line, next_line_at: tuple[float, int], most: float
    ) -> tuple[float, int] | None:
        """As ``_Handing.hand_out``; ``None`` as well if the line is held back from now on."""
        up_to = degradation.begins_up_to(self.board, line.account, self._now)
        front = super().hand_out(line, min(next_line_at, (up_to, _LAST)), most)
        if front is None or front[0] <= up_to:
            return front
        self._news += degradation.hold_back(self.board, line)
        return None
