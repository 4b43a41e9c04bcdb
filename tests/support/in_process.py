"""A whole mesh in the test's own process, with handlers that the test brings."""

from __future__ import annotations

from collections.abc import Sequence

from cognitive_architecture.distributed_mesh.adapters.local_fabric import LocalFabric, LocalHub
from cognitive_architecture.distributed_mesh.adapters.memory_store import MemoryTaskStore
from cognitive_architecture.distributed_mesh.handlers import Handler
from cognitive_architecture.distributed_mesh.node.vitals import SteadyVitals
from cognitive_architecture.distributed_mesh.orchestrator.parts import OrchestratorParts
from cognitive_architecture.foundation.settings import Settings
from cognitive_architecture.foundation.world import World


def in_process_parts(
    handlers: Sequence[Handler], settings: Settings | None = None
) -> OrchestratorParts:
    """What an orchestrator is made of; real but for the vitals of the machine."""
    hub = LocalHub()
    return OrchestratorParts(
        world=World(),
        settings=settings or Settings(),
        store=MemoryTaskStore(),
        store_name="memory",
        local_fabric=lambda: LocalFabric(hub),
        network=None,
        handlers=handlers,
        vitals=SteadyVitals(),
    )
