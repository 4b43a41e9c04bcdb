"""The atoms of the whole mesh: sharded by content over its memory nodes, each kept twice.

    words ─▶ asking ─▶ settling ─▶ agreeing ─▶ hypergraph     whoever reads and writes
      └────▶ serving                                          what a memory node answers
             healing                                          how copies are made whole again

Which node keeps what, and what becomes of two replicas, is decided below, in ``memory``.
"""

from cognitive_architecture.hypergraph.answers import Answers, Coverage, Gathered, Known
from cognitive_architecture.hypergraph.errors import HypergraphError, NoMemoryNode, NotSettled
from cognitive_architecture.hypergraph.hypergraph import Hypergraph

__all__ = [
    "Answers",
    "Coverage",
    "Gathered",
    "Hypergraph",
    "HypergraphError",
    "Known",
    "NoMemoryNode",
    "NotSettled",
]
