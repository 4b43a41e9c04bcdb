"""Whatever comes in, in whatever order, goes out smallest first."""

from __future__ import annotations

import heapq

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.machines.nearly_sorted import NearlySorted


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


@given(st.lists(st.integers(0, 20), max_size=40), st.integers(0, 20))
def test_what_is_not_kept_is_gone(numbers: list[int], least: int) -> None:
    ours: NearlySorted[tuple[int]] = NearlySorted()
    for number in numbers:
        ours.push((number,))
    ours.keep(lambda item: item[0] >= least)
    assert [ours.pop() for _ in range(len(ours))] == sorted(
        (number,) for number in numbers if number >= least
    )


def test_nothing_can_be_taken_out_of_nothing() -> None:
    with pytest.raises(IndexError):
        NearlySorted[tuple[int]]().pop()
