"""Tools that say what a test tells them to."""

from __future__ import annotations

from collections.abc import Sequence

from cognitive_architecture.atomspace import AtomSpace, Node
from cognitive_architecture.atomspace.text import (
    MissingTool,
    Parse,
    ParsedLink,
    ParsedWord,
    Parser,
    TaggedWord,
    Tagger,
    TextReader,
)
from cognitive_architecture.capabilities.language.sentences import sentences
from cognitive_architecture.capabilities.language.tokens import tokens

VERBS = {"guards": "guard", "is": "be", "stolen": "steal", "didn't": "do", "sees": "see"}


class ListTagger:
    """Verbs by a list; whatever else has a letter is a noun in its lower case."""

    tool = "list tagger 1"

    def tag(self, words: Sequence[str]) -> list[TaggedWord]:
        return [
            TaggedWord(self.lemma(word, "VERB"), "VERB", 0.9)
            if word.lower() in VERBS
            else TaggedWord(word.lower(), "NOUN" if word.isalpha() else "PUNCT", 0.8)
            for word in words
        ]

    def lemma(self, word: str, part_of_speech: str) -> str:  # noqa: ARG002 - the face has it
        return VERBS.get(word.lower(), word.lower())


class WrittenParser:
    """Parses by a table; what is not in it has no parse."""

    tool = "written parser 1"

    def __init__(self, parses: dict[str, Parse] | None = None) -> None:
        self.parses = parses or {}

    def parse(self, sentences: Sequence[str]) -> list[Parse | None]:
        return [self.parses.get(sentence) for sentence in sentences]


class ChainParser:
    """Every word is linked to the next: for properties over any text."""

    tool = "chain parser 1"

    def parse(self, sentences: Sequence[str]) -> list[Parse | None]:
        return [self._chained(sentence) for sentence in sentences]

    def _chained(self, sentence: str) -> Parse | None:
        found = tokens(sentence)
        words = tuple(ParsedWord(f"{one.text}.v", one.start, one.end) for one in found)
        labels = ("S", "O", "MVp", "J")
        links = (ParsedLink(labels[at % 4], at, at + 1) for at in range(len(words) - 1))
        return Parse(words, tuple(links), 0)


def parse(text: str, links: str, unused: int = 0) -> Parse:
    """A parse as ``the dragon.n guards.v``, ``Ds 0 1 · Ss 1 2``, spans as if written so."""
    words: list[ParsedWord] = []
    start = 0
    for word in text.split(" "):
        bare = word.rpartition(".")[0] or word
        words.append(ParsedWord(word, start, start + len(bare)))
        start += len(bare) + 1
    parts = [link.split() for link in links.split(" · ")] if links else []
    found = tuple(ParsedLink(label, int(left), int(right)) for label, left, right in parts)
    return Parse(tuple(words), found, unused)


NO_TAGGER = MissingTool("no tagger")
NO_PARSER = MissingTool("no parser")


def reader(
    tagger: Tagger | MissingTool = NO_TAGGER, parser: Parser | MissingTool = NO_PARSER
) -> TextReader:
    """The splitters of the language package with these tools."""
    return TextReader(
        sentences=sentences, tokens=tokens, tool="splitters 1", tagger=tagger, parser=parser
    )


def document(text: str, *, tagged: bool = True) -> tuple[AtomSpace, Node]:
    """A space in which a text was read."""
    space = AtomSpace()
    tagger: Tagger | MissingTool = ListTagger() if tagged else NO_TAGGER
    return space, reader(tagger).read(space, "story", text).document
