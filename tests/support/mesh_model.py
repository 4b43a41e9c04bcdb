"""A whole mesh around the dispatch machine: a disk that answers late, links that break, nodes and
requesters that forget nothing they should not; and a judge that looks at every step.

Everybody but the machine is a simple model. A node is what ``NodeRuntime`` is to the orchestrator:
it counts what it receives and has done, repeats reports until they are kept, and says hello with
what it holds. A requester is what ``MeshClient`` is: it says unanswered requests again to whoever
appears, and waits for endings. The judge keeps to what may be seen from outside: what is on the
disk, what is told, and to whom.

Messages travel in order and are lost only with their link. The model decides nothing by chance:
whoever drives it says what happens next.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

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
from cognitive_architecture.distributed_mesh.machines.entry import Phase
from cognitive_architecture.distributed_mesh.machines.roster import CONTACT_TOLD_S
from cognitive_architecture.distributed_mesh.messages import (
    Accepted,
    Assign,
    Cancel,
    Cancelled,
    Ended,
    Happened,
    Kept,
    Message,
    NodeHealth,
    NotFound,
    OutcomeKind,
    Submit,
)
from cognitive_architecture.distributed_mesh.model import UNREACHED, Ending, TaskSpec
from cognitive_architecture.distributed_mesh.orchestrator.reception import _EVENTS
from cognitive_architecture.distributed_mesh.policies.matching import CapabilityMatcher
from cognitive_architecture.distributed_mesh.policies.scheduling import AgeingOrder
from cognitive_architecture.distributed_mesh.records import WriteBatch
from cognitive_architecture.foundation.errors import StoreFull
from cognitive_architecture.foundation.settings import DispatchSettings, RecoverySettings

from .invariants import check_invariants
from .mesh_model_peers import ModelClient, ModelNode

_QUIET_ROUNDS = 400
_HISTORY = 5


class StrictDisk:
    """Keeps batches, and does not let history be changed."""

    def __init__(self) -> None:
        self.disk = MemoryDisk()

    def judge(self, batch: WriteBatch) -> None:
        """Fail if the batch contradicts what is on the disk."""
        serials = [task.serial for task in batch.tasks]
        assert len(set(serials)) == len(serials)
        for task in batch.tasks:
            assert task.serial not in self.disk.tasks, f"serial {task.serial} was used before"
        new = set(serials)
        ended: set[int] = set()
        for ending in batch.endings:
            serial = ending.serial
            assert serial in self.disk.tasks or serial in new, f"{ending.task_id} was never kept"
            assert serial not in self.disk.endings, f"{ending.task_id} ends a second time"
            assert serial not in ended, f"{ending.task_id} ends twice in one batch"
            ended.add(serial)
        numbers = {
            serial: [attempt.number for attempt in attempts]
            for serial, attempts in self.disk.attempts.items()
        }
        for failed in batch.attempts:
            assert failed.serial in self.disk.tasks, f"attempt of unknown #{failed.serial}"
            known = numbers.setdefault(failed.serial, [])
            assert failed.attempt.number not in known, f"attempt {failed.attempt} is kept twice"
            known.append(failed.attempt.number)

    def status(self, task_id: str) -> str:
        """``unknown``, ``open``, or how it ended."""
        serial = self.disk.serials.get(task_id)
        if serial is None:
            return "unknown"
        ending = self.disk.endings.get(serial)
        return "open" if ending is None else str(ending.status)


class Commit:
    """Writes on their way to the disk."""

    def __init__(self, writes: list[Write]) -> None:
        self.writes = writes
        self.repeats: dict[int, str] | None = None
        self.has_failed = False

    @property
    def tickets(self) -> list[int]:
        return [write.ticket for write in self.writes]


class MeshModel:
    """Machine, disk, nodes, requesters, and the judge."""

    def __init__(
        self,
        settings: DispatchSettings,
        *,
        nodes: dict[str, tuple[list[str], int]],
        recovery: RecoverySettings | None = None,
    ) -> None:
        """Nothing has happened yet.

        Args:
            settings: Of the machine.
            nodes: By id, what each offers and how many slots it has; none is running yet.
        """
        self.settings = settings
        self.recovery = recovery or RecoverySettings()
        self.disk = StrictDisk()
        self.now = 0.0
        self.requests = 0
        self.given_up: Counter[str] = Counter()
        """Assignments of each address that were lost with it, and may have been only late: until
        its next heartbeat it may be sent so many more than it asked for."""
        self.unreached: set[int] = set()
        """Leases of which it was said that they were lost on the way: they must never arrive."""
        self.issued: dict[int, tuple[str, str]] = {}
        """Every lease that was ever told to a node: its task, and the node's address."""
        self.specs: dict[str, TaskSpec] = {}
        self.clients = [ModelClient(self, name) for name in ("ann", "bob")]
        self.nodes = [
            ModelNode(self, node_id, offers, slots) for node_id, (offers, slots) in nodes.items()
        ]
        self.unnoticed: list[str] = []
        """Addresses whose going the orchestrator has not noticed yet."""
        self._take_over()

    def _take_over(self) -> None:
        self.waiting: list[Write] = []
        self.commit: Commit | None = None
        self.unnoticed.clear()
        self.accepted: set[int] = set()
        """Leases whose outcome this owner has accepted; what it had not written died with it."""
        self._known_when_cancelled: dict[int, deque[set[str]]] = {}
        """Which of its tasks were durable whenever a request to cancel arrived."""
        self.store = MemoryTaskStore(self.disk.disk)
        owned = self.store.open()
        self.machine = DispatchMachine(
            self.settings,
            epoch=owned.epoch,
            last_serial=owned.last_serial,
            order=AgeingOrder(self.settings.ageing_s),
            matcher=CapabilityMatcher(),
            chance=lambda: 0.5,
            ever_offered=owned.capabilities,
            recovery=self.recovery,
            lags=owned.lags,
        )
        self.machine.anchor_wall(1_700_000_000.0)
        for task_type in ("echo", "sum"):  # so that it is known what is usual
            self.board.performance.completed("elsewhere", task_type, [0.1] * 16)
            self.board.performance.completed("elsewhere", task_type, [0.1] * 16)
        self.board.hedges.succeeded(_HISTORY)
        self._earned = _HISTORY
        """Results that this owner has accepted, with those of a time before the model."""
        self.found = 0
        for portion in self.store.open_tasks():
            self.found += len(portion)
            self._feed(events.TasksFound(portion))

    @property
    def board(self) -> Board:
        return self.machine.board

    @property
    def peers(self) -> list[ModelNode | ModelClient]:
        return [*self.nodes, *self.clients]

    def restart(self) -> None:
        """The orchestrator dies; another takes over the disk; everybody finds it at once."""
        for peer in self.peers:
            peer.inbox.clear()
            peer.outbox.clear()
        self._take_over()
        self._settle()
        for node in self.nodes:
            if node.is_running and node.is_linked:
                node.hello()
        for client in self.clients:
            if client.is_linked:
                client.heal()

    # -- the machine ---------------------------------------------------------------------------

    def _feed(self, event: events.Event) -> list[Effect]:
        effects = self.machine.handle(event, self.now)
        self._perform(effects)
        return effects

    def _settle(self) -> None:
        self._perform(self.machine.assign(self.now))
        self.judge()

    def _perform(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            match effect:
                case Write(_, batch):
                    self.waiting.append(effect)
                    self._count_given_up(batch)
                case Tell(address, message):
                    self._tell(address, message)
                case LookUp(address, request, task_ids):
                    self._look_up(address, request, task_ids)
                case Incident():
                    pass

    def _count_given_up(self, batch: WriteBatch) -> None:
        for failed in batch.attempts:
            if failed.attempt.outcome == UNREACHED:
                self.unreached.add(failed.attempt.lease)
            elif failed.attempt.is_loss:
                self.given_up[self.issued[failed.attempt.lease][1]] += 1

    def _look_up(self, address: str, request: int, task_ids: list[str]) -> None:
        endings = self.store.endings(task_ids)
        if endings:
            self._tell(address, Ended(endings))
        missing = set(task_ids) - {ending.task_id for ending in endings}
        if missing:
            self._tell(address, NotFound(request, sorted(missing)))
        over = [task_id for task_id in task_ids if task_id not in self.machine.board.entries]
        self._feed(events.WatchEnded(address, over))

    def _tell(self, address: str, message: Message) -> None:
        self._judge_what_is_told(address, message)
        for peer in self.peers:
            if peer.address == address and peer.is_linked:
                peer.inbox.append(message)

    def pass_time(self, seconds: float, *, in_contact: Sequence[ModelNode] = ()) -> None:
        """The machine is woken whenever it asked to be.

        Args:
            seconds: How much.
            in_contact: Nodes whose processes answer pings meanwhile, whatever their links do.
        """
        until = self.now + seconds
        while in_contact and self.now < until:
            self._feed(events.NodesInContact([node.address for node in in_contact]))
            self._pass_time_until(min(until, self.now + CONTACT_TOLD_S))
        self._pass_time_until(until)

    def _pass_time_until(self, until: float) -> None:
        wakings = 0
        while (deadline := self.machine.deadline) <= until:
            wakings = 0 if deadline > self.now else wakings + 1
            assert wakings < 10, "it is woken again and again at one instant"
            self.now = max(self.now, deadline)
            self._perform(self.machine.on_timer(self.now))
            self._settle()
        self.now = until

    # -- the network ---------------------------------------------------------------------------

    def carry_to_orchestrator(self, peer: ModelNode | ModelClient) -> None:
        """The next message of ``peer`` arrives."""
        message = peer.outbox.popleft()
        if isinstance(message, Cancel):
            known = {
                task_id
                for task_id in message.task_ids
                if (entry := self.board.entries.get(task_id)) and entry.phase is not Phase.WRITING
            }
            self._known_when_cancelled.setdefault(message.request, deque()).append(known)
        if isinstance(message, NodeHealth):
            event: Any = events.NodeMeasured(
                peer.address,
                message.vitals,
                1.0,
                message.granted,
                message.received,
                message.held,
                message.reported,
                message.beat,
                message.heard,
            )
        else:
            event = _EVENTS[type(message)](peer.address, message)
        if isinstance(event, events.NodeReported):
            self._feed_report(event)
        else:
            self._feed(event)
        self._settle()

    def _feed_report(self, event: events.NodeReported) -> None:
        """Exactly what was valid at that instant may be accepted, and only once."""
        valid: dict[int, tuple[str, int]] = {}
        for outcome in event.outcomes:
            entry = self.board.leases.holder(outcome.lease)
            if entry is not None and entry.seat is not None and entry.seat.address == event.address:
                valid[outcome.lease] = (entry.spec.task_id, entry.serial)
        batch = WriteBatch()
        for effect in self._feed(event):
            if isinstance(effect, Write):
                batch.extend(effect.batch)
        by_serial = {serial: lease for lease, (_, serial) in valid.items()}
        touched = {ending.serial for ending in batch.endings} | {a.serial for a in batch.attempts}
        assert touched <= set(by_serial), f"{event} was accepted without a valid lease"
        for ending in batch.endings:
            if ending.status == "completed":
                self._earned += 1
                self._judge_result(ending, by_serial[ending.serial], event.address)
        for serial in touched:
            lease = by_serial[serial]
            assert lease not in self.accepted, f"lease {lease} was accepted twice"
            self.accepted.add(lease)

    def _judge_result(self, ending: Ending, lease: int, address: str) -> None:
        assert ending.result is not None
        result = msgspec.msgpack.decode(ending.result)
        if isinstance(result, list):
            assert result == [[lease, index] for index in range(len(result))]
        else:
            assert result == lease, f"under lease {lease} came the result {result!r}"
        assert address == f"node/{ending.node_id}~{address.rpartition('~')[2]}"

    def notice(self) -> None:
        """The orchestrator notices whoever went first."""
        self._feed(events.NodeLost(self.unnoticed.pop(0), "its process or its link is gone"))
        self._settle()

    def notice_all(self) -> None:
        while self.unnoticed:
            self.notice()

    def cut_node(self, node: ModelNode) -> None:
        node.cut()
        self.unnoticed.append(node.address)

    def kill_node(self, node: ModelNode) -> None:
        node.kill()
        self.unnoticed.append(node.address)

    def cut_client(self, client: ModelClient) -> None:
        client.cut()
        self._feed(events.WatchEnded(client.address, None))
        self._settle()

    # -- the disk ------------------------------------------------------------------------------

    def begin_commit(self) -> None:
        """Everything that waits is on its way; one commit at a time."""
        assert self.commit is None
        self.commit, self.waiting = Commit(self.waiting), []

    def land_commit(self, *, has_room: bool) -> None:
        """It reaches the disk, or does not; nobody has heard of it yet."""
        assert self.commit is not None
        batch = WriteBatch()
        for write in self.commit.writes:
            batch.extend(write.batch)
        # As SQLite does, a full disk takes what is empty.
        self.commit.has_failed = not has_room and batch.rows > 0
        if not self.commit.has_failed:
            self.disk.judge(batch)
            self.commit.repeats = self.store.commit_now(batch)

    def answer_commit(self) -> None:
        """The machine hears of it."""
        assert self.commit is not None
        commit, self.commit = self.commit, None
        if commit.has_failed:
            self._feed(events.WriteFailed(commit.tickets, StoreFull("the disk is full")))
        else:
            assert commit.repeats is not None
            self._feed(events.Written(commit.tickets, commit.repeats))
        self._settle()

    def commit_all(self) -> None:
        """Everything that waits becomes durable, and so on until nothing waits."""
        while self.commit is not None or self.waiting:
            if self.commit is None:
                self.begin_commit()
            assert self.commit is not None
            if self.commit.repeats is None and not self.commit.has_failed:
                self.land_commit(has_room=True)
            self.answer_commit()

    # -- the judge -----------------------------------------------------------------------------

    def judge(self) -> None:
        """What must hold after every step."""
        check_invariants(self.board)
        hedged, share = self.board.tally.hedged, self.recovery.hedge_share
        assert hedged <= share * self._earned, f"{hedged} hedged for {self._earned} results"
        bound = max(self.settings.queue_tasks_max, self.found)
        assert len(self.board.entries) <= bound
        assert self.board.open_bytes <= self.settings.queue_bytes_max
        for seat in self.board.roster:
            most = seat.granted + self.given_up[seat.address]
            assert seat.sent <= most, f"{seat.node_id}: {seat.sent} of {most}"

    def _judge_what_is_told(self, address: str, message: Message) -> None:
        """Nothing is told before it is durable."""
        match message:
            case Accepted():
                self._judge_acknowledgement(address, message)
            case Cancelled(number, stopped):
                request = self._client(address).asked[number]
                assert isinstance(request, Cancel)
                known = self._known_when_cancelled[number].popleft()
                for task_id, was_stopped in zip(request.task_ids, stopped, strict=True):
                    status = self.disk.status(task_id)
                    if was_stopped:
                        assert status == "cancelled", f"{task_id} is {status}"
                    elif task_id in known:
                        entry = self.board.entries.get(task_id)
                        is_closing = entry is not None and entry.phase is Phase.CLOSING
                        assert not is_closing, f"{task_id} is told to have ended, on no disk"
            case Ended(endings):
                for ending in endings:
                    assert self.disk.disk.endings.get(ending.serial) == ending
            case Happened(happened):
                for event in happened:
                    assert self.disk.status(event.task_id) != "unknown", f"told of {event}"
                    if event.ending is not None:
                        assert self.disk.disk.endings.get(event.ending.serial) == event.ending
            case Kept(number):
                self._judge_kept(address, number)
            case Assign(assignments):
                for assignment in assignments:
                    task_id = assignment.spec.task_id
                    assert assignment.lease not in self.issued, "a lease is given out twice"
                    assert self.disk.status(task_id) == "open", f"{task_id} is begun"
                    self.issued[assignment.lease] = (task_id, address)
            case _:
                pass

    def _judge_acknowledgement(self, address: str, answer: Accepted) -> None:
        request = self._client(address).asked[answer.request]
        assert isinstance(request, Submit)
        refused = {place for place, _ in answer.refused}
        same_as = dict(answer.same_as)
        for place, spec in enumerate(request.tasks):
            if place not in refused:
                task_id = same_as.get(place, spec.task_id)
                assert self.disk.status(task_id) != "unknown", f"{task_id} is acknowledged"

    def _judge_kept(self, address: str, number: int) -> None:
        """The node forgets the report, so what was accepted of it must be on the disk."""
        node = next((node for node in self.nodes if node.address == address), None)
        for outcome in node.unkept.get(number, []) if node is not None else []:
            if outcome.lease in self.accepted and self.issued[outcome.lease][1] == address:
                serial = self.disk.disk.serials[self.issued[outcome.lease][0]]
                reasons = [a.reason for a in self.disk.disk.attempts.get(serial, ())]
                kept = serial in self.disk.disk.endings or outcome.reason in reasons
                lost_chunks = outcome.kind == OutcomeKind.COMPLETED and any(
                    reason.startswith("announced") for reason in reasons
                )
                assert kept or lost_chunks, f"{outcome} is kept nowhere"

    def _client(self, address: str) -> ModelClient:
        return next(client for client in self.clients if client.address == address)

    # -- in the end ----------------------------------------------------------------------------

    def quiet_down(self) -> None:
        """Nothing breaks any more and everybody works: everything must end and be told."""
        self.notice_all()
        self.commit_all()
        for client in self.clients:
            if not client.is_linked:
                client.heal()
        for node in self.nodes:
            if not node.is_running or node.is_draining:
                if node.is_running:
                    node.leave()
                    self._carry_all()
                node.start()
            elif not node.is_linked:
                node.heal()
        for _ in range(_QUIET_ROUNDS):
            self._carry_all()
            for node in self.nodes:
                for number in node.unkept:
                    node.repeat(number)
                for lease in list(node.working):
                    node.finish(lease, OutcomeKind.COMPLETED)
                if node.is_refused:
                    node.hello()
                node.beat()
            self._carry_all()
            is_owed = any(node.unkept for node in self.nodes)
            if not self.board.entries and not len(self.board.writes) and not is_owed:
                break
            self.pass_time(1.0)
        self._judge_the_end()

    def _carry_all(self) -> None:
        """Everything on its way arrives, and so does what follows from it."""
        peers = self.peers
        while any(peer.inbox or peer.outbox for peer in peers) or self.waiting or self.commit:
            for peer in peers:
                while peer.outbox:
                    self.carry_to_orchestrator(peer)
                while peer.inbox:
                    peer.hear()
            self.commit_all()

    def _judge_the_end(self) -> None:
        left = {task_id: entry.phase.name for task_id, entry in self.board.entries.items()}
        assert not left, f"these never end: {left}"
        assert len(self.board.leases) == 0
        assert len(self.board.writes) == 0
        for client in self.clients:
            assert not client.unanswered, f"{client.address} is owed {client.unanswered}"
            assert not client.awaited, f"{client.address} never hears of {client.awaited}"
            for task_id in client.acknowledged:
                assert self.disk.status(task_id) not in ("unknown", "open"), f"{task_id} is lost"
        assert not self.board.watchers.are_any, f"{self.board.watchers._by_task}"
