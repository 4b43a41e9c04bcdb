"""Makes the plans of recovery from what the board knows, and keeps what they cost."""

from __future__ import annotations

from cognitive_architecture.distributed_mesh.model import FELL_BACK, Attempt
from cognitive_architecture.distributed_mesh.policies.detection.partition import WITHIN_S
from cognitive_architecture.distributed_mesh.policies.recovery import (
    Failure,
    FailureType,
    PlannedStep,
    RecoveryPlan,
    RecoveryState,
    RecoveryStrategy,
    plan,
)
from cognitive_architecture.distributed_mesh.policies.retries import retry_pause_s

from . import seating
from .board import Board
from .effects import Incident
from .entry import Entry
from .roster import Seat


def after_attempt(
    board: Board, entry: Entry, seat: Seat, kind: FailureType, now: float, *, for_good: bool
) -> RecoveryPlan:
    """What is done when an attempt of a node went wrong; its circuit takes note of it."""
    capability = entry.spec.task_type
    pause_s = None
    held_up_s = 0.0
    if not for_good and _may(board, kind, RecoveryStrategy.REDISTRIBUTE):
        pause_s = retry_pause_s(
            entry.spec.rare,
            failed_attempts=1 + failed_in_stage(entry.attempts),
            backoff_max_s=board.settings.backoff_max_s,
            chance=board.chance(),
        )
    if pause_s is not None:
        held_up_s = max(0.0, board.retries.wait_s(now) - pause_s)
        pause_s += held_up_s
    state = RecoveryState(
        pause_s=pause_s,
        held_up_s=held_up_s,
        fallback=_next_fallback(board, entry),
        opens_circuit_for_s=0.0 if for_good else _tell_circuit(board, seat, capability, kind, now),
    )
    failure = Failure(kind, seat.node_id, entry.spec.task_id, capability)
    return plan(failure, board.recovery_table, state)


def after_run(
    board: Board, entry: Entry, seat: Seat, kind: FailureType, now: float
) -> PlannedStep | None:
    """What becomes of a node when its run of a hedged task failed; the task itself goes on."""
    capability = entry.spec.task_type
    opens_for_s = _tell_circuit(board, seat, capability, kind, now)
    failure = Failure(kind, seat.node_id, capability=capability)
    state = RecoveryState(opens_circuit_for_s=opens_for_s)
    return plan(failure, board.recovery_table, state).step(RecoveryStrategy.CIRCUIT_BREAKER)


def _tell_circuit(
    board: Board, seat: Seat, capability: str, kind: FailureType, now: float
) -> float:
    """Let a node's circuit hear of a failure; for how long that opens it, 0 if it stays closed."""
    if not _may(board, kind, RecoveryStrategy.CIRCUIT_BREAKER):
        return 0.0
    opens_for_s = _opens_for_s(board, seat, capability)
    board.circuits.failed(seat.node_id, capability, now, opens=opens_for_s > 0.0)
    if opens_for_s:
        seating.open_circuits_anew(board, seat)
    return opens_for_s


def _may(board: Board, kind: FailureType, strategy: RecoveryStrategy) -> bool:
    return strategy in board.recovery_table[kind]


def _opens_for_s(board: Board, seat: Seat, capability: str) -> float:
    """For how long the node's circuit opens, unless nobody else could do it then."""
    opens_for_s = board.circuits.would_open_for_s(seat.node_id, capability)
    return opens_for_s if opens_for_s and has_peer(board, seat, capability) else 0.0


def has_peer(board: Board, seat: Seat, capability: str) -> bool:
    """Whether another node could do it as well.

    One whose own circuit is half open does not count: it is given one task, and nothing more until
    that is back.
    """
    return any(
        other is not seat
        and capability in other.offered
        and board.circuits.is_closed(other.node_id, capability)
        for other in board.roster
    )


def spare_the_last(board: Board, gone: Seat) -> list[Incident]:
    """Close circuits of those who alone are left with what a node that is gone could do as well.

    Of several the one is chosen that would be tried first.
    """
    incidents: list[Incident] = []
    for capability in sorted(gone.offered):
        left = [seat for seat in board.roster if capability in seat.offered]
        first = board.circuits.first_tried([seat.node_id for seat in left], capability)
        if first is None:
            continue
        board.circuits.close(first, capability)
        seating.open_circuits_anew(board, board.roster.by_node[first])
        sentence = f"nobody else is left who does {capability}"
        incidents.append(Incident("circuit_closed", first, sentence))
    return incidents


