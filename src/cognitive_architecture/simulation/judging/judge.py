"""Looks at a run from outside and says what was broken.

It sees what any witness could see: what is on the disk, what is said on the network, what handlers
and clients live through. The rules are the guarantees of ``docs/architecture.md``; each breach is
a sentence.
"""

from __future__ import annotations

from collections.abc import Callable

from cognitive_architecture.distributed_mesh.adapters.memory_store import MemoryDisk
from cognitive_architecture.simulation.agenda import Agenda

from .breaches import BREACHES_MAX, Breaches
from .calm import CalmJudge
from .clients import Clients
from .durable import Durable
from .executions import Executions
from .hearsay import Hearsay
from .kept import status_of
from .leasing import Leasing
from .ledger import Ledger
from .meetings import Hindrances, Meetings
from .nodes import Nodes
from .requests import Requests
from .rules import Rules
from .tally import Tally, Underway


class Judge:
    """Puts together who looks at what."""

    def __init__(
        self,
        disk: MemoryDisk,
        rules: Rules,
        agenda: Agenda,
        stop: Callable[[], None],
        *,
        breaches_max: int = BREACHES_MAX,
    ) -> None:
        self.breaches = breaches = Breaches(stop, breaches_max)
        self.tally = tally = Tally()
        self.underway = Underway(tally)
        calm = None
        if rules.is_calm:
            calm = CalmJudge(breaches.broken, agenda, rules.offers, rules.ageing_s)
        in_hand_max = {host: slots + rules.lookahead_max for host, slots in rules.slots.items()}
        self.hindrances = hindrances = Hindrances()
        self.leasing = Leasing(
            breaches.broken, agenda, rules.hedge_after_s, rules.hedge_share, hindrances, in_hand_max
        )
        ledger = Ledger(breaches.broken, disk, rules.failed_share)
        meetings = Meetings()
        self.nodes = Nodes(breaches, rules, agenda, meetings, hindrances)
        self.requests = Requests(breaches, rules, agenda, meetings, hindrances)
        self.executions = Executions(breaches, tally, disk, rules, agenda, self.nodes, calm)
        self.clients = Clients(breaches, tally, disk, agenda, calm)
        self.durable = Durable(
            breaches,
            tally,
            self.underway,
            disk,
            rules,
            agenda,
            self.leasing,
            ledger,
            self.executions,
            self.clients,
            calm,
        )
        self.hearsay = Hearsay(
            breaches,
            disk,
            rules,
            agenda,
            self.leasing,
            ledger,
            self.durable,
            self.clients,
            self.nodes,
            self.requests,
            meetings,
            calm,
        )
        self._disk = disk

    def status(self, task_id: str) -> str:
        """``unknown``, ``open``, or how it ended, as the disk has it."""
        return status_of(self._disk, task_id)
