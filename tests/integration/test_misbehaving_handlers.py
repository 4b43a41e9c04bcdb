"""Handlers that are stopped, do not listen, or raise: the node is the better for it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from cognitive_architecture.cli.outcomes import ExitCode
from cognitive_architecture.distributed_mesh.client import MeshClient
from cognitive_architecture.distributed_mesh.model import DistributedTask, TaskStatus
from cognitive_architecture.foundation.errors import TaskCancelled, TaskFailed
from tests.support.asynchronous import async_test

from .cli_processes import Process
from .real_mesh import RealMesh, real_mesh, soon

pytestmark = pytest.mark.processes


@pytest.fixture
def mesh(tmp_path: Path) -> Iterator[RealMesh]:
    with real_mesh(tmp_path) as made:
        yield made


async def _stuck_slots(client: MeshClient) -> int:
    (node,) = await client.nodes()
    return int(node["vitals"]["stuck_slots"])


def _is_told(mesh: RealMesh, node: Process, task_id: str) -> bool:
    return any(trace.task_id == task_id for trace in mesh.traces(node, "told"))


@async_test
async def test_a_running_handler_is_told_that_its_task_is_cancelled(mesh: RealMesh) -> None:
    mesh.up()
    node = mesh.nodes("one", slots=2)["one"]
    async with mesh.client() as client:
        for task_type in ("hold", "obedient"):
            payload = {"until": str(mesh.folder / "never")}
            task_id = await client.submit(DistributedTask(task_type=task_type, payload=payload))
            await soon("it works", partial(mesh.has_begun, node, task_id))

            assert await client.cancel(task_id)

            await soon(f"{task_type} is told", partial(_is_told, mesh, node, task_id))
            with pytest.raises(TaskCancelled, match="cancelled by request"):
                await client.result(task_id)
        assert (await client.status())["statistics"]["stale_refused"] == 0


@async_test
async def test_a_handler_that_does_not_listen_keeps_its_slot_and_nothing_else(
    mesh: RealMesh,
) -> None:
    mesh.set(node__heartbeat_s=0.1)
    mesh.up()
    node = mesh.nodes("one", slots=2)["one"]
    release = mesh.folder / "release"
    async with mesh.client() as client:
        task = DistributedTask(task_type="deaf", payload={"until": str(release)})
        task_id = await client.submit(task)
        await soon("it works", lambda: mesh.has_begun(node, task_id))

        assert await client.cancel(task_id)

        assert (await client.task(task_id)).status == TaskStatus.CANCELLED
        await soon("it is noticed", lambda: _stuck_slots(client))
        await client.run(DistributedTask(task_type="quick", payload={}))
        release.touch()
        await soon("it has returned", lambda: mesh.traces(node, "ended"))

        async def is_free() -> bool:
            return await _stuck_slots(client) == 0

        await soon("its slot is free", is_free)
        assert (await client.task(task_id)).status == TaskStatus.CANCELLED
        assert (await client.status())["statistics"]["completed"] == 1


@async_test
async def test_a_handler_that_does_not_listen_does_not_keep_its_node_from_leaving(
    mesh: RealMesh,
) -> None:
    mesh.set(node__drain_timeout_s=0.3)
    mesh.up()
    leaving = mesh.nodes("leaving")["leaving"]
    release = mesh.folder / "release"
    async with mesh.client() as client:
        task = DistributedTask(task_type="deaf", payload={"until": str(release)})
        task_id = await client.submit(task)
        await soon("it works", lambda: mesh.has_begun(leaving, task_id))
        staying = mesh.nodes("staying")["staying"]

        leaving.popen.send_signal(signal.SIGTERM)

        await soon("the other works", lambda: mesh.has_begun(staying, task_id))
        await soon("it has left", lambda: not leaving.is_alive)
        assert leaving.ended() == ExitCode.OK
        release.touch()
        assert await client.result(task_id) is None
        assert (await client.task(task_id)).attempts == []


@async_test
async def test_a_handler_that_raises_fails_its_task_and_not_its_node(mesh: RealMesh) -> None:
    mesh.up()
    node = mesh.nodes("one")["one"]
    async with mesh.client() as client:
        task = DistributedTask(task_type="clumsy", payload={}, max_attempts=2, backoff_s=0.01)

        with pytest.raises(TaskFailed, match=r"ZeroDivisionError: nobody can \(clumsy, line \d+\)"):
            await client.run(task)

        attempts = (await client.task(task.task_id)).attempts
        assert [attempt.outcome for attempt in attempts] == ["failed", "failed"]
        assert [trace.attempt for trace in mesh.traces(node)] == [1, 2]
        await client.run(DistributedTask(task_type="quick", payload={}))
        assert (await client.status())["statistics"]["nodes_lost"] == 0
