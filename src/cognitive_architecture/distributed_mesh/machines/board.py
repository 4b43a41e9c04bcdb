"""The state of dispatching; the rooms around it change where an entry stands."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from cognitive_architecture.distributed_mesh.model import TaskSpec
from cognitive_architecture.distributed_mesh.policies.charging import COSTS_PER_S, Charges
from cognitive_architecture.distributed_mesh.policies.detection.findings import Finding
from cognitive_architecture.distributed_mesh.policies.detection.stall import StreamPace
from cognitive_architecture.distributed_mesh.policies.hedging import HedgeBudget
from cognitive_architecture.distributed_mesh.policies.matching import CapabilityMatcher
from cognitive_architecture.distributed_mesh.policies.quotas import Quotas
from cognitive_architecture.distributed_mesh.policies.recovery import (
    FailureType,
    RecoveryStrategy,
    table_of,
)
from cognitive_architecture.distributed_mesh.policies.retry_budget import RetryBudget
from cognitive_architecture.distributed_mesh.policies.scheduling import TaskOrder
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
from .entry import Entry
from .lanes import Lane
from .leases import LeaseTable
from .lines import Line
from .membership import Membership
from .nearly_sorted import NearlySorted
from .needs import NeedsKey
from .overload import Overload
from .performance import Performance
from .recoveries import Recoveries
from .roster import Roster
from .shares import Shares
from .urgency import Urgency
from .watching import Watchers
from .writing import PendingWrites


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
    lease, or closing. ``queueing``, ``resting``, ``leasing`` and ``closing`` move it there; nobody
    else sets ``phase``.
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
        self.ticket = 0
        """The last that an entry was given. A place counts while its entry has the same ticket."""
        self.resting: NearlySorted[tuple[float, int, Entry]] = NearlySorted()
        """Who pauses: until when, with which ticket; void where the entry has another one."""
        self.resumable: dict[int, Entry] = {}
        """What runs and may be stopped for something urgent, by serial, the oldest first."""
        self.hurried: list[Entry] = []
        """Interactive tasks that were queued since it was last looked whether they found room."""
        self.dues: dict[str, Due] = {}
        """What has been taken back since it was last settled, by requester."""

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

    # -- lanes ----------------------------------------------------------------------------

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

    def line(self, spec: TaskSpec) -> Line:
        """The line of the task's requester in its lane, made when first needed."""
        lane = self.lane(spec)
        name = spec.requester or ""
        line = lane.lines.get(name)
        if line is None:
            line = lane.lines[name] = Line(lane, self.shares.account(name))
        return line

    def _next_cost(self, account: Account, lanes: set[Lane]) -> int:
        lines = [line for lane, line in account.lines.items() if lane in lanes]
        line = min(lines, key=_in_front)  # and what is in front is no longer void
        return self.charges.most(line.next.spec)


def _in_front(line: Line) -> tuple[float, int]:
    return line.front() or (math.inf, 0)
