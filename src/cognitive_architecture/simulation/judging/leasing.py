"""Whether leases are given out, used up and called back as they should be.

Follows what orchestrators and nodes say to each other about them. Two may speak at a time: an
orchestrator that was deposed does not know it until it writes, so only what the present owner of
the store says must be true.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from cognitive_architecture.distributed_mesh import messages as m
from cognitive_architecture.distributed_mesh.model import Ending
from cognitive_architecture.simulation.agenda import Agenda

from .meetings import Hindrances

LEASES_PER_EPOCH: Final = 1 << 40
_NOTICED_WITHIN_S: Final = 1.0
_GONE_FOR_S: Final = 1.0
"""So long after the news that a node is gone, nothing more is sent to it."""


@dataclass(slots=True)
class Leased:
    """A lease as it was told to a node."""

    task_id: str
    address: str
    at: float
    attempt: int
    sender: str
    has_arrived: bool = False
    """Its node was there and talked with the sender."""
    is_reported: bool = False
    """Its node was told that its report is kept."""


@dataclass(slots=True)
class Leasing:
    """All leases that were ever told to a node, and what was said of them."""

    broken: Callable[[str], None]
    agenda: Agenda
    hedge_after_s: float
    hedge_share: float
    hindrances: Hindrances
    in_hand_max: Mapping[str, int]
    """By host: how many assignments it may have in hand."""
    epoch: int = 0
    """Of the present owner of the store."""
    told: dict[int, Leased] = field(default_factory=dict)
    stopped_at: dict[int, float] = field(default_factory=dict)
    """Leases that an orchestrator called back, and when."""
    _stopped_by_deposed: set[int] = field(default_factory=set)
    """Those of them of which their owner knows nothing."""
    ever_hedged: set[str] = field(default_factory=set)
    health: dict[str, m.NodeHealth] = field(default_factory=dict)
    """By host: the last heartbeat."""
    results: int = 0
    """That were reported to anybody."""
    _hedges: int = 0
    """Second runs that the present owner has begun."""
    _first_at: dict[str, float] = field(default_factory=dict)
    """When each task was given out for the first time."""
    _latest: dict[str, int] = field(default_factory=dict)
    """The lease last given out on a task by the present owner."""
    _hedged: dict[str, int] = field(default_factory=dict)
    """Tasks of which the present owner has begun a second run, and in which attempt."""
    _handed_back: set[int] = field(default_factory=set)
    _gone: set[str] = field(default_factory=set)
    """Nodes that said goodbye: they hold nothing, and what is on its way to them is lost."""
    _refused: dict[str, dict[int, m.Outcome]] = field(default_factory=dict)
    """By task: leases of which a node was told that their results are not wanted, and those."""
    _claimed: set[int] = field(default_factory=set)
    """Leases that a node has asked to go on with."""
    _claims_heard: set[int] = field(default_factory=set)
    """Those of them that the present owner has heard of since it last refused their results."""
    _answered: set[int] = field(default_factory=set)
    """Those of them of which a report was kept, and not refused."""
    _by_task: dict[str, list[int]] = field(default_factory=dict)
    _by_address: dict[str, list[int]] = field(default_factory=dict)
    _drains_since: dict[str, float] = field(default_factory=dict)
    """Nodes that take nothing more, and since when the present owner has heard it."""
    _missed: dict[int, float] = field(default_factory=dict)
    """Leases that a node should have and does not, as its heartbeats say: since when."""
    _answered_at: dict[tuple[str, str, int], float] = field(default_factory=dict)
    """When an orchestrator first answered a node's heartbeat, by the number of that."""
    _unreached_at: dict[int, float] = field(default_factory=dict)
    """Leases of which the disk has it that they were lost on the way: since when."""

    def opened(self, epoch: int) -> None:
        """Another orchestrator owns the store."""
        self.epoch = epoch
        self._latest.clear()
        self._hedged.clear()
        self._hedges = 0
        self._drains_since.clear()

    def ran_at_most_s(self, task_id: str) -> float:
        """Since when a task has been given out, in seconds; 0 if it never was."""
        first = self._first_at.get(task_id)
        return 0.0 if first is None else self.agenda.now - first

    def latest(self, task_id: str) -> Leased | None:
        """What the present owner has last told a node of the task."""
        return self.told.get(self._latest.get(task_id, 0))

    # -- orchestrators -------------------------------------------------------------------------

    def was_claimed(self, task_id: str) -> bool:
        """Whether a node has asked to go on with the task after it was given up.

        Its run then counts as a later attempt than it was told: those lost meanwhile came before.
        """
        return any(lease in self._claimed for lease in self._by_task.get(task_id, ()))

    def assigned(self, sender: str, receiver: str, assignment: m.Assignment) -> bool:
        """A task is given to a node; whether by the present owner."""
        lease, task_id = assignment.lease, assignment.spec.task_id
        if lease in self.told:
            self.broken(f"lease {lease} is given out twice")
        now = self.agenda.now
        is_owners = lease // LEASES_PER_EPOCH == self.epoch
        self.told[lease] = told = Leased(task_id, receiver, now, assignment.attempt, sender)
        self._first_at.setdefault(task_id, now)
        self._by_address.setdefault(receiver, []).append(lease)
        if is_owners:
            drains_s = now - self._drains_since.get(receiver, now)
            if drains_s > _GONE_FOR_S:
                host = host_of(receiver)
                self.broken(f"{host} is given a task {drains_s:.1f} s after it was heard to drain")
            going_on = self._gone_on_with(task_id) if self._claimed else 0
            before = self._latest.get(task_id) or going_on
            if before and before < lease:
                self._supersede(assignment, told, before)
            if going_on and going_on not in self._answered:
                # The books may count the claimed run as a later attempt than its node was told.
                self.ever_hedged.add(task_id)
            # What is said in one turn leaves by address: the lease that took the place of this one,
            # whose node was just found to leave, may have been seen before it.
            self._latest[task_id] = max(before, lease)
        elif self._has_begun(told, lease // LEASES_PER_EPOCH):
            # Who was deposed and has not heard of it begins second runs as well.
            self.ever_hedged.add(task_id)
        self._by_task.setdefault(task_id, []).append(lease)
        return is_owners

    def _has_begun(self, told: Leased, epoch: int) -> bool:
        """Whether an owner had given the same attempt to somebody else before."""
        return any(
            lease // LEASES_PER_EPOCH == epoch
            and self.told[lease].attempt == told.attempt
            and self.told[lease].address != told.address
            for lease in self._by_task.get(told.task_id, ())
        )

    def _gone_on_with(self, task_id: str) -> int:
        """The lease of an owner before that a node may have gone on under, or 0."""
        return next(
            (
                lease
                for lease in reversed(self._by_task.get(task_id, ()))
                if lease in self._claimed and lease not in self.stopped_at
            ),
            0,
        )

    def _supersede(self, assignment: m.Assignment, told: Leased, before: int) -> None:
        task_id = told.task_id
        earlier = self.told[before]
        if told.attempt == self._hedged.get(task_id):
            self._look_for_a_third(told)
            return
        if (
            told.attempt > earlier.attempt
            or before in self._handed_back
            or before in self.stopped_at
        ):
            if told.attempt == earlier.attempt and before in self._stopped_by_deposed:
                self.ever_hedged.add(task_id)
            return
        if earlier.address in self._gone:
            # Its goodbye may be on its way yet: then this is a second run.
            if told.attempt == earlier.attempt:
                self.ever_hedged.add(task_id)
            return
        if before // LEASES_PER_EPOCH != self.epoch:
            # The disk may not have taken the failures that the owner before had counted: what this
            # one begins a second time has a lower number.
            self.ever_hedged.add(task_id)
        elif self._begins_hedge(assignment, told, earlier):
            self._hedged[task_id] = told.attempt
            self.ever_hedged.add(task_id)
            self._hedges += 1
            if self._hedges > self.hedge_share * self.results:
                self.broken(f"{self._hedges} second attempts for {self.results} results")
        else:
            self.broken(
                f"{task_id} is given out as attempt {told.attempt} while attempt "
                f"{earlier.attempt} is neither over nor handed back"
            )

    def _look_for_a_third(self, told: Leased) -> None:
        """Of an attempt there are two runs at most, whatever has become of those before."""
        runs = [
            self.told[lease].address
            for lease in self._by_task[told.task_id]
            if self.told[lease].attempt == told.attempt
            and lease // LEASES_PER_EPOCH == self.epoch
            and not (lease in self._handed_back or lease in self.stopped_at)
            and self.told[lease].address not in self._gone
        ]
        if len(runs) > 1:
            self.broken(
                f"{told.task_id} is given to {host_of(told.address)} as well while "
                f"{' and '.join(map(host_of, runs))} are in attempt {told.attempt} of it"
            )

    def _begins_hedge(self, assignment: m.Assignment, told: Leased, earlier: Leased) -> bool:
        """Whether it is the one second run that a task may have: later, elsewhere, the same."""
        return (
            told.task_id not in self._hedged
            and not assignment.spec.rare.exclusive
            and told.attempt == earlier.attempt
            and told.address != earlier.address
            and self._is_late_enough(told, earlier)
        )

    def _is_late_enough(self, told: Leased, earlier: Leased) -> bool:
        if told.at - earlier.at >= 0.5 * self.hedge_after_s:  # clocks drift
            return True
        # What a starved orchestrator decides leaves when it has its next turn.
        return self.hindrances.were_there(_orchestrator_of(told.sender), earlier.at)

    def sent_to_the_gone(self, receiver: str, gone_s: float) -> None:
        """Something is assigned to a node of which the news is that it is gone."""
        if gone_s > _GONE_FOR_S:
            host = host_of(receiver)
            self.broken(f"{host} is given a task {gone_s:.1f} s after the news that it is gone")

    def stopped(self, said: m.Stop, *, is_owner: bool) -> None:
        """A node is told, by the present owner or not, that leases are void."""
        for lease, _ in said.leases:
            self.stopped_at.setdefault(lease, self.agenda.now)
            if not is_owner:
                self._stopped_by_deposed.add(lease)

    def kept(self, said: m.Kept, outcomes: list[m.Outcome], *, is_owner: bool) -> None:
        """A node is told, by the present owner or not, that its report is kept, or what is not."""
        reported = {outcome.lease: outcome for outcome in outcomes}
        if self._claimed:
            # A claim that crosses a refusal on its way is believed all the same.
            refused_leases = {lease for lease, _ in said.refused}
            self._answered |= (self._claimed & reported.keys()) - refused_leases
        for lease in reported:
            if (told := self.told.get(lease)) is not None:
                told.is_reported = True
        for lease, _ in said.refused:
            if is_owner and lease in self.told and lease in reported:
                self._claims_heard.discard(lease)
                refused = self._refused.setdefault(self.told[lease].task_id, {})
                refused[lease] = reported[lease]

    def completed(self, ending: Ending) -> None:
        """A result is durable; it must not be one whose node was told that it is not wanted."""
        for lease, outcome in self._refused.get(ending.task_id, {}).items():
            if outcome.result is not None and outcome.result == ending.result:
                self.broken(
                    f"{ending.task_id} has a result of which {self.told[lease].address} was told "
                    "that it is refused"
                )

    def timed_out(self, lease: int) -> None:
        """An attempt is noted as timed out; not if it was clear that it had never arrived."""
        missed_s = self.agenda.now - self._missed.get(lease, self.agenda.now)
        if missed_s > 2.0 * _NOTICED_WITHIN_S:
            told = self.told[lease]
            self.broken(
                f"{told.task_id}: attempt {told.attempt} times out {missed_s:.1f} s after "
                f"{host_of(told.address)} said that it had never arrived"
            )

    def answered(self, sender: str, receiver: str, said: m.Heard) -> None:
        """A node is told that its heartbeat was heard; it may be told so again."""
        self._answered_at.setdefault((sender, receiver, said.beat), self.agenda.now)

    def unreached(self, lease: int) -> None:
        """An attempt is noted as lost on the way; it must not have arrived, nor arrive later."""
        self._unreached_at[lease] = self.agenda.now
        told = self.told.get(lease)
        # Who is told to stop while it asks to go on has had it, and does not have it any more.
        if told is not None and told.has_arrived and lease not in self._claimed:
            self.broken(
                f"{told.task_id}: attempt {told.attempt} is said never to have reached "
                f"{host_of(told.address)}, which has had it"
            )

    # -- nodes ---------------------------------------------------------------------------------

    def arrived(self, said: m.Assign) -> None:
        """A node takes what it is given."""
        for assignment in said.assignments:
            if (told := self.told.get(assignment.lease)) is None:
                continue
            told.has_arrived = True
            if (since := self._unreached_at.get(assignment.lease)) is not None:
                self.broken(
                    f"{told.task_id}: attempt {told.attempt} reaches {host_of(told.address)} "
                    f"{self.agenda.now - since:.1f} s after it was said that it never would"
                )

    def hello(self, sender: str, said: m.NodeHello) -> None:
        """A node says what it works on."""
        self._drains_since.pop(sender, None)
        self._claimed.update(claim.lease for claim in said.claims)

    def handed_back(self, said: m.HandBack) -> None:
        """A node gives tasks back that it has not done."""
        self._handed_back.update(said.leases)

    def heard_hello(self, said: m.NodeHello) -> None:
        """The present owner hears what a node works on."""
        self._claims_heard.update(claim.lease for claim in said.claims)

    def heard_report(self, said: m.Report) -> None:
        """The present owner hears how attempts went.

        What was refused before stays so, unless the node was heard since to claim it: its claim may
        have crossed the refusal.
        """
        for outcome in said.outcomes:
            if outcome.lease in self._claims_heard:
                task_id = self.told[outcome.lease].task_id
                self._refused.get(task_id, {}).pop(outcome.lease, None)

    def heard_that_it_drains(self, sender: str) -> None:
        """The present owner hears that a node takes nothing more."""
        self._drains_since.setdefault(sender, self.agenda.now)

    def goodbye(self, sender: str) -> None:
        """A node leaves."""
        self._gone.add(sender)

    def heartbeat(self, sender: str, said: m.NodeHealth) -> None:
        """A node says what it has in hand."""
        host = host_of(sender)
        self.health[host] = said
        most = self.in_hand_max.get(host, len(said.held))
        if len(said.held) > 2 * most:  # what comes late may have been replaced already
            self.broken(f"{host} has {len(said.held)} tasks in hand, and asks for {most}")

    def heard_heartbeat(self, sender: str, receiver: str, said: m.NodeHealth) -> None:
        """The present owner hears what a node has in hand.

        What the owner said earlier than an answer that the node has heard has come before it.
        """
        has = {*said.held, *said.reported}
        answered_at = self._answered_at.get((receiver, sender, said.heard), -math.inf)
        open_yet = []
        for lease in self._by_address.get(sender, ()):
            told = self.told[lease]
            if (
                told.is_reported
                or self._latest.get(told.task_id) != lease
                or lease in self.stopped_at
            ):
                continue
            open_yet.append(lease)
            if lease in has:
                self._missed.pop(lease, None)
            elif told.sender == receiver and told.at < answered_at:
                self._missed.setdefault(lease, self.agenda.now)
        self._by_address[sender] = open_yet

    def lease_of_another(self, address: str) -> int | None:
        """The lease last given to anybody but this node, for those who forge."""
        for lease in reversed(self.told):
            if self.told[lease].address != address:
                return lease
        return None


def host_of(address: str) -> str:
    """``n1`` of ``node/n1~n1.1-1``."""
    return address.partition("/")[2].partition("~")[0]


def _orchestrator_of(address: str) -> str:
    """``o`` of ``orchestrator/o-o.1-1``."""
    return address.partition("-")[2].partition(".")[0]


def process_of(address: str) -> str:
    """``n1.1`` of ``node/n1~n1.1-1``."""
    return address.partition("~")[2].rpartition("-")[0]
