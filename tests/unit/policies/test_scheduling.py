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


def test_a_level_is_worth_as_much_as_one_of_priority() -> None:
    assert ORDER.key(a_spec(priority=5), waiting_since=7.0, levels=2.0) == key(7, 7.0)


@given(st.floats(0.0, 1e6), st.floats(1.0, 1e6), st.floats(0.0, 3600.0))
@quick(200)
def test_with_its_lead_left_a_deadline_is_as_urgent_as_a_fresh_task_of_priority_10(
    since: float, deadline_s: float, lead_s: float
) -> None:
    order = AgeingOrder(ageing_s=30.0, deadline_lead_s=lead_s)
    spec = a_spec(priority=1, deadline_s=deadline_s)
    by_deadline = order.key(a_spec(priority=10), waiting_since=since + deadline_s - lead_s)
    by_priority = order.key(a_spec(priority=1), waiting_since=since)
    expected = min(by_deadline, by_priority)
    assert abs(order.key(spec, waiting_since=since) - expected) < 1e-6


@given(priorities, instants, instants, st.floats(0.001, 86_400.0))
@quick(200)
def test_whoever_is_waited_for_goes_before_everybody_else(
    priority: int, since: float, other_since: float, target_s: float
) -> None:
    waited_for = a_spec(priority=1, latency_target_s=target_s)
    other = a_spec(priority=priority, deadline_s=0.001)
    assert ORDER.key(waited_for, waiting_since=since) < ORDER.key(other, waiting_since=other_since)


def test_of_two_that_are_waited_for_the_one_goes_first_whose_target_comes_first() -> None:
    soon, late = a_spec(latency_target_s=1.0), a_spec(latency_target_s=5.0)
    assert ORDER.key(soon, waiting_since=3.0) < ORDER.key(late, waiting_since=0.0)
    assert ORDER.key(soon, waiting_since=5.0) > ORDER.key(late, waiting_since=0.0)
