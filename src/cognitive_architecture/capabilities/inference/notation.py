"""How facts and rules are written, as JSON and as text, and read.

    JSON  ["parent", "ann", "bob"]
    text  (parent ann bob)

    JSON  {"if": [["age", "?x", "?a"], ["<", "?a", 18], ["not", ["rich", "?x"]]],
           "then": ["helped", "?x"], "name": "help"}
    text  if (age ?x ?a) and (< ?a 18) and not (rich ?x) then (helped ?x)

A condition is a pattern; ``["not", pattern]``; a comparison with ``<``, ``<=``, ``>``, ``>=``,
``=`` or ``!=``; or ``["is", "?z", expression]``. An expression is a constant, a variable, or
``[operator, expression, expression]`` with ``+``, ``-``, ``*`` or ``/``. Text is read into the JSON
form first, so both mean the same; in text, what looks like a JSON number is one, and what has
spaces or brackets is put in double quotes.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from cognitive_architecture.capabilities.inference.arithmetic import (
    Expression,
    Operation,
    Operator,
    Relation,
)
from cognitive_architecture.capabilities.inference.rules import (
    Assignment,
    Comparison,
    Condition,
    Negation,
    Rule,
)
from cognitive_architecture.capabilities.inference.terms import (
    Constant,
    Fact,
    Pattern,
    Term,
    Variable,
)
from cognitive_architecture.capabilities.payload_fields import check_names, shown
from cognitive_architecture.foundation.errors import InvalidPayload

_RESERVED: Final = frozenset({"not", "is", "if", "then", "and", *Operator, *Relation})
_ARGUMENTS_MAX: Final = 64
_CONDITIONS_MAX: Final = 64
_DEPTH_MAX: Final = 32
_NUMBER_CHARACTERS_MAX: Final = 400
_INTEGER_MIN: Final = -(2**63)
_INTEGER_MAX: Final = 2**63 - 1

_TOKEN: Final = re.compile(
    r"\s*+(?:(?P<bracket>[()])|(?P<string>\"(?:[^\"\\]++|\\.)*+\")|(?P<word>[^\s()\"]++)|(?P<end>\Z))",
    re.DOTALL,
)
_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)


def read_fact(value: object, where: str) -> Fact:
    """A fact from JSON or text.

    Args:
        value: A list or a string.
        where: Its path in the payload, for sentences.

    Raises:
        InvalidPayload: It is no fact.
    """
    pattern = read_pattern(value, where)
    for argument in pattern.arguments:
        if isinstance(argument, Variable):
            raise InvalidPayload(f"{where}: a fact has no variables, but here is {argument.name}")
    return Fact(pattern.predicate, tuple(_constants(pattern)))


def read_pattern(value: object, where: str) -> Pattern:
    """A pattern from JSON or text.

    Raises:
        InvalidPayload: It is no pattern.
    """
    items = _list(value, where)
    predicate = items[0]
    if not isinstance(predicate, str) or not predicate or predicate[0] in "?(":
        raise InvalidPayload(
            f"{where}[0]: a predicate is a word that begins with neither '?' nor '(', "
            f"not {shown(predicate)}"
        )
    if predicate in _RESERVED:
        raise InvalidPayload(f"{where}[0]: {shown(predicate)} is reserved and names no predicate")
    if len(items) - 1 > _ARGUMENTS_MAX:
        raise InvalidPayload(f"{where}: at most {_ARGUMENTS_MAX} arguments, not {len(items) - 1}")
    arguments = (_term(item, f"{where}[{place}]") for place, item in enumerate(items[1:], 1))
    return Pattern(predicate, tuple(arguments))


def read_rule(value: object, where: str) -> Rule:
    """A rule from JSON or text; without a name it is called by its path.

    Raises:
        InvalidPayload: It is no rule.
    """
    if isinstance(value, str):
        value = _rule_from_text(value, where)
    if not isinstance(value, Mapping):
        raise InvalidPayload(
            f"{where}: a rule is an object with 'if' and 'then', or text like "
            f'"if (a ?x) then (b ?x)", not {shown(value)}'
        )
    check_names(value, ("name", "if", "then"), where)
    name = value.get("name", where.removeprefix("payload."))
    if not isinstance(name, str) or not name:
        raise InvalidPayload(f"{where}.name: a string with something in it, not {shown(name)}")
    conditions = value.get("if")
    if not isinstance(conditions, list | tuple) or len(conditions) > _CONDITIONS_MAX:
        raise InvalidPayload(
            f"{where}.if: a list of at most {_CONDITIONS_MAX} conditions, not {shown(conditions)}"
        )
    if "then" not in value:
        raise InvalidPayload(f"{where}.then: a pattern or a list of patterns is required")
    return Rule(
        name,
        tuple(
            _condition(condition, f"{where}.if[{number}]")
            for number, condition in enumerate(conditions)
        ),
        tuple(_conclusions(value["then"], f"{where}.then")),
    )


def fact_as_json(fact: Fact) -> list[Constant]:
    """A fact as a JSON list."""
    return [fact.predicate, *fact.arguments]


def condition_as_json(condition: Condition, bindings: Mapping[Variable, Constant]) -> list[Any]:
    """A condition as a JSON list, with its variables replaced by what they were."""
    match condition:
        case Pattern(predicate, arguments):
            return [predicate, *(_expression_as_json(term, bindings) for term in arguments)]
        case Negation(pattern):
            return ["not", condition_as_json(pattern, bindings)]
        case Comparison(relation, left, right):
            sides = (_expression_as_json(side, bindings) for side in (left, right))
            return [relation.value, *sides]
        case Assignment(variable, expression):
            return ["is", bindings[variable], _expression_as_json(expression, bindings)]


def _expression_as_json(expression: Expression, bindings: Mapping[Variable, Constant]) -> Any:
    if isinstance(expression, Operation):
        left = _expression_as_json(expression.left, bindings)
        return [expression.operator.value, left, _expression_as_json(expression.right, bindings)]
    if isinstance(expression, Variable):
        return bindings.get(expression, expression.name)
    return expression


def _conclusions(value: object, where: str) -> Iterator[Pattern]:
    """One pattern or several: several, if the first thing in the list is a pattern itself."""
    if isinstance(value, list | tuple) and value and _is_pattern_like(value[0]):
        for number, item in enumerate(value):
            yield read_pattern(item, f"{where}[{number}]")
    else:
        yield read_pattern(value, where)


def _is_pattern_like(value: object) -> bool:
    return isinstance(value, list | tuple) or (isinstance(value, str) and value[:1] == "(")


def _condition(value: object, where: str) -> Condition:
    if isinstance(value, str) and value.split(maxsplit=1)[:1] == ["not"]:
        return Negation(read_pattern(value.split(maxsplit=1)[-1], where))
    items = _list(value, where)
    match items[0]:
        case "not":
            _check_length(items, 2, '["not", pattern]', where)
            return Negation(read_pattern(items[1], f"{where}[1]"))
        case "is":
            _check_length(items, 3, '["is", "?variable", expression]', where)
            variable = _term(items[1], f"{where}[1]")
            if not isinstance(variable, Variable) or variable.is_anonymous:
                raise InvalidPayload(f"{where}[1]: a variable with a name, not {shown(items[1])}")
            return Assignment(variable, _expression(items[2], f"{where}[2]"))
        case str(word) if word in tuple(Relation):
            _check_length(items, 3, f'["{word}", expression, expression]', where)
            left, right = (_expression(items[side], f"{where}[{side}]") for side in (1, 2))
            return Comparison(Relation(word), left, right)
        case _:
            return read_pattern(items, where)


def _expression(value: object, where: str, depth: int = 0) -> Expression:
    if not isinstance(value, list | tuple):
        return _term(value, where)
    if len(value) != 3 or value[0] not in tuple(Operator) or depth > _DEPTH_MAX:
        raise InvalidPayload(
            f"{where}: an expression is a constant, a variable or [operator, left, right] with one "
            f"of {', '.join(Operator)}, at most {_DEPTH_MAX} deep, not {shown(value)}"
        )
    return Operation(
        Operator(value[0]),
        _expression(value[1], f"{where}[1]", depth + 1),
        _expression(value[2], f"{where}[2]", depth + 1),
    )


def _term(value: object, where: str) -> Term:
    if isinstance(value, str):
        return Variable(value) if value.startswith("?") else value
    # JSON true is a Python int; it is no number here.
    if isinstance(value, int | float) and not isinstance(value, bool) and _is_storable(value):
        return value
    raise InvalidPayload(
        f"{where}: a string, a number of 64 bits or a variable, not {shown(value)}"
    )


def _is_storable(number: float) -> bool:
    if isinstance(number, int):
        return _INTEGER_MIN <= number <= _INTEGER_MAX
    return math.isfinite(number)


def _list(value: object, where: str) -> Sequence[Any]:
    """A non-empty list, from JSON or from text."""
    items = _single(value, where) if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or not items:
        raise InvalidPayload(
            f'{where}: a list like ["parent", "ann", "?x"] or text like "(parent ann ?x)", '
            f"not {shown(value)}"
        )
    return items


def _check_length(items: Sequence[Any], length: int, form: str, where: str) -> None:
    if len(items) != length:
        raise InvalidPayload(f"{where}: {form} is required, not {shown(items)}")


def _constants(pattern: Pattern) -> Iterator[Constant]:
    return (term for term in pattern.arguments if not isinstance(term, Variable))


def _single(text: str, where: str) -> Any:
    """The one list that a text holds."""
    found = list(_read(text, where))
    if len(found) != 1:
        raise InvalidPayload(f"{where}: one pattern in brackets, not {shown(text)}")
    return found[0]


def _rule_from_text(text: str, where: str) -> dict[str, Any]:
    """``if c and c then p and p`` in the JSON form."""
    items = list(_read(text, where))
    if not items or items[0] != "if" or items.count("then") != 1:
        raise InvalidPayload(
            f'{where}: "if (a ?x) and (b ?x) then (c ?x)" is the form, not {shown(text)}'
        )
    middle = items.index("then")
    return {
        "if": _joined(items[1:middle], where, text),
        "then": _joined(items[middle + 1 :], where, text),
    }


def _joined(items: list[Any], where: str, text: str) -> list[Any]:
    """The lists between ``and``; ``not`` before one takes it in."""
    found: list[Any] = []
    expects_list = True
    negated = False
    for item in items:
        if item == "not" and expects_list and not negated:
            negated = True
        elif isinstance(item, list) and expects_list:
            found.append(["not", item] if negated else item)
            expects_list = negated = False
        elif item == "and" and not expects_list:
            expects_list = True
        else:
            raise InvalidPayload(
                f"{where}: {shown(item)} cannot stand here; conditions are lists in brackets with "
                f"'and' between them, in {shown(text)}"
            )
    if expects_list:
        raise InvalidPayload(f"{where}: a list in brackets is missing at the end of a part")
    return found


def _read(text: str, where: str) -> Iterator[Any]:
    """The words, numbers and lists of a text, as JSON would write them."""
    open_lists: list[list[Any]] = []
    position = 0
    while True:
        match = _TOKEN.match(text, position)
        if match is None:
            raise InvalidPayload(f"{where}: a string that begins at {position} has no end")
        position = match.end()
        if match.lastgroup == "end":
            break
        item: Any
        if match["bracket"] == "(":
            if len(open_lists) > _DEPTH_MAX:
                raise InvalidPayload(f"{where}: brackets are more than {_DEPTH_MAX} deep")
            open_lists.append([])
            continue
        if match["bracket"] == ")":
            if not open_lists:
                raise InvalidPayload(
                    f"{where}: a bracket closes at {position - 1} that never opened"
                )
            item = open_lists.pop()
        else:
            item = _atom(match)
        if open_lists:
            open_lists[-1].append(item)
        else:
            yield item
    if open_lists:
        raise InvalidPayload(f"{where}: a bracket is not closed in {shown(text)}")


def _atom(match: re.Match[str]) -> Constant:
    if match["string"] is not None:
        return re.sub(r"\\(.)", r"\1", match["string"][1:-1], flags=re.DOTALL)
    word = match["word"]
    if _NUMBER.fullmatch(word) is None:
        return word
    # A longer one fits in 64 bits by no means; it is refused where its value is looked at.
    number: Constant = json.loads(word) if len(word) <= _NUMBER_CHARACTERS_MAX else math.inf
    return number
