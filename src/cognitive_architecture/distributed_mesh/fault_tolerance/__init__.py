"""What goes wrong, taken note of; and circuit breakers for services that go wrong often."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitive_architecture.distributed_mesh.machines.circuit import CircuitSettings, CircuitState
from cognitive_architecture.distributed_mesh.policies.health import HealthMetrics
from cognitive_architecture.distributed_mesh.policies.recovery import FailureType, RecoveryStrategy

from .breaker import CircuitBreaker
from .failures import FailureEvent, FailureStep
from .manager import FaultToleranceManager, FaultToleranceSettings

if TYPE_CHECKING:
    fault_tolerance_manager: FaultToleranceManager


__all__ = [
    "CircuitBreaker",
    "CircuitSettings",
    "CircuitState",
    "FailureEvent",
    "FailureStep",
    "FailureType",
    "FaultToleranceManager",
    "FaultToleranceSettings",
    "HealthMetrics",
    "RecoveryStrategy",
    "fault_tolerance_manager",
]


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Build the shared instance on first use."""
        if name == "fault_tolerance_manager":
            from cognitive_architecture.distributed_mesh import shared

            return getattr(shared, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
