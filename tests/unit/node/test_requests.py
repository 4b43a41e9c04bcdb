"""A handler asks the mesh for what others can do, and what it asked for never outlives its task."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from cognitive_architecture.distributed_mesh.handlers import RunningTask
from cognitive_architecture.distributed_mesh.model import DistributedTask, MeshNode, TaskStatus
from cognitive_architecture.distributed_mesh.orchestrator import CognitiveMeshOrchestrator
from cognitive_architecture.foundation.errors import HandlerError, TaskFailed
from cognitive_architecture.foundation.world import SimulatedClock, World
from tests.support.asynchronous import async_test, until
from tests.support.in_process import in_process_parts

from .bench import a_node, advance, serving, slots_for


@asynccontextmanager
async def a_mesh(
    world: World | None = None, /, **functions: Callable[..., Any]
) -> AsyncIterator[CognitiveMeshOrchestrator]:
    """One node for each function, with two slots."""
    parts = in_process_parts(serving(**functions))
    parts.world = world or parts.world
    orchestrator = CognitiveMeshOrchestrator(parts)
    await orchestrator.start_enhanced_orchestration()
    for name in functions:
        orchestrator.register_node(MeshNode(node_id=name, capabilities={name}, max_load=2.0))
    try:
        yield orchestrator
    finally:
        await orchestrator.stop_enhanced_orchestration()


def a_task(task_type: str, **fields: Any) -> DistributedTask:
    return DistributedTask(task_type=task_type, **fields)


async def double(payload: dict[str, Any], task: RunningTask) -> list[Any]:
    return [2 * payload["number"], task.priority]


def tasks_of(mesh: CognitiveMeshOrchestrator, task_type: str) -> Any:
    return mesh._own_client.tasks(task_type=task_type)


@async_test
async def test_a_coroutine_asks_and_gets_the_result() -> None:
    async def ask(payload: dict[str, Any], task: RunningTask) -> Any:
        return await task.mesh.run(a_task("double", payload={"number": 21}, priority=1))

    async with a_mesh(ask=ask, double=double) as mesh:
        assert await mesh.run(a_task("ask", priority=9)) == [42, 9]


@async_test
async def test_a_thread_waits_and_a_stream_asks_between_its_chunks() -> None:
    def blocking(payload: dict[str, Any], task: RunningTask) -> Any:
        first = task.mesh.wait(task.mesh.run(a_task("double", payload={"number": 1})))
        nodes = task.mesh.wait(task.mesh.nodes())
        return [first, len(nodes), threading.current_thread().name]

    async def streaming(payload: dict[str, Any], task: RunningTask) -> AsyncIterator[Any]:
        for number in range(3):
            yield (await task.mesh.run(a_task("double", payload={"number": number})))[0]

    async with a_mesh(blocking=blocking, streaming=streaming, double=double) as mesh:
        assert await mesh.run(a_task("blocking")) == [[2, 5], 3, "cogmesh-handler"]
        assert await mesh.run(a_task("streaming")) == [0, 2, 4]


@async_test
async def test_what_fails_elsewhere_is_raised_where_it_was_asked_for() -> None:
    async def stumble(payload: dict[str, Any], task: RunningTask) -> None:
        raise ValueError("no")

    async def ask(payload: dict[str, Any], task: RunningTask) -> Any:
        try:
            await task.mesh.run(a_task("stumble", max_attempts=1))
        except TaskFailed as error:
            return error.reason

    async with a_mesh(ask=ask, stumble=stumble) as mesh:
        assert (await mesh.run(a_task("ask"))).startswith("ValueError: no")


@pytest.mark.parametrize("kind", ["coroutine", "thread"])
@async_test
async def test_a_child_is_cancelled_with_the_task_that_asked_for_it(kind: str) -> None:
    begun, told = asyncio.Event(), asyncio.Event()

    async def hold(payload: dict[str, Any], task: RunningTask) -> None:
        begun.set()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            told.set()

    async def ask(payload: dict[str, Any], task: RunningTask) -> Any:
        return await task.mesh.run(a_task("hold"))

    def ask_and_block(payload: dict[str, Any], task: RunningTask) -> Any:
        return task.mesh.wait(task.mesh.run(a_task("hold")))

    async with a_mesh(ask=ask if kind == "coroutine" else ask_and_block, hold=hold) as mesh:
        parent = await mesh.submit(a_task("ask"))
        await begun.wait()

        assert mesh.cancel_task(parent)

        await told.wait()
        (child,) = await tasks_of(mesh, "hold")
        await until(lambda: mesh.get_task_status(child["task_id"]) is TaskStatus.CANCELLED)
        runtime = mesh.hosted("ask")
        assert runtime is not None
        await until(lambda: not runtime._pool.busy())


@async_test
async def test_a_child_that_nobody_waits_for_ends_with_the_attempt() -> None:
    begun = asyncio.Event()

    async def hold(payload: dict[str, Any], task: RunningTask) -> None:
        begun.set()
        await asyncio.get_running_loop().create_future()

    async def careless(payload: dict[str, Any], task: RunningTask) -> str:
        asking = asyncio.ensure_future(task.mesh.run(a_task("hold")))
        asking.add_done_callback(lambda done: done.cancelled() or done.exception())
        await begun.wait()
        return "done"

    async with a_mesh(careless=careless, hold=hold) as mesh:
        assert await mesh.run(a_task("careless")) == "done"
        (child,) = await tasks_of(mesh, "hold")
        await until(lambda: mesh.get_task_status(child["task_id"]) is TaskStatus.CANCELLED)


@async_test
async def test_a_child_has_no_more_time_than_the_task_that_asks() -> None:
    begun = asyncio.Event()

    async def hold(payload: dict[str, Any], task: RunningTask) -> None:
        begun.set()
        await asyncio.get_running_loop().create_future()

    async def ask(payload: dict[str, Any], task: RunningTask) -> Any:
        return await task.mesh.run(a_task("hold", timeout=100.0))

    clock = SimulatedClock()
    async with a_mesh(World(clock), ask=ask, hold=hold) as mesh:
        parent = await mesh.submit(a_task("ask", timeout=0.3, max_attempts=1))
        await begun.wait()
        await advance(clock, 0.4)
        with pytest.raises(TaskFailed, match="timed out after"):
            await mesh.result(parent)
        (child,) = await tasks_of(mesh, "hold")
        await until(lambda: mesh.get_task_status(child["task_id"]).is_final)
        assert mesh.get_task(child["task_id"]).timeout <= 0.3


@async_test
async def test_a_node_that_leaves_lets_go_of_what_it_asked_for() -> None:
    begun = asyncio.Event()

    async def hold(payload: dict[str, Any], task: RunningTask) -> None:
        begun.set()
        await asyncio.get_running_loop().create_future()

    async def ask(payload: dict[str, Any], task: RunningTask) -> Any:
        return await task.mesh.run(a_task("hold"))

    async with a_mesh(ask=ask, hold=hold) as mesh:
        await mesh.submit(a_task("ask"))
        await begun.wait()
        asking = mesh.hosted("ask")
        assert asking is not None

        await asking.stop()

        (child,) = await tasks_of(mesh, "hold")
        await until(lambda: mesh.get_task_status(child["task_id"]) is TaskStatus.CANCELLED)


@async_test
async def test_waiting_on_the_loop_is_refused_with_what_to_write_instead() -> None:
    async def ask(payload: dict[str, Any], task: RunningTask) -> Any:
        with pytest.raises(HandlerError, match=r"await task\.mesh\.run"):
            task.mesh.wait(task.mesh.run(a_task("double")))
        return "refused"

    async with a_mesh(ask=ask) as mesh:
        assert await mesh.run(a_task("ask")) == "refused"


@async_test
async def test_a_node_without_a_client_says_so() -> None:
    async def ask(payload: dict[str, Any], task: RunningTask) -> Any:
        with pytest.raises(HandlerError, match="without a way to ask"):
            await task.mesh.run(a_task("double"))
        return "said"

    async with slots_for(ask=ask) as bench:
        bench.give(1, "ask")
        await until(lambda: bench.results)
        assert bench.results == {1: "said"}
    async with a_node(ask=ask) as stand:
        (lease,) = stand.orchestrator.assign("ask")
        await until(lambda: stand.orchestrator.results)
        assert stand.orchestrator.results == {lease: "said"}
