"""The store of one process: gone with it, and otherwise like the durable one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from itertools import islice

from msgspec.structs import replace

from cognitive_architecture.distributed_mesh.model import CUT_OFF, Attempt, Ending
from cognitive_architecture.distributed_mesh.records import (
    Balance,
    Checkpoint,
    NewTask,
    OpenTask,
    Ownership,
    StoredTask,
    TaskCounts,
    TaskFilter,
    WriteBatch,
    merged_balances,
)
from cognitive_architecture.foundation.errors import Deposed, StoreError

_FORGET_PORTION = 2000


class MemoryDisk:
    """What outlives an owner: two stores on one disk are two owners, one after the other."""

    def __init__(self) -> None:
        self.epoch = 0
        self.last_serial = 0
        self.tasks: dict[int, NewTask] = {}
        self.endings: dict[int, Ending] = {}
        self.attempts: dict[int, list[Attempt]] = {}
        self.checkpoints: dict[int, Checkpoint] = {}
        self.serials: dict[str, int] = {}
        """By task id."""
        self.keys: dict[tuple[str, str], int] = {}
        """By requester and idempotency key."""
        self.capabilities: set[str] = set()
        self.balances: dict[str, Balance] = {}
        """By requester; ``served`` is the sum."""
        self.lock = threading.RLock()
        """Held while any of it is looked at: readers may come from any thread."""


class MemoryTaskStore:
    """Tasks in dictionaries."""

    reads_block = False

    def __init__(self, disk: MemoryDisk | None = None) -> None:
        self._disk = disk or MemoryDisk()
        self._epoch = 0
        self._is_closed = False

    def open(self) -> Ownership:
        """Take the store over."""
        with self._disk.lock:
            self._disk.epoch += 1
            self._epoch = self._disk.epoch
            self._is_closed = False
            known = frozenset(self._disk.capabilities)
            lags = {b.requester: b.lag for b in self._disk.balances.values() if b.lag}
            return Ownership(self._epoch, self._disk.last_serial, known, lags)

    def close(self) -> None:
        """Write nothing more; there is nothing to release, and it can still be read."""
        self._is_closed = True

    def open_tasks(self) -> Iterator[list[OpenTask]]:
        """Everything that has not ended, oldest first."""
        with self._disk.lock:
            found = [
                OpenTask(task, self._attempts(serial), self._disk.checkpoints.get(serial))
                for serial, task in self._disk.tasks.items()
                if serial not in self._disk.endings
            ]
        if found:
            yield found

    def commit_now(self, batch: WriteBatch) -> dict[int, str]:
        """Keep a batch."""
        with self._disk.lock:
            self._refuse_if_not_the_owner()
            self._refuse_what_is_there(batch)
            return self._keep(batch)

    def _keep(self, batch: WriteBatch) -> dict[int, str]:
        repeats: dict[int, str] = {}
        for task in batch.tasks:
            earlier = self._earlier(task)
            if earlier is not None:
                repeats[task.serial] = self._disk.tasks[earlier].spec.task_id
                continue
            self._disk.tasks[task.serial] = task
            self._disk.serials[task.spec.task_id] = task.serial
            if (key := task.spec.rare.idempotency_key) is not None:
                self._disk.keys[task.spec.requester or "", key] = task.serial
            self._disk.last_serial = max(self._disk.last_serial, task.serial)
        for new in batch.priorities:
            if (known := self._disk.tasks.get(new.serial)) is not None:
                spec = replace(known.spec, priority=new.priority)
                self._disk.tasks[new.serial] = replace(known, spec=spec)
        for ending in batch.endings:
            self._disk.endings[ending.serial] = ending
        for failed in batch.attempts:
            self._disk.attempts.setdefault(failed.serial, []).append(failed.attempt)
        for excuse in batch.excuses:
            self._disk.attempts[excuse.serial] = [
                replace(one, outcome=CUT_OFF) if one.number == excuse.number else one
                for one in self._disk.attempts.get(excuse.serial, ())
            ]
        for checkpoint in batch.checkpoints:
            if checkpoint.data:
                self._disk.checkpoints[checkpoint.serial] = checkpoint
            else:
                self._disk.checkpoints.pop(checkpoint.serial, None)
        self._disk.capabilities.update(batch.capabilities)
        if batch.balances:
            kept = [*self._disk.balances.values(), *batch.balances]
            self._disk.balances = {b.requester: b for b in merged_balances(kept)}
        return repeats

    def commit(self, batch: WriteBatch) -> asyncio.Future[dict[int, str]]:
        """Keep a batch; the future is done."""
        future: asyncio.Future[dict[int, str]] = asyncio.get_running_loop().create_future()
        try:
            future.set_result(self.commit_now(batch))
        except StoreError as error:
            future.set_exception(error)
        return future

    def _refuse_if_not_the_owner(self) -> None:
        if self._is_closed:
            raise StoreError("the store is closed")
        if self._disk.epoch != self._epoch:
            raise Deposed(
                f"another orchestrator has taken over this store (epoch {self._disk.epoch}, "
                f"this one has {self._epoch}): this one must stop"
            )

    def _refuse_what_is_there(self, batch: WriteBatch) -> None:
        """What is written once is not written again, as a durable store would say."""
        ended = {ending.serial for ending in batch.endings}
        if len(ended) < len(batch.endings) or not self._disk.endings.keys().isdisjoint(ended):
            raise StoreError("a task of this batch has ended already; its ending never changes")
        tried = {(failed.serial, failed.attempt.number) for failed in batch.attempts}
        if len(tried) < len(batch.attempts) or any(
            earlier.number == number
            for serial, number in tried
            for earlier in self._disk.attempts.get(serial, ())
        ):
            raise StoreError("an attempt of this batch is kept already")

    def _earlier(self, task: NewTask) -> int | None:
        serial = self._disk.serials.get(task.spec.task_id)
        key = task.spec.rare.idempotency_key
        if serial is None and key is not None:
            serial = self._disk.keys.get((task.spec.requester or "", key))
        return serial

    def task(self, task_id: str) -> StoredTask | None:
        """Everything known of one task."""
        with self._disk.lock:
            serial = self._disk.serials.get(task_id)
            return None if serial is None else self._stored(serial, with_attempts=True)

    def _stored(self, serial: int, *, with_attempts: bool = False) -> StoredTask:
        failed = self._attempts(serial) if with_attempts else ()
        return StoredTask(self._disk.tasks[serial], failed, self._disk.endings.get(serial))

    def _attempts(self, serial: int) -> tuple[Attempt, ...]:
        """By number, in whatever order they were reported."""
        kept = self._disk.attempts.get(serial)
        return tuple(sorted(kept, key=lambda attempt: attempt.number)) if kept else ()

    def endings(self, task_ids: list[str]) -> list[Ending]:
        """The endings of those that have ended."""
        serials, endings = self._disk.serials, self._disk.endings
        with self._disk.lock:
            found = [serials[task_id] for task_id in task_ids if task_id in serials]
            return [endings[serial] for serial in found if serial in endings]

    def tasks(self, wanted: TaskFilter) -> list[StoredTask]:
        """The youngest tasks that pass, youngest first, without their failed attempts."""
        with self._disk.lock:
            youngest = (self._stored(serial) for serial in reversed(self._disk.tasks))
            passing = (stored for stored in youngest if _passes(stored, wanted))
            return list(islice(passing, wanted.limit))

    def balance(self, requester: str) -> Balance | None:
        """What a requester was charged, and what it was owed in the end."""
        return self._disk.balances.get(requester)

    def counts(self) -> TaskCounts:
        """How many tasks are held."""
        by_status: dict[str, int] = {}
        with self._disk.lock:
            for ending in self._disk.endings.values():
                by_status[ending.status] = by_status.get(ending.status, 0) + 1
            return TaskCounts(len(self._disk.tasks) - len(self._disk.endings), by_status)

    def forget(self, *, ended_before: float, ended_kept_max: int) -> int:
        """Remove ended tasks that are too old or too many, the oldest tasks first."""
        with self._disk.lock:
            self._refuse_if_not_the_owner()
            excess = max(0, len(self._disk.endings) - ended_kept_max)
            ended = (serial for serial in self._disk.tasks if serial in self._disk.endings)
            doomed = [
                serial
                for place, serial in enumerate(islice(ended, _FORGET_PORTION))
                if self._disk.endings[serial].ended_at < ended_before or place < excess
            ]
            for serial in doomed:
                self._forget(serial)
            self._disk.balances = {
                name: balance
                for name, balance in self._disk.balances.items()
                if balance.charged_at >= ended_before
            }
        return len(doomed)

    def _forget(self, serial: int) -> None:
        spec = self._disk.tasks.pop(serial).spec
        del self._disk.endings[serial]
        del self._disk.serials[spec.task_id]
        self._disk.attempts.pop(serial, None)
        self._disk.checkpoints.pop(serial, None)
        if spec.rare.idempotency_key is not None:
            del self._disk.keys[spec.requester or "", spec.rare.idempotency_key]


def _passes(stored: StoredTask, wanted: TaskFilter) -> bool:
    spec = stored.task.spec
    return (
        (wanted.status is None or stored.status is wanted.status)
        and (wanted.task_type is None or spec.task_type == wanted.task_type)
        and (wanted.requester is None or spec.requester == wanted.requester)
        and (wanted.before_serial is None or stored.task.serial < wanted.before_serial)
    )
