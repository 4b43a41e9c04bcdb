"""How many attempts at once, for a node that can do only so many well."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.policies.concurrency import Concurrency

SLOTS = 64


def worked(
    concurrency: Concurrency, attempts: int, *, can: int, offered: int = SLOTS, run_s: float = 0.1
) -> int:
    """A node that does ``can`` attempts at once at full speed, and more only slower; its limit."""
    for _ in range(attempts):
        at_once = min(offered, concurrency.limit)
        concurrency.observe("echo", run_s * max(1.0, at_once / can), at_once=at_once)
    return concurrency.limit


def test_a_node_that_can_do_all_it_has_slots_for_keeps_them() -> None:
    assert worked(Concurrency(SLOTS), 2000, can=SLOTS) == SLOTS


def test_a_node_that_is_overloaded_takes_less_and_not_too_little() -> None:
    concurrency = Concurrency(SLOTS)
    worked(concurrency, 100, can=8, offered=4)  # what is usual is known from quiet times

    limit = worked(concurrency, 2000, can=8)

    assert 8 <= limit <= 32


def test_when_it_is_quicker_again_it_takes_more_again() -> None:
    concurrency = Concurrency(SLOTS)
    worked(concurrency, 100, can=8, offered=4)
    low = worked(concurrency, 2000, can=8)

    assert worked(concurrency, 2000, can=SLOTS) > low


def test_longer_tasks_of_another_kind_are_no_overload() -> None:
    concurrency = Concurrency(SLOTS)
    for number in range(2000):
        capability, run_s = ("short", 0.01) if number % 2 else ("long", 10.0)
        concurrency.observe(capability, run_s, at_once=SLOTS)

    assert concurrency.limit == SLOTS


def test_names_that_requesters_make_up_take_bounded_room() -> None:
    concurrency = Concurrency(SLOTS)
    for number in range(10_000):
        concurrency.observe(f"made up {number}", 1.0, at_once=1)

    assert len(concurrency._durations) == 256


@given(
    st.integers(1, 100),
    st.lists(st.tuples(st.floats(0.0, 1e6), st.integers(1, 200)), max_size=200),
)
def test_whatever_comes_the_limit_is_from_one_to_the_slots(
    slots: int, attempts: list[tuple[float, int]]
) -> None:
    concurrency = Concurrency(slots)
    for run_s, at_once in attempts:
        concurrency.observe("echo", run_s, at_once=at_once)
        assert 1 <= concurrency.limit <= slots
