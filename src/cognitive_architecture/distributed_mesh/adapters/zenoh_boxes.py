"""Frames between Zenoh's threads and the event loop, on their way in and out."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from functools import partial
from queue import SimpleQueue
from typing import Final

import zenoh

from cognitive_architecture.distributed_mesh.ports import Receive

_UNHEARD_MAX: Final = 256 * 1024
_BACKLOG_SMALL: Final = 1024 * 1024


class Inbox:
    """Frames that have come in on Zenoh's threads and wait for the loop."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, session: zenoh.Session, key: str, receive: Receive
    ) -> None:
        self._loop = loop
        self._key = key
        self._receive = receive
        self._frames: deque[bytes] = deque()
        self._loop_is_called = False
        self.is_closed = False
        self.move_to(session)

    def move_to(self, session: zenoh.Session) -> None:
        """Go on over another session; what has come over the last one is still handed on.

        What comes over that one later is not: a frame that is sent while both are known would come
        over either, and an order would be carried out twice.
        """
        self._session = session
        self._subscriber = session.declare_subscriber(self._key, partial(self._on_sample, session))

    def _on_sample(self, session: zenoh.Session, sample: zenoh.Sample) -> None:
        """On a thread of Zenoh's."""
        if session is not self._session:
            return
        self._frames.append(sample.payload.to_bytes())
        # A frame that comes between the loop's reading and this test calls the loop once too
        # often, never once too few: the loop lowers the flag before it reads.
        if not self._loop_is_called:
            self._loop_is_called = True
            on_loop(self._loop, self._empty)

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
        self._subscriber.undeclare()


class Outbox:
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
            on_loop(self._loop, self._was_published, len(frame))

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

    def stop_waiting(self) -> None:
        """Let nobody wait for a peer that is gone."""
        self._wake_waiters()

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


def on_loop(loop: asyncio.AbstractEventLoop, call: object, *arguments: object) -> None:
    """Call on the loop, from whichever thread this is."""
    try:
        loop.call_soon_threadsafe(call, *arguments)  # type: ignore[arg-type]
    except RuntimeError:  # the loop is closed: nobody is left to hear it
        return
