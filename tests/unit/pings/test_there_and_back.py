"""The two sides, over real sockets, with somebody between them who keeps datagrams."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest
import structlog

from cognitive_architecture.distributed_mesh.adapters.pings import (
    Answerer,
    Caller,
    Contacts,
    PingToken,
    State,
)
from cognitive_architecture.distributed_mesh.adapters.pings.datagrams import (
    Ping,
    read_ping,
    write_ping,
)
from cognitive_architecture.distributed_mesh.adapters.pings.places import Place
from cognitive_architecture.foundation.world import World
from tests.integration.cli_processes import free_endpoint
from tests.support.asynchronous import async_test, until

EVERY_S: Final = 0.03
SILENCE_S: Final = 0.3
WORLD: Final = World()


def free_place() -> Place:
    return Place("127.0.0.1", int(free_endpoint().rpartition(":")[2]))


class Between(asyncio.DatagramProtocol):
    """Passes datagrams on, unless it is told not to."""

    def __init__(self, target: Place) -> None:
        self.lets_there = True
        self.lets_back = True
        self.pings: list[bytes] = []
        self._target = (target.host, target.port)
        self._caller: Any = None
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if addr == self._target:
            if self.lets_back:
                self._transport.sendto(data, self._caller)
        else:
            self._caller = addr
            self.pings.append(data)
            if self.lets_there:
                self._transport.sendto(data, self._target)


def contacts(on_contact: Callable[[bytes, State], None]) -> Contacts:
    return Contacts(every_s=EVERY_S, silence_s=SILENCE_S, on_contact=on_contact)


class Pair:
    """A caller and an answerer, and what each was told of the other."""

    def __init__(self, there: Place, between: Place) -> None:
        self.mine, self.yours = (PingToken.of(WORLD.secret(PingToken.SIZE)) for _ in range(2))
        self.caller_says: list[State] = []
        self.answerer_says: list[State] = []
        loop = asyncio.get_running_loop()

        def from_the_thread(name: bytes, state: State) -> None:
            assert name == self.yours.name
            loop.call_soon_threadsafe(self.caller_says.append, state)

        def from_the_loop(name: bytes, state: State) -> None:
            assert name == self.mine.name
            self.answerer_says.append(state)

        self.caller = Caller(WORLD.clock, self.mine, [between], contacts(from_the_thread))
        self.answerer = Answerer(WORLD.clock, self.yours, [there], contacts(from_the_loop))

    async def say(self, caller: State, answerer: State) -> None:
        """Wait until this is what they say; beside a busy neighbour they may have lost each other
        in between."""
        await until(
            lambda: (self.caller_says[-1:], self.answerer_says[-1:]) == ([caller], [answerer])
        )


@asynccontextmanager
async def pinging() -> AsyncIterator[tuple[Pair, Between]]:
    there, middle = free_place(), free_place()
    loop = asyncio.get_running_loop()
    transport, between = await loop.create_datagram_endpoint(
        lambda: Between(there), local_addr=(middle.host, middle.port)
    )
    pair = Pair(there, middle)
    await pair.answerer.start()
    pair.answerer.expect(pair.mine)
    pair.caller.start()
    try:
        yield pair, between
    finally:
        pair.answerer.stop()
        await asyncio.to_thread(pair.caller.stop)
        transport.close()


IN, SILENT, DEAF = State.IN_CONTACT, State.SILENT, State.DEAF


@pytest.mark.parametrize(
    ("lets_there", "lets_back", "answerer_says"),
    [(False, False, SILENT), (False, True, SILENT), (True, False, DEAF)],
    ids=["nothing comes through", "no ping does", "no answer does"],
)
@async_test
async def test_both_sides_lose_contact_whichever_way_is_cut_and_find_it_again(
    lets_there: bool, lets_back: bool, answerer_says: State
) -> None:
    async with pinging() as (pair, between):
        await pair.say(IN, IN)
        between.lets_there, between.lets_back = lets_there, lets_back
        await pair.say(SILENT, answerer_says)
        between.lets_there = between.lets_back = True
        await pair.say(IN, IN)


@async_test
async def test_a_stranger_is_not_answered_and_an_old_ping_is_no_contact() -> None:
    async with pinging() as (pair, between):
        await pair.say(IN, IN)
        old = list(between.pings)
        await asyncio.to_thread(pair.caller.stop)
        await pair.say(IN, SILENT)
        answers: list[bytes] = []

        class Stranger(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, addr: Any) -> None:  # noqa: ARG002
                answers.append(data)

        there = between._target
        stranger, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            Stranger, remote_addr=there
        )
        ping = read_ping(old[-1])
        assert ping is not None
        later = Ping(ping.name, ping.number + 1000, 0)
        for datagram in (*old, b"", b"cm", write_ping(later, b"guessed by nobody"[:16])):
            stranger.sendto(datagram)
        # One that knows the secret is answered, so all before it were looked at.
        stranger.sendto(write_ping(Ping(ping.name, later.number + 1, 0), pair.mine.secret))
        await pair.say(IN, IN)
        await until(lambda: len(answers) == 1)
        stranger.close()


@async_test
async def test_an_answerer_whose_port_is_taken_says_so_and_goes_without() -> None:
    place = free_place()
    loop = asyncio.get_running_loop()
    taker, _ = await loop.create_datagram_endpoint(
        asyncio.DatagramProtocol, local_addr=(place.host, place.port)
    )
    pair = Pair(place, place)
    with structlog.testing.capture_logs() as logs:
        await pair.answerer.start()
    assert [(entry["event"], entry["at"]) for entry in logs] == [
        ("pings_not_answered", f"udp {place.host}:{place.port}")
    ]
    pair.answerer.stop()
    taker.close()


@async_test
async def test_a_caller_waits_for_somebody_who_comes_later() -> None:
    there = free_place()
    pair = Pair(there, there)
    pair.caller.start()
    pair.answerer.expect(pair.mine)
    await pair.answerer.start()
    await pair.say(IN, IN)
    pair.answerer.stop()
    await asyncio.to_thread(pair.caller.stop)
