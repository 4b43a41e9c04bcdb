"""How well a node is, as one number, and what it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

WEIGHTS: Final = {
    "success": 0.35,
    "errors": 0.20,
    "cpu": 0.15,
    "memory": 0.15,
    "latency": 0.15,
}
"""Shares of the health score; they add up to 1."""

LATENCY_HALF_MS: Final = 200.0
"""Network latency at which the latency part is worth a half."""


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


def health_score(metrics: HealthMetrics) -> float:
    """The weighted mean of five parts, each 0 (bad) to 1 (good).

    Success rate and one minus the error rate count as they are. CPU and memory cost nothing up
    to 70 % usage and everything at 100 %: a busy machine is not an ill one. Latency counts
    ``1 / (1 + latency / 200 ms)``.
    """
    parts = {
        "success": metrics.task_success_rate,
        "errors": 1.0 - metrics.error_rate,
        "cpu": _headroom(metrics.cpu_usage),
        "memory": _headroom(metrics.memory_usage),
        "latency": 1.0 / (1.0 + max(0.0, metrics.network_latency) / LATENCY_HALF_MS),
    }
    return sum(WEIGHTS[name] * min(1.0, max(0.0, part)) for name, part in parts.items())


def _headroom(usage: float) -> float:
    return min(1.0, (1.0 - usage) / 0.3)
