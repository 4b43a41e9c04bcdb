"""Facts that the dispatch machine is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cognitive_architecture.distributed_mesh.messages import Claim, Outcome, Vitals
from cognitive_architecture.distributed_mesh.model import Change, TaskSpec
from cognitive_architecture.distributed_mesh.records import OpenTask
from cognitive_architecture.foundation.errors import StoreError


@dataclass(frozen=True, slots=True)
class TasksFound:
    """A new owner read these, unended, from its store."""

    tasks: list[OpenTask]


@dataclass(frozen=True, slots=True)
class TasksSubmitted:
    """Somebody wants these done."""

    sender: str
    request: int
    tasks: list[TaskSpec]
    tell: bool


@dataclass(frozen=True, slots=True)
class Written:
    """Writes that are durable now."""

    tickets: list[int]
    repeats: dict[int, str]
    """Serial of a task that was not written, and the id of the earlier one it repeats."""


@dataclass(frozen=True, slots=True)
class WriteFailed:
    """Writes of which nothing was kept."""

    tickets: list[int]
    error: StoreError


@dataclass(frozen=True, slots=True)
class CancelRequested:
    """Somebody no longer wants these."""

    sender: str
    request: int
    task_ids: list[str]


@dataclass(frozen=True, slots=True)
class WatchRequested:
    """Somebody wants to hear of these."""

    sender: str
    request: int
    task_ids: list[str]
    stream: bool


@dataclass(frozen=True, slots=True)
class WatchEnded:
    """Somebody no longer wants to hear of these; ``None`` means of anything."""

    sender: str
    task_ids: list[str] | None


@dataclass(frozen=True, slots=True)
class NodeArrived:
    """A node says that it is there, for the first time or again."""

    address: str
    node_id: str
    node_type: str
    capabilities: frozenset[str]
    slots: int
    granted: int
    received: int
    claims: list[Claim]
    metadata: dict[str, Any]


@dataclass(frozen=True, slots=True)
class NodeLost:
    """A node is gone, or silent, or its link is cut."""

    address: str
    reason: str


@dataclass(frozen=True, slots=True)
class NodeLeft:
    """A node said goodbye; it holds nothing."""

    address: str


@dataclass(frozen=True, slots=True)
class NodeDrains:
    """A node takes nothing more."""

    address: str


@dataclass(frozen=True, slots=True)
class NodeReported:
    """Attempts are over."""

    address: str
    number: int
    granted: int
    outcomes: list[Outcome]


@dataclass(frozen=True, slots=True)
class NodeHandedBack:
    """A node will not do these."""

    address: str
    leases: list[int]
    reason: str
    granted: int
    refused: bool = False
    """It will not do them, however much room it has."""


@dataclass(frozen=True, slots=True)
class NodeMeasured:
    """A heartbeat."""

    address: str
    vitals: Vitals
    health_score: float
    granted: int
    received: int
    held: list[int]
    reported: list[int]
    beat: int = 0
    heard: int = 0


@dataclass(frozen=True, slots=True)
class NodesInContact:
    """The processes of these answer pings; told every ``roster.CONTACT_TOLD_S``, of all."""

    addresses: list[str]


@dataclass(frozen=True, slots=True)
class AttemptProgressed:
    """A handler says how far it is."""

    address: str
    lease: int
    fraction: float
    note: str


@dataclass(frozen=True, slots=True)
class ChunkArrived:
    """A handler streamed a piece of its result."""

    address: str
    lease: int
    index: int
    data: bytes


@dataclass(frozen=True, slots=True)
class CheckpointSaved:
    """A handler keeps what the next attempt may go on from."""

    address: str
    lease: int
    data: bytes


@dataclass(frozen=True, slots=True)
class WeightsChanged:
    """Requesters have other shares from now on; those that are not named keep theirs."""

    weights: dict[str, float]
    """By requester; 1 is the weight of whoever was never named, only proportions matter."""


@dataclass(frozen=True, slots=True)
class Reprioritised:
    """Some of what waits matters more from now on, or less."""

    change: Change
    sender: str = ""
    """Who is told when it is durable; nobody if empty."""
    request: int = 0


Event = (
    TasksFound
    | TasksSubmitted
    | Written
    | WriteFailed
    | CancelRequested
    | WatchRequested
    | WatchEnded
    | NodeArrived
    | NodeLost
    | NodeLeft
    | NodeDrains
    | NodeReported
    | NodeHandedBack
    | NodeMeasured
    | NodesInContact
    | AttemptProgressed
    | ChunkArrived
    | CheckpointSaved
    | WeightsChanged
    | Reprioritised
)
