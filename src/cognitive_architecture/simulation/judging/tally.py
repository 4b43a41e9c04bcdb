"""What a run came to, in numbers."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """What a run came to."""

    submitted: int = 0
    acknowledged: int = 0
    refused: int = 0
    attempts: int = 0
    executions: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    told: int = 0
    nodes_lost: int = 0
    """How often an attempt was noted as lost with its node."""
    orchestrators: int = 0
    commits: int = 0
    under: dict[str, int] = field(default_factory=dict)
    """Attempts that were underway while something was broken, by the kind of trouble; one that was
    under several counts for each, and one that met none for ``nothing``."""


@dataclass(slots=True)
class Underway:
    """Counts attempts, each under the trouble that it met."""

    tally: Tally
    _trouble_ends: dict[str, float] = field(default_factory=dict)
    """By kind of trouble that has begun: when the last of it is over."""

    def troubled(self, kind: str, ends_at: float) -> None:
        """Something breaks now, until ``ends_at``."""
        self._trouble_ends[kind] = max(ends_at, self._trouble_ends.get(kind, 0.0))

    def was_there(self, kind: str, since: float) -> bool:
        """Whether there was this kind of trouble at any time since."""
        return self._trouble_ends.get(kind, -1.0) >= since

    def count(self, began: float) -> None:
        """An attempt that began then is over now."""
        self.tally.attempts += 1
        under = self.tally.under
        kinds = [kind for kind, ends in self._trouble_ends.items() if ends >= began]
        for kind in kinds or ("nothing",):
            under[kind] = under.get(kind, 0) + 1
