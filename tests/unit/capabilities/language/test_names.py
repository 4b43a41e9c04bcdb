from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings

from cognitive_architecture.capabilities.language.documents import read_document
from cognitive_architecture.capabilities.language.names import name_spans

from .texts import ANY_TEXT


def names(text: str, known: frozenset[str] = frozenset()) -> list[str]:
    return [text[span.start : span.end] for span in name_spans(read_document(text), known)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("We met Tull there.", ["Tull"]),
        ("We met Jabez Tull's aunt.", ["Jabez Tull"]),
        ("We met Mr. J. R. Tull there.", ["Mr. J. R. Tull"]),
        (
            "He left the Coastal & Colonial Wireless Co. in May.",
            ["Coastal & Colonial Wireless Co."],
        ),
        ("She reads at the University of the West.", ["University of the West"]),
        ("We met Ludwig van Aken there.", ["Ludwig van Aken"]),
        ("They sold Meridian Energy plc today.", ["Meridian Energy plc"]),
        ("She went to St. Orrin's College.", ["St. Orrin's College"]),
        ("It was near Little Quern.", ["Little Quern"]),
        ("The BBC and NATO agree.", ["BBC", "NATO"]),
        ("We saw it on Tuesday in May.", []),
        ("I said I'd go.", []),
    ],
)
def test_inside_a_sentence_capitals_make_names(text: str, found: list[str]) -> None:
    assert names(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Tables were bare.", []),
        ("Yesterday we met nobody.", []),
        ('"Tables," he said.', []),
        ("It said: Tables are bare.", []),
        ("Tull left. We saw Tull go.", ["Tull", "Tull"]),
        ("Mara left.", ["Mara"]),  # a known given name
        ("Tull said nothing.", ["Tull"]),  # a verb of speech
        ("Suddenly Tull ran. We saw Tull.", ["Tull", "Tull"]),
        ("Lamps were lit. We like lamps. The Lamps won.", ["Lamps"]),
    ],
)
def test_at_a_sentences_start_a_capital_needs_a_reason(text: str, found: list[str]) -> None:
    assert names(text) == found


def test_words_of_a_heading_need_to_be_names_elsewhere() -> None:
    text = "The Lamp at Harrow Point\n\nThey came to Harrow Point at night."
    assert names(text) == ["Harrow Point", "Harrow Point"]


def test_shouting_makes_no_names() -> None:
    assert names("He wrote HOME SOON. Then STOP THAT NOISE AT ONCE!") == []


def test_known_words_are_believed_anywhere() -> None:
    assert names("Hope left.") == []
    assert names("Hope left.", frozenset({"hope"})) == ["Hope"]


def test_possessives_are_told() -> None:
    spans = name_spans(read_document("We saw Mara's lamp, Dorcas' lamp and Abel."))
    assert [span.is_possessive for span in spans] == [True, True, False]
    assert spans[0].key == ("mara",)


@given(ANY_TEXT)
@settings(deadline=None)
def test_names_lie_on_tokens_in_order_and_do_not_overlap(text: str) -> None:
    document = read_document(text)
    spans = name_spans(document)
    for span in spans:
        assert 0 <= span.first_token < span.after_token <= len(document.tokens)
        assert document.tokens[span.first_token].start == span.start < span.end <= len(text)
        assert span.words
    assert all(one.end <= other.start for one, other in itertools.pairwise(spans))
