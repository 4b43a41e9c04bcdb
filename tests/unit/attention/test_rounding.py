import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.attention.errors import InvalidAmount
from cognitive_architecture.attention.focus import attention_probability, focus_of
from cognitive_architecture.attention.rounding import apportion, largest
from cognitive_architecture.attention.units import AMOUNT_MAX, MICRO, micro, real, whole
from tests.support.examples import quick

totals = st.integers(0, AMOUNT_MAX)


@quick(100)
@given(totals, st.lists(st.integers(0, 2**40), min_size=1, max_size=30), st.data())
def test_parts_add_up_are_near_and_know_no_order(
    total: int, weights: list[int], data: st.DataObject
) -> None:
    keys = np.arange(len(weights))
    parts = apportion(total, np.array(weights), keys)
    if not any(weights):
        assert not parts.any()
        return
    assert int(parts.sum()) == total
    assert (parts >= 0).all()
    for part, weight in zip(parts.tolist(), weights, strict=True):
        assert abs(part * sum(weights) - total * weight) <= 1.5 * sum(weights)
    order = np.array(data.draw(st.permutations(range(len(weights)))))
    assert apportion(total, np.array(weights)[order], keys[order]).tolist() == parts[order].tolist()


def test_equal_remainders_go_to_the_older() -> None:
    assert apportion(2, np.array([1, 1, 1]), np.array([3, 1, 2])).tolist() == [0, 1, 1]


def test_nothing_larger_than_there_can_be() -> None:
    with pytest.raises(InvalidAmount, match="total"):
        apportion(AMOUNT_MAX + 1, np.array([1]), np.array([0]))


@quick(100)
@given(st.lists(st.integers(-3, 3), max_size=30), st.integers(-1, 31))
def test_the_largest_are_those_of_a_sort(values: list[int], count: int) -> None:
    keys = np.arange(len(values))
    found = sorted(largest(np.array(values, dtype=np.int64), keys, count).tolist())
    best = sorted(range(len(values)), key=lambda place: (-values[place], place))
    assert found == sorted(best[: max(0, count)])


class TestFocus:
    def test_nobody(self) -> None:
        focus = focus_of(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), 5)
        assert focus.boundary == 0
        assert 3 not in focus

    def test_who_is_in_it(self) -> None:
        focus = focus_of(np.array([4, 7, 9]), np.array([5, 5, 8]), 2)
        assert (4 in focus, 7 in focus, 9 in focus, 99 in focus) == (True, False, True, False)
        assert focus.boundary == 5

    def test_how_likely(self) -> None:
        found = attention_probability(np.array([0.0, 10.0, 20.0]), 10, 0.1)
        assert found.tolist() == pytest.approx([0.119203, 0.5, 0.880797], abs=1e-6)
        steps = attention_probability(np.array([0.0, 10.0]), 10, math.inf)
        assert steps.tolist() == [0, 1]


class TestUnits:
    def test_the_nearest_micro(self) -> None:
        assert micro(1.0000004) == MICRO
        assert micro(-2) == -2 * MICRO

    @pytest.mark.parametrize("amount", [math.nan, math.inf, -math.inf, 1e18, True, "1", None])
    def test_no_amount(self, amount: object) -> None:
        with pytest.raises(InvalidAmount, match="a number of STI"):
            micro(amount)  # type: ignore[arg-type]

    @pytest.mark.parametrize("values", [[math.nan], [0.5], ["a"], [[1]], [2**70], [None], object()])
    def test_no_whole_numbers(self, values: list[int]) -> None:
        with pytest.raises(InvalidAmount, match="amounts"):
            whole(values, "amounts")

    @pytest.mark.parametrize("values", [[math.nan], ["a"], [[1.0], [2.0, 3.0]], [7]])
    def test_no_reals(self, values: list[float]) -> None:
        with pytest.raises(InvalidAmount, match="shares"):
            real(values, "shares", low=0, high=1)

    def test_nothing_is_fine(self) -> None:
        assert whole([], "amounts").tolist() == []
        assert real([], "shares").tolist() == []
