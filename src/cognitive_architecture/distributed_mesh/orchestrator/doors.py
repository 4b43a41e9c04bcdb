"""Where others come in to an orchestrator: its networks, its front desk, its own client."""

from __future__ import annotations

from cognitive_architecture.distributed_mesh.client import MeshClient
from cognitive_architecture.distributed_mesh.messages import Message
from cognitive_architecture.distributed_mesh.ports import Fabric

from .dispatcher import Dispatcher
from .parts import OrchestratorParts
from .reception import Inquire, Judge, Reception


class Doors:
    """Opened once and closed once; an orchestrator that starts again makes new ones.

    Args:
        parts: What the orchestrator is made of.
        inquire: Answers questions.
        judge: How healthy a node is that sent its vitals.
    """

    def __init__(self, parts: OrchestratorParts, *, inquire: Inquire, judge: Judge) -> None:
        self._parts = parts
        self._local = parts.local_fabric()
        self._fabrics: list[Fabric] = [self._local]
        if parts.network is not None:
            self._fabrics.append(parts.network)
        self._reception = Reception(
            self._fabrics,
            f"orchestrator/{parts.world.ids.next_id('o')}",
            parts.world.clock,
            parts.metrics,
            inquire=inquire,
            judge=judge,
        )
        self.client: MeshClient | None = None
        """Of the orchestrator itself, once they are open."""

    async def connect(self) -> None:
        """Begin to use the networks.

        Raises:
            EndpointInUse: Another process listens where this one should.
        """
        for fabric in self._fabrics:
            await fabric.start()

    async def open(self, dispatcher: Dispatcher) -> None:
        """Let ``dispatcher`` hear what is said from now on."""
        await self._reception.open(dispatcher)
        self.client = MeshClient(
            self._parts.world, self._parts.settings, self._local, "orchestrator"
        )
        await self.client.open()

    def tell(self, address: str, message: Message, *, can_wait: bool = False) -> None:
        """Say this to whoever is there; see ``Reception.tell``."""
        self._reception.tell(address, message, can_wait=can_wait)

    def close(self) -> None:
        """Hear nothing more."""
        if self.client is not None:
            self.client.close()
        self._reception.close()

    async def disconnect(self) -> None:
        """Leave the networks."""
        for fabric in reversed(self._fabrics):
            await fabric.stop()
