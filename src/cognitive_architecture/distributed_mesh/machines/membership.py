"""Who belongs to the mesh, and what is thought of them.

    arrives ──▶ JOINED ──first heartbeat──▶ HEALTHY ◀──any word──┐
                   │                           │                 │
                   │                           └──too quiet──▶ SUSPECT
                   │                           │                 │
                   └──lost, or said goodbye──▶ GONE ◀──silent for too long, link gone

A member is known by its node id and its incarnation, the part of its address after ``~``: a
process that was started again is a new incarnation, and never refutes what was thought of the one
before it. A suspect gets no new tasks, keeps those it has, and refutes by being heard.

Source: the states of SWIM (A. Das et al., 2002), where a suspect may refute. We differ: one
orchestrator judges, so nothing is gossiped, and a node that is gone comes back as it is.
"""

from __future__ import annotations

import math
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from cognitive_architecture.distributed_mesh.policies.detection.findings import Finding
from cognitive_architecture.distributed_mesh.policies.detection.flapping import Damping, Flapping
from cognitive_architecture.distributed_mesh.policies.detection.partition import (
    WITHIN_S,
    partition,
    together,
)
from cognitive_architecture.distributed_mesh.policies.detection.silence import Rhythm
from cognitive_architecture.foundation.settings import RecoverySettings

from .entry import Entry

_GONE_REMEMBERED: Final = 1000
"""Members that are gone and still shown; the oldest are forgotten first."""


class MemberState(StrEnum):
    """What is thought of a member."""

    JOINED = "joined"
    """It has said hello and not yet been heard again."""
    HEALTHY = "healthy"
    SUSPECT = "suspect"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Told:
    """A finding that was told."""

    sentence: str
    at: float
    """Instant."""


@dataclass(slots=True)
class Member:
    """One incarnation of a node."""

    node_id: str
    incarnation: str
    state: MemberState
    since: float
    """Instant at which it came into this state."""
    rhythm: Rhythm
    reason: str = ""
    """Why it is thought so; empty where nothing is wrong."""
    left_out_until: float = 0.0
    """Instant until which it gets nothing, because it comes and goes too often."""
    beat: int = 0
    """Number of its latest heartbeat."""
    heard: int = 0
    """The latest heartbeat whose answer it says it has heard."""
    heard_grew_at: float = 0.0
    """Instant at which that number last grew."""
    told: dict[str, Told] = field(default_factory=dict)
    """The findings that were told and still hold, by kind."""


@dataclass(slots=True)
class Loss:
    """A node that was lost, until it is clear whether it alone was."""

    node_id: str
    at: float
    joined_at: float
    held: list[Entry]
    """What it worked on."""


