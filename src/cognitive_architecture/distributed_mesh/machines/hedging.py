"""A second attempt beside one that takes long: begun where nobody waits, ended by the first result.

Both are runs of one attempt, each under a lease of its own. Whatever ends one of them without a
result costs the task nothing, for the other goes on; only what ends the last is a failed attempt.
"""

from __future__ import annotations

from collections.abc import Iterator

from cognitive_architecture.distributed_mesh.messages import Assign, Stop
from cognitive_architecture.distributed_mesh.model import TaskEvent, TaskEventKind
from cognitive_architecture.distributed_mesh.policies.detection.findings import Finding
from cognitive_architecture.distributed_mesh.policies.hedging import late_from_s, lateness
from cognitive_architecture.distributed_mesh.policies.histogram import Histogram
from cognitive_architecture.distributed_mesh.policies.recovery import (
    FailureType,
    RecoveryStrategy,
)

from . import leasing
from .board import Board
from .effects import Effect, Incident, Tell
from .entry import Entry, Phase
from .recovery import after_lateness
from .roster import Seat


def find_late(board: Board, now: float) -> Iterator[tuple[Entry, Finding]]:
    """The tasks that may be hedged and take much longer than usual, the oldest lease first.

    Leases are looked at by age, up to the first that is too young: where nothing takes long,
    nothing is looked at.
    """
    recovery = board.recovery
    row = board.recovery_table[FailureType.TASK_TIMEOUT]
    if not board.hedges.has_any or RecoveryStrategy.REPLICATE not in row or len(board.roster) < 2:
        return
    known: dict[str, tuple[Histogram, float]] = {}
    for entry in board.leases.by_age():
        if entry.hedge is not None:
            continue
        held_s = now - entry.leased_at
        if held_s < recovery.hedge_after_s:
            return
        if entry.chunks is not None or entry.spec.rare.exclusive:
            continue
        task_type = entry.spec.task_type
        if task_type not in known:
            usual = board.performance.usual(task_type)
            from_s = late_from_s(
                usual,
                samples_min=recovery.hedge_samples_min,
                factor=recovery.hedge_factor,
                floor_s=recovery.hedge_after_s,
            )
            known[task_type] = usual, from_s
        usual, from_s = known[task_type]
        if (found := lateness(held_s, usual, from_s=from_s)) is not None:
            yield entry, found


def hedge(board: Board, now: float) -> list[Effect]:
    """Give late tasks to nodes that have nothing to do; called after handing out."""
    effects: list[Effect] = []
    late, board.late = board.late, []
    for entry, found in late:
        if not board.hedges.has_any:
            break
        if entry.phase is not Phase.LEASED or entry.chunks is not None:
            continue
        if (seat := _idle(board, entry)) is not None:
            effects += _begin(board, entry, seat, found, now)
    return effects


def _idle(board: Board, entry: Entry) -> Seat | None:
    """The best node with an idle slot that could do it too, if its requester may have one more."""
    account = board.shares.account(entry.spec.requester or "")
    if account.running >= account.running_max:
        return None
    seats = board.lane(entry.spec).seats
    if not seats.has_room:
        return None
    shunned = {node_id for node_id, _ in entry.refusals}
    idle = [
        seat
        for seat in seats
        if seat.room > 0
        and len(seat.leases) < seat.slots
        and seat is not entry.seat
        and seat.node_id not in shunned
    ]
    return min(idle, key=lambda seat: (-seats.score(seat, entry), seat.node_id), default=None)


def _begin(board: Board, entry: Entry, seat: Seat, found: Finding, now: float) -> list[Effect]:
    first = entry.seat
    if first is None:
        return []
    task_id = entry.spec.task_id
    plan = after_lateness(board, entry, first, seat)
    number = board.recoveries.begin(first.node_id, [], now)
    assignment = leasing.lease_out_again(board, entry, seat, now, failure=number)
    details = {"failure": number, "attempt": entry.attempt} | dict(found.evidence)
    kind = FailureType.TASK_TIMEOUT
    note = f"{found.sentence}: begun on {seat.node_id} too, and the first result counts"
    return [
        Incident("attempt_late", first.node_id, found.sentence, task_id, details, kind, plan),
        *_news(board, entry, seat, note),
        Tell(seat.address, Assign([assignment])),
    ]


def end_run(board: Board, entry: Entry, reason: str, now: float) -> list[Effect]:
    """The run that a hedged entry speaks of is over without a result; the other goes on."""
    over = entry.seat
    leasing.end_run(board, entry, reason)
    if over is None or entry.seat is None:
        return []
    sentence = f"{over.node_id} is out of it ({reason}), and {entry.seat.node_id} goes on alone"
    return [
        _over(entry, over.node_id, sentence, now),
        *_news(board, entry, entry.seat, sentence),
    ]


def call_off(board: Board, entry: Entry, reason: str, now: float) -> list[Effect]:
    """Keep the run that a hedged entry speaks of, and stop the other.

    Args:
        board: Of the machine.
        entry: Hedged.
        reason: Why; its node is told so.
        now: Instant.
    """
    if entry.hedge is None or entry.hedge.seat is None or entry.seat is None:
        return []
    kept, lease, seat = entry.seat, entry.hedge.lease, entry.hedge.seat
    entry.turn_to(lease)
    leasing.end_run(board, entry, reason)
    after_s = now - entry.hedge.begun_at
    sentence = f"{reason}; {seat.node_id} was stopped, {after_s:.1f} s after the second began"
    return [
        Tell(seat.address, Stop([(lease, reason)])),
        _over(entry, kept.node_id, sentence, now),
    ]


def _over(entry: Entry, node_id: str, sentence: str, now: float) -> Incident:
    hedge = entry.hedge
    details = {} if hedge is None else {"failure": hedge.failure, "after_s": now - hedge.begun_at}
    return Incident("hedge_over", node_id, sentence, entry.spec.task_id, details)


def _news(board: Board, entry: Entry, seat: Seat, note: str) -> list[Tell]:
    task_id = entry.spec.task_id
    if not board.watchers.wants_news(task_id):
        return []
    event = TaskEvent(task_id, TaskEventKind.ASSIGNED, entry.attempt, seat.node_id, note)
    return board.watchers.news(event)
