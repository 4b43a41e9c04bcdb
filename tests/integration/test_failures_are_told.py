"""A node is killed under a task: ``cogmesh failures`` tells it from the first sign to the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cognitive_architecture.distributed_mesh.client import MeshClient
from tests.support.asynchronous import async_test

from .real_mesh import RealMesh, held, real_mesh, soon
from .test_killed_nodes import who_has_begun

pytestmark = pytest.mark.processes


@pytest.fixture
def mesh(tmp_path: Path) -> Iterator[RealMesh]:
    with real_mesh(tmp_path) as made:
        yield made


async def _state(client: MeshClient, node_id: str) -> str:
    members = (await client.failures())["members"]
    (found,) = [str(member["state"]) for member in members if member["node_id"] == node_id]
    return found


@async_test
async def test_a_killed_node_is_told_with_every_step(mesh: RealMesh) -> None:
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

        said = await client.failures()
        # A busy machine brings failures of its own: no CPU left, or a node that is late.
        (event,) = [
            one
            for one in said["recent_failures"]
            if (one["failure_type"], one["affected_node_id"]) == ("node_crash", victim)
        ]
        assert event["recovery_strategy"] == "redistribute"
        assert event["is_recovered"] is True
        whats = [step["what"] for step in event["steps"]]
        assert whats[0] == "noticed: its process or its link is gone"
        assert whats[1] == "decided: its task goes back to the old place in the queue"
        assert whats[-1].startswith(f"its task is with {heir} after ")
        assert said["seconds_until_elsewhere"]["count"] == 1
        assert await _state(client, victim) == "gone"

        async def heir_is_well() -> bool:
            return await _state(client, heir) in ("joined", "healthy")

        await soon("the heir is well", heir_is_well)

        printed = mesh.commands.run("failures", "--steps").stdout
        assert f"node_crash · {victim} · repaired" in printed
        assert f"its task is with {heir} after" in printed


@async_test
async def test_health_comes_from_real_sources(mesh: RealMesh) -> None:
    mesh.set(node__heartbeat_s=0.1)
    mesh.up()
    mesh.nodes("one")
    async with mesh.client() as client:

        async def measured() -> bool:
            (node,) = await client.nodes()
            vitals = node["vitals"]
            return bool(0.0 < vitals["round_trip_s"] < 5.0 and 0.0 < vitals["disk_usage"] <= 1.0)

        await soon("the round trip and the disk are told", measured)
