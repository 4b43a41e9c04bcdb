from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.machines.effects import Tell
from cognitive_architecture.distributed_mesh.messages import Assign
from cognitive_architecture.distributed_mesh.policies.matching import CapabilityMatcher
from cognitive_architecture.foundation.settings import DispatchSettings
from tests.support.builders import a_spec
from tests.support.examples import quick
from tests.support.harness import DispatchHarness


def test_nothing_waits_and_nothing_is_handed_out() -> None:
    mesh = DispatchHarness()
    mesh.node()
    assert mesh.assign() == []


def test_nobody_has_room_and_nothing_is_handed_out() -> None:
    mesh = DispatchHarness()
    mesh.node(slots=1)
    mesh.submit(a_spec("a"), a_spec("b"))
    assert mesh.assign() == []


def test_everything_for_one_node_travels_in_one_message() -> None:
    mesh = DispatchHarness()
    n1 = mesh.node(slots=3)
    mesh.submit(*(a_spec(name) for name in "abc"))
    assigned = [effect for effect in mesh.effects if isinstance(effect, Tell)]
    messages = [tell.message for tell in assigned if isinstance(tell.message, Assign)]
    assert [[item.spec.task_id for item in message.assignments] for message in messages] == [
        ["a", "b", "c"]
    ]
    assert n1.tasks == ["a", "b", "c"]


def test_tasks_of_different_needs_go_in_one_order() -> None:
    mesh = DispatchHarness()
    n1 = mesh.node("n1", "echo", "sum", slots=1)
    mesh.submit(a_spec("busy"))
    mesh.submit(
        a_spec("echo-3", "echo", priority=3),
        a_spec("sum-7", "sum", priority=7),
        a_spec("echo-9", "echo", priority=9),
        a_spec("sum-1", "sum", priority=1),
    )
    order = []
    while n1.tasks:
        order += n1.tasks
        mesh.complete(n1, n1.tasks[0])
    assert order == ["busy", "echo-9", "sum-7", "echo-3", "sum-1"]


def test_a_task_whose_nodes_are_busy_holds_up_nobody() -> None:
    mesh = DispatchHarness()
    mesh.node("n1", "gpu")
    n2 = mesh.node("n2", "echo")
    mesh.submit(a_spec("g1", "gpu", priority=10), a_spec("g2", "gpu", priority=10))
    mesh.submit(a_spec("e", "echo", priority=1))
    assert n2.tasks == ["e"]


def test_a_task_goes_only_to_a_node_that_offers_all_it_needs() -> None:
    mesh = DispatchHarness()
    n1 = mesh.node("n1", "echo", slots=9)
    n2 = mesh.node("n2", "echo", "gpu", slots=1)
    mesh.submit(a_spec("a", capabilities=("gpu",)), a_spec("b", capabilities=("gpu",)))
    assert (n1.tasks, n2.tasks) == ([], ["a"])


def test_implied_capabilities_count() -> None:
    matcher = CapabilityMatcher()
    matcher.add_capability_implication("llm", ["chat"])
    mesh = DispatchHarness(matcher=matcher)
    n1 = mesh.node("n1", "llm")
    mesh.submit(a_spec("a", "chat"))
    assert n1.tasks == ["a"]


def test_capabilities_whose_needs_are_not_met_do_not() -> None:
    matcher = CapabilityMatcher()
    matcher.add_capability_dependency("llm", ["gpu"])
    mesh = DispatchHarness(matcher=matcher)
    n1 = mesh.node("n1", "llm")
    mesh.submit(a_spec("a", "llm", wait_for_node=True))
    assert n1.tasks == []


def test_a_node_too_ill_for_any_score_is_still_better_than_none() -> None:
    mesh = DispatchHarness()
    n1 = mesh.node()
    mesh.beat(n1, health=0.0)
    for _ in range(100):
        mesh.board.matcher.record_performance("n1", 0.0, "echo")
    mesh.submit(a_spec("a"))
    assert n1.tasks == ["a"]


@given(
    st.lists(st.sampled_from(["echo", "sum", "echo+sum"]), min_size=1, max_size=30),
    st.lists(
        st.tuples(st.sampled_from(["echo", "sum", "both"]), st.integers(1, 4)),
        min_size=1,
        max_size=6,
    ),
)
@quick(80)
def test_no_task_waits_that_a_node_with_room_could_do(
    tasks: list[str], nodes: list[tuple[str, int]]
) -> None:
    mesh = DispatchHarness(DispatchSettings(queue_tasks_max=1000))
    offers = {"echo": ["echo"], "sum": ["sum"], "both": ["echo", "sum"]}
    workers = [
        mesh.node(f"n{number}", *offers[what], slots=slots)
        for number, (what, slots) in enumerate(nodes)
    ]
    for number, what in enumerate(tasks):
        task_type, _, more = what.partition("+")
        capabilities = (more,) if more else ()
        mesh.submit(a_spec(f"t{number}", task_type, capabilities=capabilities, wait_for_node=True))
    for worker in workers:
        assert len(worker.tasks) <= worker.slots
    for lane in mesh.board.lanes.values():
        if lane.waiting:
            assert not lane.seats.has_room
