"""Who has his turn when: ways to share one slot, on the same tasks.

A *trace* is the tasks in the order in which they are handed out: what each costs, in tokens, is
drawn beforehand, so every way of sharing is given the same. Whose task it is, the way decides. All
requesters always have another task, except at most one who comes now and then (``Visits``).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cognitive_architecture.distributed_mesh.machines import events
from cognitive_architecture.distributed_mesh.machines.dispatch import DispatchMachine
from cognitive_architecture.distributed_mesh.machines.effects import Effect, Tell, Write
from cognitive_architecture.distributed_mesh.messages import (
    Assign,
    Assignment,
    Outcome,
    OutcomeKind,
)
from cognitive_architecture.distributed_mesh.model import TaskOptions, TaskSpec
from cognitive_architecture.distributed_mesh.policies.matching import CapabilityMatcher
from cognitive_architecture.distributed_mesh.policies.scheduling import AgeingOrder
from cognitive_architecture.foundation.settings import DispatchSettings

L = 1_024
"""The most that a task may cost, in tokens."""
TOKEN_S = 1e-3
"""How long a token takes, for those who count seconds."""

Weights = NDArray[np.float64]
Costs = NDArray[np.int64]


def zipf(crowd: int) -> Weights:
    """Weights that fall as 1, 1/2, 1/3 …, and add up to 1; shape ``(crowd,)``."""
    weights = 1.0 / np.arange(1, crowd + 1)
    return np.asarray(weights / weights.sum())


def drawn_costs(rng: np.random.Generator, tasks: int) -> Costs:
    """Log-normal costs in tokens, cut at ``L``: median 148, mean 241; shape ``(tasks,)``."""
    return np.clip(rng.lognormal(5.0, 1.0, tasks).astype(np.int64), 1, L)


class Way(Protocol):
    """A way to share. What a task costs it is told when the task is over."""

    def wait(self, who: int) -> None:
        """``who`` has one more task."""

    def turn(self) -> int:
        """Whose task is handed out now; there is one."""

    def over(self, who: int, cost: int) -> None:
        """That task is over, and was of so many tokens."""


Maker = Callable[[Weights, np.random.Generator], Way]


class StrictPriority:
    """The heaviest first, always."""

    def __init__(self, weights: Weights, _: np.random.Generator) -> None:
        self._ranks = (-weights).tolist()
        self._heap: list[tuple[float, int]] = []

    def wait(self, who: int) -> None:
        heapq.heappush(self._heap, (self._ranks[who], who))

    def turn(self) -> int:
        return heapq.heappop(self._heap)[1]

    def over(self, who: int, cost: int) -> None:
        pass


class RoundRobin:
    """One after the other; who comes stands at the end."""

    def __init__(self, _: Weights, __: np.random.Generator) -> None:
        self._heap: list[tuple[int, int]] = []
        self._numbers = count()

    def wait(self, who: int) -> None:
        heapq.heappush(self._heap, (next(self._numbers), who))

    def turn(self) -> int:
        return heapq.heappop(self._heap)[1]

    def over(self, who: int, cost: int) -> None:
        pass


class Lottery:
    """A draw by weight for every task (Waldspurger and Weihl, 1994)."""

    def __init__(self, weights: Weights, rng: np.random.Generator) -> None:
        self._bounds = np.cumsum(weights)
        self._rng = rng
        self._tasks = [0] * len(weights)

    def wait(self, who: int) -> None:
        self._tasks[who] += 1

    def turn(self) -> int:
        while True:
            drawn = self._rng.random() * self._bounds[-1]
            who = int(np.searchsorted(self._bounds, drawn, side="right"))
            if self._tasks[who]:
                self._tasks[who] -= 1
                return who

    def over(self, who: int, cost: int) -> None:
        pass


class TokenCounters:
    """Weighted virtual token counters: whoever had least for his weight (Sheng et al., 2024).

    Who comes back starts no lower than the least of those who wait.
    """

    def __init__(self, weights: Weights, _: np.random.Generator) -> None:
        self._weights = weights.tolist()
        self._had = [0.0] * len(weights)
        self._tasks = [0] * len(weights)
        self._at_work: int | None = None
        self._heap: list[tuple[float, int]] = []

    def wait(self, who: int) -> None:
        self._tasks[who] += 1
        if self._tasks[who] > 1 or who == self._at_work:
            return
        least = self._heap[0][0] if self._heap else 0.0
        self._had[who] = max(self._had[who], least)
        heapq.heappush(self._heap, (self._had[who], who))

    def turn(self) -> int:
        who = heapq.heappop(self._heap)[1]
        self._tasks[who] -= 1
        self._at_work = who
        return who

    def over(self, who: int, cost: int) -> None:
        self._had[who] += cost / self._weights[who]
        self._at_work = None
        if self._tasks[who]:
            heapq.heappush(self._heap, (self._had[who], who))


class Ours:
    """The dispatch machine itself: a node of one slot, and a disk that takes no time.

    Tasks declare no cost, so what is reserved for each is the mean of those before it.
    """

    NODE = "node/n1~1"

    def __init__(self, weights: Weights, _: np.random.Generator, *, visitor: int = -1) -> None:
        """Nobody waits.

        Args:
            weights: Of the requesters.
            visitor: Somebody waits for the tasks of this one: they have a latency target.
        """
        self._machine = DispatchMachine(
            DispatchSettings(queue_tasks_max=1_000_000),
            epoch=1,
            last_serial=0,
            order=AgeingOrder(30.0),
            matcher=CapabilityMatcher(),
            chance=lambda: 0.5,
        )
        self._visitor = visitor
        self._tasks = count(1)
        self._reports = count(1)
        self._at_work: Assignment | None = None
        self._tell(
            events.NodeArrived(self.NODE, "n1", "agent", frozenset({"work"}), 1, 1, 0, [], {})
        )
        # Weights are kept between a millionth and a million, and the lightest is not to be cut.
        scaled = weights / weights.max()
        self._tell(events.WeightsChanged({str(n): w for n, w in enumerate(scaled.tolist())}))

    def wait(self, who: int) -> None:
        number = next(self._tasks)
        options = TaskOptions(latency_target_s=1.0) if who == self._visitor else None
        spec = TaskSpec(f"t{number}", "work", b"\x80", requester=str(who), options=options)
        self._tell(events.TasksSubmitted("client/c~1", number, [spec], tell=False))

    def turn(self) -> int:
        for effect in self._machine.assign(0.0):
            if isinstance(effect, Tell) and isinstance(effect.message, Assign):
                (self._at_work,) = effect.message.assignments
        assert self._at_work is not None
        return int(self._at_work.spec.requester or "")

    def over(self, who: int, cost: int) -> None:
        assert self._at_work is not None
        assert self._at_work.spec.requester == str(who)
        lease, self._at_work = self._at_work.lease, None
        number = next(self._reports)
        outcome = Outcome(lease, OutcomeKind.COMPLETED, b"\xc0", cost * TOKEN_S)
        self._tell(events.NodeReported(self.NODE, number, 1 + number, [outcome]))

    def _tell(self, event: events.Event) -> None:
        effects = self._machine.handle(event, 0.0)
        while effects:
            following: list[Effect] = []
            for effect in effects:
                if isinstance(effect, Write):
                    following += self._machine.handle(events.Written([effect.ticket], {}), 0.0)
            effects = following


WAYS: dict[str, Maker] = {
    "ours": Ours,
    "vtc": TokenCounters,
    "lottery": Lottery,
    "round_robin": RoundRobin,
    "strict": StrictPriority,
}


def order_of(way: Way, crowd: int, costs: Costs) -> Costs:
    """Whose each task was, if everybody always has another one; shape ``(tasks,)``."""
    for who in [*range(crowd)] * 2:
        way.wait(who)
    order = np.empty_like(costs)
    for number, cost in enumerate(costs.tolist()):
        order[number] = who = way.turn()
        way.over(who, cost)
        way.wait(who)
    return order


@dataclass(slots=True)
class Visits:
    """Somebody with a small share who comes with one task now and then."""

    who: int
    times: list[float]
    """When he comes, in tokens that have been served until then; rising."""
    waits: list[float] = field(default_factory=list)
    """How long each of his tasks waited to be begun, in tokens; as many as were begun."""


def visit(way: Way, crowd: int, costs: Costs, visits: Visits) -> None:
    """Let all others always have another task, and note how long the visitor waits.

    Whatever runs when he comes, he waits for: nobody is interrupted.
    """
    for who in [*range(crowd)] * 2:
        if who != visits.who:
            way.wait(who)
    came = served = 0
    for cost in costs.tolist():
        while came < len(visits.times) and visits.times[came] <= served:
            way.wait(visits.who)
            came += 1
        who = way.turn()
        if who == visits.who:
            visits.waits.append(served - visits.times[len(visits.waits)])
        way.over(who, cost)
        served += cost
        if who != visits.who:
            way.wait(who)


@dataclass(frozen=True, slots=True)
class Errors:
    """How far from their shares requesters were."""

    ahead_l: float
    """The farthest ahead of all requesters and moments, in ``L``."""
    behind_l: float
    jain: float
    """Jain's index of what each had for each unit of weight, at the end; 1 is fair."""
    starved: int
    """How many had nothing at all."""


