"""What a load test is to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

from cognitive_architecture.foundation.errors import ConfigurationError, require_number
from cognitive_architecture.foundation.sentences import shown

COMPLEXITIES: Final = {"low": 200, "medium": 2_000, "high": 20_000}
"""Characters of the text in each task, about, by ``task_complexity``."""

_DURATION_MAX_S: Final = 7 * 86_400.0


class LoadTestType(StrEnum):
    """What is to be found out."""

    THROUGHPUT = "throughput"
    """Whether the mesh keeps up with ``tasks_per_second``."""
    LATENCY = "latency"
    """How long a task takes at ``tasks_per_second``; a sample of latencies is kept."""
    SCALABILITY = "scalability"
    """What more nodes bring: 1, 2, 4, … up to ``target_nodes``, each kept busy."""
    STRESS = "stress"
    """What more tasks at once bring: up to ``concurrent_tasks`` in steps, every place taken."""
    ENDURANCE = "endurance"
    """Whether latency or memory creep up over a long time."""
    CHAOS = "chaos"
    """Whether tasks survive that nodes crash while they work on them."""


class ResilienceTestType(StrEnum):
    """What can go wrong on purpose. Today ``ChaosMonkey`` can do NODE_FAILURE."""

    NODE_FAILURE = "node_failure"
    NETWORK_PARTITION = "network_partition"
    TASK_OVERLOAD = "task_overload"
    RESOURCE_EXHAUSTION = "resource_exhaustion"
    CASCADING_FAILURE = "cascading_failure"
    BYZANTINE_FAILURE = "byzantine_failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadTestConfig:
    """One load test."""

    test_name: str = "load test"
    """For people."""

    test_type: LoadTestType = LoadTestType.THROUGHPUT
    """What is to be found out."""

    duration: float = 60.0
    """Seconds in which tasks are sent; their endings are waited for after it."""

    concurrent_tasks: int = 100
    """Most tasks in flight. A task that is due when all places are taken waits, and its latency
    counts from when it was due."""

    tasks_per_second: float = 100.0
    """Tasks that become due in a second, at regular intervals and whatever the mesh answers.
    SCALABILITY and STRESS look for the limit: they keep every place taken instead."""

    ramp_up_time: float = 0.0
    """Seconds at the beginning in which the rate rises from 0; not of SCALABILITY and STRESS."""

    ramp_down_time: float = 0.0
    """Seconds at the end in which the rate falls to 0; not of SCALABILITY and STRESS."""

    task_complexity: str = "medium"
    """``low``, ``medium`` or ``high``: a text of about 200, 2,000 or 20,000 characters."""

    target_nodes: int = 4
    """Temporary nodes to host where the mesh offers none, and always for SCALABILITY and chaos."""

    failure_injection_rate: float = 0.1
    """Crashes per second, 0 to 1; only with chaos."""

    chaos_monkey_enabled: bool = False
    """Let temporary nodes crash during a test that is not CHAOS; CHAOS always does."""

    metrics_interval: float = 1.0
    """Seconds between two looks at the machine, and between two words of progress."""

    def __post_init__(self) -> None:
        if not _is_text(self.test_name):
            raise ConfigurationError(f"test_name: some words, not {shown(self.test_name)}")
        if not isinstance(self.test_type, LoadTestType):
            raise ConfigurationError(
                f"test_type: a LoadTestType ({', '.join(LoadTestType)}), "
                f"not {shown(self.test_type)}"
            )
        if not _is_text(self.task_complexity) or self.task_complexity not in COMPLEXITIES:
            raise ConfigurationError(
                f"task_complexity: one of {', '.join(COMPLEXITIES)}, "
                f"not {shown(self.task_complexity)}"
            )
        if not isinstance(self.chaos_monkey_enabled, bool):
            raise ConfigurationError(
                f"chaos_monkey_enabled: True or False, not {shown(self.chaos_monkey_enabled)}"
            )
        self._check_numbers()
        if self.has_chaos and self.failure_injection_rate == 0:
            raise ConfigurationError(
                "failure_injection_rate: above 0, or nothing will fail in a test with chaos; not 0"
            )

    def _check_numbers(self) -> None:
        require_number("duration", self.duration, low=0.0, high=_DURATION_MAX_S, above_low=True)
        require_number("concurrent_tasks", self.concurrent_tasks, low=1, high=1_000_000, whole=True)
        require_number("tasks_per_second", self.tasks_per_second, low=0.0, high=1e6, above_low=True)
        require_number("ramp_up_time", self.ramp_up_time, low=0.0, high=_DURATION_MAX_S)
        require_number("ramp_down_time", self.ramp_down_time, low=0.0, high=_DURATION_MAX_S)
        require_number("target_nodes", self.target_nodes, low=1, high=1000, whole=True)
        require_number("failure_injection_rate", self.failure_injection_rate, low=0.0, high=1.0)
        require_number("metrics_interval", self.metrics_interval, low=0.01, high=3600.0)
        if self.ramp_up_time + self.ramp_down_time > self.duration:
            raise ConfigurationError(
                "ramp_up_time and ramp_down_time must fit into duration: "
                f"{self.ramp_up_time:g} + {self.ramp_down_time:g} > {self.duration:g}"
            )

    @property
    def has_chaos(self) -> bool:
        """Whether nodes are crashed."""
        return self.chaos_monkey_enabled or self.test_type is LoadTestType.CHAOS

    def to_dict(self) -> dict[str, Any]:
        """As JSON can say it."""
        return asdict(self) | {"test_type": str(self.test_type)}


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


PREDEFINED_CONFIGS: Final[dict[str, LoadTestConfig]] = {
    "quick_throughput": LoadTestConfig(
        test_name="Quick throughput",
        test_type=LoadTestType.THROUGHPUT,
        duration=5.0,
        concurrent_tasks=100,
        tasks_per_second=200.0,
        ramp_up_time=0.5,
        task_complexity="low",
        target_nodes=2,
        metrics_interval=0.5,
    ),
    "latency_benchmark": LoadTestConfig(
        test_name="Latency benchmark",
        test_type=LoadTestType.LATENCY,
        duration=30.0,
        concurrent_tasks=50,
        tasks_per_second=50.0,
        ramp_up_time=2.0,
        task_complexity="low",
        target_nodes=2,
    ),
    "scalability_test": LoadTestConfig(
        test_name="Scalability",
        test_type=LoadTestType.SCALABILITY,
        duration=40.0,
        concurrent_tasks=100,
        task_complexity="medium",
        target_nodes=8,
    ),
    "stress_test": LoadTestConfig(
        test_name="Stress",
        test_type=LoadTestType.STRESS,
        duration=60.0,
        concurrent_tasks=200,
        task_complexity="medium",
        target_nodes=4,
    ),
    "endurance_test": LoadTestConfig(
        test_name="Endurance",
        test_type=LoadTestType.ENDURANCE,
        duration=1800.0,
        concurrent_tasks=50,
        tasks_per_second=10.0,
        ramp_up_time=10.0,
        task_complexity="medium",
        target_nodes=2,
        metrics_interval=5.0,
    ),
    "chaos_test": LoadTestConfig(
        test_name="Chaos",
        test_type=LoadTestType.CHAOS,
        duration=60.0,
        concurrent_tasks=100,
        tasks_per_second=25.0,
        task_complexity="medium",
        target_nodes=4,
        failure_injection_rate=0.5,
        chaos_monkey_enabled=True,
    ),
}
"""Load tests by name, for ``run_load_test``; each says how long it takes."""
