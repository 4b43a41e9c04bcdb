from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.capabilities.inference.arithmetic import (
    Operation,
    Operator,
    Relation,
)
from cognitive_architecture.capabilities.inference.notation import (
    condition_as_json,
    fact_as_json,
    read_fact,
    read_pattern,
    read_rule,
)
from cognitive_architecture.capabilities.inference.rules import (
    Assignment,
    Comparison,
    Negation,
    Rule,
)
from cognitive_architecture.capabilities.inference.terms import Constant, Fact, Pattern, Variable
from cognitive_architecture.foundation.errors import InvalidPayload

X, A = Variable("?x"), Variable("?a")


@pytest.mark.parametrize(
    ("written", "fact"),
    [
        (["parent", "ann", "bob"], Fact("parent", ("ann", "bob"))),
        ("(parent ann bob)", Fact("parent", ("ann", "bob"))),
        ("  ( age ann 41 ) ", Fact("age", ("ann", 41))),
        ("(t -1.5e3 007 1.)", Fact("t", (-1500.0, "007", "1."))),
        (r'(says ann "hi \"there\" (x)")', Fact("says", ("ann", 'hi "there" (x)'))),
        ('(n "12" 12)', Fact("n", ("12", 12))),
        ("(rains)", Fact("rains", ())),
        (["is parent", "\u00e9", ""], Fact("is parent", ("\u00e9", ""))),
    ],
)
def test_facts(written: Any, fact: Fact) -> None:
    assert read_fact(written, "f") == fact


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        (12, 'f: a list like ["parent", "ann", "?x"] or text like "(parent ann ?x)", not 12'),
        ([], 'f: a list like ["parent", "ann", "?x"] or text like "(parent ann ?x)", not []'),
        ("parent ann", 'f: one pattern in brackets, not "parent ann"'),
        ("(a) (b)", 'f: one pattern in brackets, not "(a) (b)"'),
        ("(a", 'f: a bracket is not closed in "(a"'),
        ("a)", "f: a bracket closes at 1 that never opened"),
        ('(a "b)', "f: a string that begins at 2 has no end"),
        (["a", "?x"], "f: a fact has no variables, but here is ?x"),
        (["a", True], "f[1]: a string, a number of 64 bits or a variable, not true"),
        (["a", None], "f[1]: a string, a number of 64 bits or a variable, not null"),
        (["a", ["b"]], 'f[1]: a string, a number of 64 bits or a variable, not ["b"]'),
        (["a", 2**63], f"f[1]: a string, a number of 64 bits or a variable, not {2**63}"),
        (
            ["?p", "a"],
            "f[0]: a predicate is a word that begins with neither '?' nor '(', not \"?p\"",
        ),
        ([1], "f[0]: a predicate is a word that begins with neither '?' nor '(', not 1"),
        (["<", 1, 2], 'f[0]: "<" is reserved and names no predicate'),
        (["a"] * 66, "f: at most 64 arguments, not 65"),
        ("(" * 50, "f: brackets are more than 32 deep"),
    ],
)
def test_what_is_no_fact_is_refused_with_its_place(written: Any, sentence: str) -> None:
    with pytest.raises(InvalidPayload) as refused:
        read_fact(written, "f")
    assert str(refused.value) == sentence


def test_a_number_beyond_64_bits_in_text_is_refused() -> None:
    for number in ("9223372036854775808", "1e999", "9" * 5000):
        with pytest.raises(InvalidPayload, match=r"f\[1\]: a string, a number of 64 bits"):
            read_fact(f"(n {number})", "f")


def test_rules_in_json_and_in_text_are_the_same() -> None:
    rule = Rule(
        "help",
        (
            Pattern("age", (X, A)),
            Comparison(Relation.LESS, A, 18),
            Negation(Pattern("rich", (X,))),
            Assignment(Variable("?b"), Operation(Operator.ADD, A, 1)),
        ),
        (Pattern("helped", (X, Variable("?b"))),),
    )
    as_lists = {
        "name": "help",
        "if": [
            ["age", "?x", "?a"],
            ["<", "?a", 18],
            ["not", ["rich", "?x"]],
            ["is", "?b", ["+", "?a", 1]],
        ],
        "then": ["helped", "?x", "?b"],
    }
    as_texts = {
        "name": "help",
        "if": ["(age ?x ?a)", "(< ?a 18)", "not (rich ?x)", "(is ?b (+ ?a 1))"],
        "then": "(helped ?x ?b)",
    }
    text = "if (age ?x ?a) and (< ?a 18) and not (rich ?x) and (is ?b (+ ?a 1)) then (helped ?x ?b)"
    assert read_rule(as_lists, "r") == rule
    assert read_rule(as_texts, "r") == rule
    assert read_rule(text, "help") == rule
    assert read_rule(text.replace("not (rich ?x)", "(not (rich ?x))"), "help") == rule


