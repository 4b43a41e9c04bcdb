"""A node's conversation with whichever orchestrator is there.

The node says hello until it is welcome. Before that nobody knows its leases, and what it said of
them would be refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import structlog

from cognitive_architecture.distributed_mesh.known_orchestrators import KnownOrchestrators
from cognitive_architecture.distributed_mesh.messages import Message, Report
from cognitive_architecture.distributed_mesh.ports import Fabric
from cognitive_architecture.distributed_mesh.post import Delivery, Post
from cognitive_architecture.foundation.errors import MeshError
from cognitive_architecture.foundation.settings import NodeSettings
from cognitive_architecture.foundation.world import Clock

_log = structlog.get_logger(__name__)

_HELLO_AGAIN_S: Final = 0.25
_FAREWELL_S: Final = 1.0
"""A leaving node waits so long to be heard. An orchestrator that is there answers in a few
milliseconds."""


class NodeConversation:
    """Which orchestrator the node talks with, and whether that one knows it."""

    def __init__(
        self,
        clock: Clock,
        settings: NodeSettings,
        fabric: Fabric,
        node_id: str,
        address: str,
        *,
        hello: Callable[[], list[Message]],
        on_message: Callable[[Message], None],
    ) -> None:
        """Prepare.

        Args:
            clock: For the patience with orchestrators.
            settings: How long to ask again, and how often.
            fabric: Its access to the network; started by others.
            node_id: Its name in the mesh.
            address: Where it can be reached.
            hello: What it says to one that does not know it.
            on_message: Told what the orchestrator says.
        """
        self._clock = clock
        self._settings = settings
        self._fabric = fabric
        self._node_id = node_id
        self._post = Post(fabric, address, self._on_delivery)
        self._hello = hello
        self._on_message = on_message
        self._known_orchestrators = KnownOrchestrators()
        self._orchestrator: str | None = None
        self.is_welcome = False
        """Whether the last hello was answered."""
        self.has_joined = asyncio.Event()
        self._said_hello_at = 0.0
        self._is_introduced = False
        """Whether it has said hello in answer to something of this delivery."""
        self._refused_since: float | None = None
        self._farewell = 0
        """Number of its last report; after it, this node says nothing more."""
        self._farewell_is_heard = asyncio.Event()

    @property
    def address(self) -> str:
        """Where the node can be reached."""
        return self._post.address

    @property
    def has_orchestrator(self) -> bool:
        """Whether there is one."""
        return self._orchestrator is not None

    async def open(self) -> None:
        """Look for an orchestrator."""
        await self._post.open()
        await self._fabric.watch("orchestrator", self._on_orchestrator)

    def close(self) -> None:
        """Say and hear nothing more."""
        self._farewell_is_heard.set()  # or never will be: an earlier stop need not wait for it
        self._post.close()

    def fall_silent(self) -> None:
        """Say nothing more, not even that."""
        self._orchestrator = None

    # -- what it says --------------------------------------------------------------------------

    def tell(self, message: Message) -> None:
        """Say this to the orchestrator, if there is one, with what else is said in this turn."""
        if self._orchestrator is not None and not self._farewell:
            self._post.tell(self._orchestrator, message)

    def flush(self) -> None:
        """Send at once what was said."""
        self._post.flush()

    async def room_for_more(self) -> None:
        """Return when the orchestrator keeps up with what it is sent."""
        if self._orchestrator is not None:
            await self._post.has_room_for(self._orchestrator)

    @property
    def has_said_farewell(self) -> bool:
        """Whether it has said its last."""
        return bool(self._farewell)

    async def until_heard(self, last: Report) -> None:
        """Wait until the orchestrator has heard the last report, and what was said before it.

        The news that an address is gone may overtake the last frames from it: with Zenoh it did
        two times out of three, and a node that handed its tasks back was taken for one that was
        lost with them. A report is answered even if it is empty, and after what came before it.
        """
        self.tell(last)
        self._farewell = last.number
        self._post.flush()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._farewell_is_heard.wait(), _FAREWELL_S)

    def kept(self, number: int) -> None:
        """The orchestrator has answered a report."""
        if number == self._farewell:
            self._farewell_is_heard.set()

    # -- who knows it --------------------------------------------------------------------------

    def say_hello(self) -> None:
        """Say to the orchestrator what the node is and holds."""
        self.is_welcome = False
        self._said_hello_at = self._clock.now()
        for message in self._hello():
            self.tell(message)

    def introduce(self) -> None:
        """The orchestrator asks who this is; once is enough for all that came with it.

        After a clogged link it asks for each of a thousand messages at once, and each hello says
        all that the node holds.
        """
        if not self._is_introduced:
            self._is_introduced = True
            self.say_hello()

    def say_hello_if_unanswered(self, now: float) -> None:
        """Say it again if the last one was not heard."""
        unanswered_s = now - self._said_hello_at
        if self._refused_since is None and unanswered_s >= self._settings.heartbeat_s:
            self.say_hello()

    def welcomed(self) -> None:
        """The orchestrator knows the node now."""
        self._refused_since = None
        self.is_welcome = True
        self.has_joined.set()

    def asks_again(self, error: MeshError) -> bool:
        """Whether it will say hello again although it was refused."""
        now = self._clock.now()
        if self._refused_since is None:
            self._refused_since = now
        if error.retryable and now - self._refused_since < self._settings.rejoin_s:
            asyncio.get_running_loop().call_later(_HELLO_AGAIN_S, self.say_hello)
            return True
        return False

    def _on_orchestrator(self, address: str, is_there: bool) -> None:
        self._known_orchestrators.note(address, is_there=is_there)
        if not is_there:
            if address != self._orchestrator:
                return
            _log.warning("orchestrator_gone", node=self._node_id)
            self.is_welcome = False
            self.has_joined.clear()
        self._orchestrator = self._known_orchestrators.latest
        if self._orchestrator is not None:
            self._refused_since = None
            self.say_hello()

    def _on_delivery(self, delivery: Delivery) -> None:
        self._is_introduced = False
        for sender, messages in delivery:
            if sender != self._orchestrator:
                continue  # of an orchestrator that is gone
            for message in messages:
                self._on_message(message)
