from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.atomspace import AtomSpace, InvalidValue, Node, Provenance
from cognitive_architecture.atomspace.text import (
    PROVENANCE,
    MissingTool,
    TextError,
    TextReader,
    exact_text,
    sentences_of,
    token_spans,
)
from cognitive_architecture.capabilities.language.tokens import tokens
from tests.support.examples import quick
from tests.unit.atomspace.text.fakes import document, reader

whole_characters = st.text(st.characters(codec="utf-8"), max_size=120)
proselike = st.text(
    st.sampled_from("aB .!?\u201c\u201d'\u2019\n\t\u00e9\u0301\U0001f600\u200d\x00\r\u2028")
)


@given(whole_characters | proselike)
@quick(200)
def test_any_text_comes_back_byte_by_byte(text: str) -> None:
    space, kept = document(text, tagged=False)
    assert exact_text(space, kept).encode() == text.encode()
    spans = [
        span for sentence in sentences_of(space, kept) for span in token_spans(space, sentence)
    ]
    assert [text[start:end] for start, end in spans] == [token.text for token in tokens(text)]
    for sentence in sentences_of(space, kept):
        assert exact_text(space, sentence) in text


def test_what_is_kept_and_where() -> None:
    text = "Mara ran.\n\nWhy? \U0001f600"
    space, kept = document(text, tagged=False)
    first, *_ = sentences_of(space, kept)
    assert kept == Node("Document", "story")
    assert first == Node("Sentence", "story#0")
    assert exact_text(space, first) == "Mara ran."
    assert token_spans(space, first) == [(0, 4), (5, 8), (8, 9)]
    assert space.value(kept, PROVENANCE) == Provenance("L0", 0, 17, 1.0, "splitters 1")
    assert space.value(first, PROVENANCE) == Provenance("L0", 0, 9, 1.0, "splitters 1")


def test_the_same_text_once_more_changes_nothing_another_is_refused() -> None:
    space, kept = document("One. Two.")
    before = {atom: space.values(atom) for atom in space}
    reader().read(space, "story", "One. Two.")
    assert {atom: space.values(atom) for atom in space} == before
    with pytest.raises(TextError, match="'story' is there already with another text"):
        reader().read(space, "story", "Three.")
    assert {atom: space.values(atom) for atom in space} == before
    assert exact_text(space, kept) == "One. Two."


def test_documents_share_words_and_keep_their_sentences_apart() -> None:
    space, _ = document("Same.")
    other = reader().read(space, "another", "Same.")
    assert other.sentences == (Node("Sentence", "another#0"),)
    assert exact_text(space, other.document) == "Same."


def test_half_a_character_is_refused() -> None:
    with pytest.raises(InvalidValue, match="whole characters"):
        document("a\ud800b")


@dataclass(frozen=True)
class Place:
    start: int
    end: int


@pytest.mark.parametrize(
    "places", [[Place(0, 9)], [Place(2, 2)], [Place(0, 3), Place(2, 4)], [Place(-1, 2)]]
)
def test_spans_that_cannot_be_are_refused(places: list[Place]) -> None:
    space = AtomSpace()
    missing = MissingTool("none")
    wrong = TextReader(
        sentences=lambda _: places, tokens=tokens, tool="x", tagger=missing, parser=missing
    )
    with pytest.raises(TextError, match="without overlap, none empty, within the 5 characters"):
        wrong.read(space, "story", "hello")
    assert not len(space)


def test_atoms_without_a_text_say_so() -> None:
    space = AtomSpace()
    stranger = space.node("Document", "nowhere")
    lost = space.node("Sentence", "nowhere#0")
    for ask in (exact_text, sentences_of):
        with pytest.raises(TextError, match="read one first"):
            ask(space, stranger)
    with pytest.raises(TextError, match="no tokens are kept"):
        token_spans(space, lost)
    with pytest.raises(TextError, match="does not say where it was read"):
        exact_text(space, lost)
    space.set_value(lost, PROVENANCE, Provenance("L0", 0, 1, 1.0, "x"))
    with pytest.raises(TextError, match="is in no document"):
        exact_text(space, lost)
