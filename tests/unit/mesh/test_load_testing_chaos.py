from __future__ import annotations

import asyncio

import pytest

from cognitive_architecture.distributed_mesh.load_testing import ChaosMonkey, ResilienceTestType
from cognitive_architecture.distributed_mesh.load_testing.stage import Stage
from cognitive_architecture.distributed_mesh.model import DistributedTask
from cognitive_architecture.foundation.errors import ConfigurationError
from tests.support.asynchronous import async_test, until
from tests.support.load_bench import Bench, running


class TestChaosMonkey:
    @async_test
    async def test_does_what_it_can_and_says_what_it_cannot(self) -> None:
        async with running() as bench, Stage(bench.orchestrator, bench.world, "test") as stage:
            monkey = ChaosMonkey(stage, rate=1.0, world=bench.world)
            await stage.grow_to(2)
            before = stage.nodes
            victim = await monkey.inject(ResilienceTestType.NODE_FAILURE)
            assert victim in before
            assert victim not in stage.nodes
            assert len(stage.nodes) == 2
            for kind in set(ResilienceTestType) - {ResilienceTestType.NODE_FAILURE}:
                with pytest.raises(ConfigurationError, match="nothing else yet"):
                    await monkey.inject(kind)

    @async_test
    async def test_spares_the_last_node_of_the_mesh(self) -> None:
        async with running() as bench, Stage(bench.orchestrator, bench.world, "test") as stage:
            monkey = ChaosMonkey(stage, rate=1.0, world=bench.world)
            assert await monkey.inject(ResilienceTestType.NODE_FAILURE) is None
            await stage.grow_to(1)
            assert await monkey.inject(ResilienceTestType.NODE_FAILURE) is None
            assert len(stage.nodes) == 1

    @async_test
    async def test_prefers_nodes_at_work_and_their_tasks_are_done_elsewhere(self) -> None:
        async with running() as bench, Stage(bench.orchestrator, bench.world, "test") as stage:
            await stage.grow_to(3)
            may_end = asyncio.Event()
            bench.work.until = may_end.wait
            task = DistributedTask(task_type="text_processing", payload={"text": "abc"})
            running_task = asyncio.create_task(bench.orchestrator.run(task))
            await until(lambda: bench.work.begun == 1)
            (busy,) = [node_id for node_id, load in stage.loads().items() if load]

            monkey = ChaosMonkey(stage, rate=1.0, world=bench.world)
            assert await monkey.inject(ResilienceTestType.NODE_FAILURE) == busy
            assert monkey.to_dict()["tasks_interrupted"] == 1

            may_end.set()
            assert await running_task == {"length": 3}
            (attempt,) = bench.orchestrator.get_task(task.task_id).attempts
            assert (attempt.node_id, attempt.outcome) == (busy, "node_lost")

    def test_its_rate_is_checked(self) -> None:
        bench = Bench()
        stage = Stage(bench.orchestrator, bench.world, "test")
        with pytest.raises(ConfigurationError, match="rate: a number above 0 to 1, not 2"):
            ChaosMonkey(stage, rate=2, world=bench.world)
