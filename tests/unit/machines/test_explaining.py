"""Why a task waits, in sentences that can be checked."""

from __future__ import annotations

from cognitive_architecture.distributed_mesh.machines import events
from cognitive_architecture.distributed_mesh.machines.explaining import Explanation, explain
from cognitive_architecture.distributed_mesh.model import Change
from cognitive_architecture.foundation.settings import DispatchSettings
from tests.support.builders import a_spec, completed
from tests.support.harness import DispatchHarness

SETTINGS = DispatchSettings(novelty_levels=0.0, node_silence_s=3600.0)


def explained(mesh: DispatchHarness, task_id: str) -> Explanation:
    return explain(mesh.board, mesh.entry(task_id), mesh.now)


def measured(mesh: DispatchHarness, *, run_s: float, times: int = 10) -> None:
    """So many tasks have taken so long."""
    node = next(iter(mesh.workers.values()))
    for number in range(times):
        mesh.submit(a_spec(f"before-{number}"))
        mesh.report(node, completed(node.lease_of(f"before-{number}"), run_s=run_s))


def test_one_that_no_node_can_do() -> None:
    mesh = DispatchHarness(SETTINGS)
    mesh.node("n1", "sum")
    mesh.submit(a_spec("a", wait_for_node=True))
    mesh.wait(12.0)
    said = explained(mesh, "a")
    assert said.phase == "queued"
    assert said.sentences == [
        "has waited 12.0 s (priority 5)",
        "waits for a node that offers echo: n1 does not offer echo",
    ]
    assert said.begins_in_s is None


def test_one_behind_others_of_its_own_requester() -> None:
    mesh = DispatchHarness(SETTINGS)
    mesh.node("n1")
    measured(mesh, run_s=2.0)
    mesh.submit(a_spec("busy"), a_spec("b", priority=9), a_spec("c"), a_spec("d", priority=1))
    mesh.submit(a_spec("a"))
    said = explained(mesh, "a")
    assert said.sentences[1:] == [
        "1 node could do it, and none takes it now: n1 has no room: 1 task for 1 slot",
        "nobody but nobody in particular waits for these nodes",
        "probably ahead of it: 2 of nobody in particular",
        "at this pace it begins in about 5.0 s, give or take 1.0 s",
    ]
    assert said.ahead == {"": 2}


def test_one_that_has_to_share() -> None:
    mesh = DispatchHarness(SETTINGS)
    mesh.node("n1")
    measured(mesh, run_s=1.0)
    mesh.submit(a_spec("busy"))
    mesh.submit(*(a_spec(f"b{number}", requester="bob") for number in range(50)))
    mesh.submit(*(a_spec(f"a{number}", requester="ann") for number in range(3)))
    mesh.feed(events.WeightsChanged({"bob": 3.0}))
    said = explained(mesh, "a2")
    assert said.ahead["ann"] == 2
    assert 7 <= said.ahead["bob"] <= 10
    assert "the share of ann is 25 %" in said.sentences[2]


def test_its_prediction_is_about_right() -> None:
    mesh = DispatchHarness(SETTINGS)
    node = mesh.node("n1")
    measured(mesh, run_s=1.0)
    mesh.submit(a_spec("busy"))
    mesh.submit(*(a_spec(f"b{number}", requester="bob") for number in range(50)))
    mesh.submit(*(a_spec(f"a{number}", requester="ann") for number in range(5)))
    said = explained(mesh, "a4")
    assert said.begins_in_s is not None
    assert said.error_s is not None
    began = mesh.now
    while "a4" not in node.tasks:
        mesh.wait(1.0)
        mesh.report(node, completed(node.leases[0], run_s=1.0))
    assert abs(mesh.now - began - said.begins_in_s) <= max(2.0, 2.0 * said.error_s)


def test_nothing_is_predicted_from_too_little() -> None:
    mesh = DispatchHarness(SETTINGS)
    mesh.node("n1")
    measured(mesh, run_s=1.0, times=4)
    mesh.submit(a_spec("busy"), a_spec("a"))
    said = explained(mesh, "a")
    assert said.sentences[-1] == (
        "too few of what is ahead have been measured to say when it will begin"
    )


def test_somebody_who_waits_for_it_is_told_of_those_for_whom_others_wait() -> None:
    mesh = DispatchHarness(SETTINGS)
    mesh.node("n1")
    mesh.submit(a_spec("busy"))
    mesh.submit(*(a_spec(f"b{number}", requester="bob", priority=10) for number in range(9)))
    mesh.submit(a_spec("c", requester="bob", latency_target_s=1.0))
    mesh.submit(a_spec("a", requester="ann", latency_target_s=2.0))
    said = explained(mesh, "a")
    assert "somebody waits for it, and hopes for 2 s" in said.sentences[0]
    assert said.ahead in ({}, {"bob": 1})


def test_what_raises_it_is_said() -> None:
    mesh = DispatchHarness(DispatchSettings(novelty_levels=0.5, failure_levels=0.5))
    node = mesh.node("n1")
    mesh.submit(a_spec("a", concepts=("dragon",), deadline_s=100.0, backoff_s=0.0))
    mesh.fail(node, "a")
    mesh.submit(a_spec("busy", priority=10))
    mesh.wait(0.5)
    assert "a" not in node.tasks
    mesh.feed(events.Reprioritised(Change(types={"echo": 1.0}, concepts={"dragon": -2.0})))
    (sentence, *_) = explained(mesh, "a").sentences
    assert sentence == (
        "has waited 0.5 s (priority 5; +0.5 levels as one of the first of its kind; "
        "+0.5 levels after 1 attempt that went wrong; -2 levels for dragon; "
        "+1 levels for its type; deadline in 99.5 s)"
    )


def test_one_that_runs_pauses_or_is_being_written() -> None:
    mesh = DispatchHarness(SETTINGS)
    node = mesh.node("n1")
    mesh.submit(a_spec("a", backoff_s=8.0))
    mesh.wait(3.0)
    assert explained(mesh, "a").sentences == ["runs on n1, attempt 1, for 3.0 s"]
    ahead = mesh.node("n2", "sum", ahead=1)
    mesh.submit(a_spec("c", "sum"), a_spec("d", "sum"))
    assert ahead.tasks == ["c", "d"]
    assert explained(mesh, "d").sentences == [
        "is with n2, attempt 1, for 0.0 s: it runs there, or is held ready behind what runs"
    ]
    mesh.fail(node, "a")
    mesh.wait(1.0)
    (sentence,) = explained(mesh, "a").sentences
    assert sentence.startswith("pauses for another 7.0 s after attempt 1, which")
    mesh.holds_writes = True
    mesh.submit(a_spec("b"))
    assert explained(mesh, "b").phase == "writing"
