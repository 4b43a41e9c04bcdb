from __future__ import annotations

from cognitive_architecture.capabilities.inference.fact_base import FactBase
from cognitive_architecture.capabilities.inference.plans import Source, planned
from cognitive_architecture.capabilities.inference.rules import Comparison, Negation, Rule

from .programs import facts_of, rules_of

FACTS = [
    *(f"(big {number} {number % 10})" for number in range(100)),
    *(f"(small {number})" for number in range(5)),
]


def plan(rule_text: str, *facts: str) -> list[str]:
    """The predicates and checks in planned order."""
    base = FactBase()
    for fact in facts_of(*(facts or FACTS)):
        base.add(base.table(fact.signature), fact.arguments)
    rule: Rule = rules_of(rule_text)[0]
    sources = []
    for number, pattern in enumerate(rule.patterns):
        table = base.table(pattern.signature)
        sources.append(Source(number, pattern, table, 0, len(table)))
    names = []
    for step in planned(rule, sources):
        match step:
            case Source():
                names.append(step.pattern.predicate)
            case Negation(pattern):
                names.append(f"not {pattern.predicate}")
            case Comparison(relation):
                names.append(relation.value)
            case _:
                names.append("is")
    return names


def test_the_smaller_table_goes_first() -> None:
    assert plan("if (big ?x ?y) and (small ?x) then (a ?x)") == ["small", "big"]


def test_a_constant_makes_a_table_small() -> None:
    assert plan("if (small ?y) and (big 3 ?y) then (a ?y)") == ["big", "small"]


def test_a_shared_variable_goes_before_a_cross_product() -> None:
    text = "if (big ?x ?y) and (big ?u ?v) and (small ?x) and (big ?y ?u) then (a ?v)"
    assert plan(text)[0] == "small"
    rule = "if (small ?x) and (big ?a ?b) and (big ?x ?c) then (a ?a)"
    assert plan(rule) == ["small", "big", "big"]


def test_checks_are_made_as_soon_as_their_variables_are_bound() -> None:
    text = "if (small ?x) and (big ?y ?z) and (< ?x 3) and not (gone ?y) then (a ?x)"
    assert plan(text) == ["small", "<", "big", "not gone"]


def test_a_filter_goes_before_an_assignment() -> None:
    text = "if (small ?x) and (is ?y (+ ?x 1)) and (< ?x 3) then (a ?y)"
    assert plan(text) == ["small", "<", "is"]


def test_a_check_without_variables_goes_first() -> None:
    assert plan("if (small ?x) and (< 2 1) then (a ?x)") == ["<", "small"]
