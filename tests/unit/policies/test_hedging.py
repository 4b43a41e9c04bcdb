"""What is late, and how much may be done about it."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.policies.hedging import (
    SAVED_MAX,
    HedgeBudget,
    late_from_s,
    lateness,
)
from cognitive_architecture.distributed_mesh.policies.histogram import Histogram
from tests.support.examples import quick


def usual_of(*runs: float) -> Histogram:
    usual = Histogram()
    for run_s in runs:
        usual.add(run_s)
    return usual


class TestLateness:
    def test_nothing_is_late_before_it_is_known_what_is_usual(self) -> None:
        usual = usual_of(*[1.0] * 19)

        assert late_from_s(usual, samples_min=20, factor=2.0, floor_s=2.0) == math.inf
        usual.add(1.0)
        assert late_from_s(usual, samples_min=20, factor=2.0, floor_s=2.0) < 3.0

    def test_short_tasks_are_not_late_before_the_floor(self) -> None:
        usual = usual_of(*[0.001] * 100)

        assert late_from_s(usual, samples_min=20, factor=2.0, floor_s=2.0) == 2.0

    def test_the_slowest_of_twenty_do_not_move_the_limit(self) -> None:
        quick_ones = [1.0] * 96
        limit = late_from_s(usual_of(*quick_ones), samples_min=20, factor=2.0, floor_s=0.1)

        with_slow = late_from_s(
            usual_of(*quick_ones, *[1000.0] * 4), samples_min=20, factor=2.0, floor_s=0.1
        )

        assert with_slow <= 1.2 * limit

    def test_the_sentence_names_what_decided(self) -> None:
        usual = usual_of(*[1.0] * 50)
        from_s = late_from_s(usual, samples_min=20, factor=2.0, floor_s=0.1)

        assert lateness(from_s - 0.01, usual, from_s=from_s) is None
        found = lateness(7.0, usual, from_s=from_s)

        assert found is not None
        assert found.sentence == "not done after 7.0 s; 95 of 100 such attempts take 1 s at most"
        assert found.evidence["samples"] == 50


class TestBudget:
    @quick(200)
    @given(
        share=st.sampled_from([0.0, 0.02, 0.1, 0.3, 1.0]),
        reports=st.lists(st.integers(0, 400), max_size=60),
    )
    def test_no_more_is_begun_than_the_share_of_what_was_accepted(
        self, share: float, reports: list[int]
    ) -> None:
        budget = HedgeBudget(share)
        accepted = begun = 0
        for times in reports:
            budget.succeeded(times)
            accepted += times
            while budget.has_any:
                budget.spend()
                begun += 1

            assert begun <= share * accepted + 1e-6
            # All at once cannot save up more than the most; this spends whenever it can.
            if max(reports) * share <= SAVED_MAX / 2:
                assert begun > share * accepted - 1.0 - 1e-6

    def test_a_good_year_does_not_pay_for_a_storm(self) -> None:
        budget = HedgeBudget(0.02)
        budget.succeeded(1_000_000_000)

        begun = 0
        while budget.has_any:
            budget.spend()
            begun += 1

        assert begun == SAVED_MAX
