"""Who is still there, and of use? Asked every moment, of everybody, from what was heard anyway."""

from __future__ import annotations

from typing import Final

from cognitive_architecture.distributed_mesh.messages import Heard
from cognitive_architecture.distributed_mesh.model import Ending, TaskStatus
from cognitive_architecture.distributed_mesh.policies.detection.silence import mute, silence
from cognitive_architecture.distributed_mesh.policies.detection.stall import stall
from cognitive_architecture.distributed_mesh.records import Excuse, WriteBatch

from . import attendance, closing, degradation, gray, hedging, outcomes, seating
from .board import Board
from .effects import Effect, Incident, Tell
from .entry import Entry, Phase
from .membership import Member, MemberState
from .recovery import after_judgement, quarantined
from .roster import Seat
from .writing import PendingWrite

PHI_SUSPECT: Final = 3.0
PHI_LOST: Final = 8.0
"""One silence in a hundred million of a node that is there would be so surprising."""

PAUSES_LOST: Final = 5.0
"""A node that is lost is silent for so many times its longest pause lately: whoever was kept from
the CPU, or from the network, for a second will be kept from it for two."""

SUSPECT_FROM: Final = 0.5
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
    board.late = list(hedging.find_late(board, now))
    effects += gray.look(board, now)
    for seat in board.roster:
        _release(board, seat, now)
    effects += _look_at_streams(board, now)
    effects += degradation.look(board, now)
    for node_id in board.circuits.half_opened(now):
        if (seat := board.roster.by_node.get(node_id)) is not None:
            seating.open_circuits_anew(board, seat)
    return effects


def _excuse(board: Board, late_s: float, now: float) -> None:
    board.leases.excuse(late_s)  # what was to be sent, or was reported meanwhile, comes only now
    for seat in board.roster:
        seat.heard_at = min(now, seat.heard_at + late_s)
        seat.contact_at = min(now, seat.contact_at + late_s)
        if (member := board.membership.of(seat.node_id)) is not None:
            member.rhythm.excuse(late_s, now)


# -- silence -------------------------------------------------------------------------------------


def _listen(board: Board, seat: Seat, member: Member, now: float) -> list[Effect]:
    """Suspect who is quiet for longer than usual, and give up who is silent for too long."""
    silent_s = now - seat.heard_at
    floor_s = board.settings.node_silence_s
    if silent_s <= SUSPECT_FROM * floor_s and member.state is not MemberState.SUSPECT:
        return []  # no law counts a silence as short as that
    bound_s = max(floor_s, board.settings.node_silence_max_s)
    patience_s = member.rhythm.patience_s(floor_s, bound_s)
    is_in_contact = seat.is_in_contact(now)
    found = silence(
        member.rhythm,
        silent_s,
        phi=PHI_LOST,
        floor_s=max(patience_s, board.settings.node_mute_max_s) if is_in_contact else patience_s,
        bound_s=bound_s,
        pauses=PAUSES_LOST,
    )
    if found is not None:
        found = mute(found) if is_in_contact else found
        return attendance.lose_node(board, seat, found.sentence, now, found.evidence)
    if member.state is MemberState.SUSPECT:
        # Asked again each time: over a network that loses messages, one question is not enough.
        return [Tell(seat.address, Heard(member.beat, is_suspect=True))]
    suspect_from_s = SUSPECT_FROM * floor_s if member.rhythm.is_known else patience_s
    found = silence(
        member.rhythm, silent_s, phi=PHI_SUSPECT, floor_s=suspect_from_s, bound_s=bound_s
    )
    if found is None:
        return []
    board.membership.suspected(member, found.sentence, now)
    seating.withhold(board, seat, found.sentence)
    return [
        Incident("node_suspected", seat.node_id, found.sentence, details=found.evidence),
        Tell(seat.address, Heard(member.beat, is_suspect=True)),
    ]


def _release(board: Board, seat: Seat, now: float) -> None:
    """Give work again to whom nothing is held against any more."""
    member = board.membership.of(seat.node_id) if seat.withheld else None
    if member is None or member.left_out_until > now:
        return
    if "deaf" not in member.told and member.state is not MemberState.SUSPECT:
        seating.withhold(board, seat, "")


# -- streams -------------------------------------------------------------------------------------


def _look_at_streams(board: Board, now: float) -> list[Effect]:
    """Give up the attempts whose stream has stopped in the middle."""
    factor, floor_s = board.recovery.stall_intervals_max, board.recovery.stall_s
    effects: list[Effect] = []
    for lease, pace in list(board.streams.items()):
        found = stall(pace, now, factor=factor, floor_s=floor_s)
        if found is not None:
            effects += outcomes.stop_attempt(board, lease, found, now)
    return effects


# -- losses --------------------------------------------------------------------------------------


def judge_losses(board: Board, now: float) -> list[Effect]:
    """Hold a loss against the node and its tasks, unless it shared it with many others.

    What is excused is written down: an attempt that is kept as a loss would count against its task
    again after a restart.
    """
    alone, together = board.membership.judged(now, left=len(board.roster))
    excuses = [
        Excuse(entry.serial, number)
        for loss in together
        for entry in loss.held
        if (number := entry.excuse(loss.node_id)) is not None
    ]
    effects: list[Effect] = []
    closed: list[tuple[Entry, Ending]] = []
    for loss in alone:
        for entry in loss.held:
            board.matcher.record_performance(loss.node_id, 0.0, entry.spec.task_type)
            if entry.phase is not Phase.RESTING:
                continue
            if (plan := after_judgement(board, entry)) is not None:
                sentence = plan.steps[0].sentence
                closed.append(
                    (entry, closing.close(board, entry, TaskStatus.FAILED, now, reason=sentence))
                )
                effects.append(quarantined(entry, loss.node_id, plan))
    if not excuses and not closed:
        return effects
    batch = WriteBatch(endings=[ending for _, ending in closed], excuses=excuses)
    return [*effects, board.writes.order(PendingWrite(batch, closed=closed))]
