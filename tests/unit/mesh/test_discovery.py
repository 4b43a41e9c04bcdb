from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from cognitive_architecture.distributed_mesh.adapters.local_fabric import LocalFabric, LocalHub
from cognitive_architecture.distributed_mesh.adapters.zenoh_fabric import ZenohFabric
from cognitive_architecture.distributed_mesh.discovery import (
    DiscoveryConfig,
    MeshDiscoveryService,
    NodeAdvertisement,
)
from cognitive_architecture.distributed_mesh.handlers import Handler, HandlerKind
from cognitive_architecture.distributed_mesh.machines.effects import Incident
from cognitive_architecture.distributed_mesh.messages import Advertise, PleaseDrain
from cognitive_architecture.distributed_mesh.model import MeshNode
from cognitive_architecture.distributed_mesh.orchestrator import CognitiveMeshOrchestrator
from cognitive_architecture.distributed_mesh.post import Delivery, Post
from cognitive_architecture.foundation.errors import FabricError
from cognitive_architecture.foundation.settings import MeshSettings
from cognitive_architecture.foundation.world import SimulatedClock, World, simulated_world
from tests.integration.cli_processes import free_endpoint
from tests.support.asynchronous import async_test, turns, until
from tests.support.in_process import in_process_parts


def an_advert(node_id: str = "n1", *capabilities: str, **fields: Any) -> NodeAdvertisement:
    return NodeAdvertisement(node_id, capabilities=frozenset(capabilities or {"echo"}), **fields)


class Neighbourhood:
    """Services of one hub, each with a fabric of its own, on one clock."""

    def __init__(self) -> None:
        self.world = simulated_world()
        self.hub = LocalHub()
        self._services: list[MeshDiscoveryService] = []

    @property
    def clock(self) -> SimulatedClock:
        assert isinstance(self.world.clock, SimulatedClock)
        return self.world.clock

    def service(
        self, node_id: str | None = None, *capabilities: str, config: DiscoveryConfig | None = None
    ) -> MeshDiscoveryService:
        service = MeshDiscoveryService(config, world=self.world, fabric=LocalFabric(self.hub))
        if node_id is not None:
            service.set_local_node(an_advert(node_id, *capabilities))
        self._services.append(service)
        return service

    async def wait(self, seconds: float) -> None:
        """Let time pass, in steps small enough that nobody's turn is skipped."""
        until_instant = self.clock.now() + seconds
        await turns()
        while self.clock.now() < until_instant:
            self.clock.jump_to(min(until_instant, self.clock.now() + 1.0))
            await turns()

    async def stop(self) -> None:
        for service in self._services:
            await service.stop_discovery()


def ids(service: MeshDiscoveryService) -> list[str]:
    return [node.node_id for node in service.known_nodes()]


class TestTwoServices:
    @async_test
    async def test_find_each_other_whoever_comes_first(self) -> None:
        there = Neighbourhood()
        first, second = there.service("n1", "echo"), there.service("n2", "sum")
        await first.start_discovery()
        await second.start_discovery()
        await turns()
        assert ids(first) == ["n2"]
        assert ids(second) == ["n1"]
        assert second.known_nodes()[0].capabilities == {"echo"}
        assert first.get_discovery_statistics()["statistics"]["active_nodes"] == 1
        await there.stop()

    @async_test
    async def test_a_service_without_a_node_of_its_own_only_listens(self) -> None:
        there = Neighbourhood()
        node, listener = there.service("n1"), there.service()
        await listener.start_discovery()
        await node.start_discovery()
        await turns()
        assert ids(listener) == ["n1"]
        assert ids(node) == []
        await there.stop()

    @async_test
    async def test_a_changed_node_is_heard_of_at_once(self) -> None:
        there = Neighbourhood()
        node, listener = there.service("n1", "echo"), there.service()
        await node.start_discovery()
        await listener.start_discovery()
        node.set_local_node(an_advert("n1", "echo", "sum", current_load=0.5))
        await turns()
        assert listener.known_nodes()[0].capabilities == {"echo", "sum"}
        assert listener.known_nodes()[0].current_load == 0.5
        assert listener.get_discovery_statistics()["statistics"]["nodes_discovered"] == 1
        await there.stop()

    @async_test
    async def test_who_leaves_is_forgotten(self) -> None:
        there = Neighbourhood()
        node, listener = there.service("n1"), there.service()
        await node.start_discovery()
        await listener.start_discovery()
        await turns()
        await node.stop_discovery()
        await turns()
        assert ids(listener) == []
        assert listener.get_discovery_statistics()["statistics"]["nodes_departed"] == 1
        await there.stop()

    @async_test
    async def test_who_comes_back_is_found_again_and_is_new(self) -> None:
        there = Neighbourhood()
        node, listener = there.service("n1"), there.service()
        met: list[str] = []
        listener.add_discovery_callback(lambda advert: met.append(advert.node_id))
        await listener.start_discovery()
        for _ in range(3):
            await node.start_discovery()
            await node.start_discovery()
            await turns()
            assert ids(listener) == ["n1"]
            await node.stop_discovery()
            await node.stop_discovery()
            await turns()
        assert met == ["n1", "n1", "n1"]
        await there.stop()

    @async_test
    async def test_repetitions_keep_a_node_alive(self) -> None:
        there = Neighbourhood()
        node, listener = there.service("n1"), there.service()
        met: list[str] = []
        listener.add_discovery_callback(lambda advert: met.append(advert.node_id))
        await node.start_discovery()
        await listener.start_discovery()
        await there.wait(300.0)
        assert ids(listener) == ["n1"]
        assert met == ["n1"], "a repetition is no news"
        assert listener.known_nodes()[0].timestamp == 1_700_000_300.0
        await there.stop()


