"""What nodes say, and what becomes of their leases: arrive, report, hand back, fall silent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cognitive_architecture.distributed_mesh.messages import (
    Claim,
    Fault,
    Heard,
    Introduce,
    Kept,
    NodeRefused,
    Outcome,
    OutcomeKind,
    Stop,
    Welcome,
)
from cognitive_architecture.distributed_mesh.model import (
    Ending,
    TaskEvent,
    TaskEventKind,
    TaskStatus,
)
from cognitive_architecture.distributed_mesh.payloads import join_chunks
from cognitive_architecture.distributed_mesh.policies.attributes import declaration_of
from cognitive_architecture.distributed_mesh.policies.charging import plausible_s
from cognitive_architecture.distributed_mesh.policies.detection.findings import Finding
from cognitive_architecture.distributed_mesh.policies.detection.stall import StreamPace
from cognitive_architecture.distributed_mesh.policies.recovery import (
    FailureType,
    PlannedStep,
    RecoveryStrategy,
)
from cognitive_architecture.distributed_mesh.records import Checkpoint, FailedAttempt, WriteBatch
from cognitive_architecture.foundation.errors import ConfigurationError, DuplicateNode

from . import hedging
from .board import Board
from .circuits import NodeCircuitState
from .earnings import Deed
from .effects import Effect, Incident, Tell
from .entry import Entry, Phase
from .events import (
    AttemptProgressed,
    CheckpointSaved,
    ChunkArrived,
    NodeArrived,
    NodeDrains,
    NodeHandedBack,
    NodeLeft,
    NodeLost,
    NodeMeasured,
    NodeReported,
)
from .membership import MemberState
from .recovery import (
    after_attempt,
    after_node_lost,
    after_run,
    after_task_lost,
    quarantined,
    spare_the_last,
    stage_of,
)
from .roster import Seat
from .writing import PendingWrite

_REPORT_LAG_S = 2.0
"""An assignment younger than this may not have reached the node when it wrote its heartbeat."""

_OUTCOME_WORDS = {
    OutcomeKind.FAILED: "failed",
    OutcomeKind.FAILED_FOR_GOOD: "failed",
    OutcomeKind.TIMED_OUT: "timed_out",
}


class Completed:
    """Attempts of one task type and requester that went well, in one report."""

    __slots__ = ("cost", "most", "runs")

    def __init__(self) -> None:
        self.runs: list[float] = []
        """How long each ran; seconds."""
        self.cost = 0
        self.most = 0
        """The largest cost among them."""


class _Aftermath:
    """What is to be written and told after several attempts are over."""

    def __init__(self) -> None:
        self.effects: list[Effect] = []
        self.closed: list[tuple[Entry, Ending]] = []
        self.attempts: list[FailedAttempt] = []
        self.completed: dict[tuple[str, str | None], Completed] = {}
        """What went well, by task type and requester."""

    def add(self, attempt: FailedAttempt, entry: Entry, ending: Ending | None) -> None:
        self.attempts.append(attempt)
        if ending is not None:
            self.closed.append((entry, ending))

    def write(self, board: Board, replies: list[Tell], now: float) -> list[Effect]:
        """Order the write; nothing of it is told before it is durable."""
        if not self.closed and not self.attempts:
            board.settle(now)
            return [*self.effects, *replies]
        batch = WriteBatch(
            endings=[ending for _, ending in self.closed],
            attempts=self.attempts,
            balances=board.settle(now),
        )
        pending = PendingWrite(batch, closed=self.closed, replies=replies)
        return [*self.effects, board.writes.order(pending)]


# -- presence ------------------------------------------------------------------------------------


def on_arrived(board: Board, event: NodeArrived, now: float) -> list[Effect]:
    """Seat the node, and compare what it holds with what it should hold."""
    effects: list[Effect] = []
    neighbour = board.roster.by_address.get(event.address)
    if neighbour is not None and neighbour.node_id != event.node_id:
        effects += lose_node(board, neighbour, f"its address calls itself {event.node_id} now", now)
    namesake = board.roster.by_node.get(event.node_id)
    if namesake is not None and namesake.address != event.address:
        error = DuplicateNode(
            f"a node named {event.node_id!r} is already in the mesh; "
            "choose another id, or wait until the other one is noticed as gone"
        )
        return [*effects, Tell(event.address, NodeRefused(Fault.of(error)))]
    try:
        declared = declaration_of(
            event.node_id, event.node_type, event.capabilities, event.metadata
        )
        board.learn_rules(declared.rules)
    except ConfigurationError as error:
        return [*effects, Tell(event.address, NodeRefused(Fault.of(error)))]
    if namesake is not None:
        seat = namesake
        seat.reconcile(event.received, now, lag_s=_REPORT_LAG_S)
    else:
        seat = Seat(event.address, event.node_id, now=now)
        seat.sent = event.received
        board.roster.add(seat)
        board.tally.nodes_joined += 1
        effects.append(Incident("node_joined", seat.node_id))
    seat.node_type = event.node_type
    seat.capabilities = event.capabilities
    seat.offered = board.matcher.offered(event.capabilities)
    seat.slots = max(1, event.slots)
    seat.granted = event.granted
    seat.metadata = event.metadata
    seat.is_draining = False
    effects += hear(board, seat, now)
    left_out = board.membership.arrived(seat.node_id, seat.address, now)
    if left_out is not None:
        board.withhold(seat, left_out.sentence)
        sentence, evidence = left_out.sentence, left_out.evidence
        incident = Incident("node_left_out", seat.node_id, sentence, details=evidence)
        effects.append(incident)
    board.classes.seat(seat, declared)
    new = sorted(seat.offered - board.ever_offered)
    if new:
        board.ever_offered.update(new)
        effects.append(board.writes.order(PendingWrite(WriteBatch(capabilities=new))))
    effects.append(Tell(event.address, Welcome(board.leases.epoch)))
    return effects + _settle_claims(board, seat, event.claims, now)


def hear(board: Board, seat: Seat, now: float) -> list[Effect]:
    """A word of a node: it is there, and a suspect no longer."""
    seat.heard_at = now
    member = board.membership.of(seat.node_id) if seat.withheld else None
    if member is None or member.state is not MemberState.SUSPECT or "deaf" in member.told:
        return []
    board.membership.refuted(member, now)
    if member.left_out_until <= now:
        board.withhold(seat, "")
    return [Incident("node_refuted", seat.node_id, "it was heard again")]


def _settle_claims(board: Board, seat: Seat, claims: list[Claim], now: float) -> list[Effect]:
    """Let the node go on with what nobody else has, and stop the rest."""
    void: list[tuple[int, str]] = []
    for claim in claims:
        holder = board.leases.holder(claim.lease)
        if holder is not None and holder.seat is seat:
            continue
        entry = board.entries.get(claim.task_id)
        if holder is None and entry is not None and _may_go_on(entry, claim.lease):
            board.reclaim(entry, seat, claim.lease, now)
        else:
            void.append((claim.lease, board.leases.why_invalid(claim.lease)))
    effects: list[Effect] = [Tell(seat.address, Stop(void))] if void else []
    return effects + _lost_on_the_way(board, seat, {claim.lease for claim in claims}, now)


def _may_go_on(entry: Entry, lease: int) -> bool:
    """Whether nobody else works on it, and that attempt was not reported and noted as failed."""
    if entry.hedge is not None and entry.hedge.spent == lease:
        return False  # the run of the other node was what was left of the attempt
    return entry.phase in (Phase.QUEUED, Phase.RESTING) and not any(
        attempt.lease == lease and not attempt.is_loss for attempt in entry.attempts
    )


def on_lost(board: Board, event: NodeLost, now: float) -> list[Effect]:
    """Give the node's tasks to others."""
    seat = board.roster.by_address.get(event.address)
    if seat is None:
        return []
    return lose_node(board, seat, event.reason, now)


