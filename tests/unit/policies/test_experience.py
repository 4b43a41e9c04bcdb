import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.policies import experience as module
from cognitive_architecture.distributed_mesh.policies.experience import Experience
from tests.support.examples import quick


def experienced(*runs: tuple[str, float], times: int = 10) -> Experience:
    """Nodes that ran ``echo`` so long, often."""
    found = Experience()
    for node_id, run_s in runs:
        found.note_run(node_id, run_s, "echo", times=times)
    found.settle_medians()
    return found


class TestSuccess:
    def test_a_stranger_is_worth_a_try(self) -> None:
        assert Experience().success("n1", "echo") == 1.0

    def test_every_failure_makes_it_less_so_and_success_brings_it_back(self) -> None:
        known = Experience()
        seen = []
        for success in (0.0, 0.0, 0.0, *([1.0] * 30)):
            known.note_success("n1", success, "echo", times=1)
            seen.append(known.success("n1", "echo"))
        assert seen[:3] == sorted(seen[:3], reverse=True)
        assert seen[2] < 0.7
        assert seen[-1] > 0.97

    def test_of_equal_records_the_one_with_less_evidence_may_be_better(self) -> None:
        known = Experience()
        known.note_success("old", 0.6, "echo", times=100)
        known.note_success("new", 0.6, "echo", times=1)
        gap = known.success("new", "echo") - known.record("new", "echo")
        assert gap > known.success("old", "echo") - known.record("old", "echo") > 0.0

    def test_a_node_of_which_something_else_is_known_is_judged_by_its_general_record(self) -> None:
        known = Experience()
        known.note_success("n1", 0.0, None, times=50)
        assert known.success("n1", "echo") < 0.2

    @given(st.lists(st.floats(0.0, 1.0), max_size=60))
    @quick(100)
    def test_the_word_follows_the_record_and_every_step_of_it_is_told(
        self, outcomes: list[float]
    ) -> None:
        known = Experience()
        for outcome in outcomes:
            position, before = known.changes.from_here(), known.success("n1", "echo")
            known.note_success("n1", outcome, "echo", times=1)
            now = known.success("n1", "echo")
            assert (known.changes.since(position) == ["n1"]) == (now != before)
            assert known.record("n1", "echo") - 0.01 <= now <= 1.0


class TestSpeed:
    def test_a_stranger_is_like_the_median(self) -> None:
        assert experienced(("n1", 1.0)).speed("n2", "echo") == 1.0

    def test_twice_as_fast_is_a_third_better_and_never_more_than_twice(self) -> None:
        known = experienced(("fast", 0.49), ("usual", 0.99), ("slow", 1.99), ("instant", 0.0))
        median = (0.5 + 1.0) / 2
        assert known.speed("fast", "echo") == pytest.approx(2 / (1 + 0.5 / median))
        assert known.speed("slow", "echo") == pytest.approx(2 / (1 + 2.0 / median))
        assert 1.9 < known.speed("instant", "echo") < 2.0

    def test_differences_below_the_grain_are_noise(self) -> None:
        known = experienced(("n1", 0.0001), ("n2", 0.0004))
        assert known.speed("n1", "echo") == pytest.approx(known.speed("n2", "echo"), rel=0.02)

    def test_a_run_counts_less_when_others_follow(self) -> None:
        known = experienced(("n1", 1.0), ("n2", 1.0))
        known.note_run("n1", 3.0, "echo", times=1)
        once = known.speed("n1", "echo")
        known.note_run("n1", 3.0, "echo", times=30)
        assert known.speed("n1", "echo") < once < 1.0

    def test_a_median_is_taken_anew_when_enough_nodes_have_moved(self) -> None:
        known = experienced(*((f"n{n}", 1.0) for n in range(100)))
        before = known.speed("n0", "echo")
        for number in range(5):
            known.note_run(f"n{number}", 9.0, "echo", times=99)
            known.settle_medians()
        assert known.speed("n99", "echo") == before == 1.0
        for number in range(5, 60):
            known.note_run(f"n{number}", 9.0, "echo", times=99)
        known.settle_medians()
        assert known.speed("n99", "echo") > 1.7

    def test_a_median_that_moves_is_told_to_all(self) -> None:
        known = experienced(("n1", 1.0), ("n2", 1.0))
        position = known.changes.from_here()
        known.note_run("n1", 5.0, "echo", times=50)
        known.note_run("n2", 5.0, "echo", times=50)
        known.settle_medians()
        assert known.changes.since(position) is None


class TestMemory:
    def test_what_is_forgotten_is_a_stranger_again(self) -> None:
        known = experienced(("n1", 1.0))
        known.note_success("n1", 0.0, "echo", times=9)
        known.forget("n1")
        assert (known.success("n1", "echo"), known.speed("n1", "echo")) == (1.0, 1.0)

    def test_only_so_many_nodes_are_remembered(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "NODES_MAX", 3)
        known = Experience()
        for number in range(10):
            known.note_success(f"n{number}", 0.0, "echo", times=9)
        strangers = [n for n in range(10) if known.success(f"n{n}", "echo") == 1.0]
        assert strangers == list(range(7))
        assert len(known.changes) <= 6
