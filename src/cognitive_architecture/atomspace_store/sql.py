"""The durable store: SQLite through SQLAlchemy Core, in the ways of the task store."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from cognitive_architecture.atomspace import AtomSpace, Change
from cognitive_architecture.foundation.world import Clock
from cognitive_architecture.storage.owned_file import OwnedFile

from .compaction import Compaction
from .loading import Loading, Unreadable
from .numbers import Draft, Numbers
from .portions import in_portions
from .reading import portions, removed_by_log
from .refusals import not_loaded, refuse_if_not_empty
from .tables import SCHEMA, log, ownership, parts


class SqlAtomStore:
    """A space in ``atomspace.sqlite3`` of a folder, owned by one process at a time.

    Args:
        directory: The folder; made if it is missing. It may be that of a task store.
        clock: For when it was taken over, and for how long commits take.
    """

    reads_block = True

    def __init__(self, directory: Path, clock: Clock) -> None:
        self._file = OwnedFile(
            directory / "atomspace.sqlite3", clock, SCHEMA, owner="atomspace", what="atom store"
        )
        self._compacting = threading.Lock()

    def open(self) -> int:
        """Take the store over; see the port."""
        return self._file.open(self._look_around)

    def _look_around(self, writer: sa.Connection) -> int:
        given = [
            writer.execute(sa.select(sa.func.max(column))).scalar() or 0
            for column in (ownership.c.last_number, log.c.last_number)
        ]
        self._numbers = Numbers(max(given))
        self._log_length = writer.execute(sa.select(sa.func.sum(log.c.length))).scalar() or 0
        is_empty = writer.execute(sa.select(parts.c.first).limit(1)).first() is None
        self._is_loaded = is_empty and self._log_length == 0
        return self._file.epoch

    def close(self) -> None:
        """Finish what is being written and release the folder."""
        self._file.close()

    def load(self, space: AtomSpace) -> int:
        """Put what is kept into a space; see the port."""
        refuse_if_not_empty(space)
        with self._file.reading() as connection:
            loading = Loading(space, removed_by_log(connection, self._file))
            try:
                for portion in portions(connection, self._file):
                    loading.take(portion)
                numbers = loading.numbers()
            except Unreadable as error:
                raise self._file.damaged(str(error)) from error
        self._numbers.know(numbers)
        self._is_loaded = True
        return len(numbers)

    def append(self, changes: Sequence[Change]) -> asyncio.Future[None]:
        """``append_now`` without keeping the event loop waiting."""
        return self._file.soon(len(changes), self.append_now, changes)

    def append_now(self, changes: Sequence[Change]) -> None:
        """Write changes, all of them or none; they are durable on return."""
        with self._file.lock:
            with self._file.commit(len(changes)) as driver:
                if not self._is_loaded:
                    raise not_loaded()
                draft = in_portions(partial(self._numbers.draft, changes), _sizes)
                driver.executemany(
                    "INSERT INTO log (length, last_number, removed, portion) VALUES (?, ?, ?, ?)",
                    draft.rows,
                )
            self._numbers.accept(draft)
            self._log_length += len(changes)

    def log_length(self) -> int:
        """How many changes are in the log."""
        return self._log_length

    def compact(self) -> int:
        """Fold the log into the snapshot, and cut it; see the port."""
        with self._compacting:
            compaction = Compaction(self._file)
            compaction.run()
            with self._file.lock:
                self._log_length -= compaction.length
        return compaction.length


def _sizes(draft: Draft) -> list[int]:
    return [len(row.portion) for row in draft.rows]
