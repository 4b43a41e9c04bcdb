"""Values of the mesh as rows, and rows in bulk."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
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
    """

    def __init__(self, dialect: sa.Dialect, table: sa.Table, *, skip_repeats: bool = False) -> None:
        self._texts = {
            rows: _insert_text(dialect, table, rows, skip_repeats=skip_repeats)
            for rows in _STATEMENT_ROWS
        }

    def __call__(self, driver: sqlite3.Connection, rows: Sequence[Sequence[Any]]) -> int:
        """Insert; how many rows were written."""
        written = 0
        start = 0
        for size, text in self._texts.items():
            while len(rows) - start >= size:
                values = tuple(chain.from_iterable(rows[start : start + size]))
                written += driver.execute(text, values).rowcount
                start += size
        return written


def _insert_text(dialect: sa.Dialect, table: sa.Table, rows: int, *, skip_repeats: bool) -> str:
    from sqlalchemy.dialects import sqlite

    statement = sqlite.insert(table)
    if skip_repeats:
        statement = statement.on_conflict_do_nothing()
    text = str(statement.compile(dialect=dialect))
    # Core needs 0.2 s for the long statements of all tables; every start would pay for it.
    row = f"({', '.join('?' * len(table.columns))})"
    return text.replace(row, ", ".join([row] * rows))


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


TASKS_AND_ENDINGS: Final = sa.select(sql_tables.tasks, sql_tables.endings).select_from(
    sql_tables.tasks.outerjoin(
        sql_tables.endings, sql_tables.tasks.c.serial == sql_tables.endings.c.serial
    )
)
