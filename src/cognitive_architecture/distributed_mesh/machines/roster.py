"""Who is at the table: the nodes, what they offer and how much they will take."""

from __future__ import annotations

import math
from typing import Any, Final, NamedTuple

from cognitive_architecture.atomspace import AtomSpace
from cognitive_architecture.distributed_mesh.messages import Vitals
from cognitive_architecture.distributed_mesh.policies.expressions import Attributes
from cognitive_architecture.foundation.change_log import ChangeLog

CONTACT_TOLD_S: Final = 1.0
"""The machine is told so often who is in contact; twice as old the news still counts."""

_ANSWERS_MAX: Final = 32
"""Answers to heartbeats that a node is not known to have heard. Nodes wait for the latest 16."""


class Milestone(NamedTuple):
    """What had been sent when a heartbeat was first answered.

    Frames between two addresses keep their order, so a node that has heard the answer has had
    all of it, or never will.
    """

    beat: int
    lease: int
    """The latest that had been granted, to whatever node."""
    assigned: int
    """Assignments that the node had ever been sent."""


class Seat:
    """A node's place at the table.

    The node is the authority over its slots: it says how many assignments it has ever been
    willing to receive (``granted``), the machine counts those it has ever sent (``sent``), and
    never sends more. Running totals survive repeated and reordered messages.

    What was lost on the way is taken off ``sent`` when that is certain: see ``Milestone``.
    """

    __slots__ = (
        "address",
        "answered",
        "assigned",
        "atoms",
        "attributes",
        "capabilities",
        "contact_at",
        "granted",
        "health_score",
        "heard_at",
        "is_draining",
        "joined_at",
        "leases",
        "metadata",
        "node_id",
        "node_type",
        "offered",
        "passed",
        "progressed_at",
        "rules",
        "sent",
        "shut",
        "slots",
        "vitals",
        "withheld",
    )

    def __init__(self, address: str, node_id: str, *, now: float) -> None:
        self.address = address
        self.node_id = node_id
        self.node_type = "agent"
        self.capabilities: frozenset[str] = frozenset()
        self.offered: frozenset[str] = frozenset()
        """Capabilities with the implied ones and without the unsupported ones."""
        self.atoms: AtomSpace | None = None
        """Those it declares, for patterns to look at."""
        self.attributes: Attributes = {}
        """What expressions see of it."""
        self.rules = 0
        """Its own rules about whom it serves, as bits; see ``RuleBook``."""
        self.slots = 1
        self.granted = 0
        self.sent = 0
        """Of the assignments that it was sent those that have arrived, or may yet."""
        self.assigned = 0
        """Assignments that were ever sent to this seat, whatever became of them."""
        self.answered: list[Milestone] = []
        """Of heartbeats whose answer it is not known to have heard, by their numbers."""
        self.passed: Milestone | None = None
        """Of the latest heartbeat whose answer it has heard."""
        self.leases: set[int] = set()
        self.is_draining = False
        self.shut: dict[str, str] = {}
        """Capabilities with which it is left alone, and why."""
        self.withheld = ""
        """Why it is sent nothing for now, in a sentence; empty where nothing is held against it."""
        self.joined_at = now
        self.heard_at = now
        self.contact_at = -math.inf
        """Instant at which its process was last said to be in contact."""
        self.progressed_at = now
        """Instant at which a handler of it last said that it is further."""
        self.health_score = 1.0
        self.vitals = Vitals()
        self.metadata: dict[str, Any] = {}

    def answer(self, beat: int, lease: int) -> None:
        """A heartbeat is answered, after ``lease`` was granted and all before it.

        An answer that is said again tells nothing of what was sent after the first.
        """
        latest = self.answered[-1] if self.answered else self.passed
        if latest is None or beat > latest.beat:
            self.answered.append(Milestone(beat, lease, self.assigned))
            del self.answered[:-_ANSWERS_MAX]

    def pass_by(self, beat: int) -> Milestone | None:
        """The node says that this is the latest heartbeat whose answer it has heard.

        Returns:
            What was sent before that answer; ``None`` where another orchestrator gave it, or one
            that has lost the node since: then nothing is known of what is on its way.
        """
        if self.passed is not None and self.passed.beat == beat:
            return self.passed
        while self.answered and self.answered[0].beat <= beat:
            milestone = self.answered.pop(0)
            if milestone.beat == beat:
                self.passed = milestone
                return milestone
        return None

    def reconcile(self, received: int, passed: Milestone | None) -> None:
        """Compare what was sent with what the node says it has ever received.

        It cannot have received more than was sent: an assignment that was given up has arrived
        after all. On its way is at most what was sent since the answer that it has heard.
        """
        self.sent = max(self.sent, received)
        if passed is not None:
            self.sent = min(self.sent, received + self.assigned - passed.assigned)

    def is_in_contact(self, now: float) -> bool:
        """Whether its process answers pings, as was told last."""
        return now - self.contact_at <= 2.0 * CONTACT_TOLD_S

    @property
    def room(self) -> int:
        """How many assignments it will take now."""
        return 0 if self.is_draining or self.withheld else self.granted - self.sent

    @property
    def load(self) -> float:
        """Leases per slot; above 1 some wait at the node."""
        return len(self.leases) / self.slots


class Roster:
    """All seats, by address and by node id."""

    def __init__(self) -> None:
        self.by_address: dict[str, Seat] = {}
        self.by_node: dict[str, Seat] = {}
        self.freed: ChangeLog[Seat] = ChangeLog()
        """Seats that may have more room, or less to do. Whoever frees one notes it here."""
        self.judged: ChangeLog[Seat] = ChangeLog()
        """Seats that may be better or worse than they were, apart from how busy they are."""

    def __iter__(self) -> Any:
        return iter(self.by_address.values())

    def __len__(self) -> int:
        return len(self.by_address)

    def add(self, seat: Seat) -> None:
        """Seat a node; its id and address must be free."""
        self.by_address[seat.address] = seat
        self.by_node[seat.node_id] = seat

    def remove(self, seat: Seat) -> None:
        """Clear a seat."""
        del self.by_address[seat.address]
        del self.by_node[seat.node_id]
        self.freed.forget(seat)
        self.judged.forget(seat)
