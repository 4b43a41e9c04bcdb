"""Nodes and requesters of the mesh model; see ``mesh_model``."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING

from cognitive_architecture.distributed_mesh.messages import (
    Accepted,
    Assign,
    Assignment,
    Cancel,
    Cancelled,
    Chunk,
    Claim,
    Ended,
    HandBack,
    Happened,
    Heard,
    Introduce,
    Kept,
    Message,
    NodeDraining,
    NodeGoodbye,
    NodeHealth,
    NodeHello,
    NodeRefused,
    NotFound,
    Outcome,
    OutcomeKind,
    Report,
    Stop,
    Submit,
    Vitals,
    Watch,
    Welcome,
)
from cognitive_architecture.distributed_mesh.model import Ending

from .builders import packed

if TYPE_CHECKING:
    from .mesh_model import MeshModel


class ModelNode:
    """A node's process and its link."""

    def __init__(self, mesh: MeshModel, node_id: str, offers: Iterable[str], slots: int) -> None:
        self.mesh = mesh
        self.node_id = node_id
        self.offers = frozenset(offers)
        self.slots = slots
        self.incarnation = 0
        self.is_running = False
        self.is_linked = False
        self.inbox: deque[Message] = deque()
        self.outbox: deque[Message] = deque()
        self._begin_anew()

    def _begin_anew(self) -> None:
        self.received = self.done = self.granted = self.report_number = 0
        self.beats = self.heard = 0
        self.is_draining = False
        self.is_refused = False
        self.claims: dict[int, str] = {}
        self.working: dict[int, Assignment] = {}
        self.streamed: dict[int, list[bytes]] = {}
        self.unkept: dict[int, list[Outcome]] = {}

    @property
    def address(self) -> str:
        return f"node/{self.node_id}~{self.incarnation}"

    def _say(self, message: Message) -> None:
        if self.is_running and self.is_linked:
            self.outbox.append(message)

    def _grant(self) -> int:
        if not self.is_draining:
            self.granted = max(self.granted, self.done + self.slots)
        return self.granted

    def hello(self) -> None:
        claims = [Claim(lease, task_id) for lease, task_id in self.claims.items()]
        self._say(
            NodeHello(
                self.node_id,
                "agent",
                sorted(self.offers),
                self.slots,
                self._grant(),
                self.received,
                claims,
            )
        )

    # -- life ----------------------------------------------------------------------------------

    def start(self) -> None:
        """A new process."""
        self.incarnation += 1
        self._begin_anew()
        self.is_running = self.is_linked = True
        self.inbox.clear()
        self.outbox.clear()
        self.hello()

    def kill(self) -> None:
        self.is_running = False
        self.cut()

    def cut(self) -> None:
        """The link is gone with everything on it."""
        self.is_linked = False
        self.inbox.clear()
        self.outbox.clear()

    def heal(self) -> None:
        self.is_linked = True
        self.hello()

    # -- hearing -------------------------------------------------------------------------------

    def hear(self) -> None:
        """Take the next message."""
        message = self.inbox.popleft()
        match message:
            case Assign(assignments):
                self._take(assignments)
            case Stop(leases):
                for lease, _ in leases:
                    self._let_go(lease)
            case Kept(number):
                for outcome in self.unkept.pop(number, []):
                    self.claims.pop(outcome.lease, None)
                    self.streamed.pop(outcome.lease, None)
            case Welcome():
                self.is_refused = False
                for lease, chunks in self.streamed.items():
                    for index, data in enumerate(chunks):
                        self._say(Chunk(lease, index, data))
                for number in self.unkept:
                    self.repeat(number)
            case Introduce():
                self.hello()
            case Heard(beat, is_suspect):
                self.heard = max(self.heard, beat)
                if is_suspect:
                    self.beat()
            case NodeRefused():
                self.is_refused = True
            case _:
                raise AssertionError(f"this is nothing for a node: {message}")

    def _take(self, assignments: list[Assignment]) -> None:
        self.received += len(assignments)
        # What is late was lost with its node, and sent once more; it will be told to stop.
        leases = [*self.working, *(assignment.lease for assignment in assignments)]
        in_hand = sum(self.mesh.board.leases.holder(lease) is not None for lease in leases)
        most = self.slots + self.mesh.given_up[self.address]
        assert in_hand <= most, f"{self.address} has {in_hand} for {most}"
        for assignment in assignments:
            assert assignment.lease not in self.claims
            assert assignment.lease not in self.mesh.unreached, "it was said never to arrive"
            assert assignment.spec.task_type in self.offers
            self.claims[assignment.lease] = assignment.spec.task_id
            self.working[assignment.lease] = assignment
        if self.is_draining:
            self.hand_back([assignment.lease for assignment in assignments])

    def _let_go(self, lease: int) -> None:
        self.claims.pop(lease, None)
        self.streamed.pop(lease, None)
        if self.working.pop(lease, None) is not None:
            self.done += 1

    # -- working -------------------------------------------------------------------------------

    def stream(self, lease: int) -> None:
        """The handler yields a value; it says which one of which lease."""
        chunks = self.streamed.setdefault(lease, [])
        data = packed([lease, len(chunks)])
        chunks.append(data)
        self._say(Chunk(lease, len(chunks) - 1, data))

    def finish(self, lease: int, kind: int) -> None:
        """The handler returns or fails; the result says of which lease it is."""
        del self.working[lease]
        self.done += 1
        chunks = len(self.streamed[lease]) if lease in self.streamed else None
        result = packed(lease) if kind == OutcomeKind.COMPLETED and chunks is None else None
        reason = None if kind == OutcomeKind.COMPLETED else f"boom {lease}"
        if kind != OutcomeKind.COMPLETED:
            chunks = None
        self.report([Outcome(lease, kind, result, 0.1, reason, chunks)])

    def report(self, outcomes: list[Outcome]) -> None:
        self.report_number += 1
        self.unkept[self.report_number] = outcomes
        self.repeat(self.report_number)

    def repeat(self, number: int) -> None:
        self._say(Report(number, self._grant(), self.unkept[number]))

    def forge(self, lease: int) -> None:
        """Report on a lease that it may never have had."""
        outcome = Outcome(lease, OutcomeKind.COMPLETED, packed("forged"), 0.1)
        self.report([outcome])

    def hand_back(self, leases: list[int], *, refused: bool = False) -> None:
        for lease in leases:
            self._let_go(lease)
        self._say(HandBack(leases, "busy", self._grant(), refused))

    def beat(self) -> None:
        reported = {o.lease for outcomes in self.unkept.values() for o in outcomes}
        held = [lease for lease in self.claims if lease not in reported]
        self.beats += 1
        self._say(
            NodeHealth(
                Vitals(),
                self._grant(),
                self.received,
                held,
                sorted(reported),
                self.beats,
                self.heard,
            )
        )

    def drain(self) -> None:
        self.is_draining = True
        self._say(NodeDraining())

    def leave(self) -> None:
        """Stop, as a node should."""
        reported = {o.lease for outcomes in self.unkept.values() for o in outcomes}
        leases = [lease for lease in self.claims if lease not in reported]
        if leases:
            self._say(HandBack(leases, "the node is leaving", self.granted))
        self._say(NodeGoodbye())
        self.is_running = False


