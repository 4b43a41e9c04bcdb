from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.machines import events
from cognitive_architecture.distributed_mesh.machines.candidates import why_blocked
from cognitive_architecture.distributed_mesh.machines.classes import IDLE_MAX
from cognitive_architecture.distributed_mesh.messages import Accepted, NodeRefused
from cognitive_architecture.distributed_mesh.model import Change, TaskSpec
from cognitive_architecture.foundation.settings import DispatchSettings
from tests.support.builders import a_spec
from tests.support.examples import quick
from tests.support.harness import ANN, DispatchHarness, Worker


def a_mesh(**nodes: dict[str, object]) -> tuple[DispatchHarness, dict[str, Worker]]:
    """One node for each name, with these metadata and ten slots."""
    mesh = DispatchHarness()
    return mesh, {
        name: mesh.node(name, slots=10, metadata=metadata) for name, metadata in nodes.items()
    }


class TestRequirements:
    def test_a_task_goes_only_to_a_node_that_is_as_required(self) -> None:
        mesh, nodes = a_mesh(n1={}, n2={"attributes": {"gpu": "rtx", "memory": 8}})
        mesh.submit(*(a_spec(name, requires=("memory >= 8",)) for name in "abc"))
        assert (nodes["n1"].tasks, nodes["n2"].tasks) == ([], ["a", "b", "c"])

    def test_one_that_no_node_meets_is_refused_with_the_reason_of_each(self) -> None:
        mesh, _ = a_mesh(n1={}, n2={"attributes": {"memory": 4}})
        mesh.submit(a_spec("a", requires=("memory >= 8",)))
        (said,) = [m for m in mesh.heard(ANN) if isinstance(m, Accepted)]
        ((_, fault),) = said.refused
        assert fault.sentence == (
            "task a fits no node "
            "(n1: is not what is required: memory >= 8 is not met: there is no memory; "
            "n2: is not what is required: memory >= 8 is not met: memory is 4)"
        )

    def test_one_may_wait_for_such_a_node(self) -> None:
        mesh, _ = a_mesh(n1={})
        mesh.submit(a_spec("a", requires=("has(gpu)",), wait_for_node=True))
        n2 = mesh.node("n2", metadata={"attributes": {"gpu": "rtx"}})
        assert n2.tasks == ["a"]

    def test_a_node_may_come_to_be_as_required(self) -> None:
        mesh, nodes = a_mesh(n1={})
        mesh.submit(a_spec("a", requires=("has(gpu)",), wait_for_node=True))
        mesh.arrive(nodes["n1"], metadata={"attributes": {"gpu": "rtx"}})
        assert nodes["n1"].tasks == ["a"]


class TestPreferences:
    def test_a_preferred_node_is_taken_as_long_as_it_is_not_much_busier(self) -> None:
        mesh, nodes = a_mesh(n1={}, n2={"attributes": {"gpu": "rtx"}})
        mesh.submit(*(a_spec(f"t{n:02}", prefers={"has(gpu)": 1.0}) for n in range(11)))
        # Weight 1 is worth a whole load: the cold one is taken when the other is full.
        assert (len(nodes["n1"].tasks), len(nodes["n2"].tasks)) == (1, 10)

    def test_one_that_nobody_meets_changes_nothing(self) -> None:
        mesh, nodes = a_mesh(n1={}, n2={})
        mesh.submit(a_spec("a", prefers={"has(gpu)": 5.0}), a_spec("b", prefers={"has(gpu)": 5.0}))
        assert (nodes["n1"].tasks, nodes["n2"].tasks) == (["a"], ["b"])


