"""Names and folders that are taken, or cannot be used: a sentence, and an exit code."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cognitive_architecture.cli.outcomes import ExitCode
from cognitive_architecture.distributed_mesh.model import DistributedTask
from tests.support.asynchronous import async_test

from .real_mesh import RealMesh, real_mesh
from .small_disk import small_disk

pytestmark = pytest.mark.processes


@pytest.fixture
def mesh(tmp_path: Path) -> Iterator[RealMesh]:
    with real_mesh(tmp_path) as made:
        yield made


@async_test
async def test_a_second_node_of_the_same_name_gives_up_and_the_first_works_on(
    mesh: RealMesh,
) -> None:
    mesh.set(node__rejoin_s=0.5)
    mesh.up()
    first = mesh.nodes("mine")["mine"]

    said = mesh.commands.run("node", "--id", "mine", "--handlers", "handlers.py")

    assert said.returncode == ExitCode.TAKEN
    assert "a node named 'mine' is already in the mesh; choose another id" in said.stderr
    assert "joined" not in said.stdout
    async with mesh.client() as client:
        await client.run(DistributedTask(task_type="quick", payload={}))
        assert (await client.status())["statistics"]["nodes_lost"] == 0
    assert len(mesh.traces(first, "ran")) == 1


@async_test
async def test_a_node_takes_over_the_name_of_one_that_has_just_died(mesh: RealMesh) -> None:
    mesh.up()
    first = mesh.nodes("mine")["mine"]

    first.popen.kill()
    second = mesh.nodes("mine")["mine"]

    async with mesh.client() as client:
        await client.run(DistributedTask(task_type="quick", payload={}))
    assert len(mesh.traces(second, "ran")) == 1


def test_a_store_of_a_newer_version_is_left_alone(mesh: RealMesh) -> None:
    orchestrator = mesh.up()
    orchestrator.popen.send_signal(signal.SIGTERM)
    assert orchestrator.ended() == ExitCode.OK
    file = mesh.folder / ".cogmesh" / "cogmesh.sqlite3"
    with closing(sqlite3.connect(file)) as store, store:
        store.execute("UPDATE alembic_version SET version_num = '9999'")

    said = mesh.commands.run("up")

    assert said.returncode == ExitCode.TAKEN
    assert "the store has tables of version 9999" in said.stderr
    assert "it was written by a newer cogmesh" in said.stderr
    with closing(sqlite3.connect(file)) as store:
        assert store.execute("SELECT version_num FROM alembic_version").fetchone() == ("9999",)


def test_a_folder_that_cannot_be_made_is_named(mesh: RealMesh) -> None:
    (mesh.folder / "a file").touch()

    said = mesh.commands.run("up", "--data", "a file/data")

    assert said.returncode == ExitCode.TAKEN
    assert "a file/data cannot be written (Not a directory)" in said.stderr


def test_a_disk_that_cannot_be_written_is_named(mesh: RealMesh) -> None:
    with small_disk(mesh.folder / "disk", mib=4) as disk:
        data = str(disk.path / "data")
        orchestrator = mesh.up("--data", data)
        orchestrator.popen.send_signal(signal.SIGTERM)
        orchestrator.ended()
        disk.make_read_only()

        said = mesh.commands.run("up", "--data", data)

    assert said.returncode == ExitCode.TAKEN
    assert f"{data} cannot be written (Read-only file system)" in said.stderr


def test_a_file_that_is_no_store_is_left_alone(mesh: RealMesh) -> None:
    file = mesh.folder / "data" / "cogmesh.sqlite3"
    file.parent.mkdir()
    file.write_bytes(b"a letter from somebody else " * 1000)

    said = mesh.commands.run("up", "--data", "data")

    assert said.returncode == ExitCode.TAKEN
    assert "is damaged or no task store" in said.stderr
    assert file.read_bytes().startswith(b"a letter from somebody else")
