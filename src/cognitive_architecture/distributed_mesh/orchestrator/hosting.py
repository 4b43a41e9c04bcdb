"""Nodes inside the orchestrator's own process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cognitive_architecture.distributed_mesh.client import MeshClient
from cognitive_architecture.distributed_mesh.handlers import Handler
from cognitive_architecture.distributed_mesh.machines.events import NodeArrived
from cognitive_architecture.distributed_mesh.model import MeshNode
from cognitive_architecture.distributed_mesh.node import NodeRuntime
from cognitive_architecture.distributed_mesh.node.equipment import Equip, Equipment
from cognitive_architecture.distributed_mesh.node.loading import by_capability
from cognitive_architecture.distributed_mesh.node.vitals import VitalsSource
from cognitive_architecture.distributed_mesh.ports import Fabric, Requester
from cognitive_architecture.foundation.errors import ConfigurationError, UnknownCapability
from cognitive_architecture.foundation.settings import Settings
from cognitive_architecture.foundation.world import World

SLOTS_MAX = 10_000


class HostedNodes:
    """Makes nodes out of the built-in handlers and keeps hold of them.

    Args:
        world: For time, ids and chance.
        settings: Of the nodes and of their clients.
        local_fabric: Access to the hub of this process, one for each node.
        handlers: What any of them may offer.
        equip: By capability, what makes the equipment of a node that offers it.
        vitals: Measures this machine.
        machine: What every node says of it.
    """

    def __init__(
        self,
        world: World,
        settings: Settings,
        local_fabric: Callable[[], Fabric],
        handlers: Iterable[Handler],
        equip: Mapping[str, Equip],
        vitals: VitalsSource,
        machine: Mapping[str, Any],
    ) -> None:
        self._world = world
        self._settings = settings
        self._local_fabric = local_fabric
        self._handlers = by_capability(handlers)
        self._equip = equip
        self._vitals = vitals
        self._machine = dict(machine)
        self._runtimes: dict[str, NodeRuntime] = {}
        self._leaving: list[NodeRuntime] = []

    def host(self, node: MeshNode) -> NodeArrived:
        """Make a runtime for ``node``, not yet started; its arrival, to be told at once.

        ``node_id`` and the times are stamped on ``node`` where they are left out.

        Raises:
            UnknownCapability: There is no built-in handler for one of its capabilities.
            ConfigurationError: ``max_load`` is no number above 0, or it names an endpoint, or it
                would have equipment and plain handlers too.
        """
        self._check(node)
        node.node_id = node.node_id or self._world.ids.next_id("node")
        node.created_at = node.created_at or self._world.clock.wall()
        node.last_heartbeat = self._world.clock.wall()
        metadata = {"machine": self._machine, **node.metadata}
        equipment = self._equipment(node)
        runtime = NodeRuntime(
            self._world,
            self._settings.node,
            self._local_fabric(),
            self._offered(node, equipment),
            self._vitals,
            node_id=node.node_id,
            node_type=node.node_type,
            slots=max(1, int(node.max_load)),
            metadata=metadata,
            requester=self._requester,
            equipment=equipment,
        )
        self._runtimes[node.node_id] = runtime
        return NodeArrived(
            runtime.address,
            node.node_id,
            node.node_type,
            frozenset(runtime.capabilities),
            max(1, int(node.max_load)),
            granted=0,  # it says itself how much it takes, when it runs
            received=0,
            claims=[],
            metadata=metadata,
        )

    def _requester(self, fabric: Fabric, node_id: str) -> Requester:
        return MeshClient(self._world, self._settings, fabric, node_id)

    def _equipment(self, node: MeshNode) -> Equipment | None:
        makers = {self._equip[name] for name in node.capabilities if name in self._equip}
        return makers.pop()(node.node_id) if makers else None

    def _offered(self, node: MeshNode, equipment: Equipment | None) -> list[Handler]:
        """The chosen handlers; of equipment also those that nobody can choose."""
        if equipment is None:
            return [self._handlers[name] for name in node.capabilities]
        return [
            handler
            for handler in equipment.handlers
            if handler.capability in node.capabilities or handler.capability not in self._equip
        ]

    def _check(self, node: MeshNode) -> None:
        known = set(self._handlers) | set(self._equip)
        unknown = sorted(set(node.capabilities) - known)
        if unknown:
            raise UnknownCapability(
                f"there is no built-in handler for {', '.join(unknown)}; there are "
                f"{', '.join(sorted(known))}. A node with handlers of its own is a "
                "process: cogmesh node --handlers FILE"
            )
        equipped = sorted(set(node.capabilities) & set(self._equip))
        others = sorted(set(node.capabilities) - set(self._equip))
        if equipped and others:
            raise ConfigurationError(
                f"a node that offers {', '.join(equipped)} offers nothing else, so that those who "
                f"wait for it always go on: register another node for {', '.join(others)}"
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