class Membership:
    """All members, and the losses of the last seconds."""

    def __init__(self, settings: RecoverySettings) -> None:
        self._members: OrderedDict[str, Member] = OrderedDict()
        self._losses: deque[Loss] = deque()
        """Those of the last seconds, by their instant."""
        self._unjudged = 0
        """How many at the end of them are still to be judged."""
        self.flapping = Flapping(
            Damping(
                suppress=settings.flapping_losses_max,
                reuse=settings.flapping_losses_max / 3.0,
                half_life_s=settings.flapping_half_life_s,
                penalty_max=settings.flapping_losses_max * 8.0 / 3.0,
            )
        )

    def __iter__(self) -> Iterator[Member]:
        return iter(self._members.values())

    def of(self, node_id: str) -> Member | None:
        """The latest incarnation of a node."""
        return self._members.get(node_id)

    # -- coming, being heard, going -----------------------------------------------------------

    def arrived(self, node_id: str, address: str, now: float) -> Finding | None:
        """A node said hello; why it is to be left out for a while, if it is."""
        incarnation = address.rpartition("~")[2]
        member = self._members.get(node_id)
        if member is not None and member.incarnation == incarnation:
            if member.state is not MemberState.GONE:
                return None
            self._enter(member, MemberState.JOINED, now)
        else:
            rhythm = Rhythm(now)
            member = Member(node_id, incarnation, MemberState.JOINED, now, rhythm)
            self._members[node_id] = member
        member.heard_grew_at = now
        self._members.move_to_end(node_id)
        found = self.flapping.left_out_for(node_id, now)
        member.left_out_until = now + float(found.evidence["left_out_s"]) if found else 0.0
        return found

    def beat(self, node_id: str, beat: int, heard: int, now: float) -> None:
        """Its heartbeat was heard."""
        member = self._members.get(node_id)
        if member is None:
            return
        member.rhythm.beat(now)
        member.beat = max(member.beat, beat)
        if heard > member.heard:
            member.heard = heard
            member.heard_grew_at = now
        if member.state is MemberState.JOINED:
            self._enter(member, MemberState.HEALTHY, now)

    def suspected(self, member: Member, reason: str, now: float) -> None:
        """It has been quiet for longer than it usually is."""
        self._enter(member, MemberState.SUSPECT, now, reason)

    def refuted(self, member: Member, now: float) -> None:
        """It was heard after all."""
        self._enter(member, MemberState.HEALTHY, now)

    def left(self, node_id: str, now: float) -> None:
        """It said goodbye."""
        if (member := self._members.get(node_id)) is not None:
            self._enter(member, MemberState.GONE, now, "it said goodbye")
            self._forget_oldest()

    def lost(
        self, node_id: str, reason: str, held: list[Entry], now: float, *, joined_at: float
    ) -> None:
        """It is gone without a word."""
        if (member := self._members.get(node_id)) is not None:
            self._enter(member, MemberState.GONE, now, reason)
        self._losses.append(Loss(node_id, now, joined_at, held))
        self._unjudged += 1
        self.flapping.lost(node_id, now)
        self._forget_oldest()

    def _enter(self, member: Member, state: MemberState, now: float, reason: str = "") -> None:
        if member.state is not state:
            member.state = state
            member.since = now
        if state is MemberState.GONE:
            member.told.clear()
        member.reason = reason

    def _forget_oldest(self) -> None:
        if len(self._members) > 2 * _GONE_REMEMBERED:
            gone = [m.node_id for m in self if m.state is MemberState.GONE]
            for node_id in gone[: max(0, len(gone) - _GONE_REMEMBERED)]:
                del self._members[node_id]

    # -- losses -------------------------------------------------------------------------------

    def vanished_together(self, now: float, *, left: int) -> Finding | None:
        """Whether the losses of the last seconds are one event, that of the network."""
        return partition(lost=together(self._losses, now), left=left)

    def will_judge(self, entry: Entry) -> bool:
        """Whether it is not known yet of a loss whether the node that had a task was lost alone."""
        pending = list(self._losses)[len(self._losses) - self._unjudged :]
        return any(entry is held for loss in pending for held in loss.held)

    def judged(self, now: float, *, left: int) -> tuple[list[Loss], list[Loss]]:
        """The losses about which all is known that will be: those alone, those together."""
        alone: list[Loss] = []
        shared: list[Loss] = []
        while self._unjudged:
            loss = self._losses[-self._unjudged]
            if now < loss.at + WITHIN_S:
                break
            self._unjudged -= 1
            is_shared = partition(lost=together(self._losses, loss.at), left=left) is not None
            (shared if is_shared else alone).append(loss)
        while self._losses and len(self._losses) > self._unjudged:
            if now - self._losses[0].at <= 2.0 * WITHIN_S:
                break
            self._losses.popleft()
        for loss in shared:
            self.flapping.forgive(loss.node_id, now)
        return alone, shared

    @property
    def next_judgement(self) -> float:
        """The instant at which the oldest loss can be judged; infinite if none waits for it."""
        return self._losses[-self._unjudged].at + WITHIN_S if self._unjudged else math.inf

    # -- for reading --------------------------------------------------------------------------

    def to_json(self, now: float) -> list[dict[str, Any]]:
        """Every member, by node id."""
        return [
            {
                "node_id": member.node_id,
                "incarnation": member.incarnation,
                "state": str(member.state),
                "since_s": round(max(0.0, now - member.since), 3),
                "reason": member.reason,
                "heartbeat_s": round(member.rhythm.mean_s, 3),
                "gray": [told.sentence for _, told in sorted(member.told.items())],
                "left_out_s": round(max(0.0, member.left_out_until - now), 1),
                "flapping_penalty": round(self.flapping.penalty(member.node_id, now), 2),
            }
            for member in sorted(self, key=lambda member: member.node_id)
        ]
