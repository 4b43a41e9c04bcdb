"""What the dispatcher asks the store, and what it makes of the answer."""

from __future__ import annotations

import asyncio
import threading

from cognitive_architecture.distributed_mesh.adapters.memory_store import (
    MemoryDisk,
    MemoryTaskStore,
)
from cognitive_architecture.distributed_mesh.machines.events import (
    CancelRequested,
    TasksSubmitted,
    WatchEnded,
    WatchRequested,
)
from cognitive_architecture.distributed_mesh.messages import Ended, Message, NotFound
from cognitive_architecture.distributed_mesh.model import Ending
from cognitive_architecture.distributed_mesh.orchestrator.dispatcher import Dispatcher
from cognitive_architecture.distributed_mesh.policies.matching import CapabilityMatcher
from cognitive_architecture.distributed_mesh.records import WriteBatch
from cognitive_architecture.foundation.errors import StoreError
from cognitive_architecture.foundation.settings import DispatchSettings, Settings
from cognitive_architecture.foundation.telemetry import NoMetrics
from cognitive_architecture.foundation.world import World
from tests.support.asynchronous import async_test, turns, until
from tests.support.builders import a_spec

ANN = "client/ann~1"


class SlowStore(MemoryTaskStore):
    """Answers questions, and writes that say nothing, when the test lets it."""

    reads_block = True

    def __init__(self) -> None:
        super().__init__(MemoryDisk())
        self.may_read = threading.Event()
        self.may_read.set()
        self.unreadable = 0
        """So many times more."""
        self.checks: list[asyncio.Future[dict[int, str]]] = []

    def endings(self, task_ids: list[str]) -> list[Ending]:
        self.may_read.wait(10.0)
        if self.unreadable:
            self.unreadable -= 1
            raise StoreError("the disk reports an error")
        return super().endings(task_ids)

    def commit(self, batch: WriteBatch) -> asyncio.Future[dict[int, str]]:
        if batch.rows:
            return super().commit(batch)
        self.checks.append(asyncio.get_running_loop().create_future())
        return self.checks[-1]


def a_dispatcher(
    store: SlowStore, said: list[Message], settings: Settings | None = None
) -> Dispatcher:
    def hear(address: str, message: Message, *, can_wait: bool = False) -> None:
        said.append(message)

    dispatcher = Dispatcher(
        World(),
        settings or Settings(),
        store,
        CapabilityMatcher(),
        NoMetrics(),
        tell=hear,
        on_incident=lambda _incident: None,
        on_fatal=lambda _error: None,
    )
    dispatcher.start()
    return dispatcher


@async_test
async def test_who_asks_again_is_not_told_what_the_first_question_found() -> None:
    said: list[Message] = []
    store = SlowStore()
    dispatcher = a_dispatcher(store, said)

    dispatcher.feed(WatchRequested(ANN, 0, ["a"], stream=False))
    await until(lambda: store.checks)  # the store does not know it, and is asked if it may say so
    dispatcher.feed(TasksSubmitted(ANN, 1, [a_spec("a", wait_for_node=True)], tell=False))
    dispatcher.settle()
    dispatcher.feed(CancelRequested(ANN, 2, ["a"]))
    dispatcher.settle()
    store.may_read.clear()
    dispatcher.feed(WatchRequested(ANN, 0, ["a"], stream=False))
    store.checks[0].set_result({})
    await turns()
    store.may_read.set()
    await until(lambda: sum(isinstance(message, Ended) for message in said) == 2)
    await dispatcher.stop()

    assert not any(isinstance(message, NotFound) for message in said)


@async_test
async def test_many_who_ask_for_what_nobody_knows_keep_the_store_busy_for_two_writes() -> None:
    said: list[Message] = []
    store = SlowStore()
    dispatcher = a_dispatcher(store, said)

    for number in range(20):
        dispatcher.feed(WatchRequested(ANN, 0, [f"unknown-{number}"], stream=False))
    await until(lambda: store.checks)
    store.checks[0].set_result({})
    await until(lambda: len(said) == 20 or len(store.checks) == 2)
    if not store.checks[-1].done():
        store.checks[-1].set_result({})
    await until(lambda: len(said) == 20)
    await dispatcher.stop()

    assert all(isinstance(message, NotFound) for message in said)
    assert len(store.checks) <= 2


@async_test
async def test_a_store_that_cannot_be_read_is_asked_again() -> None:
    said: list[Message] = []
    store = SlowStore()
    store.unreadable = 2
    settings = Settings(dispatch=DispatchSettings(store_retry_s=0.05))
    dispatcher = a_dispatcher(store, said, settings)

    dispatcher.feed(WatchRequested(ANN, 0, ["a"], stream=False))
    await until(lambda: store.checks)
    store.checks[0].set_result({})
    await until(lambda: said)
    await dispatcher.stop()

    assert [type(message) for message in said] == [NotFound]


@async_test
async def test_a_store_that_cannot_be_read_is_not_asked_for_one_who_has_gone() -> None:
    said: list[Message] = []
    store = SlowStore()
    store.unreadable = 1
    settings = Settings(dispatch=DispatchSettings(store_retry_s=0.05))
    dispatcher = a_dispatcher(store, said, settings)

    dispatcher.feed(WatchRequested(ANN, 0, ["a"], stream=False))
    await until(lambda: not store.unreadable)
    dispatcher.feed(WatchEnded(ANN, None))
    await until(lambda: not dispatcher._looking)
    await dispatcher.stop()

    assert not said
    assert not store.checks
