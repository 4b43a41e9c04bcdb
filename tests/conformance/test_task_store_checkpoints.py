"""The latest checkpoint of a task outlives its owner, and not the task."""

from __future__ import annotations

from cognitive_architecture.distributed_mesh.records import Checkpoint, WriteBatch

from .stores import Place, endings_of, new_tasks, open_tasks, opened


def kept(place: Place) -> list[Checkpoint | None]:
    return [one.checkpoint for one in open_tasks(opened(place))]


def test_the_latest_of_each_task_is_kept(place: Place) -> None:
    store = opened(place)
    store.commit_now(new_tasks([1, 2]))
    store.commit_now(WriteBatch(checkpoints=[Checkpoint(2, b"first")]))
    batch = WriteBatch(checkpoints=[Checkpoint(2, b"second")])
    batch.extend(WriteBatch(checkpoints=[Checkpoint(2, b"third", 1)]))
    assert batch.rows == 2
    store.commit_now(batch)
    store.close()
    assert kept(place) == [None, Checkpoint(2, b"third", 1)]


def test_an_empty_one_removes_it(place: Place) -> None:
    store = opened(place)
    store.commit_now(new_tasks([1]))
    store.commit_now(WriteBatch(checkpoints=[Checkpoint(1, b"state")]))
    store.commit_now(WriteBatch(checkpoints=[Checkpoint(1, b"")]))
    store.close()
    assert kept(place) == [None]


def test_it_is_forgotten_with_its_task(place: Place) -> None:
    store = opened(place)
    store.commit_now(new_tasks([1]))
    store.commit_now(WriteBatch(checkpoints=[Checkpoint(1, b"state")]))
    store.commit_now(endings_of([1]))
    assert store.forget(ended_before=1e12, ended_kept_max=0) == 1
    assert store.task("task-1") is None
