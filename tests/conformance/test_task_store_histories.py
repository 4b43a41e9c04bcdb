"""Any history of batches, forgetting and restarts gives the same answers in memory and on a disk.

The memory store is the twin that scenarios and simulations run on, so what is proved there holds
only as far as the two agree.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.model import TaskStatus
from cognitive_architecture.distributed_mesh.ports import TaskStore
from cognitive_architecture.distributed_mesh.records import (
    FailedAttempt,
    NewTask,
    StoredTask,
    TaskFilter,
    WriteBatch,
)
from cognitive_architecture.foundation.errors import StoreError
from tests.support.builders import a_new_task, an_ending
from tests.support.examples import quick

from .stores import (
    MemoryPlace,
    Place,
    SqlitePlace,
    attempt,
    open_tasks,
    sorted_endings,
)

IDS = ["a", "b", "c", "A", "a\x00", "😀", "task-3", "task-7"]
LISTINGS: list[tuple[TaskStatus | None, str | None, int | None]] = [
    (None, None, None),
    (None, "ann", None),
    (None, "", 5),
    (TaskStatus.PENDING, None, None),
    (TaskStatus.FAILED, None, None),
    (TaskStatus.COMPLETED, "ann", 9),
]
FINAL = [status for status in TaskStatus if status.is_final]


@dataclass(frozen=True)
class Commit:
    """Tasks as (id or None for a fresh one, key, requester); the rest by serial."""

    tasks: list[tuple[str | None, str | None, str | None]] = field(default_factory=list)
    endings: list[tuple[int, TaskStatus, float]] = field(default_factory=list)
    attempts: list[tuple[int, int]] = field(default_factory=list)
    capabilities: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Forget:
    ended_before: float
    ended_kept_max: int


@dataclass(frozen=True)
class Restart:
    by_force: bool


serials = st.integers(1, 25)
instants = st.sampled_from([10.0, 20.0, 30.0, 40.0])
steps = st.one_of(
    st.builds(
        Commit,
        tasks=st.lists(
            st.tuples(
                st.none() | st.sampled_from(IDS),
                st.none() | st.sampled_from(["", "k", "K"]),
                st.sampled_from([None, "", "ann", "bob"]),
            ),
            max_size=8,
        ),
        endings=st.lists(st.tuples(serials, st.sampled_from(FINAL), instants), max_size=5),
        attempts=st.lists(st.tuples(serials, st.integers(1, 3)), max_size=4),
        capabilities=st.lists(st.sampled_from(["gpu", "GPU", "tokens"]), max_size=2),
    ),
    st.builds(
        Forget, ended_before=st.sampled_from([0.0, 15.0, 25.0]), ended_kept_max=st.integers(0, 5)
    ),
    st.builds(Restart, by_force=st.booleans()),
)


class History:
    """The same steps on one place; serials are given out as a dispatch machine does."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._store: TaskStore = place.store()
        self.owned = self._store.open()
        self._serial = 0
        self._written: set[int] = set()
        self._ids: set[str] = set(IDS)

    def step(self, step: Commit | Forget | Restart) -> object:
        match step:
            case Forget(ended_before, ended_kept_max):
                return self._store.forget(ended_before=ended_before, ended_kept_max=ended_kept_max)
            case Restart(by_force):
                old = self._store
                self._store = self._place.rival() if by_force else self._closed_and_next()
                self.owned = self._store.open()
                old.close()
                self._serial = self.owned.last_serial
                return self.owned
            case Commit():
                return self._commit(step)

    def _closed_and_next(self) -> TaskStore:
        self._store.close()
        return self._place.store()

    def _commit(self, step: Commit) -> object:
        tasks = [self._task(*wanted) for wanted in step.tasks]
        # Only tasks that are there can end or be tried; that they may be wrong twice is the point.
        found = self._store.tasks(TaskFilter(limit=1000))
        there = {one.task.serial: one.task.spec.task_id for one in found}
        batch = WriteBatch(
            tasks,
            [
                an_ending(serial, status, task_id=there[serial], ended_at=ended_at)
                for serial, status, ended_at in step.endings
                if serial in there
            ],
            [
                FailedAttempt(serial, attempt(number))
                for serial, number in step.attempts
                if serial in there
            ],
            step.capabilities,
        )
        try:
            return self._store.commit_now(batch)
        except StoreError as error:
            self._serial -= len(tasks)
            return type(error)

    def _task(self, task_id: str | None, key: str | None, requester: str | None) -> NewTask:
        self._serial += 1
        task_id = task_id or f"task-{self._serial}"
        self._ids.add(task_id)
        return a_new_task(self._serial, task_id=task_id, key=key, requester=requester)

    def tasks(self) -> list[StoredTask | None]:
        return [self._store.task(task_id) for task_id in sorted(self._ids)]

    def answers(self) -> list[object]:
        """What a store can be asked of all tasks together."""
        store = self._store
        return [
            sorted_endings(store, sorted(self._ids)),
            open_tasks(store),
            store.counts(),
            *(
                store.tasks(TaskFilter(status=status, requester=requester, before_serial=before))
                for status, requester, before in LISTINGS
            ),
        ]


# Without the shrinking phase: each try makes a database, and minutes would be spent on a failure.
@settings(quick(25), phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(history=st.lists(steps, min_size=1, max_size=12))
def test_memory_and_sqlite_give_the_same_answers(
    empty_store: Path, history: list[Commit | Forget | Restart]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        sqlite_place = SqlitePlace(Path(folder) / "store", copy_of=empty_store)
        try:
            in_memory, on_disk = History(MemoryPlace()), History(sqlite_place)
            assert in_memory.owned == on_disk.owned
            for step in history:
                assert in_memory.step(step) == on_disk.step(step), step
                assert in_memory.answers() == on_disk.answers(), step
            assert in_memory.tasks() == on_disk.tasks()
        finally:
            sqlite_place.close()
