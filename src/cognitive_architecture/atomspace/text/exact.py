"""L0: the text itself, its sentences and its tokens, so that it comes back byte by byte.

    Document "story"      text       StringValue: the whole text
                          sentences  FloatValue: start, end, start, end …
    Sentence "story#0"    tokens     FloatValue: start, end, start, end …
    Member (Sentence "story#0") (Document "story")

Offsets are characters of the document. A float holds every integer up to 2**53 exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from cognitive_architecture.atomspace.atoms import Atom, Node
from cognitive_architecture.atomspace.snapshot import AtomSpaceView
from cognitive_architecture.atomspace.space import AtomSpace
from cognitive_architecture.atomspace.text.errors import TextError
from cognitive_architecture.atomspace.text.tools import Layer, Span
from cognitive_architecture.atomspace.values import FloatValue, Provenance, StringValue
from cognitive_architecture.foundation.sentences import shown

PROVENANCE: Final = "provenance"
"""The key under which an atom says where it comes from."""
_TEXT: Final = "text"
_SENTENCES: Final = "sentences"
_TOKENS: Final = "tokens"


def keep_exactly(
    space: AtomSpace,
    name: str,
    text: str,
    sentences: Sequence[Span],
    tokens: Sequence[Span],
    tool: str,
) -> Node:
    """Keep a text with its sentences and tokens; the same once more changes nothing.

    Args:
        space: Where.
        name: Of the document.
        text: Any text that UTF-8 can say.
        sentences: In order, without overlap.
        tokens: In order, without overlap.
        tool: What found sentences and tokens, with its version.

    Returns:
        The document.

    Raises:
        TextError: Another text is kept under this name, or spans that cannot be.
        InvalidValue: The text holds half a character (a lone surrogate).
    """
    whole = StringValue((text,))
    document = Node("Document", name)
    before = space.value(document, _TEXT)
    if before is not None and before != whole:
        raise TextError(
            f"document {shown(name)} is there already with another text: "
            "remove it first, or choose another name"
        )
    _require_spans("sentence", sentences, len(text))
    _require_spans("token", tokens, len(text))
    document = space.node("Document", name)
    space.set_value(document, _TEXT, whole)
    space.set_value(document, _SENTENCES, _numbers(sentences))
    cite(space, document, Provenance(Layer.EXACT.value, 0, len(text), 1.0, tool))
    first = 0
    for number, place in enumerate(sentences):
        last = first
        while last < len(tokens) and tokens[last].end <= place.end:
            last += 1
        inside = [token for token in tokens[first:last] if token.start >= place.start]
        first = last
        sentence = space.node("Sentence", f"{name}#{number}")
        member = space.link("Member", sentence, document)
        space.set_value(sentence, _TOKENS, _numbers(inside))
        for atom in (sentence, member):
            cite(space, atom, Provenance(Layer.EXACT.value, place.start, place.end, 1.0, tool))
    return document


def exact_text(space: AtomSpace | AtomSpaceView, atom: Node) -> str:
    """The text of a document, or of one of its sentences, exactly as it was read.

    Raises:
        TextError: No text is kept on it.
    """
    if atom.type == "Sentence":
        start, end = cited_span(space, atom)
        return exact_text(space, document_of(space, atom))[start:end]
    kept = space.value(atom, _TEXT)
    if not isinstance(kept, StringValue):
        raise TextError(f"no text is kept on {shown(atom, 200)}: read one first")
    return kept.values[0]


def sentences_of(space: AtomSpace | AtomSpaceView, document: Node) -> list[Node]:
    """The sentences of a document, in order.

    Raises:
        TextError: No text is kept on it.
    """
    kept = space.value(document, _SENTENCES)
    if not isinstance(kept, FloatValue):
        raise TextError(f"no text is kept on {shown(document, 200)}: read one first")
    return [
        Node("Sentence", f"{document.name}#{number}") for number in range(len(kept.values) // 2)
    ]


def document_of(space: AtomSpace | AtomSpaceView, sentence: Node) -> Node:
    """The document that a sentence is in.

    Raises:
        TextError: It is in none.
    """
    for link in space.links_at("Member", 0, 2, sentence):
        document = link.out[1]
        if isinstance(document, Node) and document.type == "Document":
            return document
    raise TextError(f"{shown(sentence, 200)} is in no document: read one first")


def token_spans(space: AtomSpace | AtomSpaceView, sentence: Node) -> list[tuple[int, int]]:
    """Where the tokens of a sentence start and end in its document, in order.

    Raises:
        TextError: It is no sentence of a document.
    """
    kept = space.value(sentence, _TOKENS)
    if not isinstance(kept, FloatValue):
        raise TextError(f"no tokens are kept on {shown(sentence, 200)}: read a text first")
    return list(_pairs(kept))


def cite(space: AtomSpace, atom: Atom, provenance: Provenance) -> None:
    """Say where an atom comes from, if nothing says so yet: the first place where it was read."""
    if space.value(atom, PROVENANCE) is None:
        space.set_value(atom, PROVENANCE, provenance)


def cited_span(space: AtomSpace | AtomSpaceView, atom: Atom) -> tuple[int, int]:
    """Where an atom was read.

    Raises:
        TextError: It does not say.
    """
    kept = space.value(atom, PROVENANCE)
    if not isinstance(kept, Provenance):
        raise TextError(f"{shown(atom, 200)} does not say where it was read")
    return kept.start, kept.end


def _numbers(spans: Iterable[Span]) -> FloatValue:
    return FloatValue(tuple(float(edge) for span in spans for edge in (span.start, span.end)))


def _pairs(kept: FloatValue) -> Iterator[tuple[int, int]]:
    edges = map(int, kept.values)
    return zip(edges, edges, strict=True)


def _require_spans(what: str, spans: Sequence[Span], length: int) -> None:
    edge = 0
    for span in spans:
        if not edge <= span.start < span.end <= length:
            raise TextError(
                f"a {what} from {span.start} to {span.end}: they come in order, without overlap, "
                f"none empty, within the {length} characters of the text"
            )
        edge = span.end
