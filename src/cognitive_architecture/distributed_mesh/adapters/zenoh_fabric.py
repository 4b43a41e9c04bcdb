"""The fabric between processes and machines, over Zenoh.

    cogmesh/{mesh}/alive/{kind}/{name}      liveliness token: its owner is there
    cogmesh/{mesh}/inbox/{kind}/{name}      frames for its owner

What means something in a key is escaped in a name (``addresses``).

What took measuring to find out:

* Publications are dropped under load unless congestion control is BLOCK, so it is.
* A blocking publication may stop the thread that makes it for as long as the peer does not read.
  The event loop therefore publishes itself only as long as the peer has spoken since the last
  ``_UNHEARD_MAX`` bytes, which the buffers below hold in any case; beyond, a thread of its own
  does it for that peer. A thread for everything would add 0.07 ms to every message.
* Callbacks come on Zenoh's threads. They only append to a deque, and the first one after the
  loop has emptied it wakes the loop: one wake-up a batch, not one a frame.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections import deque
from queue import SimpleQueue
from typing import Final

import structlog
import zenoh

from cognitive_architecture.distributed_mesh.ports import OnPresence, Receive
from cognitive_architecture.foundation.errors import ConfigurationError, EndpointInUse, FabricError
from cognitive_architecture.foundation.settings import MeshSettings

from .addresses import as_key, from_key
from .attendees import Attendees

_log = structlog.get_logger(__name__)

_UNHEARD_MAX: Final = 256 * 1024
_BACKLOG_SMALL: Final = 1024 * 1024


_RUST_SOURCE: Final = re.compile(r" at \S+\.rs:\d+\.?")
"""Where in its own sources the library noticed an error: of no use to whoever reads it."""


class ZenohFabric:
    """One process's access to the network."""

    def __init__(self, settings: MeshSettings, *, listens: bool) -> None:
        """Prepare; nothing is opened yet.

        Args:
            settings: Which mesh, where to listen or connect.
            listens: An orchestrator listens; everybody else connects.
        """
        self._settings = settings
        self._listens = listens
        self._session: zenoh.Session | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._inboxes: dict[str, _Inbox] = {}
        self._outboxes: dict[str, _Outbox] = {}
        self._tokens: dict[str, zenoh.LivelinessToken] = {}
        self._attendees: dict[str, Attendees] = {}
        self._watches: list[zenoh.Subscriber[None]] = []

    async def start(self) -> None:
        """Open the session, and listen or begin to connect. Idempotent."""
        if self._session is not None:
            return
        self._loop = asyncio.get_running_loop()
        config = _config(self._settings, listens=self._listens)
        try:
            self._session = await asyncio.to_thread(zenoh.open, config)
        except zenoh.ZError as error:
            raise _explained(error, self._settings, listens=self._listens) from error

    async def stop(self) -> None:
        """Send what is waiting, then close the session, which withdraws everything."""
        session, self._session = self._session, None
        if session is None:
            return
        outboxes = list(self._outboxes.values())
        for outbox in outboxes:
            outbox.close()
        for inbox in self._inboxes.values():
            inbox.is_closed = True
        for attendees in self._attendees.values():
            attendees.is_closed = True
        for forgotten in (
            self._outboxes,
            self._inboxes,
            self._tokens,
            self._attendees,
            self._watches,
        ):
            forgotten.clear()
        await asyncio.to_thread(_close, session, outboxes)

    async def listen(self, address: str, receive: Receive) -> None:
        """Hand frames for ``address`` to ``receive``."""
        inbox = _Inbox(self._running_loop, receive)
        key = self._key("inbox", address)
        inbox.subscriber = self._open_session.declare_subscriber(key, inbox.on_sample)
        self.ignore(address)
        self._inboxes[address] = inbox

    def ignore(self, address: str) -> None:
        """Undo ``listen``."""
        if (inbox := self._inboxes.pop(address, None)) is not None:
            inbox.close()

    def send(self, address: str, frame: bytes) -> None:
        """Queue a frame."""
        if self._session is None:
            return
        outbox = self._outboxes.get(address)
        if outbox is None:
            outbox = self._outboxes[address] = _Outbox(
                self._running_loop, self._session, self._key("inbox", address)
            )
        outbox.send(frame)

    def backlog_bytes(self, address: str) -> int:
        """What is queued because ``address`` reads slowly."""
        outbox = self._outboxes.get(address)
        return outbox.backlog_bytes if outbox is not None else 0

    async def drained(self, address: str) -> None:
        """Return when the backlog is small again, or the peer is gone."""
        if (outbox := self._outboxes.get(address)) is not None:
            await outbox.drained()

    def heard_from(self, address: str) -> None:
        """The peer reads, or it would not speak."""
        if (outbox := self._outboxes.get(address)) is not None:
            outbox.unheard_bytes = 0

    def announce(self, address: str) -> None:
        """Declare the liveliness token."""
        token = self._open_session.liveliness().declare_token(self._key("alive", address))
        self._tokens[address] = token

    def withdraw(self, address: str) -> None:
        """Undeclare the liveliness token."""
        token = self._tokens.pop(address, None)
        if token is not None and self._session is not None:
            token.undeclare()

    async def watch(self, kind: str, on_presence: OnPresence) -> None:
        """Report who of ``kind`` is there, and every change."""
        if kind not in self._attendees:
            self._attendees[kind] = self._attendees_of(kind)
        self._attendees[kind].add(on_presence)

    def _attendees_of(self, kind: str) -> Attendees:
        prefix = self._prefix("alive")
        loop = self._running_loop
        attendees = Attendees(loop)

        def on_sample(sample: zenoh.Sample) -> None:
            address = from_key(str(sample.key_expr).removeprefix(prefix))
            is_there = sample.kind == zenoh.SampleKind.PUT
            _on_loop(loop, self._presence_changed, attendees, address, is_there)

        self._watches.append(
            self._open_session.liveliness().declare_subscriber(
                f"{prefix}{kind}/*", on_sample, history=True
            )
        )
        return attendees

    def _presence_changed(self, attendees: Attendees, address: str, is_there: bool) -> None:
        if not is_there and (outbox := self._outboxes.pop(address, None)) is not None:
            outbox.close()
        attendees.changed(address, is_there)

    def _key(self, what: str, address: str) -> str:
        return self._prefix(what) + as_key(address)

    def _prefix(self, what: str) -> str:
        return f"cogmesh/{self._settings.name}/{what}/"

    @property
    def _open_session(self) -> zenoh.Session:
        if self._session is None:
            raise FabricError("the fabric is not open: call start() first")
        return self._session

    @property
    def _running_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            raise FabricError("the fabric is not open: call start() first")
        return self._loop


