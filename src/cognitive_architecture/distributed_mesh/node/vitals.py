"""How the machine under a node is, measured with psutil."""

from __future__ import annotations

from typing import Protocol

import psutil

from cognitive_architecture.distributed_mesh.messages import Vitals


class VitalsSource(Protocol):
    """Whoever can say how the machine is."""

    def measure(self, *, uptime_s: float, stuck_slots: int) -> Vitals:
        """The state since the last call."""
        ...


class MachineVitals:
    """This machine."""

    def __init__(self) -> None:
        psutil.cpu_percent()  # the first call only starts the measurement

    def measure(self, *, uptime_s: float, stuck_slots: int) -> Vitals:
        """CPU use since the last call, memory use now."""
        return Vitals(
            cpu_usage=psutil.cpu_percent() / 100.0,
            memory_usage=psutil.virtual_memory().percent / 100.0,
            uptime_s=uptime_s,
            stuck_slots=stuck_slots,
        )


class SteadyVitals:
    """A machine that is always well, for simulations."""

    def measure(self, *, uptime_s: float, stuck_slots: int) -> Vitals:
        """Idle."""
        return Vitals(uptime_s=uptime_s, stuck_slots=stuck_slots)