class TestRulesOfNodes:
    def test_a_node_serves_only_whom_its_rules_fit(self) -> None:
        mesh, nodes = a_mesh(n1={"rules": ['requester == "ann"']}, n2={"rules": ["priority >= 8"]})
        mesh.submit(
            a_spec("a", requester="ann"),
            a_spec("b", requester="bob", priority=9),
            a_spec("c", requester="bob", priority=1, wait_for_node=True),
        )
        assert (nodes["n1"].tasks, nodes["n2"].tasks) == (["a"], ["b"])
        reason = why_blocked(mesh.board, mesh.board.lane(mesh.entry("c").spec))
        assert 'n1 serves only tasks with requester == "ann"' in reason

    def test_requesters_that_no_rule_tells_apart_are_one_class(self) -> None:
        mesh, _ = a_mesh(n1={"rules": ['requester != "bob"']})
        mesh.submit(*(a_spec(f"t{n}", requester=f"r{n}") for n in range(100)))
        mesh.submit(a_spec("b", requester="bob", wait_for_node=True))
        assert len(mesh.board.lanes) == 2

    def test_a_rule_that_is_new_tells_waiting_tasks_apart(self) -> None:
        mesh = DispatchHarness()
        mesh.submit(
            a_spec("low", priority=1, wait_for_node=True),
            a_spec("high", priority=9, wait_for_node=True),
        )
        n1 = mesh.node("n1", slots=2, metadata={"rules": ["priority >= 8"]})
        assert n1.tasks == ["high"]
        n2 = mesh.node("n2", slots=2)
        assert n2.tasks == ["low"]

    def test_a_waiting_task_of_another_priority_may_be_served_by_others(self) -> None:
        mesh = DispatchHarness()
        n1 = mesh.node("n1", metadata={"rules": ["priority >= 8"]})
        mesh.submit(a_spec("first", priority=10))
        mesh.submit(a_spec("falls", priority=9), a_spec("stays", priority=8))
        mesh.feed(events.Reprioritised(Change(tasks={"falls": 2, "stays": 10})))
        mesh.complete(n1, "first")
        assert n1.tasks == ["stays"]
        mesh.complete(n1, "stays")
        assert n1.tasks == []
        mesh.feed(events.Reprioritised(Change(tasks={"falls": 8})))
        assert n1.tasks == ["falls"]

    def test_labels_are_looked_at_too(self) -> None:
        mesh, nodes = a_mesh(n1={"rules": ['labels.team == "red"']}, n2={})
        mesh.submit(*(a_spec(f"t{n}", labels={"team": "red"}) for n in range(2)), a_spec("b"))
        assert nodes["n1"].tasks == ["t0"]
        assert nodes["n2"].tasks == ["t1", "b"]

    def test_a_node_that_says_it_wrongly_is_not_let_in_and_told_why(self) -> None:
        mesh = DispatchHarness()
        n1 = mesh.node("n1", metadata={"rules": ["priority >"]})
        (said,) = [m for m in mesh.heard(n1.address) if isinstance(m, NodeRefused)]
        assert said.fault.sentence.startswith("rule 1: 'priority >', at its end: a value")
        assert len(mesh.board.roster) == 0


HAS_LLAMA = '(Evaluation (Predicate "runs") (List (Variable "$node") (Concept "llama")))'
RUNS_LLAMA = '(Evaluation (Predicate "runs") (List (Concept "n2") (Concept "llama")))'


class TestPatterns:
    def test_a_pattern_is_looked_for_among_the_atoms_of_the_node(self) -> None:
        mesh, nodes = a_mesh(n1={"atoms": '(Concept "llama")'}, n2={"atoms": RUNS_LLAMA}, n3={})
        mesh.submit(*(a_spec(name, pattern=HAS_LLAMA) for name in "abc"))
        assert nodes["n2"].tasks == ["a", "b", "c"]

    def test_the_atoms_of_the_task_count_too(self) -> None:
        pattern = f"""(And {HAS_LLAMA} (Inheritance (Variable "$node") (Concept "trusted")))"""
        mesh, nodes = a_mesh(n1={}, n2={"atoms": RUNS_LLAMA})
        mesh.submit(
            a_spec("a", pattern=pattern, wait_for_node=True),
            a_spec("b", pattern=pattern, atoms='(Inheritance (Concept "n2") (Concept "trusted"))'),
        )
        assert (nodes["n1"].tasks, nodes["n2"].tasks) == ([], ["b"])

    def test_variables_may_be_typed(self) -> None:
        typed = """(Meet (TypedVariable (Variable "$what") (Type "{}"))
                         (Inheritance (Variable "$what") (Concept "model")))"""
        mesh, nodes = a_mesh(n1={"atoms": '(Inheritance (Concept "llama") (Concept "model"))'})
        mesh.submit(
            a_spec("a", pattern=typed.format("Concept")),
            a_spec("b", pattern=typed.format("Predicate"), wait_for_node=True),
        )
        assert nodes["n1"].tasks == ["a"]

    def test_each_node_says_why_not(self) -> None:
        mesh, _ = a_mesh(n1={"atoms": '(Concept "llama")'}, n2={})
        mesh.submit(a_spec("a", pattern='(Concept "phi")', wait_for_node=True))
        said = why_blocked(mesh.board, mesh.board.lane(mesh.entry("a").spec))
        assert (
            'n1 is not what is required: nothing it declares looks like \'(Concept "phi")' in said
        )
        assert "n2 is not what is required: it declares no atoms" in said

    def test_a_pattern_that_takes_too_long_is_given_up(self) -> None:
        everybody = [f'(Concept "{n}")' for n in range(20)]
        atoms = " ".join(f"(Member {a} {b})" for a in everybody for b in everybody)
        steps = " ".join(f'(Member (Variable "$v{n}") (Variable "$v{n + 1}"))' for n in range(4))
        pattern = f"""(And {steps} (Absent (Member (Variable "$v0") (Variable "$v4"))))"""
        mesh, _ = a_mesh(n1={"atoms": atoms})
        mesh.submit(a_spec("a", pattern=pattern, wait_for_node=True))
        said = why_blocked(mesh.board, mesh.board.lane(mesh.entry("a").spec))
        assert said.endswith("among its atoms takes over 4,096 steps")


