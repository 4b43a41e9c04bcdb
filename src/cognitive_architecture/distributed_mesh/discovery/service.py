"""Who is there and what they can do: a directory of advertisements, kept by every participant.

Two services that share a fabric find each other through it: each announces an address
``discovery/<node>~<incarnation>``, watches for others, sends what its own node can do to every
newcomer, and repeats it before the advertisement grows too old. What an address advertised is
forgotten when the address disappears, or when the repetitions stay away for ``ttl`` seconds of
the reader's own clock; the time stamp in an advertisement is for people.

**What it does not do yet.** How the *sessions* of a fabric find each other on a network is the
fabric's matter: today a process is told the endpoint of an orchestrator. ``DiscoveryConfig``
already holds the choice between multicast, broadcast, gossip and a central place, and what each
needs; they are checked and shown in the statistics, and change nothing else.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any, Final

import structlog

from cognitive_architecture.distributed_mesh.frames import encode_frame
from cognitive_architecture.distributed_mesh.machines.effects import Incident
from cognitive_architecture.distributed_mesh.messages import Advertise
from cognitive_architecture.distributed_mesh.model import MeshNode, NodeAdvertisement
from cognitive_architecture.distributed_mesh.policies.matching import CapabilityMatcher, load_factor
from cognitive_architecture.distributed_mesh.ports import Fabric
from cognitive_architecture.distributed_mesh.post import Delivery, Post
from cognitive_architecture.foundation.errors import ConfigurationError
from cognitive_architecture.foundation.sentences import sentence_of
from cognitive_architecture.foundation.world import World

from .config import DiscoveryConfig
from .directory import Directory, advert_refusal

_log = structlog.get_logger(__name__)

_KIND: Final = "discovery"
_FROM_ORCHESTRATOR: Final = "the orchestrator of this process"

OnNode = Callable[[NodeAdvertisement], None]


class MeshDiscoveryService:
    """One participant's directory; an orchestrator's ``Observer``.

    Nodes come in two ways: advertised by other services over the fabric, and, where the service
    is attached to an orchestrator, by joining that. The own node is not in its own directory.
    """

    def __init__(
        self,
        config: DiscoveryConfig | None = None,
        *,
        world: World | None = None,
        fabric: Fabric | None = None,
        matcher: CapabilityMatcher | None = None,
    ) -> None:
        """Prepare; nothing is said before ``start_discovery``.

        Args:
            config: How to make itself known.
            world: Clock and ids.
            fabric: Started. If left out, the one that all such services of this process share.
            matcher: Who judges nodes.
        """
        self.config = config or DiscoveryConfig()
        self._world = world or World()
        self._fabric = fabric
        self._matcher = matcher or CapabilityMatcher()
        self._directory = Directory()
        self._callbacks: list[OnNode] = []
        self._tally: Counter[str] = Counter()
        self._local: NodeAdvertisement | None = None
        self._post: Post | None = None
        self._peers: set[str] = set()
        """Addresses of other services that are there."""
        self._repeating: asyncio.Task[None] | None = None
        self.nodes_now: Callable[[], Iterable[MeshNode]] = list
        """Who is in the orchestrator with what load; asked when nodes are ranked."""

    # -- starting and stopping -----------------------------------------------------------------

    @property
    def is_running(self) -> bool:
        """Whether it listens and advertises."""
        return self._repeating is not None and not self._repeating.done()

    async def start_discovery(self) -> None:
        """Listen, make the own node known, look for others. Idempotent.

        Raises:
            FabricError: The fabric is not open.
        """
        if self.is_running:
            return
        if self._fabric is None:
            from cognitive_architecture.distributed_mesh.shared import shared_fabric

            self._fabric = shared_fabric()
        name = self._local.node_id if self._local else self._world.ids.next_id("listener")
        incarnation = self._world.ids.next_id("i").removeprefix("i-")
        self._peers.clear()
        post = self._post = Post(self._fabric, f"{_KIND}/{name}~{incarnation}", self._on_delivery)
        await post.open()
        await self._fabric.watch(_KIND, lambda who, there: self._on_presence(post, who, there))
        self._repeating = asyncio.create_task(self._repeat())

    async def stop_discovery(self) -> None:
        """Fall silent and forget what others advertised. Idempotent."""
        repeating, self._repeating = self._repeating, None
        if repeating is not None:
            repeating.cancel()
            with suppress(asyncio.CancelledError):
                await repeating
        if self._post is not None:
            self._post.close()
            self._post = None
        for address in self._peers:
            self._went(self._directory.withdraw(address), "departed")
        self._peers.clear()

    start = start_discovery
    """Under this name an orchestrator starts its companions."""

    async def stop(self) -> None:
        """The orchestrator ends, and its nodes are no longer its."""
        await self.stop_discovery()
        self._went(self._directory.withdraw(_FROM_ORCHESTRATOR), "departed")

    async def _repeat(self) -> None:
        clock = self._world.clock
        while True:
            self._forget_expired()
            self._advertise_to(self._peers)
            await clock.sleep_until(clock.now() + self.config.discovery_interval)

    # -- the own node --------------------------------------------------------------------------

    def set_local_node(self, advert: NodeAdvertisement) -> None:
        """Say what the own node is; others hear of it at once, and of every later change.

        ``timestamp`` and ``ttl`` are set whenever it is sent.

        Raises:
            ConfigurationError: Others would not believe it, or its metadata cannot be sent.
        """
        if reason := advert_refusal(advert):
            raise ConfigurationError(reason)
        try:
            encode_frame("", [Advertise(advert)])
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            raise ConfigurationError(
                f"metadata: what JSON can say, but {sentence_of(error)}"
            ) from error
        self._local = advert
        self._advertise_to(self._peers)

    def _advertise_to(self, addresses: Iterable[str]) -> None:
        if self._local is None or self._post is None:
            return
        advert = replace(
            self._local, timestamp=self._world.clock.wall(), ttl=self.config.advertisement_ttl
        )
        for address in sorted(addresses):
            self._tally["advertisements_sent"] += 1
            self._post.tell(address, Advertise(advert))

    # -- the others ----------------------------------------------------------------------------

    def add_discovery_callback(self, on_node: OnNode) -> None:
        """Call ``on_node`` with the advertisement of every node that is new from now on."""
        self._callbacks.append(on_node)

    def known_nodes(self) -> list[NodeAdvertisement]:
        """The nodes of the directory, by id."""
        self._forget_expired()
        return self._directory.nodes()

    def _on_presence(self, post: Post, address: str, is_there: bool) -> None:
        if post is not self._post or address == post.address:
            return  # of an earlier start, or the own
        if is_there:
            self._peers.add(address)
            self._advertise_to([address])
        else:
            self._peers.discard(address)
            self._went(self._directory.withdraw(address), "departed")

    def _on_delivery(self, delivery: Delivery) -> None:
        for sender, messages in delivery:
            for message in messages:
                if isinstance(message, Advertise):
                    self._on_advertised(sender, message.advert)
                else:
                    _log.warning("message_not_for_discovery", message=type(message).__name__)

    def _on_advertised(self, sender: str, advert: NodeAdvertisement) -> None:
        self._tally["advertisements_received"] += 1
        if reason := advert_refusal(advert):
            self._tally["advertisements_refused"] += 1
            _log.warning("advertisement_refused", sender=sender, why=reason)
            return
        earlier = [node for node in self._directory.vouched_by(sender) if node != advert.node_id]
        for node_id in earlier:  # an address stands for one node, so it cannot flood the directory
            self._went(self._directory.withdraw(sender, node_id), "departed")
        self._admit(advert, sender, self._world.clock.now() + advert.ttl)

    def _admit(self, advert: NodeAdvertisement, source: str, deadline: float) -> None:
        if not self._directory.admit(advert, source, deadline):
            return
        self._tally["nodes_discovered"] += 1
        for on_node in self._callbacks:
            try:
                on_node(advert)
            except Exception:  # noqa: BLE001 - a stranger's mistake; the others are to hear of it
                self._tally["callback_errors"] += 1
                _log.exception("discovery_callback_failed", node=advert.node_id)

    def _forget_expired(self) -> None:
        self._went(self._directory.expire(self._world.clock.now()), "expired")

    def _went(self, node_ids: Iterable[str], how: str) -> None:
        for node_id in node_ids:
            self._tally[f"nodes_{how}"] += 1
            _log.info("node_vanished", node=node_id, how=how)

    # -- what the orchestrator tells (Observer) ------------------------------------------------

    def observe(self, incident: Incident, node: MeshNode | None) -> None:
        """Let nodes that join the orchestrator appear, and those that leave it vanish."""
        if incident.kind in ("node_left", "node_lost"):
            gone = self._directory.withdraw(_FROM_ORCHESTRATOR, incident.node_id)
            self._went(gone, "departed")
        elif node is not None:
            self._admit(self._advert_of(node), _FROM_ORCHESTRATOR, math.inf)

    def summary(self) -> dict[str, Any]:
        """What has been noted."""
        return self.get_discovery_statistics()

    def _advert_of(self, node: MeshNode) -> NodeAdvertisement:
        return NodeAdvertisement(
            node.node_id,
            node.node_type,
            frozenset(node.capabilities),
            load_capacity=node.max_load,
            current_load=node.current_load,
            metadata=node.metadata,
            timestamp=node.last_heartbeat or 0.0,
            ttl=self.config.advertisement_ttl,
        )

    # -- choosing ------------------------------------------------------------------------------

    def setup_capability_weights(self, weights: dict[str, float]) -> None:
        """Say how much each capability counts where a node offers only a part of what is needed.

        Raises:
            ConfigurationError: A weight is not a number above 0 and up to a million.
        """
        for capability, weight in weights.items():
            self._matcher.add_capability_weight(capability, weight)

    def setup_capability_dependencies(self, dependencies: dict[str, set[str]]) -> None:
        """Say that a capability is of use only on a node that also offers certain others."""
        for capability, needs in dependencies.items():
            self._matcher.add_capability_dependency(capability, needs)

    def update_node_performance(self, node_id: str, performance: float) -> None:
        """Take note of how well a node did, 0 (useless) to 1 (perfect)."""
        self._matcher.record_performance(node_id, performance)

    def find_nodes_for_capabilities(
        self, required_capabilities: set[str], task_priority: float = 1.0, max_nodes: int = 3
    ) -> list[NodeAdvertisement]:
        """The nodes that offer all that is required, best first.

        Args:
            required_capabilities: Names.
            task_priority: 1 to 10; urgent work prefers proven nodes, patient work idle ones.
            max_nodes: How many at most.
        """
        for node in self.nodes_now():  # their load is known here better than when they joined
            self._admit(self._advert_of(node), _FROM_ORCHESTRATOR, math.inf)
        nodes = self.known_nodes()
        balanced = self.config.enable_load_balancing
        if not self.config.enable_capability_matching:
            able = [node for node in nodes if required_capabilities <= node.capabilities]
            able.sort(key=lambda node: -_free_share(node) if balanced else 0.0)
            return able[:max_nodes]
        able = [
            node
            for node in nodes
            if self._matcher.refusal(node.capabilities, required_capabilities) is None
        ]
        judged = able if balanced else [replace(node, current_load=0.0) for node in able]
        ranked = self._matcher.rank_nodes(judged, required_capabilities, task_priority)
        by_id = {node.node_id: node for node in able}
        return [by_id[node.node_id] for node, _, _ in ranked[:max_nodes]]

    # -- status --------------------------------------------------------------------------------

    def get_discovery_statistics(self) -> dict[str, Any]:
        """``statistics`` in numbers, the offered capabilities, and the configuration."""
        nodes = self.known_nodes()
        offers = Counter(name for node in nodes for name in node.capabilities)
        names = (
            "nodes_discovered",
            "nodes_departed",
            "nodes_expired",
            "advertisements_sent",
            "advertisements_received",
            "advertisements_refused",
            "callback_errors",
        )
        return {
            "is_running": self.is_running,
            "protocol": str(self.config.protocol),
            "local_node": self._local.node_id if self._local else None,
            "statistics": {"active_nodes": len(nodes), "peers": len(self._peers)}
            | {name: self._tally[name] for name in names},
            "capabilities": dict(sorted(offers.items())),
            "config": asdict(self.config) | {"protocol": str(self.config.protocol)},
        }


def _free_share(node: NodeAdvertisement) -> float:
    return load_factor(node.current_load, node.load_capacity)