def lose_node(
    board: Board, seat: Seat, reason: str, now: float, evidence: Mapping[str, Any] | None = None
) -> list[Effect]:
    """Clear a node's seat; every task it held goes back to the queue, at its old place.

    Where many vanish together, the tasks wait a little: the nodes may come back and go on.
    """
    board.tally.nodes_lost += 1
    held = [
        entry
        for lease in seat.leases
        if (entry := board.leases.holder(lease)) is not None and not entry.is_hedged
    ]
    board.membership.lost(seat.node_id, reason, held, now, joined_at=seat.joined_at)
    cut_off = board.membership.vanished_together(now, left=len(board.roster) - 1)
    pause_s = board.recovery.partition_grace_s if cut_off is not None else 0.0
    kind = FailureType.NODE_UNRESPONSIVE if evidence else FailureType.NODE_CRASH
    recovery = after_node_lost(board, seat, kind, held=len(held), pause_s=pause_s)
    failure = board.recoveries.begin(seat.node_id, [entry.spec.task_id for entry in held], now)
    details = {"failure": failure, "tasks_held": len(held)} | dict(evidence or {})
    effects: list[Effect] = [
        Incident("node_lost", seat.node_id, reason, details=details, kind_of=kind, plan=recovery)
    ]
    if cut_off is not None:
        whole = after_node_lost(
            board, seat, FailureType.NETWORK_PARTITION, held=len(held), pause_s=pause_s
        )
        effects.append(
            Incident(
                "network_partition",
                seat.node_id,
                cut_off.sentence,
                details=cut_off.evidence,
                kind_of=FailureType.NETWORK_PARTITION,
                plan=whole,
            )
        )
    sentence = f"node {seat.node_id} was lost: {reason}"
    return effects + _unseat(board, seat, sentence, now, kind=kind, pause_s=pause_s)


