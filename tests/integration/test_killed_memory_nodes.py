"""A memory node is killed while others write: nothing acknowledged is lost, nothing comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cognitive_architecture.atomspace import Atom, Link, Node
from cognitive_architecture.hypergraph import Hypergraph
from tests.support.asynchronous import async_test

from .cli_processes import Process
from .real_mesh import RealMesh, real_mesh, soon

pytestmark = pytest.mark.processes

EVERYTHING = Link("Meet", (Node("Variable", "$x"),))


@pytest.fixture
def mesh(tmp_path: Path) -> Iterator[RealMesh]:
    with real_mesh(tmp_path) as made:
        yield made


@pytest.fixture
def nodes(mesh: RealMesh) -> dict[str, Process]:
    """Three memory nodes that have joined; before the test, whose time does not run yet."""
    mesh.up()
    return memory_nodes(mesh, "m1", "m2", "m3")


def memory_nodes(mesh: RealMesh, *names: str) -> dict[str, Process]:
    started = {name: mesh._start("node", "--id", name, "--atomspace", name) for name in names}
    for process in started.values():
        process.says("joined home")
    return started


async def is_whole(graph: Hypergraph, nodes: int) -> Any:
    """Whether so many memory nodes have every atom twice, and can speak for all they own."""
    said = await graph.figures()
    kept = sum(node["atoms"] for node in said["nodes"])
    return (
        len(said["nodes"]) == nodes
        and kept == 2 * said["atoms"]
        and all(node["complete"] == node["shards"] for node in said["nodes"])
    )


@async_test
async def test_a_killed_memory_node_loses_nothing_and_catches_up_when_it_returns(
    mesh: RealMesh, nodes: dict[str, Process]
) -> None:
    async with mesh.client() as client:
        graph = Hypergraph(client)
        acknowledged: set[Atom] = set()

        async def write() -> None:
            for number in range(10_000):
                atom = Node("Concept", f"word {number}")
                await graph.add([atom])
                acknowledged.add(atom)

        writing = asyncio.ensure_future(write())
        await soon("some atoms are acknowledged", lambda: len(acknowledged) > 20)
        nodes["m2"].popen.kill()
        killed_at = len(acknowledged)
        await soon("writing goes on", lambda: writing.done() or len(acknowledged) > killed_at + 20)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)

        found = await graph.query(EVERYTHING, limit=100_000)
        assert set(found.atoms) >= acknowledged
        await soon("two copies are there again", lambda: is_whole(graph, 2))
        gone = sorted(acknowledged, key=repr)[:5]
        await graph.remove(gone)

        memory_nodes(mesh, "m2")

        await soon("the returning node has caught up", lambda: is_whole(graph, 3))
        found = await graph.query(EVERYTHING, limit=100_000)
        assert not found.coverage.is_partial
        assert set(found.atoms) >= acknowledged - set(gone)
        assert not set(found.atoms) & set(gone)
