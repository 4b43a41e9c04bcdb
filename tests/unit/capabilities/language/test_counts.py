from __future__ import annotations

import pytest
from hypothesis import given, settings

from cognitive_architecture.capabilities.language.counts import Counts, counts, measures
from cognitive_architecture.capabilities.language.documents import read_document

from .texts import ANY_TEXT


def test_a_small_text_is_counted_by_hand() -> None:
    found = counts(read_document("The lamp is lit. The lamp!\n\nIt is 5."))
    assert found == Counts(
        characters=36,
        characters_without_spaces=27,
        words=9,  # the lamp is lit the lamp it is 5
        sentences=3,
        paragraphs=2,
        syllables=9,
        unique_words=6,  # the lamp is lit it 5
        lexical_diversity=6 / 9,
        reading_time_s=9 / 238 * 60,
    )


def test_no_text_counts_nothing_and_divides_by_nothing() -> None:
    assert counts(read_document("")) == Counts(0, 0, 0, 0, 0, 0, 0, 0.0, 0.0)


def test_marks_alone_are_a_paragraph_but_no_sentence() -> None:
    found = counts(read_document("***"))
    assert (found.words, found.sentences, found.paragraphs) == (0, 0, 1)


def test_case_and_composition_do_not_make_words_different() -> None:
    assert counts(read_document("Caf\u00e9 CAF\u00c9 cafe\u0301")).unique_words == 1


@pytest.mark.parametrize(
    ("text", "complex_words"),
    [
        ("The animal slept.", 1),
        ("They met Emilia there.", 0),  # a name inside a sentence
        ("It was a state-of-the-art radio-telephone.", 0),  # hyphens
        ("She was whispering.", 0),  # three syllables only with -ing
        ("They were remembering.", 1),  # three without it
    ],
)
def test_what_gunning_counts_as_complex(text: str, complex_words: int) -> None:
    assert measures(read_document(text)).complex_words == complex_words


def test_measures_of_a_small_text() -> None:
    found = measures(read_document("The animal slept. It remembered 7 telephones."))
    assert (found.words, found.sentences, found.syllables) == (7, 2, 14 - 1)
    assert found.polysyllables == 3
    assert found.letters == 3 + 6 + 5 + 2 + 10 + 1 + 10


@given(ANY_TEXT)
@settings(deadline=None)
def test_counts_agree_with_each_other(text: str) -> None:
    document = read_document(text)
    found, measured = counts(document), measures(document)
    assert (found.words, found.sentences) == (measured.words, measured.sentences)
    assert found.syllables == measured.syllables
    assert 0 <= found.unique_words <= found.words
    assert 0.0 <= found.lexical_diversity <= 1.0
    assert 0 <= measured.complex_words <= measured.polysyllables <= found.words
    assert found.characters_without_spaces <= found.characters == len(text)
