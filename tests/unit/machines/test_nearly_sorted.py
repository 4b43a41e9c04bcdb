"""Whatever comes in, in whatever order, goes out smallest first."""

from __future__ import annotations

import heapq
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.machines.nearly_sorted import NearlySorted
from tests.support.examples import quick


@given(st.lists(st.integers(-5, 20) | st.none(), max_size=60))
def test_it_gives_what_a_heap_gives(moves: list[int | None]) -> None:
    """A number is put in, ``None`` takes the smallest out."""
    ours: NearlySorted[tuple[int]] = NearlySorted()
    heap: list[tuple[int]] = []
    for move in moves:
        if move is not None:
            ours.push((move,))
            heapq.heappush(heap, (move,))
        elif heap:
            assert ours.pop() == heapq.heappop(heap)
        assert ours.first == (heap[0] if heap else None)
        assert len(ours) == len(heap)
        assert sorted(ours) == sorted(heap)


steps = st.one_of(
    st.tuples(st.just("push"), st.integers(-5, 20)),
    st.tuples(st.just("push all"), st.lists(st.integers(-5, 20), max_size=8)),
    st.tuples(st.just("drop"), st.integers(0, 100)),
    st.tuples(st.just("pop")),
    st.tuples(st.just("sweep"), st.integers(1, 5)),
)


@given(st.lists(steps, max_size=80))
@quick(300)
def test_what_is_wanted_goes_in_order_whatever_is_swept_meanwhile(
    steps: list[tuple[Any, ...]],
) -> None:
    ours: NearlySorted[tuple[int, int]] = NearlySorted()
    wanted: set[tuple[int, int]] = set()
    serials = count()

    def first() -> tuple[int, int] | None:
        while (item := ours.first) is not None and item not in wanted:
            assert ours.pop() == item
        return item

    for step in steps:
        match step:
            case ("push", number):
                item = number, next(serials)
                wanted.add(item)
                ours.push(item)
            case ("push all", numbers):
                items = [(number, next(serials)) for number in numbers]
                wanted |= set(items)
                ours.push_all(items)
            case ("drop", place) if wanted:
                wanted.remove(sorted(wanted)[place % len(wanted)])
            case ("pop",) if first() is not None:
                assert ours.pop() == min(wanted)
                wanted.remove(min(wanted))
            case ("sweep", looks):
                ours.sweep(wanted.__contains__, looks, most=2 * len(wanted))
            case _:
                pass  # there is nothing to drop or to take
        assert sorted(item for item in ours if item in wanted) == sorted(wanted)
        assert len(ours) == len(list(ours))
        assert first() == min(wanted, default=None)


@given(st.lists(st.integers(0, 20), min_size=3, max_size=40), st.integers(0, 20))
def test_what_is_not_wanted_is_gone_after_a_sweep(numbers: list[int], least: int) -> None:
    """But for one at the end of the run."""
    ours: NearlySorted[tuple[int]] = NearlySorted()
    ours.push_all((number,) for number in numbers)
    for _ in range(len(numbers)):
        ours.sweep(lambda item: item[0] >= least, 1, most=0)
    left = [ours.pop()[0] for _ in range(len(ours))]
    assert [n for n in left if n >= least] == sorted(n for n in numbers if n >= least)
    assert len([n for n in left if n < least]) <= 1


def test_a_sweep_looks_at_a_few_items_only() -> None:
    ours: NearlySorted[tuple[int]] = NearlySorted()
    ours.push_all((number,) for number in [*range(1000), *range(1000)])
    looked_at: list[tuple[int]] = []

    def is_wanted(item: tuple[int]) -> bool:
        looked_at.append(item)
        return False

    ours.sweep(is_wanted, 10, most=2000)
    assert len(looked_at) == 0
    ours.sweep(is_wanted, 10, most=1999)
    assert len(looked_at) == 10


def test_nothing_can_be_taken_out_of_nothing() -> None:
    with pytest.raises(IndexError):
        NearlySorted[tuple[int]]().pop()
