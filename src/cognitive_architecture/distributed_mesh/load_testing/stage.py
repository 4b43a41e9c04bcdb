"""Temporary nodes: hosted for a load test, gone after it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Self

from cognitive_architecture.distributed_mesh.machines.effects import Incident
from cognitive_architecture.distributed_mesh.model import DistributedTask, MeshNode
from cognitive_architecture.foundation.errors import MeshError
from cognitive_architecture.foundation.world import World

from .texts import CAPABILITY

if TYPE_CHECKING:  # whoever has an orchestrator has loaded it
    from cognitive_architecture.distributed_mesh.orchestrator import CognitiveMeshOrchestrator

SLOTS: Final = 4
"""Tasks that a temporary node works on at a time."""

_FAREWELL_S: Final = 40.0
"""How long leaving may take; longer than a node's own patience with its handlers."""


class Stage:
    """The temporary nodes of one load test, in the process of the orchestrator.

    While it stands it is an ``Observer``: it hears from the orchestrator itself when one of its
    nodes is gone.
    """

    def __init__(self, orchestrator: CognitiveMeshOrchestrator, world: World, label: str) -> None:
        self._orchestrator = orchestrator
        self._world = world
        self._label = label
        self._key = world.ids.next_id("load-nodes")
        self._gone: dict[str, asyncio.Event] = {}
        self._went_at: dict[str, float] = {}

    async def __aenter__(self) -> Self:
        self._orchestrator.observation.observers[self._key] = self
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            await self.strike()
        finally:
            self._orchestrator.observation.observers.pop(self._key, None)

    @property
    def nodes(self) -> list[str]:
        """The temporary nodes that are there, oldest first."""
        return [node_id for node_id, gone in self._gone.items() if not gone.is_set()]

    def serving(self) -> int:
        """How many nodes of the mesh, temporary or not, can do the tasks of a load test."""
        wanted = DistributedTask(task_type=CAPABILITY)
        able = self._orchestrator.find_optimal_nodes_for_task(wanted, max_nodes=1_000_000)
        return sum(node.status == "active" for node in able)

    def loads(self) -> dict[str, int]:
        """How many tasks each temporary node holds now."""
        mine = set(self.nodes)
        return {
            node.node_id: int(node.current_load)
            for node in self._orchestrator.nodes()
            if node.node_id in mine
        }

    async def grow_to(self, count: int) -> None:
        """Host more nodes, until there are ``count`` temporary ones."""
        while len(self.nodes) < count:
            await self.add_node()

    async def add_node(self) -> str:
        """Host one more node, and return its id when it takes tasks.

        Raises:
            MeshError: The orchestrator has stopped.
        """
        if not self._orchestrator.is_running:
            raise MeshError("the orchestrator was stopped while the load test ran")
        node_id = self._orchestrator.register_node(
            MeshNode(
                node_id=self._world.ids.next_id("load-node"),
                capabilities={CAPABILITY},
                max_load=float(SLOTS),
                metadata={"temporary": self._label},
            )
        )
        self._gone[node_id] = asyncio.Event()
        runtime = self._orchestrator.hosted(node_id)
        if runtime is not None:
            await runtime.joined()
        return node_id

    async def crash(self, node_id: str) -> float:
        """Let a temporary node vanish without a word.

        Returns:
            Seconds until the orchestrator had noticed and queued its tasks again.

        Raises:
            MeshError: It has not noticed.
        """
        runtime = self._orchestrator.hosted(node_id)
        began = self._world.clock.now()
        if runtime is not None:
            await runtime.crash()
        try:
            async with asyncio.timeout(_FAREWELL_S):
                await self._gone[node_id].wait()
        except TimeoutError:
            raise MeshError(
                f"the orchestrator did not notice within {_FAREWELL_S:g} s that node {node_id} "
                "crashed"
            ) from None
        del self._gone[node_id]
        return self._went_at.pop(node_id) - began

    async def strike(self) -> None:
        """Let every temporary node leave, and return when all are gone."""
        leaving = self.nodes if self._orchestrator.is_running else []
        for node_id in leaving:
            with suppress(MeshError):  # it has just gone by itself
                self._orchestrator.unregister_node(node_id)
        with suppress(TimeoutError):  # a handler that never returns keeps its node
            async with asyncio.timeout(_FAREWELL_S):
                for node_id in leaving:
                    await self._gone[node_id].wait()
        self._gone.clear()
        self._went_at.clear()

    # -- what the orchestrator tells (Observer) ------------------------------------------------

    def observe(self, incident: Incident, node: MeshNode | None) -> None:  # noqa: ARG002
        """Take note of temporary nodes that are gone."""
        gone = self._gone.get(incident.node_id)
        if gone is not None and incident.kind in ("node_lost", "node_left"):
            self._went_at[incident.node_id] = self._world.clock.now()
            gone.set()

    def summary(self) -> dict[str, Any]:
        """What a status shows while the stage stands."""
        return {"temporary_nodes": self.nodes, "label": self._label}
