"""How well a node is, as one number, and what it is made of."""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields
from typing import Any, Final

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
"""Measures from 0 to 1; the others are numbers from 0."""


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
            if type(value) not in (float, int) or not 0.0 <= value <= _LARGEST.get(name, -1.0):
                _refuse_what_is_wrong(name, value)
        for name, value in metrics.items():
            setattr(self, name, float(value))
        self.health_score = health_score(self)


_LARGEST: Final = {
    f.name: 1.0 if f.name in _SHARES else sys.float_info.max
    for f in fields(HealthMetrics)
    if f.name not in ("node_id", "health_score")
}
"""Every measure, and the largest value it may have."""


def health_score(metrics: HealthMetrics) -> float:
    """The weighted mean of six parts, each 0 (bad) to 1 (good).

    Success rate and one minus the error rate count as they are. CPU and memory cost nothing up
    to 70 % usage and everything at 100 %: a busy machine is not an ill one. A disk costs nothing
    up to 90 %. Latency counts ``1 / (1 + latency / 200 ms)``.
    """
    return (
        WEIGHTS["success"] * metrics.task_success_rate
        + WEIGHTS["errors"] * (1.0 - metrics.error_rate)
        + WEIGHTS["cpu"] * _headroom(metrics.cpu_usage, 0.7)
        + WEIGHTS["memory"] * _headroom(metrics.memory_usage, 0.7)
        + WEIGHTS["latency"] / (1.0 + metrics.network_latency / LATENCY_HALF_MS)
        + WEIGHTS["disk"] * _headroom(metrics.disk_usage, 0.9)
    )


def _headroom(usage: float, from_usage: float) -> float:
    return 1.0 if usage <= from_usage else (1.0 - usage) / (1.0 - from_usage)


def _refuse_what_is_wrong(name: str, value: Any) -> None:
    largest = _LARGEST.get(name)
    if largest is None:
        raise ConfigurationError(
            f"{name}: no such health measure; there are {', '.join(sorted(_LARGEST))}"
        )
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0.0 <= value <= largest:
        allowed = "0 to 1" if name in _SHARES else "a number from 0"
        raise ConfigurationError(f"{name}: {allowed} is allowed, not {shown(value)}")
