"""What handlers live through."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from msgspec import Struct

from cognitive_architecture.distributed_mesh.adapters.memory_store import MemoryDisk
from cognitive_architecture.distributed_mesh.handlers import RunningTask
from cognitive_architecture.simulation.agenda import Agenda

from .breaches import Breaches
from .calm import CalmJudge
from .kept import status_of
from .nodes import Nodes
from .rules import Rules
from .tally import Tally


class Execution(Struct):
    """One call of a handler."""

    number: int
    host: str
    task_id: str
    attempt: int
    began: float
    how: str = ""
    """Empty while it runs."""
    chunks: int = 0
    interrupted: float | None = None


@dataclass(slots=True)
class Executions:
    """All calls of handlers; numbered, so that a result can say which of them made it."""

    breaches: Breaches
    tally: Tally
    disk: MemoryDisk
    rules: Rules
    agenda: Agenda
    nodes: Nodes
    calm: CalmJudge | None
    calls: list[Execution] = field(default_factory=list)
    for_good: set[str] = field(default_factory=set)
    """Tasks that a handler gave up for good."""
    _running: dict[str, set[int]] = field(default_factory=dict)

    def began(self, host: str, task: RunningTask) -> int:
        """A handler was called."""
        number = len(self.calls)
        self.tally.executions += 1
        run = Execution(number, host, task.task_id, task.attempt, self.agenda.now)
        self.calls.append(run)
        self._running.setdefault(host, set()).add(number)
        self.breaches.demand(
            len(self._running[host]) <= self.rules.slots[host],
            f"{host} runs {len(self._running[host])} handlers in {self.rules.slots[host]} slots",
        )
        self.breaches.demand(
            status_of(self.disk, task.task_id) != "unknown",
            f"{host} begins {task.task_id}, on no disk",
        )
        slot = asyncio.current_task()
        self.breaches.demand(
            slot is None or not slot.cancelling(),
            f"{host} begins {task.task_id} as one that is to stop: what stopped the task before it "
            "in its slot is not over",
        )
        self.nodes.began(host, task.task_id, task.attempt, number)
        if self.calm is not None:
            self.calm.began(number, host, task.task_id, task.attempt)
        return number

    def ended(self, execution: int, how: str, chunks: int = 0) -> None:
        """It is over."""
        run = self.calls[execution]
        run.how, run.chunks = how, chunks
        if how == "for good":
            self.for_good.add(run.task_id)
        if self.calm is not None:
            self.calm.over(execution)
        self._running[run.host].discard(execution)
        self.nodes.ended(run.host, execution)

    def was_interrupted(self, execution: int) -> None:
        """It was told to stop."""
        run = self.calls[execution]
        run.interrupted = self.agenda.now
        self.nodes.interrupted(run.host, execution)
        if self.calm is not None:
            self.calm.over(execution)

    def host_died(self, host: str) -> None:
        """Whatever ran there is gone."""
        self.nodes.died(host)
        for number in self._running.pop(host, ()):
            self.calls[number].how = "died"
