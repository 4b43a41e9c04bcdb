"""A memory node in one process: registered like any other, asked like any other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from cognitive_architecture.atomspace import Atom, Link, Node
from cognitive_architecture.capabilities import MEMORY_CAPABILITIES
from cognitive_architecture.capabilities.remembering.equipment import MemoryEquipment
from cognitive_architecture.composition import local_parts
from cognitive_architecture.distributed_mesh.handlers import Handler, HandlerKind, RunningTask
from cognitive_architecture.distributed_mesh.model import DistributedTask, MeshNode
from cognitive_architecture.distributed_mesh.orchestrator import CognitiveMeshOrchestrator
from cognitive_architecture.foundation.errors import (
    ConfigurationError,
    TaskFailed,
    UnknownCapability,
)
from cognitive_architecture.foundation.settings import Settings, StoreSettings
from cognitive_architecture.hypergraph import Hypergraph
from tests.support.asynchronous import async_test, until


@asynccontextmanager
async def a_mesh(folder: Path | None = None) -> AsyncIterator[CognitiveMeshOrchestrator]:
    directory = None if folder is None else str(folder)
    settings = Settings(store=StoreSettings(directory=directory))
    orchestrator = CognitiveMeshOrchestrator(local_parts(settings))
    await orchestrator.start_enhanced_orchestration()
    try:
        yield orchestrator
    finally:
        await orchestrator.stop_enhanced_orchestration()


def a_memory_node(node_id: str = "m1") -> MeshNode:
    return MeshNode(node_id=node_id, capabilities=set(MEMORY_CAPABILITIES), max_load=4.0)


async def asked(mesh: CognitiveMeshOrchestrator, capability: str, **payload: Any) -> Any:
    return await mesh.run(DistributedTask(task_type=capability, payload=payload))


@async_test
async def test_atoms_attention_and_forgetting_through_the_mesh() -> None:
    async with a_mesh() as mesh:
        mesh.register_node(a_memory_node())

        assert await asked(mesh, "atomspace", add='(Concept "cat")') == {"changed": 1}
        await asked(mesh, "attention_allocation", stimulate='(Concept "cat")', amount=2)

        focus = (await asked(mesh, "attention_allocation", focus=5))["focus"]
        assert [one["atom"] for one in focus] == ['(Concept "cat")']
        figures = (await asked(mesh, "memory_management", figures=True))["figures"]
        assert figures["atoms"] == 1
        with pytest.raises(TaskFailed, match="line 1, column 1"):
            await asked(mesh, "atomspace", add='(Concept "cat"')


@async_test
async def test_atoms_outlive_the_process_where_tasks_do(tmp_path: Path) -> None:
    async with a_mesh(tmp_path) as mesh:
        mesh.register_node(a_memory_node())
        await asked(mesh, "atomspace", add='(Concept "cat")')
    async with a_mesh(tmp_path) as mesh:
        mesh.register_node(a_memory_node())

        found = await asked(mesh, "atomspace", query='(Meet (Variable "$x"))')
        assert found["answers"] == ['(Concept "cat")']


@async_test
async def test_a_memory_node_does_nothing_else_and_an_unknown_capability_is_named() -> None:
    async with a_mesh() as mesh:
        with pytest.raises(ConfigurationError, match="register another node for reasoning"):
            mesh.register_node(MeshNode(capabilities={"atomspace", "reasoning"}))
        with pytest.raises(UnknownCapability, match="attention_allocation"):
            mesh.register_node(MeshNode(capabilities={"telepathy"}))


@async_test
async def test_a_folder_that_is_taken_leaves_no_node_behind(tmp_path: Path) -> None:
    async with a_mesh(tmp_path) as mesh:
        mesh.register_node(a_memory_node())
        await asked(mesh, "atomspace", add='(Concept "cat")')
        (tmp_path / "m2").write_text("no folder")
        mesh.register_node(a_memory_node("m2"))

        assert await asked(mesh, "memory_management", figures=True)
        await until(lambda: [node.node_id for node in mesh.nodes()] == ["m1"])


async def has_joined(mesh: CognitiveMeshOrchestrator, node_id: str) -> None:
    runtime = mesh.hosted(node_id)
    assert runtime is not None
    await runtime.joined()


def equipment_of(mesh: CognitiveMeshOrchestrator, node_id: str) -> MemoryEquipment:
    runtime = mesh.hosted(node_id)
    assert runtime is not None
    assert isinstance(runtime._equipment, MemoryEquipment)
    return runtime._equipment


@async_test
async def test_one_of_three_memory_nodes_is_lost_and_comes_back() -> None:
    everything = Link("Meet", (Node("Variable", "$x"),))
    atoms: list[Atom] = [Node("Concept", f"word {number}") for number in range(60)]
    async with a_mesh() as mesh:
        for name in ("m1", "m2", "m3"):
            mesh.register_node(a_memory_node(name))
            await has_joined(mesh, name)
        graph = Hypergraph(mesh.requester)
        await graph.add(atoms)
        held = [len(equipment_of(mesh, name).memory.replica) for name in ("m1", "m2", "m3")]
        assert sum(held) == 2 * len(atoms)

        lost = mesh.hosted("m2")
        assert lost is not None
        await lost.crash()

        found = await graph.query(everything)
        assert set(found.atoms) == set(atoms)
        await graph.remove(atoms[:10])
        mesh.register_node(a_memory_node("m2"))  # with nothing in memory any more
        await graph.add([Node("Concept", "new")])

        def is_whole() -> bool:
            memories = [equipment_of(mesh, name).memory for name in ("m1", "m2", "m3")]
            there = sum(len(memory.replica) for memory in memories)
            return there == 2 * 51 and all(
                memory.holding.complete == memory.holding.owned for memory in memories
            )

        await until(is_whole)
        found = await graph.query(everything)
        assert set(found.atoms) == {*atoms[10:], Node("Concept", "new")}
        assert not found.coverage.is_partial


@async_test
async def test_a_handler_reads_and_writes_the_atoms_of_the_mesh() -> None:
    async def remember(payload: dict[str, Any], task: RunningTask) -> int:
        return await Hypergraph(task.mesh).add([Node("Concept", payload["word"])])

    def recall(payload: dict[str, Any], task: RunningTask) -> list[str]:
        query = Link("Meet", (Node("Variable", "$x"),))
        found = task.mesh.wait(Hypergraph(task.mesh).query(query))
        return [atom.name for atom in found.atoms if isinstance(atom, Node)]

    settings = Settings()
    handlers = [Handler("remember", remember, HandlerKind.COROUTINE)]
    handlers.append(Handler("recall", recall, HandlerKind.THREAD))
    mesh = CognitiveMeshOrchestrator(local_parts(settings, handlers=handlers))
    await mesh.start_enhanced_orchestration()
    try:
        mesh.register_node(MeshNode(capabilities={"remember", "recall"}))
        with pytest.raises(TaskFailed, match="no node of the mesh keeps atoms"):
            await mesh.run(
                DistributedTask(task_type="remember", payload={"word": "cat"}, max_attempts=1)
            )
        mesh.register_node(a_memory_node())
        assert await asked(mesh, "remember", word="cat") == 1
        assert await asked(mesh, "recall") == ["cat"]
    finally:
        await mesh.stop_enhanced_orchestration()
