"""What goes wrong in the mesh: the values, how incidents become them, and the history."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Final

import structlog

from cognitive_architecture.distributed_mesh.machines.effects import Incident
from cognitive_architecture.foundation.world import World

_log = structlog.get_logger(__name__)

_SHOWN: Final = 20
"""Failures that the statistics spell out."""


class FailureType(StrEnum):
    """What went wrong."""

    NODE_CRASH = "node_crash"
    NODE_UNRESPONSIVE = "node_unresponsive"
    NETWORK_PARTITION = "network_partition"
    TASK_TIMEOUT = "task_timeout"
    TASK_FAILURE = "task_failure"
    RESOURCE_EXHAUSTION = "resource_exhaustion"
    COMMUNICATION_FAILURE = "communication_failure"


class RecoveryStrategy(StrEnum):
    """What may be done about it."""

    RESTART = "restart"
    REDISTRIBUTE = "redistribute"
    REPLICATE = "replicate"
    FALLBACK = "fallback"
    CIRCUIT_BREAKER = "circuit_breaker"
    GRACEFUL_DEGRADATION = "graceful_degradation"


SEVERITY: Final = {
    FailureType.NODE_CRASH: 0.8,
    FailureType.NODE_UNRESPONSIVE: 0.7,
    FailureType.NETWORK_PARTITION: 0.9,
    FailureType.TASK_TIMEOUT: 0.4,
    FailureType.TASK_FAILURE: 0.3,
    FailureType.RESOURCE_EXHAUSTION: 0.6,
    FailureType.COMMUNICATION_FAILURE: 0.5,
}
"""A fixed judgement for each kind, 0 to 1."""

GIVEN_UP_SEVERITY: Final = 0.6
"""Of an attempt that no other follows: somebody goes without a result."""

REQUEUED: Final = (
    "its tasks were queued again at their old place; one that has now lost too many nodes "
    "was given up"
)
RETRYING: Final = "queued for another attempt after a pause"
GIVEN_UP: Final = "given up: no attempt was left, or another could not have helped"
UNKNOWN: Final = "left to the dispatch machine, whose tasks cannot be seen from here"
NOTED: Final = "noted; nobody acts on it"

_SILENT: Final = "not heard of"
"""How the dispatch machine's reason begins when a node has fallen silent."""

_UNREGISTERED: Final = "it was unregistered"
"""Its reason when a hosted node is taken away before it ran: nothing has failed."""

_ATTEMPTS: Final = {
    "attempt_failed": FailureType.TASK_FAILURE,
    "attempt_timed_out": FailureType.TASK_TIMEOUT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureEvent:
    """One thing that went wrong. ``FailureHistory`` stamps the id and the time."""

    failure_type: FailureType
    description: str = ""
    failure_id: str = ""
    affected_node_id: str | None = None
    affected_task_id: str | None = None
    timestamp: float = 0.0
    """Seconds since the epoch."""
    severity: float = 0.5
    """0 to 1."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    recovery_strategy: RecoveryStrategy | None = None
    """What was done about it; ``None`` if nothing was."""
    recovery_status: str = NOTED
    """What that means for the tasks concerned, in words."""

    def to_dict(self) -> dict[str, Any]:
        """As JSON can say it."""
        strategy = self.recovery_strategy
        return asdict(self) | {
            "failure_type": str(self.failure_type),
            "recovery_strategy": None if strategy is None else str(strategy),
            "metadata": dict(self.metadata),
        }


def failure_of(
    incident: Incident, is_open: Callable[[str], bool] | None = None
) -> dict[str, Any] | None:
    """What failed in an incident and what the dispatch machine has done about it.

    Args:
        incident: As the orchestrator tells it, before anything else happens.
        is_open: Whether the task with this id may still be done.

    Returns:
        Fields of a ``FailureEvent``, or ``None`` if nothing has failed.
    """
    common = {
        "affected_node_id": incident.node_id,
        "affected_task_id": incident.task_id,
        "recovery_strategy": RecoveryStrategy.REDISTRIBUTE,
    }
    if incident.kind == "node_lost" and incident.reason != _UNREGISTERED:
        is_silent = incident.reason.startswith(_SILENT)
        kind = FailureType.NODE_UNRESPONSIVE if is_silent else FailureType.NODE_CRASH
        return common | {
            "failure_type": kind,
            "description": f"node {incident.node_id} was lost: {incident.reason}",
            "severity": SEVERITY[kind],
            "recovery_status": REQUEUED,
        }
    if incident.kind not in _ATTEMPTS:
        return None
    kind = _ATTEMPTS[incident.kind]
    status = UNKNOWN
    if is_open is not None and incident.task_id is not None:
        status = RETRYING if is_open(incident.task_id) else GIVEN_UP
    return common | {
        "failure_type": kind,
        "description": incident.reason,
        "severity": GIVEN_UP_SEVERITY if status == GIVEN_UP else SEVERITY[kind],
        "recovery_status": status,
    }


class FailureHistory:
    """The youngest failures, and counters that do not forget the others."""

    def __init__(self, world: World, *, kept_max: int) -> None:
        self._world = world
        self._events: deque[FailureEvent] = deque(maxlen=kept_max)
        self._counts: Counter[FailureType] = Counter()

    def note(self, **facts: Any) -> FailureEvent:
        """Add a failure, from fields of ``FailureEvent``; its id and time are stamped here."""
        event = FailureEvent(
            failure_id=self._world.ids.next_id("failure"),
            timestamp=self._world.clock.wall(),
            **facts,
        )
        self._counts[event.failure_type] += 1
        self._events.append(event)
        if event.recovery_strategy is not RecoveryStrategy.REDISTRIBUTE:
            _log.warning(  # the others have been logged where the tasks were redistributed
                "failure_noted",
                kind=str(event.failure_type),
                node=event.affected_node_id,
                why=event.description,
            )
        return event

    def recent(self, limit: int = _SHOWN) -> list[FailureEvent]:
        """The youngest, youngest first."""
        return list(self._events)[: -limit - 1 : -1]

    def statistics(self) -> dict[str, Any]:
        """Counters since the beginning, and the youngest failures."""
        total = self._counts.total()
        by_node = Counter(event.affected_node_id for event in self._events)
        return {
            "total_failures": total,
            "failures_by_type": {str(kind): self._counts[kind] for kind in FailureType},
            "history": {"kept": len(self._events), "forgotten": total - len(self._events)},
            "recent_failures_by_node": {
                node_id: count for node_id, count in by_node.most_common(_SHOWN) if node_id
            },
            "recent_failures": [event.to_dict() for event in self.recent()],
        }
