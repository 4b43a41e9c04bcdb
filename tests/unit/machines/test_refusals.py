from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.machines.entry import (
    REFUSAL_KEPT_S,
    REFUSALS_MAX,
    Entry,
    Phase,
)
from tests.support.builders import a_spec
from tests.support.examples import quick
from tests.support.harness import DispatchHarness


def test_a_task_that_a_node_refuses_goes_to_another_and_costs_nothing() -> None:
    mesh = DispatchHarness()
    n1, n2 = mesh.node("n1", slots=2), mesh.node("n2", slots=2)
    mesh.submit(a_spec("a"))
    assert n1.tasks == ["a"]
    mesh.hand_back(n1, "a", reason="its memory is full", refused=True)
    assert (n1.tasks, n2.tasks) == ([], ["a"])
    assert (mesh.entry("a").attempt, mesh.entry("a").attempts) == (1, ())


def test_the_node_is_asked_again_when_some_time_has_passed() -> None:
    mesh = DispatchHarness()
    n1 = mesh.node("n1")
    mesh.submit(a_spec("a"))
    mesh.hand_back(n1, "a", refused=True)
    assert (n1.tasks, mesh.phase("a")) == ([], Phase.RESTING)
    mesh.beat(n1)
    mesh.wait(REFUSAL_KEPT_S / 2)
    mesh.beat(n1)
    assert n1.tasks == []
    mesh.wait(REFUSAL_KEPT_S / 2)
    assert n1.tasks == ["a"]


def test_what_it_refuses_holds_up_nobody_else() -> None:
    mesh = DispatchHarness()
    n1 = mesh.node("n1", slots=1)
    mesh.submit(a_spec("a", priority=10), a_spec("b", priority=1))
    mesh.hand_back(n1, "a", refused=True)
    assert n1.tasks == ["b"]


def test_what_it_only_cannot_get_to_may_come_back_at_once() -> None:
    mesh = DispatchHarness()
    n1 = mesh.node("n1")
    mesh.submit(a_spec("a"))
    mesh.hand_back(n1, "a", reason="it waited for a long task")
    assert n1.tasks == ["a"]


def test_what_waits_for_a_long_task_comes_back_only_when_the_node_asks_for_more() -> None:
    mesh = DispatchHarness()
    n1 = mesh.node("n1", slots=1, ahead=3)
    mesh.submit(a_spec("long"), a_spec("a"), a_spec("b"))
    n1.ahead = 0
    n1.grant_anew()
    mesh.hand_back(n1, "a", "b", reason="it waited for a long task")
    assert n1.tasks == ["long"]
    mesh.complete(n1, "long")
    assert n1.tasks == ["a"]


def test_only_so_many_refusals_are_remembered() -> None:
    entry = Entry(1, a_spec("a"), 0.0, 0.0)
    for number in range(100):
        entry.note_refusal(f"n{number}", 1.0)
        entry.note_refusal(f"n{number}", 1.0)
    assert len(entry.refusals) == REFUSALS_MAX
    assert entry.refusals[-1] == ("n99", 1.0 + REFUSAL_KEPT_S)
    entry.forget_refusals(1.0 + REFUSAL_KEPT_S)
    assert not entry.refusals


@given(
    st.lists(st.integers(1, 3), min_size=1, max_size=5),
    st.integers(1, 12),
    st.lists(
        st.tuples(st.sampled_from(["refuse", "complete", "wait"]), st.integers(0, 99)), max_size=40
    ),
)
@quick(150)
def test_whoever_refuses_is_never_sent_more_than_granted_nor_the_same_at_once(
    nodes: list[int], tasks: int, story: list[tuple[str, int]]
) -> None:
    mesh = DispatchHarness()
    workers = [mesh.node(f"n{n}", slots=slots) for n, slots in enumerate(nodes)]
    mesh.submit(*(a_spec(f"t{n}") for n in range(tasks)))
    refused_at: dict[tuple[str, str], float] = {}

    def look() -> None:
        for worker in workers:
            seat = mesh.board.roster.by_node[worker.node_id]
            assert seat.sent <= seat.granted
            for task_id in worker.tasks:
                said = refused_at.get((worker.node_id, task_id))
                assert said is None or mesh.now >= said + REFUSAL_KEPT_S

    for step, number in story:
        worker = workers[number % len(workers)]
        if step == "wait":
            for other in workers:
                mesh.beat(other)
            mesh.wait(2.0)
        elif worker.tasks:
            task_id = worker.tasks[number % len(worker.tasks)]
            if step == "complete":
                mesh.complete(worker, task_id)
            else:
                refused_at[worker.node_id, task_id] = mesh.now
                mesh.hand_back(worker, task_id, refused=True)
        look()
    for _ in range(20):  # from now on everybody is willing
        for worker in workers:
            mesh.beat(worker)
            for task_id in worker.tasks:
                mesh.complete(worker, task_id)
        mesh.wait(1.0)
    assert mesh.board.entries == {}