def errors_of(weights: Weights, costs: Costs, order: Costs) -> Errors:
    """Compare what each requester had with its due, at every moment.

    A requester's lead changes by little between its own turns and always downwards: so the
    farthest ahead is right after a turn, the farthest behind right before the next, or at the end.

    Args:
        weights: Shares; they add up to 1; shape ``(crowd,)``.
        costs: In tokens; shape ``(tasks,)``.
        order: Whose each task was; shape ``(tasks,)``.
    """
    had_by = np.zeros(len(weights))
    ahead = behind = 0.0
    totals = np.concatenate([[0], np.cumsum(costs)])
    by_requester = np.argsort(order, kind="stable")
    turns_of = np.cumsum(np.bincount(order, minlength=len(weights)))[:-1]
    for who, turns in enumerate(np.split(by_requester, turns_of)):
        had = np.concatenate([[0], np.cumsum(costs[turns])])
        after = had[1:] - weights[who] * totals[turns + 1]
        ahead = max(ahead, float(after.max(initial=0)))
        before = np.append(weights[who] * totals[turns], weights[who] * totals[-1]) - had
        behind = max(behind, float(before.max()))
        had_by[who] = had[-1]
    pace = had_by / weights
    jain = float(pace.sum() ** 2 / (len(pace) * (pace**2).sum()))
    return Errors(ahead / L, behind / L, jain, int((had_by == 0).sum()))
