"""Looks at a run from outside and says what was broken.

It sees what any witness could see: what is on the disk, what is said on the network, what handlers
and clients live through. The rules are the guarantees of ``docs/architecture.md``; each breach is
a sentence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from msgspec import Struct

from cognitive_architecture.distributed_mesh import messages as m
from cognitive_architecture.distributed_mesh.adapters.memory_store import MemoryDisk
from cognitive_architecture.distributed_mesh.handlers import RunningTask
from cognitive_architecture.distributed_mesh.model import (
    FELL_BACK,
    Attempt,
    Ending,
    TaskSpec,
    TaskStatus,
)
from cognitive_architecture.distributed_mesh.payloads import decode_value
from cognitive_architecture.distributed_mesh.policies.scheduling import AgeingOrder
from cognitive_architecture.distributed_mesh.records import WriteBatch
from cognitive_architecture.foundation.errors import Deposed, StoreError

from .agenda import Agenda
from .calm import CalmJudge, granted_by
from .leasing import LEASES_PER_EPOCH, Leasing, host_of
from .ledger import Ledger

_EXCUSED_WITHIN_S: Final = 30.0
BREACHES_MAX = 20
"""A run that breaks so much is stopped."""


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
class Tally:
    """What a run came to."""

    submitted: int = 0
    acknowledged: int = 0
    refused: int = 0
    attempts: int = 0
    executions: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    told: int = 0
    nodes_lost: int = 0
    """How often an attempt was noted as lost with its node."""
    orchestrators: int = 0
    commits: int = 0
    under: dict[str, int] = field(default_factory=dict)
    """Attempts that were underway while something was broken, by the kind of trouble; one that was
    under several counts for each, and one that met none for ``nothing``."""


@dataclass(slots=True)
class Rules:
    """What the judge must know of the plan."""

    is_calm: bool
    ageing_s: float
    node_losses_max: int
    poison_nodes_max: int
    hedge_after_s: float
    hedge_share: float
    failed_share: float
    queue_tasks_max: int
    lookahead_max: int
    falls_back: bool
    """Whether other capabilities are tried that a task names."""
    slots: dict[str, int]
    offers: dict[str, frozenset[str]]


class Judge:
    """Takes note of everything, and of what should not be."""

    def __init__(
        self,
        disk: MemoryDisk,
        rules: Rules,
        agenda: Agenda,
        stop: Callable[[], None],
        *,
        breaches_max: int = BREACHES_MAX,
    ) -> None:
        self.breaches: list[str] = []
        self.tally = Tally()
        self.executions: list[Execution] = []
        self.acknowledged: dict[str, float] = {}
        self.told: dict[str, Ending] = {}
        self.asked_to_cancel: set[str] = set()
        in_hand_max = {host: slots + rules.lookahead_max for host, slots in rules.slots.items()}
        self.leasing = Leasing(
            self.broken, agenda, rules.hedge_after_s, rules.hedge_share, in_hand_max
        )
        self.ledger = Ledger(self.broken, disk, rules.failed_share)
        self._disk = disk
        self._rules = rules
        self._agenda = agenda
        self._calm: CalmJudge | None = None
        """Looks on as well where nothing breaks."""
        if rules.is_calm:
            order = AgeingOrder(rules.ageing_s)
            self._calm = CalmJudge(self.broken, agenda, rules.offers, order)
        self._stop = stop
        self._breaches_max = breaches_max
        self._epoch = 0
        self._ended: dict[int, str] = {}
        self._serials: set[int] = set()
        self._epochs: dict[str, int] = {}
        """Of orchestrators that have welcomed a node, by address."""
        self._submits: dict[tuple[str, int], list[TaskSpec]] = {}
        self._cancels: dict[tuple[str, int], list[str]] = {}
        self._reports: dict[tuple[str, int], list[m.Outcome]] = {}
        self._running: dict[str, set[int]] = {}
        self._trouble_ends: dict[str, float] = {}
        """By kind of trouble that has begun: when the last of it is over."""
        self._for_good: set[str] = set()
        """Tasks that a handler gave up for good."""

    def broken(self, sentence: str) -> None:
        """Something that must never be has happened."""
        if sentence not in self.breaches:
            self.breaches.append(sentence)
        if len(self.breaches) >= self._breaches_max:
            self._stop()

    def _demand(self, holds: object, sentence: str) -> None:
        if not holds:
            self.broken(sentence)

    def troubled(self, kind: str, ends_at: float) -> None:
        """Something breaks now, until ``ends_at``."""
        self._trouble_ends[kind] = max(ends_at, self._trouble_ends.get(kind, 0.0))

    def _count_attempt(self, began: float) -> None:
        self.tally.attempts += 1
        under = self.tally.under
        kinds = [kind for kind, ends in self._trouble_ends.items() if ends >= began]
        for kind in kinds or ("nothing",):
            under[kind] = under.get(kind, 0) + 1

    # -- the disk ------------------------------------------------------------------------------

    def opened(self, epoch: int) -> None:
        """An orchestrator has taken over the store."""
        self._demand(epoch > self._epoch, f"epoch {epoch} has two owners")
        self._epoch = epoch
        self.leasing.opened(epoch)
        self.tally.orchestrators += 1

    def committed(self, epoch: int, batch: WriteBatch, repeats: dict[int, str]) -> None:
        """Something has become durable."""
        self.tally.commits += 1
        self._demand(
            epoch == self._epoch, f"owner {epoch} writes although {self._epoch} has taken over"
        )
        calm = self._calm
        for task in batch.tasks:
            if task.serial in repeats:
                continue  # not written, so whoever owns the store next may use it
            self._demand(task.serial not in self._serials, f"serial {task.serial} is used twice")
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
        is_open = len(self._serials) - len(self._ended)
        most = self._rules.queue_tasks_max
        self._demand(is_open <= most, f"{is_open} tasks are open on the disk, {most} may be")

    def contradicted(self, epoch: int, error: StoreError) -> None:
        """The disk was asked to keep what contradicts it; a deposed owner is refused in order."""
        if not isinstance(error, Deposed):
            self.broken(f"owner {epoch} contradicts the disk: {error}")

    def _attempt_kept(self, serial: int, number: int) -> None:
        kept = self._disk.attempts.get(serial, [])
        task = self._disk.tasks.get(serial)
        if task is None:
            self._count_attempt(self._agenda.now)
            self.broken(f"an attempt is kept of task #{serial}, which is not")
            return
        task_id = task.spec.task_id
        attempt = next(attempt for attempt in kept if attempt.number == number)
        lease = self.leasing.told.get(attempt.lease)
        self._count_attempt(self._agenda.now if lease is None else lease.at)
        # What never left the orchestrator is lost with the node, and has no lease that was told.
        if lease.task_id != task_id if lease is not None else not attempt.is_loss:
            self.broken(f"{task_id}: attempt {number} is kept under a lease that was never its own")
            return
        for tried in tried_by_stage(kept):
            self._demand(
                tried <= task.spec.rare.max_attempts,
                f"{task_id} has had {tried} of {task.spec.rare.max_attempts} attempts",
            )
        if attempt.is_loss:
            self.tally.nodes_lost += 1
            self._demand(
                self._calm is None,
                f"{task_id}: {attempt.reason}, although nothing was wrong with any node",
            )
        if attempt.outcome == "timed_out" and lease is not None:
            self.leasing.timed_out(attempt.lease)
            self._demand(
                self._agenda.now - lease.at >= 0.9 * task.spec.timeout_s,
                f"{task_id}: attempt {number} timed out after {self._agenda.now - lease.at:.3f} s "
                f"of {task.spec.timeout_s:g}",
            )

    def _ending_kept(self, ending: Ending) -> None:
        task_id = ending.task_id
        self._demand(ending.serial in self._serials, f"{task_id} ends and was never kept")
        self._demand(ending.serial not in self._ended, f"{task_id} ends a second time")
        self._ended[ending.serial] = ending.status
        if ending.status == TaskStatus.COMPLETED:
            self.tally.completed += 1
            latest = self.leasing.latest(task_id)
            self._count_attempt(self._agenda.now if latest is None else latest.at)
            self._completed(ending)
        elif ending.status == TaskStatus.CANCELLED:
            self.tally.cancelled += 1
            self._demand(
                task_id in self.asked_to_cancel, f"{task_id} is cancelled and nobody asked for it"
            )
        else:
            self.tally.failed += 1
            self._failed(ending)

    def _completed(self, ending: Ending) -> None:
        task_id = ending.task_id
        if ending.result is None:
            self.broken(f"{task_id} is completed without a result")
            return
        self.leasing.completed(ending)
        result = decode_value(ending.result)
        number = result[0][0] if isinstance(result, list) and result else None
        if isinstance(result, dict):
            number = result.get("by")
        if not isinstance(number, int) or not 0 <= number < len(self.executions):
            self.broken(f"{task_id} has the result {str(result)[:80]}, which no handler made")
            return
        run = self.executions[number]
        self._demand(run.task_id == task_id, f"{task_id} has the result of {run.task_id}")
        self._demand(
            run.how == "returned", f"{task_id} has the result of a run that {run.how or 'goes on'}"
        )
        # A lease that was taken for lost may be made valid again: its attempt was noted meanwhile.
        # And a new owner knows nothing of attempts that were not on the disk yet.
        # And of two runs of an attempt, one may go on when the other's failure was noted.
        may_differ = (
            self._epoch > 1
            or task_id in self.leasing.ever_hedged
            or any(
                attempt.number == run.attempt and attempt.is_loss
                for attempt in self._disk.attempts.get(ending.serial, ())
            )
        )
        self._demand(
            ending.node_id == run.host and (ending.attempt == run.attempt or may_differ),
            f"{task_id} was done by {run.host} in attempt {run.attempt}; its ending says "
            f"{ending.node_id} in attempt {ending.attempt}",
        )
        if isinstance(result, list):
            told = [[number, index] for index in range(run.chunks)]
            self._demand(result == told, f"{task_id}: of {run.chunks} chunks came {result}")

    def _failed(self, ending: Ending) -> None:
        rare = self._disk.tasks[ending.serial].spec.rare
        attempts = self._disk.attempts.get(ending.serial, [])
        losses = sum(attempt.is_loss for attempt in attempts)
        is_lost = losses >= min(self._rules.node_losses_max, self._rules.poison_nodes_max)
        fell_back = [attempt.number for attempt in attempts if attempt.outcome == FELL_BACK]
        before = max(fell_back, default=0)
        lost_since = sum(attempt.is_loss and attempt.number > before for attempt in attempts)
        # Those that the disk refused for a while may be kept after the ending.
        tried = ending.attempt - before - lost_since
        self._demand(
            ending.task_id in self._for_good
            or is_lost
            or tried >= rare.max_attempts
            or len(attempts) < ending.attempt,
            f"{ending.task_id} failed after {tried} of {rare.max_attempts} attempts: "
            f"{ending.reason}",
        )
        left = rare.fallback[len(fell_back) :]
        may_fall_back = self._rules.falls_back and left and left[0] in self._disk.capabilities
        self._demand(
            is_lost or not may_fall_back or len(attempts) < ending.attempt,
            f"{ending.task_id} failed although {left[:1]} was not tried",
        )
        self._demand(ending.reason, f"{ending.task_id} failed without a reason")

    def status(self, task_id: str) -> str:
        """``unknown``, ``open``, or how it ended, as the disk has it."""
        serial = self._disk.serials.get(task_id)
        if serial is None:
            return "unknown"
        ending = self._disk.endings.get(serial)
        return "open" if ending is None else str(ending.status)

    def stored_ending(self, task_id: str) -> Ending | None:
        """How the task ended, as the disk has it."""
        serial = self._disk.serials.get(task_id)
        return None if serial is None else self._disk.endings.get(serial)

    # -- the network ---------------------------------------------------------------------------

    def frame_sent(self, receiver: str, frame: bytes) -> None:
        """Somebody says something; what is said must be true when it is said."""
        sender, messages = m.decode_frame(frame)
        for message in messages:
            rule = _RULES.get(type(message))
            if rule is not None:
                rule(self, sender, receiver, message)
            if self._calm is not None:
                self._said_in_calm(self._calm, sender, receiver, message)

    def _said_in_calm(
        self, calm: CalmJudge, sender: str, receiver: str, message: m.Message
    ) -> None:
        if isinstance(message, m.Assign):
            for assignment in message.assignments:
                calm.assigned(receiver, assignment)
        elif isinstance(message, m.Stop):
            for lease, _ in message.leases:
                if lease in self.leasing.told:
                    calm.stop_told(receiver, self.leasing.told[lease].task_id)
        elif isinstance(message, m.NodeDraining | m.NodeGoodbye):
            calm.leaves(sender)
        elif (granted := granted_by(message)) is not None:
            calm.granted(sender, granted, anew=isinstance(message, m.HandBack))

    def mislaid(self, receiver: str, frame: bytes) -> None:
        """A node is given tasks and loses them before anybody else sees them: they were given."""
        sender, messages = m.decode_frame(frame)
        for message in messages:
            if isinstance(message, m.Assign):
                self._assign(sender, receiver, message)

    def _submit(self, sender: str, _receiver: str, said: m.Submit) -> None:
        self._submits[sender, said.request] = said.tasks

    def _cancel(self, sender: str, _receiver: str, said: m.Cancel) -> None:
        self._cancels[sender, said.request] = said.task_ids
        self.asked_to_cancel.update(said.task_ids)
        if self._calm is not None:
            self._calm.cancelled(said.task_ids)

    def _report(self, sender: str, _receiver: str, said: m.Report) -> None:
        if said.outcomes:
            self._reports[sender, said.number] = said.outcomes
        for outcome in said.outcomes:
            self.leasing.results += outcome.kind == m.OutcomeKind.COMPLETED
            lease = self.leasing.told.get(outcome.lease)
            if lease is not None and lease.address == sender:
                self.ledger.reported(lease.task_id, outcome)

    def _hello(self, _sender: str, _receiver: str, said: m.NodeHello) -> None:
        self.leasing.hello(said)

    def _hand_back(self, _sender: str, _receiver: str, said: m.HandBack) -> None:
        self.leasing.handed_back(said)

    def _goodbye(self, sender: str, _receiver: str, _said: m.NodeGoodbye) -> None:
        self.leasing.goodbye(sender)

    def _accepted(self, _sender: str, receiver: str, said: m.Accepted) -> None:
        refused = {place for place, _ in said.refused}
        same_as = dict(said.same_as)
        for place, spec in enumerate(self._submits.get((receiver, said.request), ())):
            if place in refused:
                continue
            task_id = same_as.get(place, spec.task_id)
            self._demand(
                self.status(task_id) != "unknown", f"{task_id} is acknowledged and on no disk"
            )
            if place in same_as:
                self._repeats(spec, task_id)

    def _repeats(self, spec: TaskSpec, earlier_id: str) -> None:
        serial = self._disk.serials.get(earlier_id)
        if serial is None or earlier_id == spec.task_id:
            return
        earlier = self._disk.tasks[serial].spec
        key, known = spec.rare.idempotency_key, earlier.rare.idempotency_key
        self._demand(
            key is not None and key == known and spec.requester == earlier.requester,
            f"{spec.task_id} (key {key}) is said to repeat {earlier_id} (key {known})",
        )

    def _cancelled(self, sender: str, receiver: str, said: m.Cancelled) -> None:
        asked = self._cancels.get((receiver, said.request), [])
        for task_id, was_stopped in zip(asked, said.stopped, strict=False):
            status = self.status(task_id)
            if was_stopped:
                self._demand(
                    status == "cancelled",
                    f"{task_id} is said to be cancelled, and is {status} on the disk",
                )
            elif self._epochs.get(sender, self._epoch) == self._epoch:
                self._demand(
                    status != "open",
                    f"{task_id} is said to be over before it was cancelled, and is open",
                )

    def _ended_told(self, _sender: str, receiver: str, said: m.Ended) -> None:
        for ending in said.endings:
            self._told(receiver, ending)

    def _happened(self, _sender: str, receiver: str, said: m.Happened) -> None:
        for event in said.events:
            self._demand(
                self.status(event.task_id) != "unknown",
                f"{receiver} hears of {event.task_id}, which is on no disk",
            )
            if event.ending is not None:
                self._told(receiver, event.ending)

    def _told(self, receiver: str, ending: Ending) -> None:
        self._demand(
            self.stored_ending(ending.task_id) == ending,
            f"{receiver} is told that {ending.task_id} is {ending.status}; on the disk it is "
            f"{self.status(ending.task_id)}",
        )

    def _kept(self, _sender: str, receiver: str, said: m.Kept) -> None:
        """The node will forget the report, so what was accepted of it must be on the disk."""
        refused = {lease for lease, _ in said.refused}
        outcomes = self._reports.pop((receiver, said.number), [])
        self.leasing.kept(said, outcomes)
        for outcome in outcomes:
            lease = self.leasing.told.get(outcome.lease)
            if outcome.lease in refused or lease is None:
                continue
            serial = self._disk.serials.get(lease.task_id, 0)
            kept = {attempt.lease for attempt in self._disk.attempts.get(serial, ())}
            if (
                outcome.kind != m.OutcomeKind.COMPLETED
                and lease.task_id in self.leasing.ever_hedged
            ):
                continue  # of two runs one may go wrong, and nobody need remember it
            self._demand(
                serial in self._ended or outcome.lease in kept,
                f"{receiver} may forget how attempt {lease.attempt} of {lease.task_id} went, "
                "and no disk knows it",
            )

    def _assign(self, _sender: str, receiver: str, said: m.Assign) -> None:
        host = host_of(receiver)
        for assignment in said.assignments:
            task_id = assignment.spec.task_id
            if self.leasing.assigned(receiver, assignment):
                self._demand(
                    self.status(task_id) == "open",
                    f"{task_id} is given to {host} and is {self.status(task_id)} on the disk",
                )
                self._look_for_poison(task_id, assignment.attempt)
            needs = {assignment.spec.task_type, *assignment.spec.rare.capabilities}
            lacking = needs - self._rules.offers.get(host, frozenset())
            self._demand(not lacking, f"{task_id} is given to {host}, which has no {lacking}")

    def _look_for_poison(self, task_id: str, number: int) -> None:
        """A task is given out again: not if it has cost as many nodes as one task may."""
        if len(self._lost_with(task_id, number)) >= self._rules.poison_nodes_max:
            # That they vanished together with others may be known and not be written yet.
            self._agenda.after(_EXCUSED_WITHIN_S, self._is_poison, task_id, number, self._epoch)

    def _is_poison(self, task_id: str, number: int, epoch: int) -> None:
        lost = self._lost_with(task_id, number)
        if epoch == self._epoch and len(lost) >= self._rules.poison_nodes_max:
            self.broken(f"{task_id} was given out again although {sorted(lost)} were lost with it")

    def _lost_with(self, task_id: str, before: int) -> set[str]:
        attempts = self._disk.attempts.get(self._disk.serials.get(task_id, 0), ())
        return {
            attempt.node_id
            for attempt in attempts
            if attempt.is_loss
            and not attempt.is_excused
            and attempt.node_id
            and attempt.number < before
            and attempt.lease // LEASES_PER_EPOCH == self._epoch  # an heir judges only its own
        }

    def _health(self, sender: str, _receiver: str, said: m.NodeHealth) -> None:
        self.leasing.heartbeat(sender, said)

    def _stopped(self, _sender: str, _receiver: str, said: m.Stop) -> None:
        self.leasing.stopped(said)

    def _welcome(self, sender: str, _receiver: str, said: m.Welcome) -> None:
        self._epochs[sender] = said.epoch

    def sent_to_the_gone(self, receiver: str, frame: bytes, gone_s: float) -> None:
        """Something is said to somebody of whom the news has come that he is gone."""
        _, messages = m.decode_frame(frame)
        if any(isinstance(message, m.Assign) for message in messages):
            self.leasing.sent_to_the_gone(receiver, gone_s)

    def frame_arrived(self, receiver: str, frame: bytes) -> None:
        """Somebody hears something."""
        if self._epochs.get(receiver) != self._epoch:
            return
        sender, messages = m.decode_frame(frame)
        for message in messages:
            if isinstance(message, m.NodeHealth):
                self.leasing.heard_heartbeat(sender, message)

    # -- handlers (Witness) --------------------------------------------------------------------

    def began(self, host: str, task: RunningTask) -> int:
        """A handler was called."""
        number = len(self.executions)
        self.tally.executions += 1
        run = Execution(number, host, task.task_id, task.attempt, self._agenda.now)
        self.executions.append(run)
        self._running.setdefault(host, set()).add(number)
        self._demand(
            len(self._running[host]) <= self._rules.slots[host],
            f"{host} runs {len(self._running[host])} handlers in {self._rules.slots[host]} slots",
        )
        self._demand(
            self.status(task.task_id) != "unknown", f"{host} begins {task.task_id}, on no disk"
        )
        if self._calm is not None:
            self._calm.began(number, host, task.task_id, task.attempt)
        return number

    def ended(self, execution: int, how: str, chunks: int = 0) -> None:
        """It is over."""
        run = self.executions[execution]
        run.how, run.chunks = how, chunks
        if how == "for good":
            self._for_good.add(run.task_id)
        if self._calm is not None:
            self._calm.over(execution)
        self._running[run.host].discard(execution)

    def was_interrupted(self, execution: int) -> None:
        """It was told to stop."""
        self.executions[execution].interrupted = self._agenda.now
        if self._calm is not None:
            self._calm.over(execution)

    def host_died(self, host: str) -> None:
        """Whatever ran there is gone."""
        for number in self._running.pop(host, ()):
            self.executions[number].how = "died"

    # -- clients -------------------------------------------------------------------------------

    def awaits(self, task_id: str) -> None:
        """A client's program waits to hear how its task ends."""
        if self._calm is not None:
            self._calm.awaits(task_id)

    def heard(self, client: str, task_id: str, ending: Ending) -> None:
        """A client's program was told how its task ended."""
        if self._calm is not None:
            self._calm.heard(task_id)
        self.tally.told += 1
        known = self.told.setdefault(task_id, ending)
        self._demand(known == ending, f"{client} hears twice of {task_id}, and not the same")
        self._demand(
            self.stored_ending(task_id) == ending,
            f"{client} hears that {task_id} is {ending.status}; on the disk it is "
            f"{self.status(task_id)}",
        )

    def acknowledge(self, task_id: str) -> None:
        """A client's program was told that its task is accepted."""
        self.tally.acknowledged += 1
        self.acknowledged.setdefault(task_id, self._agenda.now)
        self._demand(self.status(task_id) != "unknown", f"{task_id} is acknowledged, on no disk")


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


_RULES: dict[type, Callable[..., None]] = {
    m.Submit: Judge._submit,  # noqa: SLF001 - the judge's own table
    m.Cancel: Judge._cancel,  # noqa: SLF001
    m.Report: Judge._report,  # noqa: SLF001
    m.NodeHello: Judge._hello,  # noqa: SLF001
    m.Welcome: Judge._welcome,  # noqa: SLF001
    m.HandBack: Judge._hand_back,  # noqa: SLF001
    m.NodeGoodbye: Judge._goodbye,  # noqa: SLF001
    m.Accepted: Judge._accepted,  # noqa: SLF001
    m.Cancelled: Judge._cancelled,  # noqa: SLF001
    m.Ended: Judge._ended_told,  # noqa: SLF001
    m.Happened: Judge._happened,  # noqa: SLF001
    m.Kept: Judge._kept,  # noqa: SLF001
    m.Assign: Judge._assign,  # noqa: SLF001
    m.NodeHealth: Judge._health,  # noqa: SLF001
    m.Stop: Judge._stopped,  # noqa: SLF001
}
