"""Nodes inside the orchestrator's own process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cognitive_architecture.distributed_mesh.handlers import Handler
from cognitive_architecture.distributed_mesh.machines.events import NodeArrived
from cognitive_architecture.distributed_mesh.model import MeshNode
from cognitive_architecture.distributed_mesh.node import NodeRuntime
from cognitive_architecture.distributed_mesh.node.loading import by_capability
from cognitive_architecture.distributed_mesh.node.vitals import VitalsSource
from cognitive_architecture.distributed_mesh.ports import Fabric
from cognitive_architecture.foundation.errors import ConfigurationError, UnknownCapability
from cognitive_architecture.foundation.settings import NodeSettings
from cognitive_architecture.foundation.world import World

SLOTS_MAX = 10_000


class HostedNodes:
    """Makes nodes out of the built-in handlers and keeps hold of them."""

    def __init__(
        self,
        world: World,
        settings: NodeSettings,
        local_fabric: Callable[[], Fabric],
        handlers: Iterable[Handler],
        vitals: VitalsSource,
        machine: Mapping[str, Any],
    ) -> None:
        self._world = world
        self._settings = settings
        self._local_fabric = local_fabric
        self._handlers = by_capability(handlers)
        self._vitals = vitals
        self._machine = dict(machine)
        self._runtimes: dict[str, NodeRuntime] = {}
        self._leaving: list[NodeRuntime] = []

    def host(self, node: MeshNode) -> NodeArrived:
        """Make a runtime for ``node``, not yet started; its arrival, to be told at once.

        ``node_id`` and the times are stamped on ``node`` where they are left out.

        Raises:
            UnknownCapability: There is no built-in handler for one of its capabilities.
            ConfigurationError: ``max_load`` is no number above 0, or it names an endpoint.
        """
        self._check(node)
        node.node_id = node.node_id or self._world.ids.next_id("node")
        node.created_at = node.created_at or self._world.clock.wall()
        node.last_heartbeat = self._world.clock.wall()
        metadata = {"machine": self._machine, **node.metadata}
        runtime = NodeRuntime(
            self._world,
            self._settings,
            self._local_fabric(),
            [self._handlers[name] for name in node.capabilities],
            self._vitals,
            node_id=node.node_id,
            node_type=node.node_type,
            slots=max(1, int(node.max_load)),
            metadata=metadata,
        )
        self._runtimes[node.node_id] = runtime
        return NodeArrived(
            runtime.address,
            node.node_id,
            node.node_type,
            frozenset(node.capabilities),
            max(1, int(node.max_load)),
            granted=0,  # it says itself how much it takes, when it runs
            received=0,
            claims=[],
            metadata=metadata,
        )

    def _check(self, node: MeshNode) -> None:
        unknown = sorted(set(node.capabilities) - set(self._handlers))
        if unknown:
            raise UnknownCapability(
                f"there is no built-in handler for {', '.join(unknown)}; there are "
                f"{', '.join(sorted(self._handlers))}. A node with handlers of its own is a "
                "process: cogmesh node --handlers FILE"
            )
        if not node.capabilities:
            raise ConfigurationError("capabilities: a node without any could do nothing")
        if isinstance(node.max_load, bool) or not 0 < node.max_load <= SLOTS_MAX:
            raise ConfigurationError(
                f"max_load: a number above 0 and up to {SLOTS_MAX:,}, not {node.max_load!r}"
            )
        if "endpoint" in node.metadata:
            raise ConfigurationError(
                "a node with an endpoint is a process of its own and joins by itself: "
                "cogmesh node --connect ENDPOINT"
            )

    def __contains__(self, node_id: str) -> bool:
        return node_id in self._runtimes

    def runtime(self, node_id: str) -> NodeRuntime | None:
        """The node of this process with that id."""
        return self._runtimes.get(node_id)

    def forget(self, node_id: str) -> NodeRuntime | None:
        """Let go of a node that leaves or has left."""
        runtime = self._runtimes.pop(node_id, None)
        if runtime is not None:
            # It may take its time to leave, and must not be left behind when all are stopped.
            self._leaving = [other for other in self._leaving if not other.is_over]
            self._leaving.append(runtime)
        return runtime

    async def start(self) -> None:
        """Start all, and return when all are in."""
        for runtime in list(self._runtimes.values()):
            await runtime.start()
            await runtime.joined()

    async def stop(self) -> None:
        """Stop all; what they have not finished is handed back."""
        for runtime in [*self._runtimes.values(), *self._leaving]:
            await runtime.stop()
        self._runtimes.clear()
        self._leaving.clear()
