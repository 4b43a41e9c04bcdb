"""Configuration, arrivals, latencies, texts and advice: what is pure about load tests."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.load_testing import (
    PREDEFINED_CONFIGS,
    LoadTestConfig,
    LoadTestType,
    ResilienceTestType,
)
from cognitive_architecture.distributed_mesh.load_testing.advice import recommendations
from cognitive_architecture.distributed_mesh.load_testing.arrivals import Arrivals
from cognitive_architecture.distributed_mesh.load_testing.config import COMPLEXITIES
from cognitive_architecture.distributed_mesh.load_testing.drills import trends
from cognitive_architecture.distributed_mesh.load_testing.latencies import Sample
from cognitive_architecture.distributed_mesh.load_testing.machine import MachineMeter
from cognitive_architecture.distributed_mesh.load_testing.measurement import Measurement
from cognitive_architecture.distributed_mesh.load_testing.texts import task_maker
from cognitive_architecture.distributed_mesh.policies.admission import specify
from cognitive_architecture.distributed_mesh.policies.histogram import FINE, Histogram
from cognitive_architecture.foundation.errors import ConfigurationError
from cognitive_architecture.foundation.world import simulated_world
from tests.support.examples import quick


class TestConfig:
    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"test_name": " "}, "test_name: some words, not ' '"),
            ({"test_type": "stress"}, "test_type: a LoadTestType (throughput, latency,"),
            ({"duration": 0}, "duration: a number above 0 to 604800, not 0"),
            ({"concurrent_tasks": 1.5}, "concurrent_tasks: an integer from 1 to 1000000, not 1.5"),
            ({"tasks_per_second": -1}, "tasks_per_second: a number above 0 to 1000000, not -1"),
            ({"task_complexity": "huge"}, "task_complexity: one of low, medium, high, not 'huge'"),
            ({"target_nodes": 0}, "target_nodes: an integer from 1 to 1000, not 0"),
            (
                {"failure_injection_rate": 1.5},
                "failure_injection_rate: a number from 0 to 1, not 1.5",
            ),
            (
                {"chaos_monkey_enabled": True, "failure_injection_rate": 0.0},
                "failure_injection_rate: above 0, or nothing will fail in a test with chaos; not 0",
            ),
            ({"chaos_monkey_enabled": 1}, "chaos_monkey_enabled: True or False, not 1"),
            ({"metrics_interval": 0}, "metrics_interval: a number from 0.01 to 3600, not 0"),
            (
                {"duration": 5.0, "ramp_up_time": 3.0, "ramp_down_time": 3.0},
                "ramp_up_time and ramp_down_time must fit into duration: 3 + 3 > 5",
            ),
        ],
    )
    def test_is_checked(self, fields: dict[str, Any], sentence: str) -> None:
        with pytest.raises(ConfigurationError) as refused:
            LoadTestConfig(**fields)
        assert str(refused.value).startswith(sentence)

    def test_a_chaos_test_has_chaos_without_being_told(self) -> None:
        assert LoadTestConfig(test_type=LoadTestType.CHAOS).has_chaos
        assert LoadTestConfig(chaos_monkey_enabled=True).has_chaos
        assert not LoadTestConfig().has_chaos

    def test_the_predefined_ones_cover_every_type(self) -> None:
        assert list(PREDEFINED_CONFIGS) == [
            "quick_throughput",
            "latency_benchmark",
            "scalability_test",
            "stress_test",
            "endurance_test",
            "chaos_test",
        ]
        assert [config.test_type for config in PREDEFINED_CONFIGS.values()] == list(LoadTestType)
        assert PREDEFINED_CONFIGS["quick_throughput"].duration == 5.0

    def test_can_be_said_in_json(self) -> None:
        for config in PREDEFINED_CONFIGS.values():
            assert json.loads(json.dumps(config.to_dict()))["test_type"] == config.test_type

    def test_the_values_of_the_enums_are_their_names_in_lower_case(self) -> None:
        for member in (*LoadTestType, *ResilienceTestType):
            assert member.value == member.name.lower()


def due(arrivals: Arrivals) -> list[float]:
    return [arrivals.due_s(k) for k in range(arrivals.total)]


class TestArrivals:
    def test_are_regular(self) -> None:
        assert due(Arrivals(rate=4.0, duration_s=1.0)) == [0.0, 0.25, 0.5, 0.75]

    def test_a_ramp_sends_half_as_many(self) -> None:
        assert Arrivals(rate=10.0, duration_s=2.0, up_s=2.0).total == 10
        assert Arrivals(rate=10.0, duration_s=4.0, up_s=2.0, down_s=2.0).total == 20

    def test_the_rate_rises_stays_and_falls(self) -> None:
        instants = due(Arrivals(rate=100.0, duration_s=4.0, up_s=1.0, down_s=1.0))
        per_quarter = [sum(q / 2 <= at < (q + 1) / 2 for at in instants) for q in range(8)]
        assert per_quarter == [13, 37, 50, 50, 50, 50, 38, 12]

    @quick(300)
    @given(
        rate=st.floats(min_value=0.01, max_value=1000.0),
        up_s=st.floats(min_value=0.0, max_value=10.0),
        level_s=st.floats(min_value=0.0, max_value=10.0),
        down_s=st.floats(min_value=0.0, max_value=10.0),
    )
    def test_come_in_order_and_within_the_duration(
        self, rate: float, up_s: float, level_s: float, down_s: float
    ) -> None:
        duration_s = up_s + level_s + down_s
        arrivals = Arrivals(rate=rate, duration_s=duration_s, up_s=up_s, down_s=down_s)
        instants = due(arrivals)[:5000]
        assert instants == sorted(instants)
        assert all(0.0 <= at <= duration_s for at in instants)
        expected = rate * (level_s + (up_s + down_s) / 2)
        assert expected - 1e-6 <= arrivals.total <= expected + 1 + 1e-6


class TestHistogram:
    @quick(200)
    @given(
        values=st.lists(st.floats(min_value=1e-6, max_value=1e5), min_size=1, max_size=200),
        share=st.floats(min_value=0.0, max_value=1.0),
    )
    def test_a_percentile_is_within_its_error_of_the_exact_one(
        self, values: list[float], share: float
    ) -> None:
        histogram = Histogram(parts=FINE)
        for value in values:
            histogram.add(value)
        exact = sorted(values)[max(0, -int(-share * len(values) // 1) - 1)]
        assert histogram.quantile(share) == pytest.approx(exact, rel=1 / 250)
        assert histogram.count == len(values)
        assert histogram.largest == max(values)
        assert histogram.mean == pytest.approx(sum(values) / len(values))

    def test_nothing_is_zero(self) -> None:
        histogram = Histogram(parts=FINE)
        assert (histogram.quantile(0.99), histogram.mean, histogram.largest) == (0.0, 0.0, 0.0)

    def test_two_together_are_one_of_both(self) -> None:
        chance = simulated_world().rng("test")
        one, two, both = Histogram(parts=FINE), Histogram(parts=FINE), Histogram(parts=FINE)
        for part in (one, two):
            for _ in range(100):
                value = chance.expovariate(10.0)
                part.add(value)
                both.add(value)
        one.absorb(two)
        for share in (0.0, 0.5, 0.95, 1.0):
            assert one.quantile(share) == both.quantile(share)
        assert (one.count, one.largest) == (both.count, both.largest)

    def test_a_million_durations_take_little_room(self) -> None:
        histogram = Histogram(parts=FINE)
        for exponent in range(1_000):
            histogram.add(1e-6 * 1.026**exponent)
        assert histogram.largest > 86_400.0
        assert len(histogram._counts) < 5_000


class TestSample:
    def test_keeps_everything_while_there_is_room(self) -> None:
        sample = Sample(10, simulated_world().rng("test").randrange)
        for value in range(10):
            sample.add(value)
        assert sample.values == list(range(10))

    def test_keeps_each_value_with_the_same_chance(self) -> None:
        sample = Sample(1000, simulated_world().rng("test").randrange)
        for value in range(100_000):
            sample.add(value)
        assert len(sample.values) == 1000
        assert sum(sample.values) / 1000 == pytest.approx(50_000, rel=0.05)


class TestTexts:
    @pytest.mark.parametrize("complexity", COMPLEXITIES)
    def test_are_about_as_long_as_they_should_be(self, complexity: str) -> None:
        make = task_maker(simulated_world(), complexity, "loadtest-1")
        for _ in range(20):
            length = len(make().payload["text"])
            assert COMPLEXITIES[complexity] - 1 <= length <= COMPLEXITIES[complexity] * 1.01 + 100

    def test_tasks_are_admissible_and_have_ids_of_their_own(self) -> None:
        make = task_maker(simulated_world(), "low", "loadtest-1")
        tasks = [make() for _ in range(50)]
        assert len({task.task_id for task in tasks}) == 50
        for task in tasks:
            specify(task, requester=None, payload_bytes_max=10_000)

    def test_the_same_world_gives_the_same_texts(self) -> None:
        one, two = (task_maker(simulated_world(seed=7), "low", "loadtest-1") for _ in range(2))
        assert [one().payload for _ in range(16)] == [two().payload for _ in range(16)]


class TestTrends:
    def windows(self, *values: tuple[float, float]) -> list[dict[str, Any]]:
        return [
            {"ends_at_s": 10.0 * (place + 1), "p95_latency": latency, "rss_bytes": rss}
            for place, (latency, rss) in enumerate(values)
        ]

    def test_a_straight_rise_is_found(self) -> None:
        found = trends(self.windows((1.0, 100), (2.0, 200), (3.0, 300)))
        assert found["latency_change"] == pytest.approx(1.0)
        assert found["rss_growth"] == pytest.approx(10.0)

    def test_level_is_level(self) -> None:
        found = trends(self.windows((1.0, 100), (1.0, 100), (1.0, 100)))
        assert found == {"latency_change": 0.0, "rss_growth": 0.0}

    def test_two_windows_show_nothing(self) -> None:
        assert trends(self.windows((1.0, 100), (9.0, 900)))["latency_change"] == 0.0


QUIET = {
    "average_cpu_usage": 0.2,
    "peak_cpu_usage": 0.3,
    "average_memory_usage": 0.2,
    "peak_memory_usage": 0.2,
    "average_process_cores": 0.2,
}


def metrics(**fields: Any) -> dict[str, Any]:
    measured = Measurement(began=0.0)
    for _ in range(100):
        measured.note_sent(0.0)
        measured.note_completed(0.01, 10.0)
    return measured.to_dict() | QUIET | fields


class TestAdvice:
    """A sentence is said where a figure supports it, and only there."""

    def said(self, test_type: LoadTestType, figures: dict[str, Any], **fields: Any) -> str:
        config = LoadTestConfig(test_type=test_type)
        return "\n".join(recommendations(config, metrics(**fields), figures))

    def test_a_mesh_that_kept_up(self) -> None:
        said = self.said(LoadTestType.THROUGHPUT, {})
        assert said.startswith("The mesh kept up with 100 tasks a second (half of them within")
        assert "\n" not in said

    def test_a_mesh_that_fell_behind(self) -> None:
        said = self.said(LoadTestType.THROUGHPUT, {}, total_tasks_unsent=50, total_tasks_due=150)
        assert "fell behind: 50 of 150" in said
        assert "kept up" not in said

    def test_a_long_tail(self) -> None:
        assert "50 times as long" in self.said(
            LoadTestType.LATENCY, {}, p50_latency=0.01, p99_latency=0.5
        )

    def test_nothing_completed(self) -> None:
        said = self.said(
            LoadTestType.THROUGHPUT, {}, total_tasks_completed=0, reasons={"boom": 9, "bang": 1}
        )
        assert said == ("No task of 100 was completed (most often: boom); nothing was measured.")

    @pytest.mark.parametrize(
        ("count", "words"),
        [
            ("total_tasks_lost", "3 accepted tasks were lost"),
            ("total_tasks_failed", "3 tasks failed in all their attempts"),
            ("total_tasks_refused", "3 tasks were refused"),
            ("total_tasks_unfinished", "3 tasks were still open"),
        ],
    )
    def test_trouble(self, count: str, words: str) -> None:
        assert words not in self.said(LoadTestType.CHAOS, {"chaos": {}})
        assert words in self.said(LoadTestType.CHAOS, {"chaos": {}}, **{count: 3})

    def test_scaling(self) -> None:
        def steps(*throughputs: float) -> dict[str, Any]:
            return {
                "steps": [
                    {"nodes": 2**place, "throughput": throughput}
                    for place, throughput in enumerate(throughputs)
                ]
            }

        grew = self.said(LoadTestType.SCALABILITY, steps(100.0, 195.0, 370.0, 380.0))
        assert grew == (
            "Throughput grew 3.8 times, from 100 tasks a second with 1 to 380 with 8 nodes; "
            "4 reach 90 % of that."
        )
        level = self.said(LoadTestType.SCALABILITY, steps(100.0, 105.0))
        assert level.startswith(
            "More nodes brought nothing: 100 tasks a second with 1, at best 105"
        )
        assert self.said(LoadTestType.SCALABILITY, steps(100.0)) == ""

    def test_stress(self) -> None:
        steps = [
            {"concurrent_tasks": 10, "p50_latency": 0.1},
            {"concurrent_tasks": 100, "p50_latency": 1.0},
        ]
        figures = {"steps": steps, "best_throughput": 99.0, "enough_concurrency": 10}
        assert self.said(LoadTestType.STRESS, figures) == (
            "10 tasks at once reach the limit of 99 a second; 100 at once only wait longer "
            "(half of them 1 s instead of 100 ms)."
        )
        figures["enough_concurrency"] = 100
        assert "still grew" in self.said(LoadTestType.STRESS, figures)

    def test_endurance(self) -> None:
        windows = [{"rss_bytes": 100 * 2**20}] * 3
        level = {"windows": windows, "latency_change": 0.0, "rss_growth": 0.0}
        assert "crept up" in self.said(LoadTestType.ENDURANCE, level)
        grew = self.said(LoadTestType.ENDURANCE, level | {"rss_growth": 2**20})
        assert "grew by 60 MiB, 3600 MiB an hour" in grew
        assert "crept" not in grew
        rose = self.said(LoadTestType.ENDURANCE, level | {"latency_change": 0.5})
        assert "rose by 50%" in rose
        assert "too short" in self.said(LoadTestType.ENDURANCE, {"windows": []})

    def test_chaos(self) -> None:
        chaos = {
            "failures_injected": 7,
            "tasks_interrupted": 3,
            "noticed_max": 0.001,
            "replaced_max": 0.02,
        }
        said = self.said(LoadTestType.CHAOS, {"chaos": chaos})
        assert said.startswith("7 nodes crashed while they held 3 tasks, and no accepted task")
        assert "says little" not in said
        chaos["tasks_interrupted"] = 0
        assert "says little" in self.said(LoadTestType.CHAOS, {"chaos": chaos})
        assert "no accepted task" not in self.said(
            LoadTestType.CHAOS, {"chaos": chaos}, total_tasks_lost=1
        )
        assert "No node was crashed" in self.said(
            LoadTestType.CHAOS, {"chaos": chaos | {"failures_injected": 0}}
        )

    def test_a_busy_machine(self) -> None:
        busy = self.said(LoadTestType.CHAOS, {"chaos": {}}, average_cpu_usage=0.95)
        assert "This machine was busy (95% of its CPU" in busy
        one_core = self.said(LoadTestType.CHAOS, {"chaos": {}}, average_process_cores=1.02)
        assert "kept 1.02 cores busy" in one_core


def test_the_meter_measures_this_machine() -> None:
    meter = MachineMeter()
    worked_s = meter.process_cpu_s()
    while meter.process_cpu_s() == worked_s:  # until the clock of the CPU has ticked
        sum(range(1000))
    vitals = meter.measure(uptime_s=1.0, stuck_slots=0)
    assert 0.0 <= vitals.cpu_usage <= 1.0
    assert 0.0 < vitals.memory_usage <= 1.0
    assert meter.rss_bytes() > 1_000_000
