"""Who is at the table: the nodes, what they offer and how much they will take."""

from __future__ import annotations

import math
from typing import Any, Final

from cognitive_architecture.atomspace import AtomSpace
from cognitive_architecture.distributed_mesh.messages import Vitals
from cognitive_architecture.distributed_mesh.policies.expressions import Attributes
from cognitive_architecture.foundation.change_log import ChangeLog

CONTACT_TOLD_S: Final = 1.0
"""The machine is told so often who is in contact; twice as old the news still counts."""


class Seat:
    """A node's place at the table.

    The node is the authority over its slots: it says how many assignments it has ever been
    willing to receive (``granted``), the machine counts those it has ever sent (``sent``), and
    never sends more. Running totals survive repeated and reordered messages.
    """

    __slots__ = (
        "address",
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
        "progressed_at",
        "rules",
        "sent",
        "sent_at",
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
        self.sent_at = now
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

    def reconcile(self, received: int, now: float, *, lag_s: float) -> None:
        """Compare what was sent with what the node says it has ever received.

        What was sent longer than ``lag_s`` ago has arrived or never will. Beside that, it cannot
        have received more than was sent: an assignment given up as lost has arrived after all.
        """
        if received > self.sent or now - self.sent_at >= lag_s:
            self.sent = received

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
