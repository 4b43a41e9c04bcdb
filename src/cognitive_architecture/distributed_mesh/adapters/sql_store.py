"""The durable store: SQLite through SQLAlchemy Core.

What took measuring to find out: each statement gives the interpreter lock away and must win it
back. With a busy event loop a thousand single-row statements take five seconds, the same rows in a
few statements fifty milliseconds; so rows travel in statements of up to 256.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from cognitive_architecture.distributed_mesh.model import CUT_OFF, Attempt, Ending, TaskStatus
from cognitive_architecture.distributed_mesh.records import (
    Balance,
    Checkpoint,
    OpenTask,
    Ownership,
    StoredTask,
    TaskCounts,
    TaskFilter,
    WriteBatch,
    merged_balances,
)
from cognitive_architecture.foundation.errors import StoreError
from cognitive_architecture.foundation.world import Clock
from cognitive_architecture.storage.owned_file import OwnedFile

from .sql_rows import (
    CHARGE,
    ENDINGS_ALIKE,
    TASKS_ALIKE,
    TASKS_AND_ENDINGS,
    BulkInsert,
    attempt_row,
    balance_row,
    ending_row,
    read_attempt,
    read_stored_task,
    read_task,
    task_row,
)
from .sql_schema import SCHEMA
from .sql_tables import attempts, balances, capabilities, checkpoints, endings, ownership, tasks

_PORTION: Final = 5000
_FORGET_PORTION: Final = 2000


class SqlTaskStore:
    """Tasks in ``cogmesh.sqlite3`` of a folder, owned by one orchestrator at a time."""

    reads_block = True

    def __init__(self, directory: Path, clock: Clock) -> None:
        self._file = OwnedFile(
            directory / "cogmesh.sqlite3", clock, SCHEMA, owner="orchestrator", what="task store"
        )
        self._ended = 0
        self._balances_seen = 0
        """Up to which row of ``balances`` it was looked for what is too old."""

    # -- taking over and letting go ----------------------------------------------------------

    def open(self) -> Ownership:
        """Take the store over; see the port."""
        return self._file.open(self._look_around)

    def _look_around(self, writer: sa.Connection) -> Ownership:
        forgotten = writer.execute(sa.select(ownership.c.last_forgotten)).scalar_one()
        self._ended = writer.execute(sa.select(sa.func.count()).select_from(endings)).scalar_one()
        last = max(_last_serial(writer, tasks), _last_serial(writer, endings), forgotten)
        known = writer.execute(sa.select(capabilities.c.name)).scalars().all()
        self._insert_tasks = BulkInsert(writer.dialect, tasks, skip_repeats=True, alike=TASKS_ALIKE)
        self._insert_endings = BulkInsert(writer.dialect, endings, alike=ENDINGS_ALIKE)
        self._insert_attempts = BulkInsert(writer.dialect, attempts)
        self._insert_capabilities = BulkInsert(writer.dialect, capabilities, skip_repeats=True)
        owed = sa.select(balances.c.requester, balances.c.lag).where(balances.c.lag != 0)
        lags = {row[0]: row[1] for row in writer.execute(owed)}
        return Ownership(self._file.epoch, last, frozenset(known), lags)

    def close(self) -> None:
        """Finish what is being written and release the folder."""
        self._file.close()

    # -- writing -----------------------------------------------------------------------------

    def commit(self, batch: WriteBatch) -> asyncio.Future[dict[int, str]]:
        """Write a batch; the future may be done already."""
        return self._file.soon(batch.rows, self.commit_now, batch)

    def commit_now(self, batch: WriteBatch) -> dict[int, str]:
        """Write a batch; it is durable on return."""
        with self._file.lock:
            with self._file.commit(batch.rows) as driver:
                repeats = self._insert(driver, batch)
            self._ended += len(batch.endings)
        return repeats

    def _insert(self, driver: sqlite3.Connection, batch: WriteBatch) -> dict[int, str]:
        epoch = self._file.epoch
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
        if batch.priorities:
            new = [(one.priority, one.serial) for one in batch.priorities]
            driver.executemany("UPDATE tasks SET priority = ? WHERE serial = ?", new)
        if batch.excuses:
            excused = [(CUT_OFF, one.serial, one.number) for one in batch.excuses]
            driver.executemany(
                "UPDATE attempts SET outcome = ? WHERE serial = ? AND number = ?", excused
            )
        if batch.checkpoints:
            self._keep_checkpoints(driver, batch.checkpoints)
        if batch.balances:
            charged = merged_balances(batch.balances)
            driver.executemany(CHARGE, [balance_row(balance, epoch) for balance in charged])
        return repeats

    def _keep_checkpoints(self, driver: sqlite3.Connection, kept: list[Checkpoint]) -> None:
        latest = {one.serial: one for one in kept}
        driver.executemany(
            "INSERT INTO checkpoints (serial, data, stage, epoch) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (serial) DO UPDATE SET data = excluded.data, stage = excluded.stage,"
            " epoch = excluded.epoch",
            [
                (one.serial, one.data, one.stage, self._file.epoch)
                for one in latest.values()
                if one.data
            ],
        )
        driver.executemany(
            "DELETE FROM checkpoints WHERE serial = ?",
            [(one.serial,) for one in latest.values() if not one.data],
        )

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
        with self._file.lock:
            with self._file.transaction() as driver:
                doomed = self._doomed(driver, ended_before, ended_kept_max)
                self._delete(driver, doomed)
                self._forget_balances(driver, charged_before=ended_before)
            self._ended -= len(doomed)
        return len(doomed)

    def _forget_balances(self, driver: sqlite3.Connection, *, charged_before: float) -> None:
        """Look at the next few requesters, and remove those that were charged long ago."""
        looked_at = (
            "SELECT rowid FROM balances WHERE rowid > ? ORDER BY rowid LIMIT ?",
            (self._balances_seen, _FORGET_PORTION),
        )
        rows = [rowid for (rowid,) in driver.execute(*looked_at).fetchall()]
        if rows:
            driver.execute(
                "DELETE FROM balances WHERE rowid BETWEEN ? AND ? AND charged_at < ?",
                (rows[0], rows[-1], charged_before),
            )
        self._balances_seen = rows[-1] if len(rows) == _FORGET_PORTION else 0

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
        for table in ("attempts", "checkpoints", "endings", "tasks"):
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

    def open_tasks(self) -> Iterator[list[OpenTask]]:
        """Everything that has not ended, oldest first, in portions."""
        query = (
            sa.select(tasks)
            .outerjoin(endings, tasks.c.serial == endings.c.serial)
            .where(endings.c.serial.is_(None))
            .order_by(tasks.c.serial)
        )
        with self._file.reading() as connection:
            # Core writes the statement and the driver runs it: a row of Core's costs as much as
            # all the rest of taking a task over, and a restart may find a million.
            driver: Any = connection.connection.driver_connection
            stream = driver.execute(str(query.compile(dialect=connection.dialect)))
            while rows := stream.fetchmany(_PORTION):
                failed = self._failed_attempts(connection, rows[0][0], rows[-1][0])
                kept = self._checkpoints(connection, rows[0][0], rows[-1][0])
                yield [
                    OpenTask(read_task(row), tuple(failed.get(row[0], ())), kept.get(row[0]))
                    for row in rows
                ]

    def _checkpoints(
        self, connection: sa.Connection, first: int, last: int
    ) -> dict[int, Checkpoint]:
        columns = (checkpoints.c.serial, checkpoints.c.data, checkpoints.c.stage)
        query = sa.select(*columns).where(checkpoints.c.serial.between(first, last))
        return {row[0]: Checkpoint(*row) for row in connection.execute(query)}

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
        with self._file.reading() as connection:
            row = connection.execute(TASKS_AND_ENDINGS.where(tasks.c.task_id == task_id)).first()
            if row is None:
                return None
            failed = self._failed_attempts(connection, row[0], row[0])
        return read_stored_task(row, failed.get(row[0], ()))

    def endings(self, task_ids: list[str]) -> list[Ending]:
        """The endings of those that have ended."""
        found = []
        with self._file.reading() as connection:
            for start in range(0, len(task_ids), 500):
                some = task_ids[start : start + 500]
                query = TASKS_AND_ENDINGS.where(tasks.c.task_id.in_(some))
                found += [read_stored_task(row).ending for row in connection.execute(query)]
        return [ending for ending in found if ending is not None]

    def balance(self, requester: str) -> Balance | None:
        """What a requester was charged, and what it was owed in the end."""
        query = sa.select(balances).where(balances.c.requester == requester)
        with self._file.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else Balance(*row[:4])

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
        with self._file.reading() as connection:
            return [read_stored_task(row) for row in connection.execute(query)]

    def counts(self) -> TaskCounts:
        """How many tasks are held."""
        with self._file.reading() as connection:
            query = sa.select(endings.c.status, sa.func.count()).group_by(endings.c.status)
            by_status = {row[0]: row[1] for row in connection.execute(query)}
            total = connection.execute(sa.select(sa.func.count()).select_from(tasks)).scalar_one()
        return TaskCounts(total - sum(by_status.values()), by_status)


def _last_serial(connection: sa.Connection, table: sa.Table) -> int:
    return connection.execute(sa.select(sa.func.max(table.c.serial))).scalar() or 0
