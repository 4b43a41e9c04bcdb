"""Whether what is said on the network is true when it is said."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cognitive_architecture.distributed_mesh import messages as m
from cognitive_architecture.distributed_mesh.adapters.memory_store import MemoryDisk
from cognitive_architecture.distributed_mesh.frames import decode_frame
from cognitive_architecture.distributed_mesh.model import FELL_BACK, Ending, TaskSpec
from cognitive_architecture.simulation.agenda import Agenda

from .breaches import Breaches
from .calm import CalmJudge, granted_by
from .clients import Clients
from .durable import Durable
from .kept import ending_of, status_of
from .leasing import LEASES_PER_EPOCH, Leased, Leasing, host_of, process_of
from .ledger import Ledger
from .meetings import Meetings
from .nodes import Nodes
from .requests import Requests
from .rules import Rules

_EXCUSED_WITHIN_S: Final = 30.0
_GOES_WITHIN_S: Final = 5.0
"""Whoever was deposed and knows it is silent so soon after, however slow it is."""
_READ_MAX: Final = 4096


@dataclass(slots=True)
class Hearsay:
    """Every frame that is sent, compared with the disk and with what was said before."""

    breaches: Breaches
    disk: MemoryDisk
    rules: Rules
    agenda: Agenda
    leasing: Leasing
    ledger: Ledger
    durable: Durable
    clients: Clients
    nodes: Nodes
    requests: Requests
    meetings: Meetings
    calm: CalmJudge | None
    _epochs: dict[str, int] = field(default_factory=dict)
    """Of orchestrators that have welcomed a node, by address."""
    _submits: dict[tuple[str, int], list[TaskSpec]] = field(default_factory=dict)
    _cancels: dict[tuple[str, int], list[str]] = field(default_factory=dict)
    _reports: dict[tuple[str, int], list[m.Outcome]] = field(default_factory=dict)
    _asked_at: dict[tuple[str, str, str], float] = field(default_factory=dict)
    """When an orchestrator last heard that a client asks for a task."""
    _hellos_at: dict[tuple[str, str], float] = field(default_factory=dict)
    """When an orchestrator last heard the hello of a node."""
    _read: dict[bytes, tuple[str, list[m.Message]]] = field(default_factory=dict)
    """Frames on their way."""

    def frame_sent(self, process: str, receiver: str, frame: bytes) -> None:
        """Somebody says something; what is said must be true when it is said."""
        if len(self._read) >= _READ_MAX:
            self._read.clear()  # most of them will never be heard
        self._read[frame] = sender, messages = decode_frame(frame)
        if self.durable.deposed_at:
            self._look_whether_it_was_deposed(sender)
        says = None
        if process.startswith("n"):
            says = self.nodes.said
        elif process.startswith("c"):
            self.requests.said(process, receiver, messages)
        for message in messages:
            rule = _RULES.get(type(message))
            if rule is not None:
                rule(self, sender, receiver, message)
            if says is not None:
                says(process, message)
            if self.calm is not None:
                self.calm.said(sender, receiver, message)
                self._said_in_calm(self.calm, sender, receiver, message)

    def _look_whether_it_was_deposed(self, sender: str) -> None:
        deposed_at = self.durable.deposed_at.get(self._epochs.get(sender, 0))
        if deposed_at is not None and self.agenda.now - deposed_at > _GOES_WITHIN_S:
            self.breaches.broken(f"{sender} goes on although it was told that it is deposed")

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
        elif isinstance(message, m.Kept):
            calm.kept(receiver, message)
        elif isinstance(message, m.NodeDraining):
            calm.leaves(sender)
        elif isinstance(message, m.NodeGoodbye):
            calm.gone(sender)
        elif isinstance(message, m.NodeRefused):
            calm.leaves(receiver)
        elif isinstance(message, m.Welcome):
            calm.welcomed(receiver)
        elif (granted := granted_by(message)) is not None:
            if isinstance(message, m.Report) and message.outcomes:
                calm.reported(sender, message.number)
            elif isinstance(message, m.HandBack):
                for lease in message.leases:
                    if lease in self.leasing.told:
                        calm.handed_back(self.leasing.told[lease])
            calm.granted(sender, granted, anew=isinstance(message, m.HandBack))

    def mislaid(self, receiver: str, frame: bytes) -> None:
        """A node is given tasks and loses them before anybody else sees them: they were given."""
        sender, messages = decode_frame(frame)
        for message in messages:
            if isinstance(message, m.Assign):
                self._assign(sender, receiver, message)

    def sent_to_the_gone(self, receiver: str, frame: bytes, gone_s: float) -> None:
        """Something is said to somebody of whom the news has come that he is gone."""
        sender, messages = decode_frame(frame)
        # Who says hello is there, even where the news of that come late.
        is_back = self.agenda.now - self._hellos_at.get((sender, receiver), -math.inf) <= gone_s
        if not is_back and any(isinstance(message, m.Assign) for message in messages):
            self.leasing.sent_to_the_gone(receiver, gone_s)

    def frame_heard(self, process: str, receiver: str, frame: bytes) -> None:
        """Somebody hears something."""
        read = self._read.pop(frame, None)
        sender, messages = decode_frame(frame) if read is None else read
        if process.startswith("n"):
            for message in messages:
                self.nodes.heard(process, sender, message)
                if isinstance(message, m.Assign) and self.meetings.are_talking(process, sender):
                    self.leasing.arrived(message)
        elif process.startswith("c"):
            for message in messages:
                self.requests.heard(process, sender, message)
        else:
            is_owner = self._epochs.get(receiver) == self.durable.epoch
            for message in messages:
                self._heard_by_orchestrator(sender, receiver, message, is_owner=is_owner)

    def _heard_by_orchestrator(
        self, sender: str, receiver: str, message: m.Message, *, is_owner: bool
    ) -> None:
        if isinstance(message, m.NodeHealth):  # nearly all there is to hear
            if is_owner:
                self.leasing.heard_heartbeat(sender, receiver, message)
            return
        now = self.agenda.now
        if isinstance(message, m.NodeGoodbye):
            self.nodes.goodbye_heard(process_of(sender))
        elif isinstance(message, m.Watch):
            self._asked_at |= {(receiver, sender, one): now for one in message.task_ids}
        elif isinstance(message, m.NodeHello):
            self._hellos_at[receiver, sender] = now
        if not is_owner:
            return
        if isinstance(message, m.NodeDraining):
            self.leasing.heard_that_it_drains(sender)
        elif isinstance(message, m.NodeHello):
            self.leasing.heard_hello(message)
        elif isinstance(message, m.Report):
            self.leasing.heard_report(message)

    def news(self, process: str, address: str, *, is_there: bool) -> None:
        """A node or a client is told that an orchestrator is there, or gone."""
        if self.meetings.told(process, address, is_there=is_there):
            (self.nodes if process.startswith("n") else self.requests).met(process)

    def _submit(self, sender: str, _receiver: str, said: m.Submit) -> None:
        self._submits[sender, said.request] = said.tasks

    def _cancel(self, sender: str, _receiver: str, said: m.Cancel) -> None:
        self._cancels[sender, said.request] = said.task_ids
        self.clients.asked_to_cancel.update(said.task_ids)
        if self.calm is not None:
            self.calm.cancelled(said.task_ids)

    def _report(self, sender: str, _receiver: str, said: m.Report) -> None:
        if said.outcomes:
            self._reports[sender, said.number] = said.outcomes
        for outcome in said.outcomes:
            self.leasing.results += outcome.kind == m.OutcomeKind.COMPLETED
            lease = self.leasing.told.get(outcome.lease)
            if lease is not None and lease.address == sender:
                self.ledger.reported(lease.task_id, outcome)

    def _hello(self, sender: str, _receiver: str, said: m.NodeHello) -> None:
        self.leasing.hello(sender, said)

    def _hand_back(self, _sender: str, _receiver: str, said: m.HandBack) -> None:
        self.leasing.handed_back(said)

    def _goodbye(self, sender: str, _receiver: str, _said: m.NodeGoodbye) -> None:
        self.leasing.goodbye(sender)

    def _answered(self, sender: str, receiver: str, said: m.Heard) -> None:
        self.leasing.answered(sender, receiver, said)

    def _accepted(self, _sender: str, receiver: str, said: m.Accepted) -> None:
        refused = {place for place, _ in said.refused}
        same_as = dict(said.same_as)
        for place, spec in enumerate(self._submits.get((receiver, said.request), ())):
            if place in refused:
                continue
            task_id = same_as.get(place, spec.task_id)
            self.breaches.demand(
                status_of(self.disk, task_id) != "unknown",
                f"{task_id} is acknowledged and on no disk",
            )
            if place in same_as:
                self._repeats(spec, task_id)

    def _repeats(self, spec: TaskSpec, earlier_id: str) -> None:
        serial = self.disk.serials.get(earlier_id)
        if serial is None or earlier_id == spec.task_id:
            return
        earlier = self.disk.tasks[serial].spec
        key, known = spec.rare.idempotency_key, earlier.rare.idempotency_key
        self.breaches.demand(
            key is not None and key == known and spec.requester == earlier.requester,
            f"{spec.task_id} (key {key}) is said to repeat {earlier_id} (key {known})",
        )

    def _cancelled(self, sender: str, receiver: str, said: m.Cancelled) -> None:
        asked = self._cancels.get((receiver, said.request), [])
        for task_id, was_stopped in zip(asked, said.stopped, strict=False):
            status = status_of(self.disk, task_id)
            if was_stopped:
                self.breaches.demand(
                    status == "cancelled",
                    f"{task_id} is said to be cancelled, and is {status} on the disk",
                )
            elif self._is_owner(sender):
                self.breaches.demand(
                    status != "open",
                    f"{task_id} is said to be over before it was cancelled, and is open",
                )

    def _ended_told(self, _sender: str, receiver: str, said: m.Ended) -> None:
        for ending in said.endings:
            self._told(receiver, ending)

    def _happened(self, _sender: str, receiver: str, said: m.Happened) -> None:
        for event in said.events:
            self.breaches.demand(
                status_of(self.disk, event.task_id) != "unknown",
                f"{receiver} hears of {event.task_id}, which is on no disk",
            )
            if event.ending is not None:
                self._told(receiver, event.ending)

    def _not_found(self, sender: str, receiver: str, said: m.NotFound) -> None:
        """Nobody knows the task, so it is on no disk."""
        for task_id in said.task_ids:
            self.breaches.demand(
                status_of(self.disk, task_id) == "unknown"
                or self._said_in_good_faith(sender, receiver, task_id),
                f"{receiver} is told that nobody knows {task_id}, which is "
                f"{status_of(self.disk, task_id)} on the disk",
            )

    def _is_owner(self, orchestrator: str) -> bool:
        """Whether it owns the store, as far as anybody has heard."""
        return self._epochs.get(orchestrator, self.durable.epoch) == self.durable.epoch

    def _said_in_good_faith(self, orchestrator: str, asker: str, task_id: str) -> bool:
        """Whether one that was deposed could not know that it is no longer the one to ask.

        Who was deposed before it was asked could: the disk tells everybody who writes.
        """
        durable = self.durable
        taken_at = durable.taken_from_at.get(self._epochs.get(orchestrator, durable.epoch))
        if taken_at is None:
            return False
        asked_at = self._asked_at.get((orchestrator, asker, task_id), taken_at)
        return asked_at <= taken_at or durable.underway.was_there("disk", asked_at)

    def _told(self, receiver: str, ending: Ending) -> None:
        self.breaches.demand(
            ending_of(self.disk, ending.task_id) == ending,
            f"{receiver} is told that {ending.task_id} is {ending.status}; on the disk it is "
            f"{status_of(self.disk, ending.task_id)}",
        )

    def _kept(self, sender: str, receiver: str, said: m.Kept) -> None:
        """The node will forget the report, so what was accepted of it must be on the disk."""
        refused = {lease for lease, _ in said.refused}
        outcomes = self._reports.pop((receiver, said.number), [])
        self.leasing.kept(said, outcomes, is_owner=self._is_owner(sender))
        for outcome in outcomes:
            lease = self.leasing.told.get(outcome.lease)
            if outcome.lease in refused or lease is None:
                continue
            serial = self.disk.serials.get(lease.task_id, 0)
            kept = {attempt.lease for attempt in self.disk.attempts.get(serial, ())}
            # Pieces of its stream may be missing: then it is no result.
            has_lied = outcome.chunks is not None and host_of(receiver) in self.nodes.liars
            went_wrong = outcome.kind != m.OutcomeKind.COMPLETED or has_lied
            if serial not in self.durable.ended and outcome.lease not in kept:
                # When all of this turn is said: a second run may begin in the turn in which the
                # first one goes wrong, and who is told of that first is chance.
                self.agenda.after(0.0, self._forgotten, receiver, lease, went_wrong)

    def _forgotten(self, receiver: str, lease: Leased, went_wrong: bool) -> None:
        if went_wrong and lease.task_id in self.leasing.ever_hedged:
            return  # of two runs one may go wrong, and nobody need remember it
        self.breaches.broken(
            f"{receiver} may forget how attempt {lease.attempt} of {lease.task_id} went, "
            "and no disk knows it"
        )

    def _assign(self, sender: str, receiver: str, said: m.Assign) -> None:
        host = host_of(receiver)
        for assignment in said.assignments:
            task_id = assignment.spec.task_id
            if self.leasing.assigned(sender, receiver, assignment):
                status = status_of(self.disk, task_id)
                self.breaches.demand(
                    status == "open", f"{task_id} is given to {host} and is {status} on the disk"
                )
                self._look_for_poison(task_id, assignment.attempt)
                if assignment.spec.rare.fallback:
                    self._look_what_it_falls_back_to(assignment)
            needs = {assignment.spec.task_type, *assignment.spec.rare.capabilities}
            lacking = needs - self.rules.offers.get(host, frozenset())
            self.breaches.demand(
                not lacking, f"{task_id} is given to {host}, which has no {lacking}"
            )

    def _look_what_it_falls_back_to(self, assignment: m.Assignment) -> None:
        """A task asks for what it names next, after each capability that was tried in vain."""
        serial = self.disk.serials.get(assignment.spec.task_id, 0)
        asked = self.disk.tasks[serial].spec
        tried = sum(
            attempt.outcome == FELL_BACK and attempt.number < assignment.attempt
            for attempt in self.disk.attempts.get(serial, ())
        )
        # The last one tried may not be on the disk yet.
        self.breaches.demand(
            assignment.spec.task_type in (asked.task_type, *asked.rare.fallback)[tried:],
            f"{asked.task_id} asks for {assignment.spec.task_type} again, which was tried in vain",
        )

    def _look_for_poison(self, task_id: str, number: int) -> None:
        """A task is given out again: not if it has cost as many nodes as one task may."""
        if len(self._lost_with(task_id, number)) >= self.rules.poison_nodes_max:
            # That they vanished together with others may be known and not be written yet.
            epoch = self.durable.epoch
            self.agenda.after(_EXCUSED_WITHIN_S, self._is_poison, task_id, number, epoch)

    def _is_poison(self, task_id: str, number: int, epoch: int) -> None:
        lost = self._lost_with(task_id, number)
        if epoch == self.durable.epoch and len(lost) >= self.rules.poison_nodes_max:
            self.breaches.broken(
                f"{task_id} was given out again although {sorted(lost)} were lost with it"
            )

    def _lost_with(self, task_id: str, before: int) -> set[str]:
        attempts = self.disk.attempts.get(self.disk.serials.get(task_id, 0), ())
        epoch = self.durable.epoch  # an heir judges only its own
        return {
            attempt.node_id
            for attempt in attempts
            if attempt.may_have_killed
            and attempt.node_id
            and attempt.number < before
            and attempt.lease // LEASES_PER_EPOCH == epoch
        }

    def _health(self, sender: str, _receiver: str, said: m.NodeHealth) -> None:
        self.leasing.heartbeat(sender, said)

    def _stopped(self, sender: str, _receiver: str, said: m.Stop) -> None:
        self.leasing.stopped(said, is_owner=self._is_owner(sender))

    def _welcome(self, sender: str, _receiver: str, said: m.Welcome) -> None:
        self._epochs[sender] = said.epoch


_RULES: dict[type, Callable[..., None]] = {
    m.Submit: Hearsay._submit,  # noqa: SLF001 - its own table
    m.Cancel: Hearsay._cancel,  # noqa: SLF001
    m.Report: Hearsay._report,  # noqa: SLF001
    m.NodeHello: Hearsay._hello,  # noqa: SLF001
    m.Welcome: Hearsay._welcome,  # noqa: SLF001
    m.HandBack: Hearsay._hand_back,  # noqa: SLF001
    m.NodeGoodbye: Hearsay._goodbye,  # noqa: SLF001
    m.Accepted: Hearsay._accepted,  # noqa: SLF001
    m.Cancelled: Hearsay._cancelled,  # noqa: SLF001
    m.Ended: Hearsay._ended_told,  # noqa: SLF001
    m.Happened: Hearsay._happened,  # noqa: SLF001
    m.Kept: Hearsay._kept,  # noqa: SLF001
    m.NotFound: Hearsay._not_found,  # noqa: SLF001
    m.Assign: Hearsay._assign,  # noqa: SLF001
    m.NodeHealth: Hearsay._health,  # noqa: SLF001
    m.Stop: Hearsay._stopped,  # noqa: SLF001
    m.Heard: Hearsay._answered,  # noqa: SLF001
}
