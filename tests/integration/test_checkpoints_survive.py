"""A node and its orchestrator are killed: the next attempt goes on from the last checkpoint."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cognitive_architecture.distributed_mesh.model import DistributedTask
from tests.support.asynchronous import async_test

from .real_mesh import RealMesh, real_mesh, soon

pytestmark = pytest.mark.processes

PICTURES = 5


def durable_checkpoints(mesh: RealMesh) -> int:
    """How many the store has on its disk."""
    with closing(sqlite3.connect(mesh.folder / ".cogmesh" / "cogmesh.sqlite3")) as store:
        found: int = store.execute("SELECT count(*) FROM checkpoints").fetchone()[0]
    return found


@async_test
async def test_work_that_was_saved_is_not_done_again_though_node_and_orchestrator_were_killed(
    tmp_path: Path,
) -> None:
    with real_mesh(tmp_path) as mesh:
        mesh.set(node__heartbeat_s=0.1)
        orchestrator = mesh.up()
        first = mesh.nodes("one")["one"]
        release = tmp_path / "release"
        payload = {"pictures": PICTURES, "until": str(release)}
        async with mesh.client() as client:
            task_id = await client.submit(DistributedTask(task_type="paint", payload=payload))
            await soon("a checkpoint is durable", lambda: durable_checkpoints(mesh))
            await soon(
                "all pictures but the last are painted",
                lambda: mesh.traces(first, f"painted-{PICTURES - 1}"),
            )
            first.popen.kill()
            orchestrator.popen.kill()
            orchestrator.ended()
            mesh.up()
            release.touch()
            second = mesh.nodes("two")["two"]
            assert await client.result(task_id) == PICTURES

        begun = int(mesh.traces(second)[0].word.removeprefix("from-"))
        assert 1 <= begun < PICTURES
        painted = [trace.word for trace in mesh.traces(second)[1:]]
        assert painted == [f"painted-{number}" for number in range(begun + 1, PICTURES + 1)]
