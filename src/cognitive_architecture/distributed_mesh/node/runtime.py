"""What a node says and hears: joins, takes assignments, reports, keeps its heart beating, leaves.

The slots do the work; this is the conversation with the orchestrator about it. Every report is
repeated until the orchestrator says that it is kept, so nothing is lost when either of them is
restarted; and every number that matters is a running total, so nothing is counted twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Any, Final

import structlog
from msgspec.structs import replace

from cognitive_architecture.distributed_mesh.handlers import Handler
from cognitive_architecture.distributed_mesh.known_orchestrators import KnownOrchestrators
from cognitive_architecture.distributed_mesh.messages import (
    Assign,
    Assignment,
    Checkpoint,
    Chunk,
    HandBack,
    Heard,
    Introduce,
    Kept,
    Message,
    NodeDraining,
    NodeGoodbye,
    NodeHealth,
    NodeHello,
    NodeRefused,
    Outcome,
    OutcomeKind,
    PleaseDrain,
    Progress,
    Stop,
    Vitals,
    Welcome,
)
from cognitive_architecture.distributed_mesh.model import MeshNodeType
from cognitive_architecture.distributed_mesh.payloads import check_metadata
from cognitive_architecture.distributed_mesh.policies.attributes import declaration_of
from cognitive_architecture.distributed_mesh.policies.concurrency import Concurrency
from cognitive_architecture.distributed_mesh.policies.pace import Pace
from cognitive_architecture.distributed_mesh.ports import Fabric, Requester
from cognitive_architecture.distributed_mesh.post import Delivery, Post
from cognitive_architecture.foundation.errors import HandlerStuck, MeshError, from_wire
from cognitive_architecture.foundation.sentences import sentence_of
from cognitive_architecture.foundation.settings import NodeSettings
from cognitive_architecture.foundation.world import Timer, World

from .account import Account
from .equipment import Equipment
from .loading import by_capability
from .pulse import Pulse
from .requests import NodeRequests
from .serving import ServiceTerms
from .slots import SlotPool
from .vitals import VitalsSource

_log = structlog.get_logger(__name__)

_REPEAT_AFTER_S: Final = 2.0
_HELLO_AGAIN_S: Final = 0.25
_QUEUED_TOO_LONG_S: Final = 0.5
_FAREWELL_S: Final = 1.0
"""A leaving node waits so long to be heard. An orchestrator that is there answers in a few
milliseconds."""


class NodeRuntime:
    """One node of the mesh, in this process."""

    def __init__(  # noqa: PLR0915 - a line for each part
        self,
        world: World,
        settings: NodeSettings,
        fabric: Fabric,
        handlers: Iterable[Handler],
        vitals: VitalsSource,
        *,
        node_id: str,
        node_type: MeshNodeType = MeshNodeType.AGENT,
        slots: int = 1,
        metadata: dict[str, Any] | None = None,
        stuck_s: float | None = None,
        requester: Callable[[Fabric, str], Requester] | None = None,
        equipment: Equipment | None = None,
    ) -> None:
        """Prepare; nothing is opened yet.

        Args:
            world: Clock and ids.
            settings: How it works.
            fabric: Its access to the network.
            handlers: What it can do, one for each capability.
            vitals: Who measures the machine.
            node_id: Its name in the mesh.
            node_type: The part it plays.
            slots: Tasks it works on at a time.
            metadata: What people may want to know of it; JSON can say it.
            stuck_s: After so many seconds with a handler that does not stop, it hands everything
                else back and ends with ``HandlerStuck``. Only where somebody starts it again.
            requester: Makes its client of its fabric and its id, for handlers that ask.
            equipment: What some of the handlers hold on to; opened and closed with the node.
        """
        self.node_id = node_id
        self._stuck_s = stuck_s
        self.capabilities = by_capability(handlers)
        self._world = world
        self._clock = world.clock
        self._settings = settings
        self._fabric = fabric
        self._vitals = vitals
        self._node_type = node_type
        self._metadata = dict(metadata or {})
        versions = {h.capability: h.version for h in self.capabilities.values() if h.version}
        if versions:
            self._metadata["versions"] = versions | self._metadata.get("versions", {})
        check_metadata(self._metadata)
        declared = declaration_of(node_id, node_type, self.capabilities, self._metadata)
        self._terms = ServiceTerms(declared.rules, memory_usage_max=settings.memory_usage_max)
        self._latest = Vitals()
        # The incarnation tells two processes with the same node id apart.
        address = f"node/{node_id}~{world.ids.next_id('i').removeprefix('i-')}"
        self._post = Post(fabric, address, self._on_delivery)
        make = None if requester is None else partial(requester, fabric, node_id)
        self._requests = NodeRequests(world, make)
        self._equipment = equipment
        self._pool = SlotPool(
            slots,
            self.capabilities,
            self,
            world.clock,
            result_bytes_max=settings.result_bytes_max,
            checkpoint_bytes_max=settings.checkpoint_bytes_max,
            requests=self._requests,
        )
        self._pace = Pace(settings.lookahead_s, settings.lookahead_max)
        self._concurrency = Concurrency(slots) if settings.adapts_concurrency else None
        self._known_orchestrators = KnownOrchestrators()
        self._orchestrator: str | None = None
        self._is_welcome = False
        """Whether the last hello was answered: before, nobody knows the leases of this node, and
        what it says of them would be refused."""
        self._said_hello_at = 0.0
        self._has_joined = asyncio.Event()
        self._is_over = asyncio.Event()
        self._refusal: MeshError | None = None
        self._refused_since: float | None = None
        self._is_draining = False
        self._is_stopping = False
        self._has_crashed = False
        self._farewell = 0
        """Number of its last report; after it, this node says nothing more."""
        self._farewell_is_heard = asyncio.Event()
        self._ending: asyncio.Task[None] | None = None
        self._started_at = 0.0
        self._queued_since = 0.0
        self._account = Account(slots)
        self._pulse = Pulse()
        self._next_beat: Timer | None = None
        self._progress: dict[int, Progress] = {}
        self._checkpoints: dict[int, bytes] = {}
        """The latest of each attempt that was not told yet, by lease."""
        self._flush_is_due = False
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def address(self) -> str:
        """Where it can be reached."""
        return self._post.address

    @property
    def is_over(self) -> bool:
        """Whether it has left."""
        return self._is_over.is_set()

    # -- coming and going ----------------------------------------------------------------------

    async def start(self) -> None:
        """Open the network, begin to work, and look for an orchestrator."""
        self._started_at = self._clock.now()
        await self._fabric.start()
        self._requests.start()
        if self._equipment is not None:
            await self._equipment.open(self._requests)
        self._pool.start()
        await self._post.open()
        await self._fabric.watch("orchestrator", self._on_orchestrator)
        self._beat()

    async def joined(self) -> None:
        """Return when an orchestrator has let it in.

        Raises:
            DuplicateNode: Another node has its id and does not leave.
            MeshError: The orchestrator refused it for another reason.
        """
        waiting = [
            asyncio.ensure_future(self._has_joined.wait()),
            asyncio.ensure_future(self._is_over.wait()),
        ]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiter in waiting:
                waiter.cancel()
        if self._refusal is not None:
            raise self._refusal

    async def until_over(self) -> None:
        """Return when it has been drained or stopped.

        Raises:
            MeshError: An orchestrator refused it for good.
        """
        await self._is_over.wait()
        if self._refusal is not None:
            raise self._refusal

    async def drain(self) -> None:
        """Take nothing more, hand back what waits, let running handlers finish, leave."""
        if self._is_draining:
            return
        self._is_draining = True
        self._tell(NodeDraining())
        self._hand_back_queued("the node is leaving")
        deadline = self._clock.now() + self._settings.drain_timeout_s
        while self._pool.running() and self._clock.now() < deadline:
            await self._clock.sleep_until(self._clock.now() + 0.02)
        self._flush()
        while (
            self._account.has_unkept
            and self._orchestrator
            and not self._is_stopping
            and self._clock.now() < deadline
        ):
            await self._clock.sleep_until(self._clock.now() + 0.02)
        await self.stop()

    async def stop(self) -> None:
        """Leave at once; what runs is handed back and cancelled."""
        if self._is_stopping:
            await self._is_over.wait()
            return
        if not self._farewell:
            self._flush()
            leases = self._account.held
            if leases:
                self._tell(HandBack(leases, "the node is leaving", self._account.granted))
            self._tell(NodeGoodbye())
            await self._until_heard()
        await self._end()

    async def _until_heard(self) -> None:
        """Wait until the orchestrator has heard the goodbye, and what was said before it.

        The news that an address is gone may overtake the last frames from it: with Zenoh it did
        two times out of three, and a node that handed its tasks back was taken for one that was
        lost with them. A report is answered even if it is empty, and after what came before it.
        """
        if self._is_welcome:
            last = self._account.report(self._clock.now())
            self._tell(last)
            self._farewell = last.number
            self._post.flush()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._farewell_is_heard.wait(), _FAREWELL_S)

    async def crash(self) -> None:
        """Vanish without a word, as if the process had been killed. For drills."""
        if not self._is_stopping:
            self._orchestrator = None
            self._has_crashed = True
            await self._end()

    async def _end(self) -> None:
        # A task of its own: whoever asked for the end may lose patience and ask again, more
        # urgently, and an end that is left in the middle would never be over.
        if self._ending is None:
            self._is_stopping = True
            self._ending = asyncio.create_task(self._close())
        await asyncio.shield(self._ending)

    async def _close(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._next_beat is not None:
            self._next_beat.cancel()
        self._farewell_is_heard.set()  # or never will be: an earlier stop need not wait for it
        self._post.close()
        await self._pool.close()
        if self._equipment is not None:
            await self._equipment.close()
        await self._requests.close(says_goodbye=not self._has_crashed)
        await self._fabric.stop()
        self._is_over.set()

    # -- the orchestrator ----------------------------------------------------------------------

    def _on_orchestrator(self, address: str, is_there: bool) -> None:
        self._known_orchestrators.note(address, is_there=is_there)
        if not is_there:
            if address != self._orchestrator:
                return
            _log.warning("orchestrator_gone", node=self.node_id)
            self._is_welcome = False
            self._has_joined.clear()
        self._orchestrator = self._known_orchestrators.latest
        if self._orchestrator is not None:
            self._refused_since = None
            self._say_hello()

    def _say_hello(self) -> None:
        self._is_welcome = False
        self._said_hello_at = self._clock.now()
        self._tell(
            NodeHello(
                self.node_id,
                self._node_type,
                sorted(self.capabilities),
                len(self._pool.slots),
                self._account.granted,
                self._account.received,
                self._account.claims,
                self._metadata,
            )
        )
        if self._is_draining:
            self._tell(NodeDraining())

    def _on_delivery(self, delivery: Delivery) -> None:
        for sender, messages in delivery:
            if sender != self._orchestrator:
                continue  # of an orchestrator that is gone
            for message in messages:
                self._on_message(message)

    def _on_message(self, message: Message) -> None:
        match message:
            case Assign(assignments):
                self._account.take(assignments)
                if self._is_draining:
                    self._hand_back([item.lease for item in assignments], "the node is leaving")
                else:
                    if not self._pool.queued:
                        self._queued_since = self._clock.now()
                    self._pool.put(self._accepted(assignments))
            case Stop(leases):
                for lease, reason in leases:
                    self._account.let_go(lease)
                    self._count_done(self._pool.stop(lease, reason))
            case Kept(number, refused):
                if number == self._farewell:
                    self._farewell_is_heard.set()
                self._account.kept(number)
                if refused:  # hundreds, where a new orchestrator had them from its predecessor
                    lease, why = refused[0]
                    _log.warning(
                        "results_refused",
                        node=self.node_id,
                        count=len(refused),
                        first=lease,
                        why=why,
                    )
            case Welcome():
                self._on_welcome()
            case Introduce():
                self._say_hello()
            case NodeRefused(fault):
                self._on_refused(from_wire(fault.code, fault.sentence, fault.details))
            case Heard(beat, is_suspect):
                self._on_heard(beat, is_suspect=is_suspect)
            case PleaseDrain():
                self._tasks.append(asyncio.create_task(self.drain()))
            case _:
                _log.warning("message_not_for_a_node", message=type(message).__name__)

    def _accepted(self, assignments: list[Assignment]) -> list[Assignment]:
        """Those that it will do; the others go back at once."""
        accepted = []
        refused: dict[str, list[int]] = {}
        for assignment in assignments:
            reason = self._terms.refusal(assignment, self._latest)
            if reason is None:
                accepted.append(assignment)
            else:
                refused.setdefault(reason, []).append(assignment.lease)
        for reason, leases in refused.items():
            self._hand_back(leases, reason, refused=True)
        return accepted

    def _on_welcome(self) -> None:
        self._refused_since = None
        self._is_welcome = True
        self._has_joined.set()
        for chunk in self._account.chunks:
            self._tell(chunk)
        for report in self._account.unkept:
            self._tell(report)

    def _on_refused(self, error: MeshError) -> None:
        now = self._clock.now()
        if self._refused_since is None:
            self._refused_since = now
        if error.retryable and now - self._refused_since < self._settings.rejoin_s:
            asyncio.get_running_loop().call_later(_HELLO_AGAIN_S, self._say_hello)
            return
        self._refusal = error
        self._tasks.append(asyncio.create_task(self.stop()))

    def _tell(self, message: Message) -> None:
        if self._orchestrator is not None and not self._farewell:
            self._post.tell(self._orchestrator, message)

    # -- what the slots report (Reporter) ------------------------------------------------------

    def attempt_ended(self, outcome: Outcome) -> None:
        """Report the outcome with the others of this turn."""
        if self._concurrency is not None and outcome.kind == OutcomeKind.COMPLETED:
            self._learn(self._concurrency, outcome)
        if self._checkpoints:
            kept = self._checkpoints.pop(outcome.lease, None)
            if kept is not None and outcome.kind != OutcomeKind.COMPLETED:
                self._tell(Checkpoint(outcome.lease, kept))
        self._account.add_outcome(outcome)
        if self._progress:
            self._progress.pop(outcome.lease, None)
        self._pace.observe(outcome.run_s)
        self._flush_soon()

    def _learn(self, concurrency: Concurrency, outcome: Outcome) -> None:
        running = [slot.work.assignment for slot in self._pool.slots if slot.work is not None]
        for assignment in running:
            if assignment.lease == outcome.lease:
                concurrency.observe(assignment.spec.task_type, outcome.run_s, at_once=len(running))

    def slot_freed(self) -> None:
        """Grant one more."""
        self._account.done += 1
        self._flush_soon()

    def slot_idles(self) -> None:
        """Report at once when nothing runs and nothing waits: nothing else will join it."""
        if self._account.has_outcomes and not self._pool.queued and not self._pool.running():
            self._flush()

    def chunk(self, lease: int, index: int, data: bytes) -> None:
        """Send a piece of a streamed result."""
        self._account.add_chunk(lease, data)
        if self._is_welcome:
            self._tell(Chunk(lease, index, data))

    def progressed(self, lease: int, fraction: float, note: str) -> None:
        """Send the latest word of each attempt with the reports; a flood of them costs nothing."""
        self._progress[lease] = Progress(lease, fraction, note)
        self._flush_soon()

    def checkpoint(self, lease: int, data: bytes) -> None:
        """Send the latest of each attempt with the next heartbeat, or before its report."""
        self._checkpoints[lease] = data

    def _tell_checkpoints(self) -> None:
        held = self._account.held if self._checkpoints else ()
        while self._checkpoints:  # one at a time, for threads go on putting them in
            lease, data = self._checkpoints.popitem()
            if lease in held:
                self._tell(Checkpoint(lease, data))

    async def room_for_chunks(self) -> None:
        """Return when the orchestrator keeps up with what it is sent."""
        if self._orchestrator is not None:
            await self._post.has_room_for(self._orchestrator)

    def _count_done(self, count: int) -> None:
        self._account.done += count
        if count:
            self._flush_soon()

    def _grant(self, *, anew: bool = False) -> int:
        """How many assignments it is willing to have received in all; it falls only ``anew``."""
        if not self._is_draining:
            # A stuck slot's assignment is not done, so nothing more is granted for that slot.
            slots = len(self._pool.slots)
            if self._concurrency is not None and self._concurrency.limit < slots:
                # Nothing ahead of need either: idle slots would begin it at once.
                slots, ahead = self._concurrency.limit, 0
            else:
                ahead = self._pace.lookahead(slots - self._pool.stuck())
            account = self._account
            granted = account.done + slots + ahead
            account.granted = granted if anew else max(account.granted, granted)
        return self._account.granted

    def _flush_soon(self) -> None:
        if not self._flush_is_due:
            self._flush_is_due = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._flush_is_due = False
        if self._progress:
            for progress in self._progress.values():
                self._tell(progress)
            self._progress.clear()
        grown = self._grant_has_grown()
        if not self._account.has_outcomes and not grown:
            return
        report = self._account.report(self._clock.now())
        if self._is_welcome or not report.outcomes:  # else it is told with the chunks before it
            self._tell(report)
        self._post.flush()

    def _grant_has_grown(self) -> bool:
        before = self._account.granted
        return self._grant() > before

    # -- heartbeat -----------------------------------------------------------------------------

    def _beat(self) -> None:
        now = self._clock.now()
        self._next_beat = self._clock.call_at(now + self._settings.heartbeat_s, self._beat)
        self._hand_back_what_waits_too_long(now)
        self._end_if_stuck()
        if self._is_welcome:
            for report in self._account.overdue(now, after_s=_REPEAT_AFTER_S):
                self._tell(report)
            self._tell_checkpoints()
            self._tell_health(now)
        elif (
            self._refused_since is None and now - self._said_hello_at >= self._settings.heartbeat_s
        ):
            self._say_hello()

    def _tell_health(self, now: float) -> None:
        try:
            measured = self._vitals.measure(
                uptime_s=now - self._started_at, stuck_slots=self._pool.stuck()
            )
            self._latest = replace(
                measured, round_trip_s=self._pulse.round_trip_s, queued=self._pool.queued
            )
        except Exception as error:  # noqa: BLE001 - a heart beats whatever a meter says
            _log.warning("vitals_not_measured", node=self.node_id, why=sentence_of(error))
        account = self._account
        self._tell(
            NodeHealth(
                self._latest,
                self._grant(),
                account.received,
                account.held,
                sorted(account.reported),
                self._pulse.beat(now),
                self._pulse.heard,
            )
        )

    def _on_heard(self, beat: int, *, is_suspect: bool) -> None:
        now = self._clock.now()
        self._pulse.answered(beat, now)
        if is_suspect and self._is_welcome:
            self._tell_health(now)
            self._post.flush()

    def _hand_back_what_waits_too_long(self, now: float) -> None:
        """A long task came among short ones: what was fetched ahead of need is better elsewhere."""
        if not self._pool.queued:
            return
        busy = self._pool.busy()  # the stuck ones too: nobody can say when they return
        if not busy:
            return
        began = max(slot.began for slot in busy)
        if now - max(began, self._queued_since) >= _QUEUED_TOO_LONG_S:
            self._pace.observe(now - began)
            # What was granted ahead of need was meant for short tasks. Unless it is taken back,
            # the same task would come and go until all of that is used up.
            self._hand_back_queued("it waited for a long task", grants_anew=True)

    def _end_if_stuck(self) -> None:
        """A handler that does not stop can be ended only together with this process."""
        longest = self._pool.stuck_longest() if self._stuck_s is not None else None
        if longest is not None and self._refusal is None and longest[0] >= (self._stuck_s or 0.0):
            stuck_s, task_type = longest
            self._refusal = HandlerStuck(
                f"the handler of {task_type!r} has gone on for {stuck_s:.1f} s after its task was "
                "stopped; the node's other tasks are handed back, and its process ends"
            )
            _log.error("handler_stuck", node=self.node_id, why=str(self._refusal))
            self._tasks.append(asyncio.create_task(self.stop()))

    def _hand_back_queued(self, reason: str, *, grants_anew: bool = False) -> None:
        leases = [waiting.lease for waiting in self._pool.take_queued()]
        self._hand_back(leases, reason, grants_anew=grants_anew)

    def _hand_back(
        self, leases: list[int], reason: str, *, refused: bool = False, grants_anew: bool = False
    ) -> None:
        if leases:
            for lease in leases:
                self._account.let_go(lease)
            self._count_done(len(leases))
            self._tell(HandBack(leases, reason, self._grant(anew=grants_anew), refused))
