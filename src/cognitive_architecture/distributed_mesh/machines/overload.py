"""How overloaded the mesh is, and who is held back because of it; see ``degradation``."""

from __future__ import annotations

from typing import Any

from cognitive_architecture.distributed_mesh.policies.detection.thresholds import Alarms
from cognitive_architecture.distributed_mesh.policies.shedding import Delay, Shedding

from .lines import Line


class Overload:
    """What is known of it between two looks."""

    def __init__(self) -> None:
        self.delay = Delay()
        self.shedding = Shedding()
        self.held: dict[Line, None] = {}
        """Lines of which nothing is begun now, in the order in which that began."""
        self.why = ""
        """What is overloaded, in a sentence; empty where nothing is."""
        self.failure = 0
        """The number of the failure that it is."""
        self.began_at = 0.0
        """Instant."""
        self.oldest_write: tuple[int, float] | None = None
        """The ticket of the oldest write without an answer, and since when it is the oldest."""
        self.alarms = Alarms()
        """Which nodes have no memory left."""

    @property
    def is_on(self) -> bool:
        """Whether anything may be held back."""
        return bool(self.delay.level or self.held)

    def to_json(self, now: float) -> dict[str, Any]:
        """What is overloaded, since when, and what waits because of it."""
        return {
            "why": self.why,
            "level": round(self.delay.level, 1),
            "since_s": round(now - self.began_at, 1) if self.why else 0.0,
            "tasks_held_back": sum(line.waiting for line in self.held),
        }

    @property
    def sentence(self) -> str:
        """Why something waits, and until when."""
        return (
            f"is held back while {self.why}: what matters less than level {self.delay.level:.1f} "
            "waits, which is looked at again all the time"
        )
