from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from cognitive_architecture.distributed_mesh.load_testing import LoadTestProgress, LoadTestType
from cognitive_architecture.foundation.errors import (
    ConfigurationError,
    MeshError,
    PermanentFailure,
)
from tests.support.asynchronous import async_test, until
from tests.support.load_bench import Bench, a_config, running


class TestEveryType:
    @async_test
    async def test_throughput_really_sends_what_it_says(self) -> None:
        async with running() as bench:
            result = await bench.run()
            assert result["status"] == "completed"
            assert result["error"] is None
            metrics = result["metrics"]
            assert metrics["total_tasks_due"] == 40
            assert metrics["total_tasks_completed"] + metrics["total_tasks_unsent"] == 40
            assert metrics["success_rate"] == 1.0
            assert metrics["average_cpu_usage"] == pytest.approx(0.25)
            assert metrics["p50_latency"] <= metrics["p95_latency"] <= metrics["p99_latency"]
            assert result["test_specific_results"]["offered_rate"] == 100.0
            assert result["nodes"] == {"found": 0, "temporary": 2}
            # 16 unmeasured ones come before.
            assert bench.tasks()["completed"] == metrics["total_tasks_completed"] + 16
            assert bench.work.begun == bench.tasks()["completed"]
            assert bench.orchestrator.nodes() == [], "the temporary nodes are gone"

    @async_test
    async def test_latency_hands_out_the_latencies(self) -> None:
        async with running() as bench:
            result = await bench.run(LoadTestType.LATENCY)
            found, metrics = result["test_specific_results"], result["metrics"]
            assert len(found["latencies"]) == metrics["total_tasks_completed"]
            assert found["avg_latency"] == pytest.approx(
                sum(found["latencies"]) / len(found["latencies"])
            )
            assert max(found["latencies"]) == metrics["max_latency"]

    @async_test
    async def test_scalability_adds_nodes_step_by_step(self) -> None:
        async with running() as bench:
            bench.add_node("own")
            result = await bench.run(LoadTestType.SCALABILITY, target_nodes=3)
            steps = result["test_specific_results"]["steps"]
            assert [step["temporary_nodes"] for step in steps] == [1, 2, 3]
            assert [step["nodes"] for step in steps] == [2, 3, 4]
            assert all(step["throughput"] > 0 for step in steps)
            assert steps[0]["speedup"] == 1.0
            assert result["nodes"] == {"found": 1, "temporary": 3}
            total = sum(step["tasks_completed"] for step in steps)
            assert result["metrics"]["total_tasks_completed"] == total
            assert [node.node_id for node in bench.orchestrator.nodes()] == ["own"]

    @async_test
    async def test_stress_raises_the_number_of_tasks_at_once(self) -> None:
        async with running() as bench:
            bench.work.takes_s = 0.005
            result = await bench.run(LoadTestType.STRESS, concurrent_tasks=8)
            found = result["test_specific_results"]
            assert [step["concurrent_tasks"] for step in found["steps"]] == [1, 2, 4, 6, 8]
            assert found["enough_concurrency"] in (1, 2, 4, 6, 8)
            assert result["metrics"]["total_tasks_unsent"] == 0

    @async_test
    async def test_endurance_keeps_windows(self) -> None:
        async with running() as bench:
            result = await bench.run(LoadTestType.ENDURANCE, duration=0.6)
            found, metrics = result["test_specific_results"], result["metrics"]
            total = sum(window["tasks_completed"] for window in found["windows"])
            assert total == metrics["total_tasks_completed"]
            assert found["windows"][0]["rss_bytes"] == 100_000_000
            assert found["rss_growth"] == 0.0
            assert "latency_change" in found

    @async_test
    async def test_chaos_crashes_nodes_and_loses_nothing(self) -> None:
        async with running() as bench:
            bench.work.takes_s = 0.02
            bench.add_node("own")
            result = await bench.run(
                LoadTestType.CHAOS, duration=1.2, failure_injection_rate=1.0, target_nodes=3
            )
            assert result["status"] == "completed"
            found, metrics = result["test_specific_results"], result["metrics"]
            assert found["lost"] == metrics["total_tasks_lost"] == 0
            assert found["chaos"]["failures_injected"] >= 1, "one in each second"
            assert found["chaos"]["nodes_replaced"] == found["chaos"]["failures_injected"]
            assert metrics["total_tasks_completed"] == metrics["total_tasks_sent"]
            statistics = bench.orchestrator.get_mesh_status()["statistics"]
            assert statistics["nodes_lost"] == found["chaos"]["failures_injected"]
            assert [node.node_id for node in bench.orchestrator.nodes()] == ["own"]

    @async_test
    async def test_chaos_can_come_on_top_of_another_test(self) -> None:
        async with running() as bench:
            result = await bench.run(
                duration=1.1, chaos_monkey_enabled=True, failure_injection_rate=1.0
            )
            assert result["test_specific_results"]["chaos"]["failures_injected"] >= 1
            assert result["metrics"]["total_tasks_lost"] == 0


