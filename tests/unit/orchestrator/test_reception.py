"""Whom the front desk knows, and what it says to those it had to forget."""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from cognitive_architecture.distributed_mesh import messages as m
from cognitive_architecture.distributed_mesh.adapters.local_fabric import LocalFabric, LocalHub
from cognitive_architecture.distributed_mesh.adapters.memory_store import MemoryTaskStore
from cognitive_architecture.distributed_mesh.machines.events import Event, NodesInContact
from cognitive_architecture.distributed_mesh.model import Ending
from cognitive_architecture.distributed_mesh.node.vitals import SteadyVitals
from cognitive_architecture.distributed_mesh.orchestrator import CognitiveMeshOrchestrator
from cognitive_architecture.distributed_mesh.orchestrator.dispatcher import Dispatcher
from cognitive_architecture.distributed_mesh.orchestrator.parts import OrchestratorParts
from cognitive_architecture.distributed_mesh.orchestrator.reception import Reception
from cognitive_architecture.foundation.settings import Settings
from cognitive_architecture.foundation.telemetry import NoMetrics
from cognitive_architecture.foundation.world import SimulatedClock, World
from tests.support.asynchronous import async_test, turns, until
from tests.support.builders import a_spec
from tests.support.fabrics import Peer, RecordingFabric

ANN = "client/ann~1"


class SlowToRead(MemoryTaskStore):
    """Answers when everybody else has had many turns."""

    reads_block = True

    def endings(self, task_ids: list[str]) -> list[Ending]:
        found = super().endings(task_ids)
        time.sleep(0.05)  # noqa: TID251 - a thread of the store waits for its disk
        return found


class AnswersWhenToldTo(MemoryTaskStore):
    """Has read long before it says so."""

    reads_block = True

    def __init__(self) -> None:
        super().__init__()
        self.has_read = threading.Event()
        self.may_answer = threading.Event()

    def endings(self, task_ids: list[str]) -> list[Ending]:
        found = super().endings(task_ids)
        self.has_read.set()
        self.may_answer.wait()
        return found


@asynccontextmanager
async def an_orchestrator(
    store: MemoryTaskStore | None = None,
) -> AsyncIterator[tuple[LocalHub, str]]:
    """An orchestrator on a hub, and its address there."""
    hub = LocalHub()
    orchestrator = CognitiveMeshOrchestrator(
        OrchestratorParts(
            world=World(),
            settings=Settings(),
            store=store or MemoryTaskStore(),
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
async def test_a_task_that_comes_while_the_store_is_asked_for_it_is_not_unknown() -> None:
    async with an_orchestrator(SlowToRead()) as (hub, address):
        ann = Peer(hub, ANN)
        await ann.open()
        ann.tell(address, m.Watch(0, ["a", "b"], stream=True))
        await turns()
        ann.tell(address, m.Submit(1, [a_spec("a", wait_for_node=True)]))
        await until(lambda: said_to(ann, m.NotFound))
        assert said_to(ann, m.NotFound) == [m.NotFound(0, ["b"])]
        ann.tell(address, m.Cancel(2, ["a"]))
        await until(lambda: said_to(ann, m.Happened))
        await ann.close()


@async_test
async def test_a_task_that_came_and_ended_while_the_store_was_asked_is_not_unknown() -> None:
    store = AnswersWhenToldTo()
    async with an_orchestrator(store) as (hub, address):
        ann = Peer(hub, ANN)
        await ann.open()
        ann.tell(address, m.Watch(0, ["a", "b"], stream=False))
        await until(store.has_read.is_set)
        ann.tell(address, m.Submit(1, [a_spec("a", wait_for_node=True)]), m.Cancel(2, ["a"]))
        await until(lambda: said_to(ann, m.Ended))
        store.may_answer.set()
        await until(lambda: said_to(ann, m.NotFound))
        assert said_to(ann, m.NotFound) == [m.NotFound(0, ["b"])]
        await ann.close()


@async_test
async def test_a_client_that_is_new_is_told_nothing() -> None:
    async with an_orchestrator() as (hub, _):
        ann = Peer(hub, ANN)
        await ann.open()
        await turns()
        assert ann.heard == []
        await ann.close()


@async_test
async def test_every_second_the_machine_is_told_which_nodes_are_in_contact() -> None:
    told: list[Event] = []

    class Listens:
        feed = staticmethod(told.append)

    clock, near, far = SimulatedClock(), RecordingFabric(), RecordingFabric()
    reception = Reception(
        [near, far],
        "orchestrator/o",
        clock,
        NoMetrics(),
        inquire=lambda _subject, _arguments: turns(),
        judge=lambda _address, _vitals: 1.0,
    )
    await reception.open(cast("Dispatcher", Listens()))
    far.reached = ["node/n1~1", "client/ann~1", "node/n2~1"]

    clock.jump_to(0.9)
    assert told == []
    clock.jump_to(1.0)
    clock.jump_to(2.0)
    assert told == [NodesInContact(["node/n1~1", "node/n2~1"])] * 2

    far.reached = []
    clock.jump_to(3.0)
    assert len(told) == 2, "that nobody is in contact is no news"
    near.reached = ["node/n3~1"]
    reception.close()
    clock.jump_to(4.0)
    assert len(told) == 2
