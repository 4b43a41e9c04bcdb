"""What waits for the disk: writes on their way, and what may be said once they are durable."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from msgspec.structs import replace

from cognitive_architecture.distributed_mesh.messages import Fault, Kept
from cognitive_architecture.distributed_mesh.model import CUT_OFF, Ending
from cognitive_architecture.distributed_mesh.records import Excuse, FailedAttempt, WriteBatch

from .effects import Tell, Write
from .entry import Entry


@dataclass(slots=True)
class Submission:
    """A Submit that waits to be acknowledged; places count within the request."""

    sender: str
    request: int
    tell: bool
    """The sender will hear how each of them ends, so it does not wait for the acknowledgement."""
    entries: list[tuple[int, Entry]] = field(default_factory=list)
    refused: list[tuple[int, Fault]] = field(default_factory=list)
    same_as: list[tuple[int, str]] = field(default_factory=list)
    notes: list[tuple[int, str]] = field(default_factory=list)
    repeated: list[tuple[int, Entry]] = field(default_factory=list)
    """Places that repeat a task which was open, or on its way to the disk, when they came."""


@dataclass(slots=True)
class Cancellation:
    """A Cancel that waits to be answered until everything it concerns is durable."""

    sender: str
    request: int
    task_ids: list[str]
    ended: set[str] = field(default_factory=set)
    """Those that it has ended itself."""
    writes: int = 0
    """Those it still waits for."""


@dataclass(slots=True)
class PendingWrite:
    """A write, and what follows when it is durable."""

    batch: WriteBatch
    submission: Submission | None = None
    closed: list[tuple[Entry, Ending]] = field(default_factory=list)
    replies: list[Tell] = field(default_factory=list)
    awaited_by: list[tuple[Cancellation, list[str]]] = field(default_factory=list)
    """Cancellations that wait for it, and the tasks that each may end only afterwards."""


class PendingWrites:
    """All writes without an answer, by ticket, and those to be tried again."""

    def __init__(self) -> None:
        self._next_ticket = 0
        self._on_their_way: dict[int, PendingWrite] = {}
        self._refused: list[PendingWrite] = []

    def __len__(self) -> int:
        return len(self._on_their_way) + len(self._refused)

    def order(self, pending: PendingWrite) -> Write:
        """Ask for the write."""
        if pending.batch.excuses:
            self._excuse(pending.batch.excuses)
        self._next_ticket += 1
        self._on_their_way[self._next_ticket] = pending
        return Write(self._next_ticket, pending.batch)

    def _excuse(self, excuses: Iterable[Excuse]) -> None:
        """Excuse what is not on the disk yet, too: if it is refused, it comes after the excuse."""
        excused = {(excuse.serial, excuse.number) for excuse in excuses}
        for pending in (*self._on_their_way.values(), *self._refused):
            attempts = pending.batch.attempts
            for place, kept in enumerate(attempts):
                if (kept.serial, kept.attempt.number) in excused:
                    attempt = replace(kept.attempt, outcome=CUT_OFF)
                    attempts[place] = FailedAttempt(kept.serial, attempt)

    def answered(self, ticket: int) -> PendingWrite:
        """The write that ``ticket`` stands for; it is no longer pending."""
        return self._on_their_way.pop(ticket)

    def keep_for_later(self, pending: PendingWrite) -> None:
        """The store has no room; what has happened must be written some time."""
        self._refused.append(pending)

    def of(self, entry: Entry) -> PendingWrite | None:
        """The write that brings the entry, or its ending, to the disk; a search, for rare use."""
        for pending in (*self._on_their_way.values(), *self._refused):
            if pending.submission is not None and any(
                entry is mine for _, mine in pending.submission.entries
            ):
                return pending
            if any(entry is closed for closed, _ in pending.closed):
                return pending
        return None

    def will_keep(self, address: str, number: int) -> bool:
        """Whether the node's report is on its way to the disk already; a search, for rare use."""
        return any(
            reply.address == address
            and isinstance(reply.message, Kept)
            and reply.message.number == number
            for pending in (*self._on_their_way.values(), *self._refused)
            for reply in pending.replies
        )

    @property
    def oldest(self) -> int | None:
        """The ticket of the write that has waited longest for its answer, if any does."""
        return next(iter(self._on_their_way), None)

    @property
    def has_refused(self) -> bool:
        """Whether something waits to be tried again."""
        return bool(self._refused)

    def try_again(self) -> list[Write]:
        """Ask once more for everything that was refused, in the same order."""
        refused, self._refused = self._refused, []
        return [self.order(pending) for pending in refused]
