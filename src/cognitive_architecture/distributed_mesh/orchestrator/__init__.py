"""The orchestrator: takes tasks, gives them to nodes, accepts each result once.

The journey of a task: ``reception`` hears of it, ``dispatcher`` asks the dispatch machine what is
to be done and does it. ``inquiries`` answers questions, ``hosting`` runs nodes in this process, and
``parts`` says what an orchestrator is put together from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitive_architecture.distributed_mesh.model import (
    DistributedTask,
    MeshNode,
    MeshNodeType,
    TaskStatus,
)

from .orchestrator import CognitiveMeshOrchestrator

if TYPE_CHECKING:
    from cognitive_architecture.distributed_mesh.shared import (
        setup_ecan_integration,
        setup_phase3_integration,
    )

    mesh_orchestrator: CognitiveMeshOrchestrator


__all__ = [
    "CognitiveMeshOrchestrator",
    "DistributedTask",
    "MeshNode",
    "MeshNodeType",
    "TaskStatus",
    "mesh_orchestrator",
    "setup_ecan_integration",
    "setup_phase3_integration",
]


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Build the shared instance on first use."""
        if name in ("mesh_orchestrator", "setup_ecan_integration", "setup_phase3_integration"):
            from cognitive_architecture.distributed_mesh import shared

            return getattr(shared, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
