"""SQLite as a store wants it: every commit on the disk, and nobody kept waiting."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
import structlog

from cognitive_architecture.foundation.errors import StoreError, StoreFull, StoreNotWritable

_log = structlog.get_logger(__name__)

WRITES: Final = {"writes": True}
"""Execution options of a connection whose transactions write: they take the write lock at once,
because a transaction that read first cannot be sure to get it later."""

_CHECKPOINT_COMMITS: Final = 1024
_CHECKPOINT_ROWS: Final = 16_384
_REST_PAGES_MAX: Final = 512
"""2 MiB of write-ahead log, which are moved in a millisecond or two."""
_LOG_PAGES_MAX: Final = 16_384
"""64 MiB of write-ahead log; beyond, a writer must wait until it is emptied."""


def open_engine(path: Path) -> sa.Engine:
    """An engine on the file, which is made if it is missing."""
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(path)),
        connect_args={"check_same_thread": False, "timeout": 10.0},
    )

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # transactions begin where we say, not where sqlite3 does
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # the log is on the disk when COMMIT returns
            "wal_autocheckpoint=0",  # see Checkpointer
            "temp_store=MEMORY",
            "cache_size=-32768",  # KiB
        ):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def explained(path: Path, what: str) -> Iterator[None]:
    """Turn what SQLite says of a file into what an operator can act on.

    Args:
        path: The file.
        what: It is or should be: ``task store``.
    """
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise _translated(error.orig, path, what) from error
    except sqlite3.Error as error:
        raise _translated(error, path, what) from error
    except (UnicodeError, OverflowError) as error:  # half a character, a number of 65 bits
        raise StoreError(f"{path} cannot hold such a value: {error}") from error


def damaged(path: Path, what: str, why: str) -> StoreError:
    """The error for a file that cannot be what it should be."""
    return StoreError(
        f"{path} is damaged or no {what} ({why}): move it away to start afresh, or restore a copy"
    )


def _translated(error: BaseException | None, path: Path, what: str) -> StoreError:
    text = str(error)
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return StoreFull(
            f"the disk under {path.parent} is full: nothing new is accepted until there is room, "
            "everything acknowledged is kept"
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return StoreNotWritable(f"{path} cannot be written ({text}): check its owner and mode")
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return damaged(path, what, text)
    return StoreError(f"{path}: {text}")


class Checkpointer:
    """Moves the write-ahead log into the database file, on a thread of its own.

    A passive checkpoint takes no lock that a writer waits for. Only when it has caught up
    completely does the next commit start the log from its beginning, and under a load that never
    pauses it never does: each commit then makes the file longer, which takes the disk twice as
    long as to write where something was written before. So the thread moves nearly everything,
    and the next commit the few pages that have come meanwhile.
    """

    def __init__(self, engine: sa.Engine, path: Path) -> None:
        self._engine = engine
        self._path = path
        self._commits = 0
        self._rows = 0
        self._due = threading.Event()
        self._is_stopped = False
        self._rest_is_short = False
        """What the thread has left behind can be moved before the next commit."""
        self._log_is_too_long = False
        self._thread = threading.Thread(target=self._run, name="cogmesh-checkpoint", daemon=True)
        self._thread.start()

    def committed(self, rows: int) -> None:
        """Count what has gone into the log."""
        self._commits += 1
        self._rows += rows
        if self._commits >= _CHECKPOINT_COMMITS or self._rows >= _CHECKPOINT_ROWS:
            self._commits = self._rows = 0
            self._due.set()

    def _run(self) -> None:
        while self._due.wait() and not self._is_stopped:
            self._due.clear()
            try:
                with self._engine.connect() as connection:
                    self._checkpoint(connection)
            except (sa.exc.DBAPIError, sqlite3.Error) as error:  # a full disk; it may pass
                self._complain(error)

    def _checkpoint(self, connection: sa.Connection) -> None:
        log, done = _pages(connection, "PASSIVE")
        self._log_is_too_long = log - done > _LOG_PAGES_MAX or log > 4 * _LOG_PAGES_MAX
        # What was committed meanwhile is in neither number, and is shorter still.
        self._rest_is_short = log - done <= _REST_PAGES_MAX

    def before_commit(self, connection: sa.Connection) -> None:
        """Move the rest of the log, if it is short or must be; on the writer's connection."""
        if self._log_is_too_long:
            mode = "RESTART"
        elif self._rest_is_short:
            mode = "PASSIVE"
        else:
            return
        self._log_is_too_long = self._rest_is_short = False
        try:
            _pages(connection, mode)
        except sqlite3.Error as error:  # the commit may have room all the same
            self._complain(error)

    def _complain(self, error: Exception) -> None:
        _log.warning("checkpoint_failed", file=str(self._path), why=str(error))

    def stop(self) -> None:
        """End the thread."""
        self._is_stopped = True
        self._due.set()
        self._thread.join()


def _pages(connection: sa.Connection, mode: str) -> tuple[int, int]:
    """Checkpoint; pages in the log, and how many of them are in the database file now."""
    raw: Any = connection.connection.driver_connection  # a pragma that may not be in a transaction
    _busy, log, done = raw.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
    return max(log, 0), max(done, 0)
