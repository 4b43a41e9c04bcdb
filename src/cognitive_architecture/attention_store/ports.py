"""Where an economy is kept: two adapters, one conformance suite (``tests/conformance/``)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Keepsakes:
    """What is to be kept, together or not at all."""

    at: float
    """When it happened; seconds since the epoch."""
    records: tuple[bytes, ...] = ()
    """Of the journal, in their order."""
    beliefs: Mapping[int, bytes] = field(default_factory=dict)
    """Hebbian links by the handle of their source, packed by ``beliefs``; empty: there are none
    any more."""
    replaces_beliefs: bool = False
    """Whether sources that are not named have no links."""
    checkpoint: bytes | None = None
    """What stands for the journal up to here, these records included."""

    @property
    def rows(self) -> int:
        """Rows that are written."""
        return len(self.records) + len(self.beliefs) + (self.checkpoint is not None)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a store holds, from a checkpoint on."""

    checkpoint: bytes | None = None
    """The books before the first record; ``None`` if the journal is there from its beginning."""
    records: tuple[bytes, ...] = ()
    instants: tuple[float, ...] = ()
    """When each was kept; seconds since the epoch."""
    beliefs: Mapping[int, bytes] = field(default_factory=dict)


class AttentionStore(Protocol):
    """Keeps one economy.

    One owner at a time: ``open`` takes the store over, and from then on the owner before may not
    write. ``past`` may be called from any thread, the others from one at a time.
    """

    reads_block: bool
    """Whether opening and reading have to wait for a disk, and so belong on a thread."""

    def open(self) -> Kept:
        """Take the store over; what its owner goes on with: from the newest checkpoint on.

        Raises:
            StoreLocked: A living owner of this machine holds it.
            StoreNotWritable: The place cannot be written.
            StoreTooNew: A newer version of this program wrote it.
            StoreError: It is damaged, or something else.
        """
        ...

    def close(self) -> None:
        """Finish what is being written and release the store. Idempotent."""
        ...

    def commit_now(self, keepsakes: Keepsakes) -> None:
        """Keep all of it; it is durable on return.

        Raises:
            StoreFull: Nothing was written; later it may be.
            Deposed: Nothing was written, and nothing ever will be, by this owner.
            StoreError: The store failed in another way; nothing was written.
        """
        ...

    def commit(self, keepsakes: Keepsakes) -> asyncio.Future[None]:
        """``commit_now`` without keeping the event loop waiting.

        The future may be done on return. What is committed one after the other is written in that
        order.
        """
        ...

    def past(self) -> Kept:
        """From the checkpoint before the newest on: at least all that came since the newest.

        Raises:
            StoreError: It cannot be read.
        """
        ...
