"""Whether every requester is charged what its tasks cost: once, and no more than they ran.

What an attempt costs follows from how long its node says that it ran, so whoever hears the reports
and sees what becomes durable can do the sum again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cognitive_architecture.distributed_mesh import messages as m
from cognitive_architecture.distributed_mesh.adapters.memory_store import MemoryDisk
from cognitive_architecture.distributed_mesh.model import Attempt, Ending, TaskStatus
from cognitive_architecture.distributed_mesh.policies.charging import (
    COSTS_PER_S,
    cost_of_run,
    plausible_s,
)
from cognitive_architecture.distributed_mesh.records import WriteBatch

_DRIFT: Final = 1.05
"""An orchestrator's clock may be so much faster."""


@dataclass(slots=True)
class Cost:
    """From and to what something may cost; a range where only the orchestrator has timed it."""

    least: int = 0
    most: int = 0

    def add(self, other: Cost) -> None:
        """Something else is charged to the same."""
        self.least += other.least
        self.most += other.most


@dataclass(slots=True)
class Ledger:
    """Compares what is charged with what was reported."""

    broken: Callable[[str], None]
    disk: MemoryDisk
    failed_share: float
    _reported: dict[int, list[m.Outcome]] = field(default_factory=dict)
    """By lease."""
    _leases: dict[str, list[int]] = field(default_factory=dict)
    """By task id, the leases under which somebody reported."""
    _charged: dict[str, int] = field(default_factory=dict)
    """By requester, all that was ever charged."""

    def reported(self, task_id: str, outcome: m.Outcome) -> None:
        """A node says how an attempt went."""
        outcomes = self._reported.setdefault(outcome.lease, [])
        if outcome not in outcomes:
            outcomes.append(outcome)
            self._leases.setdefault(task_id, []).append(outcome.lease)

    def committed(self, batch: WriteBatch, ran_at_most_s: Callable[[str], float]) -> None:
        """Endings and attempts are durable, and what was charged for them.

        Args:
            batch: What is on the disk now.
            ran_at_most_s: How long ago a task was first given out, in seconds.
        """
        due: dict[str, Cost] = {}
        for ending in batch.endings:
            cost = self._of_ending(ending, ran_at_most_s)
            due.setdefault(self._requester(ending.serial), Cost()).add(cost)
        for failed in batch.attempts:
            task_id = self.disk.tasks[failed.serial].spec.task_id
            cost = self._of_attempt(failed.attempt, ran_at_most_s(task_id))
            due.setdefault(self._requester(failed.serial), Cost()).add(cost)
        for balance in batch.balances:
            due.setdefault(balance.requester, Cost())
        for requester, cost in due.items():
            served = sum(b.served for b in batch.balances if b.requester == requester)
            if not cost.least <= served <= cost.most:
                self.broken(
                    f"{requester} is charged {served:,} for what cost {cost.least:,}"
                    + ("" if cost.least == cost.most else f" to {cost.most:,}")
                )
            self._charged[requester] = charged = self._charged.get(requester, 0) + served
            kept = self.disk.balances.get(requester)
            if charged != (0 if kept is None else kept.served):
                self.broken(f"{requester} was charged {charged:,} in all; on the disk is {kept}")

    def _requester(self, serial: int) -> str:
        return self.disk.tasks[serial].spec.requester or ""

    def _of_ending(self, ending: Ending, ran_at_most_s: Callable[[str], float]) -> Cost:
        if ending.status == TaskStatus.CANCELLED:
            return Cost(0, self._at_most(ran_at_most_s(ending.task_id)))
        if ending.status != TaskStatus.COMPLETED:
            return Cost()  # its last attempt is charged
        costs = [
            int(plausible_s(outcome.run_s) * COSTS_PER_S) or 1
            for lease in self._leases.get(ending.task_id, ())
            for outcome in self._reported[lease]
            if outcome.kind == m.OutcomeKind.COMPLETED
            and (outcome.result is None or outcome.result == ending.result)
        ]
        return Cost(min(costs, default=0), max(costs, default=0))

    def _of_attempt(self, attempt: Attempt, ran_at_most_s: float) -> Cost:
        if attempt.is_loss:
            return Cost()
        said = [
            outcome
            for outcome in self._reported.get(attempt.lease, ())
            if outcome.reason == attempt.reason
        ]
        costs = [self._of_failure(outcome.run_s) for outcome in said]
        # Of one that was too long, the orchestrator may have found it out before it heard so.
        was_too_long = any(outcome.kind == m.OutcomeKind.TIMED_OUT for outcome in said)
        if costs and not was_too_long:
            return Cost(min(costs), max(costs))
        return Cost(min([0, *costs]), max([self._at_most(ran_at_most_s), *costs]))

    def _of_failure(self, run_s: float) -> int:
        return cost_of_run(self.failed_share * run_s) if self.failed_share > 0.0 else 0

    def _at_most(self, ran_at_most_s: float) -> int:
        return self._of_failure(_DRIFT * ran_at_most_s + 1.0)
