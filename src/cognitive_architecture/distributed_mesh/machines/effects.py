"""Orders that the dispatch machine gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cognitive_architecture.distributed_mesh.messages import Message
from cognitive_architecture.distributed_mesh.policies.recovery import FailureType, RecoveryPlan
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
    stream: bool = False
    """Whether everything on the way is to be told, should it turn out that one is open."""


@dataclass(frozen=True, slots=True)
class Incident:
    """Take note of something that an operator would want to know."""

    kind: str
    """``node_joined``, ``node_left``, ``node_lost``, ``node_suspected``, ``node_refuted``,
    ``node_gray``, ``node_left_out``, ``network_partition``, ``attempt_failed``,
    ``attempt_timed_out``, ``attempt_stalled``, ``attempt_unreached``, ``attempt_late``,
    ``hedge_over``, ``overloaded``, ``overload_over``, ``task_quarantined``, ``circuit_opened``,
    ``circuit_closed``, ``recovered``."""
    node_id: str
    reason: str = ""
    task_id: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    """The numbers behind the reason, for programs. ``failure`` is the number of the failure that
    this, and a later ``recovered``, ``hedge_over`` or ``overload_over``, belong to."""
    kind_of: FailureType | None = None
    """The kind of failure that it is; ``None`` if it is none."""
    plan: RecoveryPlan | None = None
    """What is done about it."""


Effect = Write | Tell | LookUp | Incident
