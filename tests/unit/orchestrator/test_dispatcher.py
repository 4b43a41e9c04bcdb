"""What the dispatcher asks the store, and what it makes of the answer."""

from __future__ import annotations

import asyncio

from cognitive_architecture.distributed_mesh.adapters.memory_store import (
    MemoryDisk,
    MemoryTaskStore,
)
from cognitive_architecture.distributed_mesh.machines.events import (
    CancelRequested,
    TasksSubmitted,
    WatchRequested,
)
from cognitive_architecture.distributed_mesh.messages import Ended, Message, NotFound
from cognitive_architecture.distributed_mesh.orchestrator.dispatcher import Dispatcher
from cognitive_architecture.distributed_mesh.policies.matching import CapabilityMatcher
from cognitive_architecture.distributed_mesh.records import WriteBatch
from cognitive_architecture.foundation.settings import Settings
from cognitive_architecture.foundation.telemetry import NoMetrics
from cognitive_architecture.foundation.world import World
from tests.support.asynchronous import async_test
from tests.support.builders import a_spec

ANN = "client/ann~1"


class SlowToSaySo(MemoryTaskStore):
    """Whoever asks whether it is still the owner hears so when the test lets it."""

    def __init__(self, disk: MemoryDisk) -> None:
        super().__init__(disk)
        self.asked: asyncio.Future[dict[int, str]] = asyncio.get_running_loop().create_future()

    def commit(self, batch: WriteBatch) -> asyncio.Future[dict[int, str]]:
        return super().commit(batch) if batch.rows else self.asked


@async_test
async def test_who_asks_again_is_not_told_what_the_first_question_found() -> None:
    said: list[Message] = []

    def hear(address: str, message: Message, *, can_wait: bool = False) -> None:
        said.append(message)

    store = SlowToSaySo(MemoryDisk())
    dispatcher = Dispatcher(
        World(),
        Settings(),
        store,
        CapabilityMatcher(),
        NoMetrics(),
        tell=hear,
        on_incident=lambda _incident: None,
        on_fatal=lambda _error: None,
    )
    dispatcher.start()

    dispatcher.feed(WatchRequested(ANN, 0, ["a"], stream=False))
    await asyncio.sleep(0)  # the store does not know it, and is asked whether it may say so
    dispatcher.feed(TasksSubmitted(ANN, 1, [a_spec("a", wait_for_node=True)], tell=False))
    dispatcher.settle()
    dispatcher.feed(CancelRequested(ANN, 2, ["a"]))
    dispatcher.settle()
    store.asked.set_result({})
    dispatcher.feed(WatchRequested(ANN, 0, ["a"], stream=False))
    for _ in range(10):
        await asyncio.sleep(0)
    await dispatcher.stop()

    assert [type(message) for message in said if isinstance(message, NotFound | Ended)] == [
        Ended,
        Ended,
    ]
