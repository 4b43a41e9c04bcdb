"""Measures of a running process behind one small face.

    metrics.count("tasks_submitted", 256)
    metrics.observe("commit_seconds", 0.0002)

Names are without prefix; Prometheus shows them as ``cogmesh_…``. What a room counts for itself
anyway is read from there when Prometheus asks:

    metrics.sample(lambda: [Sample("tasks_open", len(entries))])
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

_SECONDS_BUCKETS = (
    0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 60,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sample:
    """The value of a measure at the moment it is asked for."""

    name: str
    value: float
    only_grows: bool = False


class Metrics(Protocol):
    """Where measures go."""

    def sample(self, read: Callable[[], Iterable[Sample]]) -> None:
        """Show what ``read`` gives whenever somebody asks, on whatever thread."""
        ...

    def count(self, name: str, amount: float = 1.0) -> None:
        """Add to a sum that only grows."""
        ...

    def observe(self, name: str, seconds: float) -> None:
        """Add one duration to a distribution."""
        ...


class NoMetrics:
    """Nobody is interested."""

    def sample(self, read: Callable[[], Iterable[Sample]]) -> None:
        """Forget it."""

    def count(self, name: str, amount: float = 1.0) -> None:
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
        self._histograms: dict[str, Histogram] = {}

    def sample(self, read: Callable[[], Iterable[Sample]]) -> None:
        """Show what ``read`` gives whenever somebody asks, on whatever thread."""
        self.registry.register(_Samples(read))

    def count(self, name: str, amount: float = 1.0) -> None:
        """Add to a sum that only grows."""
        counter = self._counters.get(name)
        if counter is None:
            counter = Counter(f"cogmesh_{name}", _title(name), registry=self.registry)
            self._counters[name] = counter
        counter.inc(amount)

    def observe(self, name: str, seconds: float) -> None:
        """Add one duration to a distribution."""
        histogram = self._histograms.get(name)
        if histogram is None:
            histogram = Histogram(
                f"cogmesh_{name}", _title(name), registry=self.registry, buckets=_SECONDS_BUCKETS
            )
            self._histograms[name] = histogram
        histogram.observe(seconds)


class _Samples(Collector):
    """What is read when it is asked for."""

    def __init__(self, read: Callable[[], Iterable[Sample]]) -> None:
        self._read = read

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing: what there is to read may not be there yet."""
        return []

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        """One family for each value."""
        for sample in self._read():
            family = CounterMetricFamily if sample.only_grows else GaugeMetricFamily
            yield family(f"cogmesh_{sample.name}", _title(sample.name), value=sample.value)


def _title(name: str) -> str:
    return name.replace("_", " ")
