"""Requesters cancel: what has not ended ends, and they are told when all of it is durable."""

from __future__ import annotations

from cognitive_architecture.distributed_mesh.messages import Cancelled, Stop
from cognitive_architecture.distributed_mesh.model import Ending, TaskStatus
from cognitive_architecture.distributed_mesh.records import WriteBatch

from . import closing, hedging, leasing
from .board import Board
from .effects import Effect, Tell
from .entry import Entry, Phase
from .events import CancelRequested
from .writing import Cancellation, PendingWrite

_WHY = "cancelled by request"


def on_cancel(board: Board, event: CancelRequested, now: float) -> list[Effect]:
    """End what has not ended; nodes are told at once, the requester when it is durable."""
    cancellation = Cancellation(event.sender, event.request, event.task_ids)
    return _cancel(board, cancellation, event.task_ids, now)


def _cancel(
    board: Board, cancellation: Cancellation, task_ids: list[str], now: float
) -> list[Effect]:
    effects: list[Effect] = []
    closed: list[tuple[Entry, Ending]] = []
    for task_id in dict.fromkeys(task_ids):
        entry = board.entries.get(task_id)
        if entry is None:
            continue
        if entry.phase in (Phase.WRITING, Phase.CLOSING):
            # An ending must not reach the store before its task, and that a task has ended may be
            # told only when it is durable.
            if (pending := board.writes.of(entry)) is not None:
                left = [task_id] if entry.phase is Phase.WRITING else []
                pending.awaited_by.append((cancellation, left))
                cancellation.writes += 1
            continue
        ran_s = 0.0
        if entry.phase is Phase.LEASED and entry.seat is not None:
            effects.append(Tell(entry.seat.address, Stop([(entry.lease, _WHY)])))
            ran_s = now - entry.leased_at
            if entry.is_hedged:
                ran_s = now - entry.runs[0][1]
                effects += hedging.call_off(board, entry, _WHY, now)
        closed.append((entry, closing.close(board, entry, TaskStatus.CANCELLED, now, reason=_WHY)))
        leasing.take_back(board, entry, _WHY, cost=board.charges.of_failure(ran_s))
        cancellation.ended.add(task_id)
    if closed:
        endings = [ending for _, ending in closed]
        batch = WriteBatch(endings=endings, balances=leasing.settle(board, now))
        pending = PendingWrite(batch, closed=closed)
        pending.awaited_by.append((cancellation, []))
        cancellation.writes += 1
        effects.append(board.writes.order(pending))
    if not cancellation.writes:
        stopped = [task_id in cancellation.ended for task_id in cancellation.task_ids]
        effects.append(Tell(cancellation.sender, Cancelled(cancellation.request, stopped)))
    return effects


def go_on(board: Board, pending: PendingWrite, now: float) -> list[Effect]:
    """Cancellations that waited for this write go on, or are over."""
    effects: list[Effect] = []
    for cancellation, left in pending.awaited_by:
        cancellation.writes -= 1
        effects += _cancel(board, cancellation, left, now)
    return effects
