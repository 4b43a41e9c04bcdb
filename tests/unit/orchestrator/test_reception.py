"""Whom the front desk knows, and what it says to those it had to forget."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cognitive_architecture.distributed_mesh import messages as m
from cognitive_architecture.distributed_mesh.adapters.local_fabric import LocalFabric, LocalHub
from cognitive_architecture.distributed_mesh.adapters.memory_store import MemoryTaskStore
from cognitive_architecture.distributed_mesh.node.vitals import SteadyVitals
from cognitive_architecture.distributed_mesh.orchestrator import CognitiveMeshOrchestrator
from cognitive_architecture.distributed_mesh.orchestrator.parts import OrchestratorParts
from cognitive_architecture.foundation.settings import Settings
from cognitive_architecture.foundation.world import World
from tests.support.asynchronous import async_test, turns
from tests.support.builders import a_spec
from tests.support.fabrics import Peer

ANN = "client/ann~1"


@asynccontextmanager
async def an_orchestrator() -> AsyncIterator[tuple[LocalHub, str]]:
    """An orchestrator on a hub, and its address there."""
    hub = LocalHub()
    orchestrator = CognitiveMeshOrchestrator(
        OrchestratorParts(
            world=World(),
            settings=Settings(),
            store=MemoryTaskStore(),
            store_name="memory",
            local_fabric=lambda: LocalFabric(LocalHub()),
            network=LocalFabric(hub),
            handlers=(),
            vitals=SteadyVitals(),
        )
    )
    await orchestrator.start_enhanced_orchestration()
    try:
        (address,) = (there for there in hub._present if there.startswith("orchestrator/"))
        yield hub, address
    finally:
        await orchestrator.stop_enhanced_orchestration()


def said_to(client: Peer, kind: type[m.Message]) -> list[object]:
    return [message for _, message in client.heard if isinstance(message, kind)]


@async_test
async def test_a_client_that_comes_back_is_told_that_it_was_forgotten() -> None:
    # What it said after its return may have been heard before the news of its going.
    async with an_orchestrator() as (hub, address):
        ann = Peer(hub, ANN)
        await ann.open()
        ann.tell(address, m.Submit(1, [a_spec("a", wait_for_node=True)]))
        await turns()
        ann.tell(address, m.Watch(0, ["a"], stream=True))
        await turns()
        hub._tell_watchers(ANN, is_there=False)
        await turns()
        assert said_to(ann, m.Introduce) == []
        hub._tell_watchers(ANN, is_there=True)
        await turns()
        assert said_to(ann, m.Introduce) == [m.Introduce()]
        hub._tell_watchers(ANN, is_there=True)
        await turns()
        assert said_to(ann, m.Introduce) == [m.Introduce()]
        await ann.close()


@async_test
async def test_a_client_that_is_new_is_told_nothing() -> None:
    async with an_orchestrator() as (hub, _):
        ann = Peer(hub, ANN)
        await ann.open()
        await turns()
        assert ann.heard == []
        await ann.close()
