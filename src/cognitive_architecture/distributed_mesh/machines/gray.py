"""Nodes that are alive and of no use: found, spared, relieved of what stands still, let in again.

    ears             it speaks and does not hear   it is sent nothing until it hears again
    standing still   it finishes nothing           left alone with what it holds, and relieved of it
    slow             ten times slower than peers   on probation at that, one task at a time

Whatever is done is undone by what the node does: a heartbeat that it heard, a task that it
finishes, a few tasks that take no longer than elsewhere. Nothing is done where half of those who
could do it are so at once: then it is something that they share.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from cognitive_architecture.distributed_mesh.messages import Stop
from cognitive_architecture.distributed_mesh.model import TaskEventKind
from cognitive_architecture.distributed_mesh.policies.detection.findings import Finding
from cognitive_architecture.distributed_mesh.policies.detection.gray import (
    hears_nothing,
    is_quick_again,
    nothing_finished,
    quiet_limit_s,
    shared,
    slower_than_peers,
)
from cognitive_architecture.distributed_mesh.policies.histogram import Histogram
from cognitive_architecture.distributed_mesh.policies.recovery import (
    FailureType,
    RecoveryPlan,
    RecoveryStrategy,
)

from . import leasing, queueing, seating
from .board import Board
from .circuits import OPEN_S
from .effects import Effect, Incident, Tell
from .entry import Entry
from .membership import Member, Told
from .recovery import after_gray, has_peer
from .roster import Seat

_DEAF: Final = "deaf"
_STILL: Final = "stands still"

_LOOKED_AT_FROM_S: Final = 1.0
"""A node that finished something a shorter while ago does not stand still."""

_SHARED_FROM: Final = 0.5
"""A node that has been quiet for this part of what is too long may be about to stand still with the
others; it counts for whether they share something."""


def look(board: Board, now: float) -> list[Effect]:
    """Find nodes whose heart beats and whose work does not move, and act on it."""
    members = [
        (seat, member)
        for seat in board.roster
        if (member := board.membership.of(seat.node_id)) is not None
    ]
    effects: list[Effect] = []
    for seat, member in members:
        effects += _listen_to_ears(board, seat, member, now)
    effects += _look_at_work(board, members, now)
    for seat, member in members:
        effects += _compare(board, seat, member, now)
    return effects


def _tell(
    seat: Seat,
    member: Member,
    kind: str,
    found: Finding,
    now: float,
    plan: RecoveryPlan | None,
    **details: int,
) -> Incident:
    member.told[kind] = Told(found.sentence, now)
    evidence = dict(found.evidence) | details
    unresponsive = FailureType.NODE_UNRESPONSIVE
    return Incident(
        "node_gray",
        seat.node_id,
        found.sentence,
        details=evidence,
        kind_of=unresponsive,
        plan=plan,
    )


def _may(board: Board, strategy: RecoveryStrategy) -> bool:
    return strategy in board.recovery_table[FailureType.NODE_UNRESPONSIVE]


# -- ears ----------------------------------------------------------------------------------------


def _listen_to_ears(board: Board, seat: Seat, member: Member, now: float) -> list[Effect]:
    if not member.heard:
        return []  # a node that never says what it has heard is of an older version
    deaf = hears_nothing(
        said=member.beat,
        answered=member.heard,
        since_answer_s=now - member.heard_grew_at,
        floor_s=board.settings.node_silence_s,
    )
    if deaf is None:
        member.told.pop(_DEAF, None)
        return []
    if not seat.withheld:
        board.membership.suspected(member, deaf.sentence, now)
        seating.withhold(board, seat, deaf.sentence)
    if _DEAF in member.told:
        return []
    plan = after_gray(board, seat, spared="it is sent nothing until it hears again")
    return [_tell(seat, member, _DEAF, deaf, now, plan)]


# -- standing still ------------------------------------------------------------------------------


@dataclass(slots=True)
class _Standstill:
    """A node that holds work, and for how long nothing has come of it."""

    seat: Seat
    member: Member
    found: Finding | None
    task_types: list[str]
    """Of what it holds."""
    overdue: list[Entry] = field(default_factory=list)
    """What it has held for too long itself."""


def _look_at_work(board: Board, members: list[tuple[Seat, Member]], now: float) -> list[Effect]:
    usual: dict[str, Histogram] = {}
    quiet: list[_Standstill] = []
    effects: list[Effect] = []
    for seat, member in members:
        standstill = _standstill(board, seat, member, usual, now)
        if standstill is not None:
            quiet.append(standstill)
        if _STILL in member.told and (standstill is None or standstill.found is None):
            effects += _moves_again(board, seat, member)
    if any(one.found is not None for one in quiet):
        counts = Counter(name for one in quiet for name in one.task_types)
        for one in quiet:
            if one.found is not None:
                effects += _act_on(board, one, one.found, counts, now)
    return effects


def _standstill(
    board: Board, seat: Seat, member: Member, usual: dict[str, Histogram], now: float
) -> _Standstill | None:
    """Whether a node has been quiet for at least a part of what is too long; mostly not."""
    last_at = max(
        board.performance.last_outcome_at(seat.node_id, seat.joined_at), seat.progressed_at
    )
    if not seat.leases or now - last_at < _LOOKED_AT_FROM_S:
        return None
    held = [entry for lease in seat.leases if (entry := board.leases.holder(lease)) is not None]
    if not held:
        return None
    task_types = sorted({entry.spec.task_type for entry in held})
    for name in task_types:
        if name not in usual:
            usual[name] = board.performance.usual(name)
    limit_s = quiet_limit_s(max(usual[name].quantile(0.99) for name in task_types))
    oldest_s = now - min(entry.leased_at for entry in held)
    if min(oldest_s, now - last_at) < _SHARED_FROM * limit_s:
        return None
    found = nothing_finished(
        oldest_held_s=oldest_s,
        since_outcome_s=now - last_at,
        usual_p99_s=max(usual[name].quantile(0.99) for name in task_types),
        samples=min(usual[name].count for name in task_types),
    )
    overdue = [entry for entry in held if now - entry.leased_at >= limit_s]
    overdue.sort(key=lambda entry: entry.serial)
    return _Standstill(seat, member, found, task_types, overdue)


def _moves_again(board: Board, seat: Seat, member: Member) -> list[Effect]:
    """It stands still no longer: because it finishes things, or because it has nothing left."""
    told = member.told.pop(_STILL)
    last_at = board.performance.last_outcome_at(seat.node_id, seat.joined_at)
    if max(last_at, seat.progressed_at) <= told.at:
        return []  # its circuits let one task through by themselves after a while
    if board.circuits.try_again(seat.node_id):
        seating.open_circuits_anew(board, seat)
    return [Incident("node_refuted", seat.node_id, "its work moves again")]


def _act_on(
    board: Board, one: _Standstill, found: Finding, counts: Counter[str], now: float
) -> list[Effect]:
    seat, member = one.seat, one.member
    common = [
        shared(name, gray=counts[name], able=_able(board, seat, name)) for name in one.task_types
    ]
    if (many := next((finding for finding in common if finding is not None), None)) is not None:
        if _STILL in member.told:
            return []
        said = Finding(f"{found.sentence}; {many.sentence}", {**found.evidence, **many.evidence})
        return [_tell(seat, member, _STILL, said, now, None)]
    moved = _movable(board, one) if _may(board, RecoveryStrategy.REDISTRIBUTE) else []
    if _STILL in member.told and not moved:
        return []
    spared = ""
    if _may(board, RecoveryStrategy.CIRCUIT_BREAKER):
        open_s = max(
            board.circuits.open(seat.node_id, name, "it stood still", now)
            for name in one.task_types
        )
        seating.open_circuits_anew(board, seat)
        what = ", ".join(one.task_types[:5])
        spared = f"it gets no {what} for {open_s:g} s, or until its work moves, then one to see"
    plan = after_gray(board, seat, spared=spared, moved=len(moved) or None)
    ids = [entry.spec.task_id for entry in moved]
    number = board.recoveries.begin(seat.node_id, ids, now)
    told = _tell(seat, member, _STILL, found, now, plan, failure=number, tasks_held=len(moved))
    return [told, *_relieve(board, seat, moved, now)]


def _able(board: Board, seat: Seat, capability: str) -> int:
    """How many nodes offer it; the node alone if each of the others is left alone with it."""
    if not has_peer(board, seat, capability):
        return 1
    return sum(capability in other.offered and not other.is_draining for other in board.roster)


def _movable(board: Board, one: _Standstill) -> list[Entry]:
    """What another node may begin: not what another has begun already, nor what it may not."""
    movable = [
        entry
        for entry in one.overdue
        if not (entry.moved or entry.is_hedged or entry.chunks or entry.spec.rare.exclusive)
    ]
    if not movable or _STILL in one.member.told:
        return movable
    # At first what may be hedged is left to that: it loses nothing if the node wakes up.
    hedged = {entry.serial for entry, _ in board.late}
    return [entry for entry in movable if entry.serial not in hedged]


def _relieve(board: Board, seat: Seat, moved: list[Entry], now: float) -> list[Effect]:
    """Take these from a node that stands still; it costs them nothing."""
    reason = f"node {seat.node_id} stood still with it; it was given to another"
    void: list[tuple[int, str]] = []
    effects: list[Effect] = []
    for entry in moved:
        void.append((leasing.take_back(board, entry, reason), reason))
        entry.moved = True
        entry.note_refusal(seat.node_id, now)
        effects += board.watchers.news_of(entry, TaskEventKind.RETRYING, note=reason)
        effects += queueing.queue(board, [entry])
    leasing.settle(board, now)
    return [Tell(seat.address, Stop(void)), *effects] if void else []


# -- slow ----------------------------------------------------------------------------------------


def _compare(board: Board, seat: Seat, member: Member, now: float) -> list[Effect]:
    """Compare what a node has done since it was last looked at with what others do."""
    effects: list[Effect] = []
    for capability, durations in board.performance.lately_by(seat.node_id):
        kind = f"slow at {capability}"
        if kind in member.told:
            if is_quick_again(seat.node_id, durations):
                effects += _let_off(board, seat, member, kind, capability)
            continue
        found = slower_than_peers(seat.node_id, durations)
        if found is not None:
            said = Finding(f"at {capability}, {found.sentence}", found.evidence)
            effects += _spare(board, seat, member, kind, capability, said, now)
    return effects


def _spare(
    board: Board,
    seat: Seat,
    member: Member,
    kind: str,
    capability: str,
    found: Finding,
    now: float,
) -> list[Effect]:
    slow = 1 + sum(kind in other.told for other in board.membership)
    if not _may(board, RecoveryStrategy.CIRCUIT_BREAKER):
        return [_tell(seat, member, kind, found, now, None)]
    if (many := shared(capability, gray=slow, able=_able(board, seat, capability))) is not None:
        said = Finding(f"{found.sentence}; {many.sentence}", {**found.evidence, **many.evidence})
        return [_tell(seat, member, kind, said, now, None)]
    probe_s = max(OPEN_S, 2.0 * float(found.evidence["median_s"]))
    board.circuits.put_on_probation(seat.node_id, capability, found.sentence, probe_s=probe_s)
    if seating.holds(board, seat, capability):
        board.circuits.probe_sent(seat.node_id, capability, now)
    seating.open_circuits_anew(board, seat)
    board.performance.begin_anew(seat.node_id, capability)
    spared = f"it gets one {capability} at a time, until it is as quick as its peers"
    return [_tell(seat, member, kind, found, now, after_gray(board, seat, spared=spared))]


def _let_off(board: Board, seat: Seat, member: Member, kind: str, capability: str) -> list[Effect]:
    del member.told[kind]
    if not board.circuits.is_closed(seat.node_id, capability):
        board.circuits.close(seat.node_id, capability)
        seating.open_circuits_anew(board, seat)
    reason = f"it is as quick at {capability} as its peers again"
    return [Incident("node_refuted", seat.node_id, reason)]
