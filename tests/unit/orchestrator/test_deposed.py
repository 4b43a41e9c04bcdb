"""An orchestrator whose store another one has taken over stops, and says why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cognitive_architecture.distributed_mesh.adapters.memory_store import (
    MemoryDisk,
    MemoryTaskStore,
)
from cognitive_architecture.distributed_mesh.model import DistributedTask
from cognitive_architecture.distributed_mesh.orchestrator import CognitiveMeshOrchestrator
from cognitive_architecture.foundation.errors import Deposed, MeshUnreachable
from tests.support.asynchronous import async_test
from tests.support.in_process import in_process_parts


def an_orchestrator(disk: MemoryDisk) -> CognitiveMeshOrchestrator:
    return CognitiveMeshOrchestrator(replace(in_process_parts(()), store=MemoryTaskStore(disk)))


@async_test
async def test_one_that_is_refused_a_write_stops_to_the_end() -> None:
    disk = MemoryDisk()
    orchestrator = an_orchestrator(disk)
    await orchestrator.start_enhanced_orchestration()
    MemoryTaskStore(disk).open()

    with pytest.raises(Deposed):
        await orchestrator.submit(DistributedTask(task_type="echo", wait_for_node=True))

    with pytest.raises(Deposed, match="this one must stop"):
        await orchestrator.until_stopped()
    assert not orchestrator.is_running


@async_test
async def test_one_that_has_nothing_to_write_finds_out_when_it_keeps_house() -> None:
    disk = MemoryDisk()
    orchestrator = an_orchestrator(disk)
    orchestrator.take_over()
    MemoryTaskStore(disk).open()

    await orchestrator.start_enhanced_orchestration()

    with pytest.raises(Deposed):
        await orchestrator.until_stopped()


@async_test
async def test_one_that_does_not_know_a_task_makes_sure_that_it_still_should() -> None:
    disk = MemoryDisk()
    orchestrator = an_orchestrator(disk)
    await orchestrator.start_enhanced_orchestration()
    MemoryTaskStore(disk).open()

    with pytest.raises(MeshUnreachable):  # it stops, and with it its own client, unanswered
        await orchestrator.result("of its heir")

    with pytest.raises(Deposed):
        await orchestrator.until_stopped()
