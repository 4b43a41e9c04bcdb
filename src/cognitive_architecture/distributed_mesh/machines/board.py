"""The state of dispatching, and the only code that changes where an entry stands."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from cognitive_architecture.distributed_mesh.messages import Assignment
from cognitive_architecture.distributed_mesh.model import (
    FELL_BACK,
    NODE_LOST,
    Attempt,
    Ending,
    TaskEvent,
    TaskEventKind,
    TaskSpec,
    TaskStatus,
)
from cognitive_architecture.distributed_mesh.policies.charging import COSTS_PER_S, Charges
from cognitive_architecture.distributed_mesh.policies.detection.findings import Finding
from cognitive_architecture.distributed_mesh.policies.detection.stall import StreamPace
from cognitive_architecture.distributed_mesh.policies.expressions import Expression
from cognitive_architecture.distributed_mesh.policies.hedging import HedgeBudget
from cognitive_architecture.distributed_mesh.policies.matching import CapabilityMatcher
from cognitive_architecture.distributed_mesh.policies.quotas import Quotas
from cognitive_architecture.distributed_mesh.policies.recovery import (
    FailureType,
    RecoveryPlan,
    RecoveryStrategy,
    table_of,
)
from cognitive_architecture.distributed_mesh.policies.retry_budget import RetryBudget
from cognitive_architecture.distributed_mesh.policies.scheduling import (
    TaskOrder,
    is_interactive,
)
from cognitive_architecture.distributed_mesh.records import Balance, FailedAttempt, NewPriority
from cognitive_architecture.foundation.settings import (
    DispatchSettings,
    QuotaSettings,
    RecoverySettings,
    ShareSettings,
)

from .accounts import Account
from .checkpoints import Checkpoints
from .circuits import NodeCircuits
from .classes import Classes
from .earnings import Earnings
from .effects import Tell
from .entry import Entry, Hedge, Phase
from .lanes import Lane
from .leases import LeaseTable
from .lines import Line, Place
from .membership import Membership
from .nearly_sorted import NearlySorted
from .needs import NeedsKey
from .overload import Overload
from .performance import Performance
from .recoveries import Recoveries
from .roster import Roster, Seat
from .shares import Shares
from .urgency import Urgency
from .watching import Watchers
from .writing import PendingWrites

_NOTHING: Final[list[Tell]] = []
"""Returned where there is nothing to tell; never changed."""


@dataclass(slots=True)
class Tally:
    """What has happened since this owner took over."""

    submitted: int = 0
    repeated: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    attempts_failed: int = 0
    nodes_joined: int = 0
    nodes_lost: int = 0
    stale_refused: int = 0
    hedged: int = 0


@dataclass(slots=True)
class Due:
    """What a requester is to be charged for attempts that ended together."""

    attempts: int = 0
    reserved: int = 0
    cost: int = 0


class Board:
    """Every open task, every node, and who holds what.

    An entry is always in exactly one place: on its way to the disk, in a lane, resting, under a
    lease, or closing. The methods here move it; nobody else sets ``phase``.
    """

    def __init__(  # noqa: PLR0915 - a line for each part
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
        share_settings: ShareSettings | None = None,
        quota_settings: QuotaSettings | None = None,
        lags: Mapping[str, int] | None = None,
    ) -> None:
        self.settings = settings
        self.recovery = recovery or RecoverySettings()
        self.order = order
        self.urgency = Urgency(settings)
        share_settings = share_settings or ShareSettings()
        self.charges = Charges(share_settings)
        self.quotas = Quotas(quota_settings or QuotaSettings())
        self.open_by_requester: Counter[str] = Counter()
        """Counted only if anybody has a quota."""
        self.shares = Shares(
            self._next_cost,
            burst=int(share_settings.burst_s * COSTS_PER_S),
            running_max=self._running_max,
        )
        self.shares.restore(lags or {})
        self.matcher = matcher
        self.chance = chance
        self.ever_offered = set(ever_offered)
        self.entries: dict[str, Entry] = {}
        self.open_bytes = 0
        self.lanes: dict[NeedsKey, Lane] = {}
        self.leases = LeaseTable(epoch)
        self.roster = Roster()
        self.classes = Classes(self.roster, matcher)
        self.watchers = Watchers()
        self.writes = PendingWrites()
        self.tally = Tally()
        self.earnings: Earnings | None = None
        """Counted for whoever has put it here, who takes it away again."""
        self.membership = Membership(self.recovery)
        self.recovery_table = table_of(self.recovery)
        self.sheds = (
            RecoveryStrategy.GRACEFUL_DEGRADATION
            in self.recovery_table[FailureType.RESOURCE_EXHAUSTION]
        )
        """Whether what matters least waits, or is refused, when there is too much to do."""
        self.overload = Overload()
        self.checkpoints = Checkpoints()
        self.circuits = NodeCircuits()
        self.retries = RetryBudget()
        self.hedges = HedgeBudget(self.recovery.hedge_share)
        self.late: list[tuple[Entry, Finding]] = []
        """What the last roll call found to be late, until it is looked who has nothing to do."""
        self.recoveries = Recoveries()
        self.performance = Performance()
        self.streams: dict[int, StreamPace] = {}
        """The pace of every attempt that streams, by lease."""
        self.wall_offset = 0.0
        """Seconds since the epoch at instant 0, as far as anybody knows."""
        self._serial = last_serial
        self._ticket = 0
        self._resting: NearlySorted[tuple[float, int, Entry]] = NearlySorted()
        self.resumable: dict[int, Entry] = {}
        """What runs and may be stopped for something urgent, by serial, the oldest first."""
        self.hurried: list[Entry] = []
        """Interactive tasks that were queued since it was last looked whether they found room."""
        self._dues: dict[str, Due] = {}
        """What has ended since ``settle`` was last called, by requester."""

    # -- coming in and going out ------------------------------------------------------------

    def admit(self, spec: TaskSpec, now: float) -> Entry:
        """A new entry, on its way to the disk."""
        self._serial += 1
        entry = Entry(self._serial, spec, self.wall_offset + now, now)
        entry.levels = self.urgency.of_a_new(spec)
        if spec.options is not None or self.quotas.are_any:
            self._count_in(entry)
        self.entries[spec.task_id] = entry
        self.open_bytes += len(spec.payload)
        return entry

    def restore(self, entry: Entry) -> None:
        """An entry that an earlier owner admitted; it rests until nodes had time to claim it."""
        self._count_in(entry)
        self.entries[entry.spec.task_id] = entry
        self.open_bytes += len(entry.spec.payload)

    def drop(self, entry: Entry) -> None:
        """The entry is over, and durable, or never came to be."""
        if self.entries.pop(entry.spec.task_id, None) is not None:
            self.open_bytes -= len(entry.spec.payload)
            if entry.spec.options is not None:
                self.urgency.remove(entry)
            if self.quotas.are_any:
                self._count_out(entry.spec.requester or "")

    def _count_in(self, entry: Entry) -> None:
        self.urgency.add(entry)
        if self.quotas.are_any:
            self.open_by_requester[entry.spec.requester or ""] += 1

    def _count_out(self, requester: str) -> None:
        self.open_by_requester[requester] -= 1
        if not self.open_by_requester[requester]:
            del self.open_by_requester[requester]

    def _running_max(self, requester: str) -> float:
        most = self.quotas.of(requester).running_max
        return math.inf if most is None else most

    def close(
        self,
        entry: Entry,
        status: TaskStatus,
        now: float,
        *,
        result: bytes | None = None,
        reason: str | None = None,
    ) -> Ending:
        """End a task; the ending is still to be written, its lease still to be taken back."""
        if entry.phase is Phase.QUEUED:
            self._leave_line(entry, self.lane(entry.spec))
        if self.recoveries.by_task:
            self.recoveries.over(entry.spec.task_id, now)
        entry.ticket = 0
        entry.phase = Phase.CLOSING
        return Ending(
            entry.spec.task_id,
            entry.serial,
            status,
            result,
            reason,
            entry.seat.node_id if entry.seat is not None else None,
            (entry.attempt if entry.attempts else 1) - (entry.lease == 0),
            entry.started_at,
            self.wall_offset + now,
        )

    # -- waiting ----------------------------------------------------------------------------

    def lane(self, spec: TaskSpec) -> Lane:
        """The lane of the task, made when first needed."""
        is_plain = spec.options is None and not self.classes.rules.are_any
        key = (spec.task_type,) if is_plain else self.classes.key(spec)
        lane = self.lanes.get(key)
        if lane is None:
            lane = self.lanes[key] = Lane(self.classes.index(key, spec))
            lane.shift_s = self.order.seconds(self.urgency.of_type(spec.task_type))
        return lane

    def has_lane_for(self, spec: TaskSpec) -> bool:
        """Whether the task has a lane, or one more may be made.

        Lanes in which nobody waits count until they are cleared: their task may be on its way to
        the disk.
        """
        return len(self.lanes) < self.settings.classes_max or self.classes.key(spec) in self.lanes

    def learn_rules(self, rules: Collection[Expression]) -> None:
        """A node has these rules; where one is new, waiting tasks are told apart by it.

        Raises:
            ConfigurationError: The mesh cannot keep so many apart.
        """
        if self.classes.rules.knows(rules):
            return
        waiting = [
            (entry, self.lane(entry.spec))
            for entry in self.entries.values()
            if entry.phase is Phase.QUEUED
        ]
        self.classes.rules.learn(rules)
        for entry, lane in waiting:
            if self.lane(entry.spec) is not lane:
                self._leave_line(entry, lane)
                self.queue([entry])
        self.lanes = {key: lane for key, lane in self.lanes.items() if lane.waiting}
        self.classes.clear_unused(self.lanes, kept=0)

    def unseat(self, seat: Seat) -> None:
        """The node is gone."""
        self.roster.remove(seat)
        self.classes.unseat(seat)

    def clear_unused_lanes(self) -> None:
        """Forget the lanes in which nobody waits; they are quickly made anew.

        Requesters choose what they need, so there may be any number of combinations.
        """
        for key in [key for key, lane in self.lanes.items() if not lane.waiting]:
            del self.lanes[key]
        self.classes.clear_unused(self.lanes)
        for lane in self.lanes.values():
            if len(lane.lines) > 1:
                lane.lines = {name: line for name, line in lane.lines.items() if line.waiting}
        self.shares.forget_idle()

    def queue(self, entries: Iterable[Entry]) -> list[Tell]:
        """Let entries wait for a node, each in the place its whole waiting time has earned."""
        told: list[Tell] = []
        is_watched = self.watchers.are_any
        is_told_apart = self.classes.rules.are_any
        line: Line | None = None
        last: TaskSpec | None = None
        for entry in entries:
            spec = entry.spec
            # Those that come together mostly wait in one line; it is looked up once.
            if (
                line is None
                or last is None
                or spec.options is not None
                or spec.task_type != last.task_type
                or spec.requester != last.requester
            ):
                line = self._line(spec)
                last = None if is_told_apart or spec.options is not None else spec
            self._ticket += 1
            if line.push(self._place(entry), self._ticket, entry):
                line.account.lines[line.lane] = line
                self.shares.touch(line.account)
            if self.resumable and is_interactive(spec):
                self.hurried.append(entry)
            if is_watched:
                told += self.news(entry, TaskEventKind.QUEUED)
                if not line.lane.seats:
                    told += self.news_of_blocking(entry, line.lane)
        return told

    def _place(self, entry: Entry) -> float:
        if entry.levels or entry.attempts or entry.spec.options is not None:
            levels = self.urgency.levels(entry)
            return self.order.key(entry.spec, waiting_since=entry.queued_at, levels=levels)
        return self.order.key(entry.spec, waiting_since=entry.queued_at)

    def _line(self, spec: TaskSpec) -> Line:
        lane = self.lane(spec)
        name = spec.requester or ""
        line = lane.lines.get(name)
        if line is None:
            line = lane.lines[name] = Line(lane, self.shares.account(name))
        return line

    # -- raising and lowering ---------------------------------------------------------------

    def set_priorities(
        self, priorities: Mapping[str, int]
    ) -> tuple[int, list[NewPriority], list[str]]:
        """Give tasks other priorities.

        Returns:
            How many have another place in the queue now; what is to be written; and the ids of
            which no task is open.
        """
        entries = self.entries
        closing = Phase.CLOSING
        is_told_apart = self.classes.rules.are_any
        written: list[NewPriority] = []
        unknown: list[str] = []
        changed: list[Entry] = []
        moved = 0
        for task_id, priority in priorities.items():
            entry = entries.get(task_id)
            if entry is None or entry.phase is closing:
                unknown.append(task_id)
                continue
            written.append(NewPriority(entry.serial, priority))
            spec = entry.spec
            if spec.priority == priority:
                continue
            if is_told_apart and self._change_class(entry, replace(spec, priority=priority)):
                moved += 1
                continue
            entry.spec = replace(spec, priority=priority)
            changed.append(entry)
        return moved + self._move(changed), written, unknown

    def _change_class(self, entry: Entry, spec: TaskSpec) -> bool:
        """Let a waiting entry stand in the lane of its new spec, if that is another one.

        Nodes may have rules that look at priorities.
        """
        if entry.phase is not Phase.QUEUED or (lane := self.lane(entry.spec)) is self.lane(spec):
            return False
        self._leave_line(entry, lane)
        entry.spec = spec
        self.queue([entry])
        return True

    def raise_type(self, task_type: str, levels: float) -> int:
        """Raise all tasks of a type; how many wait, if any moves. A whole lane moves at once."""
        if levels == self.urgency.of_type(task_type):
            return 0
        self.urgency.raise_type(task_type, levels)
        lanes = [lane for lane in self.lanes.values() if lane.needs.task_type == task_type]
        for lane in lanes:
            lane.shift_s = self.order.seconds(levels)
        return sum(lane.waiting for lane in lanes)

    def raise_concepts(self, levels: Mapping[str, float]) -> int:
        """Raise whatever declares one of these concepts; how many of those wait.

        A task that declares several of them moves once.
        """
        return self._move(self.urgency.raise_concepts(levels))

    def _move(self, entries: Iterable[Entry]) -> int:
        """Give those of them who wait the place that they should have now; how many."""
        moves: dict[Line, list[Place]] = {}
        places: list[Place] = []
        queued = Phase.QUEUED
        ticket = self._ticket
        is_told_apart = self.classes.rules.are_any
        last: TaskSpec | None = None
        for entry in entries:
            if entry.phase is not queued:
                continue
            spec = entry.spec
            if (
                last is None  # as in ``queue``
                or spec.options is not None
                or spec.task_type != last.task_type
                or spec.requester != last.requester
            ):
                places = moves.setdefault(self._line(spec), [])
                last = None if is_told_apart or spec.options is not None else spec
            ticket += 1
            places.append(Place(self._place(entry), entry.serial, ticket, entry))
        moved = ticket - self._ticket
        self._ticket = ticket
        for line, places in moves.items():
            line.move(places)
        return moved

    def _next_cost(self, account: Account, lanes: set[Lane]) -> int:
        lines = [line for lane, line in account.lines.items() if lane in lanes]
        line = min(lines, key=_in_front)  # and what is in front is no longer void
        return self.charges.most(line.next.spec)

    def take_next(self, line: Line) -> Entry:
        """Take the task in front out of a line."""
        was_interactive = line.interactive
        entry = line.pop()
        if not line.waiting or was_interactive:
            self._look_at(line)
        return entry

    def _leave_line(self, entry: Entry, lane: Lane) -> None:
        line = lane.lines[entry.spec.requester or ""]
        line.leave(entry)
        self._look_at(line)

    def _look_at(self, line: Line) -> None:
        """Somebody has left: note where its requester waits now, and for what."""
        if not line.waiting:
            line.account.lines.pop(line.lane, None)  # it is not there if it was held back
        self.shares.touch(line.account)

    def rest(self, entry: Entry, until: float) -> None:
        """Let the entry pause."""
        self._ticket += 1
        entry.phase = Phase.RESTING
        entry.ticket = self._ticket
        self._resting.push((until, self._ticket, entry))

    @property
    def next_rested(self) -> float:
        """When the next pause is over; infinite if nothing rests."""
        while (first := self._resting.first) is not None:
            until, ticket, entry = first
            if entry.ticket == ticket and entry.phase is Phase.RESTING:
                return until
            self._resting.pop()  # cancelled or claimed meanwhile
        return math.inf

    def rests_until(self, entry: Entry) -> float | None:
        """When the pause of an entry is over; a search, for whoever asks why."""
        return next((until for until, ticket, _ in self._resting if ticket == entry.ticket), None)

    def rested(self, now: float) -> list[Entry]:
        """Those whose pause is over."""
        found = []
        while self.next_rested <= now:
            found.append(self._resting.pop()[2])
        return found

    def why_blocked(self, lane: Lane) -> str:
        """Why no node can do what this lane needs, node by node."""
        needs = str(lane.needs)
        if not len(self.roster):
            return f"waits for a node that offers {needs}: the mesh has no nodes"
        reasons = "; ".join(
            f"{seat.node_id} {self.classes.refusal(seat, lane.needs) or 'can'}"
            for seat in sorted(self.roster, key=lambda seat: seat.node_id)[:20]
        )
        return f"waits for a node that offers {needs}: {reasons}"

    def withhold(self, seat: Seat, reason: str) -> None:
        """Send a node nothing more, for this reason; with an empty one, send to it again."""
        seat.withheld = reason
        if not reason:
            self.roster.freed.note(seat)

    def open_circuits_anew(self, seat: Seat) -> None:
        """A circuit of the node has opened, or lets something through again."""
        shut = self.circuits.shut(seat.node_id)
        seat.shut = {name: self.circuits.why(seat.node_id, name) for name in sorted(shut)}
        self.classes.ask_again(seat)

    def holds(self, seat: Seat, capability: str) -> bool:
        """Whether a node has a task of this type now; a search."""
        held = (self.leases.holder(lease) for lease in seat.leases)
        return any(entry is not None and entry.spec.task_type == capability for entry in held)

    def _probe(self, seat: Seat, capability: str, now: float) -> None:
        if (seat.node_id, capability) in self.circuits.half_open:
            self.circuits.probe_sent(seat.node_id, capability, now)
            self.open_circuits_anew(seat)

    # -- under a lease ----------------------------------------------------------------------

    def lease_out(self, entry: Entry, seat: Seat, now: float) -> Assignment:
        """Give the entry, just taken out of its line, to ``seat``.

        Whoever hands out reserves ``entry.reserved``, for all of a line at once.
        """
        deadline = now + entry.spec.timeout_s + self.settings.timeout_grace_s
        lease = self.leases.grant(entry, deadline)
        self._put_under_lease(entry, seat, lease, now)
        seat.sent += 1
        seat.sent_at = now
        if self.circuits.half_open:
            self._probe(seat, entry.spec.task_type, now)
        if (options := entry.spec.options) is not None and options.affinity is not None:
            self.classes.warmth.served(options.affinity, seat)
        attempt = entry.attempt if entry.attempts else 1
        if self.checkpoints.by_serial:
            return Assignment(lease, attempt, entry.spec, self.checkpoints.of(entry.serial))
        return Assignment(lease, attempt, entry.spec)

    def lease_out_again(self, entry: Entry, seat: Seat, now: float, *, failure: int) -> Assignment:
        """Give the entry, which takes long under its lease, to ``seat`` as well."""
        entry.hedge = hedge = Hedge(
            failure,
            now,
            entry.lease,
            entry.seat,
            entry.leased_at,
            entry.started_at,
            entry.reserved,
        )
        assignment = self.lease_out(entry, seat, now)
        entry.turn_to(hedge.lease)
        self.shares.reserve(self.shares.account(entry.spec.requester or ""), hedge.reserved)
        self.hedges.spend()
        self.tally.hedged += 1
        return assignment

    def end_run(self, entry: Entry, reason: str) -> int:
        """End and return the lease that a hedged entry speaks of; from now on it has the other.

        Its requester is charged nothing: it asked for one result. Call ``settle`` as for
        ``take_back``.
        """
        hedge = entry.hedge
        if hedge is None or not hedge.lease:
            raise ValueError(f"{entry.spec.task_id} is not hedged, so its only lease is taken back")
        spent = self.take_back(entry, reason)
        entry.lease = hedge.lease
        entry.seat = hedge.seat
        entry.leased_at = hedge.leased_at
        entry.started_at = hedge.started_at
        entry.reserved = hedge.reserved
        hedge.spent, hedge.lease, hedge.seat, hedge.reserved = spent, 0, None, 0
        self._note_resumable(entry)
        return spent

    def _note_resumable(self, entry: Entry) -> None:
        options = entry.spec.options
        if options is not None and options.resumable and options.latency_target_s is None:
            self.resumable[entry.serial] = entry

    def reclaim(self, entry: Entry, seat: Seat, lease: int, now: float) -> None:
        """Make the lease valid that a returning node still works under."""
        if entry.phase is Phase.QUEUED:
            self._leave_line(entry, self.lane(entry.spec))
        self.leases.adopt(lease, entry, now + entry.spec.timeout_s + self.settings.timeout_grace_s)
        self._put_under_lease(entry, seat, lease, now)
        self.shares.reserve(self.shares.account(entry.spec.requester or ""), entry.reserved)

    def _put_under_lease(self, entry: Entry, seat: Seat, lease: int, now: float) -> None:
        entry.reserved = self.charges.reserve(entry.spec)
        entry.phase = Phase.LEASED
        entry.ticket = 0
        entry.lease = lease
        entry.seat = seat
        entry.leased_at = now
        entry.started_at = self.wall_offset + now
        seat.leases.add(lease)
        if entry.spec.options is not None:
            self._note_resumable(entry)
        if self.recoveries.by_task:
            self.recoveries.given(entry.spec.task_id, seat.node_id, now)

    def take_back(self, entry: Entry, reason: str | None = None, *, cost: int = 0) -> int:
        """End and return the entry's lease, if any; with a reason, a late result is told why.

        Call ``settle`` when all that ended together has been taken back.
        """
        lease = entry.lease
        if not lease:
            return 0
        name = entry.spec.requester or ""
        due = self._dues.get(name)
        if due is None:
            due = self._dues[name] = Due()
        due.attempts += 1
        due.reserved += entry.reserved
        due.cost += cost
        entry.reserved = 0
        if (seat := entry.seat) is not None:
            seat.leases.discard(lease)
            self.roster.freed.note(seat)
        if reason is None:
            self.leases.end(lease)
        else:
            self.leases.revoke(lease, reason)
        entry.lease = 0
        if self.resumable:
            self.resumable.pop(entry.serial, None)
        if self.streams:
            self.streams.pop(lease, None)
        if entry.chunks is not None or entry.progress is not None:
            entry.progress = None
            entry.chunks = None
            entry.chunk_bytes = 0
        return lease

    def settle(self, now: float) -> list[Balance]:
        """Charge what was taken back; what is to be written together with why it was charged."""
        balances = []
        for name, due in self._dues.items():
            account = self.shares.account(name)
            self.shares.settle(account, due.reserved, due.cost, attempts=due.attempts)
            if due.cost:
                lag = self.shares.lag(account)
                balances.append(Balance(name, due.cost, lag, self.wall_offset + now))
        self._dues.clear()
        return balances

    def carry_out(
        self,
        entry: Entry,
        outcome: str,
        reason: str,
        now: float,
        recovery: RecoveryPlan,
        *,
        cost: int,
    ) -> tuple[FailedAttempt, Ending | None, list[Tell]]:
        """An attempt went wrong: end its lease, note it, and do with the task as the plan says.

        Args:
            entry: Under a lease.
            outcome: A word of ``Attempt``.
            reason: A sentence.
            now: Instant.
            recovery: What is done.
            cost: What its requester is charged.

        Returns:
            The attempt to be kept, the ending if there is no further attempt, and news.
        """
        self.tally.attempts_failed += 1
        again = recovery.step(RecoveryStrategy.REDISTRIBUTE)
        other = recovery.step(RecoveryStrategy.FALLBACK)
        if again is not None:
            attempt = self._end_attempt(entry, outcome, reason, now, cost=cost)
            pause_s = again.parameters["pause_s"]
            self.rest(entry, now + pause_s)
            note = f"attempt {attempt.attempt.number} {reason}; next one in {pause_s:.1f} s"
            return attempt, None, self.news(entry, TaskEventKind.RETRYING, note=note)
        if other is not None:
            attempt = self._end_attempt(entry, FELL_BACK, reason, now, cost=cost)
            capability = other.parameters["capability"]
            self.fall_back(entry, capability)
            note = f"attempt {attempt.attempt.number} {reason}; {other.sentence}"
            told = self.news(entry, TaskEventKind.RETRYING, note=note)
            return attempt, None, told + self.queue([entry])
        attempt = self._end_attempt(entry, outcome, reason, now, cost=cost)
        return attempt, self.close(entry, TaskStatus.FAILED, now, reason=reason), []

    def fall_back(self, entry: Entry, capability: str) -> None:
        """From now on it asks for another capability; what was asked first is in the store."""
        entry.spec = replace(entry.spec, task_type=capability)
        if self.checkpoints.by_serial:
            self.checkpoints.drop(entry.serial)  # another handler could make nothing of it

    def lose(
        self,
        entry: Entry,
        reason: str,
        now: float,
        recovery: RecoveryPlan,
        *,
        pause_s: float = 0.0,
    ) -> tuple[FailedAttempt, Ending | None, list[Tell]]:
        """Its node is lost: end its lease, note it, and queue or close.

        Args:
            entry: Under a lease.
            reason: Why its node is lost.
            now: Instant.
            recovery: Whether it may be given to another.
            pause_s: Wait so long before it is queued; the node may come back and go on with it.
        """
        attempt = self._end_attempt(entry, NODE_LOST, reason, now)
        entry.losses += 1
        last = recovery.steps[0].sentence if recovery.leading is None else None
        if last is None and entry.losses - entry.excused >= self.settings.node_losses_max:
            last = f"given up after {entry.losses} nodes were lost while they worked on it"
        if last is not None:
            return attempt, self.close(entry, TaskStatus.FAILED, now, reason=last), []
        told = self.news(entry, TaskEventKind.RETRYING, note=reason)
        if pause_s:
            self.rest(entry, now + pause_s)
            return attempt, None, told
        return attempt, None, told + self.queue([entry])

    def _end_attempt(
        self, entry: Entry, outcome: str, reason: str, now: float, *, cost: int = 0
    ) -> FailedAttempt:
        lease = self.take_back(entry, reason, cost=cost)
        wall = self.wall_offset + now
        attempt = Attempt(
            entry.attempt,
            entry.seat.node_id if entry.seat is not None else None,
            outcome,
            reason,
            entry.started_at if entry.started_at is not None else wall,
            wall,
            lease,
        )
        entry.attempts = (*entry.attempts, attempt)
        return FailedAttempt(entry.serial, attempt)

    # -- news -------------------------------------------------------------------------------

    def news_of_blocking(self, entry: Entry, lane: Lane) -> list[Tell]:
        """Tell whoever streams the task that no node can do it, and why."""
        if not self.watchers.wants_news(entry.spec.task_id):
            return _NOTHING
        return self.news(entry, TaskEventKind.BLOCKED, note=self.why_blocked(lane))

    def news(self, entry: Entry, kind: TaskEventKind, *, note: str | None = None) -> list[Tell]:
        """Tell whoever streams the task."""
        task_id = entry.spec.task_id
        if not self.watchers.wants_news(task_id):
            return _NOTHING
        node_id = entry.seat.node_id if kind is TaskEventKind.ASSIGNED and entry.seat else None
        return self.watchers.news(TaskEvent(task_id, kind, entry.attempt, node_id, note))


def _in_front(line: Line) -> tuple[float, int]:
    return line.front() or (math.inf, 0)
