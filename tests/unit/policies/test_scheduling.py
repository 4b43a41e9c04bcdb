from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.model import PRIORITY_MAX, PRIORITY_MIN
from cognitive_architecture.distributed_mesh.policies.scheduling import AgeingOrder
from tests.support.builders import a_spec
from tests.support.examples import quick

ORDER = AgeingOrder(ageing_s=30.0)

priorities = st.integers(PRIORITY_MIN, PRIORITY_MAX)
instants = st.floats(0.0, 1e7)


def key(priority: int, waiting_since: float) -> float:
    return ORDER.key(a_spec(priority=priority), waiting_since=waiting_since)


def urgency(priority: int, waiting_since: float, *, now: float) -> float:
    """The formula of the docstring, written down a second time."""
    return priority + (now - waiting_since) / ORDER.ageing_s


def test_of_two_that_wait_equally_long_the_more_urgent_goes_first() -> None:
    assert key(10, 100.0) < key(5, 100.0) < key(1, 100.0)


def test_of_two_that_are_equally_urgent_the_older_goes_first() -> None:
    assert key(5, 99.0) < key(5, 100.0)


def test_nine_levels_are_made_up_for_by_nine_times_the_ageing_time() -> None:
    assert key(1, 0.0) == key(10, 270.0)
    assert key(1, 0.0) < key(10, 270.1)
    assert key(1, 0.0) > key(10, 269.9)


def test_the_number_is_the_instant_at_which_priority_0_would_be_as_urgent() -> None:
    assert key(4, 1000.0) == 880.0


@given(priorities, priorities, instants, instants, st.floats(0.0, 1e7))
@quick(300)
def test_the_order_of_keys_is_the_order_of_urgency_at_any_time(
    p: int, q: int, since_p: float, since_q: float, later: float
) -> None:
    now = max(since_p, since_q) + later
    difference = urgency(p, since_p, now=now) - urgency(q, since_q, now=now)
    if abs(difference) > 1e-6:  # closer than floats can tell
        assert (key(p, since_p) < key(q, since_q)) == (difference > 0)


@given(priorities, instants, priorities, st.floats(0.0, 1e6))
@quick(300)
def test_nothing_is_overtaken_by_what_comes_later_than_the_stated_bound(
    priority: int, since: float, other: int, beyond: float
) -> None:
    bound_s = (PRIORITY_MAX - priority) * ORDER.ageing_s
    assert key(other, since + bound_s + beyond) >= key(priority, since)


@given(st.integers(PRIORITY_MIN, PRIORITY_MAX - 1), st.floats(0.0, 1e6), st.floats(0.01, 0.99))
@quick(200)
def test_the_bound_is_tight(priority: int, since: float, share: float) -> None:
    bound_s = (PRIORITY_MAX - priority) * ORDER.ageing_s
    assert key(PRIORITY_MAX, since + share * bound_s) < key(priority, since)
