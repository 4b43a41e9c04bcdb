"""What handlers ask of the mesh: a client of their node, and for each attempt a door to it.

A child task never outlives the attempt that asked for it: it gets the time that the attempt has
left, and it is cancelled when the attempt is over before it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError as StoppedWaiting
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final, TypeVar

from cognitive_architecture.distributed_mesh.messages import Assignment
from cognitive_architecture.distributed_mesh.model import DistributedTask
from cognitive_architecture.distributed_mesh.ports import Requester
from cognitive_architecture.foundation.errors import (
    HandlerError,
    MeshError,
    MeshUnreachable,
    TaskCancelled,
)
from cognitive_architecture.foundation.world import World

T = TypeVar("T")

_CANCELLING_S: Final = 1.0
"""A leaving node waits so long for its child tasks to be known as cancelled."""

_TIMEOUT_MIN_S: Final = 0.001


class NodeRequests:
    """The client of one node, made when somebody first asks for it.

    Args:
        world: For time, and for the ids of child tasks.
        make: Makes the client; ``None`` where this node has none.
    """

    def __init__(self, world: World, make: Callable[[], Requester] | None) -> None:
        self._world = world
        self._make = make
        self._client: Requester | None = None
        self._opening = asyncio.Lock()
        self._cancelling: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._loop_thread = 0
        self._is_closed = False

    def start(self) -> None:
        """Belong to the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._loop_thread = threading.get_ident()

    async def close(self, *, says_goodbye: bool = True) -> None:
        """Close the client.

        Args:
            says_goodbye: Let the mesh hear first which child tasks nobody waits for any more.
        """
        self._is_closed = True
        if self._cancelling and says_goodbye:
            await asyncio.wait(self._cancelling, timeout=_CANCELLING_S)
        for task in self._cancelling:
            task.cancel()
        if self._client is not None:
            self._client.close()

    async def client(self) -> Requester:
        """The client of this node.

        Raises:
            MeshUnreachable: No orchestrator answers, or the node leaves.
            HandlerError: This node has no client.
        """
        if self._make is None:
            raise HandlerError("this node was made without a way to ask the mesh")
        async with self._opening:
            if self._is_closed:
                raise MeshUnreachable("this node leaves the mesh: it asks for nothing more")
            if self._client is None:
                client = self._make()
                try:
                    await client.open()
                except BaseException:
                    client.close()
                    raise
                self._client = client
        return self._client

    async def run(self, task: DistributedTask) -> Any:
        """Submit a task and wait for its result; it is cancelled if the waiting is.

        Raises:
            MeshError: As ``MeshClient.run``.
        """
        client = await self.client()
        child = replace(task, task_id=task.task_id or self._world.ids.next_id("task"))
        try:
            return await client.run(child)
        except asyncio.CancelledError:
            self._cancel_soon(client, child.task_id)
            raise

    async def cancel(self, task_id: str) -> bool:
        """End a task wherever it is; see ``MeshClient.cancel``."""
        return await (await self.client()).cancel(task_id)

    async def nodes(self) -> list[dict[str, Any]]:
        """The nodes of the mesh.

        Raises:
            MeshError: No orchestrator answers.
        """
        return await (await self.client()).nodes()

    def now(self) -> float:
        """The instant, by the clock of this node."""
        return self._world.clock.now()

    def _cancel_soon(self, client: Requester, task_id: str) -> None:
        async def cancel() -> None:
            with suppress(MeshError):  # it was refused, or has ended: so much the better
                await client.cancel(task_id)

        task = asyncio.get_running_loop().create_task(cancel())
        self._cancelling.add(task)
        task.add_done_callback(self._cancelling.discard)

    @property
    def loop_elsewhere(self) -> asyncio.AbstractEventLoop | None:
        """The event loop of this node; ``None`` on its own thread, where nobody may block."""
        return None if threading.get_ident() == self._loop_thread else self._loop


class AttemptRequests:
    """``task.mesh`` of one attempt.

    Args:
        requests: Of the node.
        assignment: What the attempt is at.
        deadline: When the attempt ends at the latest, by the node's clock.
    """

    def __init__(self, requests: NodeRequests, assignment: Assignment, deadline: float) -> None:
        self._requests = requests
        self._spec = assignment.spec
        self._deadline = deadline
        self._asked: set[asyncio.Task[Any]] = set()
        self._is_over = False

    async def run(self, task: DistributedTask) -> Any:
        """Submit a task and wait for its result; see ``MeshAccess``."""
        left_s = max(_TIMEOUT_MIN_S, self._deadline - self._requests.now())
        child = replace(task, priority=self._spec.priority, timeout=min(task.timeout, left_s))
        return await self._tracked(self._requests.run(child))

    async def cancel(self, task_id: str) -> bool:
        """End a task wherever it is; see ``MeshAccess``."""
        return await self._tracked(self._requests.cancel(task_id))

    async def nodes(self) -> list[dict[str, Any]]:
        """The nodes of the mesh."""
        return await self._tracked(self._requests.nodes())

    def wait(self, question: Coroutine[Any, Any, T]) -> T:
        """Let the node await something for a handler on a thread; see ``MeshAccess``."""
        loop = self._requests.loop_elsewhere
        if loop is None:
            question.close()
            raise HandlerError(
                "task.mesh.wait is for handlers that run on a thread; an async handler awaits: "
                "await task.mesh.run(…)"
            )
        try:
            return asyncio.run_coroutine_threadsafe(self._tracked(question), loop).result()
        except StoppedWaiting:
            raise TaskCancelled(self._spec.task_id, "the attempt that asked was stopped") from None

    async def _tracked(self, question: Coroutine[Any, Any, T]) -> T:
        if self._is_over:
            question.close()
            raise TaskCancelled(self._spec.task_id, "the attempt that asked is over")
        asking = asyncio.get_running_loop().create_task(question)
        self._asked.add(asking)
        asking.add_done_callback(self._asked.discard)
        return await asking

    def end(self) -> None:
        """The attempt is over; whatever it still asks for is cancelled."""
        self._is_over = True
        for asking in tuple(self._asked):
            asking.cancel()