def test_several_conclusions_are_a_list_of_patterns() -> None:
    two = (Pattern("b", (X,)), Pattern("c", (X,)))
    assert read_rule("if (a ?x) then (b ?x) and (c ?x)", "r").conclusions == two
    assert read_rule({"if": ["(a ?x)"], "then": ["(b ?x)", "(c ?x)"]}, "r").conclusions == two
    assert read_rule({"if": ["(a ?x)"], "then": [["b", "?x"], ["c", "?x"]]}, "r").conclusions == two


def test_a_rule_without_a_name_is_called_by_its_path() -> None:
    assert read_rule("if (a ?x) then (b ?x)", "payload.rules[3]").name == "rules[3]"


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        (3, "r: a rule is an object with 'if' and 'then', or text like"),
        ({"if": []}, "r.then: a pattern or a list of patterns is required"),
        ({"then": ["a"]}, "r.if: a list of at most 64 conditions, not null"),
        ({"if": ["(a)"] * 65, "then": ["b"]}, "r.if: a list of at most 64 conditions, not"),
        (
            {"if": [], "then": ["a"], "else": 1},
            'r: unknown field "else"; allowed are name, if, then',
        ),
        ({"name": "", "if": [], "then": ["a"]}, 'r.name: a string with something in it, not ""'),
        ({"if": [["not"]], "then": ["a"]}, 'r.if[0]: ["not", pattern] is required, not ["not"]'),
        ({"if": [["<", 1]], "then": ["a"]}, 'r.if[0]: ["<", expression, expression] is required'),
        ({"if": [["is", "x", 1]], "then": ["a"]}, 'r.if[0][1]: a variable with a name, not "x"'),
        ({"if": [["is", "?", 1]], "then": ["a"]}, 'r.if[0][1]: a variable with a name, not "?"'),
        ({"if": [["=", ["%", 1, 2], 1]], "then": ["a"]}, "r.if[0][1]: an expression is a constant"),
        ({"if": [["not", ["not", ["a"]]]], "then": ["a"]}, 'r.if[0][1][0]: "not" is reserved'),
        ({"if": ["(a)"], "then": []}, "r.then: a list like"),
        ("if (a ?x)", 'r: "if (a ?x) and (b ?x) then (c ?x)" is the form, not'),
        ("if (a ?x) (b ?x) then (c ?x)", 'r: ["b", "?x"] cannot stand here; conditions are lists'),
        ("if (a ?x) and then (c ?x)", "r: a list in brackets is missing at the end of a part"),
        ("if then (c)", "r: a list in brackets is missing at the end of a part"),
        ("if not not (a) then (c)", 'r: "not" cannot stand here'),
    ],
)
def test_what_is_no_rule_is_refused_with_its_place(written: Any, sentence: str) -> None:
    with pytest.raises(InvalidPayload) as refused:
        read_rule(written, "r")
    assert str(refused.value).startswith(sentence)


def test_an_expression_may_not_be_deeper_than_a_bound() -> None:
    expression: Any = 1
    for _ in range(100):
        expression = ["+", expression, 1]
    with pytest.raises(InvalidPayload, match="at most 32 deep"):
        read_rule({"if": [["is", "?x", expression]], "then": ["a", "?x"]}, "r")


def test_conditions_are_written_with_their_variables_replaced() -> None:
    bindings: dict[Variable, Constant] = {X: "ann", A: 7}
    rule = read_rule("if (a ?x) and not (b ?x ?) and (< ?a (+ ?a 1)) and (is ?a 7) then (c)", "r")
    assert [condition_as_json(condition, bindings) for condition in rule.conditions] == [
        ["a", "ann"],
        ["not", ["b", "ann", "?"]],
        ["<", 7, ["+", 7, 1]],
        ["is", 7, 7],
    ]


WORDS = st.text(min_size=1).filter(lambda word: word[0] not in "?(")
NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
RESERVED = {"not", "is", "if", "then", "and", *Operator, *Relation}


@given(
    WORDS.filter(lambda word: word not in RESERVED),
    st.lists(st.one_of(st.text().filter(lambda word: word[:1] != "?"), NUMBERS), max_size=4),
)
def test_a_fact_survives_both_notations(predicate: str, arguments: list[Any]) -> None:
    fact = Fact(predicate, tuple(arguments))
    assert read_fact(fact_as_json(fact), "f") == fact
    parts = [
        json.dumps(part) if not isinstance(part, str) else '"' + _escaped(part) + '"'
        for part in fact_as_json(fact)
    ]
    assert read_fact(f"({' '.join(parts)})", "f") == fact


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


@given(st.text(alphabet='()"\\ ?ab1.<', max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(InvalidPayload):
        read_pattern(text, "f")
    with suppress(InvalidPayload):
        read_rule(text, "r")
