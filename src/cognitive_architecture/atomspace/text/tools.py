"""What reads text for us: faces that installed tools are put behind, and what they answer.

Offsets count characters (code points) from 0, as Python does; ``end`` is the first one after.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Layer(StrEnum):
    """What made an atom of a text."""

    EXACT = "L0"
    WORDS = "L1"
    GRAMMAR = "L2"
    MODEL = "L3"


class Span(Protocol):
    """A place in a text."""

    @property
    def start(self) -> int:
        """Its first character."""

    @property
    def end(self) -> int:
        """The first character after it."""


@dataclass(frozen=True, slots=True)
class TaggedWord:
    """What a tagger says of one token."""

    lemma: str
    part_of_speech: str
    """One of the seventeen of Universal Dependencies: ``NOUN``, ``VERB``, ``PUNCT`` …"""
    confidence: float
    """0 to 1, as the tagger rates itself."""


class Tagger(Protocol):
    """Finds lemmas and parts of speech."""

    @property
    def tool(self) -> str:
        """Its name and version."""

    def tag(self, words: Sequence[str]) -> Sequence[TaggedWord]:
        """What each token of one sentence is."""

    def lemma(self, word: str, part_of_speech: str) -> str:
        """The dictionary form of a word that is known to be of a part of speech."""


@dataclass(frozen=True, slots=True)
class ParsedWord:
    """A word as the parser split it; walls and other words of its own have an empty span."""

    text: str
    """With the parser's subscript, if it has one: ``guards.v``."""
    start: int
    """In the sentence."""
    end: int

    @property
    def subscript(self) -> str:
        """What stands behind the last full stop: ``v`` for verbs, ``n`` for nouns …"""
        head, dot, tail = self.text.rpartition(".")
        return tail if dot and head else ""


@dataclass(frozen=True, slots=True)
class ParsedLink:
    """A typed link between two words."""

    label: str
    """Of link-grammar: ``Ss*s``, ``Os`` …"""
    left: int
    """Place of a word in the parse."""
    right: int


@dataclass(frozen=True, slots=True)
class Parse:
    """The best reading of one sentence."""

    words: tuple[ParsedWord, ...]
    links: tuple[ParsedLink, ...]
    unused: int
    """How many words no link reaches; 0 if the whole sentence was understood."""

    @property
    def confidence(self) -> float:
        """The share of its words that were understood; the parser's own do not count."""
        written = sum(word.start < word.end for word in self.words)
        return max(0.0, 1.0 - self.unused / written) if written else 0.0


class Parser(Protocol):
    """Finds the grammar of sentences."""

    @property
    def tool(self) -> str:
        """Its name and version."""

    def parse(self, sentences: Sequence[str]) -> Sequence[Parse | None]:
        """The best parse of each sentence; ``None`` where there is none."""


@dataclass(frozen=True, slots=True)
class MissingTool:
    """Why a layer is left out."""

    sentence: str
    """What is missing, and how to get it."""
