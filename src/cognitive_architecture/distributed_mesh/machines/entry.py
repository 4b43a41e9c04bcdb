"""A task on its way through the dispatch machine.

WRITING ──▶ QUEUED ──▶ LEASED ──▶ CLOSING ──▶ (gone: the store knows it)
              ▲ ▲         │
              │ └RESTING◀─┘  a failed attempt pauses before the next
              └───────────┘  a lost or handed-back one does not
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from cognitive_architecture.distributed_mesh.messages import Fault
from cognitive_architecture.distributed_mesh.model import CUT_OFF, Attempt, TaskSpec

from .roster import Seat

REFUSAL_KEPT_S: Final = 5.0
"""A node that would not take a task is not asked again for so long."""
REFUSALS_MAX: Final = 8
"""So many nodes are remembered that would not take a task, the latest."""


class Phase(IntEnum):
    """Where an entry stands."""

    WRITING = 0
    """Not yet durable, so not yet acknowledged and not yet begun."""
    QUEUED = 1
    RESTING = 2
    """Pausing between attempts, or after a restart until nodes had time to claim it."""
    LEASED = 3
    CLOSING = 4
    """Over; the ending is being written."""


class Hedge(Struct, gc=False):
    """The second attempt of a task that takes long: what an entry knows of its first, once more."""

    failure: int
    """The number of the failure that it answers."""
    begun_at: float
    """Instant."""
    lease: int
    """0 when one of the two is over. It stays with its entry, for a task is hedged once."""
    seat: Seat | None
    leased_at: float
    started_at: float | None
    reserved: int
    spent: int = 0
    """The lease that was over first; nobody goes on under it."""


class Entry(Struct, gc=False):
    """The machine's record of one open task.

    Untracked by the garbage collector (a million of them would make it crawl), so nothing an
    entry refers to may refer back to it.
    """

    serial: int
    spec: TaskSpec
    created_at: float
    """Seconds since the epoch."""
    queued_at: float
    """Instant."""
    phase: Phase = Phase.WRITING
    ticket: int = 0
    """Its place in a queue is valid only with this number; an older one is void."""
    levels: float = 0.0
    """By how much it is more urgent than its priority, concepts and failures say."""
    attempts: tuple[Attempt, ...] = ()
    """Those that went wrong."""
    lease: int = 0
    seat: Seat | None = None
    leased_at: float = 0.0
    """Instant."""
    started_at: float | None = None
    """Seconds since the epoch."""
    losses: int = 0
    """Attempts whose node was lost."""
    excused: int = 0
    """How many of those losses cannot be the task's fault: the node vanished together with many
    others."""
    teller: str | None = None
    """The address that hears of the ending without asking."""
    progress: tuple[float, str] | None = None
    chunks: list[bytes] | None = None
    chunk_bytes: int = 0
    same_as: str | None = None
    """The earlier task that it turned out to repeat; it never came to be."""
    fault: Fault | None = None
    """Why it was never written; it never came to be."""
    refusals: tuple[tuple[str, float], ...] = ()
    """Nodes that would not take it, and the instants until which they are not asked again."""
    preemptions: int = 0
    """How often it was stopped for another task."""
    reserved: int = 0
    """What is reserved for the running attempt; each is settled once."""
    hedge: Hedge | None = None
    moved: bool = False
    """Whether a node that stood still was relieved of it. It is not moved a second time: then it
    may be the task that takes so long."""

    def note_refusal(self, node_id: str, now: float) -> None:
        """A node would not take it: let others be asked first."""
        others = [refusal for refusal in self.refusals if refusal[0] != node_id]
        self.refusals = (*others[1 - REFUSALS_MAX :], (node_id, now + REFUSAL_KEPT_S))

    def forget_refusals(self, now: float) -> None:
        """Nodes whose time is over may be asked again."""
        self.refusals = tuple(refusal for refusal in self.refusals if refusal[1] > now)

    @property
    def is_hedged(self) -> bool:
        """Whether two nodes work on it. They do the same attempt: both have its number."""
        return self.hedge is not None and self.hedge.lease != 0

    @property
    def runs(self) -> list[tuple[str, float]]:
        """Nodes that work on it, and the instants since when, the one that began first in front."""
        runs = [(self.leased_at, self.seat)]
        if self.hedge is not None and self.hedge.lease:
            runs.append((self.hedge.leased_at, self.hedge.seat))
        return [
            (seat.node_id, leased_at)
            for leased_at, seat in sorted(runs, key=lambda run: run[0])
            if seat is not None
        ]

    def turn_to(self, lease: int) -> None:
        """Let its fields speak of the run under this lease, and ``hedge`` of the other one.

        The two are equal, so whoever looks at one run looks at the fields, as where there is one.
        """
        hedge = self.hedge
        if hedge is None or hedge.lease != lease or lease == 0:
            return
        self.lease, hedge.lease = hedge.lease, self.lease
        self.seat, hedge.seat = hedge.seat, self.seat
        self.leased_at, hedge.leased_at = hedge.leased_at, self.leased_at
        self.started_at, hedge.started_at = hedge.started_at, self.started_at
        self.reserved, hedge.reserved = hedge.reserved, self.reserved

    def excuse(self, node_id: str) -> int | None:
        """Its latest loss with this node was nobody's fault; the number of that attempt, if any."""
        for place in reversed(range(len(self.attempts))):
            lost = self.attempts[place]
            if lost.is_loss and lost.node_id == node_id:
                if lost.is_excused:
                    return None
                excused = replace(lost, outcome=CUT_OFF)
                self.attempts = (*self.attempts[:place], excused, *self.attempts[place + 1 :])
                self.excused += 1
                return lost.number
        return None

    @property
    def attempt(self) -> int:
        """The number of the attempt that is running or comes next.

        An owner that died may have written the second failure and not the first, which the disk
        had refused before; a number that is kept must not be given out again.
        """
        return self.attempts[-1].number + 1 if self.attempts else 1
