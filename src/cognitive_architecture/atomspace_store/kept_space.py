"""A space and its store: changes on their way to the disk."""

from __future__ import annotations

import asyncio

from cognitive_architecture.atomspace import AtomSpace, Change
from cognitive_architecture.foundation.errors import StoreError

from .ports import AtomStore


class KeptSpace:
    """A space that a store keeps: loaded, every change heard, and committed when it is told to.

    Changes that are waiting while a commit is under way are written together by the next.

    Args:
        space: An empty one; filled with what is kept.
        store: An open one.

    Raises:
        StoreError, AtomTypeError: See :meth:`AtomStore.load`.
    """

    def __init__(self, space: AtomSpace, store: AtomStore) -> None:
        self.space = space
        self._store = store
        self._waiting: list[Change] = []
        self._heard = 0
        self._durable = 0
        self._writing: asyncio.Task[None] | None = None
        store.load(space)
        self._unsubscribe = space.subscribe(self._hear)

    def _hear(self, change: Change) -> None:
        self._waiting.append(change)
        self._heard += 1

    @property
    def backlog(self) -> int:
        """How many changes are not durable."""
        return self._heard - self._durable

    async def commit(self) -> None:
        """Return when every change that was made before is durable.

        Raises:
            StoreFull: Some are not; a later call writes them.
            StoreError: As :meth:`AtomStore.append_now`; what is not written goes on waiting.
        """
        wanted = self._heard
        while self._durable < wanted:
            if self._writing is None:
                self._writing = asyncio.ensure_future(self._write())
            await asyncio.shield(self._writing)  # others may wait for it, and it must be counted

    async def _write(self) -> None:
        taken, self._waiting = self._waiting, []
        try:
            await self._store.append(taken)
            self._durable += len(taken)
        except BaseException:
            self._waiting = taken + self._waiting
            raise
        finally:
            self._writing = None

    def commit_now(self) -> None:
        """:meth:`commit` for a program without an event loop.

        Raises:
            StoreError: As :meth:`commit`; or that one is under way.
        """
        if self._writing is not None:
            raise StoreError("a commit is under way: await commit() instead of commit_now()")
        if self._waiting:
            self._store.append_now(self._waiting)
            self._durable += len(self._waiting)
            self._waiting = []

    def stop(self) -> None:
        """Hear nothing more; what is not durable by now is not written."""
        self._unsubscribe()
