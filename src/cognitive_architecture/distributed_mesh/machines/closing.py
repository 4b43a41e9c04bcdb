"""The end of a task, wherever its entry stands."""

from __future__ import annotations

from cognitive_architecture.distributed_mesh.model import Ending, TaskStatus

from . import queueing
from .board import Board
from .entry import Entry, Phase


def close(
    board: Board,
    entry: Entry,
    status: TaskStatus,
    now: float,
    *,
    result: bytes | None = None,
    reason: str | None = None,
) -> Ending:
    """End a task; the ending is still to be written, its lease still to be taken back."""
    if entry.phase is Phase.QUEUED:
        queueing.leave_line(board, entry, board.lane(entry.spec))
    if board.recoveries.by_task:
        board.recoveries.over(entry.spec.task_id, now)
    entry.ticket = 0
    entry.phase = Phase.CLOSING
    return Ending(
        entry.spec.task_id,
        entry.serial,
        status,
        result,
        reason,
        entry.seat.node_id if entry.seat is not None else None,
        (entry.attempt if entry.attempts else 1) - (entry.lease == 0),
        entry.started_at,
        board.wall_offset + now,
    )
