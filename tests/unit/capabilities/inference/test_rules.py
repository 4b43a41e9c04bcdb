from __future__ import annotations

import pytest

from cognitive_architecture.capabilities.inference.rules import Rule, unsafe
from cognitive_architecture.capabilities.inference.terms import Variable

from .programs import rules_of


def rule(text: str) -> Rule:
    return rules_of(text)[0]


@pytest.mark.parametrize(
    "text",
    [
        "if (a ?x) then (b ?x)",
        "if (a ?x) and not (c ?x) then (b ?x)",
        "if not (c ?) and (a ?x) then (b ?x)",
        "if (< ?x 3) and (a ?x) then (b ?x)",
        "if (is ?z (+ ?y 1)) and (is ?y (+ ?x 1)) and (a ?x) then (b ?z)",
        "if (is ?x 5) then (b ?x)",
    ],
)
def test_these_are_safe(text: str) -> None:
    assert unsafe(rule(text)) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("if (a ?x) then (b ?y)", "'then' has ?y, which no pattern in 'if' binds"),
        ("if (a ?x) then (b ?)", "'then' has ?, which no pattern in 'if' binds"),
        ("if (a ?x) and not (c ?y) then (b ?x)", "binds ?y, which a negation needs"),
        ("if (a ?x) and (< ?x ?y) then (b ?x)", "binds ?y, which a comparison needs"),
        ("if (a ?x) and (= ?y ?x) then (b ?y)", "binds ?y, which a comparison needs"),
        ("if (is ?y ?z) and (is ?z ?y) then (b ?y)", "which an 'is' needs"),
    ],
)
def test_these_are_refused_with_the_rule_and_the_variable(text: str, reason: str) -> None:
    sentence = unsafe(rule(text))
    assert sentence is not None
    assert sentence.startswith("rule 'rules[0]' is unsafe: ")
    assert sentence.endswith(reason)


def test_a_rule_knows_its_parts() -> None:
    found = rule("if (a ?y ?x) and (< ?x 3) and not (c ?y) then (b ?x)")
    assert found.variables == (Variable("?y"), Variable("?x"))
    assert [pattern.predicate for pattern in found.patterns] == ["a"]
    assert len(found.checks) == 2
