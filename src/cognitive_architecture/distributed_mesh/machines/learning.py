"""What outcomes teach: how well and how fast nodes work, what tasks cost, which circuits close."""

from __future__ import annotations

from . import seating
from .aftermath import Aftermath
from .board import Board
from .circuits import NodeCircuitState
from .earnings import Deed
from .effects import Incident
from .entry import Entry
from .roster import Seat


def learn(board: Board, seat: Seat, aftermath: Aftermath, now: float) -> None:
    """Take note of all outcomes of one report; what closes a circuit is added to the aftermath."""
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
    board.performance.reported(seat.node_id, completed, len(aftermath.attempts), now)
    board.retries.succeeded(sum(completed.values()))
    board.hedges.succeeded(sum(completed.values()))
    for capability, times in completed.items():
        state = board.circuits.succeeded(seat.node_id, capability, times)
        if state is NodeCircuitState.HALF_OPEN and seating.holds(board, seat, capability):
            board.circuits.probe_sent(seat.node_id, capability, now)  # others are still out
        elif state is not None:
            seating.open_circuits_anew(board, seat)
        if state is NodeCircuitState.CLOSED:
            aftermath.effects.append(
                Incident("circuit_closed", seat.node_id, f"it does {capability} again")
            )


def note_failure(board: Board, node_id: str, entry: Entry) -> None:
    """An attempt went wrong through the node."""
    spec = entry.spec
    board.matcher.record_performance(node_id, 0.0, spec.task_type)
    if board.earnings is not None:
        board.earnings.fail(Deed(node_id, spec.task_type, spec.requester))
