from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.machines import seating
from cognitive_architecture.distributed_mesh.machines.candidates import explain_placement
from cognitive_architecture.distributed_mesh.machines.entry import Entry
from tests.support.builders import a_spec
from tests.support.examples import quick
from tests.support.harness import DispatchHarness


def test_of_each_node_it_is_said_what_speaks_for_and_against_it() -> None:
    mesh = DispatchHarness()
    mesh.node("n1", slots=2, metadata={"attributes": {"gpu": "rtx"}})
    mesh.node("n2", "sum")
    n3 = mesh.node("n3")
    mesh.submit(a_spec("a", requires=("has(gpu)",)), a_spec("b"))
    n3.is_deaf = True
    first, second, third = explain_placement(
        mesh.board, a_spec("c", prefers={"has(gpu)": 1.0}, affinity="s")
    )
    assert (first.node_id, first.refusal, first.waiting_for) == ("n1", None, None)
    assert first.factors == {
        "fit": 1.0,
        "load": 1 / 1.5,
        "success": 1.0,
        "speed": 1.0,
        "health": 1.0,
        "affinity": 1.0,
    }
    assert first.score == 1 / 1.5
    assert (second.node_id, second.waiting_for) == ("n3", "has no room: 1 task for 1 slot")
    assert second.factors["fit"] == 0.5
    assert (third.node_id, third.refusal, third.score) == ("n2", "does not offer echo", 0.0)


def test_why_a_node_that_can_is_not_given_it_now() -> None:
    mesh = DispatchHarness()
    mesh.node("n1", slots=9)
    for name in ("n2", "n3", "n4"):
        mesh.node(name)
    seats = mesh.board.roster.by_node
    seats["n2"].is_draining = True
    seating.withhold(mesh.board, seats["n3"], "it came and went 4 times")
    entry = Entry(1, a_spec("a"), 0.0, 0.0)
    entry.note_refusal("n4", mesh.now)
    said = {
        one.node_id: one.waiting_for for one in explain_placement(mesh.board, entry.spec, entry)
    }
    assert said == {
        "n1": None,
        "n2": "is draining",
        "n3": "is sent nothing for now: it came and went 4 times",
        "n4": "refused it a moment ago",
    }


@given(
    st.lists(
        st.tuples(st.integers(1, 4), st.floats(0.0, 1.0), st.sampled_from(["echo", "sum"])),
        max_size=6,
    ),
    st.lists(st.sampled_from(["a", "b", None]), max_size=12),
    st.floats(0.0, 3.0),
)
@quick(100)
def test_the_first_of_them_is_the_one_that_gets_the_task(
    nodes: list[tuple[int, float, str]], stories: list[str | None], weight: float
) -> None:
    mesh = DispatchHarness()
    mesh.board.matcher.set_score_weights(load=weight, affinity=3.0 - weight)
    for number, (slots, health, offers) in enumerate(nodes):
        mesh.beat(mesh.node(f"n{number}", offers, slots=slots), health=health)
    for number, story in enumerate(stories):
        spec = a_spec(f"t{number}", affinity=story, wait_for_node=True)
        expected = [
            one.node_id
            for one in explain_placement(mesh.board, spec)
            if one.refusal is None and one.waiting_for is None
        ]
        mesh.submit(spec)
        seat = mesh.entry(spec.task_id).seat
        assert (seat and seat.node_id) == (expected[0] if expected else None)
