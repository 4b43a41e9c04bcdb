"""Stop a batch task for one that somebody waits for, where a task says that this may be done."""

from __future__ import annotations

from typing import Final

from cognitive_architecture.distributed_mesh.messages import Stop
from cognitive_architecture.distributed_mesh.model import TaskEventKind

from . import leasing, queueing
from .board import Board
from .effects import Effect, Tell
from .entry import Entry, Phase
from .roster import Seat

_WHY: Final = "stopped for a task that somebody waits for; it costs nothing and goes on later"
_SHORT_S: Final = 0.1
"""What has run for less may be over in a moment."""


def preempt(board: Board, now: float) -> list[Effect]:
    """Make room for interactive tasks that have come and found none; called after handing out.

    For each of them at most one attempt is stopped: of those that may be, on a node that could do
    it, the one that began last, for it has least to lose. Only where everything that the node has
    is running: what it holds ready is short, and a slot will be free in a moment.

    Who was given to a node that holds work ready finds no slot either where something long came
    among the short: there, too, one of what runs is stopped.
    """
    effects: list[Effect] = []
    hurried, board.hurried = board.hurried, []
    for entry in hurried:
        if not board.resumable:
            break
        victim = None
        if entry.phase is Phase.QUEUED:
            victim = _victim(board, entry)
        elif entry.seat is not None:
            victim = _victim_at(board, entry.seat, now)
        if victim is not None:
            effects += _stop(board, victim)
    if effects:
        leasing.settle(board, now)
    return effects


def _victim(board: Board, entry: Entry) -> Entry | None:
    lane = board.lane(entry.spec)
    if lane.seats.has_room or not board.shares.may_hurry(entry.spec.requester or ""):
        return None
    most = board.settings.preemptions_max
    for running in reversed(board.resumable.values()):
        seat = running.seat
        if (
            seat is not None
            and running.preemptions < most
            and not running.is_hedged
            and not seat.is_draining
            and len(seat.leases) <= seat.slots
            and board.classes.refusal(seat, lane.needs) is None
        ):
            return running
    return None


def _victim_at(board: Board, seat: Seat, now: float) -> Entry | None:
    """What may be stopped of what a node runs that has been given more than it has slots for."""
    if len(seat.leases) <= seat.slots:
        return None
    most = board.settings.preemptions_max
    for lease in sorted(seat.leases)[: seat.slots][::-1]:  # the others wait at the node
        running = board.leases.holder(lease)
        if (
            running is not None
            and running.serial in board.resumable
            and running.preemptions < most
            and not running.is_hedged
            and now - running.leased_at >= _SHORT_S
        ):
            return running
    return None


def _stop(board: Board, entry: Entry) -> list[Effect]:
    seat = entry.seat
    if seat is None:
        return []
    lease = leasing.take_back(board, entry, _WHY)
    entry.preemptions += 1
    told = board.watchers.news_of(entry, TaskEventKind.RETRYING, note=_WHY)
    return [Tell(seat.address, Stop([(lease, _WHY)])), *told, *queueing.queue(board, [entry])]
