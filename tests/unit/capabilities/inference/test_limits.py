from __future__ import annotations

import pytest

from cognitive_architecture.capabilities.inference.limits import (
    LimitReached,
    Limits,
    Meter,
    Stopped,
)

from .programs import close


@pytest.mark.parametrize(
    ("limits", "rule", "name"),
    [
        (Limits(facts_max=5), "if (n ?x) and (is ?y (+ ?x 1)) then (n ?y)", "limits.facts_max"),
        (Limits(rounds_max=5), "if (n ?x) and (is ?y (+ ?x 1)) then (n ?y)", "limits.rounds_max"),
        (
            Limits(steps_max=1_000),
            "if (n ?x) and (is ?y (+ ?x 1)) then (n ?y)",
            "limits.steps_max",
        ),
    ],
)
def test_a_program_without_end_is_stopped_by_the_limit_it_reaches_first(
    limits: Limits, rule: str, name: str
) -> None:
    with pytest.raises(LimitReached) as stopped:
        close(["(n 0)"], [rule], limits)
    assert str(stopped.value).startswith(f"{name}: ")


def test_given_facts_count_too() -> None:
    with pytest.raises(LimitReached, match=r"limits\.facts_max: there are more than 1 facts"):
        close(["(a 1)", "(a 2)"], [], Limits(facts_max=1))
    assert len(close(["(a 1)", "(a 1)"], [], Limits(facts_max=1)).base) == 1


def test_joins_that_derive_nothing_are_bounded() -> None:
    facts = [f"(n {number})" for number in range(100)]
    rule = "if (n ?a) and (n ?b) and (n ?c) and (> ?a 1000) then (found ?a ?b ?c)"
    crossed = "if (n ?a) and (n ?b) and (n ?c) and (> (+ ?a (+ ?b ?c)) 1000) then (found ?a)"
    assert close(facts, [rule], Limits(steps_max=10_000)).rounds == 1  # tested before joining
    with pytest.raises(LimitReached, match=r"limits\.steps_max"):
        close(facts, [crossed], Limits(steps_max=100_000))


def test_a_meter_asks_now_and_then_whether_to_stop() -> None:
    meter = Meter(Limits(), is_stopped=lambda: True)
    meter.spend_steps(1)
    with pytest.raises(Stopped):
        meter.spend_steps(1_000_000)
    with pytest.raises(Stopped):
        meter.spend_round()
