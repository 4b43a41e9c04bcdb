"""Who is there and what they can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitive_architecture.distributed_mesh.model import NodeAdvertisement
from cognitive_architecture.distributed_mesh.policies.matching import CapabilityMatcher

from .config import DiscoveryConfig, DiscoveryProtocol
from .service import MeshDiscoveryService

if TYPE_CHECKING:
    discovery_service: MeshDiscoveryService


__all__ = [
    "CapabilityMatcher",
    "DiscoveryConfig",
    "DiscoveryProtocol",
    "MeshDiscoveryService",
    "NodeAdvertisement",
    "discovery_service",
]


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Build the shared instance on first use."""
        if name == "discovery_service":
            from cognitive_architecture.distributed_mesh import shared

            return getattr(shared, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
