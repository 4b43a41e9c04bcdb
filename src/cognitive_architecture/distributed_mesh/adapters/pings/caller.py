"""The side that connects: a thread that pings, and judges who answers.

A thread of its own, because a handler may keep the event loop busy for seconds: the process is in
contact as long as any of its threads gets a turn. Python's own thread and not one of a library
below: what holds the interpreter for a second holds the pings, and the law waits longer for who
does that (``policies/detection/contact.py``).
"""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from typing import Final

import structlog

from cognitive_architecture.foundation.world import Clock

from .contacts import Contacts
from .datagrams import NEVER_MS, Ping, is_signed, read_answer, write_ping
from .places import Place
from .token import PingToken

_log = structlog.get_logger(__name__)

_UNANSWERED_S: Final = 2.0
"""After so long the next address of a host is tried, if it has several."""
_DATAGRAM_MAX: Final = 2048
_LOOKED_FOR_S: Final = 1.0
"""To look for the address of a host may take half a minute, and cannot be called off."""


class Caller:
    """Pings some places."""

    def __init__(
        self,
        clock: Clock,
        token: PingToken,
        places: Sequence[Place],
        contacts: Contacts,
    ) -> None:
        """Prepare.

        Args:
            clock: Whose ``now`` may be asked on any thread.
            token: The name that pings go under.
            places: Where to ping.
            contacts: With those who answer, at their first pace: an answer may ask for fewer
                pings. They are told of on the thread.
        """
        self._clock = clock
        self._token = token
        self._lines = [_Line(place) for place in places]
        self._every_s = contacts.every_s
        self._contacts = contacts
        self._is_stopped = False
        self._thread: threading.Thread | None = None
        self._waker: socket.socket | None = None

    def start(self) -> None:
        """Begin to ping, if there is a place."""
        if self._lines:
            mine, self._waker = socket.socketpair()
            self._thread = threading.Thread(
                target=self._run, args=(mine,), name="cogmesh-pings", daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        """End the thread, and return when it has ended, or is looking for a host."""
        self._is_stopped = True
        if self._waker is not None and self._thread is not None:
            self._waker.close()  # which wakes the thread
            self._thread.join(_LOOKED_FOR_S)
            self._waker = self._thread = None

    # -- on the thread -------------------------------------------------------------------------

    def _run(self, woken: socket.socket) -> None:
        with ExitStack() as stack:
            stack.enter_context(woken)
            selector = stack.enter_context(selectors.DefaultSelector())
            selector.register(woken, selectors.EVENT_READ)
            ping_at = self._clock.now()
            while not self._is_stopped:
                ready = selector.select(max(0.0, ping_at - self._clock.now()))
                # What has come while this thread had no turn is heard before anybody is judged.
                for key, _ in ready:
                    if isinstance(key.data, _Line) and self._hear(key.data):
                        ping_at = self._clock.now()  # only the next ping tells the other side
                now = self._clock.now()
                if now >= ping_at and not self._is_stopped:
                    late_s = now - ping_at
                    self._ping_all(selector, now, late_s)
                    ping_at = now + self._contacts.every_s
            for line in self._lines:
                line.close(selector)

    def _ping_all(self, selector: selectors.BaseSelector, now: float, late_s: float) -> None:
        for line in self._lines:
            if late_s > self._contacts.every_s:
                line.excuse(late_s, now)
            line.look_for_another_address(selector, now)
            line.ping(self._token, now)
        self._contacts.every_s = max(self._every_s, *(line.every_s for line in self._lines))
        self._contacts.look(now)

    def _hear(self, line: _Line) -> bool:
        """Take what has come; whether it is the first answer of somebody."""
        is_first = False
        for datagram in line.received():
            answer = read_answer(datagram)
            if (
                answer is None
                or answer.to != self._token.name
                or not is_signed(datagram, self._token.secret)
            ):
                continue
            now = self._clock.now()
            if line.answered(answer.number, now):
                line.every_s = answer.every_ms / 1e3
                if line.by != answer.by:
                    is_first = True
                    if line.by is not None:
                        self._contacts.forget(line.by)  # another process listens there now
                    line.by = answer.by
                self._contacts.heard(answer.by, now)
        return is_first


class _Line:
    """Pings to one place."""

    def __init__(self, place: Place) -> None:
        self.every_s = 0.0
        self.by: bytes | None = None
        """Name of who answers there."""
        self._place = place
        self._addresses: list[tuple[socket.AddressFamily, tuple[object, ...]]] = []
        self._socket: socket.socket | None = None
        self._target: tuple[object, ...] = ()
        self._number = 0
        self._answered = 0
        self._heard_at: float | None = None
        self._tried_at: float | None = None

    def look_for_another_address(self, selector: selectors.BaseSelector, now: float) -> None:
        """Where nobody answers, try the next address of the host."""
        if self._tried_at is not None:
            unanswered_s = now - max(self._tried_at, self._heard_at or self._tried_at)
            if unanswered_s < _UNANSWERED_S:
                return
        self._tried_at = now
        if not self._addresses:
            self._addresses = _addresses_of(self._place)
        if len(self._addresses) > 1 or (self._addresses and self._socket is None):
            self.close(selector)
            family, self._target = self._addresses[0]
            self._addresses = [*self._addresses[1:], self._addresses[0]]
            self._socket = socket.socket(family, socket.SOCK_DGRAM)
            self._socket.setblocking(False)
            selector.register(self._socket, selectors.EVENT_READ, self)

    def ping(self, token: PingToken, now: float) -> None:
        """Send one."""
        if self._socket is None:
            return
        self._number += 1
        unheard_ms = NEVER_MS if self._heard_at is None else round((now - self._heard_at) * 1e3)
        datagram = write_ping(Ping(token.name, self._number, unheard_ms), token.secret)
        try:
            self._socket.sendto(datagram, self._target)
        except OSError:  # no way there now, or no room: the next one goes in a moment
            return

    def received(self) -> list[bytes]:
        """What has come."""
        datagrams: list[bytes] = []
        with suppress(OSError):  # nothing more; Windows also says so of what nobody listened to
            while self._socket is not None:
                datagrams.append(self._socket.recv(_DATAGRAM_MAX))
        return datagrams

    def answered(self, number: int, now: float) -> bool:
        """Whether this answer is news."""
        if not self._answered < number <= self._number:
            return False
        self._answered = number
        self._heard_at = now
        return True

    def excuse(self, seconds: float, now: float) -> None:
        """This side did not listen for so long."""
        if self._heard_at is not None:
            self._heard_at = min(now, self._heard_at + seconds)

    def close(self, selector: selectors.BaseSelector) -> None:
        """Use this socket no more."""
        if self._socket is not None:
            selector.unregister(self._socket)
            self._socket.close()
            self._socket = None


def _addresses_of(place: Place) -> list[tuple[socket.AddressFamily, tuple[object, ...]]]:
    try:
        found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_DGRAM)
    except OSError as error:
        _log.debug("host_not_found", host=place.host, why=str(error))
        return []
    return [(family, address) for family, _, _, _, address in found]
