"""What is written to the task store, and what is read from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from msgspec import Struct

from .model import Attempt, Ending, TaskSpec, TaskStatus


class NewTask(Struct, frozen=True, gc=False):
    """An admitted task as the store receives it."""

    serial: int
    """1, 2, 3 … over the life of the store."""
    spec: TaskSpec
    created_at: float
    """Seconds since the epoch."""


class FailedAttempt(Struct, frozen=True, gc=False):
    """An attempt that went wrong, to be kept with its task."""

    serial: int
    attempt: Attempt


class Excuse(Struct, frozen=True, gc=False):
    """An attempt that was lost, and as it turned out through nobody's fault."""

    serial: int
    number: int
    """Of the attempt; its outcome becomes ``CUT_OFF``."""


class Checkpoint(Struct, frozen=True, gc=False):
    """What a handler has kept of a task that is not done, for the attempt that comes next."""

    serial: int
    data: bytes
    """msgpack; empty: it is of no use any more."""
    stage: int = 0
    """How many capabilities had been tried in vain: it is of use to this one's handler alone."""


class NewPriority(Struct, frozen=True, gc=False):
    """A task that is more urgent than was asked, or less."""

    serial: int
    priority: int


class Balance(Struct, frozen=True, gc=False):
    """What a requester was charged, to become durable together with what it was charged for."""

    requester: str
    """Empty for tasks that name none."""
    served: int
    """Charged since its last balance, in millionths of a second of a slot."""
    lag: int
    """What it is owed now; negative: it was served too much. Same unit."""
    charged_at: float
    """Seconds since the epoch."""


class WriteBatch(Struct, gc=False):
    """What becomes durable together, or not at all."""

    tasks: list[NewTask] = []
    endings: list[Ending] = []
    attempts: list[FailedAttempt] = []
    capabilities: list[str] = []
    """Offered for the first time in the life of this store."""
    balances: list[Balance] = []
    priorities: list[NewPriority] = []
    """Of tasks that are kept already, or are in this batch."""
    excuses: list[Excuse] = []
    """Of attempts that are kept already, or are in this batch."""
    checkpoints: list[Checkpoint] = []
    """Of tasks that are kept already; the last one of a task holds."""

    @property
    def rows(self) -> int:
        """How much there is to write."""
        return (
            len(self.tasks)
            + len(self.endings)
            + len(self.attempts)
            + len(self.capabilities)
            + len(self.balances)
            + len(self.priorities)
            + len(self.excuses)
            + len(self.checkpoints)
        )

    def extend(self, other: WriteBatch) -> None:
        """Make ``other`` part of this batch, after what is already in it."""
        self.tasks += other.tasks
        self.endings += other.endings
        self.attempts += other.attempts
        self.capabilities += other.capabilities
        self.balances += other.balances
        self.priorities += other.priorities
        self.excuses += other.excuses
        self.checkpoints += other.checkpoints


@dataclass(frozen=True, slots=True)
class Ownership:
    """What an orchestrator learns when it takes over a store."""

    epoch: int
    """1 for the first owner, one more for each later one; every row it writes carries it."""
    last_serial: int
    capabilities: frozenset[str]
    """Everything any node has ever offered."""
    lags: Mapping[str, int] = field(default_factory=dict)
    """By requester, the lag of its last balance, where it is not 0."""


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task that has not ended, as a new owner finds it."""

    task: NewTask
    attempts: tuple[Attempt, ...] = ()
    checkpoint: Checkpoint | None = None
    """The latest, if it has one."""


@dataclass(frozen=True, slots=True)
class StoredTask:
    """Everything the store knows of one task."""

    task: NewTask
    attempts: tuple[Attempt, ...] = ()
    ending: Ending | None = None

    @property
    def status(self) -> TaskStatus:
        """Final, or PENDING: that a task runs is known to the dispatch machine alone."""
        return TaskStatus(self.ending.status) if self.ending else TaskStatus.PENDING


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """Which tasks are wanted; a field left out does not restrict."""

    status: TaskStatus | None = None
    """A final one, or PENDING for whatever has not ended."""
    task_type: str | None = None
    requester: str | None = None
    before_serial: int | None = None
    """For paging: the smallest serial of the page before."""
    limit: int = 50


@dataclass(frozen=True, slots=True)
class TaskCounts:
    """How many tasks the store holds."""

    open: int = 0
    ended: dict[str, int] = field(default_factory=dict)
    """By final status."""


def merged_balances(balances: list[Balance]) -> list[Balance]:
    """The same as one balance for each requester: what is charged adds up, the last lag holds."""
    merged: dict[str, Balance] = {}
    for balance in balances:
        earlier = merged.get(balance.requester)
        served = balance.served + (earlier.served if earlier is not None else 0)
        merged[balance.requester] = Balance(
            balance.requester, served, balance.lag, balance.charged_at
        )
    return list(merged.values())