def after_task_lost(board: Board, entry: Entry, seat: Seat, kind: FailureType) -> RecoveryPlan:
    """What is done about one task of a node that is lost, or that its task never reached.

    One that would be poison if the node was lost alone rests until that is known: where many nodes
    vanish one after the other, a task that is handed on is with each of them.
    """
    failure = Failure(kind, seat.node_id, entry.spec.task_id, entry.spec.task_type)
    most = board.recovery.poison_nodes_max
    if kind is FailureType.COMMUNICATION_FAILURE:  # what never came there has killed nothing there
        state = RecoveryState(pause_s=0.0, killed_max=most)
        return plan(failure, board.recovery_table, state)
    killed = tuple(sorted({*killed_by(entry.attempts), seat.node_id}))
    state = RecoveryState(pause_s=0.0, killed=killed, killed_max=most)
    if len(killed) >= most and board.membership.will_judge(entry):
        state = RecoveryState(pause_s=WITHIN_S, killed_max=most)
    return plan(failure, board.recovery_table, state)


def quarantined(entry: Entry, node_id: str, recovery: RecoveryPlan) -> Incident:
    """A task is given up because it kills nodes; ``node_id`` was the last."""
    return Incident(
        "task_quarantined",
        node_id,
        recovery.steps[0].sentence,
        entry.spec.task_id,
        {"attempts": len(entry.attempts)},
        FailureType.NODE_CRASH,
        recovery,
    )


def after_judgement(board: Board, entry: Entry) -> RecoveryPlan | None:
    """What is done about a task whose nodes were lost alone, as is known now; mostly nothing."""
    killed = tuple(sorted(killed_by(entry.attempts)))
    most = board.recovery.poison_nodes_max
    if len(killed) < most:
        return None
    failure = Failure(FailureType.NODE_CRASH, None, entry.spec.task_id, entry.spec.task_type)
    return plan(failure, board.recovery_table, RecoveryState(killed=killed, killed_max=most))


def after_lateness(board: Board, entry: Entry, seat: Seat, second: Seat) -> RecoveryPlan:
    """What is done about a task that its node has had for much longer than usual."""
    kind = FailureType.TASK_TIMEOUT
    failure = Failure(kind, seat.node_id, entry.spec.task_id, entry.spec.task_type)
    return plan(failure, board.recovery_table, RecoveryState(second_node_id=second.node_id))


def after_gray(
    board: Board, seat: Seat, *, spared: str = "", moved: int | None = None
) -> RecoveryPlan:
    """What is done about a node that is there and of no use."""
    state = RecoveryState(tasks_held=moved, spared=spared)
    return plan(Failure(FailureType.NODE_UNRESPONSIVE, seat.node_id), board.recovery_table, state)


def after_node_lost(
    board: Board, seat: Seat, kind: FailureType, *, held: int, pause_s: float
) -> RecoveryPlan:
    """What is done about a node that is lost, as a whole."""
    state = RecoveryState(
        tasks_held=held, pause_s=pause_s, is_supervised=bool(seat.metadata.get("is_supervised"))
    )
    return plan(Failure(kind, seat.node_id), board.recovery_table, state)


def after_overload(board: Board) -> RecoveryPlan:
    """What is done when the store or the nodes have too much to do."""
    return plan(Failure(FailureType.RESOURCE_EXHAUSTION), board.recovery_table, RecoveryState())


def failed_in_stage(attempts: tuple[Attempt, ...]) -> int:
    """How many attempts at the present capability went wrong, losses of nodes not counted."""
    count = 0
    for attempt in reversed(attempts):
        if attempt.outcome == FELL_BACK:
            break
        count += not attempt.is_loss
    return count


def stage_of(attempts: tuple[Attempt, ...] | list[Attempt]) -> int:
    """How many capabilities have been tried in vain."""
    return sum(attempt.outcome == FELL_BACK for attempt in attempts)


def _next_fallback(board: Board, entry: Entry) -> str | None:
    """The next capability that the task names; one that no node has ever offered helps nobody."""
    named = entry.spec.rare.fallback
    stage = stage_of(entry.attempts)
    following = named[stage] if stage < len(named) else None
    return following if following in board.ever_offered else None


def killed_by(attempts: tuple[Attempt, ...]) -> set[str]:
    """The nodes that were lost with a task and may have died of it."""
    return {attempt.node_id for attempt in attempts if attempt.may_have_killed and attempt.node_id}
