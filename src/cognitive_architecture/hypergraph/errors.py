"""What asking for the atoms of the mesh raises, beside the errors of the mesh and the AtomSpace.

MeshError
└── HypergraphError
    ├── NoMemoryNode      retryable: no node of the mesh keeps atoms
    └── NotSettled        retryable: memory nodes come and go, and it did not become quiet in time
"""

from __future__ import annotations

from cognitive_architecture.foundation.errors import MeshError


class HypergraphError(MeshError):
    """Catch it to catch everything that the hypergraph raises on purpose."""

    code = "hypergraph_error"


class NoMemoryNode(HypergraphError):
    """No node of the mesh keeps atoms."""

    code = "no_memory_node"
    retryable = True


class NotSettled(HypergraphError):
    """A write was not acknowledged by all owners in time; it may be kept by some of them."""

    code = "hypergraph_not_settled"
    retryable = True
