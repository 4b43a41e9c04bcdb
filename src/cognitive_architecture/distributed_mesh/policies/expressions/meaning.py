"""What an expression says of some attributes."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Final, NoReturn

from cognitive_architecture.foundation.sentences import shown

from .mistakes import Misread, Unanswered
from .reading import Branch, read_tree
from .versions import Version, version_of

Value = bool | float | str | tuple["Value", ...] | Version
"""What an attribute may be, and what a part of an expression comes out as. Numbers are floats."""

Attributes = Mapping[str, Value]

_ORDERS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_REMEMBERED: Final = 4096
"""Expressions kept as trees; whoever asks for the same thing asks in the same words."""


class Expression:
    """A line that is true or not of some attributes, or worth something."""

    __slots__ = ("_clauses", "_tree", "names", "text")

    def __init__(self, text: str) -> None:
        """Read it.

        Raises:
            Misread: It is no expression; the sentence shows the place.
        """
        self.text = text
        self._tree = read_tree(text)
        self._clauses = tuple(_clauses(self._tree))
        self.names = frozenset(_names(self._tree))
        """The attributes it looks at."""

    def refusal(self, attributes: Attributes) -> str | None:
        """Why it does not hold, in words, or ``None`` if it does.

        What is joined by ``&&`` at the top is looked at one by one, so that the sentence names the
        part that fails, and what the attributes in it are.
        """
        for clause in self._clauses:
            said = self.text[clause.start : clause.end]
            try:
                value = _value(clause, attributes)
            except Unanswered as reason:
                return f"{said} is not met: {reason}"
            if value is False:
                facts = [
                    f"{name} is {_worded(attributes[name])}"
                    for name in sorted(set(_names(clause)))
                    if name in attributes
                ]
                return f"{said} is not met" + (f": {', '.join(facts)}" if facts else "")
            if value is not True:
                return f"{said} is not met: it is neither true nor false, but {_worded(value)}"
        return None

    def worth(self, attributes: Attributes) -> float:
        """How far it holds, 0 to 1: of a number so much, clipped; of anything else 1 if true.

        What cannot be said of these attributes is worth nothing.
        """
        try:
            value = _value(self._tree, attributes)
        except Unanswered:
            return 0.0
        if isinstance(value, bool):
            return float(value)
        return min(1.0, max(0.0, value)) if isinstance(value, float) else 0.0


@lru_cache(_REMEMBERED)
def read_expression(text: str) -> Expression:
    """The expression that a text is; the same one for the same text.

    Raises:
        Misread: It is none; the sentence shows the place.
    """
    return Expression(text)


def _clauses(tree: Branch) -> Iterator[Branch]:
    unseen = [tree]
    while unseen:
        branch = unseen.pop()
        if branch.operator == "&&":
            unseen += reversed(branch.parts)
        else:
            yield branch


def _names(tree: Branch) -> Iterator[str]:
    unseen = [tree]
    while unseen:
        branch = unseen.pop()
        if branch.operator == "name":
            yield str(branch.literal)
        unseen += branch.parts


def _value(branch: Branch, attributes: Attributes) -> Value:
    match branch.operator:
        case "literal":
            return branch.literal
        case "name":
            return _attribute(str(branch.literal), attributes)
        case "list":
            return tuple(_value(part, attributes) for part in branch.parts)
        case "has":
            return branch.parts[0].literal in attributes
        case "&&":
            return _joined(branch, attributes, decides=False)
        case "||":
            return _joined(branch, attributes, decides=True)
        case _:
            return _applied(branch.operator, [_value(part, attributes) for part in branch.parts])


def _attribute(name: str, attributes: Attributes) -> Value:
    value = attributes.get(name)
    if value is None:
        raise Unanswered(f"there is no {name}")
    return value


def _joined(branch: Branch, attributes: Attributes, *, decides: bool) -> bool:
    """``&&`` and ``||``: a side that decides makes up for one that cannot be answered."""
    unanswered: Unanswered | None = None
    for part in branch.parts:
        try:
            value = _value(part, attributes)
        except Unanswered as reason:
            unanswered = unanswered or reason
            continue
        if value is decides:
            return decides
        if not isinstance(value, bool):
            unanswered = Unanswered(f"{_worded(value)} is neither true nor false")
    if unanswered is not None:
        raise unanswered
    return not decides


def _applied(name: str, parts: list[Value]) -> Value:
    match name, parts:
        case "==", [left, right]:
            return _same(left, right)
        case "!=", [left, right]:
            return not _same(left, right)
        case (("<" | "<=" | ">" | ">="), [left, right]):
            return _ordered(name, left, right)
        case "in", [item, tuple(items)]:
            return any(type(other) is type(item) and other == item for other in items)
        case "not", [bool(value)]:
            return not value
        case "negative", [float(value)]:
            return -value
        case (("+" | "-" | "*" | "/" | "%"), [float(left), float(right)]):
            return _calculated(name, left, right)
        case "size", [str() | tuple() as value]:
            return float(len(value))
        case "version", [str(text)]:
            return version_of(text)
        case "startsWith", [str(text), str(part)]:
            return text.startswith(part)
        case "endsWith", [str(text), str(part)]:
            return text.endswith(part)
        case "contains", [str(text), str(part)]:
            return part in text
        case _:
            return _does_not_go(name, parts)


def _does_not_go(name: str, parts: list[Value]) -> NoReturn:
    sign = {"not": "!", "negative": "-"}.get(name, name)
    raise Unanswered(f"{sign} does not go with {' and '.join(_worded(part) for part in parts)}")


def _same(left: Value, right: Value) -> bool:
    if type(left) is not type(right):
        raise Unanswered(f"{_worded(left)} and {_worded(right)} are of different kinds")
    return left == right


def _ordered(sign: str, left: Value, right: Value) -> bool:
    if type(left) is type(right) and isinstance(left, float | str | Version):
        return _ORDERS[sign](left, right)  # type: ignore[arg-type]
    raise Unanswered(f"{_worded(left)} and {_worded(right)} have no order")


def _calculated(sign: str, left: float, right: float) -> float:
    if sign in "/%" and right == 0.0:
        raise Unanswered("nothing is divided by 0")
    match sign:
        case "+":
            result = left + right
        case "-":
            result = left - right
        case "*":
            result = left * right
        case "/":
            result = left / right
        case _:
            result = math.fmod(left, right) if math.isfinite(left) else math.nan
    if not math.isfinite(result):
        raise Unanswered(f"{left:g} {sign} {right:g} is too large")
    return result


def _worded(value: Value) -> str:
    match value:
        case bool():
            return str(value).lower()
        case float():
            return f"{value:.15g}"
        case tuple():
            return f"[{', '.join(_worded(item) for item in value[:8])}{', …' * (len(value) > 8)}]"
        case Version():
            return f"version {value.text}"
        case _:
            return shown(value)


__all__ = ["Attributes", "Expression", "Misread", "Value", "read_expression"]
