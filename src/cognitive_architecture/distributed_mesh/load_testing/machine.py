"""How busy this machine is, and how much memory this process takes."""

from __future__ import annotations

from typing import Protocol

import psutil

from cognitive_architecture.distributed_mesh.messages import Vitals
from cognitive_architecture.distributed_mesh.node.vitals import CpuUsage, VitalsSource, memory_usage


class Meter(VitalsSource, Protocol):
    """A source of vitals that also knows its own process."""

    def rss_bytes(self) -> int:
        """Memory of this process that is in RAM."""
        ...

    def process_cpu_s(self) -> float:
        """Seconds that cores have worked for this process since it started."""
        ...


class MachineMeter:
    """This machine, looked at whenever it is asked."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._cpu = CpuUsage()

    def measure(self, *, uptime_s: float, stuck_slots: int) -> Vitals:
        """CPU use since the last call of this meter, memory use now."""
        return Vitals(
            cpu_usage=self._cpu.since_last(),
            memory_usage=memory_usage(),
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
