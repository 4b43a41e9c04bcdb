"""A task store on a simulated disk, which takes time, and may be slow, full or broken.

A commit that is underway when the owner dies is on the disk as a whole or not at all. That is what
the port asks of a store, and what SQLite makes of a torn write: the record's checksum is wrong, so
it never was (``tests/conformance/test_task_store_sqlite_kills.py`` tries it on a real disk).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from enum import StrEnum
from typing import Final

from cognitive_architecture.distributed_mesh.adapters.memory_store import (
    MemoryDisk,
    MemoryTaskStore,
)
from cognitive_architecture.distributed_mesh.model import Ending
from cognitive_architecture.distributed_mesh.records import (
    Balance,
    OpenTask,
    Ownership,
    StoredTask,
    TaskCounts,
    TaskFilter,
    WriteBatch,
)
from cognitive_architecture.foundation.errors import StoreError, StoreFull, StoreLocked

from .chance import Chance

OnCommit = Callable[[int, WriteBatch, dict[int, str]], None]
"""Told the owner's epoch, what became durable, and what of it only repeated earlier tasks."""


_SLOW_S: Final = 4.0


class DiskTrouble(StrEnum):
    """What may be wrong with a disk."""

    NONE = "none"
    SLOW = "slow"
    """A commit takes a hundred times longer, but a few seconds at most."""
    FULL = "full"
    """What is not empty is refused."""
    BROKEN = "broken"
    """Now and then a commit fails, and so does looking for an ending."""


class SimulatedDisk:
    """What outlives the processes that write on it.

    Args:
        chance: Of the run.
        commit_s: How long a commit takes when nothing is wrong.
        locks: Whether a living owner keeps others from taking over, as SQLite's does; without it
            the epoch alone tells who may write.
    """

    def __init__(self, chance: Chance, *, commit_s: float = 0.001, locks: bool = True) -> None:
        self.kept = MemoryDisk()
        self.trouble = DiskTrouble.NONE
        self.on_commit: OnCommit = lambda _epoch, _batch, _repeats: None
        self.on_contradiction: Callable[[int, StoreError], None] = lambda _epoch, _error: None
        """Told why a batch cannot be true together with what is kept."""
        self.on_open: Callable[[int], None] = lambda _epoch: None
        self.locked_by: object | None = None
        self.locks = locks
        self._commit_s = commit_s
        self._draw = chance.of("disk")

    def commit_takes_s(self) -> float:
        """How long the next commit will take."""
        took = self._commit_s * self._draw.uniform(0.5, 2.0)
        return max(took, min(100.0 * took, _SLOW_S)) if self.trouble is DiskTrouble.SLOW else took

    def refusal(self, batch: WriteBatch) -> StoreError | None:
        """Why it will not take a batch."""
        # As SQLite does, a full disk takes what is empty.
        if self.trouble is DiskTrouble.FULL and batch.rows:
            return StoreFull("the disk is full")
        if self.trouble is DiskTrouble.BROKEN and self._draw.random() < 0.5:
            return StoreError("the disk reports an error")
        return None

    def unreadable(self) -> StoreError | None:
        """Why it will not be read."""
        if self.trouble is DiskTrouble.BROKEN and self._draw.random() < 0.5:
            return StoreError("the disk reports an error")
        return None

    def survives(self) -> bool:
        """Whether a commit that was underway when the power went was complete."""
        return self._draw.random() < 0.5


class _Commit:
    """A batch on its way to the disk."""

    __slots__ = ("batch", "done", "has_landed")

    def __init__(self, batch: WriteBatch, done: asyncio.Future[dict[int, str]]) -> None:
        self.batch = batch
        self.done = done
        self.has_landed = False


class SimulatedTaskStore:
    """One owner's access to a disk."""

    reads_block = True

    def __init__(self, disk: SimulatedDisk) -> None:
        self._disk = disk
        self._store = MemoryTaskStore(disk.kept)
        self._epoch = 0
        self._underway: deque[_Commit] = deque()
        self._free_at = 0.0

    def open(self) -> Ownership:
        """Take the store over.

        Raises:
            StoreLocked: Its owner lives.
        """
        if self._disk.locks and self._disk.locked_by not in (None, self):
            raise StoreLocked("another orchestrator holds this disk")
        self._disk.locked_by = self
        owned = self._store.open()
        self._epoch = owned.epoch
        self._disk.on_open(owned.epoch)
        return owned

    def close(self) -> None:
        """Finish what is being written and release the store. Idempotent."""
        self._finish_what_is_underway()
        if self._disk.locked_by is self:
            self._disk.locked_by = None
        self._store.close()

    def crash(self) -> None:
        """The owner was killed: each commit underway is on the disk, or not, and so are later ones.

        The lock goes with the process.
        """
        with suppress(StoreError):
            while self._underway and self._disk.survives():
                self._keep(self._underway.popleft().batch)
        self._underway.clear()
        self.close()

    def commit_now(self, batch: WriteBatch) -> dict[int, str]:
        """Write a batch; the caller waits, and in virtual time that takes no time."""
        self._finish_what_is_underway()
        return self._write(batch)

    def _write(self, batch: WriteBatch) -> dict[int, str]:
        if (refusal := self._disk.refusal(batch)) is not None:
            raise refusal
        return self._keep(batch)

    def _keep(self, batch: WriteBatch) -> dict[int, str]:
        try:
            repeats = self._store.commit_now(batch)
        except StoreError as error:
            self._disk.on_contradiction(self._epoch, error)
            raise
        self._disk.on_commit(self._epoch, batch, repeats)
        return repeats

    def commit(self, batch: WriteBatch) -> asyncio.Future[dict[int, str]]:
        """Write a batch; the future is done when the disk has it."""
        loop = asyncio.get_running_loop()
        commit = _Commit(batch, loop.create_future())
        self._underway.append(commit)
        self._free_at = max(self._free_at, loop.time()) + self._disk.commit_takes_s()
        loop.call_at(self._free_at, self._land, commit)
        return commit.done

    def _land(self, commit: _Commit) -> None:
        while self._underway and not commit.has_landed:
            self._land_next()

    def _finish_what_is_underway(self) -> None:
        while self._underway:
            self._land_next()

    def _land_next(self) -> None:
        commit = self._underway.popleft()
        commit.has_landed = True
        try:
            repeats = self._write(commit.batch)
        except StoreError as error:
            if not commit.done.done():
                commit.done.set_exception(error)
        else:
            if not commit.done.done():
                commit.done.set_result(repeats)

    def open_tasks(self) -> Iterator[list[OpenTask]]:
        """Everything that has not ended, oldest first."""
        return self._store.open_tasks()

    def task(self, task_id: str) -> StoredTask | None:
        """Everything known of one task."""
        return self._store.task(task_id)

    def endings(self, task_ids: list[str]) -> list[Ending]:
        """The endings of those that have ended."""
        if (refusal := self._disk.unreadable()) is not None:
            raise refusal
        return self._store.endings(task_ids)

    def tasks(self, wanted: TaskFilter) -> list[StoredTask]:
        """The youngest tasks that pass, youngest first."""
        return self._store.tasks(wanted)

    def balance(self, requester: str) -> Balance | None:
        """What a requester was charged, and what it was owed last."""
        return self._store.balance(requester)

    def counts(self) -> TaskCounts:
        """How many tasks are held."""
        return self._store.counts()

    def forget(self, *, ended_before: float, ended_kept_max: int) -> int:
        """Remove ended tasks that are too old or too many."""
        return self._store.forget(ended_before=ended_before, ended_kept_max=ended_kept_max)
