"""A SQLite file that one owner at a time writes, each commit on the disk when it returns.

Two things took measuring to find out:

* Handing a commit to a thread and hearing back costs 0.08 ms, about a third of a small commit.
  While commits are quick, small ones are therefore made on the spot.
* SQLite's own checkpoints stop the commit that triggers them, for tens of milliseconds. They are
  made by a thread of their own, between commits.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

import sqlalchemy as sa

from cognitive_architecture.foundation.errors import Deposed, MeshError, StoreError
from cognitive_architecture.foundation.world import Clock

from .folder import OwnedFolder
from .schema import Schema, bring_up_to_date
from .sqlite_engine import WRITES, Checkpointer, damaged, explained, open_engine

_ON_THE_SPOT_ROWS: Final = 4
_ON_THE_SPOT_S: Final = 0.001

_Found = TypeVar("_Found")
_Batch = TypeVar("_Batch")


class OwnedFile:
    """A file with a table ``ownership``, whose one row has the columns ``epoch`` and ``since``.

    Args:
        path: The file; made with its folder if it is missing.
        clock: For when it was taken over, and for how long commits take.
        schema: Its tables.
        owner: What holds it is called: ``orchestrator``.
        what: It is: ``task store``.
    """

    def __init__(self, path: Path, clock: Clock, schema: Schema, *, owner: str, what: str) -> None:
        self.path = path
        self.epoch = 0
        """How many owners it has had, this one included."""
        self.lock = threading.RLock()
        """Held while anything is written."""
        self._clock = clock
        self._schema = schema
        self._owner = owner
        self._what = what
        self._folder = OwnedFolder(path.parent, owner)
        self._handed_over = 0
        """Commits that the thread has not finished."""
        self._commit_s = 0.0
        self._is_open = False

    def open(self, look_around: Callable[[sa.Connection], _Found]) -> _Found:
        """Take it over.

        Args:
            look_around: Reads what the owner must know; in the transaction of taking over.

        Raises:
            StoreLocked: A living owner of this machine holds it.
            StoreNotWritable: The place cannot be written.
            StoreTooNew: A newer version of this program wrote it.
            StoreError: It is damaged, or something else.
        """
        self._folder.claim()
        with contextlib.ExitStack() as undo:
            undo.callback(self._folder.release)
            with self.explained():
                self.engine = open_engine(self.path)
                undo.callback(self.engine.dispose)
                self.writer = self.engine.connect().execution_options(**WRITES)
                undo.callback(self.writer.close)
                with self.writer.begin():
                    self._take_over()
                    found = look_around(self.writer)
                self.checkpointer = Checkpointer(self.engine, self.path)
                self._thread = ThreadPoolExecutor(1, thread_name_prefix="cogmesh-commit")
            self._is_open = True
            undo.pop_all()
        return found

    def _take_over(self) -> None:
        bring_up_to_date(self.writer, self._schema, self.path, self._what)
        self.writer.execute(
            sa.text("UPDATE ownership SET epoch = epoch + 1, since = :now"),
            {"now": self._clock.wall()},
        )
        self.epoch = self.writer.execute(sa.text("SELECT epoch FROM ownership")).scalar_one()

    def close(self) -> None:
        """Finish what is being written and let it go. Idempotent."""
        if not self._is_open:
            return
        self._thread.shutdown()
        with self.lock:  # somebody may be writing, on another thread
            self._is_open = False
        self.checkpointer.stop()
        self.writer.close()
        self.engine.dispose()
        self._folder.release()

    def explained(self) -> contextlib.AbstractContextManager[None]:
        """What SQLite raises inside, as sentences."""
        return explained(self.path, self._what)

    def damaged(self, why: str) -> StoreError:
        """The error for what cannot be read."""
        return damaged(self.path, self._what, why)

    def soon(
        self, rows: int, commit_now: Callable[[_Batch], _Found], batch: _Batch
    ) -> asyncio.Future[_Found]:
        """Call what commits a batch, here if that is quick, otherwise on a thread, in order.

        Args:
            rows: How many it writes.
            commit_now: It raises what comes of ``MeshError``.
            batch: What it is called with.

        Returns:
            What it returns or raises; the future may be done already.
        """
        loop = asyncio.get_running_loop()
        is_large = rows > _ON_THE_SPOT_ROWS or self._commit_s > _ON_THE_SPOT_S
        # Nothing may overtake what the thread has not written yet.
        if self._is_open and (is_large or self._handed_over):
            self._handed_over += 1
            future = asyncio.ensure_future(
                loop.run_in_executor(self._thread, commit_now, batch), loop=loop
            )
            future.add_done_callback(self._thread_has_finished)
            return future
        future = loop.create_future()
        try:
            future.set_result(commit_now(batch))
        except MeshError as error:
            future.set_exception(error)
        return future

    def _thread_has_finished(self, _commit: asyncio.Future[Any]) -> None:
        self._handed_over -= 1

    @contextlib.contextmanager
    def commit(self, rows: int) -> Iterator[sqlite3.Connection]:
        """A transaction that somebody waits for; it is durable behind the block."""
        began = self._clock.now()
        with self.lock, self.explained():
            self._refuse_if_closed()
            self.checkpointer.before_commit(self.writer)
            with self.transaction() as driver:
                yield driver
            # Recent commits count most: a disk that stalls is noticed at once, and that it is
            # quick again after a few.
            took = self._clock.now() - began
            self._commit_s = max(took / 2, self._commit_s + 0.2 * (took - self._commit_s))
        self.checkpointer.committed(rows)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One write, all of it or nothing, refused if another owner has taken over."""
        with self.lock, self.explained():
            self._refuse_if_closed()
            driver: Any = self.writer.connection.driver_connection
            driver.execute("BEGIN IMMEDIATE")
            try:
                self._refuse_if_deposed(driver)
                yield driver
                driver.execute("COMMIT")
            except BaseException:
                driver.rollback()
                raise

    @contextlib.contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """One state of the file, whatever is written meanwhile."""
        self._refuse_if_closed()
        with self.explained(), self.engine.connect() as connection:
            yield connection

    def _refuse_if_closed(self) -> None:
        if not self._is_open:
            raise StoreError(f"the store in {self.path.parent} is closed")

    def _refuse_if_deposed(self, driver: sqlite3.Connection) -> None:
        (epoch,) = driver.execute("SELECT epoch FROM ownership").fetchone()
        if epoch != self.epoch:
            raise Deposed(
                f"another {self._owner} has taken over {self.path.parent} "
                f"(epoch {epoch}, this one has {self.epoch}): this one must stop"
            )
