"""Where a fabric listens and connects: only one that has a network can get these wrong."""

from __future__ import annotations

import socket

import pytest

from cognitive_architecture.distributed_mesh.adapters.zenoh_fabric import ZenohFabric
from cognitive_architecture.foundation.errors import EndpointInUse, FabricError
from cognitive_architecture.foundation.settings import MeshSettings
from tests.support.asynchronous import async_test

from .meshes import Inbox, Watcher, ZenohMesh, sees, started


class TestListening:
    @async_test
    async def test_a_taken_endpoint_is_said_so_and_can_be_tried_again(self) -> None:
        mesh = ZenohMesh()
        first = ZenohFabric(mesh.settings(), listens=True)
        second = ZenohFabric(mesh.settings("another"), listens=True)
        await first.start()
        with pytest.raises(EndpointInUse, match=f"{mesh.endpoint}.*another endpoint"):
            await second.start()
        await second.stop()
        await first.stop()
        async with started(second):
            await second.listen("node/n1", lambda _frames: None)

    @async_test
    async def test_an_endpoint_taken_by_another_program_is_said_so(self) -> None:
        mesh = ZenohMesh()
        with socket.socket() as other:
            host, port = mesh.endpoint.removeprefix("tcp/").split(":")
            other.bind((host, int(port)))
            other.listen()
            with pytest.raises(EndpointInUse):
                await mesh.member().start()

    @async_test
    async def test_an_address_of_another_machine_is_refused_with_the_endpoint(self) -> None:
        settings = MeshSettings(listen=["tcp/192.0.2.1:7464"])
        with pytest.raises(FabricError, match=r"192\.0\.2\.1"):
            await ZenohFabric(settings, listens=True).start()


class TestConnecting:
    @async_test
    async def test_who_comes_before_the_orchestrator_finds_it_later(self) -> None:
        mesh = ZenohMesh()
        orchestrator, early = mesh.member(), mesh.member()
        async with started(early):
            watcher = Watcher()
            await early.watch("orchestrator", watcher.on_presence)
            inbox = await Inbox(early, "node/n1").open()
            early.send("orchestrator/o1", b"lost: nobody is there")
            await early.drained("orchestrator/o1")
            async with started(orchestrator):
                heard = await Inbox(orchestrator, "orchestrator/o1").open()
                await watcher.hears(("orchestrator/o1", True))
                await sees(orchestrator, "node/n1")
                orchestrator.send("node/n1", b"hello")
                early.send("orchestrator/o1", b"hello")
                assert await inbox.has(1) == [b"hello"]
                assert await heard.has(1) == [b"hello"]
            await watcher.hears(("orchestrator/o1", True), ("orchestrator/o1", False))

    @async_test
    async def test_who_outlives_the_orchestrator_finds_the_next_one(self) -> None:
        mesh = ZenohMesh()
        first, node = mesh.member(), mesh.member()
        second = ZenohFabric(mesh.settings(), listens=True)
        async with started(node):
            inbox = await Inbox(node, "node/n1").open()
            for turn, orchestrator in enumerate((first, second), 1):
                async with started(orchestrator):
                    await sees(orchestrator, "node/n1")
                    orchestrator.send("node/n1", b"hello")
                    assert await inbox.has(turn) == [b"hello"] * turn

    @async_test
    async def test_stopping_does_not_wait_for_somebody_who_never_came(self) -> None:
        fabric = ZenohFabric(ZenohMesh().settings(), listens=False)
        await fabric.start()
        fabric.announce("node/n1")
        for _ in range(64):
            fabric.send("orchestrator/o1", bytes(1024 * 1024))
        await fabric.stop()

    @async_test
    async def test_what_needs_the_network_says_that_it_is_not_open(self) -> None:
        fabric = ZenohFabric(ZenohMesh().settings(), listens=False)
        with pytest.raises(FabricError, match="call start"):
            await fabric.listen("node/n1", lambda _frames: None)
        with pytest.raises(FabricError, match="call start"):
            fabric.announce("node/n1")
        with pytest.raises(FabricError, match="call start"):
            await fabric.watch("node", lambda _address, _is_there: None)
