"""A node that is asked to end: politely it finishes or hands back, and asked again it leaves."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from cognitive_architecture.cli.outcomes import ExitCode
from cognitive_architecture.distributed_mesh.client import MeshClient
from tests.support.asynchronous import async_test

from .real_mesh import RealMesh, held, real_mesh, soon

pytestmark = pytest.mark.processes


@pytest.fixture
def mesh(tmp_path: Path) -> Iterator[RealMesh]:
    with real_mesh(tmp_path) as made:
        yield made


async def _is_draining(client: MeshClient, name: str) -> bool:
    return any(
        node["node_id"] == name and node["status"] == "draining" for node in await client.nodes()
    )


@async_test
async def test_it_finishes_what_runs_and_what_comes_goes_elsewhere(mesh: RealMesh) -> None:
    mesh.up()
    leaving = mesh.nodes("leaving", slots=2)["leaving"]
    release = mesh.folder / "release"
    async with mesh.client() as client:
        first = await client.submit(held(release))
        await soon("it works", lambda: mesh.has_begun(leaving, first))
        staying = mesh.nodes("staying")["staying"]

        leaving.popen.send_signal(signal.SIGTERM)
        await soon("it drains", lambda: _is_draining(client, "leaving"))
        second = await client.submit(held(release))
        await soon("the other works", lambda: mesh.has_begun(staying, second))
        release.touch()

        assert [await client.result(one) for one in (first, second)] == ["done", "done"]
        assert (await client.task(first)).assigned_node == "leaving"
        assert (await client.task(second)).assigned_node == "staying"
    assert leaving.ended() == ExitCode.OK
    assert "leaving has left" in leaving.stdout


@pytest.mark.parametrize(
    ("drain_timeout_s", "signals", "code"),
    [(0.3, 1, ExitCode.OK), (3600, 2, ExitCode.INTERRUPTED)],
    ids=["it has no more time", "it is asked again"],
)
@async_test
async def test_what_it_cannot_finish_is_handed_back_and_costs_no_attempt(
    mesh: RealMesh, drain_timeout_s: float, signals: int, code: ExitCode
) -> None:
    mesh.set(node__drain_timeout_s=drain_timeout_s)
    mesh.up()
    leaving = mesh.nodes("leaving")["leaving"]
    release = mesh.folder / "release"
    async with mesh.client() as client:
        task_id = await client.submit(held(release, max_attempts=1))
        await soon("it works", lambda: mesh.has_begun(leaving, task_id))
        staying = mesh.nodes("staying")["staying"]

        for number in range(signals):
            if number:
                await soon("it has heard", lambda: "Ctrl-C again" in leaving.stderr)
            leaving.popen.send_signal(signal.SIGTERM)

        await soon("the other works", lambda: mesh.has_begun(staying, task_id))
        release.touch()
        assert await client.result(task_id) == "done"
        assert (await client.task(task_id)).attempts == []
        assert (await client.status())["statistics"]["nodes_lost"] == 0
    assert leaving.ended() == code
    assert [trace.word for trace in mesh.traces(leaving)] == ["began", "told"]
    assert [trace.attempt for trace in mesh.traces(staying)] == [1]