def _unseat(
    board: Board,
    seat: Seat,
    sentence: str,
    now: float,
    *,
    kind: FailureType,
    pause_s: float = 0.0,
) -> list[Effect]:
    board.unseat(seat)
    board.performance.forget_node(seat.node_id)
    board.circuits.forget_node(seat.node_id)
    board.overload.alarms.forget(seat.node_id)
    aftermath = _Aftermath()
    aftermath.effects += spare_the_last(board, seat)
    if board.watchers.are_any:
        aftermath.effects += _news_of_blocking(board, seat)
    for lease in sorted(seat.leases):
        _lose(board, lease, sentence, now, aftermath, kind=kind, pause_s=pause_s)
    seat.leases.clear()
    return aftermath.write(board, [], now)


def _news_of_blocking(board: Board, gone: Seat) -> list[Tell]:
    """Tell those who stream waiting tasks that only this node could do."""
    told: list[Tell] = []
    for task_id in board.watchers.streamed():
        entry = board.entries.get(task_id)
        if entry is not None and entry.phase is Phase.QUEUED:
            lane = board.lane(entry.spec)
            if not lane.seats and lane.needs.capabilities <= gone.offered:
                told += board.news_of_blocking(entry, lane)
    return told


def _lose(
    board: Board,
    lease: int,
    reason: str,
    now: float,
    aftermath: _Aftermath,
    *,
    kind: FailureType,
    pause_s: float = 0.0,
) -> None:
    entry = board.leases.holder(lease)
    if entry is None or entry.seat is None:
        return
    if entry.is_hedged:
        aftermath.effects += hedging.end_run(board, entry, reason, now)
        return
    recovery = after_task_lost(board, entry, entry.seat, kind)
    redistributed = recovery.step(RecoveryStrategy.REDISTRIBUTE)
    if redistributed is not None:
        pause_s = max(pause_s, redistributed.parameters["pause_s"])
    attempt, ending, told = board.lose(entry, reason, now, recovery, pause_s=pause_s)
    if recovery.quarantines:
        node_id = attempt.attempt.node_id or ""
        aftermath.effects.append(quarantined(entry, node_id, recovery))
    aftermath.add(attempt, entry, ending)
    aftermath.effects += told


def on_left(board: Board, event: NodeLeft, now: float) -> list[Effect]:
    """The node said goodbye, and holds nothing: what was on its way to it was not begun."""
    seat = board.roster.by_address.get(event.address)
    if seat is None:
        return []
    incident = Incident("node_left", seat.node_id)
    board.membership.left(seat.node_id, now)
    sentence = f"node {seat.node_id} left"
    effects = _queue_again(board, seat, sorted(seat.leases), sentence, now)
    return [
        incident,
        *effects,
        *_unseat(board, seat, sentence, now, kind=FailureType.NODE_CRASH),
    ]


def on_drains(board: Board, event: NodeDrains, now: float) -> list[Effect]:
    """Send the node nothing more."""
    if (seat := board.roster.by_address.get(event.address)) is not None:
        seat.is_draining = True
        return hear(board, seat, now)
    return []


