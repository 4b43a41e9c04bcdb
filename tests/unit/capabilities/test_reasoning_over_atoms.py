"""``reasoning`` over atoms: conclusions with truth values, and why they hold."""

from __future__ import annotations

from typing import Any

import pytest

from cognitive_architecture.capabilities.reasoning import draw_conclusions
from cognitive_architecture.foundation.errors import InvalidPayload

from .recorded_task import RecordedTask

CLASSIC = """
(ConceptNode "cat" (stv 0.1 0.9))
(ConceptNode "mammal" (stv 0.3 0.9))
(ConceptNode "animal" (stv 0.5 0.9))
(InheritanceLink (stv 1.0 0.9) (ConceptNode "cat") (ConceptNode "mammal"))
(InheritanceLink (stv 1.0 0.9) (ConceptNode "mammal") (ConceptNode "animal"))
"""
CAT_IS_ANIMAL = '(InheritanceLink (ConceptNode "cat") (ConceptNode "animal"))'


def reason(**payload: Any) -> dict[str, Any]:
    return draw_conclusions({"dialect": "classic", **payload}, RecordedTask())


def test_what_follows_comes_with_its_truth_and_its_derivation() -> None:
    found = reason(atoms=CLASSIC, rules=["deduction"])

    assert found["premises"] == 2
    (concluded,) = found["conclusions"]
    assert concluded["atom"] == CAT_IS_ANIMAL
    assert concluded["truth"] == pytest.approx([1.0, 0.81])
    steps = concluded["derivation"]
    assert [step["rule"] for step in steps] == [None, None, "deduction"]
    assert steps[-1]["premises"] == [0, 1]
    assert (found["refused"], found["stopped"]) == (0, None)


def test_a_query_is_asked_of_premises_and_conclusions() -> None:
    query = '(GetLink (InheritanceLink (VariableNode "$x") (ConceptNode "animal")))'

    found = reason(atoms=CLASSIC, query=query)
    given = reason(atoms=CLASSIC, query=query, infer=False)

    assert sorted(found["answers"]) == ['(ConceptNode "cat")', '(ConceptNode "mammal")']
    assert given["answers"] == ['(ConceptNode "mammal")']
    assert given["conclusions"] == []


def test_a_term_without_a_truth_value_is_said_or_assumed() -> None:
    links = "\n".join(line for line in CLASSIC.splitlines() if "Inheritance" in line)

    refused = reason(atoms=links)
    assert refused["conclusions"] == []
    assert "has no truth value" in refused["refusals"][0]
    assert len(reason(atoms=links, term_truth=[0.5, 0.9])["conclusions"]) == 1


@pytest.mark.parametrize(
    ("payload", "sentence"),
    [
        ({"atoms": '(ConceptNode "a'}, "payload.atoms: line 1, column"),
        ({"atoms": '(ConceptNode "a" (stv NaN 1))'}, "payload.atoms: line 1, column"),
        ({"atoms": "", "query": '(ConceptNode "a")'}, "payload.query: a query is"),
        ({"atoms": "", "query": ""}, "payload.query: one expression, not 0"),
        ({"atoms": "", "rules": ["magic"]}, "payload.rules[0]: one of deduction"),
        ({"atoms": "", "term_truth": [2, 1]}, "payload.term_truth"),
        ({"atoms": "", "term_truth": "sure"}, "payload.term_truth: [strength, confidence]"),
        ({"atoms": "", "limits": {"steps_max": 0}}, "payload.limits.steps_max"),
        ({"atoms": "", "facts": []}, "unknown field"),
        ({"atoms": 7}, "payload.atoms: a string is required"),
    ],
)
def test_bad_input_gets_a_sentence(payload: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidPayload) as refused:
        reason(**payload)
    assert sentence in str(refused.value)
