"""Requests of callers that cannot wait: answered before the call returns."""

from __future__ import annotations

from typing import Final

from cognitive_architecture.distributed_mesh.machines.entry import Phase
from cognitive_architecture.distributed_mesh.machines.events import (
    CancelRequested,
    Event,
    Reprioritised,
    TasksSubmitted,
)
from cognitive_architecture.distributed_mesh.messages import Accepted, Cancelled, Message
from cognitive_architecture.distributed_mesh.model import Change, DistributedTask
from cognitive_architecture.distributed_mesh.policies.admission import specify
from cognitive_architecture.distributed_mesh.policies.steering import portions, wrong_change
from cognitive_architecture.foundation.errors import MeshError
from cognitive_architecture.foundation.remote_errors import from_wire
from cognitive_architecture.foundation.world import World

from .dispatcher import Dispatcher

ADDRESS: Final = "direct"
"""Where the answers go; no fabric knows it."""

_TRIES: Final = 3


class DirectRequests:
    """Feeds a request, commits on the spot, and reads the answer."""

    def __init__(self, world: World, dispatcher: Dispatcher, *, payload_bytes_max: int) -> None:
        self._world = world
        self._dispatcher = dispatcher
        self._payload_bytes_max = payload_bytes_max
        self._answers: list[Message] = []

    def hear(self, message: Message) -> None:
        """Take an answer."""
        self._answers.append(message)

    def submit(self, task: DistributedTask) -> str:
        """Hand a task over; see ``CognitiveMeshOrchestrator.submit_task``."""
        task.task_id = task.task_id or self._world.ids.next_id("task")
        task.created_at = task.created_at or self._world.clock.wall()
        spec = specify(task, requester=None, payload_bytes_max=self._payload_bytes_max)
        answer = self._answer_to(TasksSubmitted(ADDRESS, 0, [spec], tell=False))
        if not isinstance(answer, Accepted):
            raise MeshError("the store did not answer; nothing was accepted")
        for _, fault in answer.refused:
            raise from_wire(fault.code, fault.sentence, fault.details)
        return answer.same_as[0][1] if answer.same_as else task.task_id

    def cancel(self, task_id: str) -> bool:
        """End a task; whether this call ended it, or will when its own write is through."""
        entry = self._dispatcher.board.entries.get(task_id)
        if entry is None or entry.phase is Phase.CLOSING:
            return False
        answer = self._answer_to(CancelRequested(ADDRESS, 0, [task_id]))
        return not isinstance(answer, Cancelled) or answer.stopped[0]

    def reprioritise(self, change: Change) -> None:
        """Let some of what waits matter more, or less.

        Raises:
            InvalidTask: A value is out of its range.
        """
        orders = list(portions(change))
        for order in orders:
            if (refusal := wrong_change(order)) is not None:
                raise refusal
        for order in orders:
            self._dispatcher.feed(Reprioritised(order))
        self._dispatcher.settle()

    def _answer_to(self, event: Event) -> Message | None:
        self._answers.clear()
        self._dispatcher.feed(event)
        # A cancellation may first have to wait for the write of its own task.
        for _ in range(_TRIES):
            if self._answers:
                break
            self._dispatcher.settle_now()
        return self._answers.pop() if self._answers else None
