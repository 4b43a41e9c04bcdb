"""Whether nodes do as they were told, and say what they owe their orchestrator.

A mesh heals what a node forgets: its lease runs out, and another does the task once more. So that
nothing hides behind that, each node is held to its own words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from cognitive_architecture.distributed_mesh import messages as m
from cognitive_architecture.simulation.agenda import Agenda

from .breaches import Breaches
from .meetings import Hindrances, Meetings
from .rules import DRIFT, PROMPT_S, Rules

_SAID_AGAIN_S: Final = 4.0
"""A report without an answer is said again after 2 s, with the next heartbeat."""
_FAREWELL_S: Final = 1.0
"""How long a node waits until its goodbye is heard."""
_SOON_S: Final = 1.0
FORGED: Final = 1_000_000
"""Reports with such numbers were never made by their node."""


@dataclass(slots=True)
class _Life:
    """One life of a node's process, as others see it."""

    host: str
    slots: int
    holds: set[int] = field(default_factory=set)
    """Leases: as its last heartbeat said, without what it is rid of."""
    begun: set[int] = field(default_factory=set)
    """Leases; others it may hand back while nobody is there to hear it."""
    rid_of: set[int] = field(default_factory=set)
    """Leases that it was told to stop, has handed back, or whose report is kept."""
    unanswered: dict[int, float] = field(default_factory=dict)
    """Reports by number, and when they were last said."""
    answered: set[int] = field(default_factory=set)
    """Reports; one of them may be on its way out again when its answer is heard."""
    outcomes: dict[int, list[int]] = field(default_factory=dict)
    """Leases of the unanswered."""
    owed: set[int] = field(default_factory=set)
    """Reports that it has to say again before its next heartbeat."""
    reported: dict[int, int] = field(default_factory=dict)
    """By lease: the number of the report."""
    chunks: dict[int, set[int]] = field(default_factory=dict)
    """By lease: what it has said of a stream since its last hello."""
    given: dict[tuple[str, int], int] = field(default_factory=dict)
    """By task and attempt: the lease."""
    given_at: dict[int, float] = field(default_factory=dict)
    """Leases that it was given and has not begun."""
    void: set[int] = field(default_factory=set)
    """Leases that it was told to stop."""
    too_late: set[int] = field(default_factory=set)
    """Leases that it was given after it had said that it drains."""
    running: set[int] = field(default_factory=set)
    free_since: float | None = 0.0
    """Since when it has a slot that does nothing."""
    is_welcome: bool = False
    """Whether it has said a heartbeat since its last hello: only who was answered does."""
    drains: bool = False
    refused_since: float | None = None
    goodbye_at: float | None = None
    is_heard: bool = False
    """Whether its goodbye was."""
    is_hurried: bool = False
    """Whether it was asked once more to leave: then it need not wait."""
    is_gone: bool = False
    beat_at: float = 0.0