class TestNodes:
    @async_test
    async def test_where_a_node_can_do_it_none_is_hosted(self) -> None:
        async with running() as bench:
            bench.add_node("own")
            result = await bench.run()
            assert result["nodes"] == {"found": 1, "temporary": 0}
            assert bench.orchestrator.get_mesh_status()["statistics"]["nodes_joined"] == 1

    @async_test
    async def test_an_orchestrator_that_does_not_run_is_started_and_stopped(self) -> None:
        bench = Bench()
        for _ in range(2):
            assert (await bench.run())["status"] == "completed"
            assert not bench.orchestrator.is_running

    @async_test
    async def test_an_orchestrator_with_nodes_goes_on(self) -> None:
        bench = Bench()
        bench.add_node("own")
        await bench.run()
        assert bench.orchestrator.is_running
        assert [node.node_id for node in bench.orchestrator.nodes()] == ["own"]
        await bench.orchestrator.stop_enhanced_orchestration()


class TestTrouble:
    @async_test
    async def test_failing_tasks_are_counted_and_explained(self) -> None:
        async with running() as bench:
            bench.work.error = PermanentFailure("no text today")
            result = await bench.run()
            assert result["status"] == "completed"
            assert result["metrics"]["success_rate"] == 0.0
            assert result["metrics"]["reasons"]["no text today"] > 0
            assert "no text today" in result["recommendations"][0]

    @async_test
    async def test_a_run_that_cannot_go_on_fails_with_the_reason(self) -> None:
        async with running() as bench:

            def fill_memory(progress: LoadTestProgress) -> None:
                bench.meter.memory_usage = 0.5 + 0.2 * progress.elapsed_s + 0.4

            result = await bench.framework.run_load_test(
                a_config(duration=60.0), on_progress=fill_memory
            )
            assert result["status"] == "failed"
            assert result["error"].startswith("stopped before memory is full: 9")
            assert result["metrics"]["total_tasks_completed"] > 0, "what was found is shown"
            assert bench.orchestrator.nodes() == []
            assert bench.tasks()["pending"] == bench.tasks()["running"] == 0
            summary = bench.framework.get_test_summary()
            assert (summary["failed_tests"], summary["completed_tests"]) == (1, 0)

    @async_test
    async def test_an_orchestrator_that_is_stopped_meanwhile_ends_the_test(self) -> None:
        async with running() as bench:
            bench.work.takes_s = 0.01
            testing = asyncio.create_task(bench.run(duration=60.0))
            await until(lambda: bench.work.begun > 20)
            await bench.orchestrator.stop_enhanced_orchestration()
            result = await testing
            assert result["status"] == "failed"
            assert "orchestrator" in result["error"]

    @async_test
    async def test_a_cancelled_test_leaves_no_node_and_no_task(self) -> None:
        async with running() as bench:
            bench.work.takes_s = 0.01
            testing = asyncio.create_task(
                bench.run(LoadTestType.CHAOS, duration=60.0, failure_injection_rate=1.0)
            )
            await until(lambda: bench.work.begun > 30)
            testing.cancel()
            await asyncio.wait([testing])
            assert testing.cancelled()
            assert bench.orchestrator.nodes() == []
            assert bench.tasks()["pending"] == bench.tasks()["running"] == 0
            assert list(bench.orchestrator.observation.observers) == ["fault_tolerance"]
            summary = bench.framework.get_test_summary()
            assert (summary["cancelled_tests"], summary["running_test"]) == (1, None)
            assert (await bench.run())["status"] == "completed", "and the next one can run"

    @async_test
    async def test_two_at_once_would_measure_each_other(self) -> None:
        async with running() as bench:
            testing = asyncio.create_task(bench.run())
            await until(lambda: bench.work.begun)
            with pytest.raises(MeshError, match="two at once would measure each other"):
                await bench.run()
            assert (await testing)["status"] == "completed"

    @async_test
    async def test_what_is_no_configuration_is_refused(self) -> None:
        bench = Bench()
        with pytest.raises(ConfigurationError, match="config: a LoadTestConfig, not 'quick'"):
            await bench.framework.run_load_test("quick")  # type: ignore[arg-type]
        with pytest.raises(ConfigurationError, match="no load test 'quick'; there are quick_thr"):
            await bench.framework.run_named("quick")


class TestProgress:
    async def told(self, on_progress: Callable[[LoadTestProgress], None]) -> dict[str, Any]:
        async with running() as bench:
            return await bench.framework.run_load_test(a_config(), on_progress=on_progress)

    @async_test
    async def test_is_told_again_and_again(self) -> None:
        words: list[LoadTestProgress] = []
        result = await self.told(words.append)
        assert len(words) >= 2
        assert [word.completed for word in words] == sorted(word.completed for word in words)
        assert words[-1].completed == result["metrics"]["total_tasks_completed"]
        assert words[0].phase == "sending 100 tasks a second"
        assert words[0].duration_s == 0.4

    @async_test
    async def test_a_display_that_fails_does_not_fail_the_test(self) -> None:
        def fail(_: LoadTestProgress) -> None:
            raise ZeroDivisionError

        with capture_logs() as logs:
            result = await self.told(fail)
        assert result["status"] == "completed"
        said = [line["event"] for line in logs if line["log_level"] == "error"]
        assert said == ["progress_callback_failed"], "once is enough"


@async_test
async def test_the_summary_shows_the_youngest_first() -> None:
    async with running() as bench:
        await bench.run(test_name="one")
        await bench.run(LoadTestType.LATENCY, test_name="two")
        summary = bench.framework.get_test_summary()
        assert (summary["total_tests"], summary["completed_tests"]) == (2, 2)
        assert [test["test_name"] for test in summary["recent_tests"]] == ["two", "one"]
        assert summary["recent_tests"][0]["success_rate"] == 1.0
        assert "quick_throughput" in summary["available_tests"]
        json.dumps(summary)
