from __future__ import annotations

from cognitive_architecture.capabilities.inference.terms import Fact, Pattern, Signature, Variable


def test_facts_and_patterns_are_filed_by_predicate_and_number_of_arguments() -> None:
    assert Fact("age", ("ann", 7)).signature == Signature("age", 2)
    assert Pattern("age", (Variable("?x"),)).signature == Signature("age", 1)


def test_a_pattern_lists_its_named_variables_as_often_as_they_stand() -> None:
    x = Variable("?x")
    pattern = Pattern("near", (x, "a", Variable("?"), x))
    assert list(pattern.variables()) == [x, x]


def test_only_a_lone_question_mark_is_anonymous() -> None:
    assert Variable("?").is_anonymous
    assert not Variable("?x").is_anonymous
