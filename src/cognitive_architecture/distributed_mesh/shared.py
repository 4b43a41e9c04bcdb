"""The shared instances, built on first use.

They live in this process and keep tasks in memory. This is the one place where the mesh reaches
up to ``composition``: whoever asks for a shared instance asks for a house already put together.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from .discovery import MeshDiscoveryService
from .fault_tolerance import FaultToleranceManager
from .integration import attach_services
from .load_testing.framework import LoadTestingFramework
from .orchestrator import CognitiveMeshOrchestrator
from .orchestrator.parts import OrchestratorParts
from .ports import Fabric

__all__ = [
    "connect",
    "default_parts",
    "discovery_service",
    "fault_tolerance_manager",
    "load_testing_framework",
    "mesh_orchestrator",
    "network_node",
    "network_orchestrator",
    "setup_ecan_integration",
    "setup_phase3_integration",
    "shared_fabric",
    "shared_parts",
]

if TYPE_CHECKING:
    from cognitive_architecture.composition import connect, network_node, network_orchestrator

    from .economy.economy import MeshEconomy

    mesh_orchestrator: CognitiveMeshOrchestrator
    discovery_service: MeshDiscoveryService
    fault_tolerance_manager: FaultToleranceManager
    load_testing_framework: LoadTestingFramework


def default_parts() -> OrchestratorParts:
    """What an orchestrator made without parts is made of."""
    from cognitive_architecture.composition import local_parts

    return local_parts()


@cache
def shared_parts() -> OrchestratorParts:
    """What the shared instances are made of: one hub, one clock, one matcher for all of them."""
    return default_parts()


def shared_fabric() -> Fabric:
    """Access to the hub of the shared instances."""
    return shared_parts().local_fabric()


@cache
def _orchestrator() -> CognitiveMeshOrchestrator:
    return CognitiveMeshOrchestrator(shared_parts())


@cache
def _discovery() -> MeshDiscoveryService:
    parts = shared_parts()
    return MeshDiscoveryService(
        world=parts.world, fabric=parts.local_fabric(), matcher=parts.matcher
    )


@cache
def _fault_tolerance() -> FaultToleranceManager:
    return FaultToleranceManager(world=shared_parts().world)


@cache
def _load_testing() -> LoadTestingFramework:
    return LoadTestingFramework(_orchestrator(), world=shared_parts().world)


def setup_phase3_integration() -> None:
    """Connect the four shared instances; calling it again changes nothing.

    From then on the orchestrator tells the others of its nodes and of what goes wrong, its status
    shows what they noted, it can run load tests, and discovery and monitoring run as long as it
    does.
    """
    attach_services(
        _orchestrator(),
        discovery=_discovery(),
        fault_tolerance=_fault_tolerance(),
        load_testing=_load_testing(),
    )


@cache
def _economy() -> MeshEconomy:
    from cognitive_architecture.composition import mesh_economy

    parts = shared_parts()
    return mesh_economy(parts.world, parts.settings)


def setup_ecan_integration() -> None:
    """Let an economy of attention (ECAN) steer the shared orchestrator; again changes nothing.

    From then on accepted results earn wages for nodes and capabilities, requesters have shares by
    their endowment, and nodes are preferred for what they have done well. The books are in memory.
    """
    _orchestrator().adopt(_economy())


_FROM_COMPOSITION: Final = ("connect", "network_node", "network_orchestrator")
"""What the package offers and only ``composition`` can put together."""

_BUILDERS: Final[dict[str, Callable[[], Any]]] = {
    "mesh_orchestrator": _orchestrator,
    "discovery_service": _discovery,
    "fault_tolerance_manager": _fault_tolerance,
    "load_testing_framework": _load_testing,
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Build the shared instance on first use."""
        if name in _BUILDERS:
            return _BUILDERS[name]()
        if name in _FROM_COMPOSITION:
            from cognitive_architecture import composition

            return getattr(composition, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
