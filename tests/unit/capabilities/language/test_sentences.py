from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings

from cognitive_architecture.capabilities.language.sentences import sentences

from .texts import ANY_TEXT


def split(text: str) -> list[str]:
    return [sentence.text for sentence in sentences(text)]


@given(ANY_TEXT)
@settings(deadline=None)
def test_sentences_hold_all_that_is_not_white_space_in_order(text: str) -> None:
    found = sentences(text)
    for sentence in found:
        assert text[sentence.start : sentence.end] == sentence.text
        assert sentence.text == sentence.text.strip() != ""
    assert "".join("".join(split(text)).split()) == "".join(text.split())
    assert all(one.end <= other.start for one, other in itertools.pairwise(found))


@pytest.mark.parametrize(
    "whole",
    [
        "Mr. Oddy met Mrs. Hall and Dr. A. B. Smith at St. Orrin.",
        "It was by J. R. R. Tolkien, not by I. Newton.",
        "Bring fruit, e.g. plums, i.e. what is ripe.",
        "The U.S. Senate voted at 5 p.m. on Jan. 5 in Washington, D.C.",
        "It costs 3.14 crowns, see Fig. 3 and No. 10.",
        "Acme Inc. and Bell Ltd. merged with Cole Co. in May.",
        "Well... so it goes on\u2026 and on.",
        '"Stop!" he said.',
        '"Where are you?" Mara asked.',
        "'Who goes there?' old Hesper roared.",
        "She (of all people!) laughed.",
        "See example.com or write to a.b@c.org today.",
        "The hrs. dragged on.",
    ],
)
def test_these_are_one_sentence(whole: str) -> None:
    assert split(whole) == [whole]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("He sat. Mara stood.", "He sat."),
        ("He lives in the U.S. The house is red.", "He lives in the U.S."),
        ("Apples, pears, etc. The rest was sold.", "Apples, pears, etc."),
        ("He lives on Main St. The house is red.", "He lives on Main St."),
        ("So am I. Mara knew.", "So am I."),
        ("No. I won't.", "No."),
        ("It was over\u2026 Nobody moved.", "It was over\u2026"),
        ("\u201cGo.\u201d She left.", "\u201cGo.\u201d"),
        ('He said "no." (Why?) Nobody knew.', 'He said "no."'),
        ("It is red.[1] It was blue.", "It is red.[1]"),
        ("i went home. then i slept.", "i went home."),
        ("how are you? fine.", "how are you?"),
        ("What?! No.", "What?!"),
        ("\u4eca\u65e5\u306f\u3002\u5143\u6c17\u3002", "\u4eca\u65e5\u306f\u3002"),
        ("One\n\nTwo", "One"),
    ],
)
def test_these_end_here(text: str, first: str) -> None:
    assert split(text)[0] == first
    assert len(split(text)) > 1


def test_a_word_seen_in_small_letters_may_open_a_sentence_after_an_abbreviation() -> None:
    assert split("The boats were lost. They carried fish, salt, etc. Boats are dear.")[-1] == (
        "Boats are dear."
    )


def test_list_items_and_their_numbers() -> None:
    assert split("1. First item. More.\n2. Second item\n- third") == [
        "1. First item.",
        "More.",
        "2. Second item",
        "- third",
    ]


def test_no_text_has_no_sentences() -> None:
    assert split("") == []
