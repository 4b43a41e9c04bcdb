"""What clients live through."""

from __future__ import annotations

from dataclasses import dataclass, field

from cognitive_architecture.distributed_mesh.adapters.memory_store import MemoryDisk
from cognitive_architecture.distributed_mesh.model import Ending
from cognitive_architecture.simulation.agenda import Agenda

from .breaches import Breaches
from .calm import CalmJudge
from .kept import ending_of, status_of
from .tally import Tally


@dataclass(slots=True)
class Clients:
    """What their programs were told, and what they asked for."""

    breaches: Breaches
    tally: Tally
    disk: MemoryDisk
    agenda: Agenda
    calm: CalmJudge | None
    acknowledged: dict[str, float] = field(default_factory=dict)
    """By task: since when."""
    told: dict[str, Ending] = field(default_factory=dict)
    asked_to_cancel: set[str] = field(default_factory=set)
    """Tasks; only these may end as cancelled."""

    def awaits(self, task_id: str) -> None:
        """A client's program waits to hear how its task ends."""
        if self.calm is not None:
            self.calm.awaits(task_id)

    def heard(self, client: str, task_id: str, ending: Ending) -> None:
        """A client's program was told how its task ended."""
        if self.calm is not None:
            self.calm.heard(task_id)
        self.tally.told += 1
        known = self.told.setdefault(task_id, ending)
        self.breaches.demand(
            known == ending, f"{client} hears twice of {task_id}, and not the same"
        )
        self.breaches.demand(
            ending_of(self.disk, task_id) == ending,
            f"{client} hears that {task_id} is {ending.status}; on the disk it is "
            f"{status_of(self.disk, task_id)}",
        )

    def acknowledge(self, task_id: str) -> None:
        """A client's program was told that its task is accepted."""
        self.tally.acknowledged += 1
        self.acknowledged.setdefault(task_id, self.agenda.now)
        self.breaches.demand(
            status_of(self.disk, task_id) != "unknown", f"{task_id} is acknowledged, on no disk"
        )
