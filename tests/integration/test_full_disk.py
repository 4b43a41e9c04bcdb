"""The disk of the orchestrator is full: nothing new comes in, nothing acknowledged is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from cognitive_architecture.cli.outcomes import ExitCode
from cognitive_architecture.distributed_mesh.model import DistributedTask, TaskStatus
from cognitive_architecture.foundation.errors import StoreFull, UnknownTask
from tests.support.asynchronous import async_test

from .real_mesh import RealMesh, real_mesh, soon
from .small_disk import SmallDisk, small_disk

pytestmark = pytest.mark.processes

_SENTENCE: Final = (
    "is full: nothing new is accepted until there is room, everything acknowledged is kept"
)
_BIG: Final = {"text": "x" * 200_000}
"""More than what is left of pages that are allocated already."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", mib=4) as made:
        yield made


@pytest.fixture
def mesh(tmp_path: Path, disk: SmallDisk) -> Iterator[RealMesh]:
    with real_mesh(tmp_path) as made:
        yield made


@async_test
async def test_what_was_acknowledged_before_is_done_and_what_comes_is_refused(
    mesh: RealMesh, disk: SmallDisk
) -> None:
    mesh.set(dispatch__store_retry_s=0.1)
    mesh.up("--data", str(disk.path / "data"))
    async with mesh.client() as client:
        early = [
            DistributedTask(task_type="quick", payload={}, wait_for_node=True) for _ in range(20)
        ]
        ids = await client.submit_many(early)

        disk.fill()
        late = DistributedTask(task_type="quick", payload=_BIG, wait_for_node=True)
        with pytest.raises(StoreFull, match=_SENTENCE):
            await client.submit(late)
        said = mesh.commands.run(
            "submit", "quick", "--wait-for-node", "-p", "-", stdin=json.dumps(_BIG)
        )
        assert said.returncode == ExitCode.REFUSED
        assert f"the disk under {disk.path / 'data'} {_SENTENCE}" in said.stderr
        with pytest.raises(UnknownTask):
            await client.task(late.task_id)
        assert (await client.status())["tasks"]["pending"] == len(ids)

        # Nodes work on; what they report waits for room like everybody else.
        node = mesh.nodes("one")["one"]
        await soon("all are executed", lambda: len(mesh.traces(node, "ran")) == len(ids))
        disk.make_room()

        endings = [await client.ending(task_id) for task_id in ids]
        assert {ending.status for ending in endings} == {TaskStatus.COMPLETED}
        assert await client.submit(late) == late.task_id
        await client.result(late.task_id)
        executed = sorted(trace.task_id for trace in mesh.traces(node, "ran"))
        assert executed == sorted([*ids, late.task_id])


@async_test
async def test_an_orchestrator_that_starts_on_a_full_disk_says_so(
    mesh: RealMesh, disk: SmallDisk
) -> None:
    data = str(disk.path / "data")
    first = mesh.up("--data", data)
    async with mesh.client() as client:
        task_id = await client.submit(
            DistributedTask(task_type="quick", payload={}, wait_for_node=True)
        )
    first.popen.kill()
    first.ended()
    disk.fill()

    said = mesh.commands.run("up", "--data", data)

    assert said.returncode == ExitCode.REFUSED
    assert "is full" in said.stderr
    assert "Traceback" not in said.stderr
    disk.make_room()
    mesh.up("--data", data)
    mesh.nodes("one")
    async with mesh.client() as client:
        await client.result(task_id)