class TestAffinity:
    def test_a_story_returns_to_the_node_that_knows_it(self) -> None:
        mesh, nodes = a_mesh(n1={}, n2={})
        for number in range(6):
            story = "ab"[number % 2]
            mesh.submit(a_spec(f"t{number}", affinity=story))
        assert nodes["n1"].tasks == ["t0", "t2", "t4"]
        assert nodes["n2"].tasks == ["t1", "t3", "t5"]

    def test_but_not_when_it_is_much_busier(self) -> None:
        mesh, nodes = a_mesh(n1={}, n2={})
        mesh.submit(*(a_spec(f"t{number:02}", affinity="story") for number in range(12)))
        assert len(nodes["n1"].tasks) == 10
        assert len(nodes["n2"].tasks) == 2

    def test_its_weight_may_be_0(self) -> None:
        mesh, nodes = a_mesh(n1={}, n2={})
        mesh.board.matcher.set_score_weights(affinity=0.0)
        mesh.submit(*(a_spec(f"t{number}", affinity="story") for number in range(4)))
        assert (len(nodes["n1"].tasks), len(nodes["n2"].tasks)) == (2, 2)

    def test_a_node_may_be_said_to_have_something_at_hand(self) -> None:
        mesh, nodes = a_mesh(n1={}, n2={})
        mesh.board.matcher.set_affinity("n2", "echo", 1.0)
        mesh.submit(a_spec("a"), a_spec("b"))
        assert nodes["n2"].tasks == ["a", "b"]


class TestBounds:
    def test_so_many_kinds_of_tasks_may_wait_and_no_more(self) -> None:
        mesh = DispatchHarness(DispatchSettings(classes_max=3))
        mesh.submit(*(a_spec(f"t{n}", f"type-{n}", wait_for_node=True) for n in range(4)))
        (said,) = [m for m in mesh.heard(ANN) if isinstance(m, Accepted)]
        ((place, fault),) = said.refused
        assert place == 3
        assert fault.sentence.startswith("tasks of 3 kinds wait, the bound")

    def test_classes_that_nobody_uses_are_forgotten_but_the_last(self) -> None:
        mesh, nodes = a_mesh(n1={})
        for number in range(3 * IDLE_MAX):
            mesh.submit(a_spec(f"t{number}", requires=(f"{number} < 1000",)))
            mesh.complete(nodes["n1"], f"t{number}")
        mesh.wait(1.0)
        assert len(mesh.board.classes._indexes) <= IDLE_MAX


gpus = st.sampled_from(["rtx", "arc", None])
steps = st.lists(
    st.tuples(
        st.sampled_from(
            ["submit", "submit", "join", "lose", "complete", "fail", "beat", "back", "weigh"]
        ),
        st.integers(0, 5),
        gpus,
        st.sampled_from([(), ("priority >= 5",), ('requester == "ann"', "priority >= 3")]),
        st.floats(0.0, 1.0),
    ),
    max_size=60,
)  # fmt: skip


def a_wish(number: int, gpu: str | None, value: float) -> TaskSpec:
    return a_spec(
        "t",
        requires=(f'gpu == "{gpu}"',) if gpu and number % 2 else (),
        prefers={"has(gpu)": value + 0.1} if number % 3 == 0 else {},
        priority=1 + number,
        requester="ann" if number % 2 else None,
        affinity=f"story-{number % 3}" if number < 4 else None,
        wait_for_node=True,
    )


@given(steps)
@quick(120)
def test_whatever_happens_the_best_is_what_looking_at_every_node_finds(
    story: list[tuple[str, int, str | None, tuple[str, ...], float]],
) -> None:
    """The harness compares every lane with brute force after every step; see ``invariants``."""
    mesh = DispatchHarness()
    nodes: dict[int, Worker] = {}
    for count, (step, number, gpu, rules, value) in enumerate(story):
        node = nodes.get(number)
        if step == "submit":
            spec = a_wish(number, gpu, value)
            mesh.submit(a_spec(f"t{count}") if number == 5 else named(spec, f"t{count}"))
        elif step == "weigh":
            mesh.board.matcher.set_score_weights(load=2 * value, health=value, speed=1 - value)
            mesh.board.matcher.set_affinity(f"n{number}", "echo", value)
        elif step == "join" and node is None:
            said = {"attributes": {"gpu": gpu} if gpu else {}, "rules": list(rules)}
            nodes[number] = mesh.node(f"n{number}", slots=1 + number % 3, metadata=said)
        elif node is not None:
            if step == "lose":
                mesh.lose(nodes.pop(number))
            elif step == "beat":
                mesh.beat(node, health=value)
                mesh.wait(value)
            elif node.tasks:
                task_id = node.tasks[0]
                if step == "complete":
                    mesh.complete(node, task_id)
                elif step == "fail":
                    mesh.fail(node, task_id)
                elif step == "back":
                    mesh.hand_back(node, task_id)


def named(spec: TaskSpec, task_id: str) -> TaskSpec:
    return TaskSpec(task_id, *(getattr(spec, field) for field in spec.__struct_fields__[1:]))