class TestStrangers:
    """What is sent to a service by hand."""

    async def listening(
        self, there: Neighbourhood
    ) -> tuple[MeshDiscoveryService, Post, Callable[[NodeAdvertisement], None]]:
        service = there.service()
        await service.start_discovery()

        def ignore(_: Delivery) -> None:
            pass

        post = Post(LocalFabric(there.hub), "discovery/stranger~1", ignore)
        await post.open()
        assert service._post is not None
        address = service._post.address
        return service, post, lambda advert: post.tell(address, Advertise(advert))

    @async_test
    async def test_an_advert_lives_as_long_as_its_ttl_by_the_readers_clock(self) -> None:
        there = Neighbourhood()
        service, _, advertise = await self.listening(there)
        advertise(an_advert("n1", ttl=10.0, timestamp=0.0))
        await turns()
        there.clock.jump_to(9.9)
        assert ids(service) == ["n1"]
        there.clock.jump_to(10.0)
        assert ids(service) == []
        assert service.get_discovery_statistics()["statistics"]["nodes_expired"] == 1
        await there.stop()

    @pytest.mark.parametrize(
        ("advert", "reason"),
        [
            (an_advert("n1", ttl=float("inf")), "ttl"),
            (an_advert("n1", ttl=0.0), "ttl"),
            (an_advert("n1", ttl=float("nan")), "ttl"),
            (an_advert("n" * 201), "node_id"),
            (an_advert(""), "node_id"),
            (an_advert("n1", load_capacity=float("nan")), "load_capacity"),
            (an_advert("n1", current_load=-1.0), "load_capacity"),
        ],
    )
    @async_test
    async def test_an_advert_that_cannot_be_is_refused(
        self, advert: NodeAdvertisement, reason: str
    ) -> None:
        there = Neighbourhood()
        service, _, advertise = await self.listening(there)
        with capture_logs() as logs:
            advertise(advert)
            await turns()
        assert ids(service) == []
        assert service.get_discovery_statistics()["statistics"]["advertisements_refused"] == 1
        (line,) = [line for line in logs if line["event"] == "advertisement_refused"]
        assert line["why"].startswith(reason)
        await there.stop()

    @async_test
    async def test_one_address_cannot_flood_the_directory(self) -> None:
        there = Neighbourhood()
        service, _, advertise = await self.listening(there)
        for number in range(100):
            advertise(an_advert(f"n{number}"))
        await turns()
        assert ids(service) == ["n99"]
        await there.stop()

    @async_test
    async def test_other_messages_are_left_aside(self) -> None:
        there = Neighbourhood()
        service, post, _ = await self.listening(there)
        assert service._post is not None
        with capture_logs() as logs:
            post.tell(service._post.address, PleaseDrain())
            await turns()
        assert [line["message"] for line in logs] == ["PleaseDrain"]
        await there.stop()

    @async_test
    async def test_a_callback_that_raises_is_contained_and_counted(self) -> None:
        there = Neighbourhood()
        service, _, advertise = await self.listening(there)
        met: list[str] = []

        def fail(_: NodeAdvertisement) -> None:
            raise ZeroDivisionError

        service.add_discovery_callback(fail)
        service.add_discovery_callback(lambda advert: met.append(advert.node_id))
        with capture_logs() as logs:
            advertise(an_advert("n1"))
            await turns()
        assert met == ["n1"]
        assert service.get_discovery_statistics()["statistics"]["callback_errors"] == 1
        assert [line["event"] for line in logs] == ["discovery_callback_failed"]
        await there.stop()


