"""Orders to raise and lower that make no sense are refused with a sentence."""

import math

import pytest

from cognitive_architecture.distributed_mesh.model import Change
from cognitive_architecture.distributed_mesh.policies.steering import (
    TASKS_MAX,
    portions,
    wrong_change,
)


def said(change: Change) -> str:
    refusal = wrong_change(change)
    assert refusal is not None
    return str(refusal)


@pytest.mark.parametrize(
    "change",
    [
        Change(tasks={"a": 1, "b": 10}),
        Change(types={"echo": -20.0, "sum": 20}),
        Change(concepts={"dragon": 0.5}),
        Change(requesters={"ann": 1e-6, "": 1e6}),
    ],
)
def test_what_makes_sense_is_followed(change: Change) -> None:
    assert wrong_change(change) is None


@pytest.mark.parametrize("priority", [0, 11, True, 2.0, "9", None])
def test_a_priority_out_of_range(priority: object) -> None:
    change = Change(tasks={"a": priority})  # type: ignore[dict-item]
    assert said(change).startswith("priority of task 'a': an integer from 1 to 10 (10 most urgent)")


@pytest.mark.parametrize("levels", [20.5, -20.5, math.nan, math.inf, True, "3"])
def test_levels_out_of_range(levels: object) -> None:
    change = Change(types={"echo": levels})  # type: ignore[dict-item]
    assert said(change).startswith("levels of type 'echo': a number from -20 to 20, not")
    change = Change(concepts={"sea": levels})  # type: ignore[dict-item]
    assert said(change).startswith("levels of concept 'sea': a number from -20 to 20, not")


@pytest.mark.parametrize("weight", [0.0, -1.0, 1e7, math.nan])
def test_a_weight_out_of_range(weight: float) -> None:
    assert "weight of requester 'ann': a number from 0.000001 to 1,000,000" in said(
        Change(requesters={"ann": weight})
    )


def test_a_name_that_is_none() -> None:
    assert said(Change(types={"x" * 201: 1.0})).startswith("type: a name, not")


def test_nothing_and_too_much() -> None:
    assert "1 to 100,000" in said(Change())
    assert "not 100,001" in said(Change(types={str(number): 1.0 for number in range(100_001)}))
    assert "up to 1,000 tasks, not 1,001: send them in portions" in said(many(TASKS_MAX + 1))


def many(count: int) -> Change:
    return Change(tasks={f"task-{number}": 1 + number % 10 for number in range(count)})


@pytest.mark.parametrize("count", [0, 1, TASKS_MAX - 1, TASKS_MAX, TASKS_MAX + 1, 5 * TASKS_MAX])
def test_portions_say_together_what_the_order_says_and_each_may_be_followed(count: int) -> None:
    change = Change(many(count).tasks, {"echo": 1.0}, {"sea": 2.0}, {"ann": 3.0})

    orders = list(portions(change))

    assert all(wrong_change(order) is None for order in orders)
    told = [item for order in orders for item in order.tasks.items()]
    assert told == list(change.tasks.items())
    for field in ("types", "concepts", "requesters"):
        assert [getattr(order, field) for order in orders if getattr(order, field)] == [
            getattr(change, field)
        ]
