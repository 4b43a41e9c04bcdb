"""Any word of a node says that it is there."""

from __future__ import annotations

from . import seating
from .board import Board
from .effects import Effect, Incident
from .membership import MemberState
from .roster import Seat


def hear(board: Board, seat: Seat, now: float) -> list[Effect]:
    """A word of a node: it is there, and a suspect no longer."""
    seat.heard_at = now
    member = board.membership.of(seat.node_id) if seat.withheld else None
    if member is None or member.state is not MemberState.SUSPECT or "deaf" in member.told:
        return []
    board.membership.refuted(member, now)
    if member.left_out_until <= now:
        seating.withhold(board, seat, "")
    return [Incident("node_refuted", seat.node_id, "it was heard again")]
