"""Attaches the services around an orchestrator to it."""

from __future__ import annotations

from typing import Any

from .discovery import MeshDiscoveryService
from .fault_tolerance import FaultToleranceManager
from .machines.effects import Incident
from .model import MeshNode
from .orchestrator import CognitiveMeshOrchestrator
from .orchestrator.parts import LoadTests, Observer


def attach_services(
    orchestrator: CognitiveMeshOrchestrator,
    *,
    discovery: MeshDiscoveryService,
    fault_tolerance: FaultToleranceManager,
    load_testing: LoadTests,
) -> None:
    """Let the services hear of, and run along with, an orchestrator. Idempotent."""
    if orchestrator.observation.observers.get("discovery") is discovery:
        return
    discovery.nodes_now = lambda: orchestrator.nodes() if orchestrator.is_running else []
    orchestrator.report_failures_to(fault_tolerance)
    orchestrator.load_tests = load_testing
    observers: dict[str, Observer] = {
        "discovery": discovery,
        "health": _HealthNotes(fault_tolerance),
    }
    orchestrator.observation.observers.update(observers)
    for node in orchestrator.nodes():  # those that were there before
        for observer in (*observers.values(), fault_tolerance):
            observer.observe(Incident("node_joined", node.node_id), node)
    orchestrator.accompany(discovery)


class _HealthNotes:
    """Shows the health of the nodes under a key of its own in the status."""

    def __init__(self, manager: FaultToleranceManager) -> None:
        self._manager = manager

    def observe(self, incident: Incident, node: MeshNode | None) -> None:
        """The manager hears it itself."""

    def summary(self) -> dict[str, Any]:
        """How the nodes are."""
        return self._manager.get_health_summary()
