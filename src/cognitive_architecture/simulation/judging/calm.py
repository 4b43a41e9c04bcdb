"""What must hold while nothing is wrong: nothing is lost, begun twice, late or out of its turn.

A mesh that heals itself can hide a mistake behind the healing: an event that is overlooked is made
good by the next heartbeat. Where nothing breaks, there is nothing to make good.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cognitive_architecture.distributed_mesh import messages as m
from cognitive_architecture.distributed_mesh.model import TaskSpec
from cognitive_architecture.simulation.agenda import Agenda

from .leasing import Leased, host_of
from .rules import PROMPT_S


@dataclass(slots=True)
class _Waiting:
    spec: TaskSpec
    since: float
    order: float
    needs: frozenset[str]


@dataclass(slots=True)
class _Credit:
    """What a node has asked for, and what it was sent."""

    host: str
    granted: int = 0
    """The most it has ever said."""
    wanted: int = 0
    """What it said last."""
    sent: int = 0
    has_room_since: float | None = None
    leaves_since: float | None = None


@dataclass(slots=True)
class _Run:
    task_id: str
    host: str
    began: float
    is_over: bool = False


@dataclass(slots=True)
class CalmJudge:
    """Follows what everybody says and does, and expects it to be prompt and in order."""

    broken: Callable[[str], None]
    agenda: Agenda
    offers: Mapping[str, frozenset[str]]
    ageing_s: float
    _waiting: dict[str, _Waiting] = field(default_factory=dict)
    _credits: dict[str, _Credit] = field(default_factory=dict)
    _runs: dict[int, _Run] = field(default_factory=dict)
    _begun: set[tuple[str, int]] = field(default_factory=set)
    _ended_at: dict[str, float] = field(default_factory=dict)
    _specs: dict[str, TaskSpec] = field(default_factory=dict)
    _awaited: set[str] = field(default_factory=set)
    _gone: set[str] = field(default_factory=set)
    _unkept: dict[tuple[str, int], bool] = field(default_factory=dict)
    """Reports that are not answered yet, by who said them and their numbers."""
    _on_their_way: dict[str, dict[str, int]] = field(default_factory=dict)
    """By client: tasks that it was not told yet are accepted, and in which request they are."""
    _kept: dict[str, int] = field(default_factory=dict)
    """By node, the last report of which it was told that all of it is kept."""

    # -- waiting -------------------------------------------------------------------------------

    def durable(self, spec: TaskSpec) -> None:
        """A task is on the disk: from now on it waits for a node."""
        now = self.agenda.now
        needs = frozenset({spec.task_type, *spec.rare.capabilities})
        self._specs[spec.task_id] = spec
        self._waiting[spec.task_id] = _Waiting(
            spec, now, now - spec.priority * self.ageing_s, needs
        )
        self.agenda.after(PROMPT_S, self._look_whether_it_waits_in_vain, spec.task_id)

    def _look_whether_it_waits_in_vain(self, task_id: str) -> None:
        waiting = self._waiting.get(task_id)
        if waiting is None:
            return
        for credit in self._credits.values():
            since = credit.has_room_since
            if (
                since is not None
                and credit.leaves_since is None
                and self.agenda.now - since >= PROMPT_S
                and waiting.needs <= self.offers.get(credit.host, frozenset())
            ):
                self.broken(f"{task_id} waits although {credit.host} has room for it")
                return
        self.agenda.after(PROMPT_S, self._look_whether_it_waits_in_vain, task_id)

    def assigned(self, address: str, assignment: m.Assignment) -> None:
        """A task is given to a node; nobody who is more urgent may wait for the same node."""
        credit = self._credits.setdefault(address, _Credit(host_of(address)))
        credit.sent += 1
        if self.agenda.now - (credit.leaves_since or self.agenda.now) > PROMPT_S:
            self.broken(f"{credit.host} is given {assignment.spec.task_id} although it leaves")
        if credit.sent > credit.granted:
            self.broken(f"{credit.host} is sent {credit.sent} and has asked for {credit.granted}")
        if credit.sent >= credit.wanted:
            credit.has_room_since = None
        mine = self._waiting.pop(assignment.spec.task_id, None)
        if mine is None:
            return
        offered = self.offers.get(credit.host, frozenset())
        for other in self._waiting.values():
            # Commits take a little, and two may be underway.
            is_urgent = (
                other.order < mine.order - PROMPT_S and self.agenda.now - other.since > PROMPT_S
            )
            is_mine = other.spec.requester == mine.spec.requester  # between them, shares decide
            if is_urgent and is_mine and other.needs <= offered:
                # What is said in one turn leaves by address: it may be given to another node now.
                self.agenda.after(0.0, self._look_whether_it_still_waits, other, mine, credit.host)

    def _look_whether_it_still_waits(self, other: _Waiting, mine: _Waiting, host: str) -> None:
        if other.spec.task_id in self._waiting:
            self.broken(
                f"{mine.spec.task_id} (priority {mine.spec.priority}) goes to {host} "
                f"before {other.spec.task_id} (priority {other.spec.priority}), which has "
                f"waited for {self.agenda.now - other.since:.1f} s"
            )

    def handed_back(self, told: Leased) -> None:
        """A node that leaves does not finish it: it is begun elsewhere, as the same attempt."""
        self._begun.discard((told.task_id, told.attempt))

    def cancelled(self, task_ids: Iterable[str]) -> None:
        """Somebody no longer wants these: they make way at once."""
        for task_id in task_ids:
            self._waiting.pop(task_id, None)

    def granted(self, address: str, granted: int, *, anew: bool) -> None:
        """A node has said how much it will ever have taken; ``anew``, it may be less than before.

        What is on its way by then was sent with good reason.
        """
        credit = self._credits.setdefault(address, _Credit(host_of(address)))
        credit.granted = max(credit.granted, granted)
        credit.wanted = granted if anew else max(credit.wanted, granted)
        if credit.sent >= credit.wanted:
            credit.has_room_since = None
        elif credit.has_room_since is None:
            credit.has_room_since = self.agenda.now

    def leaves(self, address: str) -> None:
        """A node has said that it takes nothing more, or is not let in."""
        credit = self._credits.setdefault(address, _Credit(host_of(address)))
        credit.leaves_since = credit.leaves_since or self.agenda.now

    def welcomed(self, address: str) -> None:
        """A node is let in."""
        self._credits.setdefault(address, _Credit(host_of(address))).leaves_since = None

    # -- reports -------------------------------------------------------------------------------

    def reported(self, address: str, number: int) -> None:
        """A node says how attempts went: it is told soon that this is kept."""
        self._unkept[address, number] = True
        self.agenda.after(PROMPT_S, self._look_whether_it_is_kept, address, number)

    def kept(self, address: str, said: m.Kept) -> None:
        """It is told so; what was said first is kept first."""
        is_due = self._unkept.pop((address, said.number), False)
        if said.refused or not is_due:
            return  # that waits for no disk, so it may come sooner
        host, last = host_of(address), self._kept.get(address, 0)
        if said.number < last:
            self.broken(f"{host} is told that report {said.number} is kept after report {last}")
        self._kept[address] = said.number

    def gone(self, address: str) -> None:
        """A node has said goodbye: it no longer waits to hear of its reports."""
        self.leaves(address)
        self._gone.add(address)

    def _look_whether_it_is_kept(self, address: str, number: int) -> None:
        if (address, number) in self._unkept and address not in self._gone:
            self.broken(
                f"{host_of(address)} has said report {number}, and does not hear if it is kept"
            )

    # -- running -------------------------------------------------------------------------------

    def began(self, number: int, host: str, task_id: str, attempt: int) -> None:
        """A handler was called."""
        now = self.agenda.now
        if (task_id, attempt) in self._begun:
            self.broken(f"attempt {attempt} of {task_id} is begun twice")
        self._begun.add((task_id, attempt))
        if now - self._ended_at.get(task_id, now) > PROMPT_S:
            self.broken(f"{host} begins {task_id}, which has ended")
        self._runs[number] = _Run(task_id, host, now)
        spec = self._specs.get(task_id)
        if spec is not None:
            self.agenda.after(spec.timeout_s + PROMPT_S, self._look_whether_it_was_stopped, number)

    def over(self, number: int) -> None:
        """It has returned, or was told to stop."""
        if number in self._runs:
            self._runs[number].is_over = True

    def stop_told(self, address: str, task_id: str) -> None:
        """A node is told to stop a task."""
        host = host_of(address)
        for number, run in self._runs.items():
            if run.task_id == task_id and run.host == host and not run.is_over:
                self.agenda.after(PROMPT_S, self._look_whether_it_was_stopped, number)

    def _look_whether_it_was_stopped(self, number: int) -> None:
        run = self._runs[number]
        if not run.is_over:
            self.broken(f"{run.host} goes on with {run.task_id}, which it should have stopped")

    # -- telling -------------------------------------------------------------------------------

    def said(self, sender: str, receiver: str, message: m.Message) -> None:
        """A client hears that a task of its own is accepted before it hears how it ended."""
        if isinstance(message, m.Submit):
            mine = self._on_their_way.setdefault(sender, {})
            mine.update((spec.task_id, message.request) for spec in message.tasks)
        elif isinstance(message, m.Accepted):
            mine = self._on_their_way.get(receiver, {})
            for task_id in [one for one, asked in mine.items() if asked == message.request]:
                del mine[task_id]
        elif isinstance(message, m.Ended):
            too_early = self._on_their_way.get(receiver, {}).keys() & {
                ending.task_id for ending in message.endings
            }
            for task_id in sorted(too_early):
                self.broken(
                    f"{host_of(receiver)} is told how {task_id} ended before it is told that it is "
                    "accepted"
                )

    def awaits(self, task_id: str) -> None:
        """A client's program waits to hear how a task ends."""
        if task_id not in self._ended_at:
            self._awaited.add(task_id)

    def heard(self, task_id: str) -> None:
        """It has heard it."""
        self._awaited.discard(task_id)

    def ended(self, task_id: str) -> None:
        """An ending is on the disk."""
        self._ended_at.setdefault(task_id, self.agenda.now)
        self._waiting.pop(task_id, None)
        for number, run in self._runs.items():
            if run.task_id == task_id and not run.is_over:
                self.agenda.after(PROMPT_S, self._look_whether_it_was_stopped, number)
        if task_id in self._awaited:
            self.agenda.after(PROMPT_S, self._look_whether_it_was_told, task_id)

    def _look_whether_it_was_told(self, task_id: str) -> None:
        if task_id in self._awaited:
            self.broken(f"{task_id} has ended, and who waits for it has not heard")


def granted_by(message: Any) -> int | None:
    """What a node's message says of how much it will take."""
    if isinstance(message, m.NodeHello | m.Report | m.HandBack | m.NodeHealth):
        return message.granted
    return None
