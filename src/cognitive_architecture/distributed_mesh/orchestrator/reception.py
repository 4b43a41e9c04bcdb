"""The orchestrator's front desk: letters in, facts to the dispatcher; orders out, letters."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Final

import structlog

from cognitive_architecture.distributed_mesh import messages as m
from cognitive_architecture.distributed_mesh.machines import events
from cognitive_architecture.distributed_mesh.machines.roster import CONTACT_TOLD_S
from cognitive_architecture.distributed_mesh.ports import Fabric
from cognitive_architecture.distributed_mesh.post import Delivery, Post
from cognitive_architecture.foundation.errors import MeshError
from cognitive_architecture.foundation.telemetry import Metrics
from cognitive_architecture.foundation.world import Clock, Timer

from .dispatcher import Dispatcher

_FORGOTTEN_MAX: Final = 10_000

_log = structlog.get_logger(__name__)

Inquire = Callable[[str, dict[str, Any]], Awaitable[Any]]
"""Answers an Ask: subject and arguments in, what JSON can say out."""

Judge = Callable[[str, m.Vitals], float]
"""How healthy a node is, 0 to 1: its address and what it measured in."""


class Reception:
    """Everything that is said to an orchestrator, on whichever fabric it comes."""

    def __init__(
        self,
        fabrics: Sequence[Fabric],
        address: str,
        clock: Clock,
        metrics: Metrics,
        *,
        inquire: Inquire,
        judge: Judge,
    ) -> None:
        self.address = address
        self._clock = clock
        self._inquire = inquire
        self._judge = judge
        self._posts = {
            fabric: Post(fabric, address, partial(self._on_delivery, fabric), metrics=metrics)
            for fabric in fabrics
        }
        self._heard_on: dict[str, Fabric] = {}
        self._forgotten: dict[str, None] = {}
        """Clients whose link was cut, the oldest first: whoever comes back is told so."""
        self._dispatcher: Dispatcher | None = None
        self._inquiries: set[asyncio.Task[None]] = set()
        self._next_contacts: Timer | None = None

    async def open(self, dispatcher: Dispatcher) -> None:
        """Begin to listen on every fabric."""
        self._dispatcher = dispatcher
        for fabric, post in self._posts.items():
            await fabric.watch("node", self._on_node_presence)
            await fabric.watch("client", partial(self._on_client_presence, fabric))
            await post.open()
        self._tell_contacts_later()

    def close(self) -> None:
        """Say what is still to be said, and listen no more."""
        if self._next_contacts is not None:
            self._next_contacts.cancel()
        for inquiry in self._inquiries:
            inquiry.cancel()
        for post in self._posts.values():
            post.close()
        self._dispatcher = None

    def tell(self, address: str, message: m.Message, *, can_wait: bool = False) -> None:
        """Send a message on the fabric on which its receiver was last heard."""
        if (fabric := self._heard_on.get(address)) is not None:
            self._posts[fabric].tell(address, message, can_wait=can_wait)

    # -- what comes in -------------------------------------------------------------------------

    def _on_delivery(self, fabric: Fabric, delivery: Delivery) -> None:
        dispatcher = self._dispatcher
        if dispatcher is None:
            return
        for sender, messages in delivery:
            self._heard_on[sender] = fabric
            for message in messages:
                self._on_message(dispatcher, sender, message)
        dispatcher.settle()
        for post in self._posts.values():
            post.flush()

    def _on_message(self, dispatcher: Dispatcher, sender: str, message: m.Message) -> None:
        if isinstance(message, m.Ask):
            inquiry = asyncio.create_task(self._answer(sender, message))
            self._inquiries.add(inquiry)  # the loop itself keeps no hold on it
            inquiry.add_done_callback(self._inquiries.discard)
            return
        to_event = _EVENTS.get(type(message))
        if to_event is not None:
            dispatcher.feed(to_event(sender, message))
        elif isinstance(message, m.NodeHealth):
            score = self._judge(sender, message.vitals)
            dispatcher.feed(
                events.NodeMeasured(
                    sender,
                    message.vitals,
                    score,
                    message.granted,
                    message.received,
                    message.held,
                    message.reported,
                    message.beat,
                    message.heard,
                )
            )
        elif isinstance(message, m.Unsupported):
            _log.warning("peer_speaks_another_version", peer=sender, version=message.mine)
        else:
            _log.warning("message_not_for_an_orchestrator", message=type(message).__name__)

    def _on_node_presence(self, address: str, is_there: bool) -> None:
        # A node that appears says hello itself, so only going matters.
        if not is_there and self._dispatcher is not None:
            self._heard_on.pop(address, None)
            self._dispatcher.feed(events.NodeLost(address, "its process or its link is gone"))
            self._dispatcher.settle()

    def _on_client_presence(self, fabric: Fabric, address: str, is_there: bool) -> None:
        if self._dispatcher is None:
            return
        if not is_there:
            if self._heard_on.pop(address, None) is not None:
                self._forgotten[address] = None
                if len(self._forgotten) > _FORGOTTEN_MAX:
                    self._forgotten.pop(next(iter(self._forgotten)))
            self._dispatcher.feed(events.WatchEnded(address, None))
        elif address in self._forgotten:
            # What it said after its link was made anew may have been heard before the news that
            # the old one was gone, and was forgotten with it.
            del self._forgotten[address]
            self._posts[fabric].tell(address, m.Introduce())

    def _tell_contacts_later(self) -> None:
        due = self._clock.now() + CONTACT_TOLD_S
        self._next_contacts = self._clock.call_at(due, self._tell_contacts)

    def _tell_contacts(self) -> None:
        if self._dispatcher is None:
            return
        known = [address for fabric in self._posts for address in fabric.in_contact()]
        if nodes := [address for address in known if address.startswith("node/")]:
            self._dispatcher.feed(events.NodesInContact(nodes))
        self._tell_contacts_later()

    async def _answer(self, sender: str, ask: m.Ask) -> None:
        try:
            answer: m.Message = m.Answer(
                ask.request, await self._inquire(ask.subject, ask.arguments)
            )
        except MeshError as error:
            answer = m.Denied(ask.request, m.Fault.of(error))
        self.tell(sender, answer)


_EVENTS: Final[dict[type, Callable[[str, Any], events.Event]]] = {
    m.Submit: lambda who, said: events.TasksSubmitted(who, said.request, said.tasks, said.tell),
    m.Cancel: lambda who, said: events.CancelRequested(who, said.request, said.task_ids),
    m.Reprioritise: lambda who, said: events.Reprioritised(said.change, who, said.request),
    m.Watch: lambda who, said: events.WatchRequested(who, said.request, said.task_ids, said.stream),
    m.Unwatch: lambda who, said: events.WatchEnded(who, said.task_ids),
    m.NodeHello: lambda who, said: events.NodeArrived(
        who,
        said.node_id,
        said.node_type,
        frozenset(said.capabilities),
        said.slots,
        said.granted,
        said.received,
        said.claims,
        said.metadata,
    ),
    m.Report: lambda who, said: events.NodeReported(who, said.number, said.granted, said.outcomes),
    m.HandBack: lambda who, said: events.NodeHandedBack(
        who, said.leases, said.reason, said.granted, said.refused
    ),
    m.Progress: lambda who, said: events.AttemptProgressed(
        who, said.lease, said.fraction, said.note
    ),
    m.Chunk: lambda who, said: events.ChunkArrived(who, said.lease, said.index, said.data),
    m.Checkpoint: lambda who, said: events.CheckpointSaved(who, said.lease, said.data),
    m.NodeDraining: lambda who, _: events.NodeDrains(who),
    m.NodeGoodbye: lambda who, _: events.NodeLeft(who),
}
