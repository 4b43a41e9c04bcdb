"""A task that was raised or lowered stays so."""

from __future__ import annotations

from cognitive_architecture.distributed_mesh.records import NewPriority, WriteBatch

from .stores import Place, endings_of, new_tasks, open_tasks, opened


def test_a_new_priority_is_kept(place: Place) -> None:
    store = opened(place)
    store.commit_now(new_tasks([1, 2]))
    store.commit_now(WriteBatch(priorities=[NewPriority(2, 9)]))
    found = store.task("task-2")
    assert found is not None
    assert found.task.spec.priority == 9
    store.close()
    later = opened(place)
    assert [one.task.spec.priority for one in open_tasks(later)] == [5, 9]


def test_the_last_of_several_holds(place: Place) -> None:
    store = opened(place)
    batch = new_tasks([1])
    batch.extend(WriteBatch(priorities=[NewPriority(1, 9), NewPriority(1, 2)]))
    store.commit_now(batch)
    assert [one.task.spec.priority for one in open_tasks(store)] == [2]


def test_of_a_task_that_never_came_to_be_there_is_none(place: Place) -> None:
    store = opened(place)
    store.commit_now(new_tasks([1]))
    store.commit_now(endings_of([1]))
    store.commit_now(WriteBatch(priorities=[NewPriority(7, 9)]))
    assert store.task("task-7") is None
