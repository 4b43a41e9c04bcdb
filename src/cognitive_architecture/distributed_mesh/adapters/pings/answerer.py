"""The side that listens: it answers pings, and judges who pings. All of it runs on the event loop.

Not on a thread: beside a busy loop a thread waits some milliseconds for its turn after each
datagram, and fifty nodes send five hundred a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final, cast

import structlog

from cognitive_architecture.foundation.world import Clock, Timer

from .contacts import Contacts
from .datagrams import NEVER_MS, Answer, is_signed, read_ping, write_answer
from .places import Place
from .token import PingToken

_log = structlog.get_logger(__name__)

_PINGS_A_SECOND_MAX: Final = 1000.0
"""Of all who ping together; the more they are, the more rarely they are asked to."""


class Answerer:
    """Answers at some places."""

    def __init__(
        self,
        clock: Clock,
        token: PingToken,
        places: Sequence[Place],
        contacts: Contacts,
    ) -> None:
        """Prepare.

        Args:
            clock: Of the loop.
            token: The name that answers go under.
            places: Where to answer.
            contacts: With those who ping, at their first pace. They are told of on the loop.
        """
        self._clock = clock
        self._token = token
        self._places = places
        self._every_s = contacts.every_s
        self._contacts = contacts
        self._known: dict[bytes, _Caller] = {}
        self._transports: list[asyncio.DatagramTransport] = []
        self._timer: Timer | None = None

    async def start(self) -> None:
        """Begin to answer, wherever that is possible."""
        loop = asyncio.get_running_loop()
        for place in self._places:
            try:
                transport, _ = await loop.create_datagram_endpoint(
                    lambda: _Ear(self), local_addr=(place.host, place.port)
                )
            except OSError as error:
                _log.warning(
                    "pings_not_answered",
                    at=f"udp {place.host}:{place.port}",
                    why=str(error),
                    so="cut cables and frozen processes are noticed by their heartbeats alone",
                )
            else:
                self._transports.append(transport)
        if self._transports:
            self._look()

    def stop(self) -> None:
        """Answer nobody any more."""
        if self._timer is not None:
            self._timer.cancel()
        for transport in self._transports:
            transport.abort()
        self._transports.clear()

    def expect(self, token: PingToken) -> None:
        """Somebody is in the mesh who may ping."""
        self._known.setdefault(token.name, _Caller(token.secret))

    def forget(self, token: PingToken) -> None:
        """He is in it no more."""
        self._known.pop(token.name, None)
        self._contacts.forget(token.name)

    def on_datagram(
        self, transport: asyncio.DatagramTransport, datagram: bytes, sender: Any
    ) -> None:
        """Answer it, if it is a ping of somebody who is known."""
        ping = read_ping(datagram)
        caller = None if ping is None else self._known.get(ping.name)
        if ping is None or caller is None or ping.number <= caller.number:
            return
        if not is_signed(datagram, caller.secret):
            return
        caller.number = ping.number
        answer = Answer(
            ping.name, self._token.name, ping.number, round(self._contacts.every_s * 1e3)
        )
        transport.sendto(write_answer(answer, caller.secret), sender)
        if ping.unheard_ms != NEVER_MS:
            unheard_s = ping.unheard_ms / 1e3
            self._contacts.heard(ping.name, self._clock.now(), unheard_s=unheard_s)

    def _look(self) -> None:
        contacts = self._contacts
        contacts.every_s = max(self._every_s, len(contacts) / _PINGS_A_SECOND_MAX)
        now = self._clock.now()
        contacts.look(now)
        self._timer = self._clock.call_at(now + contacts.every_s, self._look)


class _Caller:
    """Somebody who may ping."""

    __slots__ = ("number", "secret")

    def __init__(self, secret: bytes) -> None:
        self.secret = secret
        self.number = 0
        """Of the latest ping that was heard."""


class _Ear(asyncio.DatagramProtocol):
    """What comes in at one place."""

    def __init__(self, answerer: Answerer) -> None:
        self._answerer = answerer
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        self._transport = cast("asyncio.DatagramTransport", transport)  # as asyncio promises

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """Something came."""
        if self._transport is not None:
            self._answerer.on_datagram(self._transport, data, addr)
