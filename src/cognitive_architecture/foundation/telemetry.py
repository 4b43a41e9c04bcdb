"""Measures of a running process behind one small face.

    metrics.count("tasks_submitted", 256)
    metrics.set("tasks_open", 1024)
    metrics.observe("commit_seconds", 0.0002)

Names are without prefix; Prometheus shows them as ``cogmesh_…``.
"""

from __future__ import annotations

from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SECONDS_BUCKETS = (
    0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 60,
)  # fmt: skip


class Metrics(Protocol):
    """Where measures go."""

    def count(self, name: str, amount: float = 1.0) -> None:
        """Add to a sum that only grows."""
        ...

    def set(self, name: str, value: float) -> None:
        """Note the present value of something that goes up and down."""
        ...

    def observe(self, name: str, seconds: float) -> None:
        """Add one duration to a distribution."""
        ...


class NoMetrics:
    """Nobody is interested."""

    def count(self, name: str, amount: float = 1.0) -> None:
        """Forget it."""

    def set(self, name: str, value: float) -> None:
        """Forget it."""

    def observe(self, name: str, seconds: float) -> None:
        """Forget it."""


class PrometheusMetrics:
    """Measures for Prometheus, each made when first used.

    A registry of its own, so that two meshes in one process do not mix.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._counters: dict[str, Counter] = {}
        self._gauges: dict[str, Gauge] = {}
        self._histograms: dict[str, Histogram] = {}

    def count(self, name: str, amount: float = 1.0) -> None:
        """Add to a sum that only grows."""
        counter = self._counters.get(name)
        if counter is None:
            counter = Counter(f"cogmesh_{name}", _title(name), registry=self.registry)
            self._counters[name] = counter
        counter.inc(amount)

    def set(self, name: str, value: float) -> None:
        """Note the present value of something that goes up and down."""
        gauge = self._gauges.get(name)
        if gauge is None:
            gauge = Gauge(f"cogmesh_{name}", _title(name), registry=self.registry)
            self._gauges[name] = gauge
        gauge.set(value)

    def observe(self, name: str, seconds: float) -> None:
        """Add one duration to a distribution."""
        histogram = self._histograms.get(name)
        if histogram is None:
            histogram = Histogram(
                f"cogmesh_{name}", _title(name), registry=self.registry, buckets=_SECONDS_BUCKETS
            )
            self._histograms[name] = histogram
        histogram.observe(seconds)


def _title(name: str) -> str:
    return name.replace("_", " ")
