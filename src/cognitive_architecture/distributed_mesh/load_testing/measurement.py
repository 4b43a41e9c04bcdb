"""What became of the tasks that were sent."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from cognitive_architecture.distributed_mesh.policies.histogram import FINE, Histogram

from .latencies import Sample

_REASONS_KEPT: Final = 5


class Measurement:
    """Counts and latencies of one test, or of one step of it.

    A task that is due is *sent* or, if no place was free until the end, *unsent*. A sent one is
    *completed*, *failed* (all attempts), *refused* (never accepted), *unfinished* (still open when
    patience ended, and cancelled) or *lost*: accepted, and neither open nor ended.
    """

    def __init__(self, *, began: float, sample: Sample | None = None) -> None:
        self.began = began
        self.ended = began
        self.sent = 0
        self.unsent = 0
        self.completed = 0
        self.failed = 0
        self.refused = 0
        self.unfinished = 0
        self.lost = 0
        self.latencies = Histogram(parts=FINE)
        """Seconds from when a completed task was due until its result was here."""
        self.send_delays = Histogram(parts=FINE)
        """Seconds from when a task was due until it was sent."""
        self.sample = sample
        self.reasons: Counter[str] = Counter()
        """Why tasks failed or were refused: the first few different sentences."""

    def note_sent(self, delay_s: float) -> None:
        """A task leaves, so long after it was due."""
        self.sent += 1
        self.send_delays.add(delay_s)

    def note_completed(self, latency_s: float, now: float) -> None:
        """Its result is here, so long after it was due."""
        self.completed += 1
        self.ended = now
        self.latencies.add(latency_s)
        if self.sample is not None:
            self.sample.add(latency_s)

    def note_failed(self, reason: str, now: float) -> None:
        """All its attempts went wrong."""
        self.failed += 1
        self.ended = now
        self._note_reason(reason)

    def note_refused(self, reason: str) -> None:
        """The mesh did not take it."""
        self.refused += 1
        self._note_reason(reason)

    def _note_reason(self, reason: str) -> None:
        if reason in self.reasons or len(self.reasons) < _REASONS_KEPT:
            self.reasons[reason] += 1

    def absorb(self, step: Measurement) -> None:
        """Add what was measured in one step."""
        for name in ("sent", "unsent", "completed", "failed", "refused", "unfinished", "lost"):
            setattr(self, name, getattr(self, name) + getattr(step, name))
        self.ended = max(self.ended, step.ended)
        self.latencies.absorb(step.latencies)
        self.send_delays.absorb(step.send_delays)
        for reason, count in step.reasons.items():
            if reason in self.reasons or len(self.reasons) < _REASONS_KEPT:
                self.reasons[reason] += count

    @property
    def due(self) -> int:
        """Sent, and those that should have been."""
        return self.sent + self.unsent

    @property
    def success_rate(self) -> float:
        """The completed share of the sent, 0 to 1; 0 if none was sent."""
        return self.completed / self.sent if self.sent else 0.0

    @property
    def throughput(self) -> float:
        """Completed tasks per second, from the beginning to the last ending."""
        elapsed_s = self.ended - self.began
        return self.completed / elapsed_s if elapsed_s > 0 else 0.0

    def brief(self) -> dict[str, Any]:
        """The figures of a step, or of a window: what ended in it."""
        return {
            "throughput": self.throughput,
            "tasks_completed": self.completed,
            "tasks_failed": self.failed,
            "p50_latency": self.latencies.quantile(0.50),
            "p95_latency": self.latencies.quantile(0.95),
            "p99_latency": self.latencies.quantile(0.99),
        }

    def to_dict(self) -> dict[str, Any]:
        """All figures; durations in seconds, throughput in tasks per second."""
        return {
            "total_tasks_due": self.due,
            "total_tasks_sent": self.sent,
            "total_tasks_completed": self.completed,
            "total_tasks_failed": self.failed,
            "total_tasks_refused": self.refused,
            "total_tasks_unsent": self.unsent,
            "total_tasks_unfinished": self.unfinished,
            "total_tasks_lost": self.lost,
            "success_rate": self.success_rate,
            "throughput": self.throughput,
            "average_latency": self.latencies.mean,
            "p50_latency": self.latencies.quantile(0.50),
            "p95_latency": self.latencies.quantile(0.95),
            "p99_latency": self.latencies.quantile(0.99),
            "max_latency": self.latencies.largest,
            "p99_send_delay": self.send_delays.quantile(0.99),
            "reasons": dict(self.reasons),
        }
