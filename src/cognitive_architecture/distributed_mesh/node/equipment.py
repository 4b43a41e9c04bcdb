"""What a node has beside plain functions: something that its handlers hold on to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from cognitive_architecture.distributed_mesh.handlers import Handler

from .requests import NodeRequests


class Equipment(Protocol):
    """Opened before the node takes its first task, and closed after its last."""

    @property
    def handlers(self) -> Sequence[Handler]:
        """The handlers that hold on to it."""
        ...

    async def open(self, requests: NodeRequests) -> None:
        """Get ready.

        Args:
            requests: How the equipment itself may ask the mesh, beside the node's tasks.

        Raises:
            MeshError: It cannot; the node does not join then.
        """
        ...

    async def close(self) -> None:
        """Let go. Idempotent."""
        ...


Equip = Callable[[str], Equipment]
"""Makes the equipment of the node with this id."""
