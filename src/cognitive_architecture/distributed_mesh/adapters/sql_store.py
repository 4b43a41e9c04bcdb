"""The durable store: SQLite through SQLAlchemy Core.

What took measuring to find out:

* Each statement gives the interpreter lock away and must win it back. With a busy event loop a
  thousand single-row statements take five seconds, the same rows in a few statements fifty
  milliseconds; so rows travel in statements of up to 256.
* Handing a commit to a thread and hearing back costs 0.08 ms, about a third of a small commit.
  While commits are quick, small ones are therefore made on the spot.
* SQLite's own checkpoints stop the commit that triggers them, for tens of milliseconds. They are
  made by a thread of their own, between commits.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from filelock import FileLock, Timeout

from cognitive_architecture.distributed_mesh.model import Attempt, Ending, TaskStatus
from cognitive_architecture.distributed_mesh.records import (
    OpenTask,
    Ownership,
    StoredTask,
    TaskCounts,
    TaskFilter,
    WriteBatch,
)
from cognitive_architecture.foundation.errors import (
    Deposed,
    StoreError,
    StoreLocked,
    StoreNotWritable,
)
from cognitive_architecture.foundation.world import Clock

from .sql_rows import (
    TASKS_AND_ENDINGS,
    BulkInsert,
    attempt_row,
    ending_row,
    read_attempt,
    read_stored_task,
    read_task,
    task_row,
)
from .sql_schema import bring_up_to_date
from .sql_tables import attempts, capabilities, endings, ownership, tasks
from .sqlite_engine import WRITES, Checkpointer, explained, open_engine

_ON_THE_SPOT_ROWS: Final = 4
_ON_THE_SPOT_S: Final = 0.001
_PORTION: Final = 5000
_FORGET_PORTION: Final = 2000


class SqlTaskStore:
    """Tasks in ``cogmesh.sqlite3`` of a folder, owned by one orchestrator at a time."""

    reads_block = True

    def __init__(self, directory: Path, clock: Clock) -> None:
        self._directory = directory
        self._path = directory / "cogmesh.sqlite3"
        self._clock = clock
        # By default a lock can only be released on the thread that acquired it.
        self._file_lock = FileLock(directory / "orchestrator.lock", thread_local=False)
        self._write_lock = threading.Lock()
        self._handed_over = 0
        """Commits that the thread has not finished."""
        self._epoch = 0
        self._ended = 0
        self._commit_s = 0.0
        self._is_open = False

    # -- taking over and letting go ----------------------------------------------------------

    def open(self) -> Ownership:
        """Take the store over; see the port."""
        self._claim_directory()
        with contextlib.ExitStack() as undo:
            undo.callback(self._file_lock.release)
            with explained(self._path):
                self._engine = open_engine(self._path)
                undo.callback(self._engine.dispose)
                self._writer = self._engine.connect().execution_options(**WRITES)
                undo.callback(self._writer.close)
                owned = self._open()
            undo.pop_all()
        return owned

    def _claim_directory(self) -> None:
        pid_file = self._directory / "orchestrator.pid"
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            self._file_lock.acquire(timeout=0)
            pid_file.write_text(str(os.getpid()))
        except Timeout:
            with contextlib.suppress(OSError):
                raise StoreLocked(
                    f"{self._directory} belongs to a running orchestrator "
                    f"(process {pid_file.read_text()}): stop it, or choose another --data folder"
                ) from None
            raise StoreLocked(f"{self._directory} belongs to a running orchestrator") from None
        except OSError as error:
            raise StoreNotWritable(
                f"{self._directory} cannot be written ({error.strerror}): "
                "check its owner and mode, or choose another --data folder"
            ) from error

    def _open(self) -> Ownership:
        with self._writer.begin():
            bring_up_to_date(self._writer)
            self._writer.execute(
                ownership.update().values(epoch=ownership.c.epoch + 1, since=self._clock.wall())
            )
            self._epoch, forgotten = self._writer.execute(
                sa.select(ownership.c.epoch, ownership.c.last_forgotten)
            ).one()
            self._ended = self._count(endings)
            last = max(self._last_serial(tasks), self._last_serial(endings), forgotten)
            known = self._writer.execute(sa.select(capabilities.c.name)).scalars().all()
        dialect = self._engine.dialect
        self._insert_tasks = BulkInsert(dialect, tasks, skip_repeats=True)
        self._insert_endings = BulkInsert(dialect, endings)
        self._insert_attempts = BulkInsert(dialect, attempts)
        self._insert_capabilities = BulkInsert(dialect, capabilities, skip_repeats=True)
        self._checkpointer = Checkpointer(self._engine, self._path)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="cogmesh-commit")
        self._is_open = True
        return Ownership(self._epoch, last, frozenset(known))

    def _count(self, table: sa.Table) -> int:
        return int(self._writer.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())

    def _last_serial(self, table: sa.Table) -> int:
        return int(self._writer.execute(sa.select(sa.func.max(table.c.serial))).scalar() or 0)

    def close(self) -> None:
        """Finish what is being written and release the folder."""
        if not self._is_open:
            return
        self._thread.shutdown()
        with self._write_lock:  # somebody may be forgetting, on another thread
            self._is_open = False
        self._checkpointer.stop()
        self._writer.close()
        self._engine.dispose()
        self._file_lock.release()

    def _refuse_if_closed(self) -> None:
        if not self._is_open:
            raise StoreError(f"the store in {self._directory} is closed")

    # -- writing -----------------------------------------------------------------------------

    def commit(self, batch: WriteBatch) -> asyncio.Future[dict[int, str]]:
        """Write a batch; the future may be done already."""
        loop = asyncio.get_running_loop()
        is_large = batch.rows > _ON_THE_SPOT_ROWS or self._commit_s > _ON_THE_SPOT_S
        # Nothing may overtake what the thread has not written yet.
        if self._is_open and (is_large or self._handed_over):
            self._handed_over += 1
            future = asyncio.ensure_future(
                loop.run_in_executor(self._thread, self.commit_now, batch), loop=loop
            )
            future.add_done_callback(self._thread_has_finished)
            return future
        future = loop.create_future()
        try:
            future.set_result(self.commit_now(batch))
        except StoreError as error:
            future.set_exception(error)
        return future

    def _thread_has_finished(self, _commit: asyncio.Future[dict[int, str]]) -> None:
        self._handed_over -= 1

    def commit_now(self, batch: WriteBatch) -> dict[int, str]:
        """Write a batch; it is durable on return."""
        began = self._clock.now()
        with self._write_lock, explained(self._path):
            self._refuse_if_closed()
            if self._checkpointer.must_empty_log:
                self._checkpointer.empty_log(self._writer)
            with self._transaction() as driver:
                repeats = self._insert(driver, batch)
            self._ended += len(batch.endings)
        # Recent commits count most: a disk that stalls is noticed at once, and that it is quick
        # again after a few.
        took = self._clock.now() - began
        self._commit_s = max(took / 2, self._commit_s + 0.2 * (took - self._commit_s))
        self._checkpointer.committed(batch.rows)
        return repeats

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """One write, all of it or nothing, refused if another owner has taken over."""
        driver: Any = self._writer.connection.driver_connection
        driver.execute("BEGIN IMMEDIATE")
        try:
            self._refuse_if_deposed(driver)
            yield driver
            driver.execute("COMMIT")
        except BaseException:
            driver.rollback()
            raise

    def _refuse_if_deposed(self, driver: sqlite3.Connection) -> None:
        (epoch,) = driver.execute("SELECT epoch FROM ownership").fetchone()
        if epoch != self._epoch:
            raise Deposed(
                f"another orchestrator has taken over {self._directory} "
                f"(epoch {epoch}, this one has {self._epoch}): this one must stop"
            )

    def _insert(self, driver: sqlite3.Connection, batch: WriteBatch) -> dict[int, str]:
        epoch = self._epoch
        repeats: dict[int, str] = {}
        if batch.tasks:
            rows = [task_row(task, epoch) for task in batch.tasks]
            if self._insert_tasks(driver, rows) < len(rows):
                repeats = self._find_repeats(driver, batch)
        if batch.endings:
            self._insert_endings(driver, [ending_row(ending, epoch) for ending in batch.endings])
        if batch.attempts:
            self._insert_attempts(driver, [attempt_row(failed, epoch) for failed in batch.attempts])
        if batch.capabilities:
            self._insert_capabilities(driver, [(name, epoch) for name in batch.capabilities])
        return repeats

    def _find_repeats(self, driver: sqlite3.Connection, batch: WriteBatch) -> dict[int, str]:
        """Which tasks were skipped, and the earlier tasks they repeat.

        Earlier ones only: one that repeats a key is not written, and then a later one of the
        same batch may have its id.
        """
        repeats: dict[int, str] = {}
        for task in batch.tasks:
            spec = task.spec
            found = driver.execute(
                "SELECT serial, task_id FROM tasks WHERE task_id = ? AND serial <= ?",
                (spec.task_id, task.serial),
            ).fetchone()
            if found is None:
                found = driver.execute(
                    "SELECT serial, task_id FROM tasks"
                    " WHERE idempotency_key = ? AND coalesce(requester, '') = ? AND serial <= ?",
                    (spec.rare.idempotency_key, spec.requester or "", task.serial),
                ).fetchone()
            if found is None:
                raise StoreError(f"serial {task.serial} belongs to another task already")
            if found[0] != task.serial:
                repeats[task.serial] = found[1]
        return repeats

    def forget(self, *, ended_before: float, ended_kept_max: int) -> int:
        """Remove ended tasks that are too old or too many, oldest first.

        Looks at the oldest ones only: tasks end roughly in the order in which they came, so what
        is too old is found there, and a call stays short however much is stored.
        """
        with self._write_lock:
            self._refuse_if_closed()
            with explained(self._path), self._transaction() as driver:
                doomed = self._doomed(driver, ended_before, ended_kept_max)
                self._delete(driver, doomed)
            self._ended -= len(doomed)
        return len(doomed)

    def _doomed(
        self, driver: sqlite3.Connection, ended_before: float, ended_kept_max: int
    ) -> list[int]:
        oldest = driver.execute(
            "SELECT serial, ended_at FROM endings ORDER BY serial LIMIT ?", (_FORGET_PORTION,)
        ).fetchall()
        excess = max(0, self._ended - ended_kept_max)
        return [
            serial
            for place, (serial, ended_at) in enumerate(oldest)
            if ended_at < ended_before or place < excess
        ]

    def _delete(self, driver: sqlite3.Connection, doomed: list[int]) -> None:
        for table in ("attempts", "endings", "tasks"):
            driver.execute(
                f"DELETE FROM {table} WHERE serial IN"  # noqa: S608 - our own names
                " (SELECT value FROM json_each(?))",
                (json.dumps(doomed),),
            )
        # The youngest task may be among them, and its serial is never given out again.
        driver.execute(
            "UPDATE ownership SET last_forgotten = max(last_forgotten, ?)",
            (max(doomed, default=0),),
        )

    # -- reading -----------------------------------------------------------------------------

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        """One state of the store, whatever is written meanwhile."""
        self._refuse_if_closed()
        with explained(self._path), self._engine.connect() as connection:
            yield connection

    def open_tasks(self) -> Iterator[list[OpenTask]]:
        """Everything that has not ended, oldest first, in portions."""
        query = (
            sa.select(tasks)
            .outerjoin(endings, tasks.c.serial == endings.c.serial)
            .where(endings.c.serial.is_(None))
            .order_by(tasks.c.serial)
        )
        with self._reading() as connection:
            stream = connection.execution_options(yield_per=_PORTION).execute(query)
            for rows in stream.partitions():
                failed = self._failed_attempts(connection, rows[0][0], rows[-1][0])
                yield [OpenTask(read_task(row), tuple(failed.get(row[0], ()))) for row in rows]

    def _failed_attempts(
        self, connection: sa.Connection, first: int, last: int
    ) -> dict[int, list[Attempt]]:
        found: dict[int, list[Attempt]] = {}
        query = (
            sa.select(attempts)
            .where(attempts.c.serial.between(first, last))
            .order_by(attempts.c.serial, attempts.c.number)
        )
        for row in connection.execute(query):
            found.setdefault(row[0], []).append(read_attempt(row))
        return found

    def task(self, task_id: str) -> StoredTask | None:
        """Everything known of one task."""
        with self._reading() as connection:
            row = connection.execute(TASKS_AND_ENDINGS.where(tasks.c.task_id == task_id)).first()
            if row is None:
                return None
            failed = self._failed_attempts(connection, row[0], row[0])
        return read_stored_task(row, failed.get(row[0], ()))

    def endings(self, task_ids: list[str]) -> list[Ending]:
        """The endings of those that have ended."""
        found = []
        with self._reading() as connection:
            for start in range(0, len(task_ids), 500):
                some = task_ids[start : start + 500]
                query = TASKS_AND_ENDINGS.where(tasks.c.task_id.in_(some))
                found += [read_stored_task(row).ending for row in connection.execute(query)]
        return [ending for ending in found if ending is not None]

    def tasks(self, wanted: TaskFilter) -> list[StoredTask]:
        """The youngest tasks that pass, youngest first, without their failed attempts."""
        query = TASKS_AND_ENDINGS.order_by(tasks.c.serial.desc()).limit(wanted.limit)
        if wanted.status is not None and wanted.status.is_final:
            query = query.where(endings.c.status == str(wanted.status))
        elif wanted.status is TaskStatus.PENDING:
            query = query.where(endings.c.status.is_(None))
        if wanted.task_type is not None:
            query = query.where(tasks.c.task_type == wanted.task_type)
        if wanted.requester is not None:
            query = query.where(tasks.c.requester == wanted.requester)
        if wanted.before_serial is not None:
            query = query.where(tasks.c.serial < wanted.before_serial)
        with self._reading() as connection:
            return [read_stored_task(row) for row in connection.execute(query)]

    def counts(self) -> TaskCounts:
        """How many tasks are held."""
        with self._reading() as connection:
            query = sa.select(endings.c.status, sa.func.count()).group_by(endings.c.status)
            by_status = {row[0]: row[1] for row in connection.execute(query)}
            total = connection.execute(sa.select(sa.func.count()).select_from(tasks)).scalar_one()
        return TaskCounts(total - sum(by_status.values()), by_status)
