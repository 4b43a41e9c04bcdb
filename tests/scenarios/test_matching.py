"""Which node, asked of an orchestrator in this process."""

from __future__ import annotations

from typing import Any

import pytest

from cognitive_architecture.distributed_mesh.handlers import (
    RunningTask,
    declared_handler,
    handles,
)
from cognitive_architecture.distributed_mesh.model import DistributedTask, MeshNode
from cognitive_architecture.distributed_mesh.orchestrator import CognitiveMeshOrchestrator
from cognitive_architecture.foundation.errors import InvalidTask, NoCapableNode
from tests.support.asynchronous import async_test
from tests.support.in_process import in_process_parts


async def echo(payload: dict[str, Any], task: RunningTask) -> Any:
    return payload


def a_mesh() -> CognitiveMeshOrchestrator:
    handler = declared_handler(handles("echo")(echo))
    assert handler is not None
    mesh = CognitiveMeshOrchestrator(in_process_parts([handler]))
    described: dict[str, dict[str, Any]] = {
        "plain": {},
        "gpu": {"attributes": {"gpu": "rtx", "memory": 8}, "labels": {"zone": "cellar"}},
        "picky": {"rules": ['requester == "ann"'], "attributes": {"memory": 4}},
    }
    for node_id, metadata in described.items():
        mesh.register_node(MeshNode(node_id, capabilities={"echo"}, metadata=metadata))
    return mesh


def a_task(**wishes: Any) -> DistributedTask:
    return DistributedTask(task_type="echo", payload={}, **wishes)


def test_the_best_nodes_for_a_task_are_those_it_would_be_given_to() -> None:
    mesh = a_mesh()
    task = a_task(preferences={"memory / 10": 1.0}, requester_node="ann")
    assert [node.node_id for node in mesh.find_optimal_nodes_for_task(task)] == [
        "gpu",
        "picky",
        "plain",
    ]
    assert task.task_id == ""


def test_each_candidate_says_what_speaks_for_or_against_it() -> None:
    first, *others = a_mesh().explain_placement(a_task(requirements=["memory >= 8"]))
    assert (first.node_id, first.refusal, first.factors["fit"]) == ("gpu", None, 1.0)
    assert {one.node_id: one.refusal for one in others} == {
        "picky": 'serves only tasks with requester == "ann"',
        "plain": "is not what is required: memory >= 8 is not met: there is no memory",
    }


def test_a_task_that_fits_nowhere_is_refused_when_it_is_submitted() -> None:
    mesh = a_mesh()
    with pytest.raises(NoCapableNode, match=r"memory >= 99 is not met: memory is 8"):
        mesh.submit_task(a_task(requirements=["memory >= 99"]))
    with pytest.raises(InvalidTask, match=r"^requirements: 'memory >'"):
        mesh.explain_placement(a_task(requirements=["memory >"]))


@async_test
async def test_a_client_may_ask_and_weigh_too() -> None:
    mesh = a_mesh()
    await mesh.start_enhanced_orchestration()
    try:
        client = mesh._own_client
        found = await client.match(a_task(requirements=['labels.zone == "cellar"']))
        assert [one["node_id"] for one in found if one["refusal"] is None] == ["gpu"]
        assert (await client.weigh(load=0.5))["load"] == 0.5
        task_id = await client.submit(
            a_task(requirements=["has(gpu)"], affinity="s", labels={"a": "b"})
        )
        assert (await client.ending(task_id)).node_id == "gpu"
        task = await client.task(task_id)
        assert (task.requirements, task.affinity, task.labels) == (["has(gpu)"], "s", {"a": "b"})
    finally:
        await mesh.stop_enhanced_orchestration()
