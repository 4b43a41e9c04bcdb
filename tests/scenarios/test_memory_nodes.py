"""A memory node in one process: registered like any other, asked like any other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from cognitive_architecture.capabilities import MEMORY_CAPABILITIES
from cognitive_architecture.composition import local_parts
from cognitive_architecture.distributed_mesh.model import DistributedTask, MeshNode
from cognitive_architecture.distributed_mesh.orchestrator import CognitiveMeshOrchestrator
from cognitive_architecture.foundation.errors import (
    ConfigurationError,
    TaskFailed,
    UnknownCapability,
)
from cognitive_architecture.foundation.settings import Settings, StoreSettings
from tests.support.asynchronous import async_test


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
        assert [node.node_id for node in mesh.nodes()] == ["m1"]
