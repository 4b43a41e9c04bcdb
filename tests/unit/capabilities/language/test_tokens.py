from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings

from cognitive_architecture.capabilities.language.tokens import (
    TokenKind,
    folded,
    is_capitalised,
    tokens,
    unaccented,
)

from .texts import ANY_TEXT


def words(text: str) -> list[str]:
    return [token.text for token in tokens(text)]


def kinds(text: str) -> list[tuple[str, str]]:
    return [(token.text, token.kind.value) for token in tokens(text)]


@given(ANY_TEXT)
@settings(deadline=None)
def test_every_token_slices_back_and_only_white_space_is_left_out(text: str) -> None:
    found = tokens(text)
    covered = [False] * len(text)
    for token in found:
        assert text[token.start : token.end] == token.text
        for at in range(token.start, token.end):
            assert not covered[at]
            covered[at] = True
    assert all(is_covered or text[at].isspace() for at, is_covered in enumerate(covered))
    assert [token.start for token in found] == sorted(token.start for token in found)


def test_contractions_and_possessives_are_one_word() -> None:
    assert words("They don\u2019t, Mara's O'Neill's 'tis") == [
        "They", "don\u2019t", ",", "Mara's", "O'Neill's", "'tis",
    ]  # fmt: skip


def test_an_apostrophe_at_an_edge_is_punctuation() -> None:
    assert words("the dogs' 'dinner'") == ["the", "dogs", "'", "'", "dinner", "'"]


def test_hyphens_join_unless_digits_stand_on_both_sides() -> None:
    assert words("well-known 19-year-old COVID-19 1914-1918") == [
        "well-known", "19-year-old", "COVID-19", "1914", "-", "1918",
    ]  # fmt: skip


def test_dotted_initials_keep_their_last_dot_and_other_words_do_not() -> None:
    assert words("In the U.S. at 5 p.m. it ended.Then") == [
        "In", "the", "U.S.", "at", "5", "p.m.", "it", "ended", ".", "Then",
    ]  # fmt: skip


def test_numbers_join_over_their_inner_marks() -> None:
    assert kinds("3.14 1,000 10:30 1/2") == [
        ("3.14", "number"), ("1,000", "number"), ("10:30", "number"), ("1/2", "number"),
    ]  # fmt: skip


def test_a_number_with_letters_is_a_word() -> None:
    assert kinds("the 3rd in the 90's") == [
        ("the", "word"), ("3rd", "word"), ("in", "word"), ("the", "word"), ("90's", "word"),
    ]  # fmt: skip


def test_addresses_are_whole_and_leave_the_stop_of_their_sentence() -> None:
    found = kinds("See https://example.org/a?b=c, or write to me.too@example.co.uk.")
    assert ("https://example.org/a?b=c", "address") in found
    assert ("me.too@example.co.uk", "address") in found
    assert found[-1] == (".", "punctuation")


def test_decomposed_text_gives_the_same_words_as_composed_text() -> None:
    composed = "caf\u00e9 na\u00efve Bront\u00eb"
    decomposed = unicodedata.normalize("NFD", composed)
    assert [folded(word) for word in words(decomposed)] == [
        folded(word) for word in words(composed)
    ]


def test_marks_and_joiners_belong_to_their_letters() -> None:
    assert words("\u0915\u094d\u200d\u0937\u093f \u0939\u093f\u0928\u094d\u0926\u0940") == [
        "\u0915\u094d\u200d\u0937\u093f",
        "\u0939\u093f\u0928\u094d\u0926\u0940",
    ]


def test_an_ideograph_is_a_word_by_itself() -> None:
    assert words("\u4eca\u65e5") == ["\u4eca", "\u65e5"]


def test_an_emoji_with_its_modifiers_is_one_symbol() -> None:
    family = "\U0001f469\u200d\U0001f469\u200d\U0001f467"
    heart = "\u2764\ufe0f"
    flag = "\U0001f1e9\U0001f1ea"
    assert kinds(f"{family}{heart}{flag}") == [
        (family, "symbol"), (heart, "symbol"), (flag, "symbol"),
    ]  # fmt: skip


@pytest.mark.parametrize("mark", ["...", "--", "___"])
def test_equal_dots_and_dashes_stay_together(mark: str) -> None:
    assert words(f"so{mark} it") == ["so", mark, "it"]


def test_punctuation_and_symbols_are_told_apart() -> None:
    assert [token.kind for token in tokens(", $")] == [TokenKind.PUNCTUATION, TokenKind.SYMBOL]


def test_only_words_and_numbers_count_as_words() -> None:
    counted = [token.text for token in tokens("Two 2 , $ a@b.org") if token.counts_as_word]
    assert counted == ["Two", "2"]


def test_small_helpers() -> None:
    assert is_capitalised("Mara")
    assert not is_capitalised("mara")
    assert not is_capitalised("")
    assert folded("DON\u2019T") == "don't"
    assert unaccented("\u00c9mile") == "Emile"
