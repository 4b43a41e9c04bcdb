"""Comparisons and sums: total, bounded, and the same in whatever order conditions are tried.

What has no value makes the condition false, as an error does in a filter of SPARQL (W3C, 2013,
section 17.2): an arithmetic operation on a string, a division by zero, and an order between a
string and a number. A result outside 64 bits, or too large for a float, is an error instead, for a
program that runs there would otherwise stop deriving without a word.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cognitive_architecture.capabilities.inference.terms import Constant, Term, Variable

_INTEGER_MIN: Final = -(2**63)
_INTEGER_MAX: Final = 2**63 - 1


class NumberTooLarge(ArithmeticError):
    """An arithmetic operation leaves the numbers that facts may hold."""


class Operator(StrEnum):
    """An arithmetic operation."""

    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"
    DIVIDE = "/"


class Relation(StrEnum):
    """How two values compare."""

    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    EQUAL = "="
    UNEQUAL = "!="


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation on two expressions."""

    operator: Operator
    left: Expression
    right: Expression


Expression = Term | Operation


def variables_of(expression: Expression) -> Iterator[Variable]:
    """The variables of an expression."""
    if isinstance(expression, Variable):
        yield expression
    elif isinstance(expression, Operation):
        yield from variables_of(expression.left)
        yield from variables_of(expression.right)


def holds(relation: Relation, left: Constant, right: Constant) -> bool:
    """Whether two values stand in a relation; strings are ordered by code points."""
    if relation is Relation.EQUAL:
        return left == right
    if relation is Relation.UNEQUAL:
        return left != right
    if isinstance(left, str) != isinstance(right, str):
        return False
    return _ORDERS[relation](left, right)


_ORDERS: Final[Mapping[Relation, Callable[..., bool]]] = {
    Relation.LESS: operator.lt,
    Relation.LESS_OR_EQUAL: operator.le,
    Relation.GREATER: operator.gt,
    Relation.GREATER_OR_EQUAL: operator.ge,
}


def calculated(operation: Operator, left: Constant, right: Constant) -> Constant | None:
    """What an operation comes to; ``None`` if it has no value.

    Raises:
        NumberTooLarge: The value leaves 64 bits, or is no finite float.
    """
    if isinstance(left, str) or isinstance(right, str):
        return None
    result: float
    try:
        match operation:
            case Operator.ADD:
                result = left + right
            case Operator.SUBTRACT:
                result = left - right
            case Operator.MULTIPLY:
                result = left * right
            case Operator.DIVIDE:
                result = _quotient(left, right)
    except ZeroDivisionError:
        return None
    except OverflowError:
        result = math.inf
    is_fine = (
        _INTEGER_MIN <= result <= _INTEGER_MAX if isinstance(result, int) else math.isfinite(result)
    )
    if not is_fine:
        raise NumberTooLarge(
            f"({operation} {left} {right}) leaves the numbers of 64 bits that facts may hold"
        )
    return result


def _quotient(left: float, right: float) -> float:
    """Whole numbers that divide without a rest give a whole number."""
    if isinstance(left, int) and isinstance(right, int) and left % right == 0:
        return left // right
    return left / right
