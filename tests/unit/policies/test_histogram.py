"""Histograms against the values they have counted."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.policies.histogram import (
    Histogram,
    Trend,
    bucket_of,
    merged,
    middle_of,
)

ERROR = 0.125
IN_RANGE = st.floats(2.0**-20, 2.0**20, exclude_max=True)


@given(IN_RANGE)
def test_the_middle_of_its_bucket_stands_for_a_value(value: float) -> None:
    assert middle_of(bucket_of(value)) == pytest.approx(value, rel=ERROR + 1e-9)


@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_buckets_are_in_the_order_of_their_values(one: float, other: float) -> None:
    low, high = sorted((one, other))

    assert bucket_of(low) <= bucket_of(high)


@given(st.lists(IN_RANGE, min_size=1, max_size=200), st.floats(0.0, 1.0))
def test_a_quantile_is_that_of_the_sorted_values_within_the_error(
    values: list[float], share: float
) -> None:
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    true = sorted(values)[max(1, math.ceil(share * len(values))) - 1]

    assert histogram.quantile(share) == pytest.approx(true, rel=ERROR + 1e-9)
    assert histogram.count == len(values)
    assert histogram.mean == pytest.approx(sum(values) / len(values))
    assert histogram.largest == max(values)


@given(st.lists(st.lists(IN_RANGE, max_size=50), max_size=5))
def test_merged_is_the_histogram_of_all_values(groups: list[list[float]]) -> None:
    several = []
    together = Histogram()
    for group in groups:
        one = Histogram()
        for value in group:
            one.add(value)
            together.add(value)
        several.append(one)

    whole = merged(several)

    assert whole.count == together.count
    assert whole.total == pytest.approx(together.total)
    assert [whole.quantile(share / 10) for share in range(11)] == [
        together.quantile(share / 10) for share in range(11)
    ]


def test_what_was_long_ago_fades() -> None:
    histogram = Histogram(fade_at=64)
    for _ in range(1000):
        histogram.add(100.0)
    for _ in range(200):
        histogram.add(1.0)

    assert histogram.count < 64
    assert histogram.quantile(0.5) == pytest.approx(1.0, rel=ERROR)
    assert histogram.mean == pytest.approx(1.0, rel=0.5)


def test_of_nothing_everything_is_zero() -> None:
    assert Histogram().to_json() == {
        "count": 0, "mean": 0.0, "max": 0.0, "p50": 0.0, "p90": 0.0, "p99": 0.0
    }  # fmt: skip


@pytest.mark.parametrize("value", [0.0, -1.0, -math.inf])
def test_what_no_duration_can_be_counts_as_the_shortest(value: float) -> None:
    assert bucket_of(value) == 0


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.5, 3.0]), st.integers(1, 150)), max_size=20))
def test_a_trend_counts_what_stays_the_same_as_often_as_it_was_told(
    runs: list[tuple[float, int]],
) -> None:
    trend, histogram = Trend(fade_at=math.inf), Histogram()
    for value, times in runs:
        for _ in range(times):
            trend.note(value)
            histogram.add(value)

    assert trend.look().to_json() == pytest.approx(histogram.to_json())
