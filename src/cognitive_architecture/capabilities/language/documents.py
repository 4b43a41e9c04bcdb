"""A text with its paragraphs, sentences and tokens found once, for every analysis to share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cognitive_architecture.capabilities.language.paragraphs import Paragraph, paragraphs
from cognitive_architecture.capabilities.language.sentences import Sentence, sentences
from cognitive_architecture.capabilities.language.tokens import Token, tokens


@dataclass(frozen=True, slots=True)
class Document:
    """What the analyses read."""

    text: str
    paragraphs: tuple[Paragraph, ...]
    sentences: tuple[Sentence, ...]
    tokens: tuple[Token, ...]

    def sentence_tokens(self) -> Iterator[tuple[Token, ...]]:
        """The tokens of each sentence in turn; a token belongs where it begins."""
        first = 0
        for sentence in self.sentences:
            after = first
            while after < len(self.tokens) and self.tokens[after].start < sentence.end:
                after += 1
            yield self.tokens[first:after]
            first = after


def read_document(text: str) -> Document:
    """Find the parts of a text."""
    blocks = paragraphs(text)
    return Document(text, blocks, sentences(text, blocks), tokens(text))
