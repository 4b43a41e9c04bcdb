"""A writer that is killed at any moment has lost nothing that it acknowledged."""

from __future__ import annotations

from collections import Counter

import pytest

from cognitive_architecture.distributed_mesh.ports import TaskStore
from cognitive_architecture.distributed_mesh.records import StoredTask, TaskFilter

from .processes import child
from .store_writer import batch_of
from .stores import AS_MANY_AS_THERE_ARE, SqlitePlace, attempt, opened

KILLED_AFTER_LINES = (3, 40, 5, 101, 64)


def read_all(store: TaskStore) -> dict[int, StoredTask]:
    found = store.tasks(TaskFilter(limit=AS_MANY_AS_THERE_ARE))
    return {stored.task.serial: stored for stored in found}


@pytest.mark.processes
def test_five_killed_writers_lose_nothing_acknowledged(sqlite_place: SqlitePlace) -> None:
    acknowledged: list[tuple[int, int]] = []
    for turn, lines in enumerate(KILLED_AFTER_LINES):
        with child("tests.conformance.store_writer", str(sqlite_place.folder)) as writer:
            said = [writer.line() for _ in range(lines)]
            writer.kill()
            said += writer.rest()
        acknowledged += [(int(first), int(last)) for first, last in map(str.split, said)]
        store = sqlite_place.store()
        assert store.open().epoch == 2 * turn + 2
        stored = read_all(store)
        for first, last in acknowledged:
            batch = batch_of(first, last)
            for task in batch.tasks:
                assert stored[task.serial].task == task
            ended = {ending.serial: ending for ending in batch.endings}
            for serial in range(first, last + 1):
                assert stored[serial].ending == ended.get(serial)
        assert_that_batches_are_whole(stored)
        assert_that_what_ended_is_charged(store, stored)
        store.close()
    last_store = opened(sqlite_place)
    for first, _last in acknowledged[:: len(acknowledged) // 20]:
        found = last_store.task(f"task-{first}")
        assert found is not None
        assert found.attempts == (attempt(1),)


def assert_that_what_ended_is_charged(store: TaskStore, stored: dict[int, StoredTask]) -> None:
    """A charge is durable if and only if the endings are that it is for."""
    endings: Counter[str] = Counter()
    for one in stored.values():
        first = int(one.task.spec.task_type.split("-")[0])
        endings[str(first % 3)] += one.ending is not None
    for requester, count in endings.items():
        balance = store.balance(requester)
        assert balance is not None
        assert balance.served == count


def assert_that_batches_are_whole(stored: dict[int, StoredTask]) -> None:
    """Also those that were written and not acknowledged any more."""
    sizes = Counter(one.task.spec.task_type for one in stored.values())
    for name, size in sizes.items():
        first, last = map(int, name.split("-"))
        assert size == last - first + 1
    assert sorted(stored) == list(range(1, len(stored) + 1))
