"""Is a measure beyond its limit? Told when it crosses it, and again only after it has left it."""

from __future__ import annotations

from dataclasses import dataclass

from cognitive_architecture.foundation.errors import ConfigurationError

from .findings import Finding


@dataclass(frozen=True, slots=True)
class Limit:
    """Where an alarm begins and where it is over."""

    alarm: float
    clear: float

    def __post_init__(self) -> None:
        if self.clear >= self.alarm:
            raise ConfigurationError(
                "clear must lie below alarm, or every wobble is a new failure: "
                f"{self.clear:g} >= {self.alarm:g}"
            )


class Alarms:
    """Which measures of which nodes are beyond their limit."""

    def __init__(self) -> None:
        self._raised: set[tuple[str, str]] = set()

    def crossing(self, node_id: str, measure: str, value: float, limit: Limit) -> Finding | None:
        """What is to be told of this value; nothing of one that was told and not left since."""
        if value < limit.clear:
            if self._raised:
                self._raised.discard((node_id, measure))
        elif value >= limit.alarm and (node_id, measure) not in self._raised:
            self._raised.add((node_id, measure))
            return Finding(
                f"{measure} of {node_id} is {value:.2f}, not below {limit.alarm:g}",
                {"measure": measure, "value": value, "limit": limit.alarm},
            )
        return None

    def is_any_raised(self, node_id: str) -> bool:
        """Whether any measure of a node is beyond its limit."""
        return bool(self._raised) and any(node == node_id for node, _ in self._raised)

    def are_raised(self, node_id: str) -> list[str]:
        """The measures of a node that are beyond their limit."""
        return sorted(measure for node, measure in self._raised if node == node_id)

    def forget(self, node_id: str) -> None:
        """Drop a node that is gone."""
        self._raised = {key for key in self._raised if key[0] != node_id}
