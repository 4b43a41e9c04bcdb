"""Ended tasks go when they are too old or too many, and leave nothing behind."""

from __future__ import annotations

import pytest

from cognitive_architecture.distributed_mesh.ports import TaskStore
from cognitive_architecture.distributed_mesh.records import TaskCounts
from tests.support.builders import a_new_task

from .stores import (
    AS_MANY_AS_THERE_ARE,
    FOR_EVER,
    LONG_AGO,
    Place,
    attempts_of,
    endings_of,
    listed,
    new_tasks,
    open_serials,
    opened,
)


def forget_all(store: TaskStore, *, ended_before: float, ended_kept_max: int) -> int:
    """Until there is nothing left to forget; how many it was."""
    total = 0
    while count := store.forget(ended_before=ended_before, ended_kept_max=ended_kept_max):
        total += count
    return total


def test_nothing_is_forgotten_that_is_neither_old_nor_too_many(place: Place) -> None:
    store = opened(place)
    assert store.forget(ended_before=FOR_EVER, ended_kept_max=0) == 0
    store.commit_now(new_tasks(range(1, 11)))
    store.commit_now(endings_of([1, 2, 3]))
    assert store.forget(ended_before=LONG_AGO, ended_kept_max=3) == 0
    assert len(listed(store)) == 10


def test_by_age_down_to_the_second(place: Place) -> None:
    store = opened(place)
    store.commit_now(new_tasks(range(1, 11)))
    for serial in range(1, 11):
        store.commit_now(endings_of([serial], ended_at=1000.0 + serial))
    assert store.forget(ended_before=1005.0, ended_kept_max=AS_MANY_AS_THERE_ARE) == 4
    assert listed(store) == [10, 9, 8, 7, 6, 5]
    assert store.forget(ended_before=1005.0, ended_kept_max=AS_MANY_AS_THERE_ARE) == 0


def test_by_age_whatever_the_order_in_which_they_ended(place: Place) -> None:
    store = opened(place)
    store.commit_now(new_tasks(range(1, 7)))
    for serial, ended_at in ((6, 1.0), (2, 50.0), (5, 2.0), (1, 51.0), (4, 3.0)):
        store.commit_now(endings_of([serial], ended_at=ended_at))
    assert store.forget(ended_before=40.0, ended_kept_max=AS_MANY_AS_THERE_ARE) == 3
    assert listed(store) == [3, 2, 1]


@pytest.mark.parametrize("ends_first", [1, -1], ids=["the oldest", "the youngest"])
def test_by_number_the_oldest_tasks_first(place: Place, ends_first: int) -> None:
    store = opened(place)
    store.commit_now(new_tasks(range(1, 11)))
    for serial in list(range(1, 9))[::ends_first]:
        store.commit_now(endings_of([serial]))
    assert store.forget(ended_before=LONG_AGO, ended_kept_max=3) == 5
    assert listed(store) == [10, 9, 8, 7, 6]
    assert store.counts() == TaskCounts(2, {"completed": 3})


def test_by_both(place: Place) -> None:
    store = opened(place)
    store.commit_now(new_tasks(range(1, 11)))
    for serial in range(1, 11):
        store.commit_now(endings_of([serial], ended_at=1000.0 - serial))
    # 8, 9 and 10 are too old; of all ten, 6 are too many.
    assert store.forget(ended_before=993.0, ended_kept_max=4) == 9
    assert listed(store) == [7]


def test_open_tasks_are_never_forgotten(place: Place) -> None:
    store = opened(place)
    store.commit_now(new_tasks(range(1, 101)))
    store.commit_now(endings_of(range(2, 101, 2)))
    assert store.forget(ended_before=FOR_EVER, ended_kept_max=0) == 50
    assert open_serials(store) == list(range(1, 101, 2))
    assert store.counts() == TaskCounts(50, {})


def test_everything_of_a_task_goes(place: Place) -> None:
    store = opened(place)
    first = a_new_task(1, task_id="a", key="k", requester="ann")
    batch = new_tasks([2])
    batch.tasks.insert(0, first)
    batch.extend(attempts_of(1, 1, 2))
    batch.extend(attempts_of(2, 1))
    batch.extend(endings_of([1]))
    store.commit_now(batch)
    assert store.forget(ended_before=FOR_EVER, ended_kept_max=0) == 1
    assert store.task("a") is None
    assert store.endings(["a"]) == []
    again = new_tasks([])
    again.tasks.append(a_new_task(3, task_id="a", key="k", requester="ann"))
    assert store.commit_now(again) == {}
    stored = store.task("a")
    assert stored is not None
    assert (stored.task.serial, stored.attempts, stored.ending) == (3, (), None)
    other = store.task("task-2")
    assert other is not None
    assert len(other.attempts) == 1


@pytest.mark.parametrize("count", [1999, 2000, 2001, 7000])
def test_many_go_in_several_short_calls(place: Place, count: int) -> None:
    store = opened(place)
    store.commit_now(new_tasks(range(1, count + 1)))
    store.commit_now(endings_of(range(1, count + 1)))
    assert forget_all(store, ended_before=LONG_AGO, ended_kept_max=100) == count - 100
    assert listed(store, limit=count) == list(range(count, count - 100, -1))
    assert forget_all(store, ended_before=FOR_EVER, ended_kept_max=100) == 100
    assert store.counts() == TaskCounts()


def test_a_new_owner_counts_on(place: Place) -> None:
    store = opened(place)
    store.commit_now(new_tasks(range(1, 11)))
    store.commit_now(endings_of(range(1, 11)))
    store.forget(ended_before=LONG_AGO, ended_kept_max=8)
    store.close()
    store = opened(place)
    assert store.forget(ended_before=LONG_AGO, ended_kept_max=5) == 3
    assert listed(store) == [10, 9, 8, 7, 6]
    store.commit_now(new_tasks([11]))
    store.commit_now(endings_of([11]))
    assert store.forget(ended_before=LONG_AGO, ended_kept_max=5) == 1
