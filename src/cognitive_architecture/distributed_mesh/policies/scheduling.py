"""Which task next. A policy turns a task into a number; the smallest goes first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from cognitive_architecture.distributed_mesh.model import TaskSpec


class TaskOrder(Protocol):
    """The face of every scheduling policy."""

    def key(self, spec: TaskSpec, *, waiting_since: float) -> float:
        """Where the task stands in the queue; of two tasks the smaller key goes first.

        The key is taken once, when the task begins to wait, so it must hold for as long as the
        task waits.
        """
        ...


@dataclass(frozen=True, slots=True)
class AgeingOrder:
    """Priority, plus one level for every ``ageing_s`` seconds of waiting.

    The urgency of a task at time t is ``priority + (t - waiting_since) / ageing_s``. All waiting
    tasks gain at the same rate, so their order never changes while they wait and one number,
    ``waiting_since - priority * ageing_s``, stands for it at any time.

    Bound: a task of priority p is overtaken only by tasks that arrive within
    ``(10 - p) * ageing_s`` seconds after it.
    """

    ageing_s: float

    def key(self, spec: TaskSpec, *, waiting_since: float) -> float:
        """The instant at which a task of priority 0 would have to arrive to be as urgent."""
        return waiting_since - spec.priority * self.ageing_s
