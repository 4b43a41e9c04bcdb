"""Load tests of a real orchestrator with real nodes; only the work of a task is made light."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from cognitive_architecture.distributed_mesh.handlers import Handler, HandlerKind
from cognitive_architecture.distributed_mesh.load_testing import (
    LoadTestConfig,
    LoadTestingFramework,
    LoadTestType,
)
from cognitive_architecture.distributed_mesh.messages import Vitals
from cognitive_architecture.distributed_mesh.model import MeshNode
from cognitive_architecture.distributed_mesh.node.vitals import SteadyVitals
from cognitive_architecture.distributed_mesh.orchestrator import CognitiveMeshOrchestrator
from cognitive_architecture.foundation.world import World

from .in_process import in_process_parts


class Work:
    """What the nodes of these tests do with a text."""

    def __init__(self) -> None:
        self.takes_s = 0.0
        self.until: Callable[[], Awaitable[object]] | None = None
        """What a task waits for besides."""
        self.error: Exception | None = None
        self.begun = 0

    async def do(self, payload: Mapping[str, Any], _task: object) -> dict[str, int]:
        self.begun += 1
        await asyncio.sleep(self.takes_s)
        if self.until is not None:
            await self.until()
        if self.error is not None:
            raise self.error
        return {"length": len(payload["text"])}


class FakeMeter(SteadyVitals):
    """A machine whose memory can be filled."""

    def __init__(self) -> None:
        self.memory_usage = 0.5

    def measure(self, *, uptime_s: float, stuck_slots: int) -> Vitals:
        return Vitals(0.25, self.memory_usage, uptime_s, stuck_slots)

    def rss_bytes(self) -> int:
        return 100_000_000

    def process_cpu_s(self) -> float:
        return 1.0


class Bench:
    """An orchestrator, and a framework that tests it."""

    def __init__(self) -> None:
        self.work = Work()
        self.meter = FakeMeter()
        parts = in_process_parts([Handler("text_processing", self.work.do, HandlerKind.COROUTINE)])
        self.world = parts.world
        self.orchestrator = CognitiveMeshOrchestrator(parts)
        # With this seed the chaos monkey begins early in its first turn.
        self.framework = LoadTestingFramework(
            self.orchestrator, world=World(seed=4), meter=self.meter
        )

    async def run(
        self, test_type: LoadTestType = LoadTestType.THROUGHPUT, **fields: Any
    ) -> dict[str, Any]:
        result = await self.framework.run_load_test(a_config(test_type, **fields))
        assert json.loads(json.dumps(result)) == result, "JSON can say all of it"
        return result

    def tasks(self) -> dict[str, int]:
        counts: dict[str, int] = self.orchestrator.get_mesh_status()["tasks"]
        return counts

    def add_node(self, node_id: str) -> None:
        node = MeshNode(node_id, capabilities={"text_processing"}, max_load=4.0)
        self.orchestrator.register_node(node)


def a_config(test_type: LoadTestType = LoadTestType.THROUGHPUT, **fields: Any) -> LoadTestConfig:
    """A short test."""
    short: dict[str, Any] = {
        "duration": 0.4,
        "concurrent_tasks": 20,
        "tasks_per_second": 100.0,
        "task_complexity": "low",
        "target_nodes": 2,
        "metrics_interval": 0.05,
    }
    return LoadTestConfig(test_type=test_type, **short | fields)


@asynccontextmanager
async def running() -> AsyncIterator[Bench]:
    bench = Bench()
    await bench.orchestrator.start_enhanced_orchestration()
    try:
        yield bench
    finally:
        await bench.orchestrator.stop_enhanced_orchestration()
