"""Whether what becomes durable may be on the disk."""

from __future__ import annotations

from dataclasses import dataclass, field

from cognitive_architecture.distributed_mesh.adapters.memory_store import MemoryDisk
from cognitive_architecture.distributed_mesh.model import (
    FELL_BACK,
    UNREACHED,
    Attempt,
    Ending,
    TaskStatus,
)
from cognitive_architecture.distributed_mesh.payloads import decode_value
from cognitive_architecture.distributed_mesh.records import WriteBatch
from cognitive_architecture.foundation.errors import Deposed, StoreError
from cognitive_architecture.simulation.agenda import Agenda

from .breaches import Breaches
from .calm import CalmJudge
from .clients import Clients
from .executions import Executions
from .leasing import Leasing
from .ledger import Ledger
from .rules import Rules
from .tally import Tally, Underway


@dataclass(slots=True)
class Durable:
    """All that was ever written, and by whom."""

    breaches: Breaches
    tally: Tally
    underway: Underway
    disk: MemoryDisk
    rules: Rules
    agenda: Agenda
    leasing: Leasing
    ledger: Ledger
    executions: Executions
    clients: Clients
    calm: CalmJudge | None
    epoch: int = 0
    """Of the present owner of the store."""
    ended: dict[int, str] = field(default_factory=dict)
    """By serial: how."""
    deposed_at: dict[int, float] = field(default_factory=dict)
    """By epoch: when the disk first told an owner before that another has taken over."""
    taken_from_at: dict[int, float] = field(default_factory=dict)
    """By epoch: when another took the store over from its owner."""
    _serials: set[int] = field(default_factory=set)

    def opened(self, epoch: int) -> None:
        """An orchestrator has taken over the store."""
        self.breaches.demand(epoch > self.epoch, f"epoch {epoch} has two owners")
        self.taken_from_at[self.epoch] = self.agenda.now
        self.epoch = epoch
        self.leasing.opened(epoch)
        self.tally.orchestrators += 1

    def committed(self, epoch: int, batch: WriteBatch, repeats: dict[int, str]) -> None:
        """Something has become durable."""
        self.tally.commits += 1
        self.breaches.demand(
            epoch == self.epoch, f"owner {epoch} writes although {self.epoch} has taken over"
        )
        calm = self.calm
        for task in batch.tasks:
            if task.serial in repeats:
                continue  # not written, so whoever owns the store next may use it
            self.breaches.demand(
                task.serial not in self._serials, f"serial {task.serial} is used twice"
            )
            self._serials.add(task.serial)
            if calm is not None:
                calm.durable(task.spec)
        for failed in batch.attempts:
            self._attempt_kept(failed.serial, failed.attempt.number)
        for ending in batch.endings:
            self._ending_kept(ending)
            if calm is not None:
                calm.ended(ending.task_id)
        self.ledger.committed(batch, self.leasing.ran_at_most_s)
        is_open = len(self._serials) - len(self.ended)
        most = self.rules.queue_tasks_max
        self.breaches.demand(
            is_open <= most, f"{is_open} tasks are open on the disk, {most} may be"
        )

    def contradicted(self, epoch: int, error: StoreError) -> None:
        """The disk was asked to keep what contradicts it; a deposed owner is refused in order."""
        if isinstance(error, Deposed):
            self.deposed_at.setdefault(epoch, self.agenda.now)
        else:
            self.breaches.broken(f"owner {epoch} contradicts the disk: {error}")

    def _attempt_kept(self, serial: int, number: int) -> None:
        kept = self.disk.attempts.get(serial, [])
        task = self.disk.tasks.get(serial)
        if task is None:
            self.underway.count(self.agenda.now)
            self.breaches.broken(f"an attempt is kept of task #{serial}, which is not")
            return
        task_id = task.spec.task_id
        attempt = next(attempt for attempt in kept if attempt.number == number)
        lease = self.leasing.told.get(attempt.lease)
        self.underway.count(self.agenda.now if lease is None else lease.at)
        # What never left the orchestrator is lost with the node, and has no lease that was told.
        if lease.task_id != task_id if lease is not None else not attempt.is_loss:
            self.breaches.broken(
                f"{task_id}: attempt {number} is kept under a lease that was never its own"
            )
            return
        self.breaches.demand(
            attempt.is_loss
            or [one.lease for one in kept if not one.is_loss].count(attempt.lease) == 1,
            f"{task_id}: attempt {number} is kept under a lease whose failure is kept already",
        )
        for tried in tried_by_stage(kept):
            self.breaches.demand(
                tried <= task.spec.rare.max_attempts,
                f"{task_id} has had {tried} of {task.spec.rare.max_attempts} attempts",
            )
        if attempt.is_loss:
            self.tally.nodes_lost += 1
            self.breaches.demand(
                self.calm is None,
                f"{task_id}: {attempt.reason}, although nothing was wrong with any node",
            )
        if attempt.outcome == UNREACHED:
            self.leasing.unreached(attempt.lease)
        if attempt.outcome == "timed_out" and lease is not None:
            self.leasing.timed_out(attempt.lease)
            self.breaches.demand(
                self.agenda.now - lease.at >= 0.9 * task.spec.timeout_s,
                f"{task_id}: attempt {number} timed out after {self.agenda.now - lease.at:.3f} s "
                f"of {task.spec.timeout_s:g}",
            )

    def _ending_kept(self, ending: Ending) -> None:
        task_id = ending.task_id
        self.breaches.demand(ending.serial in self._serials, f"{task_id} ends and was never kept")
        self.breaches.demand(ending.serial not in self.ended, f"{task_id} ends a second time")
        self.ended[ending.serial] = ending.status
        if ending.status == TaskStatus.COMPLETED:
            self.tally.completed += 1
            latest = self.leasing.latest(task_id)
            self.underway.count(self.agenda.now if latest is None else latest.at)
            self._completed(ending)
        elif ending.status == TaskStatus.CANCELLED:
            self.tally.cancelled += 1
            self.breaches.demand(
                task_id in self.clients.asked_to_cancel,
                f"{task_id} is cancelled and nobody asked for it",
            )
        else:
            self.tally.failed += 1
            self._failed(ending)

    def _completed(self, ending: Ending) -> None:
        task_id = ending.task_id
        if ending.result is None:
            self.breaches.broken(f"{task_id} is completed without a result")
            return
        self.leasing.completed(ending)
        result = decode_value(ending.result)
        number = result[0][0] if isinstance(result, list) and result else None
        if isinstance(result, dict):
            number = result.get("by")
        if not isinstance(number, int) or not 0 <= number < len(self.executions.calls):
            self.breaches.broken(
                f"{task_id} has the result {str(result)[:80]}, which no handler made"
            )
            return
        run = self.executions.calls[number]
        self.breaches.demand(run.task_id == task_id, f"{task_id} has the result of {run.task_id}")
        self.breaches.demand(
            run.how == "returned", f"{task_id} has the result of a run that {run.how or 'goes on'}"
        )
        # A lease that was taken for lost may be made valid again: its attempt was noted meanwhile,
        # if the disk took it.
        # And a new owner knows nothing of attempts that were not on the disk yet.
        # And of two runs of an attempt, one may go on when the other's failure was noted.
        may_differ = (
            self.epoch > 1
            or task_id in self.leasing.ever_hedged
            or self.leasing.was_claimed(task_id)
            or any(
                attempt.number == run.attempt and attempt.is_loss
                for attempt in self.disk.attempts.get(ending.serial, ())
            )
        )
        self.breaches.demand(
            ending.node_id == run.host and (ending.attempt == run.attempt or may_differ),
            f"{task_id} was done by {run.host} in attempt {run.attempt}; its ending says "
            f"{ending.node_id} in attempt {ending.attempt}",
        )
        if isinstance(result, list):
            told = [[number, index] for index in range(run.chunks)]
            self.breaches.demand(result == told, f"{task_id}: of {run.chunks} chunks came {result}")

    def _failed(self, ending: Ending) -> None:
        rare = self.disk.tasks[ending.serial].spec.rare
        attempts = self.disk.attempts.get(ending.serial, [])
        losses = sum(attempt.is_loss for attempt in attempts)
        is_lost = losses >= min(self.rules.node_losses_max, self.rules.poison_nodes_max)
        fell_back = [attempt.number for attempt in attempts if attempt.outcome == FELL_BACK]
        before = max(fell_back, default=0)
        lost_since = sum(attempt.is_loss and attempt.number > before for attempt in attempts)
        # Those that the disk refused for a while may be kept after the ending.
        tried = ending.attempt - before - lost_since
        self.breaches.demand(
            ending.task_id in self.executions.for_good
            or is_lost
            or tried >= rare.max_attempts
            or len(attempts) < ending.attempt,
            f"{ending.task_id} failed after {tried} of {rare.max_attempts} attempts: "
            f"{ending.reason}",
        )
        left = rare.fallback[len(fell_back) :]
        may_fall_back = self.rules.falls_back and left and left[0] in self.disk.capabilities
        self.breaches.demand(
            is_lost or not may_fall_back or len(attempts) < ending.attempt,
            f"{ending.task_id} failed although {left[:1]} was not tried",
        )
        self.breaches.demand(ending.reason, f"{ending.task_id} failed without a reason")


def tried_by_stage(attempts: list[Attempt]) -> list[int]:
    """How often each capability was tried that the task names, losses of nodes not counted."""
    stages = [0]
    in_order = sorted(attempts, key=lambda attempt: attempt.number)
    if in_order[-1].number > len(in_order):
        return []  # the disk refused some for a while, and they may have been the last of theirs
    for attempt in in_order:
        stages[-1] += not attempt.is_loss
        if attempt.outcome == FELL_BACK:
            stages.append(0)
    return stages
