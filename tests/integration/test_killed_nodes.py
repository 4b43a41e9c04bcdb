"""A node is killed or frozen in the middle of a task: another does it, and one result counts."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from cognitive_architecture.distributed_mesh.client import MeshClient
from cognitive_architecture.distributed_mesh.model import (
    NODE_LOST,
    DistributedTask,
    TaskStatus,
)
from tests.support.asynchronous import async_test

from .cli_processes import Process
from .real_mesh import RealMesh, held, real_mesh, soon

pytestmark = pytest.mark.processes


@pytest.fixture
def mesh(tmp_path: Path) -> Iterator[RealMesh]:
    with real_mesh(tmp_path) as made:
        yield made


async def who_has_begun(mesh: RealMesh, nodes: dict[str, Process], task_id: str) -> str:
    """Wait until a handler of one of the nodes has begun; the node's name."""
    name: str = await soon(
        f"one of {sorted(nodes)} has begun",
        lambda: next((name for name in nodes if mesh.has_begun(nodes[name], task_id)), None),
    )
    return name


async def statistics(client: MeshClient) -> dict[str, int]:
    found: dict[str, int] = (await client.status())["statistics"]
    return found


@async_test
async def test_the_task_of_a_killed_node_is_done_by_another(mesh: RealMesh) -> None:
    mesh.up()
    nodes = mesh.nodes("one", "two")
    release = mesh.folder / "release"
    async with mesh.client() as client:
        task_id = await client.submit(held(release))
        victim = await who_has_begun(mesh, nodes, task_id)
        heir = "two" if victim == "one" else "one"

        nodes[victim].popen.kill()

        await who_has_begun(mesh, {heir: nodes[heir]}, task_id)
        release.touch()
        assert await client.result(task_id) == "done"
        task = await client.task(task_id)
        (lost,) = task.attempts
        assert (lost.number, lost.node_id, lost.outcome) == (1, victim, NODE_LOST)
        assert lost.reason == f"node {victim} was lost: its process or its link is gone"
        assert (task.status, task.assigned_node) == (TaskStatus.COMPLETED, heir)
        assert [trace.attempt for trace in mesh.traces(nodes[heir])] == [2]
        counted = await statistics(client)
        assert (counted["completed"], counted["nodes_lost"], counted["stale_refused"]) == (1, 1, 0)


@pytest.mark.parametrize(
    ("silence_s", "link_lease_s", "ping_s", "reason"),
    [
        (4.0, 40.0, 0.0, "not heard of for"),
        (40.0, 4.0, 0.0, "its process or its link is gone"),
        (40.0, 40.0, 0.1, "its process or its link is gone"),
    ],
    ids=["the link lives", "the link is cut", "no ping comes"],
)
@async_test
async def test_a_frozen_node_that_wakes_is_stopped_or_its_late_result_is_refused(
    mesh: RealMesh, silence_s: float, link_lease_s: float, ping_s: float, reason: str
) -> None:
    mesh.set(
        dispatch__node_silence_s=silence_s,
        dispatch__node_silence_max_s=silence_s,  # so of a newcomer as well
        mesh__link_lease_s=link_lease_s,
        mesh__ping_s=ping_s,
        node__heartbeat_s=0.2,
    )
    mesh.up()
    nodes = mesh.nodes("one", "two")
    release = mesh.folder / "release"
    async with mesh.client() as client:
        if ping_s:
            await soon("pings of both arrive", lambda: _are_in_contact(client))
        task_id = await client.submit(held(release))
        frozen = await who_has_begun(mesh, nodes, task_id)
        heir = "two" if frozen == "one" else "one"

        def was_stopped() -> bool:
            return any(trace.word == "told" for trace in mesh.traces(nodes[frozen]))

        nodes[frozen].popen.send_signal(signal.SIGSTOP)
        await who_has_begun(mesh, {heir: nodes[heir]}, task_id)
        release.touch()
        assert await client.result(task_id) == "done"
        nodes[frozen].popen.send_signal(signal.SIGCONT)

        # It wakes and hears that it should stop, if that is quicker than its handler, which finds
        # the file and reports a result under a lease that is void. Twice, where it said it once
        # before and once after it noticed that the link was cut.
        await soon(
            "it is stopped, or its result is refused",
            lambda: was_stopped() or mesh.logged(nodes[frozen], "results_refused"),
        )
        refused = mesh.logged(nodes[frozen], "results_refused")
        assert {entry["why"].partition(reason)[0] for entry in refused} <= {
            f"node {frozen} was lost: "
        }
        task = await client.task(task_id)
        assert (task.status, task.assigned_node) == (TaskStatus.COMPLETED, heir)
        assert [(lost.node_id, lost.outcome) for lost in task.attempts] == [(frozen, NODE_LOST)]
        counted = await statistics(client)
        assert counted["completed"] == 1
        assert counted["stale_refused"] <= 2
        assert counted["stale_refused"] >= len(refused)
        await _both_work(mesh, client, nodes)


@async_test
async def test_a_node_whose_loop_is_blocked_answers_pings_and_is_waited_for_longer(
    mesh: RealMesh,
) -> None:
    mesh.set(
        dispatch__node_silence_s=1.0,
        dispatch__node_silence_max_s=1.0,
        dispatch__node_mute_max_s=5.0,
        node__heartbeat_s=0.2,
    )
    mesh.up()
    nodes = mesh.nodes("one", "two")
    release = mesh.folder / "release"
    async with mesh.client() as client:
        task = DistributedTask(task_type="rude", payload={"until": str(release)})
        task_id = await client.submit(task)

        assert await client.result(task_id) == 2, "the other node did it"

        release.touch()
        (lost,) = (await client.task(task_id)).attempts
        assert (lost.node_id in nodes, lost.outcome) == (True, NODE_LOST)
        why, _, since = lost.reason.partition(": not heard of for ")
        assert why == f"node {lost.node_id} was lost: its process answers pings and says nothing"
        assert float(since.partition(" s")[0]) >= 5.0
        counted = await statistics(client)
        assert (counted["completed"], counted["nodes_lost"]) == (1, 1)


async def _are_in_contact(client: MeshClient) -> bool:
    return all(node["in_contact"] for node in await client.nodes())


async def _both_work(mesh: RealMesh, client: MeshClient, nodes: dict[str, Process]) -> None:
    """The node that was frozen is back: of two tasks at once, each node gets one."""
    release = mesh.folder / "release both"
    ids = await client.submit_many([held(release), held(release)])
    await soon(
        "each of the nodes has begun with one of them",
        lambda: all(any(mesh.has_begun(node, one) for one in ids) for node in nodes.values()),
    )
    release.touch()
    assert [await client.result(one) for one in ids] == ["done", "done"]
