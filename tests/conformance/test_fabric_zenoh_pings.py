"""Pings beside the link: only a fabric that has a network needs them."""

from __future__ import annotations

import asyncio

import structlog

from cognitive_architecture.distributed_mesh.adapters.pings import Answerer
from cognitive_architecture.distributed_mesh.adapters.zenoh_fabric import ZenohFabric
from cognitive_architecture.foundation.settings import MeshSettings
from cognitive_architecture.foundation.world import SimulatedClock, World
from tests.support.asynchronous import async_test, until

from .meshes import Inbox, Watcher, ZenohMesh, sees, started


def sides(settings: MeshSettings) -> tuple[ZenohFabric, ZenohFabric]:
    """Who listens and who connects; both announce themselves when they are started."""
    return ZenohFabric(settings, listens=True), ZenohFabric(settings, listens=False)


@async_test
async def test_both_sides_are_soon_in_contact_and_are_no_more_when_one_stops() -> None:
    listening, connecting = sides(ZenohMesh().settings())
    async with started(listening, connecting):
        listening.announce("orchestrator/o1")
        connecting.announce("node/n1")
        await sees(listening, "node/n1")
        await sees(connecting, "orchestrator/o1")
        await until(lambda: listening.in_contact() == ["node/n1"])
        await until(lambda: connecting.in_contact() == ["orchestrator/o1"])
        await connecting.stop()
        await until(lambda: listening.in_contact() == [])


@async_test
async def test_whose_pings_stop_and_whose_link_is_silent_is_gone_and_comes_back() -> None:
    settings = ZenohMesh().settings().model_copy(update={"ping_s": 0.05, "ping_silence_s": 0.5})
    listening, connecting = sides(settings)
    async with started(listening, connecting):
        watcher = Watcher()
        await listening.watch("node", watcher.on_presence)
        connecting.announce("node/n1")
        await until(lambda: listening.in_contact() == ["node/n1"])
        caller = connecting._pings
        assert caller is not None
        await asyncio.to_thread(caller.stop)
        await watcher.hears(("node/n1", True), ("node/n1", False))
        listening.heard_from("node/n1")
        await watcher.hears(("node/n1", True), ("node/n1", False), ("node/n1", True))


@async_test
async def test_without_pings_a_token_is_all_there_is() -> None:
    listening, connecting = sides(ZenohMesh().settings().model_copy(update={"ping_s": 0.0}))
    async with started(listening, connecting):
        watcher = Watcher()
        await listening.watch("node", watcher.on_presence)
        connecting.announce("node/n1")
        await watcher.hears(("node/n1", True))
        connecting.withdraw("node/n1")
        await watcher.hears(("node/n1", True), ("node/n1", False))
        assert listening.in_contact() == []


@async_test
async def test_where_the_port_for_datagrams_is_taken_the_link_does_without() -> None:
    mesh = ZenohMesh()
    settings = mesh.settings()
    port = int(mesh.endpoint.rpartition(":")[2])
    loop = asyncio.get_running_loop()
    taker, _ = await loop.create_datagram_endpoint(
        asyncio.DatagramProtocol, local_addr=("127.0.0.1", port)
    )
    listening, connecting = sides(settings)
    async with started(listening, connecting):
        connecting.announce("node/n1")
        await sees(listening, "node/n1")
        connecting.withdraw("node/n1")
    taker.close()


@async_test
async def test_whose_link_says_nothing_after_an_outage_goes_on_over_another() -> None:
    settings = ZenohMesh().settings().model_copy(update={"ping_s": 0.05, "ping_silence_s": 0.5})
    listening, connecting = sides(settings)
    async with started(listening, connecting):
        there, here = Watcher(), Watcher()
        orchestrator = await Inbox(listening, "orchestrator/o1").open()
        node = await Inbox(connecting, "node/n1").open()
        await listening.watch("node", there.on_presence)
        await connecting.watch("orchestrator", here.on_presence)
        await until(lambda: connecting.in_contact() and listening.in_contact())
        last = connecting._session
        answerer, connecting_sees = listening._pings, list(here.told)
        assert isinstance(answerer, Answerer)

        ping = connecting._ping_token
        assert ping is not None
        answerer.forget(ping)  # so it answers no more: an outage, with a link that lives
        await here.hears(*connecting_sees, ("orchestrator/o1", False))
        answerer.expect(ping)

        # Nobody says anything over the link, so another one is made in its place.
        await until(lambda: connecting._session is not last)
        gone_and_back = [("orchestrator/o1", False), ("orchestrator/o1", True)]
        await until(lambda: here.told[-2:] == gone_and_back)
        await until(lambda: connecting._renewal is None)
        connecting.send("orchestrator/o1", b"there")
        assert await orchestrator.has(1) == [b"there"]
        listening.send("node/n1", b"and back")
        assert await node.has(1) == [b"and back"]
        assert there.told[-1] == ("node/n1", True)


@async_test
async def test_of_an_orchestrator_that_answers_no_ping_it_is_said_once() -> None:
    settings = ZenohMesh().settings()
    clock = SimulatedClock()
    listening = ZenohFabric(settings, listens=True)
    connecting = ZenohFabric(settings, listens=False, world=World(clock=clock))
    async with started(listening, connecting):
        answerer = listening._pings
        assert isinstance(answerer, Answerer)
        answerer.stop()
        listening.announce("orchestrator/o1")
        listening.announce("discovery/d1")
        await sees(connecting, "orchestrator/o1", "discovery/d1")
        with structlog.testing.capture_logs() as logs:
            clock.jump_to(60.0)
        assert [(entry["event"], entry["by"]) for entry in logs] == [
            ("pings_not_answered", "orchestrator/o1")
        ]
