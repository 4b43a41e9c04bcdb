"""Stop a batch task for one that somebody waits for, where a task says that this may be done."""

from __future__ import annotations

from cognitive_architecture.distributed_mesh.messages import Stop
from cognitive_architecture.distributed_mesh.model import TaskEventKind

from .board import Board
from .effects import Effect, Tell
from .entry import Entry, Phase

_WHY = "stopped for a task that somebody waits for; it costs nothing and will begin anew"


def preempt(board: Board, now: float) -> list[Effect]:
    """Make room for interactive tasks that have come and found none; called after handing out.

    For each of them at most one attempt is stopped: of those that may be, on a node that could do
    it, the one that began last, for it has least to lose. Only where everything that the node has
    is running: what it holds ready is short, and a slot will be free in a moment.
    """
    effects: list[Effect] = []
    hurried, board.hurried = board.hurried, []
    for entry in hurried:
        if entry.phase is not Phase.QUEUED or not board.resumable:
            continue
        if (victim := _victim(board, entry)) is not None:
            effects += _stop(board, victim)
    if effects:
        board.settle(now)
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


def _stop(board: Board, entry: Entry) -> list[Effect]:
    seat = entry.seat
    if seat is None:
        return []
    lease = board.take_back(entry, _WHY)
    entry.preemptions += 1
    told = board.news(entry, TaskEventKind.RETRYING, note=_WHY)
    return [Tell(seat.address, Stop([(lease, _WHY)])), *told, *board.queue([entry])]
