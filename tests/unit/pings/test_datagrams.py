"""Pings and answers as bytes: read as they were written, refused when anybody else wrote them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.adapters.pings.datagrams import (
    NEVER_MS,
    Answer,
    Ping,
    is_signed,
    read_answer,
    read_ping,
    write_answer,
    write_ping,
)
from cognitive_architecture.distributed_mesh.adapters.pings.token import PingToken

names = st.binary(min_size=8, max_size=8)
secrets_ = st.binary(min_size=16, max_size=16)
numbers = st.integers(0, 2**32 - 1)


@given(names, numbers, numbers, secrets_)
def test_a_ping_is_read_as_it_was_written(
    name: bytes, number: int, unheard_ms: int, secret: bytes
) -> None:
    ping = Ping(name, number, unheard_ms)
    datagram = write_ping(ping, secret)

    assert read_ping(datagram) == ping
    assert is_signed(datagram, secret)
    assert read_answer(datagram) is None


@given(names, names, numbers, numbers, secrets_)
def test_an_answer_is_read_as_it_was_written(
    to: bytes, by: bytes, number: int, every_ms: int, secret: bytes
) -> None:
    answer = Answer(to, by, number, every_ms)
    datagram = write_answer(answer, secret)

    assert read_answer(datagram) == answer
    assert is_signed(datagram, secret)
    assert read_ping(datagram) is None


@given(secrets_, st.data())
def test_a_single_changed_bit_or_another_secret_is_noticed(
    secret: bytes, data: st.DataObject
) -> None:
    datagram = write_ping(Ping(b"12345678", 7, 100), secret)
    place = data.draw(st.integers(0, 8 * len(datagram) - 1))
    changed = bytearray(datagram)
    changed[place // 8] ^= 1 << (place % 8)

    assert not is_signed(bytes(changed), secret)
    other = data.draw(secrets_.filter(lambda drawn: drawn != secret))
    assert not is_signed(datagram, other)


@given(st.binary(max_size=64))
def test_garbage_is_neither(datagram: bytes) -> None:
    read_ping(datagram)
    read_answer(datagram)
    assert not is_signed(datagram, b"x" * 16)


def test_a_silence_longer_than_can_be_said_is_never() -> None:
    ping = read_ping(write_ping(Ping(b"12345678", 1, 2**40), b"s" * 16))

    assert ping is not None
    assert ping.unheard_ms == NEVER_MS


@given(st.binary(min_size=24, max_size=24))
def test_a_token_is_read_as_it_was_written(unguessable: bytes) -> None:
    token = PingToken.of(unguessable)

    assert PingToken.read(token.text) == token
    assert len(token.text) == 48


@given(st.text(max_size=60))
def test_what_is_no_token_is_none(text: str) -> None:
    token = PingToken.read(text)
    assert token is None or token.text == text.lower().replace(" ", "")