class ModelClient:
    """A requester and its link."""

    def __init__(self, mesh: MeshModel, name: str) -> None:
        self.mesh = mesh
        self.address = f"client/{name}"
        self.is_linked = True
        self.inbox: deque[Message] = deque()
        self.outbox: deque[Message] = deque()
        self.asked: dict[int, Submit | Cancel] = {}
        """Every request it ever made."""
        self.unanswered: dict[int, Submit | Cancel] = {}
        self.said_again: set[int] = set()
        """Requests whose answer may be that of an earlier saying, before the link was cut."""
        self.acknowledged: set[str] = set()
        self.awaited: dict[str, bool] = {}
        """Tasks whose ending it waits for, and whether it streams them."""
        self.endings: dict[str, Ending] = {}

    def ask(self, request: Submit | Cancel) -> None:
        self.asked[request.request] = self.unanswered[request.request] = request
        if self.is_linked:
            self.outbox.append(request)

    def watch(self, task_id: str, *, stream: bool) -> None:
        if task_id in self.endings:
            return
        self.awaited[task_id] = stream or self.awaited.get(task_id, False)
        if self.is_linked:
            self.outbox.append(Watch(0, [task_id], stream))

    def cut(self) -> None:
        self.is_linked = False
        self.inbox.clear()
        self.outbox.clear()

    def heal(self) -> None:
        """Say again what was not answered, and ask again for what it waits for."""
        self.is_linked = True
        self.outbox.extend(self.unanswered.values())
        self.said_again.update(self.unanswered)
        for task_id, stream in self.awaited.items():
            self.outbox.append(Watch(0, [task_id], stream))

    def hear(self) -> None:
        message = self.inbox.popleft()
        match message:
            case Accepted():
                self._on_accepted(message)
            case Cancelled(number):
                self.unanswered.pop(number, None)
            case Ended(endings):
                for ending in endings:
                    self._on_ending(ending)
            case Happened(happened):
                for event in happened:
                    if event.ending is not None:
                        self._on_ending(event.ending)
            case NotFound(_, task_ids):
                for task_id in task_ids:
                    self.awaited.pop(task_id, None)
                    assert task_id not in self.acknowledged, f"{task_id} is lost"
            case _:
                raise AssertionError(f"this is nothing for a client: {message}")

    def _on_accepted(self, answer: Accepted) -> None:
        request = self.unanswered.pop(answer.request, None)
        if not isinstance(request, Submit):
            return  # answered already
        refused = {place for place, _ in answer.refused}
        same_as = dict(answer.same_as)
        for place, spec in enumerate(request.tasks):
            if place in refused:
                continue
            task_id = same_as.get(place, spec.task_id)
            self.acknowledged.add(task_id)
            if request.tell and task_id not in self.endings:
                if place in same_as or answer.request in self.said_again:
                    self.watch(task_id, stream=False)
                else:
                    self.awaited.setdefault(task_id, False)

    def _on_ending(self, ending: Ending) -> None:
        known = self.endings.setdefault(ending.task_id, ending)
        assert known == ending, f"{ending.task_id} ended as {known}, and now as {ending}"
        self.awaited.pop(ending.task_id, None)