def on_measured(board: Board, event: NodeMeasured, now: float) -> list[Effect]:
    """Renew the node's leases, and let lost messages come to light."""
    seat = board.roster.by_address.get(event.address)
    if seat is None:
        return [Tell(event.address, Introduce())]
    effects = hear(board, seat, now)
    board.membership.beat(seat.node_id, event.beat, event.heard, now)
    if event.beat:
        effects.append(Tell(seat.address, Heard(event.beat)))
    seat.granted = max(seat.granted, event.granted)
    seat.reconcile(event.received, now, lag_s=_REPORT_LAG_S)
    seat.vitals = event.vitals
    board.roster.freed.note(seat)
    if seat.health_score != event.health_score:
        seat.health_score = event.health_score
        board.roster.judged.note(seat)
    held = set(event.held)
    void = [
        (lease, board.leases.why_invalid(lease))
        for lease in event.held
        if lease not in seat.leases and board.leases.holder(lease) is None
    ]
    if void:
        effects.append(Tell(seat.address, Stop(void)))
    return effects + _lost_on_the_way(board, seat, held.union(event.reported), now)


def _lost_on_the_way(board: Board, seat: Seat, held: set[int], now: float) -> list[Effect]:
    """Take back the assignments that should have arrived and have not."""
    aftermath = _Aftermath()
    for lease in sorted(seat.leases - held):
        entry = board.leases.holder(lease)
        if entry is not None and now - entry.leased_at >= _REPORT_LAG_S:
            _note_failure(board, seat.node_id, entry)
            reason = f"it never reached node {seat.node_id}"
            if entry.is_hedged:
                aftermath.effects += hedging.end_run(board, entry, reason, now)
                continue
            kind = FailureType.COMMUNICATION_FAILURE
            recovery = after_task_lost(board, entry, seat, kind)
            task_id = entry.spec.task_id
            number = board.recoveries.begin(seat.node_id, [task_id], now)
            aftermath.effects.append(
                Incident(
                    "attempt_unreached",
                    seat.node_id,
                    reason,
                    task_id,
                    {"failure": number},
                    kind,
                    recovery,
                )
            )
            _lose(board, lease, reason, now, aftermath, kind=kind)
    return aftermath.write(board, [], now)


# -- work ----------------------------------------------------------------------------------------


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
    aftermath = _Aftermath()
    refused = []
    for outcome in event.outcomes:
        entry = board.leases.holder(outcome.lease)
        if entry is None or entry.seat is not seat:
            refused.append((outcome.lease, board.leases.why_invalid(outcome.lease)))
        elif outcome.kind == OutcomeKind.COMPLETED:
            _accept(board, entry, seat, outcome, now, aftermath)
        else:
            _fail(board, entry, seat, outcome, now, aftermath)
    is_repeated = bool(refused) and board.writes.will_keep(event.address, event.number)
    if not is_repeated:
        board.tally.stale_refused += len(refused)
    completed: dict[str, int] = {}
    for (task_type, requester), done in aftermath.completed.items():
        times, run_s = len(done.runs), sum(done.runs)
        completed[task_type] = completed.get(task_type, 0) + times
        board.matcher.record_performance(seat.node_id, 1.0, task_type, times=times)
        board.matcher.record_run(seat.node_id, task_type, run_s / times, times=times)
        board.charges.observe(task_type, run_s, done.cost, most=done.most, times=times)
        board.performance.completed(seat.node_id, task_type, done.runs)
        if board.earnings is not None:
            board.earnings.accept(Deed(seat.node_id, task_type, requester), times)
    if event.outcomes:
        board.performance.reported(seat.node_id, completed, len(aftermath.attempts), now)
        board.retries.succeeded(sum(completed.values()))
        board.hedges.succeeded(sum(completed.values()))
        for capability, times in completed.items():
            state = board.circuits.succeeded(seat.node_id, capability, times)
            if state is NodeCircuitState.HALF_OPEN and board.holds(seat, capability):
                board.circuits.probe_sent(seat.node_id, capability, now)  # others are still out
            elif state is not None:
                board.open_circuits_anew(seat)
            if state is NodeCircuitState.CLOSED:
                aftermath.effects.append(
                    Incident("circuit_closed", seat.node_id, f"it does {capability} again")
                )
    # A report that is said again while it is on its way to the disk is answered when it is there.
    kept = [] if is_repeated else [Tell(event.address, Kept(event.number, refused), can_wait=True)]
    return [*refutation, *aftermath.write(board, kept, now)]


