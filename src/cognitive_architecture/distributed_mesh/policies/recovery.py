"""What is done about a failure: a table from kinds to strategies, and a plan in sentences.

The table is data (``RecoverySettings``), so an operator can take a strategy out or change the
order in which they are named. ``plan`` looks at what failed and at what is left, and says what
each strategy of its row comes to; the dispatch machine does as the plan says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from cognitive_architecture.foundation.settings import RecoverySettings


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


RecoveryTable = Mapping[FailureType, tuple[RecoveryStrategy, ...]]
"""The strategies for each kind of failure, the one that matters most first."""


def table_of(settings: RecoverySettings) -> RecoveryTable:
    """The table that an operator has left or made."""
    return {
        kind: tuple(RecoveryStrategy(word) for word in getattr(settings, f"on_{kind}"))
        for kind in FailureType
    }


NOTED: Final = "noted; nothing is done about it"

DEFAULT_TABLE: Final = table_of(RecoverySettings())


@dataclass(frozen=True, slots=True)
class Failure:
    """What was seen."""

    kind: FailureType
    node_id: str | None = None
    task_id: str | None = None
    capability: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryState:
    """What is left, of what a plan may use."""

    tasks_held: int | None = None
    """By a node that was lost, or that stands still and is relieved of them; ``None`` if none
    was."""
    pause_s: float | None = None
    """Before another attempt; ``None`` if none is left."""
    held_up_s: float = 0.0
    """How much of the pause is there because too much is being repeated already."""
    fallback: str | None = None
    """The capability that the task names to be tried when this one has failed."""
    killed: tuple[str, ...] = ()
    """Different nodes that were lost while they worked on the task."""
    killed_max: int = 3
    """With so many, the task is thought to be what kills them."""
    opens_circuit_for_s: float = 0.0
    """How long the node is left alone with this capability; 0 if its circuit stays closed."""
    second_node_id: str | None = None
    """A node that has nothing to do and could begin what is late elsewhere; ``None`` if nothing is
    late."""
    spared: str = ""
    """How a node is spared that is there and of no use, in words; empty where none is."""
    is_supervised: bool = False
    """Whether somebody starts the node's process again."""


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """What one strategy comes to."""

    strategy: RecoveryStrategy | None
    """``None`` for what no strategy is: giving up."""
    sentence: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecoveryPlan:
    """What is done, in this order; never empty."""

    steps: tuple[PlannedStep, ...]
    quarantines: bool = False
    """Whether the task is given up because it kills nodes."""

    def step(self, strategy: RecoveryStrategy | None) -> PlannedStep | None:
        """What a strategy comes to in this plan; ``None`` if it has no part in it."""
        return next((step for step in self.steps if step.strategy is strategy), None)

    @property
    def leading(self) -> RecoveryStrategy | None:
        """The strategy that matters most to the task; ``None`` if it is given up."""
        return self.steps[0].strategy

    @property
    def sentence(self) -> str:
        """All of it."""
        return "; ".join(step.sentence for step in self.steps)


def plan(failure: Failure, table: RecoveryTable, state: RecoveryState) -> RecoveryPlan:
    """What is to be done about a failure.

    Args:
        failure: What was seen.
        table: What may be done, by kind.
        state: What is left.
    """
    steps = [step for strategy in table[failure.kind] if (step := _STEPS[strategy](failure, state))]
    kept = any(step.strategy in _KEEPS_THE_TASK for step in steps)
    if failure.task_id is not None and not kept:
        steps.insert(0, PlannedStep(None, _why_given_up(failure, table, state)))
    if not steps:
        steps.append(PlannedStep(None, NOTED))
    return RecoveryPlan(tuple(steps), failure.task_id is not None and is_poison(state))


_KEEPS_THE_TASK: Final = (
    RecoveryStrategy.REDISTRIBUTE,
    RecoveryStrategy.REPLICATE,
    RecoveryStrategy.FALLBACK,
)


def is_poison(state: RecoveryState) -> bool:
    """Whether so many different nodes died of the task that no other should."""
    return len(state.killed) >= state.killed_max


