from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.capabilities.inference.arithmetic import (
    NumberTooLarge,
    Operation,
    Operator,
    Relation,
    calculated,
    holds,
    variables_of,
)
from cognitive_architecture.capabilities.inference.terms import Variable


@pytest.mark.parametrize(
    ("operation", "left", "right", "result"),
    [
        (Operator.ADD, 2, 3, 5),
        (Operator.SUBTRACT, 2, 3, -1),
        (Operator.MULTIPLY, 2, 2.5, 5.0),
        (Operator.DIVIDE, 6, 3, 2),
        (Operator.DIVIDE, 7, 2, 3.5),
        (Operator.DIVIDE, 1, 0, None),
        (Operator.DIVIDE, 1.0, 0.0, None),
        (Operator.ADD, "a", 1, None),
        (Operator.ADD, 1, "a", None),
    ],
)
def test_sums(operation: Operator, left: float | str, right: float, result: float | None) -> None:
    assert calculated(operation, left, right) == result


def test_whole_numbers_that_divide_stay_whole() -> None:
    assert isinstance(calculated(Operator.DIVIDE, 6, 3), int)


@pytest.mark.parametrize(
    ("operation", "left", "right"),
    [
        (Operator.MULTIPLY, 2**62, 2),
        (Operator.ADD, 2**63 - 1, 1),
        (Operator.MULTIPLY, 1e308, 10),
        (Operator.SUBTRACT, -(2**63), 1),
        (Operator.DIVIDE, 1e308, 1e-10),
    ],
)
def test_what_leaves_64_bits_is_an_error(operation: Operator, left: float, right: float) -> None:
    with pytest.raises(NumberTooLarge, match="leaves the numbers of 64 bits"):
        calculated(operation, left, right)


@pytest.mark.parametrize(
    ("relation", "left", "right", "is_so"),
    [
        (Relation.LESS, 1, 2.5, True),
        (Relation.LESS_OR_EQUAL, 2, 2, True),
        (Relation.GREATER, "b", "a", True),
        (Relation.GREATER_OR_EQUAL, 1, 2, False),
        (Relation.EQUAL, 1, 1.0, True),
        (Relation.EQUAL, 1, "1", False),
        (Relation.UNEQUAL, 1, "1", True),
        (Relation.LESS, 1, "a", False),
        (Relation.GREATER, 1, "a", False),
    ],
)
def test_comparisons(
    relation: Relation, left: float | str, right: float | str, is_so: bool
) -> None:
    assert holds(relation, left, right) is is_so


def test_variables_of_a_nested_expression() -> None:
    x, y = Variable("?x"), Variable("?y")
    expression = Operation(Operator.ADD, x, Operation(Operator.MULTIPLY, 2, y))
    assert list(variables_of(expression)) == [x, y]


NUMBERS = st.one_of(
    st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False)
)


@given(st.sampled_from(list(Operator)), NUMBERS, NUMBERS)
def test_a_result_is_always_a_number_that_a_fact_may_hold(
    operation: Operator, left: float, right: float
) -> None:
    try:
        result = calculated(operation, left, right)
    except NumberTooLarge:
        return
    assert result is None or isinstance(result, int | float)
    if isinstance(result, int):
        assert -(2**63) <= result < 2**63
