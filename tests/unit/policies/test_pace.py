import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.policies.pace import Pace
from tests.support.examples import quick


def a_pace(*run_s: float, lookahead_s: float = 0.02, lookahead_max: int = 1024) -> Pace:
    pace = Pace(lookahead_s, lookahead_max)
    for seconds in run_s:
        pace.observe(seconds)
    return pace


def test_a_node_that_has_not_worked_yet_fetches_nothing_ahead() -> None:
    assert a_pace().lookahead(8) == 0


@pytest.mark.parametrize(
    ("run_s", "slots", "ahead"),
    [
        (0.001, 1, 20),
        (0.001, 4, 80),
        (0.02, 1, 1),
        (0.021, 1, 0),
        (0.1, 1, 0),
        (0.1, 8, 1),
        (300.0, 8, 0),
    ],
)
def test_it_fetches_what_can_be_done_within_the_lookahead(
    run_s: float, slots: int, ahead: int
) -> None:
    assert a_pace(run_s).lookahead(slots) == ahead


def test_it_never_fetches_more_than_the_most() -> None:
    assert a_pace(0.0).lookahead(1) == 1024
    assert a_pace(0.0, lookahead_max=7).lookahead(64) == 7


def test_a_longer_attempt_is_believed_at_once() -> None:
    assert a_pace(*[0.001] * 100).lookahead(1) == 20
    assert a_pace(*[0.001] * 100, 10.0).lookahead(1) == 0


def test_shorter_attempts_are_believed_slowly() -> None:
    pace = a_pace(0.1, 0.001)
    assert pace.lookahead(1) == 0
    for _ in range(100):
        pace.observe(0.001)
    assert pace.lookahead(1) == 1
    for _ in range(1000):
        pace.observe(0.001)
    assert pace.lookahead(1) == 19


def test_without_lookahead_nothing_is_fetched() -> None:
    assert a_pace(0.001, lookahead_s=0.0).lookahead(8) == 0


@given(
    st.lists(st.floats(0.0, 1e4)), st.integers(0, 1000), st.floats(0.0, 10.0), st.integers(0, 10**5)
)
@quick(200)
def test_it_is_never_negative_and_never_above_the_most(
    run_s: list[float], slots: int, lookahead_s: float, lookahead_max: int
) -> None:
    pace = a_pace(*run_s, lookahead_s=lookahead_s, lookahead_max=lookahead_max)
    assert 0 <= pace.lookahead(slots) <= lookahead_max
