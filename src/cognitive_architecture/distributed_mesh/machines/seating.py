"""What a node at the table may be sent."""

from __future__ import annotations

from .board import Board
from .roster import Seat


def unseat(board: Board, seat: Seat) -> None:
    """The node is gone."""
    board.roster.remove(seat)
    board.classes.unseat(seat)


def withhold(board: Board, seat: Seat, reason: str) -> None:
    """Send a node nothing more, for this reason; with an empty one, send to it again."""
    seat.withheld = reason
    if not reason:
        board.roster.freed.note(seat)


def open_circuits_anew(board: Board, seat: Seat) -> None:
    """A circuit of the node has opened, or lets something through again."""
    shut = board.circuits.shut(seat.node_id)
    seat.shut = {name: board.circuits.why(seat.node_id, name) for name in sorted(shut)}
    board.classes.ask_again(seat)


def holds(board: Board, seat: Seat, capability: str) -> bool:
    """Whether a node has a task of this type now; a search."""
    held = (board.leases.holder(lease) for lease in seat.leases)
    return any(entry is not None and entry.spec.task_type == capability for entry in held)


def probe(board: Board, seat: Seat, capability: str, now: float) -> None:
    """The node is given a task of this type: what it was allowed to try once is tried now."""
    if (seat.node_id, capability) in board.circuits.half_open:
        board.circuits.probe_sent(seat.node_id, capability, now)
        open_circuits_anew(board, seat)
