"""A plan that breaks something is cut down to what it takes."""

from __future__ import annotations

from cognitive_architecture.simulation import Plan, Verdict, plan_of, play
from cognitive_architecture.simulation.shrinking import shape_of, shrunk
from cognitive_architecture.simulation.timeline import timeline

from .planted import BUGS, is_planted

EARLY = BUGS["on_submitted: a task is acknowledged before it is durable"]


def broken() -> Verdict:
    return play(plan_of(2))


def test_what_is_left_breaks_the_same_with_a_step_or_two() -> None:
    with is_planted(EARLY):
        verdict = broken()
        assert not verdict.is_sound
        small = shrunk(verdict, play)

    assert len(verdict.plan.steps) > 20
    assert len(small.plan.steps) <= 2
    assert shape_of(verdict.breaches[0]) in {shape_of(breach) for breach in small.breaches}
    assert play(small.plan).is_sound, "without the bug it breaks nothing"


def test_whoever_loses_patience_has_the_best_so_far() -> None:
    played: list[Plan] = []

    def play_and_count(plan: Plan) -> Verdict:
        played.append(plan)
        return play(plan)

    with is_planted(EARLY):
        small = shrunk(broken(), play_and_count, runs_max=1)

    assert len(played) == 1
    assert not small.is_sound


def test_a_shape_has_no_names_and_numbers() -> None:
    one = shape_of("task-c1.1-4 (priority 5) goes to n2 before task-c2.1-12")
    other = shape_of("task-c3.2-9 (priority 9) goes to n1 before task-c1.1-1")

    assert one == other != shape_of("task-c1.1-4 ends a second time")


def test_a_run_is_drawn_with_a_lane_for_everybody_and_everything_that_broke() -> None:
    with is_planted(EARLY):
        verdict = broken()
    page = timeline(verdict)

    for host in ("o", *(node.host for node in verdict.plan.nodes), *verdict.plan.clients):
        assert f">{host}</text>" in page
    assert verdict.breaches[0].replace("'", "&#x27;") in page
    assert "begins" not in page.split("<table>")[0]
    assert page.count("<rect") > 20