@async_test
async def test_discovery_over_zenoh() -> None:
    endpoint = free_endpoint()
    settings = MeshSettings(name="discovery-test", listen=[endpoint], connect=[endpoint])
    fabrics = ZenohFabric(settings, listens=True), ZenohFabric(settings, listens=False)
    for fabric in fabrics:
        await fabric.start()
    first, second = (MeshDiscoveryService(world=World(), fabric=fabric) for fabric in fabrics)
    first.set_local_node(an_advert("n1", "echo"))
    second.set_local_node(an_advert("n2", "sum", metadata={"host": "here"}))
    try:
        await first.start_discovery()
        await second.start_discovery()
        await until(lambda: ids(first) == ["n2"] and ids(second) == ["n1"])
        assert first.known_nodes()[0].metadata == {"host": "here"}
        await second.stop_discovery()
        await until(lambda: ids(first) == [])
    finally:
        await first.stop_discovery()
        await second.stop_discovery()
        for fabric in reversed(fabrics):
            await fabric.stop()


@async_test
async def test_a_fabric_that_is_not_open_is_said_so() -> None:
    service = MeshDiscoveryService(fabric=ZenohFabric(MeshSettings(), listens=False))
    with pytest.raises(FabricError, match=r"call start\(\) first"):
        await service.start_discovery()
    assert not service.is_running
    await service.stop_discovery()


class TestOrchestrator:
    @async_test
    async def test_its_nodes_appear_and_vanish(self) -> None:
        echo = Handler("echo", lambda payload, _task: payload, HandlerKind.THREAD)
        parts = in_process_parts([echo])
        orchestrator = CognitiveMeshOrchestrator(parts)
        service = MeshDiscoveryService(fabric=parts.local_fabric())
        orchestrator.observation.observers["discovery"] = service
        orchestrator.accompany(service)
        await orchestrator.start_enhanced_orchestration()
        assert service.is_running

        for node_id in ("kept", "crashed", "left"):
            orchestrator.register_node(MeshNode(node_id, capabilities={"echo"}, max_load=2.0))
        assert ids(service) == ["crashed", "kept", "left"]
        assert service.known_nodes()[0].load_capacity == 2.0
        for node_id in ("kept", "crashed", "left"):
            runtime = orchestrator.hosted(node_id)
            assert runtime is not None
            await runtime.joined()
            if node_id == "crashed":
                await runtime.crash()
        orchestrator.unregister_node("left")
        await until(lambda: ids(service) == ["kept"])
        assert orchestrator.get_enhanced_mesh_status()["discovery"]["is_running"]

        await orchestrator.stop_enhanced_orchestration()
        assert ids(service) == []
        assert not service.is_running

    def test_a_node_that_two_vouch_for_stays_while_one_does(self) -> None:
        service = MeshDiscoveryService(world=simulated_world(), fabric=LocalFabric(LocalHub()))
        service._on_advertised("discovery/n1~1", an_advert("n1", "echo", "gpu"))
        service.observe(Incident("node_joined", "n1"), MeshNode("n1", capabilities={"echo"}))
        service.observe(Incident("node_lost", "n1", "its link is gone"), None)
        assert service.known_nodes()[0].capabilities == {"echo", "gpu"}

    def test_loads_are_those_of_the_moment(self) -> None:
        service = MeshDiscoveryService(world=simulated_world(), fabric=LocalFabric(LocalHub()))
        nodes = [MeshNode(name, capabilities={"echo"}) for name in ("n1", "n2")]
        service.nodes_now = lambda: nodes
        nodes[0].current_load = 1.0
        found = service.find_nodes_for_capabilities({"echo"})
        assert [node.node_id for node in found] == ["n2", "n1"]
