"""What makes a node a memory node: its memory, and the handlers that hold on to it."""

from __future__ import annotations

from collections.abc import Sequence

from cognitive_architecture.distributed_mesh.handlers import Handler
from cognitive_architecture.distributed_mesh.node.requests import NodeRequests
from cognitive_architecture.memory.atom_memory import AtomMemory

from .handlers import memory_handlers


class MemoryEquipment:
    """The memory of one node (``Equipment``).

    Args:
        memory: Opened and closed with the node.
    """

    def __init__(self, memory: AtomMemory) -> None:
        self.memory = memory
        self.handlers: Sequence[Handler] = memory_handlers(memory)

    async def open(self, requests: NodeRequests) -> None:  # noqa: ARG002 - it will heal
        """Read what is kept.

        Raises:
            StoreError: The store cannot be taken over or read.
        """
        await self.memory.open()

    async def close(self) -> None:
        """Write what is left, and let go of the store."""
        await self.memory.close()
