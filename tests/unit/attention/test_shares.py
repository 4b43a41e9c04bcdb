import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.attention.errors import (
    EntryConflict,
    InvalidAmount,
    UnknownRequester,
)
from cognitive_architecture.attention.shares import FairShares, starvation_free
from tests.support.examples import quick


def serve(shares: FairShares, task: str, maximum: int, actual: int | None = None) -> str:
    """Let whoever is next have one task, and offer another one like it."""
    requester = shares.choose()
    assert requester is not None
    shares.reserve(requester, task)
    shares.offer(requester, maximum)
    assert shares.charge(task, maximum if actual is None else actual)
    return requester


def shared(weights: dict[str, float], maximum: int) -> FairShares:
    shares = FairShares()
    for name, weight in weights.items():
        shares.join(name, weight)
        shares.offer(name, maximum)
    return shares


def test_the_trace_by_hand() -> None:
    """Weights 3/4 and 1/4, every task 4: A B A A, and everybody is even again."""
    shares = shared({"A": 3, "B": 1}, 4)
    order, lags = [], []
    for number in range(8):
        order.append(serve(shares, f"t{number}", 4))
        lags.append((shares.lag("A"), shares.lag("B")))
    assert order == ["A", "B", "A", "A"] * 2
    assert lags == [(-1, 1), (2, -2), (1, -1), (0, 0)] * 2


def test_nobody_has_a_task() -> None:
    shares = FairShares()
    assert shares.choose() is None
    shares.join("A")
    assert shares.choose() is None


def test_work_goes_on_when_who_is_owed_has_none_ready() -> None:
    shares = shared({"A": 1, "B": 1}, 10)
    shares.reserve("A", "a1")
    shares.reserve("B", "b1")
    shares.offer("A", 10)
    shares.reserve("A", "a2")
    shares.offer("A", 10)
    assert shares.lag("B") > 0
    assert shares.choose() == "A"


def test_who_idles_saves_nothing_up() -> None:
    shares = shared({"A": 1, "B": 1}, 10)
    shares.offer("B", None)
    for number in range(100):
        serve(shares, f"t{number}", 10)
    shares.offer("B", 10)
    later = [serve(shares, f"u{number}", 10) for number in range(10)]
    assert later.count("B") in {5, 6}


def test_who_leaves_in_debt_comes_back_in_debt() -> None:
    shares = shared({"A": 1, "B": 1}, 10)
    first = serve(shares, "t", 10)
    shares.offer(first, None)
    assert shares.lag(first) == -5
    shares.offer(first, 10)
    assert shares.choose() != first


def test_a_charge_counts_once() -> None:
    shares = shared({"A": 1}, 10)
    shares.reserve("A", "t")
    assert shares.charge("t", 3)
    assert not shares.charge("t", 3)
    assert not shares.charge("never", 3)


def test_a_refund_brings_the_next_turn_forward() -> None:
    shares = shared({"A": 1, "B": 1}, 100)
    assert serve(shares, "t0", 100, actual=1) == "A"
    assert serve(shares, "t1", 100, actual=100) == "B"
    assert shares.lag("A") == 49.5
    assert [serve(shares, f"u{n}", 100, actual=1) for n in range(3)] == ["A", "A", "A"]


def test_another_weight_from_now_on() -> None:
    shares = shared({"A": 1, "B": 1}, 1)
    for number in range(10):
        serve(shares, f"t{number}", 1)
    shares.join("A", 3)
    later = [serve(shares, f"u{number}", 1) for number in range(40)]
    assert later.count("A") == 30


def test_leaving_takes_its_tasks_along() -> None:
    shares = shared({"A": 1, "B": 1}, 10)
    shares.reserve("A", "t")
    shares.leave("A")
    assert "A" not in shares
    assert not shares.charge("t", 10)
    assert shares.choose() == "B"
    assert shares.lag("B") == pytest.approx(0, abs=1e-9)
    shares.join("A")
    assert len(shares) == 2


@pytest.mark.parametrize("weight", [0, -1, math.nan, math.inf, 1e7])
def test_weights_that_cannot_be(weight: float) -> None:
    with pytest.raises(InvalidAmount, match="weight"):
        FairShares().join("A", weight)


def test_what_is_refused() -> None:
    shares = shared({"A": 1}, 10)
    with pytest.raises(UnknownRequester, match="'B' has no share"):
        shares.offer("B", 1)
    for maximum in (0, -1, True, 2**60):
        with pytest.raises(InvalidAmount, match="maximum"):
            shares.offer("A", maximum)
    shares.reserve("A", "t")
    with pytest.raises(InvalidAmount, match="offered no task"):
        shares.reserve("A", "u")
    shares.offer("A", 10)
    with pytest.raises(EntryConflict, match="at work already"):
        shares.reserve("A", "t")
    with pytest.raises(InvalidAmount, match="from 0 to 10"):
        shares.charge("t", 11)
    assert shares.charge("t", 10)


weights = st.lists(st.integers(1, 1000), min_size=1, max_size=12)
costs = st.lists(st.integers(0, 50), min_size=1, max_size=120)


class TestBounds:
    @quick(60)
    @given(weights, costs)
    def test_everybody_is_within_one_task_of_his_share(
        self, given_weights: list[int], given_costs: list[int]
    ) -> None:
        shares = shared({f"r{n}": w for n, w in enumerate(given_weights)}, 50)
        served = dict.fromkeys((f"r{n}" for n in range(len(given_weights))), 0)
        whole, total = sum(given_weights), 0
        for number, cost in enumerate(given_costs):
            served[serve(shares, f"t{number}", 50, actual=cost)] += cost
            total += cost
            for n, weight in enumerate(given_weights):
                lag = weight * total / whole - served[f"r{n}"]
                assert -50 < lag < 50
                assert shares.lag(f"r{n}") == pytest.approx(lag, abs=1e-9)

    @quick(60)
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["join", "leave", "idle", "offer", "serve", "charge"]),
                st.integers(0, 5),
                st.integers(1, 50),
            ),
            max_size=80,
        )
    )
    def test_lags_add_up_to_nothing_whoever_comes_and_goes(
        self, steps: list[tuple[str, int, int]]
    ) -> None:
        shares, at_work = FairShares(), list[tuple[str, int]]()
        for number, (step, who, amount) in enumerate(steps):
            name = f"r{who}"
            if step == "join":
                shares.join(name, amount)
            elif step == "leave" and name in shares:
                shares.leave(name)
            elif step in {"idle", "offer"} and name in shares:
                shares.offer(name, amount if step == "offer" else None)
            elif step == "serve" and (chosen := shares.choose()) is not None:
                at_work.append((f"t{number}", shares.reserve(chosen, f"t{number}")))
            elif step == "charge" and at_work:
                task, maximum = at_work.pop(who % len(at_work))
                shares.charge(task, min(amount, maximum))
            assert sum(shares.lags().values()) == pytest.approx(0, abs=1e-6)


class TestWeightsFromBalances:
    def test_in_proportion(self) -> None:
        assert starvation_free(np.array([30, 70])).tolist() == [0.3, 0.7]

    def test_nobody_starves(self) -> None:
        weights = starvation_free(np.array([10**9, 0, 0, -5]))
        assert (weights / weights.sum()).min() >= 1 / (3 * 4)

    def test_nobody_has_anything(self) -> None:
        assert starvation_free(np.array([0, 0])).tolist() == [0.25, 0.25]
