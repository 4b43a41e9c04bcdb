from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cognitive_architecture.capabilities.reasoning import draw_conclusions
from cognitive_architecture.foundation.errors import InvalidPayload, PermanentFailure

from .recorded_task import RecordedTask

FAMILY: dict[str, Any] = {
    "facts": ["(parent ann bob)", ["parent", "bob", "cy"], "(age cy 7)"],
    "rules": [
        "if (parent ?x ?y) and (parent ?y ?z) then (grandparent ?x ?z)",
        {
            "name": "childhood",
            "if": [["age", "?x", "?a"], ["<", "?a", 18], ["not", ["parent", "?x", "?"]]],
            "then": ["child", "?x"],
        },
    ],
}


def reason(**payload: Any) -> dict[str, Any]:
    return draw_conclusions(payload, RecordedTask())


def test_what_follows_and_why() -> None:
    found = reason(**FAMILY, query="(grandparent ?who cy)")
    assert found["facts"] == 5
    assert found["derived"] == [["grandparent", "ann", "cy"], ["child", "cy"]]
    assert found["rounds"] == 1
    assert found["answers"] == [
        {"bindings": {"?who": "ann"}, "fact": ["grandparent", "ann", "cy"], "derivation": 3}
    ]
    assert found["proofs"][0] == {
        "step": 0,
        "fact": ["parent", "ann", "bob"],
        "rule": None,
        "bindings": {},
        "premises": [],
        "checks": [],
    }
    assert found["proofs"][3] == {
        "step": 3,
        "fact": ["grandparent", "ann", "cy"],
        "rule": "rules[0]",
        "bindings": {"?x": "ann", "?y": "bob", "?z": "cy"},
        "premises": [0, 1],
        "checks": [],
    }
    assert found["proofs"][4]["checks"] == [["<", 7, 18], ["not", ["parent", "cy", "?"]]]


def test_a_query_finds_given_facts_too() -> None:
    (answer,) = reason(**FAMILY, query=["age", "?x", 7])["answers"]
    assert answer["bindings"] == {"?x": "cy"}


def test_proofs_of_the_answers_only_or_none() -> None:
    answers = reason(**FAMILY, query="(child ?x)", proofs="answers")
    assert [step["fact"] for step in answers["proofs"]] == [["age", "cy", 7], ["child", "cy"]]
    assert answers["answers"][0]["derivation"] == 1
    nothing = reason(**FAMILY, query="(child ?x)", proofs="none")
    assert nothing["proofs"] == []
    assert nothing["answers"][0]["derivation"] is None


def test_nothing_follows_from_nothing() -> None:
    assert reason(facts=[], rules=[]) == {
        "facts": 0,
        "derived": [],
        "rounds": 0,
        "answers": [],
        "proofs": [],
    }


@pytest.mark.parametrize(
    ("payload", "sentence"),
    [
        ({"rules": []}, "payload.facts: a list is required, not nothing at all"),
        ({"facts": [], "rules": "x"}, 'payload.rules: a list is required, not "x"'),
        ({"facts": [["a", "?x"]], "rules": []}, "payload.facts[0]: a fact has no variables"),
        ({"facts": [], "rules": [], "query": 5}, "payload.query: a list like"),
        ({"facts": [], "rules": [], "limits": 5}, "payload.limits: an object is required, not 5"),
        (
            {"facts": [], "rules": [], "limits": {"facts_max": 0}},
            "payload.limits.facts_max: a whole number from 1 to 1,000,000, not 0",
        ),
        (
            {"facts": [], "rules": [], "limits": {"time": 0}},
            'payload.limits: unknown field "time"; allowed are facts_max, rounds_max, steps_max',
        ),
        (
            {"facts": [], "rules": [], "proofs": "some"},
            'payload.proofs: one of all, answers, none, not "some"',
        ),
        (
            {"facts": [], "rules": [], "quary": "(a ?x)"},
            'payload: unknown field "quary"; allowed are facts, rules, query, proofs, limits',
        ),
        (
            {"facts": [], "rules": ["if (a ?x) then (b ?y)"]},
            "payload.rules[0]: rule 'rules[0]' is unsafe: 'then' has ?y",
        ),
        (
            {"facts": [], "rules": ["if (a ?x) and not (b ?x) then (b ?x)"]},
            "payload.rules: the rules cannot be put into an order: 'b' depends on its own negation",
        ),
        (
            {"facts": [], "rules": [{"name": "r", "if": [], "then": ["a"]}] * 2},
            'payload.rules[1].name: "r" is the name of a rule before it',
        ),
    ],
)
def test_a_wrong_payload_is_refused_with_what_came_and_what_is_allowed(
    payload: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InvalidPayload) as refused:
        draw_conclusions(payload, RecordedTask())
    assert str(refused.value).startswith(sentence)


def test_a_limit_that_is_reached_is_named() -> None:
    endless = {"facts": ["(n 0)"], "rules": ["if (n ?x) and (is ?y (+ ?x 1)) then (n ?y)"]}
    with pytest.raises(PermanentFailure, match=r"limits\.rounds_max: after 1,000 rounds"):
        draw_conclusions(endless, RecordedTask())
    with pytest.raises(PermanentFailure, match=r"limits\.facts_max: there are more than 5 facts"):
        draw_conclusions({**endless, "limits": {"facts_max": 5}}, RecordedTask())


def test_progress_is_told_and_a_stopped_task_ends_early() -> None:
    task = RecordedTask()
    draw_conclusions(FAMILY, task)
    shares = [share for share, _ in task.heard]
    assert shares == sorted(shares)
    assert task.heard[1][1] == "round 1: 5 facts"
    assert draw_conclusions(FAMILY, RecordedTask(stopped_after=1)) == {}


CONSTANTS = st.one_of(
    st.sampled_from(["a", "b", ""]), st.integers(-3, 3), st.integers(-5, 5).map(lambda n: n / 2)
)
RULES = st.sampled_from(
    [
        "if (p ?x ?y) then (q ?y ?x)",
        "if (q ?x ?y) and (p ?y ?z) and (<= ?x ?z) then (r ?x ?z)",
        "if (p ?x ?y) and (is ?z (/ ?x ?y)) then (s ?z)",
        "if (p ?x ?) and not (q ?x ?) then (t ?x)",
    ]
)


@given(
    st.lists(st.tuples(st.just("p"), CONSTANTS, CONSTANTS).map(list), max_size=6),
    st.lists(RULES, max_size=4),
)
@settings(deadline=None)
def test_results_are_json(facts: list[Any], rules: list[str]) -> None:
    found = reason(facts=facts, rules=rules, query="(q ?a ?b)")
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    for step in found["proofs"]:
        assert found["proofs"][step["step"]] is step
        assert all(premise < step["step"] for premise in step["premises"])
