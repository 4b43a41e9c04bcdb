from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.capabilities.inference.rules import Negation, Rule
from cognitive_architecture.capabilities.inference.stratification import NotStratified, strata
from cognitive_architecture.capabilities.inference.terms import Pattern, Signature

from .programs import rules_of


def levels(*rules: str) -> dict[str, int]:
    return {signature.predicate: level for signature, level in strata(rules_of(*rules)).items()}


def test_without_negation_all_is_one_stratum() -> None:
    assert levels("if (b ?x) then (a ?x)", "if (a ?x) then (b ?x)") == {"a": 0, "b": 0}


def test_a_negation_lifts_its_rule() -> None:
    assert levels(
        "if (a ?x) and not (c ?x) then (d ?x)",
        "if (a ?x) and not (b ?x) then (c ?x)",
        "if (a ?x) then (b ?x)",
        "if (d ?x) then (e ?x)",
    ) == {"b": 0, "c": 1, "d": 2, "e": 2}


def test_a_negation_of_given_facts_only_lifts_nothing() -> None:
    assert levels("if (a ?x) and not (g ?x) then (b ?x)") == {"b": 0}


def test_the_same_word_with_other_arguments_is_another_predicate() -> None:
    assert levels("if (a ?x) and not (p ?x ?x) then (p ?x)") == {"p": 0}


def test_a_circle_through_a_negation_is_refused_with_its_rules() -> None:
    with pytest.raises(NotStratified) as refused:
        strata(
            rules_of(
                "if (n ?x) and not (b ?x) then (a ?x)",
                "if (c ?x) then (b ?x)",
                "if (a ?x) then (c ?x)",
                "if (a ?x) then (other ?x)",
            )
        )
    assert str(refused.value) == (
        "the rules cannot be put into an order: 'a' depends on its own negation, through 'not b' "
        "in rule 'rules[0]' (rules in the cycle: 'rules[0]', 'rules[1]', 'rules[2]')"
    )


def test_a_rule_that_negates_itself_is_refused() -> None:
    with pytest.raises(NotStratified, match="'a' depends on its own negation"):
        strata(rules_of("if (n ?x) and not (a ?x) then (a ?x)"))


def test_a_long_chain_needs_no_deep_recursion() -> None:
    chain = [f"if (p{at} ?x) then (p{at + 1} ?x)" for at in range(5_000)]
    assert set(levels(*chain).values()) == {0}


PREDICATES = st.sampled_from("abcde")


@given(st.lists(st.tuples(PREDICATES, PREDICATES, st.booleans()), max_size=12))
def test_an_order_is_right_or_there_is_none(links: list[tuple[str, str, bool]]) -> None:
    rules = [
        Rule(
            str(at),
            (Negation(Pattern(low, ())) if is_not else Pattern(low, ()),),
            (Pattern(high, ()),),
        )
        for at, (high, low, is_not) in enumerate(links)
    ]
    reach = {(high, low) for high, low, _ in links}
    for middle in "abcde":
        reach |= {
            (high, low)
            for high in "abcde"
            for low in "abcde"
            if (high, middle) in reach and (middle, low) in reach
        }
    has_circle = any(
        is_not and (low == high or (low, high) in reach) for high, low, is_not in links
    )
    try:
        found = strata(rules)
    except NotStratified:
        assert has_circle
        return
    assert not has_circle
    for high, low, is_not in links:
        if Signature(low, 0) in found:
            assert found[Signature(high, 0)] >= found[Signature(low, 0)] + is_not
