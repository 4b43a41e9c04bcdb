"""What becomes of a task whose attempt went wrong: it is tried again, or ends."""

from __future__ import annotations

from msgspec.structs import replace

from cognitive_architecture.distributed_mesh.model import (
    FELL_BACK,
    NODE_LOST,
    Attempt,
    Ending,
    TaskEventKind,
    TaskStatus,
)
from cognitive_architecture.distributed_mesh.policies.recovery import RecoveryPlan, RecoveryStrategy
from cognitive_architecture.distributed_mesh.records import FailedAttempt

from . import closing, leasing, queueing, resting
from .board import Board
from .effects import Tell
from .entry import Entry


def carry_out(
    board: Board,
    entry: Entry,
    outcome: str,
    reason: str,
    now: float,
    recovery: RecoveryPlan,
    *,
    cost: int,
) -> tuple[FailedAttempt, Ending | None, list[Tell]]:
    """An attempt went wrong: end its lease, note it, and do with the task as the plan says.

    Args:
        board: The state.
        entry: Under a lease.
        outcome: A word of ``Attempt``.
        reason: A sentence.
        now: Instant.
        recovery: What is done.
        cost: What its requester is charged.

    Returns:
        The attempt to be kept, the ending if there is no further attempt, and news.
    """
    board.tally.attempts_failed += 1
    again = recovery.step(RecoveryStrategy.REDISTRIBUTE)
    other = recovery.step(RecoveryStrategy.FALLBACK)
    if again is not None:
        attempt = _end_attempt(board, entry, outcome, reason, now, cost=cost)
        pause_s = again.parameters["pause_s"]
        resting.rest(board, entry, now + pause_s)
        note = f"attempt {attempt.attempt.number} {reason}; next one in {pause_s:.1f} s"
        return attempt, None, board.watchers.news_of(entry, TaskEventKind.RETRYING, note=note)
    if other is not None:
        attempt = _end_attempt(board, entry, FELL_BACK, reason, now, cost=cost)
        capability = other.parameters["capability"]
        fall_back(board, entry, capability)
        note = f"attempt {attempt.attempt.number} {reason}; {other.sentence}"
        told = board.watchers.news_of(entry, TaskEventKind.RETRYING, note=note)
        return attempt, None, told + queueing.queue(board, [entry])
    attempt = _end_attempt(board, entry, outcome, reason, now, cost=cost)
    return attempt, closing.close(board, entry, TaskStatus.FAILED, now, reason=reason), []


def fall_back(board: Board, entry: Entry, capability: str) -> None:
    """From now on it asks for another capability; what was asked first is in the store."""
    entry.spec = replace(entry.spec, task_type=capability)
    if board.checkpoints.by_serial:
        board.checkpoints.drop(entry.serial)  # another handler could make nothing of it


def lose(
    board: Board,
    entry: Entry,
    reason: str,
    now: float,
    recovery: RecoveryPlan,
    *,
    pause_s: float = 0.0,
    outcome: str = NODE_LOST,
) -> tuple[FailedAttempt, Ending | None, list[Tell]]:
    """Its node is lost: end its lease, note it, and queue or close.

    Args:
        board: The state.
        entry: Under a lease.
        reason: Why its node is lost.
        now: Instant.
        recovery: Whether it may be given to another.
        pause_s: Wait so long before it is queued; the node may come back and go on with it.
        outcome: Of the attempt, where it is another kind of loss.
    """
    attempt = _end_attempt(board, entry, outcome, reason, now)
    entry.losses += 1
    last = recovery.steps[0].sentence if recovery.leading is None else None
    if last is None and entry.losses - entry.excused >= board.settings.node_losses_max:
        last = f"given up after {entry.losses} nodes were lost while they worked on it"
    if last is not None:
        return attempt, closing.close(board, entry, TaskStatus.FAILED, now, reason=last), []
    told = board.watchers.news_of(entry, TaskEventKind.RETRYING, note=reason)
    if pause_s:
        resting.rest(board, entry, now + pause_s)
        return attempt, None, told
    return attempt, None, told + queueing.queue(board, [entry])


def _end_attempt(
    board: Board, entry: Entry, outcome: str, reason: str, now: float, *, cost: int = 0
) -> FailedAttempt:
    lease = leasing.take_back(board, entry, reason, cost=cost)
    wall = board.wall_offset + now
    attempt = Attempt(
        entry.attempt,
        entry.seat.node_id if entry.seat is not None else None,
        outcome,
        reason,
        entry.started_at if entry.started_at is not None else wall,
        wall,
        lease,
    )
    entry.attempts = (*entry.attempts, attempt)
    return FailedAttempt(entry.serial, attempt)
