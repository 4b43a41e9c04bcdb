"""The journal of a dispatch machine as bytes.

    record    length (4 bytes, big endian) · body (msgpack)
    first     the beginning: what the machine was made of
    others    a step each: which call, at what instant, what it was told, and a digest of the answer

A record that was cut off (the process died while it wrote) ends the journal; it is no error.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import msgspec
from msgspec import Struct

from cognitive_architecture.distributed_mesh.machines import events
from cognitive_architecture.distributed_mesh.machines.effects import Effect, LookUp, Tell, Write
from cognitive_architecture.distributed_mesh.messages import Fault
from cognitive_architecture.distributed_mesh.records import Ownership
from cognitive_architecture.foundation.errors import JournalUnreadable, StoreError
from cognitive_architecture.foundation.remote_errors import from_wire

VERSION: Final = 1
_LENGTH: Final = struct.Struct(">I")
_DIGEST_BYTES: Final = 8


class Call(StrEnum):
    """What a machine can be asked."""

    HANDLE = "handle"
    ASSIGN = "assign"
    TIMER = "timer"
    ANCHOR = "anchor"
    MATCHER = "matcher"
    """The matcher was told something from outside: by an operator, by discovery, by the economy."""


class Told(Struct, frozen=True, array_like=True):
    """Something the matcher was told: the name of its method, and what it was called with."""

    what: str
    arguments: list[Any]
    named: dict[str, Any]


class Beginning(Struct, frozen=True):
    """What the machine was made of."""

    version: int
    program: str
    """Version of the program that wrote it."""
    settings: dict[str, Any]
    """All sections, as JSON."""
    owned: Ownership
    """What its owner knew of the store."""
    seed: int
    """Of the world it draws from."""
    wall: float
    """Seconds since the epoch when the journal began; for people."""
    told: list[Told] = []
    """What the matcher had been told before, in order."""


class Step(Struct, frozen=True, array_like=True):
    """One call."""

    call: str
    """A ``Call``."""
    now: float
    """Instant."""
    event: str = ""
    """Class of the event; of ``Call.MATCHER`` the name of the method."""
    told: bytes = b""
    """msgpack: the event, or a ``Told``."""
    answer: bytes = b""
    """Digest of the effects."""
    effects: int = 0


@dataclass(frozen=True, slots=True)
class Journal:
    """A journal as it was read."""

    beginning: Beginning
    steps: Iterator[Step]


_EVENTS: Final[dict[str, type]] = {
    name: kind
    for name, kind in vars(events).items()
    if isinstance(kind, type) and kind.__module__ == events.__name__
}


def framed(record: Beginning | Step) -> bytes:
    """A record as it stands in the file."""
    body = msgspec.msgpack.encode(record)
    return _LENGTH.pack(len(body)) + body


def read(chunks: Iterable[bytes]) -> Journal:
    """Read a journal, step by step.

    Args:
        chunks: Its bytes in portions of any size.

    Raises:
        JournalUnreadable: It is no journal, or one of another version.
    """
    records = _records(chunks)
    first = next(records, None)
    try:
        if first is None:
            raise JournalUnreadable(
                "this holds no record of a decision: it is empty, or no journal of decisions"
            )
        beginning = msgspec.msgpack.decode(first, type=Beginning)
    except msgspec.MsgspecError as error:
        raise JournalUnreadable(f"this is no journal of decisions: {error}") from error
    if beginning.version != VERSION:
        raise JournalUnreadable(
            f"the journal of decisions has version {beginning.version}, and this program reads "
            f"version {VERSION}: replay it with the version that wrote it"
        )
    return Journal(beginning, (msgspec.msgpack.decode(body, type=Step) for body in records))


def _records(chunks: Iterable[bytes]) -> Iterator[bytes]:
    buffer = bytearray()
    for chunk in chunks:
        buffer += chunk
        while len(buffer) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(buffer)
            end = _LENGTH.size + length
            if len(buffer) < end:
                break
            yield bytes(buffer[_LENGTH.size : end])
            del buffer[:end]


def event_to_bytes(event: events.Event) -> tuple[str, bytes]:
    """The class of an event and its fields."""
    return type(event).__name__, msgspec.msgpack.encode(event, enc_hook=_plain)


def event_from_bytes(name: str, data: bytes) -> events.Event:
    """The event that ``event_to_bytes`` wrote.

    Raises:
        JournalUnreadable: This version knows no such event, or not with these fields.
    """
    kind = _EVENTS.get(name)
    if kind is None:
        raise JournalUnreadable(
            f"the journal tells of {name!r}, which this version does not know: replay it with the "
            "version that wrote it"
        )
    try:
        event: events.Event = msgspec.msgpack.decode(data, type=kind, dec_hook=_rebuilt)
    except msgspec.MsgspecError as error:
        raise JournalUnreadable(
            f"the journal tells of {name!r} with other fields than this version knows ({error}): "
            "replay it with the version that wrote it"
        ) from error
    return event


def digest(effects: Iterable[Effect]) -> bytes:
    """Eight bytes that differ where orders differ."""
    found = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    for effect in effects:
        found.update(type(effect).__name__.encode())
        found.update(msgspec.msgpack.encode(_shown(effect), enc_hook=_plain))
    return found.digest()


def _shown(effect: Effect) -> Any:
    if isinstance(effect, Tell):
        return [effect.address, effect.message, effect.can_wait]
    if isinstance(effect, Write):
        return [effect.ticket, effect.batch]
    if isinstance(effect, LookUp):
        return [effect.address, effect.request, effect.task_ids]
    return effect


def _plain(value: Any) -> Any:
    if isinstance(value, StoreError):
        return Fault.of(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no place in a journal")


def _rebuilt(kind: type, value: Any) -> Any:
    if issubclass(kind, StoreError):
        fault = msgspec.convert(value, Fault)
        error = from_wire(fault.code, fault.sentence, fault.details)
        return error if isinstance(error, StoreError) else StoreError(fault.sentence)
    raise TypeError(f"{kind.__name__} has no place in a journal")
