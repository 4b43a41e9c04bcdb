"""Values of the mesh as rows, and rows in bulk."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from cognitive_architecture.distributed_mesh.model import Attempt, Ending, TaskOptions, TaskSpec
from cognitive_architecture.distributed_mesh.records import (
    Balance,
    FailedAttempt,
    NewTask,
    StoredTask,
)

from . import sql_tables

_STATEMENT_ROWS: Final = (256, 32, 4, 1)

_encode_options: Final = msgspec.msgpack.Encoder().encode
_decode_options: Final = msgspec.msgpack.Decoder(TaskOptions).decode


class BulkInsert:
    """Inserts any number of rows with few statements, each compiled once.

    A statement carries 256, 32, 4 or 1 rows, so that a database keeps the handful of them
    prepared. Core writes the statements; the driver executes them, because Core's execution
    costs 0.04 ms a statement, and a commit that one client waits for takes 0.2 ms in all.

    Binding a value costs as much as storing it, and is done under the interpreter lock. So where
    many rows say the same in all columns of ``alike``, that is bound once for all of them.
    """

    def __init__(
        self,
        dialect: sa.Dialect,
        table: sa.Table,
        *,
        skip_repeats: bool = False,
        alike: Sequence[sa.Column[Any]] = (),
    ) -> None:
        """Write the statements.

        Args:
            dialect: Of the database.
            table: Rows have a value for each of its columns.
            skip_repeats: Leave out rows whose key is there already, instead of failing.
            alike: Columns in which rows that come together mostly say the same.
        """
        columns = list(table.columns)
        self._alike = [columns.index(column) for column in alike]
        self._single = [place for place in range(len(columns)) if place not in self._alike]
        row = f"({', '.join('?' * len(columns))})"
        # Core needs 0.2 s for the long statements of all tables; every start would pay for it.
        text = _insert_text(dialect, table, skip_repeats=skip_repeats)
        self._texts = {rows: text.replace(row, ", ".join([row] * rows)) for rows in _STATEMENT_ROWS}
        self._texts_alike = {
            rows: text.replace(row, ", ".join(self._rows_alike(rows))) for rows in _STATEMENT_ROWS
        }

    def _rows_alike(self, rows: int) -> Iterator[str]:
        """Placeholders of rows that share the first few values."""
        shared = {place: f"?{number}" for number, place in enumerate(self._alike, 1)}
        number = len(shared)
        for _ in range(rows):
            own = {place: f"?{number + i}" for i, place in enumerate(self._single, 1)}
            number += len(own)
            yield f"({', '.join(text for _, text in sorted((shared | own).items()))})"

    def __call__(self, driver: sqlite3.Connection, rows: Sequence[Sequence[Any]]) -> int:
        """Insert; how many rows were written."""
        written = 0
        start = 0
        for size in _STATEMENT_ROWS:
            while len(rows) - start >= size:
                written += self._insert(driver, rows[start : start + size])
                start += size
        return written

    def _insert(self, driver: sqlite3.Connection, rows: Sequence[Sequence[Any]]) -> int:
        size = len(rows)
        if self._alike and size > 1:
            columns = list(zip(*rows, strict=True))
            shared = [columns[place] for place in self._alike]
            if all(values.count(values[0]) == size for values in shared):
                own = zip(*[columns[place] for place in self._single], strict=True)
                values = [*(values[0] for values in shared), *chain.from_iterable(own)]
                return driver.execute(self._texts_alike[size], values).rowcount
        return driver.execute(self._texts[size], tuple(chain.from_iterable(rows))).rowcount


def _insert_text(dialect: sa.Dialect, table: sa.Table, *, skip_repeats: bool) -> str:
    from sqlalchemy.dialects import sqlite

    statement = sqlite.insert(table)
    if skip_repeats:
        statement = statement.on_conflict_do_nothing()
    return str(statement.compile(dialect=dialect))


def task_row(task: NewTask, epoch: int) -> tuple[Any, ...]:
    """A row of ``tasks``."""
    spec = task.spec
    options = spec.options
    return (
        task.serial,
        spec.task_id,
        spec.task_type,
        spec.payload,
        spec.priority,
        spec.timeout_s,
        spec.requester,
        None if options is None else options.idempotency_key,
        None if options is None else _encode_options(options),
        task.created_at,
        epoch,
    )


def ending_row(ending: Ending, epoch: int) -> tuple[Any, ...]:
    """A row of ``endings``."""
    return (
        ending.serial,
        str(ending.status),
        ending.result,
        ending.reason,
        ending.node_id,
        ending.attempt,
        ending.started_at,
        ending.ended_at,
        epoch,
    )


def attempt_row(failed: FailedAttempt, epoch: int) -> tuple[Any, ...]:
    """A row of ``attempts``."""
    attempt = failed.attempt
    return (
        failed.serial,
        attempt.number,
        attempt.node_id,
        attempt.outcome,
        attempt.reason,
        attempt.started_at,
        attempt.ended_at,
        attempt.lease,
        epoch,
    )


CHARGE: Final = (
    "INSERT INTO balances (requester, served, lag, charged_at, epoch) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (requester) DO UPDATE SET served = served + excluded.served,"
    " lag = excluded.lag, charged_at = excluded.charged_at, epoch = excluded.epoch"
)


def balance_row(balance: Balance, epoch: int) -> tuple[Any, ...]:
    """The values of ``CHARGE``."""
    return (balance.requester, balance.served, balance.lag, balance.charged_at, epoch)


def read_task(row: Any) -> NewTask:
    """The task in a row that begins with the columns of ``tasks``."""
    serial, task_id, task_type, payload, priority, timeout_s, requester = row[:7]
    options, created_at = row[8:10]
    spec = TaskSpec(
        task_id,
        task_type,
        payload,
        priority,
        timeout_s,
        requester,
        None if options is None else _decode_options(options),
    )
    return NewTask(serial, spec, created_at)


def read_stored_task(row: Any, attempts: Iterable[Attempt] = ()) -> StoredTask:
    """The task and its ending, in a row of ``tasks`` joined with ``endings``."""
    task = read_task(row)
    _, status, result, reason, node_id, attempt, started_at, ended_at = row[11:19]
    ending = None
    if status is not None:
        ending = Ending(
            task.spec.task_id,
            task.serial,
            status,
            result,
            reason,
            node_id,
            attempt,
            started_at,
            ended_at,
        )
    return StoredTask(task, tuple(attempts), ending)


def read_attempt(row: Any) -> Attempt:
    """The attempt in a row of ``attempts``."""
    return Attempt(*row[1:8])


_task, _ending = sql_tables.tasks.c, sql_tables.endings.c

TASKS_ALIKE: Final = (
    _task.task_type,
    _task.priority,
    _task.timeout_s,
    _task.requester,
    _task.idempotency_key,
    _task.options,
    _task.epoch,
)
"""What tasks that are submitted together mostly have in common."""

ENDINGS_ALIKE: Final = (
    _ending.status,
    _ending.reason,
    _ending.node_id,
    _ending.attempt,
    _ending.epoch,
)
"""What the results of one report mostly have in common."""

TASKS_AND_ENDINGS: Final = sa.select(sql_tables.tasks, sql_tables.endings).select_from(
    sql_tables.tasks.outerjoin(
        sql_tables.endings, sql_tables.tasks.c.serial == sql_tables.endings.c.serial
    )
)