def _why_given_up(failure: Failure, table: RecoveryTable, state: RecoveryState) -> str:
    if is_poison(state):
        return (
            f"quarantined: {len(state.killed)} different nodes were lost while they worked on it "
            f"({', '.join(state.killed)}), so it is not given to another"
        )
    if RecoveryStrategy.REDISTRIBUTE not in table[failure.kind]:
        return f"given up: recovery.on_{failure.kind} does not name redistribute"
    return "given up: no attempt was left, or another could not have helped"


# -- one function for each strategy ----------------------------------------------------------


def _redistribute(failure: Failure, state: RecoveryState) -> PlannedStep | None:
    if failure.task_id is None:
        held = state.tasks_held
        if held is None:
            return None
        wait = f" in {state.pause_s:g} s, if it is not back by then" if state.pause_s else ""
        what = "it held no task" if not held else f"its {held} tasks" if held > 1 else "its task"
        if not held:
            return PlannedStep(RecoveryStrategy.REDISTRIBUTE, what)
        return PlannedStep(
            RecoveryStrategy.REDISTRIBUTE,
            f"{what} go{'es' if held == 1 else ''} back to the old place in the queue{wait}",
            {"tasks": held, "pause_s": state.pause_s or 0.0},
        )
    if state.pause_s is None or is_poison(state):
        return None
    sentence = f"tried again after {state.pause_s:.1f} s"
    if state.held_up_s:
        sentence += f", {state.held_up_s:.1f} s of it because much is being repeated already"
    return PlannedStep(RecoveryStrategy.REDISTRIBUTE, sentence, {"pause_s": state.pause_s})


def _replicate(failure: Failure, state: RecoveryState) -> PlannedStep | None:
    if failure.task_id is None or state.second_node_id is None:
        return None
    return PlannedStep(
        RecoveryStrategy.REPLICATE,
        f"begun on {state.second_node_id} too while {failure.node_id} goes on; the first result "
        "counts",
        {"node": state.second_node_id},
    )


def _fallback(failure: Failure, state: RecoveryState) -> PlannedStep | None:
    if failure.task_id is None or state.fallback is None or is_poison(state):
        return None
    if state.pause_s is not None:
        return None  # there is another attempt at what was asked for
    return PlannedStep(
        RecoveryStrategy.FALLBACK,
        f"tried with {state.fallback} instead of {failure.capability}",
        {"capability": state.fallback},
    )


def _circuit_breaker(failure: Failure, state: RecoveryState) -> PlannedStep | None:
    if state.spared:
        return PlannedStep(RecoveryStrategy.CIRCUIT_BREAKER, state.spared)
    if not state.opens_circuit_for_s:
        return None
    return PlannedStep(
        RecoveryStrategy.CIRCUIT_BREAKER,
        f"{failure.node_id} gets no {failure.capability} for {state.opens_circuit_for_s:g} s, "
        "then one to see",
        {"capability": failure.capability, "open_s": state.opens_circuit_for_s},
    )


def _restart(failure: Failure, state: RecoveryState) -> PlannedStep | None:  # noqa: ARG001
    if not state.is_supervised:
        return None
    return PlannedStep(RecoveryStrategy.RESTART, "its process is started again where it ran")


def _graceful_degradation(failure: Failure, state: RecoveryState) -> PlannedStep | None:  # noqa: ARG001
    return PlannedStep(
        RecoveryStrategy.GRACEFUL_DEGRADATION,
        "what matters least waits, and when the queue fills up it is refused first; what somebody "
        "waits for goes on",
    )


_STEPS: Final = {
    RecoveryStrategy.REDISTRIBUTE: _redistribute,
    RecoveryStrategy.REPLICATE: _replicate,
    RecoveryStrategy.FALLBACK: _fallback,
    RecoveryStrategy.CIRCUIT_BREAKER: _circuit_breaker,
    RecoveryStrategy.RESTART: _restart,
    RecoveryStrategy.GRACEFUL_DEGRADATION: _graceful_degradation,
}
