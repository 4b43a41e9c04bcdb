"""Priorities changed while very many tasks wait, and what a waiting task weighs.

A dispatch machine holds 1,000,000 queued tasks of one requester. In each round 250,000 times
one of them, drawn at random, gets another priority, a thousand in one order, as ``cogmesh
reprioritise`` and the client give it; the writes that this orders are answered at once, so the
machine alone is measured. After five rounds every place in the queue has been left once on the
average, so what it costs to clear those is measured too.

Then a node takes tasks, and the order in which it gets them is compared with a sort of all tasks by
the formula of docs/scheduling.md: an inversion is a task that should have come later. Memory is
what the process has grown by, the tasks as they were submitted included. ``longest_ms`` is how long
one order held up everything else.
"""

from __future__ import annotations

import gc
import random
import time
from itertools import pairwise

import psutil
from rich.console import Console

from cognitive_architecture.distributed_mesh.machines import events
from cognitive_architecture.distributed_mesh.machines.dispatch import DispatchMachine
from cognitive_architecture.distributed_mesh.machines.effects import Effect, Tell, Write
from cognitive_architecture.distributed_mesh.messages import Assign, Outcome, OutcomeKind
from cognitive_architecture.distributed_mesh.model import Change, TaskSpec
from cognitive_architecture.distributed_mesh.policies.matching import CapabilityMatcher
from cognitive_architecture.distributed_mesh.policies.scheduling import AgeingOrder
from cognitive_architecture.foundation.settings import DispatchSettings

from .report import Options, Report

TASKS = 1_000_000
CHANGES = 250_000
IN_ONE_ORDER = 1_000
TAKEN = 200_000
AT_ONCE = 1_000
GOAL_PER_S = 200_000
GOAL_BYTES = 1_024
AGEING_S = 30.0
NODE = "node/n1~1"


class Machine:
    """A dispatch machine on a disk that takes no time."""

    def __init__(self, tasks: int) -> None:
        settings = DispatchSettings(queue_tasks_max=tasks, ageing_s=AGEING_S, novelty_levels=0.0)
        self._machine = DispatchMachine(
            settings,
            epoch=1,
            last_serial=0,
            order=AgeingOrder(AGEING_S),
            matcher=CapabilityMatcher(),
            chance=lambda: 0.5,
        )
        self.now = 0.0

    def tell(self, event: events.Event) -> list[Effect]:
        """A fact, and what follows from it when its writes are durable."""
        effects = self._machine.handle(event, self.now)
        writes = [effect.ticket for effect in effects if isinstance(effect, Write)]
        if writes:
            effects += self._machine.handle(events.Written(writes, {}), self.now)
        return effects

    def assign(self) -> list[tuple[int, str]]:
        """Lease and task id of everything that is handed out now, in order."""
        return [
            (item.lease, item.spec.task_id)
            for effect in self._machine.assign(self.now)
            if isinstance(effect, Tell) and isinstance(effect.message, Assign)
            for item in effect.message.assignments
        ]


def measure(options: Options) -> Report:
    """Fill the queue, change priorities, take tasks out, compare."""
    console = Console()
    tasks, taken = options.scaled(TASKS), options.scaled(TAKEN)
    chance = random.Random(1)
    rounds: dict[str, list[float]] = {
        "changes": [], "longest_ms": [], "bytes_a_task": [], "inversions": []
    }  # fmt: skip
    process = psutil.Process()
    gc.set_threshold(50_000, 20, 100)  # as `cogmesh up` does
    gc.collect()
    before = process.memory_info().rss
    console.print(f"{tasks:,} tasks are submitted")
    machine = Machine(tasks)
    hello = frozenset({"echo"})
    machine.tell(events.NodeArrived(NODE, "n1", "agent", hello, 1, 0, 0, [], {}))
    since = _submit(machine, tasks, chance)
    gc.collect()
    rounds["bytes_a_task"].append((process.memory_info().rss - before) / tasks)
    console.print(f"a waiting task weighs {rounds['bytes_a_task'][0]:,.0f} bytes")
    names = list(since)
    priorities = dict.fromkeys(names, 5)
    for number in range(1, options.pairs + 1):
        orders = [
            {chance.choice(names): chance.randint(1, 10) for _ in range(IN_ONE_ORDER)}
            for _ in range(options.scaled(CHANGES) // IN_ONE_ORDER)
        ]
        changes = [events.Reprioritised(Change(order), "client/c", 1) for order in orders]
        ends = [time.perf_counter()]
        for change in changes:
            machine.tell(change)
            ends.append(time.perf_counter())
        spent_s = ends[-1] - ends[0]
        for order in orders:
            priorities |= order
        rounds["changes"].append(sum(map(len, orders)) / spent_s)
        rounds["longest_ms"].append(max(end - began for began, end in pairwise(ends)) * 1e3)
        console.print(
            f"round {number}: {rounds['changes'][-1]:,.0f} changes a second, "
            f"the longest order took {rounds['longest_ms'][-1]:.1f} ms"
        )
    console.print(f"a node takes {taken:,} tasks")
    serials = {name: serial for serial, name in enumerate(names)}
    by_looking = sorted(
        names, key=lambda name: (since[name] - priorities[name] * AGEING_S, serials[name])
    )
    taken_order = _take(machine, taken)
    rounds["inversions"].append(
        float(sum(mine != other for mine, other in zip(taken_order, by_looking, strict=False)))
    )
    return Report(
        "changes",
        "changes/s",
        rounds,
        met=min(rounds["changes"]) >= GOAL_PER_S
        and rounds["bytes_a_task"][0] <= GOAL_BYTES
        and not any(rounds["inversions"]),
        config={
            "tasks": tasks,
            "in_one_order": IN_ONE_ORDER,
            "taken_and_compared": len(taken_order),
        },
    )


def _submit(machine: Machine, tasks: int, chance: random.Random) -> dict[str, float]:
    """When each of them came, by its id."""
    since: dict[str, float] = {}
    for first in range(0, tasks, AT_ONCE):
        machine.now += chance.uniform(0.0, 0.2)
        specs = [
            TaskSpec(f"task-{number:07}", "echo", b"\x80", 5, 300.0, "ann")
            for number in range(first, min(first + AT_ONCE, tasks))
        ]
        since |= dict.fromkeys((spec.task_id for spec in specs), machine.now)
        machine.tell(events.TasksSubmitted("client/c", 1, specs, tell=False))
    return since


def _take(machine: Machine, count: int) -> list[str]:
    """The ids of so many tasks, in the order in which a node gets them."""
    order: list[str] = []
    granted = number = 0
    leases: list[int] = []
    while len(order) < count:
        number += 1
        granted += AT_ONCE
        outcomes = [Outcome(lease, OutcomeKind.COMPLETED, b"\xc0", 0.001) for lease in leases]
        machine.tell(events.NodeReported(NODE, number, granted, outcomes))
        given = machine.assign()
        leases = [lease for lease, _ in given]
        order += [task_id for _, task_id in given]
    return order
