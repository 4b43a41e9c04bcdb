"""Where the mesh touches the world: a fabric that carries bytes and a store that keeps tasks.

``Requester`` is another door, from one room to another: a node asks through it without knowing who
makes clients.

Each port has two adapters (``adapters/``) that pass the same conformance suite
(``tests/conformance/``). Nothing but ``composition`` knows which one is in use.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from .model import DistributedTask, Ending
from .records import Balance, OpenTask, Ownership, StoredTask, TaskCounts, TaskFilter, WriteBatch

Receive = Callable[[list[bytes]], None]
"""Takes every frame that has arrived since it was last called; runs on the event loop."""

OnPresence = Callable[[str, bool], None]
"""Told an address and whether its owner is there now; runs on the event loop."""


class Fabric(Protocol):
    """Carries frames between addresses, in order, without loss while both ends are there.

    An address is ``kind/name``: ``orchestrator/…``, ``node/…``, ``client/…``. A frame to an
    address that nobody listens at is lost; whoever needs an answer watches the address.
    All methods are called on the event loop that called ``start``.
    """

    async def start(self) -> None:
        """Open the network. Idempotent.

        Raises:
            EndpointInUse: Somebody else listens where this fabric should.
            FabricError: The network cannot be opened. That nobody answers at the endpoint is no
                error here: whoever looks for somebody waits for him with ``watch``.
        """
        ...

    async def stop(self) -> None:
        """Send what is waiting, withdraw every presence, close the network. Idempotent."""
        ...

    async def listen(self, address: str, receive: Receive) -> None:
        """Hand frames for ``address`` to ``receive``, at most one call per turn of the loop."""
        ...

    def ignore(self, address: str) -> None:
        """Undo ``listen``."""
        ...

    def send(self, address: str, frame: bytes) -> None:
        """Queue a frame. Never blocks and never drops; see ``backlog_bytes``."""
        ...

    def backlog_bytes(self, address: str) -> int:
        """What is queued for ``address`` because it takes frames slower than they come."""
        ...

    async def drained(self, address: str) -> None:
        """Return when the backlog of ``address`` is small again, or its owner is gone."""
        ...

    def heard_from(self, address: str) -> None:
        """The owner of ``address`` has just spoken, so it is taking frames."""
        ...

    def announce(self, address: str) -> None:
        """Let watchers of its kind know that the owner of ``address`` is there.

        Listen first: who sees the announcement may send at once.
        """
        ...

    def withdraw(self, address: str) -> None:
        """Undo ``announce``; the death of the process does the same."""
        ...

    async def watch(self, kind: str, on_presence: OnPresence) -> None:
        """Report who of ``kind`` is there now, and every change from now on."""
        ...

    def in_contact(self) -> list[str]:
        """The addresses whose processes are known to live, whatever their links do.

        Pings say so, there and back and now (``policies/detection/contact.py``); where there are
        none, nobody is. An address that is missing may live as well.
        """
        ...


class TaskStore(Protocol):
    """Keeps tasks, their failed attempts and their endings.

    One owner at a time: ``open`` takes the store over, and from then on the owner before may
    not write. Reading methods and ``forget`` may be called from any thread.
    """

    reads_block: bool
    """Whether they may have to wait for a disk, and so belong on a thread."""

    def open(self) -> Ownership:
        """Take the store over.

        Raises:
            StoreLocked: A living orchestrator of this machine holds it.
            StoreNotWritable: The place cannot be written.
            StoreTooNew: A newer version of this program wrote it.
        """
        ...

    def close(self) -> None:
        """Release the store. Idempotent."""
        ...

    def open_tasks(self) -> Iterator[list[OpenTask]]:
        """Everything that has not ended, oldest first, in portions."""
        ...

    def commit_now(self, batch: WriteBatch) -> dict[int, str]:
        """Write a batch; it is durable on return.

        Returns:
            Serial of a task that was not written because it repeats an earlier one (same id, or
            same requester and idempotency key), and the id of that earlier task.

        Raises:
            StoreFull: Nothing of the batch was written; later it may be.
            Deposed: Nothing was written, and nothing ever will be, by this owner.
            StoreError: The store failed in another way; nothing was written.
        """
        ...

    def commit(self, batch: WriteBatch) -> asyncio.Future[dict[int, str]]:
        """``commit_now`` without keeping the event loop waiting.

        The future may be done on return: a store that can write quicker than it can hand over to
        a thread does so. Commits happen in the order in which they are asked for.
        """
        ...

    def task(self, task_id: str) -> StoredTask | None:
        """Everything known of one task."""
        ...

    def endings(self, task_ids: list[str]) -> list[Ending]:
        """The endings of those that have ended."""
        ...

    def tasks(self, wanted: TaskFilter) -> list[StoredTask]:
        """The youngest tasks that pass, youngest first."""
        ...

    def balance(self, requester: str) -> Balance | None:
        """What a requester was charged since it was first kept, and what it was owed last.

        ``""`` stands for all tasks that name no requester.
        """
        ...

    def counts(self) -> TaskCounts:
        """How many tasks are held."""
        ...

    def forget(self, *, ended_before: float, ended_kept_max: int) -> int:
        """Remove ended tasks that are too old or too many, oldest first, and old balances.

        Args:
            ended_before: Seconds since the epoch.
            ended_kept_max: Of the ended tasks, how many may stay.

        Returns:
            How many were removed; call again while it is not 0, each call is short.
        """
        ...


class Requester(Protocol):
    """Whoever asks the mesh for something; ``MeshClient`` is the one there is."""

    async def open(self) -> None:
        """Find the orchestrator.

        Raises:
            MeshUnreachable: There is none, or it does not answer.
        """
        ...

    def close(self) -> None:
        """Leave; whoever still waits hears that no answer will come."""
        ...

    async def run(self, task: DistributedTask) -> Any:
        """Submit a task and wait for its result; see ``MeshClient.run``."""
        ...

    async def cancel(self, task_id: str) -> bool:
        """End a task wherever it is; see ``MeshClient.cancel``."""
        ...

    async def nodes(self) -> list[dict[str, Any]]:
        """The nodes of the mesh."""
        ...
