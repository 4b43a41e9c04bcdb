from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cognitive_architecture.capabilities.inference.arithmetic import Operation, Relation, holds
from cognitive_architecture.capabilities.inference.forward_chaining import Closure, closure
from cognitive_architecture.capabilities.inference.limits import LimitReached, Limits, Stopped
from cognitive_architecture.capabilities.inference.rules import (
    Comparison,
    Condition,
    Negation,
    Rule,
    unsafe,
)
from cognitive_architecture.capabilities.inference.stratification import NotStratified, strata
from cognitive_architecture.capabilities.inference.terms import (
    Constant,
    Fact,
    Pattern,
    Term,
    Variable,
)

from .programs import all_facts, close, derived, facts_of, rules_of

ANCESTORS = [
    "if (parent ?x ?y) then (ancestor ?x ?y)",
    "if (parent ?x ?y) and (ancestor ?y ?z) then (ancestor ?x ?z)",
]


def test_ancestors() -> None:
    found = close(["(parent ann bob)", "(parent bob cy)"], ANCESTORS)
    assert derived(found) == ["(ancestor ann bob)", "(ancestor bob cy)", "(ancestor ann cy)"]
    assert found.given == 2


def test_a_derivation_tells_rule_bindings_and_premises() -> None:
    found = close(["(parent ann bob)", "(parent bob cy)"], ANCESTORS)
    last = found.derivations[4]
    assert last is not None
    assert last.rule.name == "rules[1]"
    assert last.bindings == {Variable("?x"): "ann", Variable("?y"): "bob", Variable("?z"): "cy"}
    assert [found.base.fact(number) for number in last.premises] == facts_of(
        "(parent ann bob)", "(ancestor bob cy)"
    )
    assert found.derivations[0] is None


@pytest.mark.parametrize(
    "rule",
    [
        "if (edge ?x ?y) and (path ?y ?z) then (path ?x ?z)",
        "if (path ?x ?y) and (edge ?y ?z) then (path ?x ?z)",
        "if (path ?x ?y) and (path ?y ?z) then (path ?x ?z)",
    ],
)
def test_the_closure_of_a_chain(rule: str) -> None:
    length = 60
    facts = [f"(edge {at} {at + 1})" for at in range(length)]
    found = close(facts, ["if (edge ?x ?y) then (path ?x ?y)", rule])
    assert len(found.base) == length + length * (length + 1) // 2


def test_three_hundred_nodes_take_steps_in_proportion_to_what_they_derive() -> None:
    facts = [Fact("edge", (at, at + 1)) for at in range(299)]
    rules = rules_of(
        "if (edge ?x ?y) then (path ?x ?y)", "if (edge ?x ?y) and (path ?y ?z) then (path ?x ?z)"
    )
    found = closure(facts, rules, Limits(facts_max=50_000, steps_max=200_000))
    assert len(found.base) - found.given == 44_850


def test_several_conclusions_in_several_strata() -> None:
    found = close(
        ["(n 1)", "(n 2)", "(odd 1)"],
        [
            "if (n ?x) and not (odd ?x) then (even ?x) and (seen ?x)",
            "if (n ?x) and not (even ?x) then (seen ?x)",
        ],
    )
    assert sorted(derived(found)) == ["(even 2)", "(seen 1)", "(seen 2)"]


def test_negation_waits_until_nothing_more_can_come() -> None:
    rules = [
        "if (node ?x) and not (reached ?x) then (lost ?x)",
        "if (start ?x) then (reached ?x)",
        "if (reached ?x) and (edge ?x ?y) then (reached ?y)",
    ]
    facts = ["(node a)", "(node b)", "(node c)", "(start a)", "(edge a b)"]
    assert derived(close(facts, rules))[-1] == "(lost c)"


def test_a_rule_without_conditions_fires_once() -> None:
    rule = Rule("fact", (), (Pattern("a", (1,)),))
    assert derived(closure([], [rule])) == ["(a 1)"]


def test_rounds_count_every_pass() -> None:
    assert close([], []).rounds == 0
    assert close(["(a 1)"], ["if (a ?x) then (b ?x)"]).rounds == 1
    assert close(["(a 1)"], ["if (a ?x) then (b ?x)", "if (b ?x) then (c ?x)"]).rounds == 2


def test_an_overflow_names_the_rule() -> None:
    with pytest.raises(LimitReached, match=r"rule 'rules\[0\]': \(\* \d+ \d+\) leaves"):
        close(["(n 3)"], ["if (n ?x) and (is ?y (* ?x ?x)) then (n ?y)"])


def test_whoever_runs_it_is_told_of_rounds_and_may_stop() -> None:
    heard: list[tuple[int, int]] = []
    closure(
        facts_of("(parent ann bob)", "(parent bob cy)"),
        rules_of(*ANCESTORS),
        on_round=lambda rounds, facts: heard.append((rounds, facts)),
    )
    assert heard == [(1, 4), (2, 5), (3, 5)]
    with pytest.raises(Stopped):
        closure(facts_of("(parent a b)"), rules_of(*ANCESTORS), is_stopped=lambda: True)


