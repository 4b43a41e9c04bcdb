"""What happened in a run, in order, and its fingerprint."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from typing import Final

_PORTION: Final = 4096


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that happened and a reader may want to see."""

    at: float
    who: str
    kind: str
    """``trouble``, ``work``, ``run``, ``did``, ``commit``, ``log``, ``broken``."""
    text: str


class History:
    """Notes for people, and a hash over everything, every frame included.

    Args:
        keeps_notes: Whether notes are kept, or only counted into the fingerprint.
    """

    def __init__(self, *, keeps_notes: bool = True) -> None:
        self.notes: list[Note] = []
        self.frames = 0
        self._keeps_notes = keeps_notes
        self._hash = hashlib.sha256()
        self._lines: list[str] = []

    def note(self, at: float, who: str, kind: str, text: str) -> None:
        """Something happened."""
        if self._keeps_notes:
            self.notes.append(Note(at, who, kind, text))
        self._line(f"{at!r} {who} {kind} {text}")

    def frame(self, at: float, who: str, address: str, frame: bytes) -> None:
        """A frame was sent."""
        self.frames += 1
        self._line(f"{at!r} {who} {address} {len(frame)} {zlib.crc32(frame)}")

    def _line(self, line: str) -> None:
        self._lines.append(line)
        if len(self._lines) >= _PORTION:
            self._fold()

    def _fold(self) -> None:
        self._hash.update("\n".join(self._lines).encode("utf-8", "backslashreplace"))
        self._lines.clear()

    def __getstate__(self) -> dict[str, object]:
        """What a verdict takes with it to another process: a hash cannot go, and is done with."""
        return self.__dict__ | {"_hash": None}

    def fingerprint(self) -> str:
        """The same for the same history, and for no other."""
        self._fold()
        return self._hash.hexdigest()[:16]
