from __future__ import annotations

import pytest

from cognitive_architecture.capabilities.inference.joins import slot_by_term
from cognitive_architecture.capabilities.inference.terms import Variable

from .programs import close, derived, rules_of

FACTS = ["(p 1 2)", "(p 2 2)", "(p 2 3)", "(p 3 1)", "(name 1 one)", "(name 2 two)", "(it rains)"]


@pytest.mark.parametrize(
    ("rule", "result"),
    [
        (
            "if (p ?x ?y) and (p ?y ?z) then (q ?x ?z)",
            ["(q 1 2)", "(q 1 3)", "(q 2 2)", "(q 2 3)", "(q 2 1)", "(q 3 2)"],
        ),
        ("if (p ?x ?x) then (q ?x)", ["(q 2)"]),
        ("if (p ?x ?y) and (p ?y ?x) then (q ?x ?y)", ["(q 2 2)"]),
        ("if (p 2 ?x) then (q ?x)", ["(q 2)", "(q 3)"]),
        ("if (p 2 3) then (q yes)", ["(q yes)"]),
        ("if (p 3 3) then (q yes)", []),
        ("if (it rains) then (wet)", ["(wet)"]),
        ("if (name ?n one) and (p ?n ?m) and (name ?m ?w) then (q ?w)", ["(q two)"]),
        ("if (p ?x ?) and not (name ?x ?) then (q ?x)", ["(q 3)"]),
        ("if (p ?x ?y) and not (p ?y ?x) then (q ?x ?y)", ["(q 1 2)", "(q 2 3)", "(q 3 1)"]),
        ("if (p ?x ?) and not (snow) then (q ?x)", ["(q 1)", "(q 2)", "(q 3)"]),
        ("if (p ?x ?y) and (>= ?x ?y) then (q ?x)", ["(q 2)", "(q 3)"]),
        ("if (p ?x ?y) and (is ?z (* ?x (+ ?y 1))) then (q ?z)", ["(q 3)", "(q 6)", "(q 8)"]),
        ("if (p ?x ?y) and (is ?y (+ ?x 1)) then (q ?x)", ["(q 1)", "(q 2)"]),
        ("if (name ?x ?w) and (is ?z (+ ?w 1)) then (q ?z)", []),
        ("if (name ?x ?w) and (is ?z ?w) then (q ?z)", ["(q one)", "(q two)"]),
        ("if (p ?x ?) and (is ?z (/ 6 (- ?x 2))) then (q ?z)", ["(q -6)", "(q 6)"]),
        ("if (is ?x 5) and (< ?x 6) then (q ?x)", ["(q 5)"]),
    ],
)
def test_one_rule(rule: str, result: list[str]) -> None:
    assert derived(close(FACTS, [rule])) == result


def test_variables_have_the_first_slots() -> None:
    (rule,) = rules_of("if (p ?x 1) and (< ?x (+ ?y 2)) and (q ?y) then (r ?x 3)")
    assert slot_by_term(rule) == {Variable("?x"): 0, Variable("?y"): 1, 1: 2, 2: 3, 3: 4}
