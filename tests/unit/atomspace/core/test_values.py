from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.atomspace import (
    AttentionValue,
    FloatValue,
    InvalidValue,
    LinkValue,
    Provenance,
    StringValue,
    TruthValue,
    Value,
)
from cognitive_architecture.atomspace.values import VALUE_DEPTH_MAX
from tests.support.examples import quick


def test_numbers_become_floats_so_that_equal_values_are_written_alike() -> None:
    assert repr(TruthValue(1, 0)) == repr(TruthValue(1.0, 0.0))
    assert repr(FloatValue((1, 2.5))) == repr(FloatValue((1.0, 2.5)))
    assert AttentionValue(-3, 2, 1) == AttentionValue(-3.0, 2.0, 1)
    assert AttentionValue() == AttentionValue(0.0, 0.0, 0)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: TruthValue(math.nan, 1), "TruthValue.strength: a number from 0 to 1, not nan"),
        (lambda: TruthValue(0.5, 1.0001), "TruthValue.confidence: .* not 1.0001"),
        (lambda: TruthValue(True, 1), "not True"),
        (lambda: TruthValue("1", 1), "not '1'"),  # type: ignore[arg-type]
        (lambda: AttentionValue(math.inf), "AttentionValue.sti: a number that is finite, not inf"),
        (lambda: AttentionValue(0, math.nan), "AttentionValue.lti"),
        (lambda: AttentionValue(0, 0, -1), "AttentionValue.vlti: an integer from 0, not -1"),
        (lambda: AttentionValue(0, 0, 0.5), "not 0.5"),  # type: ignore[arg-type]
        (lambda: FloatValue((1.0, -math.inf)), "finite, not -inf"),
        (lambda: FloatValue((10**400,)), "finite"),
        (lambda: FloatValue([1.0]), r"a tuple of numbers, not \[1.0\]"),  # type: ignore[arg-type]
        (lambda: StringValue("ab"), "a tuple of texts, not 'ab'"),  # type: ignore[arg-type]
        (lambda: StringValue(("\ud800",)), "whole characters"),
        (lambda: StringValue((b"a",)), "not b'a'"),  # type: ignore[arg-type]
        (lambda: LinkValue((1.0,)), "a value is one of TruthValue, .* not 1.0"),  # type: ignore[arg-type]
        (lambda: Provenance("L0", 5, 4, 1.0, "t"), "not from 5 to 4"),
        (lambda: Provenance("L0", -1, 4, 1.0, "t"), "Provenance.start"),
        (lambda: Provenance("L0", 0, 4, 2.0, "t"), "Provenance.confidence"),
        (lambda: Provenance(0, 0, 4, 1.0, "t"), "Provenance.layer"),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_value_is_refused_with_a_sentence(
    make: Callable[[], Value], sentence: str
) -> None:
    with pytest.raises(InvalidValue, match=sentence):
        make()


def test_values_nest_only_so_deep_that_all_can_be_compared() -> None:
    value = LinkValue(())
    for _ in range(VALUE_DEPTH_MAX - 1):
        value = LinkValue((FloatValue(()), value))
    assert value.depth == VALUE_DEPTH_MAX
    with pytest.raises(InvalidValue, match="at most 100 deep"):
        LinkValue((value,))


@quick(100)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_finite_number_is_kept_exactly(number: float) -> None:
    (kept,) = FloatValue((number,)).values
    assert math.copysign(1, kept) == math.copysign(1, number)
    assert kept == number
