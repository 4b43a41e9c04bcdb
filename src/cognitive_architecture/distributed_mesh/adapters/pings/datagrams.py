"""A ping and its answer as bytes, signed: who does not know the secret can neither ping nor answer.

    both    "cm", version, kind
    ping    name of who pings, number, milliseconds since an answer was heard
    answer  name of who pinged, name of who answers, number of the ping, milliseconds between pings
    both    signature: eight bytes of BLAKE2b (RFC 7693) keyed with the secret of who pings

A datagram that is taken and sent again later by a stranger is old by its number.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from typing import Final

_MARK: Final = b"cm"
_VERSION: Final = 1
_PING: Final = 1
_ANSWER: Final = 2
_PING_FORM: Final = struct.Struct("!2sBB8sII")
_ANSWER_FORM: Final = struct.Struct("!2sBB8s8sII")
_SIGNATURE_BYTES: Final = 8

NEVER_MS: Final = 0xFFFFFFFF
"""No answer was heard yet."""


@dataclass(frozen=True, slots=True)
class Ping:
    """Whoever connects is there, and has heard an answer so long ago."""

    name: bytes
    number: int
    unheard_ms: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Whoever listens has heard this ping, and wants one every so often."""

    to: bytes
    by: bytes
    number: int
    every_ms: int


def write_ping(ping: Ping, secret: bytes) -> bytes:
    """A ping, signed."""
    unheard_ms = min(NEVER_MS, ping.unheard_ms)
    said = _PING_FORM.pack(_MARK, _VERSION, _PING, ping.name, ping.number, unheard_ms)
    return said + _signature(said, secret)


def write_answer(answer: Answer, secret: bytes) -> bytes:
    """An answer, signed with the secret of who pinged."""
    said = _ANSWER_FORM.pack(
        _MARK, _VERSION, _ANSWER, answer.to, answer.by, answer.number, answer.every_ms
    )
    return said + _signature(said, secret)


def read_ping(datagram: bytes) -> Ping | None:
    """A ping whose signature is still to be looked at; None of anything else."""
    if len(datagram) != _PING_FORM.size + _SIGNATURE_BYTES:
        return None
    mark, version, kind, name, number, unheard_ms = _PING_FORM.unpack_from(datagram)
    return (
        Ping(name, number, unheard_ms)
        if (mark, version, kind) == (_MARK, _VERSION, _PING)
        else None
    )


def read_answer(datagram: bytes) -> Answer | None:
    """An answer whose signature is still to be looked at; None of anything else."""
    if len(datagram) != _ANSWER_FORM.size + _SIGNATURE_BYTES:
        return None
    mark, version, kind, to, by, number, every_ms = _ANSWER_FORM.unpack_from(datagram)
    if (mark, version, kind) != (_MARK, _VERSION, _ANSWER):
        return None
    return Answer(to, by, number, every_ms)


def is_signed(datagram: bytes, secret: bytes) -> bool:
    """Whether it was signed with this secret."""
    # Eight bytes guessed byte by byte from how long a comparison takes are guessed too late.
    return _signature(datagram[:-_SIGNATURE_BYTES], secret) == datagram[-_SIGNATURE_BYTES:]


def _signature(said: bytes, secret: bytes) -> bytes:
    return hashlib.blake2b(said, digest_size=_SIGNATURE_BYTES, key=secret).digest()
