"""Reads a text into a space, layer by layer, with whatever tools there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cognitive_architecture.atomspace.atoms import Node
from cognitive_architecture.atomspace.space import AtomSpace
from cognitive_architecture.atomspace.text.errors import TextError
from cognitive_architecture.atomspace.text.exact import exact_text, keep_exactly, sentences_of
from cognitive_architecture.atomspace.text.grammar import keep_parse
from cognitive_architecture.atomspace.text.tools import Layer, MissingTool, Parser, Span, Tagger
from cognitive_architecture.atomspace.text.words import keep_tags

Splitter = Callable[[str], Sequence[Span]]


@dataclass(frozen=True, slots=True)
class ReadText:
    """What was read."""

    document: Node
    sentences: tuple[Node, ...]
    layers: tuple[Layer, ...]
    """Those that were read."""
    left_out: Mapping[Layer, str]
    """Why others were not, each as a sentence."""
    unparsed: tuple[Node, ...]
    """Sentences that the parser could make nothing of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextReader:
    """Reads texts.

    Args:
        sentences: Finds the sentences of a text.
        tokens: Finds its tokens.
        tool: What both are, with its version.
        tagger: For L1, or why there is none.
        parser: For L2, or why there is none.
    """

    sentences: Splitter
    tokens: Splitter
    tool: str
    tagger: Tagger | MissingTool
    parser: Parser | MissingTool

    def read(self, space: AtomSpace, name: str, text: str) -> ReadText:
        """Read a text; the same once more changes nothing.

        Args:
            space: Where its atoms go.
            name: Of the document.
            text: Any text that UTF-8 can say.

        Raises:
            TextError: Another text is kept under this name, or a tool misbehaves.
            InvalidValue: The text holds half a character (a lone surrogate).
        """
        spans = self.sentences(text)
        document = keep_exactly(space, name, text, spans, self.tokens(text), self.tool)
        found = sentences_of(space, document)
        layers, left_out = [Layer.EXACT], {}
        tagger: Tagger | None = None
        if isinstance(self.tagger, MissingTool):
            left_out[Layer.WORDS] = self.tagger.sentence
        else:
            layers.append(Layer.WORDS)
            tagger = self.tagger
            for sentence in found:
                keep_tags(space, sentence, tagger)
        unparsed: list[Node] = []
        if isinstance(self.parser, MissingTool):
            left_out[Layer.GRAMMAR] = self.parser.sentence
        else:
            layers.append(Layer.GRAMMAR)
            unparsed = _keep_parses(space, found, self.parser, tagger)
        return ReadText(document, tuple(found), tuple(layers), left_out, tuple(unparsed))


def _keep_parses(
    space: AtomSpace, sentences: Sequence[Node], parser: Parser, tagger: Tagger | None
) -> list[Node]:
    """Parse all sentences at once and keep what was found; those without a parse are returned."""
    parses = parser.parse([exact_text(space, sentence) for sentence in sentences])
    if len(parses) != len(sentences):
        raise TextError(f"{parser.tool} gave {len(parses)} parses for {len(sentences)} sentences")
    unparsed: list[Node] = []
    for sentence, parse in zip(sentences, parses, strict=True):
        if parse is None:
            unparsed.append(sentence)
        else:
            keep_parse(space, sentence, parse, parser.tool, tagger)
    return unparsed
