"""The name that pings go under, and the secret that proves it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

_NAME_BYTES: Final = 8
_SECRET_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class PingToken:
    """Of one process. It is told over links only, to those who are let into the mesh."""

    name: bytes
    """Eight bytes, sent openly."""
    secret: bytes
    """Sixteen bytes, never sent by datagram: they sign what is."""

    SIZE = _NAME_BYTES + _SECRET_BYTES
    """Bytes that nobody can guess, of which a token is made."""

    @classmethod
    def of(cls, unguessable: bytes) -> Self:
        """Make one of ``SIZE`` bytes."""
        return cls(unguessable[:_NAME_BYTES], unguessable[_NAME_BYTES:])

    @classmethod
    def read(cls, text: str) -> Self | None:
        """What ``text`` wrote; None of anything else."""
        try:
            raw = bytes.fromhex(text)
        except ValueError:
            return None
        return cls.of(raw) if len(raw) == cls.SIZE else None

    @property
    def text(self) -> str:
        """For a key: 48 hexadecimal digits."""
        return (self.name + self.secret).hex()
