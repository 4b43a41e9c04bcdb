"""The built-in capabilities keep what they read in the mesh, and reason over what is kept there."""

from __future__ import annotations

from typing import Any

import pytest

from cognitive_architecture.atomspace import Link, Node
from cognitive_architecture.distributed_mesh.model import DistributedTask, MeshNode
from cognitive_architecture.distributed_mesh.orchestrator import CognitiveMeshOrchestrator
from cognitive_architecture.foundation.errors import TaskFailed
from cognitive_architecture.hypergraph import Hypergraph
from tests.support.asynchronous import async_test

from .test_memory_nodes import a_memory_node, a_mesh

TEXT = "The lamp burns. Mara guards it."
ZOO = """
(ConceptNode "cat" (stv 0.1 0.9))
(ConceptNode "mammal" (stv 0.3 0.9))
(ConceptNode "animal" (stv 0.5 0.9))
(InheritanceLink (stv 1.0 0.9) (ConceptNode "cat") (ConceptNode "mammal"))
(InheritanceLink (stv 1.0 0.9) (ConceptNode "mammal") (ConceptNode "animal"))
"""


async def asked(mesh: CognitiveMeshOrchestrator, capability: str, **payload: Any) -> Any:
    task = DistributedTask(task_type=capability, payload=payload, max_attempts=1)
    return await mesh.run(task)


@async_test
async def test_a_text_is_kept_and_found_and_another_of_that_name_is_refused() -> None:
    async with a_mesh() as mesh:
        mesh.register_node(MeshNode(capabilities={"text_processing", "reasoning"}))
        mesh.register_node(a_memory_node("m1"))
        mesh.register_node(a_memory_node("m2"))
        wish = {"document": "lamp", "keep": True}

        found = await asked(mesh, "text_processing", text=TEXT, analyses=[], atoms=wish)

        assert found["atoms"]["kept"]
        assert "notation" not in found["atoms"]
        graph = Hypergraph(mesh.requester)
        sentences = Link("Meet", (Link("Member", (Node("Variable", "$s"), lamp())),))
        assert len((await graph.query(sentences)).atoms) == 2
        document = (await graph.values([lamp()])).values[lamp()]
        assert document["text"].values == (TEXT,)  # type: ignore[union-attr]

        await asked(mesh, "text_processing", text=TEXT, analyses=[], atoms=wish)
        with pytest.raises(TaskFailed, match="kept already with another text"):
            await asked(mesh, "text_processing", text="Other.", analyses=[], atoms=wish)


def lamp() -> Node:
    return Node("Document", "lamp")


@async_test
async def test_it_concludes_from_what_the_mesh_knows_and_keeps_it_as_inferred() -> None:
    async with a_mesh() as mesh:
        mesh.register_node(MeshNode(capabilities={"reasoning"}))
        mesh.register_node(a_memory_node("m1"))
        mesh.register_node(a_memory_node("m2"))
        graph = Hypergraph(mesh.requester)
        await graph.add_text(ZOO, dialect="classic")

        for _ in range(2):  # what was inferred is no evidence the next time
            found = await asked(mesh, "reasoning", hypergraph=True, rules=["deduction"], keep=True)
            (concluded,) = found["conclusions"]
            assert concluded["atom"] == '(Inheritance (Concept "cat") (Concept "animal"))'
            assert concluded["truth"] == pytest.approx([1.0, 0.81])
            assert found["coverage"] == {
                "is_partial": False,
                "missing_shards": [],
                "missing_nodes": [],
            }

        link = Link("Inheritance", (Node("Concept", "cat"), Node("Concept", "animal")))
        assert set((await graph.values([link])).values[link]) == {"inferred"}


@async_test
async def test_without_a_memory_node_it_is_refused_with_a_sentence_at_once() -> None:
    async with a_mesh() as mesh:
        mesh.register_node(MeshNode(capabilities={"text_processing", "reasoning"}))
        with pytest.raises(TaskFailed, match="cogmesh node --atomspace DIR"):
            await asked(mesh, "text_processing", text=TEXT, atoms={"document": "x", "keep": True})
        with pytest.raises(TaskFailed, match="no node of the mesh keeps atoms"):
            await asked(mesh, "reasoning", hypergraph=True)
