"""One node: comes, hears what the orchestrator says, and leaves.

The slots do the work, and the rooms beside this one talk about it. Every number that matters is a
running total, so nothing is counted twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import structlog

from cognitive_architecture.distributed_mesh.handlers import Handler
from cognitive_architecture.distributed_mesh.messages import (
    Assign,
    Heard,
    Introduce,
    Kept,
    Message,
    NodeDraining,
    NodeGoodbye,
    NodeHello,
    NodeRefused,
    PleaseDrain,
    Stop,
    Welcome,
)
from cognitive_architecture.distributed_mesh.model import MeshNodeType
from cognitive_architecture.distributed_mesh.payloads import check_metadata
from cognitive_architecture.distributed_mesh.policies.attributes import declaration_of
from cognitive_architecture.distributed_mesh.ports import Fabric, Requester
from cognitive_architecture.foundation.errors import HandlerStuck, MeshError
from cognitive_architecture.foundation.remote_errors import from_wire
from cognitive_architecture.foundation.settings import NodeSettings
from cognitive_architecture.foundation.world import Timer, World

from .account import Account
from .assignments import Assignments
from .conversation import NodeConversation
from .equipment import Equipment
from .grants import Grants
from .heartbeat import Heartbeat
from .loading import by_capability
from .reporting import Reporting
from .requests import NodeRequests
from .serving import ServiceTerms
from .slots import SlotPool
from .vitals import VitalsSource

_log = structlog.get_logger(__name__)


class NodeRuntime:
    """One node of the mesh, in this process."""

    def __init__(
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
        self._clock = world.clock
        self._settings = settings
        self._fabric = fabric
        self._node_type = node_type
        self._metadata = dict(metadata or {})
        versions = {h.capability: h.version for h in self.capabilities.values() if h.version}
        if versions:
            self._metadata["versions"] = versions | self._metadata.get("versions", {})
        check_metadata(self._metadata)
        declared = declaration_of(node_id, node_type, self.capabilities, self._metadata)
        make = None if requester is None else partial(requester, fabric, node_id)
        self._requests = NodeRequests(world, make)
        self._equipment = equipment
        self._pool = SlotPool(
            slots,
            self.capabilities,
            world.clock,
            result_bytes_max=settings.result_bytes_max,
            checkpoint_bytes_max=settings.checkpoint_bytes_max,
            requests=self._requests,
        )
        self._talk = NodeConversation(
            world.clock,
            settings,
            fabric,
            node_id,
            # The incarnation tells two processes with the same node id apart.
            f"node/{node_id}~{world.ids.next_id('i').removeprefix('i-')}",
            hello=self._hello,
            on_message=self._on_message,
        )
        self._account = account = Account(slots)
        grants = Grants(settings, account, self._pool)
        of_node = world.clock, self._talk, account, grants, self._pool
        self._reporting = Reporting(*of_node)
        self._heartbeat = Heartbeat(*of_node, vitals, node_id=node_id)
        terms = ServiceTerms(declared.rules, memory_usage_max=settings.memory_usage_max)
        self._assignments = Assignments(*of_node, self._reporting, terms)
        self._next_beat: Timer | None = None
        self._refusal: MeshError | None = None
        self._is_stopping = False
        self._has_crashed = False
        self._ending: asyncio.Task[None] | None = None
        self._is_over = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def address(self) -> str:
        """Where it can be reached."""
        return self._talk.address

    @property
    def is_over(self) -> bool:
        """Whether it has left."""
        return self._is_over.is_set()

    # -- coming and going ----------------------------------------------------------------------

    async def start(self) -> None:
        """Open the network, begin to work, and look for an orchestrator."""
        self._heartbeat.start()
        await self._fabric.start()
        self._requests.start()
        if self._equipment is not None:
            await self._equipment.open(self._requests)
        self._pool.start(self._reporting)
        await self._talk.open()
        self._beat()

    async def joined(self) -> None:
        """Return when an orchestrator has let it in.

        Raises:
            DuplicateNode: Another node has its id and does not leave.
            MeshError: The orchestrator refused it for another reason.
        """
        waiting = [
            asyncio.ensure_future(self._talk.has_joined.wait()),
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
        if self._account.is_draining or self._talk.has_said_farewell:
            return  # whoever leaves already is in no more hurry for it
        self._talk.tell(NodeDraining())
        self._assignments.close()
        deadline = self._clock.now() + self._settings.drain_timeout_s
        while self._pool.running() and self._clock.now() < deadline:
            await self._clock.sleep_until(self._clock.now() + 0.02)
        self._reporting.flush()
        while (
            self._account.has_unkept
            and self._talk.has_orchestrator
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
        if not self._talk.has_said_farewell:
            self._reporting.flush()
            self._assignments.abandon()
            self._talk.tell(NodeGoodbye())
            if self._talk.is_welcome:
                await self._talk.until_heard(self._account.report(self._clock.now()))
        await self._end()

    async def crash(self) -> None:
        """Vanish without a word, as if the process had been killed. For drills."""
        if not self._is_stopping:
            self._talk.fall_silent()
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
        self._talk.close()
        await self._pool.close()
        if self._equipment is not None:
            await self._equipment.close()
        await self._requests.close(says_goodbye=not self._has_crashed)
        await self._fabric.stop()
        self._is_over.set()

    # -- what it is told -----------------------------------------------------------------------

    def _hello(self) -> list[Message]:
        hello: list[Message] = [
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
        ]
        if self._account.is_draining:
            hello.append(NodeDraining())
        return hello

    def _on_message(self, message: Message) -> None:
        match message:
            case Assign(assignments):
                self._assignments.take(assignments, self._heartbeat.latest)
            case Stop():
                self._assignments.stop(message)
            case Kept():
                self._on_kept(message)
            case Welcome():
                self._talk.welcomed()
                self._reporting.tell_again()
            case Introduce():
                self._talk.introduce()
            case NodeRefused(fault):
                error = from_wire(fault.code, fault.sentence, fault.details)
                if not self._talk.asks_again(error):
                    self._leave_for(error)
            case Heard(beat, is_suspect):
                self._heartbeat.heard(beat, is_suspect=is_suspect)
            case PleaseDrain():
                self._tasks.append(asyncio.create_task(self.drain()))
            case _:
                _log.warning("message_not_for_a_node", message=type(message).__name__)

    def _on_kept(self, answer: Kept) -> None:
        self._talk.kept(answer.number)
        self._account.kept(answer.number)
        if answer.refused:  # hundreds, where a new orchestrator had them from its predecessor
            lease, why = answer.refused[0]
            _log.warning(
                "results_refused",
                node=self.node_id,
                count=len(answer.refused),
                first=lease,
                why=why,
            )

    def _leave_for(self, error: MeshError) -> None:
        self._refusal = error
        self._tasks.append(asyncio.create_task(self.stop()))

    # -- what it does of itself ----------------------------------------------------------------

    def _beat(self) -> None:
        now = self._clock.now()
        self._next_beat = self._clock.call_at(now + self._settings.heartbeat_s, self._beat)
        self._assignments.hand_back_what_waits_too_long(now)
        self._end_if_stuck()
        if self._talk.is_welcome:
            self._reporting.tell_what_is_due(now)
            self._heartbeat.tell(now)
        else:
            self._talk.say_hello_if_unanswered(now)

    def _end_if_stuck(self) -> None:
        """A handler that does not stop can be ended only together with this process."""
        longest = self._pool.stuck_longest() if self._stuck_s is not None else None
        if longest is not None and self._refusal is None and longest[0] >= (self._stuck_s or 0.0):
            stuck_s, task_type = longest
            error = HandlerStuck(
                f"the handler of {task_type!r} has gone on for {stuck_s:.1f} s after its task was "
                "stopped; the node's other tasks are handed back, and its process ends"
            )
            _log.error("handler_stuck", node=self.node_id, why=str(error))
            self._leave_for(error)
