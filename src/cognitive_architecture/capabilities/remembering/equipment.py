"""What makes a node a memory node: its memory, the handlers that hold on to it, and its healing."""

from __future__ import annotations

from collections.abc import Sequence

from cognitive_architecture.distributed_mesh.handlers import Handler
from cognitive_architecture.distributed_mesh.node.requests import NodeRequests
from cognitive_architecture.foundation.world import World
from cognitive_architecture.hypergraph.healing import Healing, Pace
from cognitive_architecture.hypergraph.serving import serving_handler
from cognitive_architecture.memory.atom_memory import AtomMemory

from .handlers import memory_handlers


class MemoryEquipment:
    """The memory of one node (``Equipment``).

    Args:
        memory: Opened and closed with the node.
        world: For time and ids.
        pace: How often the node looks for others and compares itself with them.
    """

    def __init__(self, memory: AtomMemory, world: World, pace: Pace | None = None) -> None:
        self.memory = memory
        self.handlers: Sequence[Handler] = (*memory_handlers(memory), serving_handler(memory))
        self._world = world
        self._pace = pace
        self._healing: Healing | None = None

    async def open(self, requests: NodeRequests) -> None:
        """Read what is kept, and begin to look for others.

        Raises:
            StoreError: The store cannot be taken over or read.
        """
        await self.memory.open()
        self._healing = Healing(self.memory, requests, self._world, self._pace)
        self._healing.start()

    async def close(self) -> None:
        """Write what is left, and let go of the store."""
        if self._healing is not None:
            await self._healing.stop()
        await self.memory.close()
