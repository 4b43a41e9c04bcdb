"""Asking single memory nodes, and noticing when one of them goes.

A task for a node that is lost would wait for its return. So whoever asks looks now and then who is
there, takes the task back where its node is gone, and asks others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final, Protocol

from cognitive_architecture.distributed_mesh.model import DistributedTask
from cognitive_architecture.foundation.errors import MeshError, PlacementError, TaskCancelled
from cognitive_architecture.foundation.world import World

from .words import capability_of, memory_nodes

_LOOK_S: Final = 0.3
"""How old the list of memory nodes may be, and how often a waiting asker looks again."""

_ATTEMPTS: Final = 5
_BACKOFF_S: Final = 0.1


class Mesh(Protocol):
    """The way to the mesh: ``MeshClient``, or ``task.mesh`` of a handler."""

    async def run(self, task: DistributedTask) -> Any:
        """Submit a task and wait for its result."""
        ...

    async def cancel(self, task_id: str) -> bool:
        """End a task wherever it is."""
        ...

    async def nodes(self) -> list[dict[str, Any]]:
        """The nodes of the mesh."""
        ...


class NodeGone(Exception):
    """The memory node is no longer there; what it was asked for may have been done or not."""


class Asking:
    """Asks memory nodes.

    Args:
        mesh: The way to them.
        world: For time and ids.
        priority: Of the tasks.
    """

    def __init__(self, mesh: Mesh, world: World, *, priority: int) -> None:
        self._mesh = mesh
        self._clock = world.clock
        self._ids = world.ids
        self._priority = priority
        self._members: frozenset[str] = frozenset()
        self._looked_at = float("-inf")
        self._looking = asyncio.Lock()
        self._taken_back: set[asyncio.Task[None]] = set()

    async def members(self, *, fresh: bool = False) -> frozenset[str]:
        """The memory nodes that are there.

        Args:
            fresh: Look now, however short ago somebody did.

        Raises:
            MeshError: No orchestrator answers.
        """
        asked_at = self._clock.now()
        async with self._looking:  # those who ask at the same time look once
            if self._looked_at < (asked_at if fresh else asked_at - _LOOK_S):
                looked_at = self._clock.now()
                self._members = memory_nodes(await self._mesh.nodes())
                self._looked_at = looked_at
        return self._members

    async def ask(
        self, node_id: str, payload: Mapping[str, Any], *, timeout_s: float
    ) -> dict[str, Any]:
        """What one memory node answers.

        Raises:
            NodeGone: It is not there, or no longer.
            TaskFailed: It refused, or failed again and again.
            MeshError: The mesh refused the task, or no orchestrator answers.
        """
        task = DistributedTask(
            task_id=self._ids.next_id("task"),
            task_type=capability_of(node_id),
            payload=dict(payload),
            priority=self._priority,
            timeout=timeout_s,
            max_attempts=_ATTEMPTS,
            backoff_s=_BACKOFF_S,
        )
        asking = asyncio.ensure_future(self._mesh.run(task))
        asking.add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            while not asking.done():
                await asyncio.wait([asking], timeout=_LOOK_S)
                if not asking.done() and node_id not in await self.members():
                    raise NodeGone(node_id)
            answer: dict[str, Any] = asking.result()
            return answer
        except (PlacementError, TaskCancelled) as error:
            raise NodeGone(node_id) from error
        finally:
            if not asking.done():
                asking.cancel()
                self._take_back(task.task_id)

    def _take_back(self, task_id: str) -> None:
        """Let the mesh know that nobody waits for a task; nobody waits for that either."""

        async def cancel() -> None:
            with suppress(MeshError):  # it has ended, or the client is closed
                await self._mesh.cancel(task_id)

        taking = asyncio.get_running_loop().create_task(cancel())
        self._taken_back.add(taking)
        taking.add_done_callback(self._taken_back.discard)
