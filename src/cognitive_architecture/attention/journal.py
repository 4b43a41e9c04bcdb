"""Entries as bytes, and the chain of hashes that holds them together.

A record is its length, its body, and a hash of the last record's hash and of the body's; so no
record can be changed, left out or put elsewhere without the next hash saying so. Numbers are
little-endian. The last record may be cut off where a process was killed while it wrote: it was
never acknowledged, and is left aside. Every other damage is an error.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np

from cognitive_architecture.foundation.sentences import shown

from .accounts import KINDS, Opening
from .errors import InvalidAmount, JournalDamaged
from .units import Ints

START: Final = bytes(32)
"""The hash before the first record."""

_LENGTH: Final = struct.Struct("<I")
_OPENING: Final = struct.Struct("<BIqq")
_POSTING: Final = struct.Struct("<BI")


class Currency(IntEnum):
    """What balances count. Each is conserved for itself."""

    STI = 0
    """Short-term importance, in µSTI."""
    LTI = 1
    """Long-term importance, in millionths of one LTI."""
    VLTI = 2
    """How many reasons there are never to forget an account. The bank lends them: its balance is
    minus the number given out."""


@dataclass(frozen=True, slots=True)
class Posting:
    """What changes in one currency; the amounts add up to 0. An account may come repeatedly."""

    currency: Currency
    accounts: Ints
    amounts: Ints


@dataclass(frozen=True, slots=True)
class Entry:
    """What happens together or not at all."""

    id: str
    """Whoever sends it twice uses the same id twice."""
    law: str
    """Why it happens: the name of the law, for people and plots."""
    postings: tuple[Posting, ...] = ()
    """At most one for each currency."""
    opened: Opening | None = None
    closed: Ints | None = None


def digest(body: bytes) -> bytes:
    """A hash of 32 bytes."""
    return hashlib.blake2b(body, digest_size=len(START)).digest()


def framed(body: bytes, body_digest: bytes, before: bytes) -> tuple[bytes, bytes]:
    """A record of a journal.

    Args:
        body: The bytes of an entry.
        body_digest: Its hash.
        before: The hash of the record before it, ``START`` for the first.

    Returns:
        The record, and its hash.
    """
    hashed = digest(before + body_digest)
    return b"".join((_LENGTH.pack(len(body)), body, hashed)), hashed


def bodies(journal: bytes | memoryview, before: bytes = START) -> Iterator[bytes]:
    """Read a journal.

    Args:
        journal: Records, one after the other.
        before: The hash of the record before the first of them.

    Yields:
        The body of each whole record.

    Raises:
        JournalDamaged: A hash is not the one that was written.
    """
    view = memoryview(journal)
    at = 0
    while at + _LENGTH.size <= len(view):
        (length,) = _LENGTH.unpack_from(view, at)
        end = at + _LENGTH.size + length + len(START)
        if end > len(view):
            return  # cut off in the middle of a write
        body = bytes(view[at + _LENGTH.size : end - len(START)])
        hashed = digest(before + digest(body))
        if hashed != view[end - len(START) : end]:
            raise JournalDamaged(
                f"the record at byte {at:,} of the journal is not the one that was written: its "
                "hash differs; restore the journal from a copy, or cut it off before this byte"
            )
        yield body
        before, at = hashed, end


def encoded(entry: Entry) -> bytes:
    """The bytes of an entry: about 12 for each account that a posting names."""
    parts = [text_part(entry.id), text_part(entry.law), bytes([entry.opened is not None])]
    if entry.opened is not None:
        parts += opening_parts(entry.opened)
    closed = np.zeros(0, np.int64) if entry.closed is None else entry.closed
    parts += [_LENGTH.pack(len(closed)), closed.astype("<u4").tobytes()]
    for posting in entry.postings:
        parts += [
            _POSTING.pack(posting.currency, len(posting.accounts)),
            posting.accounts.astype("<u4").tobytes(),
            posting.amounts.astype("<i8", copy=False).tobytes(),
        ]
    return b"".join(parts)


def decoded(body: bytes) -> Entry:
    """The entry that these bytes were made of.

    Raises:
        JournalDamaged: No version of this program writes such bytes.
    """
    try:
        return _decoded(Reader(body))
    except (struct.error, ValueError, IndexError) as error:
        raise JournalDamaged(
            f"an entry of {len(body):,} bytes cannot be read ({shown(error)}): it was written by "
            "another version, or is no entry of a journal"
        ) from error


class Reader:
    """Takes values off the front of some bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __bool__(self) -> bool:
        return self._at < len(self._data)

    def take(self, length: int) -> bytes:
        """The next bytes."""
        if length > len(self._data) - self._at:
            raise ValueError("it ends too early")
        self._at += length
        return self._data[self._at - length : self._at]

    def number(self) -> int:
        """The next length."""
        (number,) = _LENGTH.unpack(self.take(_LENGTH.size))
        return int(number)

    def text(self) -> str:
        """The next text with its length before it."""
        return self.take(self.number()).decode("utf-8", "surrogatepass")

    def handles(self, count: int) -> Ints:
        """The next handles."""
        return np.frombuffer(self.take(4 * count), "<u4").astype(np.int64)

    def amounts(self, count: int) -> Ints:
        """The next amounts."""
        return np.frombuffer(self.take(8 * count), "<i8").astype(np.int64)

    def opening(self) -> Opening:
        """The next opening."""
        kind, count, floor, owner = _OPENING.unpack(self.take(_OPENING.size))
        handles = self.handles(count)
        names = tuple(self.text() for _ in range(count))
        return Opening(KINDS[kind], names, handles, floor, owner)


def _decoded(reader: Reader) -> Entry:
    id_, law = reader.text(), reader.text()
    opened = reader.opening() if reader.take(1) != b"\0" else None
    closed = reader.handles(reader.number())
    postings = []
    while reader:
        currency, count = _POSTING.unpack(reader.take(_POSTING.size))
        accounts = reader.handles(count)
        postings.append(Posting(Currency(currency), accounts, reader.amounts(count)))
    return Entry(id_, law, tuple(postings), opened, closed if len(closed) else None)


def opening_parts(opening: Opening) -> list[bytes]:
    """The bytes of an opening, in parts."""
    return [
        _OPENING.pack(KINDS.index(opening.kind), len(opening.names), opening.floor, opening.owner),
        opening.handles.astype("<u4").tobytes(),
        *map(text_part, opening.names),
    ]


def text_part(text: str) -> bytes:
    """A text with its length before it.

    Raises:
        InvalidAmount: It is no text.
    """
    if not isinstance(text, str):
        raise InvalidAmount(f"names and ids are strings, not {shown(text)}")
    data = text.encode("utf-8", "surrogatepass")
    return _LENGTH.pack(len(data)) + data
