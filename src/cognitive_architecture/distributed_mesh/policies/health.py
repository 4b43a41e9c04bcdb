"""How well a node is, as one number, and what it is made of."""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields
from typing import Final

from cognitive_architecture.foundation.errors import ConfigurationError
from cognitive_architecture.foundation.sentences import shown

WEIGHTS: Final = {
    "success": 0.30,
    "errors": 0.20,
    "cpu": 0.15,
    "memory": 0.15,
    "latency": 0.10,
    "disk": 0.10,
}
"""Shares of the health score; they add up to 1."""

LATENCY_HALF_MS: Final = 200.0
"""Network latency at which the latency part is worth a half."""

_SHARES: Final = frozenset(
    {
        "cpu_usage",
        "memory_usage",
        "disk_usage",
        "gpu_usage",
        "gpu_memory_usage",
        "task_success_rate",
        "error_rate",
    }
)


@dataclass(slots=True)
class HealthMetrics:
    """What is measured of a node; ``health_score`` follows from the rest."""

    node_id: str
    cpu_usage: float = 0.0
    """0 to 1."""
    memory_usage: float = 0.0
    """0 to 1."""
    network_latency: float = 0.0
    """Milliseconds."""
    task_success_rate: float = 1.0
    """0 to 1."""
    task_completion_time: float = 0.0
    """Seconds, mean."""
    error_rate: float = 0.0
    """0 to 1."""
    uptime: float = 0.0
    """Seconds."""
    health_score: float = 1.0
    """0 to 1."""
    disk_usage: float = 0.0
    """0 to 1, of the file system it works in."""
    queued_tasks: float = 0.0
    """Assignments that wait at the node."""
    gpu_usage: float = 0.0
    """0 to 1, of the busiest GPU; 0 where none can be measured. No part of the score: a busy GPU
    is what it is there for."""
    gpu_memory_usage: float = 0.0
    """0 to 1, of the fullest GPU."""

    def update(self, **metrics: float) -> None:
        """Take over new measurements and score them.

        Raises:
            ConfigurationError: There is no such measure, or it is out of its range.
        """
        for name, value in metrics.items():
            if name not in _MEASURES:
                raise ConfigurationError(
                    f"{name}: no such health measure; there are {', '.join(sorted(_MEASURES))}"
                )
            if not _is_in_range(name, value):
                allowed = "0 to 1" if name in _SHARES else "a number from 0"
                raise ConfigurationError(f"{name}: {allowed} is allowed, not {shown(value)}")
        for name, value in metrics.items():
            setattr(self, name, float(value))
        self.health_score = health_score(self)


_MEASURES: Final = frozenset(f.name for f in fields(HealthMetrics)) - {"node_id", "health_score"}


def health_score(metrics: HealthMetrics) -> float:
    """The weighted mean of six parts, each 0 (bad) to 1 (good).

    Success rate and one minus the error rate count as they are. CPU and memory cost nothing up
    to 70 % usage and everything at 100 %: a busy machine is not an ill one. A disk costs nothing
    up to 90 %. Latency counts ``1 / (1 + latency / 200 ms)``.
    """
    parts = {
        "success": metrics.task_success_rate,
        "errors": 1.0 - metrics.error_rate,
        "cpu": _headroom(metrics.cpu_usage),
        "memory": _headroom(metrics.memory_usage),
        "latency": 1.0 / (1.0 + metrics.network_latency / LATENCY_HALF_MS),
        "disk": _headroom(metrics.disk_usage, from_usage=0.9),
    }
    return sum(WEIGHTS[name] * part for name, part in parts.items())


def _headroom(usage: float, *, from_usage: float = 0.7) -> float:
    return min(1.0, (1.0 - usage) / (1.0 - from_usage))


def _is_in_range(name: str, value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        return False
    return value <= (1.0 if name in _SHARES else sys.float_info.max)


class HealthBook:
    """The latest health of each node, from whoever measures it."""

    def __init__(self) -> None:
        self._pages: dict[str, HealthMetrics] = {}

    def update(self, node_id: str, **metrics: float) -> float:
        """Note measurements; those left out stay as they were.

        Returns:
            The node's health score, 0 to 1.

        Raises:
            ConfigurationError: There is no such measure, or it is out of its range.
        """
        page = self._pages.setdefault(node_id, HealthMetrics(node_id))
        page.update(**metrics)
        return page.health_score

    def forget(self, node_id: str) -> None:
        """Drop a node that is gone."""
        self._pages.pop(node_id, None)
