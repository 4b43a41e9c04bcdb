"""What attempts cost."""

import math

import pytest

from cognitive_architecture.distributed_mesh.policies.charging import (
    COSTS_PER_S,
    Charges,
    cost_of_run,
)
from cognitive_architecture.foundation.settings import ShareSettings
from tests.support.builders import a_spec


def charges(**settings: object) -> Charges:
    return Charges(ShareSettings.model_validate(settings))


def test_a_second_of_a_slot_is_a_million() -> None:
    assert cost_of_run(1.0) == COSTS_PER_S


@pytest.mark.parametrize("run_s", [0.0, -1.0, math.nan, math.inf, -math.inf, 1e300])
def test_what_is_no_duration_costs_as_little_as_can_be(run_s: float) -> None:
    assert cost_of_run(run_s) == 1


class TestReserves:
    def test_the_first_of_a_type_is_reserved_what_the_settings_say(self) -> None:
        assert charges(first_cost_s=0.25).reserve(a_spec()) == 250_000

    def test_later_ones_what_those_before_cost_on_average(self) -> None:
        known = charges()
        known.observe("echo", 6.0, 6_000_000, most=3_000_000, times=3)
        assert known.reserve(a_spec()) == 2_000_000
        assert known.reserve(a_spec(task_type="sum")) == 100_000

    def test_what_the_task_declares_goes_before_the_average(self) -> None:
        known = charges()
        known.observe("echo", 2.0, 2_000_000, most=2_000_000, times=1)
        assert known.reserve(a_spec(cost_s=0.5)) == 500_000

    def test_a_price_goes_before_everything(self) -> None:
        assert charges(prices={"echo": 3.0}).reserve(a_spec(cost_s=0.5)) == 3_000_000

    def test_the_average_follows_what_is_new(self) -> None:
        known = charges()
        known.observe("echo", 1.0, 1_000_000, most=1_000_000, times=1)
        for _ in range(100):
            known.observe("echo", 2.0, 2_000_000, most=2_000_000, times=1)
        assert known.reserve(a_spec()) == pytest.approx(2_000_000, rel=1e-3)

    def test_of_very_many_types_the_one_longest_known_is_forgotten(self) -> None:
        known = charges()
        for number in range(10_001):
            known.observe(f"t{number}", 1.0, 1_000_000, most=1_000_000, times=1)
        assert known.durations("t0") is None
        assert known.durations("t1") is not None


class TestTheMost:
    def test_is_the_largest_so_far(self) -> None:
        known = charges()
        assert known.most(a_spec()) == known.reserve(a_spec())
        known.observe("echo", 6.0, 6_000_000, most=4_000_000, times=3)
        assert known.most(a_spec()) == 4_000_000
        assert known.most(a_spec(task_type="sum")) == 100_000

    def test_is_what_is_declared_or_priced_where_that_is_so(self) -> None:
        known = charges(prices={"sum": 3.0})
        known.observe("echo", 6.0, 6_000_000, most=4_000_000, times=3)
        assert known.most(a_spec(cost_s=0.5)) == 500_000
        assert known.most(a_spec(task_type="sum", cost_s=0.5)) == 3_000_000

    def test_fades_when_nothing_so_large_comes_again(self) -> None:
        known = charges()
        known.observe("echo", 9.0, 9_000_000, most=9_000_000, times=1)
        for _ in range(100):
            known.observe("echo", 1.0, 1_000_000, most=1_000_000, times=1)
        assert 8_000_000 < known.most(a_spec()) < 9_000_000
        known.observe("echo", 10_000.0, 10_000_000_000, most=1_000_000, times=10_000)
        assert known.most(a_spec()) == pytest.approx(1_000_000, rel=1e-3)


class TestResults:
    def test_cost_the_time_they_took(self) -> None:
        assert charges().of_result(a_spec(), 0.3, 0) == 300_000

    def test_cost_their_tokens_where_tokens_have_a_price(self) -> None:
        assert charges(token_s=0.01).of_result(a_spec(), 9.0, 50) == 500_000
        assert charges().of_result(a_spec(), 9.0, 50) == 9_000_000

    def test_cost_the_time_where_nobody_counted_tokens(self) -> None:
        assert charges(token_s=0.01).of_result(a_spec(), 0.3, 0) == 300_000

    def test_cost_the_price_of_their_type(self) -> None:
        known = charges(prices={"echo": 2.0}, token_s=0.01)
        assert known.of_result(a_spec(), 9.0, 7) == 2_000_000


@pytest.mark.parametrize(("share", "cost"), [(0.0, 0), (0.5, 1_000_000), (1.0, 2_000_000)])
def test_failures_cost_the_share_of_their_time_that_the_settings_say(
    share: float, cost: int
) -> None:
    assert charges(failed_share=share).of_failure(2.0) == cost