def _accept(
    board: Board, entry: Entry, seat: Seat, outcome: Outcome, now: float, aftermath: _Aftermath
) -> None:
    result = outcome.result
    if outcome.chunks is not None:
        chunks = entry.chunks or []
        if len(chunks) != outcome.chunks:
            lost = f"announced {outcome.chunks} chunks, and {len(chunks)} arrived"
            void = Outcome(outcome.lease, OutcomeKind.FAILED, None, outcome.run_s, lost)
            _fail(board, entry, seat, void, now, aftermath)
            return
        result = join_chunks(chunks)
    if entry.hedge is not None and entry.is_hedged:  # the first question is asked of every result
        reason = f"the result of {seat.node_id} came first"
        aftermath.effects += hedging.call_off(board, entry, reason, now)
    ending = board.close(entry, TaskStatus.COMPLETED, now, result=result)
    spec, run_s = entry.spec, plausible_s(outcome.run_s)
    cost = board.charges.of_result(spec, run_s, outcome.tokens)
    board.take_back(entry, cost=cost)
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


def _fail(
    board: Board, entry: Entry, seat: Seat, outcome: Outcome, now: float, aftermath: _Aftermath
) -> None:
    for_good = outcome.kind == OutcomeKind.FAILED_FOR_GOOD
    reason = outcome.reason or "no reason was given"
    if not for_good:  # what fails everywhere is not the node's fault
        _note_failure(board, seat.node_id, entry)
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
    aftermath: _Aftermath,
    *,
    for_good: bool = False,
    evidence: Mapping[str, Any] | None = None,
    run_s: float,
) -> None:
    """Plan what follows an attempt that went wrong, and do it."""
    kind = FailureType.TASK_FAILURE if word == "failed" else FailureType.TASK_TIMEOUT
    recovery = after_attempt(board, entry, seat, kind, now, for_good=for_good)
    task_id = entry.spec.task_id
    attempt, ending, told = board.carry_out(
        entry, word, reason, now, recovery, cost=board.charges.of_failure(run_s)
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


def _note_failure(board: Board, node_id: str, entry: Entry) -> None:
    """An attempt went wrong through the node."""
    spec = entry.spec
    board.matcher.record_performance(node_id, 0.0, spec.task_type)
    if board.earnings is not None:
        board.earnings.fail(Deed(node_id, spec.task_type, spec.requester))


def on_handed_back(board: Board, event: NodeHandedBack, now: float) -> list[Effect]:
    """Queue again, at the old place, what the node did not do; it costs the task nothing."""
    seat = board.roster.by_address.get(event.address)
    if seat is None:
        return []
    effects = hear(board, seat, now)
    # Not the larger one: a node that was surprised by a long task takes back what it has granted.
    seat.granted = event.granted
    board.roster.freed.note(seat)
    return effects + _queue_again(
        board, seat, event.leases, event.reason, now, refused=event.refused
    )


def _queue_again(
    board: Board,
    seat: Seat,
    leases: Iterable[int],
    reason: str,
    now: float,
    *,
    refused: bool = False,
) -> list[Effect]:
    effects: list[Effect] = []
    for lease in leases:
        entry = board.leases.holder(lease)
        if entry is None or entry.seat is not seat:
            continue
        if other_goes_on := entry.is_hedged:
            effects += hedging.end_run(board, entry, f"handed back: {reason}", now)
        else:
            board.take_back(entry, f"handed back: {reason}")
        if refused:
            entry.note_refusal(seat.node_id, now)
        if other_goes_on:
            continue
        effects += board.news(entry, TaskEventKind.RETRYING, note=reason)
        effects += board.queue([entry])
    board.settle(now)
    return effects


def on_expired(board: Board, leases: list[int], now: float) -> list[Effect]:
    """Attempts whose node did not end them in time."""
    aftermath = _Aftermath()
    for lease in leases:
        entry = board.leases.holder(lease)
        if entry is None or entry.seat is None:
            continue
        seat = entry.seat
        reason = f"timed out after {entry.spec.timeout_s:g} s"
        void = Outcome(lease, OutcomeKind.TIMED_OUT, None, now - entry.leased_at, reason)
        _fail(board, entry, seat, void, now, aftermath)
        aftermath.effects.append(Tell(seat.address, Stop([(lease, reason)])))
    return aftermath.write(board, [], now)


def stop_attempt(board: Board, lease: int, found: Finding, now: float) -> list[Effect]:
    """Give an attempt up that goes on without going anywhere."""
    entry = board.leases.holder(lease)
    if entry is None or entry.seat is None:
        return []
    seat = entry.seat
    aftermath = _Aftermath()
    _note_failure(board, seat.node_id, entry)
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


def on_progressed(board: Board, event: AttemptProgressed, now: float) -> list[Effect]:
    """Pass on how far an attempt is."""
    entry = _streaming(board, event.address, event.lease)
    if entry is None:
        return []
    if entry.is_hedged and entry.progress is not None and event.fraction < entry.progress[0]:
        return []  # the other one is further
    if entry.seat is not None and (entry.progress is None or event.fraction > entry.progress[0]):
        entry.seat.progressed_at = now
    entry.progress = (event.fraction, event.note)
    task_id = entry.spec.task_id
    if not board.watchers.wants_news(task_id):
        return []
    return list(
        board.watchers.news(
            TaskEvent(
                task_id,
                TaskEventKind.PROGRESS,
                entry.attempt,
                note=event.note,
                fraction=event.fraction,
            )
        )
    )


def on_chunk(board: Board, event: ChunkArrived, now: float) -> list[Effect]:
    """Keep a piece of a streamed result, and pass it on."""
    entry = _streaming(board, event.address, event.lease)
    if entry is None or entry.seat is None:
        return []
    effects: list[Effect] = []
    if entry.is_hedged and event.index == 0:
        # A stream is told as it comes, so it can be told of one run only.
        effects += hedging.call_off(board, entry, f"{entry.seat.node_id} began to stream", now)
        board.settle(now)
    if entry.chunks is None:
        entry.chunks = []
    if event.index < len(entry.chunks):
        return []  # a returning node says again what it is not sure was heard
    entry.chunk_bytes += len(event.data)
    reason = None
    if event.index != len(entry.chunks):
        reason = f"chunk {event.index} came where chunk {len(entry.chunks)} was due"
    elif entry.chunk_bytes > board.settings.payload_bytes_max:
        reason = f"streamed more than {board.settings.payload_bytes_max:,} bytes"
    if reason is not None:
        aftermath = _Aftermath()
        aftermath.effects += [*effects, Tell(event.address, Stop([(event.lease, reason)]))]
        void = Outcome(event.lease, OutcomeKind.FAILED, None, now - entry.leased_at, reason)
        _fail(board, entry, entry.seat, void, now, aftermath)
        return aftermath.write(board, [], now)
    entry.chunks.append(event.data)
    pace = board.streams.get(event.lease)
    if pace is None:
        pace = board.streams[event.lease] = StreamPace(entry.leased_at)
    pace.piece(now)
    entry.seat.progressed_at = now
    task_id = entry.spec.task_id
    if not board.watchers.wants_news(task_id):
        return effects
    said = TaskEvent(
        task_id, TaskEventKind.CHUNK, entry.attempt, index=event.index, chunk=event.data
    )
    return [*effects, *board.watchers.news(said)]


def on_checkpoint(board: Board, event: CheckpointSaved, now: float) -> list[Effect]:
    """Keep what the next attempt may go on from, should this one not end well."""
    entry = _streaming(board, event.address, event.lease)
    if entry is None or len(event.data) > board.settings.payload_bytes_max:
        return []
    if not board.checkpoints.keep(entry.serial, event.data):
        return []
    kept = Checkpoint(entry.serial, event.data, stage_of(entry.attempts))
    return [board.writes.order(PendingWrite(WriteBatch(checkpoints=[kept])))]


def _streaming(board: Board, address: str, lease: int) -> Entry | None:
    """The entry of a valid lease that is this node's."""
    entry = board.leases.holder(lease)
    if entry is None or entry.seat is None or entry.seat.address != address:
        return None
    return entry
