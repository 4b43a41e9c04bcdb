"""Which nodes are there, and what becomes of their leases when they come, go, or are lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cognitive_architecture.distributed_mesh.messages import (
    Claim,
    Fault,
    Heard,
    Introduce,
    NodeRefused,
    Stop,
    Welcome,
)
from cognitive_architecture.distributed_mesh.model import NODE_LOST, UNREACHED
from cognitive_architecture.distributed_mesh.policies.attributes import declaration_of
from cognitive_architecture.distributed_mesh.policies.recovery import (
    FailureType,
    RecoveryStrategy,
)
from cognitive_architecture.distributed_mesh.records import Excuse, WriteBatch
from cognitive_architecture.foundation.errors import ConfigurationError, DuplicateNode

from . import failing, hedging, leasing, queueing, seating
from .aftermath import Aftermath
from .board import Board
from .effects import Effect, Incident, Tell
from .entry import Entry, Phase
from .events import (
    NodeArrived,
    NodeDrains,
    NodeLeft,
    NodeLost,
    NodeMeasured,
    NodesInContact,
)
from .hearing import hear
from .learning import note_failure
from .outcomes import queue_again
from .recovery import (
    after_node_lost,
    after_task_lost,
    quarantined,
    spare_the_last,
)
from .roster import Milestone, Seat
from .writing import PendingWrite


def on_arrived(board: Board, event: NodeArrived, now: float) -> list[Effect]:
    """Seat the node, and compare what it holds with what it should not.

    What it should hold and does not may be on its way: of that its heartbeats tell.
    """
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
        queueing.learn_rules(board, declared.rules)
    except ConfigurationError as error:
        return [*effects, Tell(event.address, NodeRefused(Fault.of(error)))]
    if namesake is not None:
        seat = namesake
        seat.reconcile(event.received, None)
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
        seating.withhold(board, seat, left_out.sentence)
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


def _settle_claims(board: Board, seat: Seat, claims: list[Claim], now: float) -> list[Effect]:
    """Let the node go on with what nobody else has, and stop the rest.

    A node that goes on was cut off, and did not die of its task.
    """
    void: list[tuple[int, str]] = []
    excuses: list[Excuse] = []
    for claim in claims:
        holder = board.leases.holder(claim.lease)
        if holder is not None and holder.seat is seat:
            continue
        entry = board.entries.get(claim.task_id)
        if holder is None and entry is not None and _may_go_on(entry, claim.lease):
            leasing.reclaim(board, entry, seat, claim.lease, now)
            if (number := entry.excuse(seat.node_id)) is not None:
                excuses.append(Excuse(entry.serial, number))
        else:
            void.append((claim.lease, board.leases.why_invalid(claim.lease)))
    effects: list[Effect] = [Tell(seat.address, Stop(void))] if void else []
    if excuses:
        effects.append(board.writes.order(PendingWrite(WriteBatch(excuses=excuses))))
    return effects


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
    seating.unseat(board, seat)
    board.performance.forget_node(seat.node_id)
    board.circuits.forget_node(seat.node_id)
    board.overload.alarms.forget(seat.node_id)
    aftermath = Aftermath()
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
                told += queueing.news_of_blocking(board, entry, lane)
    return told


def _lose(
    board: Board,
    lease: int,
    reason: str,
    now: float,
    aftermath: Aftermath,
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
    outcome = UNREACHED if kind is FailureType.COMMUNICATION_FAILURE else NODE_LOST
    attempt, ending, told = failing.lose(
        board, entry, reason, now, recovery, pause_s=pause_s, outcome=outcome
    )
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
    effects = queue_again(board, seat, sorted(seat.leases), sentence, now)
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
    passed = seat.pass_by(event.heard)
    if event.beat:
        seat.answer(event.beat, board.leases.latest)
        effects.append(Tell(seat.address, Heard(event.beat)))
    seat.granted = max(seat.granted, event.granted)
    seat.reconcile(event.received, passed)
    seat.vitals = event.vitals
    board.roster.freed.note(seat)
    if seat.health_score != event.health_score:
        seat.health_score = event.health_score
        board.roster.judged.note(seat)
    if not event.held and not seat.leases:
        return effects
    held = set(event.held)
    void = [
        (lease, board.leases.why_invalid(lease))
        for lease in event.held
        if lease not in seat.leases and board.leases.holder(lease) is None
    ]
    if void:
        effects.append(Tell(seat.address, Stop(void)))
    if passed is None:
        return effects
    return effects + _lost_on_the_way(board, seat, held.union(event.reported), passed, now)


def on_contact(board: Board, event: NodesInContact, now: float) -> list[Effect]:
    """Take note whose processes live; what they have to say may wait for their links."""
    for address in event.addresses:
        if (seat := board.roster.by_address.get(address)) is not None:
            seat.contact_at = now
    return []


def _lost_on_the_way(
    board: Board, seat: Seat, held: set[int], passed: Milestone, now: float
) -> list[Effect]:
    """Take back what the node does not hold although it has heard what was sent later."""
    aftermath = Aftermath()
    for lease in sorted(seat.leases - held):
        entry = board.leases.holder(lease)
        if entry is not None and lease <= passed.lease:
            note_failure(board, seat.node_id, entry)
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
