from typing import Any

import pytest

from cognitive_architecture.foundation.sentences import sayable, sentence_of, shown


class Mute:
    def __repr__(self) -> str:
        raise ZeroDivisionError


class Silent(Exception):
    def __str__(self) -> str:
        raise KeyError


class Half:
    def __repr__(self) -> str:
        return "half a character: \ud800"


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


class TestShown:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            ("gpu", "'gpu'"),
            (5, "5"),
            (None, "None"),
            ("x" * 58, "'" + "x" * 58 + "'"),
            ("x" * 59, "'" + "x" * 58 + "…"),
            ("\ud800\n", r"'\ud800\n'"),
            (Half(), r"half a character: \ud800"),
            (10**5000, "an integer of about 5,000 digits"),
            (-(10**5000), "an integer of about 5,000 digits"),
            ([10**5000], "a list whose repr() raises ValueError"),
            (Mute(), "a Mute whose repr() raises ZeroDivisionError"),
            (nested(100_000), "a list whose repr() raises RecursionError"),
        ],
        ids=range(12),
    )
    def test_whatever_came_fits_a_sentence(self, value: object, text: str) -> None:
        assert shown(value) == text

    def test_as_much_as_is_asked_for(self) -> None:
        assert shown("x" * 10, limit=5) == "'xxx…"


class TestSentenceOf:
    def test_is_what_the_error_says(self) -> None:
        assert sentence_of(ValueError("it is too late")) == "it is too late"

    def test_is_cut(self) -> None:
        assert sentence_of(ValueError("x" * 3000)) == "x" * 1999 + "…"

    def test_can_travel(self) -> None:
        assert sentence_of(ValueError("\ud800")) == r"\ud800"

    def test_is_said_of_an_error_that_cannot_speak(self) -> None:
        assert sentence_of(Silent()) == "a Silent whose str() raises KeyError"


class TestSayable:
    @pytest.mark.parametrize("text", ["", "plain", "Grüße, 世界 😀 \x00"])
    def test_whole_characters_stay(self, text: str) -> None:
        assert sayable(text) == text

    def test_half_characters_become_escapes(self) -> None:
        assert sayable("a\ud800b\udfff") == r"a\ud800b\udfff"
