"""A link that only waits is told from a node that is gone: the simulated network answers pings."""

from __future__ import annotations

from typing import Any

import pytest

from cognitive_architecture.simulation import NodePlan, Plan, Step, play
from cognitive_architecture.simulation.fabric import SimulatedFabric

STALL_S = 5.0
BEGINS = 60.0


def told_of_n1(*troubles: Step, lasts_s: float = 90.0, **settings: Any) -> list[str]:
    """What the orchestrator logs of a node that works a little and meets with these troubles."""
    payload = {"does": "return", "s": 0.1}
    work = [
        Step(float(at), "submit", "c1", {"tag": at, "how": "wait", "type": "a", "payload": payload})
        for at in range(5, int(lasts_s), 7)
    ]
    plan = Plan(
        seed=1,
        nodes=[NodePlan(host, ["a"], 1) for host in ("n1", "n2")],
        clients=["c1"],
        lasts_s=lasts_s,
        steps=sorted([*work, *troubles], key=lambda step: step.at),
        settings={name.replace("__", "."): value for name, value in settings.items()},
        weather={"lease_s": 8.0},
    )
    verdict = play(plan)
    assert verdict.breaches == []
    words = ("node_suspected", "node_refuted", "node_lost")
    notes = [note for note in verdict.history.notes if note.kind == "log" and "n1" in note.text]
    return [word for note in notes for word in words if word in note.text]


def stall(for_s: float = STALL_S) -> Step:
    """Of TCP: what the node says comes so much later, and in order."""
    return Step(BEGINS, "clog", "n1", {"other": "o", "delay_s": for_s, "for_s": for_s})


def test_a_node_behind_a_link_that_waits_is_suspected_and_not_lost() -> None:
    told = told_of_n1(stall())

    assert told[:2] == ["node_suspected", "node_refuted"]
    assert "node_lost" not in told


def test_nothing_but_contact_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SimulatedFabric, "in_contact", lambda _fabric: [])

    assert told_of_n1(stall()) == ["node_suspected", "node_lost"]


def test_a_link_that_waits_for_too_long_is_given_up() -> None:
    told = told_of_n1(stall(12.0), dispatch__node_mute_max_s=10.0)

    assert told[:2] == ["node_suspected", "node_lost"]


@pytest.mark.parametrize(
    "trouble",
    [
        Step(BEGINS, "pause", "n1", {"for_s": STALL_S}),
        Step(BEGINS, "cut", "n1", {"other": "o", "for_s": STALL_S, "one_way": True}),
        Step(BEGINS, "cut", "n1", {"other": "o", "for_s": STALL_S}),
    ],
    ids=["a frozen process", "a cut in one direction", "a cut"],
)
def test_who_could_answer_no_ping_is_lost_before_its_link_is(trouble: Step) -> None:
    assert told_of_n1(trouble)[:2] == ["node_suspected", "node_lost"]
