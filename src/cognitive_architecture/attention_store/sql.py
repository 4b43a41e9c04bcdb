"""The durable store: SQLite, in the ways of the other stores."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from cognitive_architecture.foundation.errors import StoreError
from cognitive_architecture.foundation.world import Clock
from cognitive_architecture.storage.owned_file import OwnedFile
from cognitive_architecture.storage.schema import refuse_unless
from cognitive_architecture.storage.sqlite_engine import damaged, explained, open_engine

from .ports import Keepsakes, Kept
from .tables import SCHEMA, beliefs, checkpoints, records

FILE: Final = "attention.sqlite3"
_WHAT: Final = "attention store"


class SqlAttentionStore:
    """An economy in ``attention.sqlite3`` of a folder, owned by one process at a time.

    Args:
        directory: The folder; made if it is missing. It is that of a task store.
        clock: For when it was taken over, and for how long commits take.
    """

    reads_block = True

    def __init__(self, directory: Path, clock: Clock) -> None:
        self._file = OwnedFile(directory / FILE, clock, SCHEMA, owner="attention", what=_WHAT)
        self._serial = 0

    def open(self) -> Kept:
        """Take the store over; see the port."""
        return self._file.open(self._look_around)

    def _look_around(self, writer: sa.Connection) -> Kept:
        # Of an empty table the greatest serial is none.
        of_records = writer.execute(sa.select(sa.func.max(records.c.serial))).scalar() or 0
        of_checkpoints = writer.execute(sa.select(sa.func.max(checkpoints.c.serial))).scalar() or 0
        self._serial = max(of_records, of_checkpoints)
        return _kept(writer, of_checkpoints)

    def close(self) -> None:
        """Finish what is being written and release the folder."""
        self._file.close()

    def commit(self, keepsakes: Keepsakes) -> asyncio.Future[None]:
        """``commit_now`` without keeping the event loop waiting."""
        return self._file.soon(keepsakes.rows, self.commit_now, keepsakes)

    def commit_now(self, keepsakes: Keepsakes) -> None:
        """Keep all of it, or nothing; it is durable on return."""
        with self._file.lock:
            serial = self._serial + len(keepsakes.records)
            with self._file.commit(keepsakes.rows) as driver:
                driver.executemany(
                    "INSERT INTO records (serial, at, record) VALUES (?, ?, ?)",
                    [
                        (number, keepsakes.at, record)
                        for number, record in enumerate(keepsakes.records, self._serial + 1)
                    ],
                )
                _write_beliefs(driver, keepsakes)
                if keepsakes.checkpoint is not None:
                    _write_checkpoint(driver, serial, keepsakes.checkpoint)
            self._serial = serial

    def past(self) -> Kept:
        """From the checkpoint before the newest on; see the port."""
        with self._file.reading() as connection:
            return _past(connection)


def read_past(directory: Path) -> Kept:
    """What the store in a folder holds, without becoming its owner: it may have one.

    Raises:
        StoreError: There is none, or it cannot be read.
    """
    path = directory / FILE
    if not path.is_file():
        raise StoreError(
            f"{directory} holds no {_WHAT}: no orchestrator with attention switched on has kept "
            "its data there"
        )
    with explained(path, _WHAT):
        engine = open_engine(path)
        try:
            with engine.connect() as connection:
                refuse_unless(connection, SCHEMA, path, _WHAT)
                return _past(connection)
        finally:
            engine.dispose()


def _past(connection: sa.Connection) -> Kept:
    oldest = connection.execute(sa.select(sa.func.min(checkpoints.c.serial))).scalar() or 0
    first = connection.execute(sa.select(sa.func.min(records.c.serial))).scalar()
    # With one checkpoint only, the journal before it is still there from its beginning.
    return _kept(connection, 0 if first == 1 else oldest)


def _kept(connection: sa.Connection, since: int) -> Kept:
    checkpoint = connection.execute(
        sa.select(checkpoints.c.state).where(checkpoints.c.serial == since)
    ).scalar()
    rows = connection.execute(
        sa.select(records.c.record, records.c.at)
        .where(records.c.serial > since)
        .order_by(records.c.serial)
    ).all()
    pieces = connection.execute(sa.select(beliefs.c.source, beliefs.c.links)).all()
    for piece in [checkpoint or b"", *(row[0] for row in rows), *(row[1] for row in pieces)]:
        if not isinstance(piece, bytes):
            raise damaged(Path(FILE), _WHAT, "it holds text where bytes should be")
    return Kept(
        checkpoint,
        tuple(row[0] for row in rows),
        tuple(row[1] for row in rows),
        {row[0]: row[1] for row in pieces},
    )


def _write_beliefs(driver: sqlite3.Connection, keepsakes: Keepsakes) -> None:
    if keepsakes.replaces_beliefs:
        driver.execute("DELETE FROM beliefs")
    driver.executemany(
        "INSERT INTO beliefs (source, links) VALUES (?, ?)"
        " ON CONFLICT (source) DO UPDATE SET links = excluded.links",
        [(source, piece) for source, piece in keepsakes.beliefs.items() if piece],
    )
    driver.executemany(
        "DELETE FROM beliefs WHERE source = ?",
        [(source,) for source, piece in keepsakes.beliefs.items() if not piece],
    )


def _write_checkpoint(driver: sqlite3.Connection, serial: int, state: bytes) -> None:
    """Keep this one and the one before, and the records since the one before."""
    (before,) = driver.execute("SELECT max(serial) FROM checkpoints").fetchone()
    driver.execute(
        "INSERT INTO checkpoints (serial, state) VALUES (?, ?)"
        " ON CONFLICT (serial) DO UPDATE SET state = excluded.state",
        (serial, state),
    )
    if before is not None and before < serial:
        driver.execute("DELETE FROM checkpoints WHERE serial < ?", (before,))
        driver.execute("DELETE FROM records WHERE serial <= ?", (before,))
