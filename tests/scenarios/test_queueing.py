"""Whose task is next, through a whole mesh in one process: client, orchestrator, node, handlers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from cognitive_architecture.distributed_mesh.handlers import (
    RunningTask,
    declared_handler,
    handles,
)
from cognitive_architecture.distributed_mesh.model import DistributedTask, MeshNode, TaskStatus
from cognitive_architecture.distributed_mesh.orchestrator import CognitiveMeshOrchestrator
from cognitive_architecture.distributed_mesh.policies.steering import TASKS_MAX
from cognitive_architecture.foundation.errors import InvalidTask, QuotaExceeded
from cognitive_architecture.foundation.settings import QuotaSettings, Settings
from tests.support.asynchronous import async_test, until
from tests.support.in_process import in_process_parts


class Mesh:
    """One slot, and a handler that says what it begins, and ends when it is told to."""

    def __init__(self, settings: Settings) -> None:
        self.began: list[str] = []
        self._gates: dict[str, asyncio.Event] = {}

        @handles("work")
        async def work(payload: dict[str, Any], task: RunningTask) -> str:
            gate = self._gates[task.task_id] = asyncio.Event()
            self.began.append(task.task_id)
            await gate.wait()
            return task.task_id

        handler = declared_handler(work)
        assert handler is not None
        self.orchestrator = CognitiveMeshOrchestrator(in_process_parts([handler], settings))

    def submit(self, task_id: str, **fields: Any) -> None:
        self.orchestrator.submit_task(DistributedTask(task_id, "work", **fields))

    async def until_begun(self, task_id: str) -> None:
        await until(lambda: self.began[-1:] == [task_id])

    async def until_it_is(self, task_id: str, status: TaskStatus) -> None:
        """The orchestrator has heard of it; its node may have begun another one before."""
        await until(lambda: self.orchestrator.get_task_status(task_id) is status)

    async def end(self) -> str:
        """What runs returns, and something else begins."""
        running = self.began[-1]
        self._gates[running].set()
        await until(lambda: self.began[-1] != running)
        return self.began[-1]


@asynccontextmanager
async def a_mesh(settings: Settings | None = None) -> AsyncIterator[Mesh]:
    mesh = Mesh(settings or Settings())
    await mesh.orchestrator.start_enhanced_orchestration()
    mesh.orchestrator.register_node(MeshNode(capabilities={"work"}, max_load=1.0))
    try:
        yield mesh
    finally:
        await mesh.orchestrator.stop_enhanced_orchestration()


@async_test
async def test_who_submits_much_does_not_keep_others_waiting() -> None:
    async with a_mesh() as mesh:
        for number in range(9):
            mesh.submit(f"ann-{number}", requester_node="ann")
        mesh.submit("bob", requester_node="bob")
        await mesh.until_begun("ann-0")
        assert "bob" in [await mesh.end(), await mesh.end(), await mesh.end()]


@async_test
async def test_who_is_waited_for_takes_the_slot_of_what_may_be_stopped() -> None:
    async with a_mesh() as mesh:
        mesh.submit("batch", requester_node="ann", resumable=True)
        await mesh.until_begun("batch")
        mesh.submit("chat", requester_node="bob", latency_target_s=1.0)
        await mesh.until_begun("chat")
        assert await mesh.end() == "batch"
        await mesh.until_it_is("batch", TaskStatus.RUNNING)
        assert mesh.orchestrator.get_task("batch").attempts == []


@async_test
async def test_it_is_explained_and_changed() -> None:
    async with a_mesh() as mesh:
        for name in ("a", "b", "c"):
            mesh.submit(name)
        await mesh.until_begun("a")
        said = mesh.orchestrator.explain_task("c")
        assert said["ahead"] == {"": 1}
        assert "probably ahead of it: 1 of nobody in particular" in said["sentences"]
        mesh.orchestrator.reprioritise(tasks={"c": 9})
        assert mesh.orchestrator.explain_task("c")["ahead"] == {}
        assert await mesh.end() == "c"
        assert mesh.orchestrator.get_task("c").priority == 9
        await mesh.until_it_is("a", TaskStatus.COMPLETED)
        (sentence,) = mesh.orchestrator.explain_task("a")["sentences"]
        assert sentence.startswith("has ended: completed")
        with pytest.raises(InvalidTask, match="an integer from 1 to 10"):
            mesh.orchestrator.reprioritise(tasks={"b": 0})


@async_test
async def test_whoever_asks_meanwhile_does_not_wait_for_an_order_of_very_many_tasks() -> None:
    async with a_mesh() as mesh:
        mesh.submit("a")
        await mesh.until_begun("a")
        mesh.submit("b")
        mesh.submit("c")
        gone = [f"gone-{number}" for number in range(5 * TASKS_MAX)]
        order = {"b": 1, **dict.fromkeys(gone, 5), "c": 9}
        client = mesh.orchestrator.requester

        raising = asyncio.create_task(client.reprioritise(tasks=order))
        await asyncio.sleep(0)  # it has said the first portion
        await client.status()
        assert not raising.done()

        assert await raising == {"waiting": 2, "unknown": gone}
        assert await mesh.end() == "c"


@async_test
async def test_of_an_order_that_makes_no_sense_nothing_is_done() -> None:
    async with a_mesh() as mesh:
        mesh.submit("a")
        await mesh.until_begun("a")
        mesh.submit("b")
        late = {"b": 9, **dict.fromkeys((f"gone-{n}" for n in range(TASKS_MAX)), 5), "c": 11}

        with pytest.raises(InvalidTask, match="priority of task 'c'"):
            await mesh.orchestrator.requester.reprioritise(tasks=late)
        with pytest.raises(InvalidTask, match="priority of task 'c'"):
            mesh.orchestrator.reprioritise(tasks=late)

        assert mesh.orchestrator.get_task("b").priority == 5


@async_test
async def test_quotas_are_errors_that_say_when_to_come_back() -> None:
    settings = Settings(quotas=QuotaSettings(open_max=2))
    async with a_mesh(settings) as mesh:
        mesh.submit("a")
        mesh.submit("b")
        with pytest.raises(QuotaExceeded) as refused:
            mesh.submit("c")
        assert refused.value.retry_after_s > 0
