"""How busy this machine is, and how much memory this process takes."""

from __future__ import annotations

from typing import Protocol

import psutil

from cognitive_architecture.distributed_mesh.messages import Vitals
from cognitive_architecture.distributed_mesh.node.vitals import VitalsSource


class Meter(VitalsSource, Protocol):
    """A source of vitals that also knows its own process."""

    def rss_bytes(self) -> int:
        """Memory of this process that is in RAM."""
        ...

    def process_cpu_s(self) -> float:
        """Seconds that cores have worked for this process since it started."""
        ...


class MachineMeter:
    """This machine.

    It reads the CPU's running totals itself: ``psutil.cpu_percent`` measures since its last call
    by anybody in the process, and hosted nodes call it all the time.
    """

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._idle_s, self._all_s = _cpu_seconds()

    def measure(self, *, uptime_s: float, stuck_slots: int) -> Vitals:
        """CPU use since the last call of this meter, memory use now."""
        idle_s, all_s = _cpu_seconds()
        passed_s, rested_s = all_s - self._all_s, idle_s - self._idle_s
        self._idle_s, self._all_s = idle_s, all_s
        busy = 1.0 - rested_s / passed_s if passed_s > 0 else 0.0
        return Vitals(
            cpu_usage=min(1.0, max(0.0, busy)),
            memory_usage=psutil.virtual_memory().percent / 100.0,
            uptime_s=uptime_s,
            stuck_slots=stuck_slots,
        )

    def rss_bytes(self) -> int:
        """Memory of this process that is in RAM."""
        return int(self._process.memory_info().rss)

    def process_cpu_s(self) -> float:
        """Seconds that cores have worked for this process since it started."""
        times = self._process.cpu_times()
        return float(times.user + times.system)


def _cpu_seconds() -> tuple[float, float]:
    """Idle seconds and all seconds of all cores since the machine started."""
    times = psutil.cpu_times()
    # Linux counts the time of guests under "user" as well, and waiting for a disk is no work.
    guests = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)
    return times.idle + getattr(times, "iowait", 0.0), sum(times) - guests
