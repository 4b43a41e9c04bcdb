"""Looks at the machine while a load test runs, tells how far it is, and stops it in time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import structlog

from cognitive_architecture.foundation.errors import MeshError
from cognitive_architecture.foundation.world import Clock

from .machine import Meter

_log = structlog.get_logger(__name__)

_MEMORY_MAX: Final = 0.95
_MEMORY_GROWTH_MAX: Final = 0.02
"""A test is stopped when memory is nearly full and has become so during the test."""


@dataclass(frozen=True, slots=True)
class LoadTestProgress:
    """How far a load test is."""

    test_name: str
    phase: str
    """What it does now, in a few words."""
    elapsed_s: float
    duration_s: float
    """Of the sending; preparing and waiting for the last endings come on top."""
    sent: int
    completed: int
    failed: int
    in_flight: int
    throughput: float
    """Completed tasks per second since the last word."""
    cpu_usage: float
    """0 to 1, of the machine, since the last word."""


OnProgress = Callable[[LoadTestProgress], None]


class Watch:
    """Averages and peaks of one test."""

    def __init__(
        self,
        clock: Clock,
        meter: Meter,
        *,
        interval_s: float,
        look: Callable[[float, float], LoadTestProgress],
        on_progress: OnProgress | None,
        is_alive: Callable[[], bool],
    ) -> None:
        """Prepare.

        Args:
            clock: Of the intervals.
            meter: Of the machine.
            interval_s: Time between two looks.
            look: Makes a word of progress out of the CPU usage and the seconds since the last.
            on_progress: Told each word; what it raises is logged.
            is_alive: Whether the orchestrator still runs.
        """
        self._clock = clock
        self._meter = meter
        self._interval_s = interval_s
        self._look = look
        self._on_progress = on_progress
        self._is_alive = is_alive
        self._began = self._looked = clock.now()
        first = meter.measure(uptime_s=0.0, stuck_slots=0)  # begins to measure the CPU
        self._memory_at_start = self._memory_sum = self._memory_peak = first.memory_usage
        self._memory_looks = 1
        self._worked_before_s = meter.process_cpu_s()
        self._busy_s = 0.0
        self._worked_s = 0.0
        self._cpu_peak = 0.0

    async def run(self) -> None:
        """Go on until cancelled.

        Raises:
            MeshError: The test must stop: memory is nearly full, or the orchestrator is gone.
        """
        while True:
            await self._clock.sleep_until(self._clock.now() + self._interval_s)
            self.look()
            if not self._is_alive():
                raise MeshError("the orchestrator was stopped while the load test ran")

    def look(self) -> None:
        """Measure since the last look.

        Raises:
            MeshError: Memory is nearly full.
        """
        now = self._clock.now()
        passed_s = now - self._looked
        vitals = self._meter.measure(uptime_s=now - self._began, stuck_slots=0)
        self._looked = now
        self._worked_s = self._meter.process_cpu_s() - self._worked_before_s
        self._busy_s += vitals.cpu_usage * passed_s
        self._cpu_peak = max(self._cpu_peak, vitals.cpu_usage)
        self._memory_sum += vitals.memory_usage
        self._memory_looks += 1
        self._memory_peak = max(self._memory_peak, vitals.memory_usage)
        self._tell(self._look(vitals.cpu_usage, passed_s))
        growth = vitals.memory_usage - self._memory_at_start
        if vitals.memory_usage >= _MEMORY_MAX and growth >= _MEMORY_GROWTH_MAX:
            raise MeshError(
                f"stopped before memory is full: {vitals.memory_usage:.0%} of this machine's is "
                f"in use, {growth:.0%} more than when the test began"
            )

    def _tell(self, progress: LoadTestProgress) -> None:
        if self._on_progress is None:
            return
        try:
            self._on_progress(progress)
        except Exception:  # noqa: BLE001 - a display that fails must not fail the test
            _log.exception("progress_callback_failed", test=progress.test_name)
            self._on_progress = None

    def to_dict(self) -> dict[str, Any]:
        """Shares of the machine, 0 to 1, and how many cores this process kept busy."""
        elapsed_s = self._looked - self._began
        return {
            "average_cpu_usage": self._busy_s / elapsed_s if elapsed_s > 0 else 0.0,
            "peak_cpu_usage": self._cpu_peak,
            "average_memory_usage": self._memory_sum / self._memory_looks,
            "peak_memory_usage": self._memory_peak,
            "average_process_cores": self._worked_s / elapsed_s if elapsed_s > 0 else 0.0,
        }
