"""Whoever changes what is more urgent while tasks wait: operators, and the economy of attention.

What is ordered here holds for the next decision. A task's priority is written to the store and
survives a restart; levels of types and concepts, and weights, are gone with this process: whoever
set them sets them again.
"""

from __future__ import annotations

from cognitive_architecture.distributed_mesh.messages import Answer, Denied, Fault
from cognitive_architecture.distributed_mesh.policies.steering import wrong_change
from cognitive_architecture.distributed_mesh.records import WriteBatch

from . import raising
from .board import Board
from .effects import Effect, Tell
from .events import Reprioritised, WeightsChanged
from .writing import PendingWrite


def on_weights_changed(board: Board, event: WeightsChanged, now: float) -> list[Effect]:
    """Let requesters have other shares from the next decision on."""
    board.shares.set_weights(event.weights)
    return []


def on_reprioritised(board: Board, event: Reprioritised, now: float) -> list[Effect]:
    """Raise and lower what waits; answer, if somebody wants to hear, when all of it is durable."""
    change = event.change
    refusal = wrong_change(change) or board.urgency.crowded(change)
    if refusal is not None:
        return [*_told(event, Denied(event.request, Fault.of(refusal)))]
    board.shares.set_weights(change.requesters)
    moved, written, unknown = raising.set_priorities(board, change.tasks)
    for task_type, levels in change.types.items():
        moved += raising.raise_type(board, task_type, levels)
    if change.concepts:
        moved += raising.raise_concepts(board, change.concepts)
    reply = _told(event, Answer(event.request, {"waiting": moved, "unknown": unknown}))
    if not written:
        return [*reply]
    batch = WriteBatch(priorities=written)
    return [board.writes.order(PendingWrite(batch, replies=reply))]


def _told(event: Reprioritised, message: Answer | Denied) -> list[Tell]:
    return [Tell(event.sender, message)] if event.sender else []
