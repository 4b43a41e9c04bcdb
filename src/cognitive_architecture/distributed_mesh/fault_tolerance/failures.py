"""What goes wrong in the mesh: the values, how incidents become them, and the history."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from typing import Any, Final

from cognitive_architecture.distributed_mesh.machines.effects import Incident
from cognitive_architecture.distributed_mesh.policies.histogram import Histogram
from cognitive_architecture.distributed_mesh.policies.recovery import (
    NOTED,
    FailureType,
    RecoveryStrategy,
)
from cognitive_architecture.foundation.world import World

_SHOWN: Final = 20
"""Failures that the statistics spell out."""


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

_UNREGISTERED: Final = "it was unregistered"
"""The dispatch machine's reason when a hosted node is taken away before it ran: nothing failed."""


@dataclass(frozen=True, slots=True)
class FailureStep:
    """One thing on the way from a failure to its repair."""

    what: str
    after_s: float
    """Seconds since it was noticed; negative for what came before."""


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
    """What was decided, and in the end what came of it, in words."""
    steps: tuple[FailureStep, ...] = ()
    """What happened when, oldest first."""
    is_recovered: bool | None = None
    """Whether everything that it left undone is with another node, or done; ``None`` if it left
    nothing."""

    def to_dict(self) -> dict[str, Any]:
        """As JSON can say it."""
        strategy = self.recovery_strategy
        return asdict(self) | {
            "failure_type": str(self.failure_type),
            "recovery_strategy": None if strategy is None else str(strategy),
            "metadata": dict(self.metadata),
        }


def failure_of(incident: Incident) -> dict[str, Any] | None:
    """What failed in an incident, what was decided, and why.

    Returns:
        Fields of a ``FailureEvent``, or ``None`` if nothing has failed.
    """
    kind = incident.kind_of
    if kind is None or incident.reason == _UNREGISTERED:
        return None
    steps = []
    if (silent_s := incident.details.get("silent_s")) is not None:
        steps.append(FailureStep("last heard of", -float(silent_s)))
    steps.append(FailureStep(f"noticed: {incident.reason}", 0.0))
    plan = incident.plan
    is_given_up = plan is not None and plan.leading is None and incident.task_id is not None
    if plan is not None:
        steps.append(FailureStep(f"decided: {plan.sentence}", 0.0))
    left = incident.details.get("tasks_held", 0 if incident.task_id is None or is_given_up else 1)
    what = f"node {incident.node_id} was lost: " if incident.kind == "node_lost" else ""
    return {
        "failure_type": kind,
        "description": what + incident.reason,
        "affected_node_id": incident.node_id or None,
        "affected_task_id": incident.task_id,
        "severity": GIVEN_UP_SEVERITY if is_given_up else SEVERITY[kind],
        "metadata": dict(incident.details) | {"incident": incident.kind},
        "recovery_strategy": None if plan is None else plan.leading,
        "recovery_status": NOTED if plan is None else plan.sentence,
        "steps": tuple(steps),
        "is_recovered": False if left and plan is not None else None,
    }


class FailureHistory:
    """The youngest failures, and counters that do not forget the others."""

    def __init__(self, world: World, *, kept_max: int) -> None:
        self._world = world
        self._kept_max = kept_max
        self._events: OrderedDict[str, FailureEvent] = OrderedDict()
        """By id, oldest first."""
        self._open: dict[int, str] = {}
        """Ids of those that are not put right yet, by the machine's number."""
        self._counts: Counter[FailureType] = Counter()
        self._strategies: Counter[str] = Counter()
        self._elsewhere = Histogram(fade_at=4096)
        """Seconds from noticing a failure until all of its tasks were with another node."""

    def note(self, **facts: Any) -> FailureEvent:
        """Add a failure, from fields of ``FailureEvent``; its id and time are stamped here."""
        event = FailureEvent(
            failure_id=self._world.ids.next_id("failure"),
            timestamp=self._world.clock.wall(),
            **facts,
        )
        self._counts[event.failure_type] += 1
        self._strategies[str(event.recovery_strategy or "none")] += 1
        self._events[event.failure_id] = event
        if event.is_recovered is False and (number := event.metadata.get("failure")) is not None:
            self._open[number] = event.failure_id
        if len(self._events) > self._kept_max:
            _, forgotten = self._events.popitem(last=False)
            self._open.pop(forgotten.metadata.get("failure", 0), None)
        return event

    def recovered(self, incident: Incident) -> None:
        """What a failure had left undone is with another node, or done."""
        event_id = self._open.pop(incident.details.get("failure", 0), None)
        last_s = float(incident.details.get("last_elsewhere_s", 0.0))
        self._elsewhere.add(last_s)
        first_s = float(incident.details.get("first_elsewhere_s", last_s))
        before = []
        if first_s < last_s:
            before.append(FailureStep("the first of its tasks is with another node", first_s))
        self._put_right(event_id, incident.reason, last_s, before)

    def over(self, incident: Incident) -> None:
        """A task that was late has one attempt again, or its result; or an overload is over."""
        event_id = self._open.pop(incident.details.get("failure", 0), None)
        self._put_right(event_id, incident.reason, float(incident.details.get("after_s", 0.0)), [])

    def _put_right(
        self, event_id: str | None, how: str, after_s: float, before: list[FailureStep]
    ) -> None:
        if (event := self._events.get(event_id or "")) is None:
            return  # it has been forgotten
        self._events[event.failure_id] = replace(
            event,
            steps=(*event.steps, *before, FailureStep(how, after_s)),
            is_recovered=True,
            recovery_status=f"{event.recovery_status}; {how}",
        )

    def recent(self, limit: int = _SHOWN) -> list[FailureEvent]:
        """The youngest, youngest first."""
        return list(islice(reversed(self._events.values()), limit))

    def statistics(self) -> dict[str, Any]:
        """Counters since the beginning, and the youngest failures."""
        total = self._counts.total()
        by_node = Counter(event.affected_node_id for event in self._events.values())
        return {
            "total_failures": total,
            "failures_by_type": {str(kind): self._counts[kind] for kind in FailureType},
            "recoveries_by_strategy": dict(sorted(self._strategies.items())),
            "seconds_until_elsewhere": self._elsewhere.to_json(),
            "not_recovered_yet": len(self._open),
            "history": {"kept": len(self._events), "forgotten": total - len(self._events)},
            "recent_failures_by_node": {
                node_id: count for node_id, count in by_node.most_common(_SHOWN) if node_id
            },
            "recent_failures": [event.to_dict() for event in self.recent()],
        }
