"""The mesh: nodes, tasks, and the orchestrator that brings them together.

Take the names you need from here. Importing the package loads nothing; each name brings the
module it lives in, so whoever only describes tasks loads no network and no database. The four
shared instances are built when they are first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .client import MeshClient, result_of
    from .discovery import (
        CapabilityMatcher,
        DiscoveryConfig,
        DiscoveryProtocol,
        MeshDiscoveryService,
        NodeAdvertisement,
    )
    from .fault_tolerance import (
        CircuitBreaker,
        FailureEvent,
        FailureType,
        FaultToleranceManager,
        FaultToleranceSettings,
        HealthMetrics,
        RecoveryStrategy,
    )
    from .handlers import Handler, MeshAccess, RunningTask, handles
    from .integration import attach_services
    from .load_testing import (
        PREDEFINED_CONFIGS,
        ChaosMonkey,
        LoadTestConfig,
        LoadTestingFramework,
        LoadTestProgress,
        LoadTestType,
        ResilienceTestType,
    )
    from .machines.circuit import CircuitSettings, CircuitState
    from .model import (
        Attempt,
        DistributedTask,
        Ending,
        MeshNode,
        MeshNodeType,
        TaskEvent,
        TaskEventKind,
        TaskStatus,
    )
    from .node import NodeRuntime
    from .node.loading import load_handlers
    from .orchestrator import CognitiveMeshOrchestrator
    from .orchestrator.parts import OrchestratorParts
    from .shared import (
        connect,
        discovery_service,
        fault_tolerance_manager,
        load_testing_framework,
        mesh_orchestrator,
        network_node,
        network_orchestrator,
        setup_ecan_integration,
        setup_phase3_integration,
    )

__all__ = [
    "PREDEFINED_CONFIGS",
    "Attempt",
    "CapabilityMatcher",
    "ChaosMonkey",
    "CircuitBreaker",
    "CircuitSettings",
    "CircuitState",
    "CognitiveMeshOrchestrator",
    "DiscoveryConfig",
    "DiscoveryProtocol",
    "DistributedTask",
    "Ending",
    "FailureEvent",
    "FailureType",
    "FaultToleranceManager",
    "FaultToleranceSettings",
    "Handler",
    "HealthMetrics",
    "LoadTestConfig",
    "LoadTestProgress",
    "LoadTestType",
    "LoadTestingFramework",
    "MeshAccess",
    "MeshClient",
    "MeshDiscoveryService",
    "MeshNode",
    "MeshNodeType",
    "NodeAdvertisement",
    "NodeRuntime",
    "OrchestratorParts",
    "RecoveryStrategy",
    "ResilienceTestType",
    "RunningTask",
    "TaskEvent",
    "TaskEventKind",
    "TaskStatus",
    "attach_services",
    "connect",
    "discovery_service",
    "fault_tolerance_manager",
    "handles",
    "load_handlers",
    "load_testing_framework",
    "mesh_orchestrator",
    "network_node",
    "network_orchestrator",
    "result_of",
    "setup_ecan_integration",
    "setup_phase3_integration",
]

_HOMES: Final = {
    "client": ("MeshClient", "result_of"),
    "discovery": (
        "CapabilityMatcher",
        "DiscoveryConfig",
        "DiscoveryProtocol",
        "MeshDiscoveryService",
        "NodeAdvertisement",
    ),
    "fault_tolerance": (
        "CircuitBreaker",
        "CircuitSettings",
        "CircuitState",
        "FailureEvent",
        "FailureType",
        "FaultToleranceManager",
        "FaultToleranceSettings",
        "HealthMetrics",
        "RecoveryStrategy",
    ),
    "handlers": ("Handler", "MeshAccess", "RunningTask", "handles"),
    "integration": ("attach_services",),
    "load_testing": (
        "PREDEFINED_CONFIGS",
        "ChaosMonkey",
        "LoadTestConfig",
        "LoadTestProgress",
        "LoadTestType",
        "LoadTestingFramework",
        "ResilienceTestType",
    ),
    "model": (
        "Attempt",
        "DistributedTask",
        "Ending",
        "MeshNode",
        "MeshNodeType",
        "TaskEvent",
        "TaskEventKind",
        "TaskStatus",
    ),
    "node": ("NodeRuntime",),
    "node.loading": ("load_handlers",),
    "orchestrator": ("CognitiveMeshOrchestrator",),
    "orchestrator.parts": ("OrchestratorParts",),
    "shared": (
        "connect",
        "discovery_service",
        "fault_tolerance_manager",
        "load_testing_framework",
        "mesh_orchestrator",
        "network_node",
        "network_orchestrator",
        "setup_ecan_integration",
        "setup_phase3_integration",
    ),
}
_HOME_OF: Final = {name: home for home, names in _HOMES.items() for name in names}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Load what is asked for, and nothing else."""
        from importlib import import_module

        if name in _HOME_OF:
            return getattr(import_module(f".{_HOME_OF[name]}", __name__), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
