"""Drives the dispatch machine as the dispatcher does, on a disk in memory, and records all of it.

    mesh = DispatchHarness()
    n1 = mesh.node("n1")                    # joins, with one slot that offers "echo"
    mesh.submit(a_spec("a"))
    mesh.complete(n1, "a", value=42)
    assert mesh.heard("client/ann") == [...]

Time stands still until ``wait`` moves it. Writes are committed at once unless ``holds_writes``;
then ``commit`` and ``refuse_writes`` answer them. After every step the board is checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cognitive_architecture.distributed_mesh.adapters.memory_store import (
    MemoryDisk,
    MemoryTaskStore,
)
from cognitive_architecture.distributed_mesh.machines import events
from cognitive_architecture.distributed_mesh.machines.board import Board
from cognitive_architecture.distributed_mesh.machines.dispatch import DispatchMachine
from cognitive_architecture.distributed_mesh.machines.effects import (
    Effect,
    Incident,
    LookUp,
    Tell,
    Write,
)
from cognitive_architecture.distributed_mesh.machines.entry import Entry, Phase
from cognitive_architecture.distributed_mesh.machines.roster import CONTACT_TOLD_S
from cognitive_architecture.distributed_mesh.messages import (
    Assign,
    Assignment,
    Claim,
    Heard,
    Message,
    Outcome,
    Stop,
    Vitals,
)
from cognitive_architecture.distributed_mesh.model import Ending, TaskSpec
from cognitive_architecture.distributed_mesh.policies.matching import CapabilityMatcher
from cognitive_architecture.distributed_mesh.policies.scheduling import AgeingOrder
from cognitive_architecture.distributed_mesh.records import Ownership, WriteBatch
from cognitive_architecture.foundation.errors import StoreError, StoreFull
from cognitive_architecture.foundation.settings import (
    DispatchSettings,
    QuotaSettings,
    RecoverySettings,
    ShareSettings,
)

from .builders import completed, failed, timed_out
from .invariants import check_invariants

ANN = "client/ann"
BOB = "client/bob"
WALL_AT_ZERO = 1_700_000_000.0


class Worker:
    """A node as the machine sees it: an address that grants, receives and reports."""

    def __init__(self, node_id: str, *, slots: int, ahead: int, offers: Iterable[str]) -> None:
        self.node_id = node_id
        self.slots = slots
        self.ahead = ahead
        self.offers = frozenset(offers)
        self.incarnation = 1
        self.received = 0
        self.done = 0
        self.reports = 0
        self.assignments: dict[int, Assignment] = {}
        """What it has and has not finished, by lease."""
        self.ever_had: dict[str, list[int]] = {}
        """Every lease it ever had, by task."""
        self.is_deaf = False
        """What it is told is lost on the way."""
        self.beats = 0
        self.heard = 0
        """The latest heartbeat whose answer it has heard."""
        self._granted = 0

    @property
    def address(self) -> str:
        return f"node/{self.node_id}~{self.incarnation}"

    @property
    def granted(self) -> int:
        """This never falls."""
        self._granted = max(self._granted, self.done + self.slots + self.ahead)
        return self._granted

    def grant_anew(self) -> None:
        """Let it want less than it has said before."""
        self._granted = 0

    @property
    def leases(self) -> list[int]:
        return list(self.assignments)

    @property
    def tasks(self) -> list[str]:
        """What it works on or holds ready, in the order in which it was sent."""
        return [assignment.spec.task_id for assignment in self.assignments.values()]

    @property
    def claims(self) -> list[Claim]:
        return [Claim(lease, item.spec.task_id) for lease, item in self.assignments.items()]

    def lease_of(self, task_id: str) -> int:
        """The latest lease it was given on the task, whether it still holds it or not."""
        return self.ever_had[task_id][-1]

    def hear(self, message: Message) -> None:
        if self.is_deaf:
            return
        if isinstance(message, Assign):
            self.received += len(message.assignments)
            for assignment in message.assignments:
                self.assignments[assignment.lease] = assignment
                self.ever_had.setdefault(assignment.spec.task_id, []).append(assignment.lease)
        elif isinstance(message, Stop):
            for lease, _ in message.leases:
                self.let_go(lease)
        elif isinstance(message, Heard):
            self.heard = max(self.heard, message.beat)

    def let_go(self, lease: int) -> None:
        if self.assignments.pop(lease, None) is not None:
            self.done += 1

    def forget_everything(self) -> None:
        """Its process was killed and started again."""
        self.incarnation += 1
        self.received = self.done = self.reports = self._granted = 0
        self.beats = self.heard = 0
        self.assignments.clear()


class DispatchHarness:
    """The machine, a disk, a clock that stands still, and nodes that do as they are told."""

    def __init__(
        self,
        settings: DispatchSettings | None = None,
        *,
        disk: MemoryDisk | None = None,
        matcher: CapabilityMatcher | None = None,
        chance: float = 0.0,
        holds_writes: bool = False,
        recovery: RecoverySettings | None = None,
        shares: ShareSettings | None = None,
        quotas: QuotaSettings | None = None,
    ) -> None:
        self.settings = settings or DispatchSettings()
        self.recovery = recovery
        self.shares = shares or ShareSettings()
        self.quotas = quotas
        self.disk = disk or MemoryDisk()
        self.chance = chance
        """What every draw comes out as; 0 makes pauses longest."""
        self.holds_writes = holds_writes
        self.now = 0.0
        self.workers: dict[str, Worker] = {}
        """By address."""
        self._matcher = matcher
        self._requests = 0
        self._take_over()

    def _take_over(self) -> None:
        self.effects: list[Effect] = []
        """Everything this owner has ordered."""
        self.instants: list[float] = []
        """When it ordered each of them."""
        self.waiting: list[Write] = []
        """Writes without an answer, oldest first."""
        self._heard: dict[str, list[Message]] = {}
        self.store = MemoryTaskStore(self.disk)
        owned = self.store.open()
        self.machine = self.made(owned)
        self.machine.anchor_wall(WALL_AT_ZERO)
        for portion in self.store.open_tasks():
            self.handle(events.TasksFound(portion))

    def made(self, owned: Ownership) -> DispatchMachine:
        """The machine of a new owner."""
        return DispatchMachine(
            self.settings,
            epoch=owned.epoch,
            last_serial=owned.last_serial,
            order=AgeingOrder(self.settings.ageing_s),
            matcher=self._matcher or CapabilityMatcher(),
            chance=lambda: self.chance,
            ever_offered=owned.capabilities,
            recovery=self.recovery,
            shares=self.shares,
            quotas=self.quotas,
            lags=owned.lags,
        )

    @property
    def board(self) -> Board:
        return self.machine.board

    def restart(self) -> None:
        """The orchestrator's process dies; another one takes over the same disk."""
        self._take_over()
        self.settle()

    # -- facts in, orders out ------------------------------------------------------------------

    def handle(self, event: events.Event) -> list[Effect]:
        """Tell the machine a fact and nothing else; what it orders at once."""
        effects = self.machine.handle(event, self.now)
        self._perform(effects)
        check_invariants(self.board)
        return effects

    def feed(self, event: events.Event) -> list[Effect]:
        """Tell the machine a fact and do what follows from it; everything it ordered."""
        began = len(self.effects)
        self.handle(event)
        self.settle()
        return self.effects[began:]

    def settle(self) -> None:
        """Hand out what can be handed out, and commit, until there is no more to do."""
        self.assign()
        while self.waiting and not self.holds_writes:
            self._commit(len(self.waiting))
            self.assign()

    def assign(self) -> list[Effect]:
        effects = self.machine.assign(self.now)
        self._perform(effects)
        check_invariants(self.board)
        return effects

    def _perform(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            self.effects.append(effect)
            self.instants.append(self.now)
            match effect:
                case Write():
                    self.waiting.append(effect)
                case Tell(address, message):
                    self._heard.setdefault(address, []).append(message)
                    if (worker := self.workers.get(address)) is not None:
                        worker.hear(message)
                case LookUp() | Incident():
                    pass

    # -- the disk ------------------------------------------------------------------------------

    def commit(self, count: int | None = None) -> list[Effect]:
        """The oldest waiting writes, or all, become durable together."""
        began = len(self.effects)
        self._commit(len(self.waiting) if count is None else count)
        self.settle()
        return self.effects[began:]

    def _commit(self, count: int) -> None:
        answered, self.waiting = self.waiting[:count], self.waiting[count:]
        batch = WriteBatch()
        for write in answered:
            batch.extend(write.batch)
        repeats = self.store.commit_now(batch)
        self.handle(events.Written([write.ticket for write in answered], repeats))

    def refuse_writes(
        self, error: StoreError | None = None, *, count: int | None = None
    ) -> list[Effect]:
        """The disk keeps nothing of the oldest waiting writes, or of all."""
        began = len(self.effects)
        count = len(self.waiting) if count is None else count
        answered, self.waiting = self.waiting[:count], self.waiting[count:]
        tickets = [write.ticket for write in answered]
        self.handle(events.WriteFailed(tickets, error or StoreFull("the disk is full")))
        self.settle()
        return self.effects[began:]

    # -- time ----------------------------------------------------------------------------------

    def wait(self, seconds: float, *, in_contact: Sequence[Worker] = ()) -> list[Effect]:
        """Let time pass; the machine is woken whenever it asked to be.

        Args:
            seconds: How much.
            in_contact: Nodes whose processes answer pings meanwhile.
        """
        began = len(self.effects)
        until = self.now + seconds
        while in_contact and self.now < until:
            self.handle(events.NodesInContact([worker.address for worker in in_contact]))
            self._wait_until(min(until, self.now + CONTACT_TOLD_S))
        self._wait_until(until)
        return self.effects[began:]

    def _wait_until(self, until: float) -> None:
        wakings = 0
        while (deadline := self.machine.deadline) <= until:
            wakings = 0 if deadline > self.now else wakings + 1
            assert wakings < 10, "it is woken again and again at one instant"
            self.now = max(self.now, deadline)
            self.tick()
        self.now = until

    def tick(self) -> None:
        """Wake the machine now."""
        self._perform(self.machine.on_timer(self.now))
        check_invariants(self.board)
        self.settle()

    # -- requesters ----------------------------------------------------------------------------

    def submit(self, *specs: TaskSpec, sender: str = ANN, tell: bool = False) -> int:
        """The number of the request."""
        self._requests += 1
        self.feed(events.TasksSubmitted(sender, self._requests, list(specs), tell))
        return self._requests

    def cancel(self, *task_ids: str, sender: str = ANN) -> int:
        self._requests += 1
        self.feed(events.CancelRequested(sender, self._requests, list(task_ids)))
        return self._requests

    def watch(self, *task_ids: str, sender: str = ANN, stream: bool = False) -> int:
        self._requests += 1
        self.feed(events.WatchRequested(sender, self._requests, list(task_ids), stream))
        return self._requests

    def heard(self, address: str) -> list[Message]:
        """What was said to ``address`` since this was last asked."""
        return self._heard.pop(address, [])

    # -- nodes ---------------------------------------------------------------------------------

    def node(
        self,
        node_id: str = "n1",
        *offers: str,
        slots: int = 1,
        ahead: int = 0,
        metadata: dict[str, Any] | None = None,
    ) -> Worker:
        """A node joins; it offers ``echo`` unless something else is said."""
        worker = Worker(node_id, slots=slots, ahead=ahead, offers=offers or ("echo",))
        self.arrive(worker, metadata=metadata)
        return worker

    def arrive(
        self,
        worker: Worker,
        *,
        claims: list[Claim] | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> list[Effect]:
        """The node says hello, for the first time or again."""
        self.workers[worker.address] = worker
        return self.feed(
            events.NodeArrived(
                worker.address,
                worker.node_id,
                "agent",
                worker.offers,
                worker.slots,
                worker.granted,
                worker.received,
                worker.claims if claims is None else claims,
                metadata or {},
            )
        )

    def lose(self, worker: Worker, reason: str = "its process or its link is gone") -> list[Effect]:
        return self.feed(events.NodeLost(worker.address, reason))

    def report(self, worker: Worker, *outcomes: Outcome, number: int | None = None) -> list[Effect]:
        """Attempts of the node are over, and as many slots are free again."""
        for outcome in outcomes:
            worker.let_go(outcome.lease)
        if number is None:
            worker.reports += 1
            number = worker.reports
        return self.feed(
            events.NodeReported(worker.address, number, worker.granted, list(outcomes))
        )

    def complete(
        self, worker: Worker, task_id: str, value: object = None, *, run_s: float = 0.1
    ) -> list[Effect]:
        return self.report(worker, completed(worker.lease_of(task_id), value, run_s=run_s))

    def fail(
        self, worker: Worker, task_id: str, reason: str = "boom", *, for_good: bool = False
    ) -> list[Effect]:
        return self.report(worker, failed(worker.lease_of(task_id), reason, for_good=for_good))

    def time_out(self, worker: Worker, task_id: str) -> list[Effect]:
        return self.report(worker, timed_out(worker.lease_of(task_id)))

    def hand_back(
        self, worker: Worker, *task_ids: str, reason: str = "busy", refused: bool = False
    ) -> list[Effect]:
        leases = [worker.lease_of(task_id) for task_id in task_ids]
        for lease in leases:
            worker.let_go(lease)
        return self.feed(
            events.NodeHandedBack(worker.address, leases, reason, worker.granted, refused)
        )

    def beat(
        self,
        worker: Worker,
        *,
        held: list[int] | None = None,
        reported: list[int] | None = None,
        health: float = 1.0,
    ) -> list[Effect]:
        """The node's heartbeat."""
        worker.beats += 1
        return self.feed(
            events.NodeMeasured(
                worker.address,
                Vitals(),
                health,
                worker.granted,
                worker.received,
                worker.leases if held is None else held,
                reported or [],
                worker.beats,
                worker.heard,
            )
        )

    # -- what became of it ---------------------------------------------------------------------

    def entry(self, task_id: str) -> Entry:
        return self.board.entries[task_id]

    def phase(self, task_id: str) -> Phase:
        return self.board.entries[task_id].phase

    def ending(self, task_id: str) -> Ending | None:
        """How the task ended, as the disk has it."""
        stored = self.store.task(task_id)
        return None if stored is None else stored.ending

    def ended(self, task_id: str) -> Ending:
        """The same of a task that must have ended."""
        ending = self.ending(task_id)
        assert ending is not None, f"{task_id} has no ending on the disk"
        return ending