class _Inbox:
    """Frames that have come in on Zenoh's threads and wait for the loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, receive: Receive) -> None:
        self.subscriber: zenoh.Subscriber[None] | None = None
        self._loop = loop
        self._receive = receive
        self._frames: deque[bytes] = deque()
        self._loop_is_called = False
        self.is_closed = False

    def on_sample(self, sample: zenoh.Sample) -> None:
        """On a thread of Zenoh's."""
        self._frames.append(sample.payload.to_bytes())
        # A frame that comes between the loop's reading and this test calls the loop once too
        # often, never once too few: the loop lowers the flag before it reads.
        if not self._loop_is_called:
            self._loop_is_called = True
            _on_loop(self._loop, self._empty)

    def _empty(self) -> None:
        self._loop_is_called = False
        frames = []
        while self._frames:
            frames.append(self._frames.popleft())
        if frames and not self.is_closed:
            self._receive(frames)

    def close(self) -> None:
        """Take nothing more."""
        self.is_closed = True
        if self.subscriber is not None:
            self.subscriber.undeclare()


class _Outbox:
    """Frames on their way to one address, in order."""

    def __init__(self, loop: asyncio.AbstractEventLoop, session: zenoh.Session, key: str) -> None:
        self.unheard_bytes = 0
        self.backlog_bytes = 0
        self._loop = loop
        self._publisher = session.declare_publisher(
            key,
            congestion_control=zenoh.CongestionControl.BLOCK,
            reliability=zenoh.Reliability.RELIABLE,
            express=True,
        )
        self._queue: SimpleQueue[bytes | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._waiters: list[asyncio.Future[None]] = []
        self._is_closed = False

    def send(self, frame: bytes) -> None:
        """Publish at once where that cannot block, otherwise leave it to the thread."""
        size = len(frame)
        if self.backlog_bytes == 0 and self.unheard_bytes + size <= _UNHEARD_MAX:
            self.unheard_bytes += size
            self._publisher.put(frame)
            return
        self.backlog_bytes += size
        self._queue.put(frame)
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._publish_from_queue, name="cogmesh-outbox", daemon=True
            )
            self._thread.start()

    def _publish_from_queue(self) -> None:
        while (frame := self._queue.get()) is not None:
            try:
                self._publisher.put(frame)
            except zenoh.ZError:  # the session is closed
                return
            _on_loop(self._loop, self._was_published, len(frame))

    def _was_published(self, size: int) -> None:
        self.backlog_bytes -= size
        if self.backlog_bytes <= _BACKLOG_SMALL:
            self._wake_waiters()

    def _wake_waiters(self) -> None:
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
        self._waiters.clear()

    async def drained(self) -> None:
        """Return when little is queued."""
        if self.backlog_bytes > _BACKLOG_SMALL and not self._is_closed:
            waiter = self._loop.create_future()
            self._waiters.append(waiter)
            await waiter

    def close(self) -> None:
        """Publish nothing more; the thread ends when it has emptied its queue."""
        self._is_closed = True
        self._queue.put(None)
        self._wake_waiters()

    def wait_until_sent(self) -> None:
        """Return when the queue of a closed outbox is empty; on a thread.

        It ends: Zenoh cuts the link to a peer that takes nothing for some seconds.
        """
        if self._thread is not None:
            self._thread.join()


