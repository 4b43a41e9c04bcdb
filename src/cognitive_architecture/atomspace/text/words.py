"""L1: what each token is: its lemma and its part of speech.

WordInstance "story@4-10"                          the token at characters 4 to 10
Member (WordInstance …) (Sentence "story#0")
Reference (WordInstance …) (Word "dragon")         as it is written
Edge (Predicate "lemma") (List (WordInstance …) (Lemma "dragon"))
Edge (Predicate "part of speech") (List (WordInstance …) (PartOfSpeech "NOUN"))
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cognitive_architecture.atomspace.atoms import Link, Node
from cognitive_architecture.atomspace.snapshot import AtomSpaceView
from cognitive_architecture.atomspace.space import AtomSpace
from cognitive_architecture.atomspace.text.errors import TextError
from cognitive_architecture.atomspace.text.exact import (
    cite,
    document_of,
    exact_text,
    sentences_of,
    token_spans,
)
from cognitive_architecture.atomspace.text.tools import Layer, TaggedWord, Tagger
from cognitive_architecture.atomspace.values import Provenance

_LEMMA: Final = Node("Predicate", "lemma")
_PART_OF_SPEECH: Final = Node("Predicate", "part of speech")


def keep_tags(space: AtomSpace, sentence: Node, tagger: Tagger) -> list[TaggedWord]:
    """Tag the tokens of a sentence that is kept already, and keep what they are.

    Returns:
        What each token is, in order.

    Raises:
        TextError: It is no sentence of a document, or the tagger answers with another number of
            words.
    """
    document = document_of(space, sentence)
    text, spans = exact_text(space, document), token_spans(space, sentence)
    tags = list(tagger.tag([text[start:end] for start, end in spans]))
    if len(tags) != len(spans):
        raise TextError(f"{tagger.tool} gave {len(tags)} tags for {len(spans)} tokens")
    for (start, end), tag in zip(spans, tags, strict=True):
        where = Provenance(Layer.WORDS.value, start, end, tag.confidence, tagger.tool)
        instance = word_instance(space, sentence, text[start:end], where)
        _keep_edge(space, _LEMMA, instance, Node("Lemma", tag.lemma), where)
        part = Node("PartOfSpeech", tag.part_of_speech)
        _keep_edge(space, _PART_OF_SPEECH, instance, part, where)
    return tags


def word_instance(space: AtomSpace, sentence: Node, written: str, where: Provenance) -> Node:
    """The atom of one token, made if it is not there."""
    document = document_of(space, sentence)
    instance = space.node("WordInstance", f"{document.name}@{where.start}-{where.end}")
    word = space.node("Word", written)
    member = space.link("Member", instance, sentence)
    reference = space.link("Reference", instance, word)
    for atom in (instance, word, member, reference):
        cite(space, atom, where)
    return instance


def reading_of(space: AtomSpace | AtomSpaceView, instance: Node) -> tuple[str, str] | None:
    """Lemma and part of speech of a token; ``None`` if no tagger has read it."""
    found = {
        label.name: listed.out[1].name
        for listed in space.links_at("List", 0, 2, instance)
        if isinstance(listed.out[1], Node)
        for edge in space.links_at("Edge", 1, 2, listed)
        if isinstance(label := edge.out[0], Node)
    }
    if _LEMMA.name not in found or _PART_OF_SPEECH.name not in found:
        return None
    return found[_LEMMA.name], found[_PART_OF_SPEECH.name]


def words_within(
    space: AtomSpace | AtomSpaceView, document: Node, start: int, end: int
) -> frozenset[str]:
    """The words of a span as they may be cited: as written and as lemmas, without case.

    Args:
        space: Where the document is kept.
        document: Which.
        start: First character of the span.
        end: The first character after it.

    Raises:
        TextError: No text is kept on it.
    """
    text = exact_text(space, document)
    words: set[str] = set()
    for sentence in sentences_of(space, document):
        for first, last in token_spans(space, sentence):
            if start <= first and last <= end:
                words.add(text[first:last].casefold())
                instance = Node("WordInstance", f"{document.name}@{first}-{last}")
                if reading := reading_of(space, instance):
                    words.add(reading[0].casefold())
    return frozenset(words)


def _keep_edge(
    space: AtomSpace, label: Node, instance: Node, says: Node, where: Provenance
) -> None:
    edge = Link("Edge", (label, Link("List", (instance, says))))
    space.add(edge)
    parts: Sequence[Node | Link] = (label, says, edge.out[1], edge)
    for atom in parts:
        cite(space, atom, where)
