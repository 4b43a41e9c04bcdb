import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.policies.health import (
    WEIGHTS,
    HealthMetrics,
    health_score,
)
from cognitive_architecture.foundation.errors import ConfigurationError
from tests.support.examples import quick

shares = st.floats(0.0, 1.0)


def score(**metrics: float) -> float:
    return health_score(HealthMetrics("n1", **metrics))


def test_the_weights_add_up_to_1() -> None:
    assert sum(WEIGHTS.values()) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("metrics", "expected"),
    [
        ({}, 1.0),
        ({"task_success_rate": 0.0}, 0.70),
        ({"error_rate": 1.0}, 0.80),
        ({"cpu_usage": 0.7}, 1.0),
        ({"cpu_usage": 0.85}, 0.925),
        ({"cpu_usage": 1.0}, 0.85),
        ({"memory_usage": 1.0}, 0.85),
        ({"network_latency": 200.0}, 0.95),
        ({"network_latency": 600.0}, 0.925),
        (
            {
                "task_success_rate": 0.0,
                "error_rate": 1.0,
                "cpu_usage": 1.0,
                "memory_usage": 1.0,
                "network_latency": 1e12,
                "disk_usage": 1.0,
            },
            0.0,
        ),
    ],
    ids=str,
)
def test_each_part_costs_its_share(metrics: dict[str, float], expected: float) -> None:
    assert score(**metrics) == pytest.approx(expected, abs=1e-9)


def test_how_long_it_lives_and_how_long_tasks_take_count_nothing() -> None:
    assert score(uptime=1e9, task_completion_time=1e9) == score()


@given(shares, shares, shares, shares, st.floats(0.0, 1e9))
@quick(200)
def test_it_lies_between_0_and_1(
    success: float, errors: float, cpu: float, memory: float, latency_ms: float
) -> None:
    found = score(
        task_success_rate=success,
        error_rate=errors,
        cpu_usage=cpu,
        memory_usage=memory,
        network_latency=latency_ms,
    )
    assert -1e-9 <= found <= 1.0 + 1e-9


class TestUpdate:
    def test_keeps_what_is_not_measured_anew(self) -> None:
        metrics = HealthMetrics("n1")
        metrics.update(cpu_usage=1.0)
        metrics.update(memory_usage=1.0)
        assert (metrics.cpu_usage, metrics.memory_usage) == (1.0, 1.0)
        assert metrics.health_score == pytest.approx(0.70)

    @pytest.mark.parametrize(
        ("name", "value", "sentence"),
        [
            ("cpu_usage", 1.1, "cpu_usage: 0 to 1 is allowed, not 1.1"),
            ("cpu_usage", -0.1, "cpu_usage: 0 to 1 is allowed, not -0.1"),
            ("memory_usage", 55, "memory_usage: 0 to 1 is allowed, not 55"),
            ("error_rate", float("nan"), "error_rate: 0 to 1 is allowed, not nan"),
            ("task_success_rate", True, "task_success_rate: 0 to 1 is allowed, not True"),
            ("network_latency", -1, "network_latency: a number from 0 is allowed, not -1"),
            (
                "network_latency",
                float("inf"),
                "network_latency: a number from 0 is allowed, not inf",
            ),
            (
                "uptime",
                10**400,
                "uptime: a number from 0 is allowed, not 1" + "0" * 58 + "…",
            ),
            ("uptime", "5", "uptime: a number from 0 is allowed, not '5'"),
            ("uptime", None, "uptime: a number from 0 is allowed, not None"),
            (
                "mood",
                1.0,
                (
                    "mood: no such health measure; there are cpu_usage, disk_usage, error_rate, "
                    "gpu_memory_usage, gpu_usage, memory_usage, network_latency, queued_tasks, "
                    "task_completion_time, task_success_rate, uptime"
                ),
            ),
        ],
    )
    def test_refuses_what_cannot_be(self, name: str, value: float, sentence: str) -> None:
        with pytest.raises(ConfigurationError) as refused:
            HealthMetrics("n1").update(**{name: value})
        assert str(refused.value) == sentence

    @pytest.mark.parametrize("name", ["health_score", "mood"])
    def test_refuses_what_is_no_measure(self, name: str) -> None:
        with pytest.raises(ConfigurationError, match=f"^{name}: no such health measure"):
            HealthMetrics("n1").update(**{name: 0.5})

    def test_takes_over_all_or_nothing(self) -> None:
        metrics = HealthMetrics("n1")
        with pytest.raises(ConfigurationError):
            metrics.update(cpu_usage=1.0, memory_usage=7.0)
        assert metrics == HealthMetrics("n1")
