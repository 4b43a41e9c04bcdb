from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings

from cognitive_architecture.capabilities.language.paragraphs import paragraphs
from cognitive_architecture.capabilities.language.quotations import Quotation, quotations

from .texts import ANY_TEXT


def quoted(text: str) -> tuple[Quotation, ...]:
    return quotations(text, paragraphs(text))


def inside(text: str) -> list[str]:
    return [text[quotation.start : quotation.end] for quotation in quoted(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('"Go," he said, "now."', ["Go,", "now."]),
        ("\u201cGo,\u201d he said, \u201cnow.\u201d", ["Go,", "now."]),
        ("\u00abGo,\u00bb he said.", ["Go,"]),
        ("\u201cDid he say \u2018go\u2019?\u201d", ["Did he say \u2018go\u2019?"]),
        ('The board is 6" wide. "Is it?"', ["Is it?"]),
        ('"Hello, he said. "Bye."', ["Hello, he said.", "Bye."]),
        ('" Go "', ["Go"]),
        ('""', []),
        ("Nothing here.", []),
    ],
)
def test_double_marks(text: str, found: list[str]) -> None:
    assert inside(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("'Go,' he said. 'Isn't it late?'", ["Go,", "Isn't it late?"]),
        ("\u2018The dogs\u2019 dinner,\u2019 she said.", ["The dogs\u2019 dinner,"]),
        ("'He said \"go\",' she said.", ['He said "go",']),
        ("'Tis late, and 'twas the boys' lamp.", []),
        ("He called it 'the garden' and said, 'Come in.'", ["Come in."]),
        ("rock 'n' roll in the '90s.", []),
    ],
)
def test_single_marks_where_they_are_unambiguous(text: str, found: list[str]) -> None:
    assert inside(text) == found


def test_a_speech_goes_on_in_the_next_paragraph_if_that_opens_with_a_mark() -> None:
    text = (
        "\u201cIn the old days they paid.\n\n\u201cThen the bread ran out.\u201d\n\n\u201cOh.\u201d"
    )
    assert inside(text) == ["In the old days they paid.", "Then the bread ran out.", "Oh."]
    assert [quotation.continues for quotation in quoted(text)] == [False, True, False]
    assert [quotation.is_closed for quotation in quoted(text)] == [False, True, True]


def test_a_forgotten_closing_mark_ends_with_its_paragraph() -> None:
    text = '"Go away.\n\nHe went.'
    assert inside(text) == ["Go away."]


def test_a_paragraph_without_the_usual_marks_may_use_the_others() -> None:
    text = "\u201cOne.\u201d \u201cTwo.\u201d\n\n\u2018Three,\u2019 he had said."
    assert inside(text) == ["One.", "Two.", "Three,"]


@given(ANY_TEXT)
@settings(deadline=None)
def test_quotations_lie_in_their_paragraphs_in_order(text: str) -> None:
    blocks = paragraphs(text)
    found = quotations(text, blocks)
    for quotation in found:
        block = blocks[quotation.paragraph]
        assert block.start <= quotation.outer_start < quotation.start < quotation.end
        assert quotation.end <= quotation.outer_end <= block.end
        words = text[quotation.start : quotation.end]
        assert words == words.strip() != ""
    assert all(one.outer_end <= other.outer_start for one, other in itertools.pairwise(found))
