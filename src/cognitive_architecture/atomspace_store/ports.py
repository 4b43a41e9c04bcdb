"""Where a space is kept: two adapters, one conformance suite (``tests/conformance/``)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from cognitive_architecture.atomspace import AtomSpace, Change


class AtomStore(Protocol):
    """Keeps the changes of one space, in their order.

    One owner at a time: ``open`` takes the store over, and from then on the owner before may not
    write. Every method but ``append`` may be called from any thread, one at a time; ``compact``
    beside all others.
    """

    reads_block: bool
    """Whether loading and compacting have to wait for a disk, and so belong on a thread."""

    def open(self) -> int:
        """Take the store over.

        Returns:
            How many owners it has had, this one included.

        Raises:
            StoreLocked: A living owner of this machine holds it.
            StoreNotWritable: The place cannot be written.
            StoreTooNew: A newer version of this program wrote it.
            StoreError: It is damaged, or something else.
        """
        ...

    def close(self) -> None:
        """Release the store. Idempotent."""
        ...

    def load(self, space: AtomSpace) -> int:
        """Put what is kept into a space.

        Args:
            space: An empty one, which knows every type that the kept atoms have.

        Returns:
            How many atoms that are.

        Raises:
            AtomTypeError: The space does not know a type; the sentence names it.
            StoreError: The space is not empty, or what is kept cannot be read.
        """
        ...

    def append_now(self, changes: Sequence[Change]) -> None:
        """Write changes, all of them or none; they are durable on return.

        Args:
            changes: As a space tells them, in that order. An owner of a store that is not empty
                loads it first.

        Raises:
            UnknownAtom: A change speaks of an atom that is not kept. Nothing was written.
            StoreFull: Nothing was written; later it may be.
            Deposed: Nothing was written, and nothing ever will be, by this owner.
            StoreError: The store failed in another way; nothing was written.
        """
        ...

    def append(self, changes: Sequence[Change]) -> asyncio.Future[None]:
        """``append_now`` without keeping the event loop waiting.

        The future may be done on return. What is appended one after the other is written in that
        order; the caller leaves the changes as they are until then.
        """
        ...

    def log_length(self) -> int:
        """How many changes are in the log: what the next ``compact`` folds."""
        ...

    def compact(self) -> int:
        """Fold the log into the snapshot, and cut it; writers go on meanwhile.

        Whenever it ends early, by an error or by the death of the process, nothing is lost and
        the next call does the rest.

        Returns:
            How many changes were folded.

        Raises:
            StoreFull: There is no room for the snapshot.
            Deposed: Another owner has taken over.
            StoreError: The store failed in another way.
        """
        ...