def _close(session: zenoh.Session, outboxes: list[_Outbox]) -> None:
    for outbox in outboxes:
        outbox.wait_until_sent()
    session.close()


def _on_loop(loop: asyncio.AbstractEventLoop, call: object, *arguments: object) -> None:
    try:
        loop.call_soon_threadsafe(call, *arguments)  # type: ignore[arg-type]
    except RuntimeError:  # the loop is closed: nobody is left to hear it
        return


def _config(settings: MeshSettings, *, listens: bool) -> zenoh.Config:
    config = zenoh.Config()
    endpoints = settings.listen if listens else settings.connect
    entries: dict[str, object] = {
        "mode": "peer",
        "listen/endpoints": endpoints if listens else [],
        "connect/endpoints": [] if listens else endpoints,
        "connect/exit_on_failure": False,
        "connect/retry": {"period_init_ms": 50, "period_max_ms": 500, "period_increase_factor": 2},
        "scouting/multicast/enabled": False,
        "scouting/gossip/enabled": False,
        "transport/link/tx/lease": int(settings.link_lease_s * 1000),
    }
    for name, value in entries.items():
        try:
            config.insert_json5(name, json.dumps(value))
        except zenoh.ZError as error:
            raise ConfigurationError(
                f"mesh.{'listen' if listens else 'connect'}: endpoints look like "
                f"'tcp/127.0.0.1:7464', not {', '.join(endpoints)!r}"
            ) from error
    return config


def _explained(error: zenoh.ZError, settings: MeshSettings, *, listens: bool) -> FabricError:
    text = _RUST_SOURCE.sub("", str(error))
    endpoints = ", ".join(settings.listen if listens else settings.connect)
    if "in use" in text.lower() or "10048" in text:
        return EndpointInUse(
            f"another process listens at {endpoints}: stop it, or choose another endpoint "
            "with --listen tcp/127.0.0.1:PORT"
        )
    return FabricError(f"cannot open the network at {endpoints}: {text}")
