"""How attempts end: reported, handed back, expired, stopped; each is accepted once, or goes on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cognitive_architecture.distributed_mesh.messages import (
    Introduce,
    Kept,
    Outcome,
    OutcomeKind,
    Stop,
)
from cognitive_architecture.distributed_mesh.model import (
    TaskEventKind,
    TaskStatus,
)
from cognitive_architecture.distributed_mesh.payloads import join_chunks
from cognitive_architecture.distributed_mesh.policies.charging import plausible_s
from cognitive_architecture.distributed_mesh.policies.detection.findings import Finding
from cognitive_architecture.distributed_mesh.policies.recovery import (
    FailureType,
    PlannedStep,
    RecoveryStrategy,
)

from . import closing, failing, hedging, leasing, queueing
from .aftermath import Aftermath, Completed
from .board import Board
from .effects import Effect, Incident, Tell
from .entry import Entry
from .events import (
    NodeHandedBack,
    NodeReported,
)
from .hearing import hear
from .learning import learn, note_failure
from .recovery import (
    after_attempt,
    after_run,
)
from .roster import Seat

_OUTCOME_WORDS = {
    OutcomeKind.FAILED: "failed",
    OutcomeKind.FAILED_FOR_GOOD: "failed",
    OutcomeKind.TIMED_OUT: "timed_out",
}


def on_reported(board: Board, event: NodeReported, now: float) -> list[Effect]:
    """Accept each outcome once, if its lease is valid."""
    seat = board.roster.by_address.get(event.address)
    if seat is None:
        ask = Tell(event.address, Introduce())
        if board.writes.will_keep(event.address, event.number):
            return [ask]  # said again while it is on its way to the disk
        refused = [(o.lease, board.leases.why_invalid(o.lease)) for o in event.outcomes]
        board.tally.stale_refused += len(refused)
        return [Tell(event.address, Kept(event.number, refused)), ask]
    refutation = hear(board, seat, now)
    seat.granted = max(seat.granted, event.granted)
    board.roster.freed.note(seat)
    aftermath = Aftermath()
    refused = []
    for outcome in event.outcomes:
        entry = board.leases.holder(outcome.lease)
        if entry is None or entry.seat is not seat:
            refused.append((outcome.lease, board.leases.why_invalid(outcome.lease)))
        elif outcome.kind == OutcomeKind.COMPLETED:
            _accept(board, entry, seat, outcome, now, aftermath)
        else:
            fail(board, entry, seat, outcome, now, aftermath)
    is_repeated = bool(refused) and board.writes.will_keep(event.address, event.number)
    if not is_repeated:
        board.tally.stale_refused += len(refused)
    if event.outcomes:
        learn(board, seat, aftermath, now)
    # A report that is said again while it is on its way to the disk is answered when it is there.
    kept = [] if is_repeated else [Tell(event.address, Kept(event.number, refused), can_wait=True)]
    return [*refutation, *aftermath.write(board, kept, now)]


def _accept(
    board: Board, entry: Entry, seat: Seat, outcome: Outcome, now: float, aftermath: Aftermath
) -> None:
    result = outcome.result
    if outcome.chunks is not None:
        chunks = entry.chunks or []
        if len(chunks) != outcome.chunks:
            lost = f"announced {outcome.chunks} chunks, and {len(chunks)} arrived"
            void = Outcome(outcome.lease, OutcomeKind.FAILED, None, outcome.run_s, lost)
            fail(board, entry, seat, void, now, aftermath)
            return
        result = join_chunks(chunks)
    if entry.hedge is not None and entry.is_hedged:  # the first question is asked of every result
        reason = f"the result of {seat.node_id} came first"
        aftermath.effects += hedging.call_off(board, entry, reason, now)
    ending = closing.close(board, entry, TaskStatus.COMPLETED, now, result=result)
    spec, run_s = entry.spec, plausible_s(outcome.run_s)
    cost = board.charges.of_result(spec, run_s, outcome.tokens)
    leasing.take_back(board, entry, cost=cost)
    if board.earnings is not None and spec.options is not None:
        board.earnings.mention(spec.options.concepts)
    kind = (spec.task_type, spec.requester)
    done = aftermath.completed.get(kind)
    if done is None:
        done = aftermath.completed[kind] = Completed()
    done.runs.append(run_s)
    done.cost += cost
    done.most = max(done.most, cost)
    aftermath.closed.append((entry, ending))


def fail(
    board: Board, entry: Entry, seat: Seat, outcome: Outcome, now: float, aftermath: Aftermath
) -> None:
    """An attempt went wrong: decide what follows, and do it."""
    for_good = outcome.kind == OutcomeKind.FAILED_FOR_GOOD
    reason = outcome.reason or "no reason was given"
    if not for_good:  # what fails everywhere is not the node's fault
        note_failure(board, seat.node_id, entry)
    if entry.is_hedged:
        if not for_good:
            kind = _kind_of(outcome.kind)
            if (shut := after_run(board, entry, seat, kind, now)) is not None:
                aftermath.effects.append(_circuit_opened(seat, shut))
            aftermath.effects += hedging.end_run(board, entry, reason, now)
            return
        aftermath.effects += hedging.call_off(board, entry, f"failed for good: {reason}", now)
    word = _OUTCOME_WORDS.get(outcome.kind, "failed")
    _end_attempt(
        board, entry, seat, word, reason, now, aftermath, for_good=for_good, run_s=outcome.run_s
    )


def _end_attempt(
    board: Board,
    entry: Entry,
    seat: Seat,
    word: str,
    reason: str,
    now: float,
    aftermath: Aftermath,
    *,
    for_good: bool = False,
    evidence: Mapping[str, Any] | None = None,
    run_s: float,
) -> None:
    """Plan what follows an attempt that went wrong, and do it."""
    kind = FailureType.TASK_FAILURE if word == "failed" else FailureType.TASK_TIMEOUT
    recovery = after_attempt(board, entry, seat, kind, now, for_good=for_good)
    task_id = entry.spec.task_id
    attempt, ending, told = failing.carry_out(
        board, entry, word, reason, now, recovery, cost=board.charges.of_failure(run_s)
    )
    number = board.recoveries.begin(seat.node_id, [] if ending is not None else [task_id], now)
    details = {"failure": number, "attempt": attempt.attempt.number} | dict(evidence or {})
    aftermath.effects.append(
        Incident(f"attempt_{word}", seat.node_id, reason, task_id, details, kind, recovery)
    )
    if (shut := recovery.step(RecoveryStrategy.CIRCUIT_BREAKER)) is not None:
        aftermath.effects.append(_circuit_opened(seat, shut))
    aftermath.add(attempt, entry, ending)
    aftermath.effects += told


def _circuit_opened(seat: Seat, step: PlannedStep) -> Incident:
    return Incident("circuit_opened", seat.node_id, step.sentence, details=step.parameters)


def _kind_of(outcome: int) -> FailureType:
    return (
        FailureType.TASK_TIMEOUT if outcome == OutcomeKind.TIMED_OUT else FailureType.TASK_FAILURE
    )


def on_handed_back(board: Board, event: NodeHandedBack, now: float) -> list[Effect]:
    """Queue again, at the old place, what the node did not do; it costs the task nothing."""
    seat = board.roster.by_address.get(event.address)
    if seat is None:
        return []
    effects = hear(board, seat, now)
    # Not the larger one: a node that was surprised by a long task takes back what it has granted.
    seat.granted = event.granted
    board.roster.freed.note(seat)
    return effects + queue_again(
        board, seat, event.leases, event.reason, now, refused=event.refused
    )


def queue_again(
    board: Board,
    seat: Seat,
    leases: Iterable[int],
    reason: str,
    now: float,
    *,
    refused: bool = False,
) -> list[Effect]:
    """Take leases back that a node does not use, and let their tasks wait at their old places."""
    effects: list[Effect] = []
    for lease in leases:
        entry = board.leases.holder(lease)
        if entry is None or entry.seat is not seat:
            continue
        if other_goes_on := entry.is_hedged:
            effects += hedging.end_run(board, entry, f"handed back: {reason}", now)
        else:
            leasing.take_back(board, entry, f"handed back: {reason}")
        if refused:
            entry.note_refusal(seat.node_id, now)
        if other_goes_on:
            continue
        effects += board.watchers.news_of(entry, TaskEventKind.RETRYING, note=reason)
        effects += queueing.queue(board, [entry])
    leasing.settle(board, now)
    return effects


def on_expired(board: Board, leases: list[int], now: float) -> list[Effect]:
    """Attempts whose node did not end them in time."""
    aftermath = Aftermath()
    for lease in leases:
        entry = board.leases.holder(lease)
        if entry is None or entry.seat is None:
            continue
        seat = entry.seat
        reason = f"timed out after {entry.spec.timeout_s:g} s"
        void = Outcome(lease, OutcomeKind.TIMED_OUT, None, now - entry.leased_at, reason)
        fail(board, entry, seat, void, now, aftermath)
        aftermath.effects.append(Tell(seat.address, Stop([(lease, reason)])))
    return aftermath.write(board, [], now)


def stop_attempt(board: Board, lease: int, found: Finding, now: float) -> list[Effect]:
    """Give an attempt up that goes on without going anywhere."""
    entry = board.leases.holder(lease)
    if entry is None or entry.seat is None:
        return []
    seat = entry.seat
    aftermath = Aftermath()
    note_failure(board, seat.node_id, entry)
    _end_attempt(
        board,
        entry,
        seat,
        "stalled",
        found.sentence,
        now,
        aftermath,
        evidence=found.evidence,
        run_s=now - entry.leased_at,
    )
    aftermath.effects.append(Tell(seat.address, Stop([(lease, found.sentence)])))
    return aftermath.write(board, [], now)
