"""Orders that the dispatch machine gives."""

from __future__ import annotations

from dataclasses import dataclass

from cognitive_architecture.distributed_mesh.messages import Message
from cognitive_architecture.distributed_mesh.records import WriteBatch


@dataclass(frozen=True, slots=True)
class Write:
    """Make this durable, after every earlier write; then say Written or WriteFailed."""

    ticket: int
    batch: WriteBatch


@dataclass(frozen=True, slots=True)
class Tell:
    """Send a message."""

    address: str
    message: Message
    can_wait: bool = False
    """Nobody waits for it: let it travel with the next one, a few milliseconds later at most."""


@dataclass(frozen=True, slots=True)
class LookUp:
    """Answer from the store how these ended, or that they are not known."""

    address: str
    request: int
    task_ids: list[str]


@dataclass(frozen=True, slots=True)
class Incident:
    """Take note of something that an operator would want to know."""

    kind: str
    """``node_joined``, ``node_left``, ``node_lost``, ``attempt_failed``, ``attempt_timed_out``."""
    node_id: str
    reason: str = ""
    task_id: str | None = None


Effect = Write | Tell | LookUp | Incident
