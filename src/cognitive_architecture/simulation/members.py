"""The processes of a simulated mesh: the product's own orchestrator, nodes and clients in each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from cognitive_architecture.distributed_mesh.adapters.local_fabric import LocalFabric, LocalHub
from cognitive_architecture.distributed_mesh.client import MeshClient
from cognitive_architecture.distributed_mesh.node import NodeRuntime
from cognitive_architecture.distributed_mesh.node.vitals import SteadyVitals
from cognitive_architecture.distributed_mesh.orchestrator import CognitiveMeshOrchestrator
from cognitive_architecture.distributed_mesh.orchestrator.parts import OrchestratorParts
from cognitive_architecture.foundation.errors import (
    Deposed,
    MeshError,
    MeshUnreachable,
    StoreLocked,
)
from cognitive_architecture.foundation.settings import Settings

from .deeds import Witness, handlers_of
from .fabric import SimulatedFabric
from .judging.judge import Judge
from .network import Network
from .plan import NodePlan, Step
from .process import Process
from .programs import Program
from .store import SimulatedDisk, SimulatedTaskStore

_AGAIN_S = 0.5


class OrchestratorMember:
    """One life of the orchestrator's process."""

    def __init__(
        self, process: Process, settings: Settings, network: Network, disk: SimulatedDisk
    ) -> None:
        self.process = process
        self.fabric = SimulatedFabric(network, process, listens=True)
        self.store = SimulatedTaskStore(disk)
        hub = LocalHub()
        self.orchestrator: CognitiveMeshOrchestrator | None = None
        self.has_left = False
        self.leaving: asyncio.Task[None] | None = None
        self._parts = OrchestratorParts(
            world=process.world,
            settings=settings,
            store=self.store,
            store_name="simulated disk",
            local_fabric=lambda: LocalFabric(hub),
            network=self.fabric,
            handlers=(),
            vitals=SteadyVitals(),
        )

    async def main(self) -> None:
        """Serve until told to stop."""
        while True:
            orchestrator = CognitiveMeshOrchestrator(self._parts)
            try:
                await orchestrator.start_enhanced_orchestration()
                break
            except StoreLocked:
                await asyncio.sleep(_AGAIN_S)
        self.orchestrator = orchestrator
        with suppress(Deposed):
            await orchestrator.until_stopped()
        self.has_left = True

    async def stop(self) -> None:
        """End in good order."""
        if self.orchestrator is not None:
            await self.orchestrator.stop_enhanced_orchestration()

    def crash(self) -> None:
        """The process was killed: so was what its disk was writing."""
        self.store.crash()


class NodeMember:
    """One life of a node's process."""

    def __init__(
        self,
        process: Process,
        plan: NodePlan,
        settings: Settings,
        network: Network,
        judge: Judge,
        witness: Witness,
    ) -> None:
        self.process = process
        self.plan = plan
        self._judge = judge
        self.fabric = SimulatedFabric(network, process, listens=False)
        self.has_left = False
        self.leaving: asyncio.Task[None] | None = None
        self._has_begun = False
        self._runtime = NodeRuntime(
            process.world,
            settings.node,
            self.fabric,
            handlers_of(plan.host, plan.offers, witness),
            SteadyVitals(),
            node_id=plan.host,
            slots=plan.slots,
        )

    async def main(self) -> None:
        """Work until it has left the mesh."""
        await self._runtime.start()
        self._has_begun = True
        try:
            await self._runtime.until_over()
        except MeshError:
            pass  # refused: its predecessor is still believed to be there
        self.has_left = True

    async def stop(self) -> None:
        """End in good order."""
        if self._has_begun:
            self._judge.nodes.asked_to_leave(self.process.name)
            await self._runtime.stop()

    def crash(self) -> None:
        """The process was killed."""


class ClientMember:
    """One life of a client's process."""

    def __init__(
        self,
        process: Process,
        settings: Settings,
        network: Network,
        judge: Judge,
        *,
        gives_up: Callable[[], bool],
        has_rivals: bool,
    ) -> None:
        self.process = process
        self.fabric = SimulatedFabric(network, process, listens=False)
        self.program: Program | None = None
        self.leaving: asyncio.Task[None] | None = None
        self._waiting: list[Step] = []
        self._errands = 0
        self._settings = settings
        self._judge = judge
        self._gives_up = gives_up
        self._has_rivals = has_rivals
        self._client: MeshClient | None = None

    async def main(self) -> None:
        """Find the orchestrator, then go on errands."""
        await self.fabric.start()
        host = self.fabric.host
        while True:
            client = MeshClient(self.process.world, self._settings, self.fabric, host)
            try:
                await client.open()
                break
            except MeshUnreachable:
                client.close()
        self._client = client
        self.program = Program(
            self.process.name,
            client,
            self._judge,
            gives_up=self._gives_up,
            has_rivals=self._has_rivals,
        )
        for step in self._waiting:
            self.program.begin(step)
        self._waiting.clear()

    def begin(self, step: Step) -> None:
        """Send the program on an errand, now or when it has found the orchestrator."""
        self._errands += 1
        if self.program is None:
            self._waiting.append(step)
        else:
            self.process.loop.call_soon(self.program.begin, step)

    @property
    def is_done(self) -> bool:
        """Whether no errand is left."""
        return self._errands == (0 if self.program is None else self.program.done)

    @property
    def waits_for(self) -> str:
        """One of the errands that are left, in words."""
        if self.program is None:
            return "an orchestrator"
        return next(iter(self.program.open.values()), "a turn")

    async def stop(self) -> None:
        """End in good order."""
        if self._client is not None:
            self._client.close()
        await self.fabric.stop()

    def crash(self) -> None:
        """The process was killed."""


Member = OrchestratorMember | NodeMember | ClientMember
