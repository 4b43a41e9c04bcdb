from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from cognitive_architecture.distributed_mesh.discovery import MeshDiscoveryService
from cognitive_architecture.distributed_mesh.fault_tolerance import (
    FailureType,
    FaultToleranceManager,
)
from cognitive_architecture.distributed_mesh.handlers import Handler, HandlerKind
from cognitive_architecture.distributed_mesh.integration import attach_services
from cognitive_architecture.distributed_mesh.load_testing import LoadTestingFramework
from cognitive_architecture.distributed_mesh.model import DistributedTask, MeshNode
from cognitive_architecture.distributed_mesh.orchestrator import CognitiveMeshOrchestrator
from cognitive_architecture.foundation.errors import PermanentFailure
from cognitive_architecture.foundation.settings import NodeSettings, Settings
from tests.support.asynchronous import async_test, until
from tests.support.in_process import in_process_parts


async def fail(payload: Mapping[str, Any], _task: object) -> None:
    raise (PermanentFailure if payload else OSError)("no luck")


class TestAttached:
    """To a real orchestrator, with a node in this process."""

    @asynccontextmanager
    async def mesh(self) -> AsyncIterator[tuple[CognitiveMeshOrchestrator, FaultToleranceManager]]:
        settings = Settings(node=NodeSettings(heartbeat_s=0.05))
        parts = in_process_parts([Handler("luck", fail, HandlerKind.COROUTINE)], settings)
        world, orchestrator = parts.world, CognitiveMeshOrchestrator(parts)
        orchestrator.register_node(MeshNode("before", capabilities={"luck"}))
        manager = FaultToleranceManager(world=world)
        discovery = MeshDiscoveryService(world=world, fabric=parts.local_fabric())
        for _ in range(2):  # attaching twice is attaching once
            attach_services(
                orchestrator,
                discovery=discovery,
                fault_tolerance=manager,
                load_testing=LoadTestingFramework(orchestrator, world=world),
            )
        await orchestrator.start_enhanced_orchestration()
        yield orchestrator, manager
        await orchestrator.stop_enhanced_orchestration()

    @async_test
    async def test_heartbeats_renew_health_and_monitoring_runs_along(self) -> None:
        async with self.mesh() as (orchestrator, manager):
            assert manager.is_monitoring
            nodes = manager.get_health_summary()["nodes"]
            assert list(nodes) == ["before"], "it joined before the manager was attached"
            await until(lambda: manager.register_node_health("before").uptime > 0.1)
            orchestrator.update_node_health_metrics("before", network_latency=400.0)
            assert manager.register_node_health("before").network_latency == 400.0
            status = orchestrator.get_enhanced_mesh_status()
            assert status["health"]["summary"]["total_nodes"] == 1
            assert status["fault_tolerance"]["total_failures"] == 0
            json.dumps(status)
        assert not manager.is_monitoring

    @async_test
    async def test_failures_say_what_the_mesh_did_about_them(self) -> None:
        async with self.mesh() as (orchestrator, manager):
            tasks = {
                "tried again": DistributedTask(task_type="luck", backoff_s=60.0),
                "given up": DistributedTask(task_type="luck", payload={"for": "good"}),
            }
            for task in tasks.values():
                orchestrator.submit_task(task)
            await until(lambda: len(manager.recent_failures()) == 2)
            for event in manager.recent_failures():
                assert event.failure_type is FailureType.TASK_FAILURE
                begins = " ".join(event.recovery_status.split()[:2]).rstrip(":")
                assert tasks[begins].task_id == event.affected_task_id

    @async_test
    async def test_a_crashed_node_is_a_failure_and_a_leaving_one_is_not(self) -> None:
        async with self.mesh() as (orchestrator, manager):
            orchestrator.register_node(MeshNode("crashes", capabilities={"luck"}))
            runtime = orchestrator.hosted("crashes")
            assert runtime is not None
            await runtime.joined()
            await runtime.crash()
            orchestrator.unregister_node("before")
            await until(lambda: orchestrator.nodes() == [])
            (event,) = manager.recent_failures()
            assert event.failure_type is FailureType.NODE_CRASH
            assert event.affected_node_id == "crashes"
            assert manager.get_health_summary()["nodes"] == {}
