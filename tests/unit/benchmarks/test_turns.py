"""Ways to share one slot, as benchmark A1 and docs/scheduling.md compare them."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from benchmarks.turns import WAYS, L, Ours, Visits, drawn_costs, errors_of, order_of, visit, zipf


def equal_costs(tasks: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.full(tasks, L, dtype=np.int64)


def order(name: str, weights: list[float], tasks: int) -> str:
    shares = np.array(weights) / sum(weights)
    way = WAYS[name](shares, np.random.default_rng(1))
    return "".join("abc"[who] for who in order_of(way, len(weights), equal_costs(tasks)))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ours", "abaaabaa"),
        ("vtc", "abaaabaa"),
        ("round_robin", "abababab"),
        ("strict", "aaaaaaaa"),
    ],
)
def test_three_to_one(name: str, expected: str) -> None:
    assert order(name, [3.0, 1.0], 8) == expected


def test_a_lottery_is_fair_in_the_long_run() -> None:
    assert order("lottery", [3.0, 1.0], 2000).count("a") == pytest.approx(1500, abs=80)


def test_errors_are_those_of_looking_at_every_moment() -> None:
    rng = np.random.default_rng(3)
    weights, costs = zipf(5), drawn_costs(rng, 300)
    turns = order_of(WAYS["lottery"](weights, rng), 4, costs)  # the fifth has nothing
    had, total, ahead, behind = np.zeros(5), 0, 0.0, 0.0
    for who, cost in zip(turns.tolist(), costs.tolist(), strict=True):
        had[who] += cost
        total += cost
        ahead = max(ahead, float((had - weights * total).max()))
        behind = max(behind, float((weights * total - had).max()))
    errors = errors_of(weights, costs, turns)
    assert errors.ahead_l == pytest.approx(ahead / L)
    assert errors.behind_l == pytest.approx(behind / L)
    assert errors.starved == 1


def test_ours_is_within_one_task_where_the_others_are_not() -> None:
    weights, costs = zipf(40), drawn_costs(np.random.default_rng(2), 1500)
    errors = {
        name: errors_of(weights, costs, order_of(way(weights, np.random.default_rng(2)), 40, costs))
        for name, way in WAYS.items()
    }
    assert max(errors["ours"].ahead_l, errors["ours"].behind_l) < 1.0
    for name in set(WAYS) - {"ours"}:
        assert max(errors[name].ahead_l, errors[name].behind_l) > 2.0


def test_a_visitor_somebody_waits_for_is_next_and_others_wait_for_their_turn() -> None:
    weights, costs = zipf(20), equal_costs(400)
    times = [50.5 * L, 150.5 * L, 250.5 * L]
    hurried, patient = Visits(19, times), Visits(19, times)
    visit(Ours(weights, np.random.default_rng(1), visitor=19), 20, costs, hurried)
    visit(Ours(weights, np.random.default_rng(1)), 20, costs, patient)
    assert hurried.waits == [0.5 * L] * 3
    assert min(patient.waits) > 5 * L


def test_the_least_of_all_never_has_his_turn_where_the_greatest_goes_first() -> None:
    visits = Visits(19, [1.0])
    maker = partial(WAYS["strict"], zipf(20))
    visit(maker(np.random.default_rng(1)), 20, equal_costs(200), visits)
    assert visits.waits == []
