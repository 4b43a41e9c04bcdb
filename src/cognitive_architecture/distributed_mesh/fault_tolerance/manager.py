"""What goes wrong, what was done about it, and circuit breakers for services that fail often.

The dispatch machine is what decides and acts, by the plans of ``policies.recovery``.
``FaultToleranceManager`` listens to it, watches the health of nodes, and keeps the history: what
failed, how it was noticed, what was decided and why, what came of it, and how long each step took.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, Final

from cognitive_architecture.distributed_mesh.machines.circuit import CircuitSettings
from cognitive_architecture.distributed_mesh.machines.effects import Incident
from cognitive_architecture.distributed_mesh.model import MeshNode
from cognitive_architecture.distributed_mesh.policies.detection.thresholds import Alarms, Limit
from cognitive_architecture.distributed_mesh.policies.health import HealthMetrics
from cognitive_architecture.distributed_mesh.policies.histogram import Trend
from cognitive_architecture.distributed_mesh.policies.recovery import (
    DEFAULT_TABLE,
    Failure,
    FailureType,
    RecoveryState,
    RecoveryStrategy,
    RecoveryTable,
    plan,
)
from cognitive_architecture.foundation.errors import ConfigurationError, require_number
from cognitive_architecture.foundation.sentences import sentence_of
from cognitive_architecture.foundation.world import World

from .breaker import CircuitBreaker
from .failures import (
    SEVERITY,
    FailureEvent,
    FailureHistory,
    failure_of,
)

_TREND_FADES_AT: Final = 1024
"""Measurements after which the older ones count half."""

_WITHOUT_TREND: Final = frozenset({"uptime"})
"""It only ever grows."""

_CIRCUIT: Final = CircuitSettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultToleranceSettings:
    """When a node counts as silent, exhausted or failing, and how much is remembered."""

    monitoring_interval_s: float = 1.0
    """Time between two looks at who has fallen silent."""

    silence_s: float = 30.0
    """A registered node whose health was not renewed for so long is unresponsive."""

    usage_alarm: float = 0.95
    """CPU or memory usage, 0 to 1, from which a node is exhausted."""

    usage_clear: float = 0.85
    """Usage below which the next crossing counts as a new one."""

    error_rate_alarm: float = 0.5
    """Error rate, 0 to 1, from which a node is failing."""

    error_rate_clear: float = 0.4
    """Error rate below which the next crossing counts as a new one."""

    healthy_from: float = 0.7
    """Health score, 0 to 1, from which a node counts as healthy."""

    history_max: int = 1000
    """Failures kept; counters go on counting those that are forgotten."""

    circuit: CircuitSettings = _CIRCUIT
    """Of every circuit breaker the manager makes."""

    def __post_init__(self) -> None:
        for name in ("monitoring_interval_s", "silence_s"):
            require_number(name, getattr(self, name), low=0.0, above_low=True)
        for name in ("usage_alarm", "usage_clear", "error_rate_alarm", "error_rate_clear"):
            require_number(name, getattr(self, name), low=0.0, high=1.0)
        require_number("healthy_from", self.healthy_from, low=0.0, high=1.0)
        require_number("history_max", self.history_max, low=1, whole=True)
        for name in ("usage", "error_rate"):
            alarm, clear = getattr(self, f"{name}_alarm"), getattr(self, f"{name}_clear")
            if clear >= alarm:
                raise ConfigurationError(
                    f"{name}_clear must lie below {name}_alarm, or every wobble is a new failure: "
                    f"{clear:g} >= {alarm:g}"
                )


class FaultToleranceManager:
    """Knows how every node is and what has gone wrong; an orchestrator's ``Observer``."""

    def __init__(
        self, settings: FaultToleranceSettings | None = None, *, world: World | None = None
    ) -> None:
        """Prepare; nothing runs before ``start_monitoring``.

        Args:
            settings: Thresholds and bounds.
            world: Clock and ids.
        """
        self._settings = settings or FaultToleranceSettings()
        self._world = world or World()
        self.table: RecoveryTable = DEFAULT_TABLE
        """What is done about what, as the orchestrator's settings have it."""
        self._health: dict[str, HealthMetrics] = {}
        self._trends: dict[str, dict[str, Trend]] = {}
        """Of each node, how each of its measures was lately."""
        self._renewed_at: dict[str, float] = {}
        self._silent: set[str] = set()
        self._alarms = Alarms()
        usage = Limit(self._settings.usage_alarm, self._settings.usage_clear)
        errors = Limit(self._settings.error_rate_alarm, self._settings.error_rate_clear)
        self._limits = {
            "cpu_usage": (FailureType.RESOURCE_EXHAUSTION, usage),
            "memory_usage": (FailureType.RESOURCE_EXHAUSTION, usage),
            "disk_usage": (FailureType.RESOURCE_EXHAUSTION, usage),
            "gpu_memory_usage": (FailureType.RESOURCE_EXHAUSTION, usage),
            "error_rate": (FailureType.TASK_FAILURE, errors),
        }
        self._history = FailureHistory(self._world, kept_max=self._settings.history_max)
        self._breakers: dict[str, CircuitBreaker] = {}
        self._watching: asyncio.Task[None] | None = None

    # -- health --------------------------------------------------------------------------------

    def register_node_health(self, node_id: str) -> HealthMetrics:
        """Begin to watch a node, if it is not watched yet; its health as known."""
        metrics = self._health.get(node_id)
        if metrics is None:
            metrics = self._health[node_id] = HealthMetrics(node_id)
            self._renewed_at[node_id] = self._world.clock.now()
        return metrics

    def update_node_health(self, node_id: str, **metrics: float) -> float:
        """Renew the health of a node; an unknown one is registered.

        Args:
            node_id: The node.
            metrics: Fields of ``HealthMetrics``; those left out stay as they were.

        Returns:
            Its health score, 0 to 1.

        Raises:
            ConfigurationError: There is no such measure, or it is out of its range; nothing is
                changed then.
        """
        page = self._health.get(node_id) or HealthMetrics(node_id)
        page.update(**metrics)
        self._health[node_id] = page
        trends = self._trends.setdefault(node_id, {})
        for measure, value in metrics.items():
            trend = trends.get(measure)
            if trend is None:
                if measure in _WITHOUT_TREND:
                    continue
                trend = trends[measure] = Trend(fade_at=_TREND_FADES_AT)
            trend.note(value)
        self._renewed_at[node_id] = self._world.clock.now()
        self._silent.discard(node_id)
        self._compare_with_limits(page)
        return page.health_score

    def forget_node_health(self, node_id: str) -> None:
        """Watch a node no more."""
        self._health.pop(node_id, None)
        self._trends.pop(node_id, None)
        self._renewed_at.pop(node_id, None)
        self._silent.discard(node_id)
        self._alarms.forget(node_id)

    def get_health_summary(self) -> dict[str, Any]:
        """How the nodes are: ``summary`` over all, ``nodes`` one by one.

        ``trends`` of a node holds count, mean, largest and quantiles of each of its measures.
        A silent node is not healthy, whatever it last said. The average over no nodes is 1.
        """
        now = self._world.clock.now()
        pages = self._health.values()
        healthy = [
            page
            for page in pages
            if page.health_score >= self._settings.healthy_from and page.node_id not in self._silent
        ]
        mean = sum(page.health_score for page in pages) / len(pages) if pages else 1.0
        return {
            "summary": {
                "total_nodes": len(pages),
                "healthy_nodes": len(healthy),
                "unresponsive_nodes": len(self._silent),
                "average_health": mean,
            },
            "nodes": {
                node_id: asdict(page)
                | {
                    "renewed_s_ago": now - self._renewed_at[node_id],
                    "is_unresponsive": node_id in self._silent,
                    "alarms": self._alarms.are_raised(node_id),
                    "trends": {
                        measure: trend.look().to_json()
                        for measure, trend in sorted(self._trends.get(node_id, {}).items())
                    },
                }
                for node_id, page in sorted(self._health.items())
            },
        }

    def _compare_with_limits(self, page: HealthMetrics) -> None:
        is_any_raised = self._alarms.is_any_raised(page.node_id)
        for measure, (kind, limit) in self._limits.items():
            if not is_any_raised and getattr(page, measure) < limit.clear:
                continue
            found = self._alarms.crossing(page.node_id, measure, getattr(page, measure), limit)
            if found is not None:
                decided = plan(Failure(kind, page.node_id), self.table, RecoveryState())
                self._history.note(
                    failure_type=kind,
                    description=found.sentence,
                    affected_node_id=page.node_id,
                    severity=SEVERITY[kind],
                    metadata=found.evidence,
                    recovery_strategy=decided.leading,
                    recovery_status=decided.sentence,
                )

    # -- monitoring ----------------------------------------------------------------------------

    @property
    def is_monitoring(self) -> bool:
        """Whether silent nodes are looked for."""
        return self._watching is not None and not self._watching.done()

    async def start_monitoring(self) -> None:
        """Begin to look for silent nodes. Idempotent."""
        if not self.is_monitoring:
            self._watching = asyncio.create_task(self._watch())

    async def stop_monitoring(self) -> None:
        """Look no more. Idempotent."""
        watching, self._watching = self._watching, None
        if watching is not None:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching

    start = start_monitoring
    """Under this name an orchestrator starts its companions."""
    stop = stop_monitoring

    async def _watch(self) -> None:
        clock = self._world.clock
        while True:
            self._look_for_silent(clock.now())
            await clock.sleep_until(clock.now() + self._settings.monitoring_interval_s)

    def _look_for_silent(self, now: float) -> None:
        for node_id, renewed_at in self._renewed_at.items():
            silence_s = now - renewed_at
            if silence_s >= self._settings.silence_s and node_id not in self._silent:
                self._silent.add(node_id)
                self._history.note(
                    failure_type=FailureType.NODE_UNRESPONSIVE,
                    description=f"the health of {node_id} was not renewed for {silence_s:.1f} s",
                    affected_node_id=node_id,
                    severity=SEVERITY[FailureType.NODE_UNRESPONSIVE],
                )

    # -- failures ------------------------------------------------------------------------------

    def observe(self, incident: Incident, node: MeshNode | None) -> None:  # noqa: ARG002
        """Take note of what the orchestrator tells."""
        if incident.kind == "node_joined":
            self.register_node_health(incident.node_id)
        elif incident.kind in ("node_left", "node_lost"):
            self.forget_node_health(incident.node_id)
        if incident.kind == "recovered":
            self._history.recovered(incident)
        elif incident.kind in ("hedge_over", "overload_over"):
            self._history.over(incident)
        elif (failure := failure_of(incident)) is not None:
            self._history.note(**failure)

    def summary(self) -> dict[str, Any]:
        """What has been noted."""
        return self.get_failure_statistics()

    def recent_failures(self, limit: int = 20) -> list[FailureEvent]:
        """The youngest failures, youngest first."""
        return self._history.recent(limit)

    def get_failure_statistics(self) -> dict[str, Any]:
        """Counters since the beginning, the youngest failures, breakers, and the monitoring."""
        return self._history.statistics() | {
            "circuit_breakers": {
                name: breaker.get_state() for name, breaker in sorted(self._breakers.items())
            },
            "monitoring_status": {
                "is_monitoring": self.is_monitoring,
                "interval_s": self._settings.monitoring_interval_s,
                "silence_s": self._settings.silence_s,
                "watched_nodes": len(self._health),
                "unresponsive_nodes": sorted(self._silent),
            },
        }

    # -- circuit breakers ----------------------------------------------------------------------

    def get_circuit_breaker(self, name: str) -> CircuitBreaker:
        """The breaker with this name, made when first asked for."""
        breaker = self._breakers.get(name)
        if breaker is None:
            breaker = self._breakers[name] = CircuitBreaker(
                name,
                self._settings.circuit,
                world=self._world,
                on_opened=self._note_opened_circuit,
            )
        return breaker

    def _note_opened_circuit(self, breaker: CircuitBreaker, error: Exception) -> None:
        recovery_s = self._settings.circuit.recovery_s
        kind = type(error).__name__
        self._history.note(
            failure_type=FailureType.COMMUNICATION_FAILURE,
            description=f"{breaker.name} failed, last with {kind}: {sentence_of(error)}",
            severity=SEVERITY[FailureType.COMMUNICATION_FAILURE],
            metadata={"circuit": breaker.name},
            recovery_strategy=RecoveryStrategy.CIRCUIT_BREAKER,
            recovery_status=f"calls are refused for {recovery_s:g} s, then one is tried",
        )
