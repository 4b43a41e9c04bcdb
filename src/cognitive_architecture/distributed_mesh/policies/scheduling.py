"""Which task of a requester is next. A policy turns it into a number; the smallest goes first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from cognitive_architecture.distributed_mesh.model import PRIORITY_MAX, TaskSpec

INTERACTIVE_LEAD_S: Final = 1e9
"""So far before every batch task stands a task that somebody waits for: longer than any process
lives, and little enough that a float still tells microseconds apart."""


class TaskOrder(Protocol):
    """The face of every scheduling policy."""

    def key(self, spec: TaskSpec, *, waiting_since: float, levels: float = 0.0) -> float:
        """Where the task stands in the queue; of two tasks the smaller key goes first.

        The key is taken once, when the task begins to wait, so it must hold for as long as the
        task waits.

        Args:
            spec: What was asked.
            waiting_since: Instant of its submission.
            levels: By how much it is more urgent than its priority says, in levels of priority.
        """
        ...

    def seconds(self, levels: float) -> float:
        """By how much earlier a task goes that is so many levels more urgent."""
        ...


@dataclass(frozen=True, slots=True)
class AgeingOrder:
    """Priority, plus one level for every ``ageing_s`` seconds of waiting; deadlines; people.

    The urgency of a task at time t is ``priority + levels + (t - waiting_since) / ageing_s``. All
    waiting tasks gain at the same rate, so their order never changes while they wait and one
    number, ``waiting_since - (priority + levels) * ageing_s``, stands for it at any time.

    A deadline is one more way to be urgent, and the greater urgency counts: when
    ``deadline_lead_s`` is left until it, the task stands where a task of priority 10 stands that
    is submitted then. Its key is ``waiting_since + deadline_s - deadline_lead_s - 10 * ageing_s``.

    A task with a latency target goes before every task without one, and of two such tasks the one
    goes first whose target is reached first: ``waiting_since + latency_target_s - levels *
    ageing_s``, ``INTERACTIVE_LEAD_S`` ahead of everything else.

    Bound: among the batch tasks of one requester, one of priority p is overtaken only by tasks that
    arrive within ``(10 + most levels - p) * ageing_s`` seconds after it.
    """

    ageing_s: float
    deadline_lead_s: float = 60.0

    def key(self, spec: TaskSpec, *, waiting_since: float, levels: float = 0.0) -> float:
        """The instant at which a task of priority 0 would have to arrive to be as urgent."""
        key = waiting_since - (spec.priority + levels) * self.ageing_s
        options = spec.options
        if options is None:
            return key
        if options.latency_target_s is not None:
            target_at = waiting_since + options.latency_target_s
            return target_at - levels * self.ageing_s - INTERACTIVE_LEAD_S
        if options.deadline_s is not None:
            lead_s = self.deadline_lead_s + PRIORITY_MAX * self.ageing_s
            return min(key, waiting_since + options.deadline_s - lead_s)
        return key

    def seconds(self, levels: float) -> float:
        """By how much earlier a task goes that is so many levels more urgent."""
        return levels * self.ageing_s


def is_interactive(spec: TaskSpec) -> bool:
    """Whether somebody waits for the task, so that it goes before those for which nobody does."""
    return spec.options is not None and spec.options.latency_target_s is not None
