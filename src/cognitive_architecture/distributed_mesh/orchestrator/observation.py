"""What is noticed of the nodes, and who is told of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog

from cognitive_architecture.distributed_mesh.machines.effects import Incident
from cognitive_architecture.distributed_mesh.machines.performance import Performance
from cognitive_architecture.distributed_mesh.machines.roster import Roster
from cognitive_architecture.distributed_mesh.messages import Vitals
from cognitive_architecture.distributed_mesh.views import seat_to_node
from cognitive_architecture.foundation.world import Clock

from .parts import Observer

_log = structlog.get_logger(__name__)


class Observation:
    """The health of every node, and the services that hear of nodes and of what goes wrong."""

    def __init__(
        self,
        clock: Clock,
        roster: Callable[[], Roster],
        performance: Callable[[], Performance],
        keep_health: Callable[..., float],
    ) -> None:
        self._clock = clock
        self._roster = roster
        self._performance = performance
        self.observers: dict[str, Observer] = {}
        """By the key under which ``get_enhanced_mesh_status`` shows their summaries."""
        self.keep_health = keep_health
        """Told every measurement of a node, its id and fields of ``HealthMetrics`` by name; says
        the node's health score, 0 to 1."""

    def measure(self, node_id: str, **metrics: float) -> float:
        """Take note of a measurement; the node's health score, 0 to 1."""
        score = self.keep_health(node_id, **metrics)
        roster = self._roster()
        seat = roster.by_node.get(node_id)
        if seat is not None:
            seat.health_score = score
            roster.judged.note(seat)
        return score

    def judge(self, address: str, vitals: Vitals) -> float:
        """The health score of the node that sent these vitals."""
        seat = self._roster().by_address.get(address)
        if seat is None:
            return 1.0
        performance = self._performance()
        rates = performance.rates(seat.node_id)
        return self.measure(
            seat.node_id,
            cpu_usage=vitals.cpu_usage,
            memory_usage=vitals.memory_usage,
            disk_usage=vitals.disk_usage,
            network_latency=vitals.round_trip_s * 1000.0,
            task_success_rate=rates.success,
            error_rate=rates.error,
            task_completion_time=performance.mean_s(seat.node_id),
            queued_tasks=vitals.queued,
            gpu_usage=vitals.gpu_usage or 0.0,
            gpu_memory_usage=vitals.gpu_memory_usage or 0.0,
            uptime=vitals.uptime_s,
        )

    def note(self, incident: Incident) -> None:
        """Log what happened, and tell everybody who observes."""
        _log.info(
            incident.kind,
            node=incident.node_id,
            task=incident.task_id,
            why=incident.reason or None,
        )
        if self.observers:
            seat = self._roster().by_node.get(incident.node_id)
            node = None
            if seat is not None:
                node = seat_to_node(seat, now=self._clock.now(), wall=self._clock.wall())
            for observer in self.observers.values():
                observer.observe(incident, node)

    def summaries(self) -> dict[str, Any]:
        """What each observer has noted."""
        return {key: observer.summary() for key, observer in self.observers.items()}
