"""What has changed since somebody last looked, for any number of readers."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class ChangeLog(Generic[K]):
    """Things that changed, the latest last, each once.

    A reader asks for the position ``from_here``, remembers ``end`` as it was when it read, and
    asks for what changed ``since``. What changes again before anybody has read is not noted
    twice, so noting is cheap where it happens and reading costs what has changed. Memory: one
    place for each thing, however many changes.
    """

    def __init__(self) -> None:
        self.end = 0
        """How many changes were noted; grows, and never falls."""
        self._noted_at: dict[K, int] = {}
        self._read_at = 0
        """The furthest that any reader has read."""
        self._all_at = 0
        """When everything changed at once."""

    def __len__(self) -> int:
        """How many things it remembers to have changed."""
        return len(self._noted_at)

    def note(self, thing: K) -> None:
        """``thing`` has changed."""
        noted_at = self._noted_at
        if noted_at.get(thing, 0) > self._read_at:
            return  # every reader still has this one before it
        self.end += 1
        noted_at.pop(thing, None)  # so that it comes to stand at the end
        noted_at[thing] = self.end

    def note_all(self) -> None:
        """Everything may have changed."""
        self.end += 1
        self._all_at = self.end
        self._noted_at.clear()

    def forget(self, thing: K) -> None:
        """``thing`` is gone; nobody needs to look at it any more."""
        self._noted_at.pop(thing, None)

    def from_here(self) -> int:
        """The position of a reader that begins now."""
        self._read_at = self.end
        return self.end

    def since(self, position: int) -> list[K] | None:
        """What changed after ``position``, latest first; ``None`` if that is everything."""
        self._read_at = self.end
        if position < self._all_at:
            return None
        found = []
        for thing, at in reversed(self._noted_at.items()):
            if at <= position:
                break
            found.append(thing)
        return found
