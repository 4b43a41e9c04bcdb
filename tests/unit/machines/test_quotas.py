"""A requester never has more than it may have, and is told when to come back."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.machines.entry import Phase
from cognitive_architecture.distributed_mesh.messages import Accepted, Fault
from cognitive_architecture.foundation.errors import QueueFull, QuotaExceeded
from cognitive_architecture.foundation.remote_errors import from_wire
from cognitive_architecture.foundation.settings import DispatchSettings, QuotaSettings
from tests.support.builders import a_spec
from tests.support.examples import quick
from tests.support.harness import ANN, DispatchHarness

PATIENT = DispatchSettings(node_silence_s=3600.0, novelty_levels=0.0)


def a_mesh(**quotas: Any) -> DispatchHarness:
    return DispatchHarness(PATIENT, quotas=QuotaSettings.model_validate(quotas))


def refusals(mesh: DispatchHarness) -> list[Fault]:
    (accepted,) = (said for said in mesh.heard(ANN) if isinstance(said, Accepted))
    return [fault for _, fault in accepted.refused]


def retry_after_s(fault: Fault) -> float:
    error = from_wire(fault.code, fault.sentence, fault.details)
    assert isinstance(error, QuotaExceeded)
    assert isinstance(error, QueueFull)
    assert error.retryable
    return error.retry_after_s


def test_without_quotas_nothing_is_counted() -> None:
    mesh = a_mesh()
    mesh.node()
    mesh.submit(a_spec("a"))
    assert not mesh.board.quotas.are_any
    assert not mesh.board.open_by_requester


def test_what_runs_beyond_its_quota_waits_and_holds_up_nobody() -> None:
    mesh = a_mesh(requesters={"ann": {"running_max": 2}})
    node = mesh.node(slots=4)
    mesh.submit(*(a_spec(f"a{number}", requester="ann", priority=10) for number in range(5)))
    mesh.submit(a_spec("b", requester="bob", priority=1))
    assert node.tasks == ["a0", "a1", "b"]
    mesh.complete(node, "a0")
    assert node.tasks == ["a1", "b", "a2"]


def test_somebody_alone_does_not_run_more_either() -> None:
    mesh = a_mesh(running_max=3)
    node = mesh.node(slots=8)
    mesh.submit(*(a_spec(f"a{number}") for number in range(9)))
    assert len(node.tasks) == 3


def test_what_is_open_beyond_its_quota_is_refused_until_something_has_ended() -> None:
    mesh = a_mesh(open_max=2)
    node = mesh.node()
    mesh.submit(*(a_spec(name, requester="ann") for name in "abc"))
    (fault,) = refusals(mesh)
    assert fault.sentence == (
        "requester ann may have 2 tasks open at once, and has 2; come back in 1 s"
    )
    mesh.complete(node, "a")
    mesh.heard(ANN)
    mesh.submit(a_spec("c", requester="ann"))
    assert refusals(mesh) == []


def test_the_time_to_come_back_is_that_at_which_one_more_is_admitted() -> None:
    mesh = a_mesh(rate_per_s=2.0, burst_max=1)
    mesh.node()
    mesh.submit(a_spec("a"), a_spec("b"))
    (fault,) = refusals(mesh)
    assert fault.sentence == (
        "tasks without a requester may submit 2 tasks a second, and 1 at once; come back in 0.5 s"
    )
    mesh.wait(retry_after_s(fault))
    mesh.heard(ANN)
    mesh.submit(a_spec("b"))
    assert refusals(mesh) == []


def test_what_repeats_a_task_costs_nothing() -> None:
    mesh = a_mesh(rate_per_s=0.001, burst_max=1, open_max=1)
    mesh.node()
    for _ in range(3):
        mesh.submit(a_spec("a"))
        assert refusals(mesh) == []


def test_some_have_other_quotas_than_everybody() -> None:
    quotas = a_mesh(
        open_max=10, rate_per_s=5.0, requesters={"ann": {"open_max": 1}, "": {"rate_per_s": None}}
    ).board.quotas
    assert (quotas.of("ann").open_max, quotas.of("ann").rate_per_s) == (1, 5.0)
    assert (quotas.of("bob").open_max, quotas.of("bob").rate_per_s) == (10, 5.0)
    assert quotas.of("").rate_per_s is None


@pytest.mark.parametrize("bound", ["running_max", "open_max", "rate_per_s"])
def test_a_quota_of_nothing_is_refused(bound: str) -> None:
    with pytest.raises(ValueError, match=bound):
        QuotaSettings.model_validate({bound: 0})


steps = st.one_of(
    st.tuples(st.just("submit"), st.sampled_from(["ann", "bob", None]), st.integers(1, 4)),
    st.tuples(st.just("submit"), st.sampled_from(["ann", "bob", None]), st.integers(1, 4)),
    st.tuples(st.just("wait"), st.sampled_from([0.01, 0.1, 0.5, 2.0])),
    st.tuples(st.just("complete"), st.integers(0, 9)),
    st.tuples(st.just("fail"), st.integers(0, 9)),
    st.tuples(st.just("cancel"), st.integers(0, 50)),
    st.tuples(st.just("hand back"), st.integers(0, 9)),
    st.tuples(st.just("lose")),
)


@given(st.lists(steps, max_size=50))
@quick(100)
def test_no_quota_is_ever_exceeded(steps: list[tuple[Any, ...]]) -> None:
    rate, burst, open_max, running_max = 3.0, 2, 6, 2
    mesh = a_mesh(rate_per_s=rate, burst_max=burst, open_max=open_max, running_max=running_max)
    node = mesh.node(slots=5)
    admitted: dict[str, list[float]] = {}
    names: list[str] = []
    for number, step in enumerate(steps):
        match step:
            case ("submit", requester, count):
                mesh.heard(ANN)
                names += [f"t{number}-{place}" for place in range(count)]
                specs = [a_spec(name, requester=requester) for name in names[-count:]]
                mesh.submit(*specs)
                accepted = count - len(refusals(mesh))
                admitted.setdefault(requester or "", []).extend([mesh.now] * accepted)
            case ("wait", seconds):
                mesh.wait(seconds)
            case ("complete", index) if node.tasks:
                mesh.complete(node, node.tasks[index % len(node.tasks)])
            case ("fail", index) if node.tasks:
                mesh.fail(node, node.tasks[index % len(node.tasks)])
            case ("hand back", index) if node.tasks:
                mesh.hand_back(node, node.tasks[index % len(node.tasks)])
            case ("cancel", index) if names:
                mesh.cancel(names[index % len(names)])
            case ("lose",):
                mesh.lose(node)
                node.forget_everything()
                mesh.arrive(node)
            case _:
                pass
        entries = mesh.board.entries.values()
        open_now = Counter(e.spec.requester or "" for e in entries)
        running = Counter(e.spec.requester or "" for e in entries if e.phase is Phase.LEASED)
        assert max(open_now.values(), default=0) <= open_max
        assert max(running.values(), default=0) <= running_max
    for instants in admitted.values():
        for first, since in enumerate(instants):
            for last in range(first, len(instants)):
                allowed = burst + rate * (instants[last] - since)
                assert last - first + 1 <= allowed + 1e-6
