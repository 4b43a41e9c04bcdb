"""The store of one process: gone with it, and otherwise like the durable one."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from cognitive_architecture.foundation.errors import Deposed, MeshError, StoreError

from .ports import Keepsakes, Kept


class AttentionDisk:
    """What outlives an owner: two stores on one disk are two owners, one after the other."""

    def __init__(self) -> None:
        self.epoch = 0
        self.newest = Kept()
        """From the newest checkpoint on."""
        self.before = Kept()
        """From the checkpoint before it up to the newest; without beliefs."""


class MemoryAttentionStore:
    """An economy in values."""

    reads_block = False

    def __init__(self, disk: AttentionDisk | None = None) -> None:
        self._disk = disk or AttentionDisk()
        self._epoch = 0
        self._is_open = False

    def open(self) -> Kept:
        """Take the store over."""
        self._disk.epoch += 1
        self._epoch = self._disk.epoch
        self._is_open = True
        return self._disk.newest

    def close(self) -> None:
        """Write nothing more; there is nothing to release."""
        self._is_open = False

    def commit_now(self, keepsakes: Keepsakes) -> None:
        """Keep all of it."""
        self._refuse_if_not_the_owner()
        disk = self._disk
        beliefs = {} if keepsakes.replaces_beliefs else dict(disk.newest.beliefs)
        beliefs |= keepsakes.beliefs
        kept = Kept(
            disk.newest.checkpoint,
            disk.newest.records + keepsakes.records,
            disk.newest.instants + (keepsakes.at,) * len(keepsakes.records),
            {source: piece for source, piece in beliefs.items() if piece},
        )
        if keepsakes.checkpoint is not None:
            disk.before = replace(kept, beliefs={})
            kept = Kept(keepsakes.checkpoint, beliefs=kept.beliefs)
        disk.newest = kept

    def commit(self, keepsakes: Keepsakes) -> asyncio.Future[None]:
        """``commit_now``; the future is done."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        try:
            self.commit_now(keepsakes)
            future.set_result(None)
        except MeshError as error:
            future.set_exception(error)
        return future

    def past(self) -> Kept:
        """From the checkpoint before the newest on."""
        self._refuse_if_closed()
        before, newest = self._disk.before, self._disk.newest
        return Kept(
            before.checkpoint,
            before.records + newest.records,
            before.instants + newest.instants,
            newest.beliefs,
        )

    def _refuse_if_closed(self) -> None:
        if not self._is_open:
            raise StoreError("the store is closed")

    def _refuse_if_not_the_owner(self) -> None:
        self._refuse_if_closed()
        if self._epoch != self._disk.epoch:
            raise Deposed(
                f"another owner has taken over (epoch {self._disk.epoch}, this one has "
                f"{self._epoch}): this one must stop"
            )
