from __future__ import annotations

import math

import pytest

from cognitive_architecture.capabilities.payload_fields import (
    check_names,
    choice_field,
    choices_field,
    integer_field,
    list_field,
    shown,
    text_field,
)
from cognitive_architecture.foundation.errors import InvalidPayload


def test_what_is_right_passes_through() -> None:
    payload = {"text": "a", "items": [1], "words": ["b", "a"], "word": "b", "number": 3}
    check_names(payload, payload)
    assert text_field(payload, "text") == "a"
    assert list_field(payload, "items") == [1]
    assert choices_field(payload, "words", ("a", "b", "c")) == ("a", "b")
    assert choice_field(payload, "word", ("a", "b"), default="a") == "b"
    assert integer_field(payload, "number", default=1, low=1, high=3, where="payload") == 3


def test_what_is_absent_has_its_default() -> None:
    assert choices_field({}, "words", ("a", "b")) == ("a", "b")
    assert choice_field({}, "word", ("a", "b"), default="a") == "a"
    assert integer_field({}, "number", default=7, low=1, high=9, where="payload") == 7


def test_an_unknown_field_is_refused_with_the_allowed_ones() -> None:
    with pytest.raises(InvalidPayload, match=r'limits: unknown field "fact"; allowed are facts$'):
        check_names({"fact": 1}, ("facts",), "limits")


@pytest.mark.parametrize("value", [True, 1.0, "1", None, 0, 10])
def test_only_whole_numbers_in_range_are_whole_numbers_in_range(value: object) -> None:
    with pytest.raises(InvalidPayload, match=r"payload\.number: a whole number from 1 to 9, not "):
        integer_field({"number": value}, "number", default=1, low=1, high=9, where="payload")


def test_values_are_shown_as_json_and_cut_to_fit() -> None:
    assert shown({"a": [True, None, "\u00e9"]}) == '{"a": [true, null, "\u00e9"]}'
    assert shown("x" * 100) == '"' + "x" * 58 + "\u2026"
    assert shown({1}) == "{1}"
    assert shown(math.inf) == "Infinity"
