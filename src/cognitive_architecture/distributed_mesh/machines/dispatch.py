"""A task's life, from submitted to ended: the machine behind the orchestrator.

    submit ▶ admit ▶ write ▶ acknowledge ▶ queue ▶ match ▶ lease ▶ send ▶ … ▶ result
           ▶ accept once ▶ write ▶ tell

Every fact goes in through ``handle(event, now)``; orders come out as effects. ``assign(now)`` is
called when a batch of facts is in, and hands out what can be handed out. ``deadline`` says when
to come back with ``on_timer`` if nothing happens before.

What it keeps to, at every instant:

1. An acknowledged task is among the entries, or its ending is durable; it ends once.
2. A result is accepted only under a valid lease of its task, of which there is one, and two
   while the task is hedged; with the first accepted, both are used up.
3. Nothing is told before it is durable.
4. Every queue has a bound; beyond it submissions are refused with a time to come back.

``intake`` reads what requesters want, ``cancelling`` what they no longer want, ``attendance`` who
is there, ``outcomes`` and ``streams`` what becomes of attempts, ``placement`` brings both together,
``hedging`` begins a second attempt of what is late, and ``steering`` changes what is more urgent.
``board`` holds the state; ``queueing``, ``resting``, ``leasing`` and ``closing`` move an entry in
it, ``raising`` within its line, and ``failing`` after an attempt that went wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from cognitive_architecture.distributed_mesh.policies.matching import CapabilityMatcher
from cognitive_architecture.distributed_mesh.policies.scheduling import AgeingOrder, TaskOrder
from cognitive_architecture.distributed_mesh.records import Ownership
from cognitive_architecture.foundation.settings import (
    DispatchSettings,
    QuotaSettings,
    RecoverySettings,
    Settings,
    ShareSettings,
)

from . import (
    attendance,
    cancelling,
    events,
    hedging,
    intake,
    outcomes,
    placement,
    preempting,
    queueing,
    resting,
    roll_call,
    steering,
    streams,
)
from .board import Board
from .effects import Effect

_HANDLERS: Final[dict[type, Callable[[Board, Any, float], list[Effect]]]] = {
    events.TasksFound: intake.on_found,
    events.TasksSubmitted: intake.on_submitted,
    events.Written: intake.on_written,
    events.WriteFailed: intake.on_write_failed,
    events.CancelRequested: cancelling.on_cancel,
    events.WatchRequested: intake.on_watch,
    events.WatchEnded: intake.on_watch_ended,
    events.NodeArrived: attendance.on_arrived,
    events.NodeLost: attendance.on_lost,
    events.NodeLeft: attendance.on_left,
    events.NodeDrains: attendance.on_drains,
    events.NodeReported: outcomes.on_reported,
    events.NodeHandedBack: outcomes.on_handed_back,
    events.NodeMeasured: attendance.on_measured,
    events.NodesInContact: attendance.on_contact,
    events.WeightsChanged: steering.on_weights_changed,
    events.Reprioritised: steering.on_reprioritised,
    events.AttemptProgressed: streams.on_progressed,
    events.ChunkArrived: streams.on_chunk,
    events.CheckpointSaved: streams.on_checkpoint,
}


class DispatchMachine:
    """All tasks and nodes of one orchestrator."""

    def __init__(
        self,
        settings: DispatchSettings,
        *,
        epoch: int,
        last_serial: int,
        order: TaskOrder,
        matcher: CapabilityMatcher,
        chance: Callable[[], float],
        ever_offered: Iterable[str] = (),
        recovery: RecoverySettings | None = None,
        shares: ShareSettings | None = None,
        quotas: QuotaSettings | None = None,
        lags: Mapping[str, int] | None = None,
    ) -> None:
        self.board: Final = Board(
            settings,
            epoch=epoch,
            last_serial=last_serial,
            order=order,
            matcher=matcher,
            chance=chance,
            ever_offered=ever_offered,
            recovery=recovery,
            share_settings=shares,
            quota_settings=quotas,
            lags=lags,
        )
        self._next_roll_call = -math.inf
        self._next_write_retry = math.inf

    @classmethod
    def of(
        cls,
        settings: Settings,
        owned: Ownership,
        matcher: CapabilityMatcher,
        chance: Callable[[], float],
    ) -> DispatchMachine:
        """The machine of an orchestrator that has just taken over a store.

        Args:
            settings: All sections.
            owned: What the store told its new owner.
            matcher: How nodes are judged.
            chance: Draws from 0 to 1, for the pauses between attempts.
        """
        dispatch = settings.dispatch
        return cls(
            dispatch,
            epoch=owned.epoch,
            last_serial=owned.last_serial,
            order=AgeingOrder(dispatch.ageing_s, dispatch.deadline_lead_s),
            matcher=matcher,
            chance=chance,
            ever_offered=owned.capabilities,
            recovery=settings.recovery,
            shares=settings.shares,
            quotas=settings.quotas,
            lags=owned.lags,
        )

    def handle(self, event: events.Event, now: float) -> list[Effect]:
        """Take note of a fact."""
        effects = _HANDLERS[type(event)](self.board, event, now)
        if self._next_write_retry == math.inf and self.board.writes.has_refused:
            self._next_write_retry = now + self.board.settings.store_retry_s
        return effects

    def assign(self, now: float) -> list[Effect]:
        """Hand out what can be handed out."""
        effects = placement.assign(self.board, now)
        if self.board.hurried:
            effects = [*effects, *preempting.preempt(self.board, now)]
        if self.board.late:
            effects = [*effects, *hedging.hedge(self.board, now)]
        return effects

    @property
    def deadline(self) -> float:
        """The instant at which ``on_timer`` has something to do; infinite if nothing is due."""
        board = self.board
        next_roll_call = self._next_roll_call if board.roster or board.lanes else math.inf
        return min(
            self.board.leases.next_deadline,
            resting.next_rested(self.board),
            self._next_write_retry,
            next_roll_call,
            board.membership.next_judgement,
        )

    def on_timer(self, now: float) -> list[Effect]:
        """Do what time alone brings about; an early call does nothing."""
        board = self.board
        effects: list[Effect] = []
        if now >= self._next_write_retry:
            self._next_write_retry = math.inf
            effects += board.writes.try_again()
        if now >= self._next_roll_call:
            late_s = now - self._next_roll_call if math.isfinite(self._next_roll_call) else 0.0
            self._next_roll_call = now + roll_call.interval_s(board)
            queueing.clear_unused_lanes(board)
            board.matcher.experience.settle_medians()
            effects += roll_call.call(board, now, late_s=late_s)
        if now >= board.membership.next_judgement:
            effects += roll_call.judge_losses(board, now)
        for entry in resting.rested(board, now):
            effects += queueing.queue(board, [entry])
        effects += outcomes.on_expired(board, board.leases.expired(now), now)
        return effects

    def anchor_wall(self, offset: float) -> None:
        """Say what date instant 0 was, in seconds since the epoch; used for showing only."""
        self.board.wall_offset = offset