@dataclass(slots=True)
class Nodes:
    """All nodes; what they are told, what they do, and what they say."""

    breaches: Breaches
    rules: Rules
    agenda: Agenda
    meetings: Meetings
    hindrances: Hindrances
    liars: set[str] = field(default_factory=set)
    """Hosts that said what is not true: of what they stream, pieces are missing."""
    _lives: dict[str, _Life] = field(default_factory=dict)
    """By process."""
    _at: dict[str, _Life] = field(default_factory=dict)
    """By host: the latest."""
    _lease_of: dict[int, int] = field(default_factory=dict)
    """By execution."""
    _interrupted: set[tuple[str, int]] = field(default_factory=set)
    """Hosts, and leases whose handlers were told to stop there."""

    def _life(self, process: str) -> _Life:
        life = self._lives.get(process)
        if life is None:
            host = process.partition(".")[0]
            life = _Life(host, self.rules.slots.get(host, 1), free_since=self.agenda.now)
            self._lives[process] = self._at[host] = life
        return life

    # -- what they say -------------------------------------------------------------------------

    def said(self, process: str, message: m.Message) -> None:
        """A node says something to its orchestrator."""
        rule = _SAID.get(type(message))
        if rule is not None:
            rule(self, self._life(process), message)

    def _hello(self, life: _Life, said: m.NodeHello) -> None:
        forgotten = life.holds & life.begun - {claim.lease for claim in said.claims}
        self.breaches.demand(
            not forgotten, f"{life.host} returns and does not say that it holds {forgotten}"
        )
        life.is_welcome = False
        life.owed = set(life.unanswered)
        life.chunks.clear()
        since = life.refused_since
        self.breaches.demand(
            since is None
            or self.agenda.now - since <= DRIFT * self.rules.rejoin_s + _SOON_S
            or self.hindrances.were_there(life.host, since),
            f"{life.host} was refused and asks for longer than {self.rules.rejoin_s:g} s",
        )

    def _report(self, life: _Life, said: m.Report) -> None:
        if not said.outcomes or said.number >= FORGED:
            return
        if said.number not in life.answered:
            life.unanswered[said.number] = self.agenda.now
            life.owed.discard(said.number)
            life.outcomes[said.number] = [outcome.lease for outcome in said.outcomes]
        for outcome in said.outcomes:
            before = life.reported.setdefault(outcome.lease, said.number)
            self.breaches.demand(
                before == said.number, f"{life.host} says twice how lease {outcome.lease} went"
            )
            self.breaches.demand(
                (life.host, outcome.lease) not in self._interrupted
                or outcome.kind == m.OutcomeKind.TIMED_OUT,
                f"{life.host} says of lease {outcome.lease}, which it was told to stop, that it "
                f"is {outcome.kind}",
            )
            if outcome.chunks and life.host not in self.liars and outcome.lease not in life.rid_of:
                told = life.chunks.get(outcome.lease, set())
                self.breaches.demand(
                    told.issuperset(range(outcome.chunks)),
                    f"{life.host} says that it has streamed {outcome.chunks} pieces under lease "
                    f"{outcome.lease}; since its last hello it has said {sorted(told)}",
                )

    def _chunk(self, life: _Life, said: m.Chunk) -> None:
        life.chunks.setdefault(said.lease, set()).add(said.index)

    def _health(self, life: _Life, said: m.NodeHealth) -> None:
        now = self.agenda.now
        self.breaches.demand(
            not life.owed,
            f"{life.host} was welcomed and does not say again its reports {sorted(life.owed)}",
        )
        if now - life.beat_at < 1.5:  # else it had no turn for long
            late = [n for n, at in life.unanswered.items() if now - at > _SAID_AGAIN_S]
            self.breaches.demand(
                not late, f"{life.host} has no answer to its reports {late}, and is silent of them"
            )
        life.beat_at = now
        life.holds = {*said.held, *said.reported} - life.rid_of
        life.is_welcome = True

    def _hand_back(self, life: _Life, said: m.HandBack) -> None:
        self._is_rid_of(life, said.leases)
        for lease in said.leases:
            self._look_whether_it_waited(life, lease)

    def _drains(self, life: _Life, _said: m.NodeDraining) -> None:
        if not life.drains:
            life.drains = True
            most = DRIFT * (self.rules.drain_timeout_s + _FAREWELL_S) + _SOON_S
            self.agenda.after(most, self._look_whether_it_is_gone, life, self.agenda.now)

    def _look_whether_it_is_gone(self, life: _Life, since: float) -> None:
        self.breaches.demand(
            life.is_gone or self.hindrances.were_there(life.host, since),
            f"{life.host} drains for longer than {self.rules.drain_timeout_s:g} s",
        )

    def _goodbye(self, life: _Life, _said: m.NodeGoodbye) -> None:
        life.goodbye_at = self.agenda.now

    # -- what they hear ------------------------------------------------------------------------

    def heard(self, process: str, sender: str, message: m.Message) -> None:
        """A node hears something of its orchestrator."""
        rule = _HEARD.get(type(message))
        if rule is not None and self.meetings.are_talking(process, sender):
            rule(self, self._life(process), message)

    def _kept(self, life: _Life, heard: m.Kept) -> None:
        life.answered.add(heard.number)
        life.unanswered.pop(heard.number, None)
        life.owed.discard(heard.number)
        self._is_rid_of(life, life.outcomes.pop(heard.number, ()))

    def _stop(self, life: _Life, heard: m.Stop) -> None:
        for lease, _ in heard.leases:
            life.void.add(lease)
            life.given_at.pop(lease, None)
        self._is_rid_of(life, [lease for lease, _ in heard.leases])

    def _is_rid_of(self, life: _Life, leases: Iterable[int]) -> None:
        done = set(leases)
        life.rid_of |= done
        life.holds -= done

    def _assign(self, life: _Life, heard: m.Assign) -> None:
        for assignment in heard.assignments:
            life.given[assignment.spec.task_id, assignment.attempt] = assignment.lease
            life.given_at[assignment.lease] = self.agenda.now
            if life.drains:
                life.too_late.add(assignment.lease)

    def _welcome(self, life: _Life, _heard: m.Welcome) -> None:
        life.refused_since = None

    def _refused(self, life: _Life, _heard: m.NodeRefused) -> None:
        if life.refused_since is None:
            life.refused_since = self.agenda.now

    def met(self, process: str) -> None:
        """A node begins to talk anew with an orchestrator."""
        self._life(process).refused_since = None

    def goodbye_heard(self, process: str) -> None:
        """An orchestrator has heard that a node leaves."""
        self._life(process).is_heard = True

    # -- what they do --------------------------------------------------------------------------

    def began(self, host: str, task_id: str, attempt: int, execution: int) -> None:
        """A handler was called."""
        life = self._at[host]
        lease = life.given.get((task_id, attempt), 0)
        self._lease_of[execution] = lease
        self.breaches.demand(
            lease not in life.void, f"{host} begins {task_id}, which it was told to stop"
        )
        self.breaches.demand(
            lease not in life.too_late,
            f"{host} begins {task_id}, which came after it had said that it drains",
        )
        self._look_whether_it_waited(life, lease)
        life.begun.add(lease)
        life.running.add(execution)
        if len(life.running) >= life.slots:
            life.free_since = None

    def _look_whether_it_waited(self, life: _Life, lease: int) -> None:
        """It is begun, or goes back: not after it has waited beside a slot that was free."""
        since = life.given_at.pop(lease, None)
        if since is None or life.free_since is None:
            return
        since = max(since, life.free_since)
        waited_s = self.agenda.now - since
        self.breaches.demand(
            waited_s <= PROMPT_S or self.hindrances.were_there(life.host, since),
            f"{life.host} lets lease {lease} wait for {waited_s:.1f} s and has a slot free",
        )

    def ended(self, host: str, execution: int) -> None:
        """It is over."""
        life = self._at[host]
        if execution in life.running:
            life.running.discard(execution)
            if life.free_since is None:
                life.free_since = self.agenda.now

    def interrupted(self, host: str, execution: int) -> None:
        """It was told to stop."""
        self._interrupted.add((host, self._lease_of[execution]))

    def asked_to_leave(self, process: str) -> None:
        """Somebody wants a node to leave at once; it may be leaving already."""
        life = self._life(process)
        life.is_hurried = life.goodbye_at is not None

    def withdrawn(self, process: str) -> None:
        """A node's address is gone: the news of it may overtake what it said last."""
        life = self._life(process)
        life.is_gone = True
        if life.goodbye_at is None or not life.is_welcome or life.is_hurried:
            return
        waited_s = self.agenda.now - life.goodbye_at
        self.breaches.demand(
            life.is_heard or waited_s * DRIFT >= _FAREWELL_S,
            f"{life.host} is gone {waited_s:.3f} s after its goodbye, which nobody has heard",
        )

    def died(self, host: str) -> None:
        """Its process was killed."""
        if host in self._at:
            self._at[host].is_gone = True


_SAID: Final[dict[type, Callable[..., Any]]] = {
    m.NodeHello: Nodes._hello,  # noqa: SLF001 - its own table
    m.Report: Nodes._report,  # noqa: SLF001
    m.Chunk: Nodes._chunk,  # noqa: SLF001
    m.NodeHealth: Nodes._health,  # noqa: SLF001
    m.HandBack: Nodes._hand_back,  # noqa: SLF001
    m.NodeDraining: Nodes._drains,  # noqa: SLF001
    m.NodeGoodbye: Nodes._goodbye,  # noqa: SLF001
}
_HEARD: Final[dict[type, Callable[..., Any]]] = {
    m.Kept: Nodes._kept,  # noqa: SLF001
    m.Stop: Nodes._stop,  # noqa: SLF001
    m.Assign: Nodes._assign,  # noqa: SLF001
    m.Welcome: Nodes._welcome,  # noqa: SLF001
    m.NodeRefused: Nodes._refused,  # noqa: SLF001
}
