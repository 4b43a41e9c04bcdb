"""The state of a ledger as bytes, so that a journal need not be kept from its beginning."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from .accounts import Opening
from .errors import JournalDamaged
from .journal import START, Reader, digest, opening_parts, text_part
from .units import Ints

_HEADER: Final = struct.Struct("<QQB32sII")


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """Everything that a ledger knows."""

    entry_count: int
    head: bytes
    """The hash of the last record."""
    issued: Ints
    """By currency, in µ; shape ``(c,)``."""
    balances: Ints
    """In µ, by currency and handle; shape ``(c, n)``."""
    openings: tuple[Opening, ...]
    free: Ints
    """Handles that may be given again, in this order."""
    digests: dict[str, bytes]
    """The hash of each entry's body, by its id."""

    def encoded(self) -> bytes:
        """Bytes for ``decoded``: 24 for each handle, and 36 and the id for each entry."""
        currencies, count = self.balances.shape
        parts = [
            _HEADER.pack(
                self.entry_count, count, currencies, self.head, len(self.openings), len(self.free)
            ),
            self.free.astype("<u4").tobytes(),
            self.issued.astype("<i8").tobytes(),
            self.balances.astype("<i8").tobytes(),
        ]
        for opening in self.openings:
            parts += opening_parts(opening)
        for entry_id, body_digest in self.digests.items():
            parts += [text_part(entry_id), body_digest]
        body = b"".join(parts)
        return digest(body) + body

    @classmethod
    def decoded(cls, data: bytes) -> Checkpoint:
        """The checkpoint that these bytes were made of.

        Raises:
            JournalDamaged: They are not the bytes that were written.
        """
        said, body = data[: len(START)], data[len(START) :]
        if digest(body) != said:
            raise JournalDamaged(
                "the checkpoint is not the one that was written: replay the journal from its "
                "beginning, or take an older checkpoint"
            )
        reader = Reader(body)
        header = _HEADER.unpack(reader.take(_HEADER.size))
        entry_count, count, currencies, head, opening_count, free_count = header
        free = reader.handles(free_count)
        issued = reader.amounts(currencies)
        balances = reader.amounts(currencies * count).reshape(currencies, count)
        openings = tuple(reader.opening() for _ in range(opening_count))
        digests = {}
        while reader:
            entry_id = reader.text()
            digests[entry_id] = reader.take(len(START))
        return cls(entry_count, head, issued, balances, openings, free, digests)
