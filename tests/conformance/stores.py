"""The same store on every kind of disk, one owner after the other or one against the other."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from msgspec.structs import replace

from cognitive_architecture.distributed_mesh.adapters.memory_store import (
    MemoryDisk,
    MemoryTaskStore,
)
from cognitive_architecture.distributed_mesh.adapters.sql_store import SqlTaskStore
from cognitive_architecture.distributed_mesh.model import Attempt, Ending, TaskStatus
from cognitive_architecture.distributed_mesh.ports import TaskStore
from cognitive_architecture.distributed_mesh.records import (
    Balance,
    FailedAttempt,
    NewTask,
    OpenTask,
    TaskFilter,
    WriteBatch,
)
from cognitive_architecture.foundation.world import RealClock
from cognitive_architecture.simulation.chance import Chance
from cognitive_architecture.simulation.store import SimulatedDisk, SimulatedTaskStore
from tests.support.builders import a_new_task, an_attempt, an_ending

FILE = "cogmesh.sqlite3"
LONG_AGO = 0.0
"""Nothing ended before."""
FOR_EVER = 10.0**12
"""Everything ended before."""
AS_MANY_AS_THERE_ARE = 10**9


class Place(Protocol):
    """Where the tasks of successive owners are."""

    def store(self) -> TaskStore:
        """A store for the next owner, not yet open; it comes when the one before has closed."""
        ...

    def rival(self) -> TaskStore:
        """A store for an owner who takes over although the one before lives."""
        ...


class MemoryPlace:
    def __init__(self) -> None:
        self._disk = MemoryDisk()

    def store(self) -> TaskStore:
        return MemoryTaskStore(self._disk)

    rival = store


class SimulatedPlace:
    def __init__(self) -> None:
        self._disk = SimulatedDisk(Chance(0))

    def store(self) -> TaskStore:
        return SimulatedTaskStore(self._disk)

    def rival(self) -> TaskStore:
        self._disk.locked_by = None
        return self.store()


class SqlitePlace:
    def __init__(self, folder: Path, *, copy_of: Path | None = None) -> None:
        self.folder = folder
        if copy_of is not None:
            shutil.copytree(copy_of, folder)
        self._stores: list[SqlTaskStore] = []

    @property
    def file(self) -> Path:
        return self.folder / FILE

    def store(self) -> SqlTaskStore:
        store = SqlTaskStore(self.folder, RealClock())
        self._stores.append(store)
        return store

    def rival(self) -> SqlTaskStore:
        # Somebody removed the lock file, or the file system does not share locks.
        (self.folder / "orchestrator.lock").unlink()
        return self.store()

    def close(self) -> None:
        for store in self._stores:
            store.close()


def make_empty_store(folder: Path) -> Path:
    """Tables, and epoch 0 again."""
    import sqlite3

    store = SqlTaskStore(folder, RealClock())
    store.open()
    store.close()
    connection = sqlite3.connect(folder / FILE)
    connection.execute("UPDATE ownership SET epoch = 0")
    connection.commit()
    connection.close()
    return folder


def opened(place: Place) -> TaskStore:
    store = place.store()
    store.open()
    return store


def new_tasks(serials: Iterable[int]) -> WriteBatch:
    return WriteBatch(tasks=[a_new_task(serial) for serial in serials])


def endings_of(
    serials: Iterable[int], status: TaskStatus = TaskStatus.COMPLETED, ended_at: float | None = None
) -> WriteBatch:
    return WriteBatch(endings=[an_ending(serial, status, ended_at=ended_at) for serial in serials])


def attempt(number: int, *, lease: int | None = None, reason: str = "boom") -> Attempt:
    given = (1 << 32) + number if lease is None else lease
    return replace(an_attempt(number, reason=reason), lease=given)


def attempts_of(serial: int, *numbers: int) -> WriteBatch:
    return WriteBatch(attempts=[FailedAttempt(serial, attempt(number)) for number in numbers])


def open_tasks(store: TaskStore) -> list[OpenTask]:
    return [task for portion in store.open_tasks() for task in portion]


def open_serials(store: TaskStore) -> list[int]:
    return [found.task.serial for found in open_tasks(store)]


def listed(store: TaskStore, **wanted: object) -> list[int]:
    """Serials of the tasks that a filter lets pass, as they are listed."""
    found = store.tasks(TaskFilter(**wanted))  # type: ignore[arg-type]
    return [stored.task.serial for stored in found]


def sorted_endings(store: TaskStore, task_ids: Sequence[str]) -> list[Ending]:
    """The port promises no order."""
    return sorted(store.endings(list(task_ids)), key=lambda ending: ending.serial)


def kept(store: TaskStore, task: NewTask) -> bool:
    """Whether exactly this task is there."""
    stored = store.task(task.spec.task_id)
    return stored is not None and stored.task == task


def charge(requester: str, served: int, *, lag: int = 0, charged_at: float = 1000.0) -> WriteBatch:
    """A batch that charges one requester."""
    return WriteBatch(balances=[Balance(requester, served, lag, charged_at)])