VALUES: tuple[Constant, ...] = ("a", "b", 1, 2)
VARIABLES = (Variable("?x"), Variable("?y"), Variable("?z"))
ARITIES = {"p": 2, "q": 2, "r": 1, "s": 1}


@st.composite
def patterns(draw: st.DrawFn, terms: tuple[Term, ...], predicates: str = "pqrs") -> Pattern:
    predicate = draw(st.sampled_from(predicates))
    arity = ARITIES[predicate]
    return Pattern(predicate, tuple(draw(st.sampled_from(terms)) for _ in range(arity)))


@st.composite
def safe_rules(draw: st.DrawFn) -> Rule:
    """One to three patterns, then checks and conclusions on what they bind."""
    anything = (*VARIABLES, *VARIABLES, Variable("?"), *VALUES[:2])
    found: list[Condition] = draw(st.lists(patterns(anything), min_size=1, max_size=3))
    bound = {name for one in found if isinstance(one, Pattern) for name in one.variables()}
    known: tuple[Term, ...] = (*sorted(bound, key=lambda name: name.name), *VALUES[:2])
    if draw(st.booleans()):
        negated = draw(patterns((*known, Variable("?")), "ps"))  # only (s ...) can make a circle
        found.insert(draw(st.integers(0, len(found))), Negation(negated))
    if draw(st.booleans()):
        left, right = draw(st.sampled_from(known)), draw(st.sampled_from(known))
        found.append(Comparison(draw(st.sampled_from(list(Relation))), left, right))
    heads = draw(st.lists(patterns(known, "qrrqs"), min_size=1, max_size=2))
    return Rule("rule", tuple(found), tuple(heads))


FACTS = st.one_of(
    st.builds(
        Fact, st.sampled_from("pq"), st.tuples(st.sampled_from(VALUES), st.sampled_from(VALUES))
    ),
    st.builds(Fact, st.sampled_from("rs"), st.tuples(st.sampled_from(VALUES))),
)


def filled(term: Term, bindings: dict[Variable, Constant]) -> Constant:
    return bindings[term] if isinstance(term, Variable) else term


def matches(pattern: Pattern, bindings: dict[Variable, Constant], facts: set[Fact]) -> bool:
    return any(
        fact.signature == pattern.signature
        and all(
            (isinstance(term, Variable) and term.is_anonymous) or filled(term, bindings) == value
            for term, value in zip(pattern.arguments, fact.arguments, strict=True)
        )
        for fact in facts
    )


def fulfilled(condition: Condition, bindings: dict[Variable, Constant], facts: set[Fact]) -> bool:
    match condition:
        case Pattern():
            return matches(condition, bindings, facts)
        case Negation(pattern):
            return not matches(pattern, bindings, facts)
        case Comparison(relation, left, right):
            assert not isinstance(left, Operation)
            assert not isinstance(right, Operation)
            return holds(relation, filled(left, bindings), filled(right, bindings))
        case _:
            raise AssertionError(condition)


def naive_fixpoint(facts: set[Fact], rules: list[Rule]) -> set[Fact]:
    """Try every rule with every value for every variable until nothing is new."""
    levels = strata(rules)
    for level in sorted(set(levels.values())):
        while True:
            new = {
                Fact(head.predicate, tuple(filled(term, bindings) for term in head.arguments))
                for rule in rules
                for values in product(VALUES, repeat=len(VARIABLES))
                for bindings in [dict(zip(VARIABLES, values, strict=True))]
                if all(fulfilled(condition, bindings, facts) for condition in rule.conditions)
                for head in rule.conclusions
                if levels[head.signature] == level
            }
            if new <= facts:
                break
            facts = facts | new
    return facts


def check_derivations(found: Closure) -> None:
    """Every derived fact follows from its premises by its rule."""
    facts = all_facts(found)
    for number, derivation in enumerate(found.derivations):
        if derivation is None:
            assert number < found.given
            continue
        assert all(premise < number for premise in derivation.premises)
        bindings = derivation.bindings
        for pattern, premise in zip(derivation.rule.patterns, derivation.premises, strict=True):
            assert matches(pattern, bindings, {facts[premise]})
        for check in derivation.rule.checks:
            assert fulfilled(check, bindings, set(facts))
        heads = [
            Fact(head.predicate, tuple(filled(term, bindings) for term in head.arguments))
            for head in derivation.rule.conclusions
        ]
        assert facts[number] in heads


@given(st.lists(FACTS, min_size=2, max_size=10), st.lists(safe_rules(), min_size=1, max_size=4))
@settings(deadline=None, max_examples=150)
def test_the_closure_is_what_trying_everything_gives(facts: list[Fact], rules: list[Rule]) -> None:
    assert [unsafe(rule) for rule in rules] == [None] * len(rules)
    try:
        found = closure(facts, rules)
    except NotStratified:
        return
    assert set(all_facts(found)) == naive_fixpoint(set(facts), rules)
    check_derivations(found)
