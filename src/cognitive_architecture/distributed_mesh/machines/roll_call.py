"""Who is still there, and of use? Asked every moment, of everybody, from what was heard anyway."""

from __future__ import annotations

from typing import Final

from cognitive_architecture.distributed_mesh.messages import Heard
from cognitive_architecture.distributed_mesh.policies.detection.findings import Finding
from cognitive_architecture.distributed_mesh.policies.detection.gray import (
    hears_nothing,
    nothing_finished,
    slower_than_peers,
)
from cognitive_architecture.distributed_mesh.policies.detection.silence import silence
from cognitive_architecture.distributed_mesh.policies.detection.stall import stall
from cognitive_architecture.distributed_mesh.policies.recovery import FailureType

from . import attendance, hedging
from .board import Board
from .effects import Effect, Incident, Tell
from .membership import Member, MemberState
from .roster import Seat

PHI_SUSPECT: Final = 3.0
PHI_LOST: Final = 8.0
"""One silence in a hundred million of a node that is there would be so surprising."""

_SUSPECT_FROM: Final = 0.5
"""A node is not suspected before this share of the silence that would lose it."""


def interval_s(board: Board) -> float:
    """Seconds between two roll calls."""
    return board.settings.node_silence_s / 8.0


def call(board: Board, now: float, *, late_s: float) -> list[Effect]:
    """Look at every node.

    Args:
        board: Of the machine.
        now: Instant.
        late_s: How much later than planned this is. The judge was busy, or the whole machine
            stood still, and did not listen: nobody else is to blame for that.
    """
    if late_s > interval_s(board):
        _excuse(board, late_s, now)
    effects: list[Effect] = []
    for seat in list(board.roster):
        member = board.membership.of(seat.node_id)
        if member is None:
            continue
        effects += _listen(board, seat, member, now)
        if seat.address in board.roster.by_address:
            effects += _look_at_work(board, seat, member, now)
            _release(board, seat, member, now)
    effects += _look_at_streams(board, now)
    board.late = list(hedging.find_late(board, now))
    for node_id in board.circuits.half_opened(now):
        if (seat := board.roster.by_node.get(node_id)) is not None:
            board.open_circuits_anew(seat)
    return effects


def _excuse(board: Board, late_s: float, now: float) -> None:
    board.leases.excuse(late_s)  # what was to be sent, or was reported meanwhile, comes only now
    for seat in board.roster:
        seat.heard_at = min(now, seat.heard_at + late_s)
        if (member := board.membership.of(seat.node_id)) is not None:
            member.rhythm.excuse(late_s, now)


# -- silence -------------------------------------------------------------------------------------


def _listen(board: Board, seat: Seat, member: Member, now: float) -> list[Effect]:
    """Suspect who is quiet for longer than usual, and give up who is silent for too long."""
    silent_s = now - seat.heard_at
    floor_s = board.settings.node_silence_s
    bound_s = max(floor_s, board.settings.node_silence_max_s)
    found = silence(member.rhythm, silent_s, phi=PHI_LOST, floor_s=floor_s, bound_s=bound_s)
    if found is not None:
        return attendance.lose_node(board, seat, found.sentence, now, found.evidence)
    if member.state is MemberState.SUSPECT:
        # Asked again each time: over a network that loses messages, one question is not enough.
        return [Tell(seat.address, Heard(member.beat, is_suspect=True))]
    if not member.rhythm.is_known:
        return []
    found = silence(
        member.rhythm, silent_s, phi=PHI_SUSPECT, floor_s=_SUSPECT_FROM * floor_s, bound_s=bound_s
    )
    if found is None:
        return []
    board.membership.suspected(member, found.sentence, now)
    board.withhold(seat, found.sentence)
    return [
        Incident("node_suspected", seat.node_id, found.sentence, details=found.evidence),
        Tell(seat.address, Heard(member.beat, is_suspect=True)),
    ]


# -- gray failures -------------------------------------------------------------------------------


def _look_at_work(board: Board, seat: Seat, member: Member, now: float) -> list[Effect]:
    """Find nodes whose heart beats and whose work does not move."""
    effects: list[Effect] = []
    deaf = (
        hears_nothing(
            said=member.beat,
            answered=member.heard,
            since_answer_s=now - member.heard_grew_at,
            floor_s=board.settings.node_silence_s,
        )
        if member.heard  # a node that never says what it has heard is of an older version
        else None
    )
    effects += _tell_once(seat, member, "deaf", deaf)
    if deaf is not None and not seat.withheld:
        board.membership.suspected(member, deaf.sentence, now)
        board.withhold(seat, deaf.sentence)
    effects += _tell_once(seat, member, "stands_still", _stands_still(board, seat, now))
    for capability, durations in board.performance.lately_by(seat.node_id):
        slow = slower_than_peers(seat.node_id, durations)
        told = f"slow {capability}"
        effects += _tell_once(seat, member, told, slow, f"at {capability}, ")
    return effects


def _stands_still(board: Board, seat: Seat, now: float) -> Finding | None:
    """Whether nothing of what it holds comes to an end."""
    since_outcome_s = now - board.performance.last_outcome_at(seat.node_id, seat.joined_at)
    if not seat.leases or since_outcome_s < 1.0:
        return None
    held = [entry for lease in seat.leases if (entry := board.leases.holder(lease)) is not None]
    usual = [board.performance.usual(entry.spec.task_type) for entry in held]
    if not held:
        return None
    return nothing_finished(
        oldest_held_s=now - min(entry.leased_at for entry in held),
        since_outcome_s=since_outcome_s,
        usual_p99_s=max(durations.quantile(0.99) for durations in usual),
        samples=min(durations.count for durations in usual),
    )


def _tell_once(
    seat: Seat, member: Member, kind: str, found: Finding | None, before: str = ""
) -> list[Effect]:
    if found is None:
        member.told.discard(kind)
        return []
    if kind in member.told:
        return []
    member.told.add(kind)
    incident = Incident(
        "node_gray",
        seat.node_id,
        before + found.sentence,
        details=found.evidence,
        kind_of=FailureType.NODE_UNRESPONSIVE,
    )
    return [incident]


def _release(board: Board, seat: Seat, member: Member, now: float) -> None:
    """Give work again to whom nothing is held against any more."""
    if not seat.withheld or member.left_out_until > now:
        return
    if "deaf" not in member.told and member.state is not MemberState.SUSPECT:
        board.withhold(seat, "")


# -- streams -------------------------------------------------------------------------------------


def _look_at_streams(board: Board, now: float) -> list[Effect]:
    """Give up the attempts whose stream has stopped in the middle."""
    factor, floor_s = board.recovery.stall_intervals_max, board.recovery.stall_s
    effects: list[Effect] = []
    for lease, pace in list(board.streams.items()):
        found = stall(pace, now, factor=factor, floor_s=floor_s)
        if found is not None:
            effects += attendance.stop_attempt(board, lease, found, now)
    return effects


# -- losses --------------------------------------------------------------------------------------


def judge_losses(board: Board, now: float) -> None:
    """Hold a loss against the node and its tasks, unless it shared it with many others."""
    alone, together = board.membership.judged(now, left=len(board.roster))
    for loss in alone:
        for entry in loss.held:
            board.matcher.record_performance(loss.node_id, 0.0, entry.spec.task_type)
    for loss in together:
        for entry in loss.held:
            entry.excused += 1
