"""What a memory node is called among capabilities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

_PREFIX: Final = "atomspace:"


def capability_of(node_id: str) -> str:
    """What only the memory node with this id offers."""
    return _PREFIX + node_id


def memory_nodes(nodes: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The ids of the memory nodes among some nodes, those that are leaving left out.

    Args:
        nodes: As the mesh tells of them.
    """
    return frozenset(
        node["node_id"]
        for node in nodes
        if node["status"] == "active" and capability_of(node["node_id"]) in node["capabilities"]
    )
