"""The promises that a run broke."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

BREACHES_MAX = 20
"""A run that breaks so much is stopped."""


@dataclass(slots=True)
class Breaches:
    """Each breach once, in the order in which they were seen."""

    stop: Callable[[], None]
    at_most: int = BREACHES_MAX
    """With so many, the run is stopped."""
    sentences: list[str] = field(default_factory=list)

    def broken(self, sentence: str) -> None:
        """Something that must never be has happened."""
        if sentence not in self.sentences:
            self.sentences.append(sentence)
        if len(self.sentences) >= self.at_most:
            self.stop()

    def demand(self, holds: object, sentence: str) -> None:
        """This must hold, or the sentence says what is broken."""
        if not holds:
            self.broken(sentence)
