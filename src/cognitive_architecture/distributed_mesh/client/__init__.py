"""A requester of the mesh."""

from __future__ import annotations

from .client import MeshClient
from .results import result_of

__all__ = [
    "MeshClient",
    "result_of",
]
