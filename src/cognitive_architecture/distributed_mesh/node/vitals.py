"""How the machine under a node is, measured with psutil."""

from __future__ import annotations

import platform
from typing import Any, Final, Protocol

import psutil

from cognitive_architecture.distributed_mesh.messages import Vitals
from cognitive_architecture.foundation.world import Clock

from .gpus import Gpus, GpuUsage

_LOOK_AGAIN_S: Final = 0.5


def machine_attributes() -> dict[str, Any]:
    """What this machine is, for tasks that ask for a kind of machine.

    ``memory_bytes`` and ``cpu_count`` as numbers, ``os`` (linux, darwin, windows) and ``arch``
    (x86_64, arm64) as texts.
    """
    return {
        "memory_bytes": psutil.virtual_memory().total,
        "cpu_count": psutil.cpu_count() or 1,
        "os": platform.system().lower(),
        "arch": platform.machine().lower(),
    }


class VitalsSource(Protocol):
    """Whoever can say how the machine is."""

    def measure(self, *, uptime_s: float, stuck_slots: int) -> Vitals:
        """The state since the last call."""
        ...


class CpuUsage:
    """How busy all cores together were since this was last asked.

    It reads the CPU's running totals itself: ``psutil.cpu_percent`` measures since its last call
    by anybody in the process.
    """

    def __init__(self) -> None:
        self._idle_s, self._all_s = _cpu_seconds()

    def since_last(self) -> float:
        """0 to 1."""
        idle_s, all_s = _cpu_seconds()
        passed_s, rested_s = all_s - self._all_s, idle_s - self._idle_s
        self._idle_s, self._all_s = idle_s, all_s
        busy = 1.0 - rested_s / passed_s if passed_s > 0 else 0.0
        return min(1.0, max(0.0, busy))


def memory_usage() -> float:
    """The share of this machine's memory that is taken, 0 to 1."""
    return float(psutil.virtual_memory().percent) / 100.0


def disk_usage() -> float:
    """The share of the file system under the current folder that is taken, 0 to 1."""
    try:
        return float(psutil.disk_usage(".").percent) / 100.0
    except OSError:  # the folder was removed
        return 0.0


class MachineVitals:
    """This machine, looked at twice a second at most.

    The nodes of a process share it. The totals of the CPU move in steps of 10 ms, so if each node
    measured since the one before it, most would hear 0 and some 1.
    """

    def __init__(self, clock: Clock) -> None:
        self._now = clock.now
        self._gpus = Gpus()
        self._gpu = GpuUsage()
        self._disk_usage = disk_usage()
        self._cpu = CpuUsage()
        self._cpu_usage = 0.0
        self._memory_usage = memory_usage()
        self._looked_at = clock.now()

    def measure(self, *, uptime_s: float, stuck_slots: int) -> Vitals:
        """CPU use between the last two looks (0 before there were two), the rest at the last."""
        now = self._now()
        if now - self._looked_at >= _LOOK_AGAIN_S:
            self._looked_at = now
            self._cpu_usage = self._cpu.since_last()
            self._memory_usage = memory_usage()
            self._disk_usage = disk_usage()
            self._gpu = self._gpus.measure()
        return Vitals(
            cpu_usage=self._cpu_usage,
            memory_usage=self._memory_usage,
            uptime_s=uptime_s,
            stuck_slots=stuck_slots,
            disk_usage=self._disk_usage,
            gpu_usage=self._gpu.busy,
            gpu_memory_usage=self._gpu.memory,
        )


class SteadyVitals:
    """A machine that is always well, for simulations."""

    def measure(self, *, uptime_s: float, stuck_slots: int) -> Vitals:
        """Idle."""
        return Vitals(uptime_s=uptime_s, stuck_slots=stuck_slots)


def _cpu_seconds() -> tuple[float, float]:
    """Idle seconds and all seconds of all cores since the machine started."""
    times = psutil.cpu_times()
    # Linux counts the time of guests under "user" as well, and waiting for a disk is no work.
    guests = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)
    return times.idle + getattr(times, "iowait", 0.0), sum(times) - guests
