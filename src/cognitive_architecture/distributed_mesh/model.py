"""The values of the mesh: what a node is, what a task is, and what may happen to a task.

    PENDING ──lease──▶ RUNNING ──result accepted──▶ COMPLETED
       ▲  │               │ │
       │  │               │ └──attempts used up──▶ FAILED
       │  └──cancel──▶ CANCELLED ◀──cancel──┘
       └───────retry, node lost────┘

``DistributedTask`` and ``MeshNode`` are what callers hold. ``TaskSpec`` is what travels and is
stored: the same task with its payload encoded once, so that nobody on the way opens it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct

PRIORITY_MIN: Final = 1
PRIORITY_MAX: Final = 10
PRIORITY_DEFAULT: Final = 5
TIMEOUT_DEFAULT_S: Final = 300.0
ATTEMPTS_DEFAULT: Final = 3
BACKOFF_DEFAULT_S: Final = 0.5


class MeshNodeType(StrEnum):
    """The part a node plays."""

    AGENT = "agent"
    PROCESSOR = "processor"
    COORDINATOR = "coordinator"
    OBSERVER = "observer"
    GATEWAY = "gateway"


class TaskStatus(StrEnum):
    """Where a task stands; the last three are final."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing will change any more."""
        return self in _FINAL


_FINAL: Final = frozenset({TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED})


@dataclass(slots=True)
class MeshNode:
    """A machine, or a part of one, that takes tasks.

    ``node_id`` and the times are stamped on registration where they are left out.
    """

    node_id: str = ""
    node_type: MeshNodeType = MeshNodeType.AGENT
    capabilities: set[str] = field(default_factory=set)
    current_load: float = 0.0
    max_load: float = 1.0
    """Tasks it works on at the same time; every task weighs 1."""
    status: str = "active"
    metadata: dict[str, Any] = field(default_factory=dict)
    created_at: float | None = None
    """Seconds since the epoch."""
    last_heartbeat: float | None = None
    """Seconds since the epoch."""


NODE_LOST: Final = "node_lost"
"""The outcome of an attempt whose node was lost."""

CUT_OFF: Final = "node_cut_off"
"""The same where the node vanished together with many others: neither it nor the task is to blame.
"""

UNREACHED: Final = "unreached"
"""The outcome of an attempt that never came to its node: nothing there can have died of it."""

FELL_BACK: Final = "fell_back"
"""The outcome of the last attempt at a capability, after which the task's next one is tried."""


class Attempt(Struct, frozen=True, array_like=True, gc=False):
    """One try that did not end the task well, and why."""

    number: int
    node_id: str | None
    outcome: str
    """``failed``, ``timed_out``, ``stalled``, ``node_lost``, ``node_cut_off``, ``unreached``,
    ``fell_back``."""
    reason: str
    started_at: float
    """Seconds since the epoch."""
    ended_at: float
    """Seconds since the epoch."""
    lease: int = 0
    """The number under which it was given out; no other attempt of any task has it."""

    @property
    def is_loss(self) -> bool:
        """Whether the node is to blame, and not the task or its handler."""
        return self.outcome in (NODE_LOST, CUT_OFF, UNREACHED)

    @property
    def may_have_killed(self) -> bool:
        """Whether its node may be gone because of it."""
        return self.outcome == NODE_LOST

    @property
    def is_excused(self) -> bool:
        """Whether nobody is to blame."""
        return self.outcome == CUT_OFF


@dataclass(slots=True)
class DistributedTask:
    """A piece of work for whichever node can do it.

    ``task_id`` and ``created_at`` are stamped on admission where they are left out. The fields
    from ``status`` on are what the mesh answers; a submitted value of them is ignored.
    """

    task_id: str = ""
    task_type: str = ""
    """The capability that does it."""
    payload: dict[str, Any] = field(default_factory=dict)
    """A JSON object."""
    priority: int = PRIORITY_DEFAULT
    """1 to 10, 10 most urgent."""
    timeout: float = TIMEOUT_DEFAULT_S
    """Seconds one attempt may run."""
    requester_node: str | None = None
    required_capabilities: frozenset[str] = frozenset()
    """What the node must offer besides ``task_type``."""
    idempotency_key: str | None = None
    """Two submissions of one requester with the same key are one task."""
    max_attempts: int = ATTEMPTS_DEFAULT
    backoff_s: float = BACKOFF_DEFAULT_S
    """Pause before the second attempt; it doubles for each further one."""
    fallback_capabilities: list[str] = field(default_factory=list)
    """Capabilities to be tried one after the other, with the same payload, when all attempts at
    ``task_type`` have failed; each has ``max_attempts`` of its own."""
    wait_for_node: bool = False
    """Accept the task although no node of this mesh has ever offered what it needs."""
    requirements: Sequence[str] = ()
    """Expressions over the attributes of a node, all of which must hold; see docs/matching.md."""
    preferences: Mapping[str, float] = field(default_factory=dict)
    """Expressions over the attributes of a node, and how much each counts where it holds."""
    pattern: str = ""
    """A pattern in Scheme notation that must be found among the atoms of node and task."""
    atoms: str = ""
    """Atoms of the task itself, in Scheme notation, for the pattern to look at."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """What nodes may look at when they choose whom to serve."""
    affinity: str | None = None
    """A key, as of a story or a session: nodes that served it lately are preferred."""
    deadline_s: float | None = None
    """Seconds from submission by which it should have ended; it grows more urgent towards it, and
    goes on after it."""
    latency_target_s: float | None = None
    """Somebody waits for it, and would like to see it begin within so many seconds: it goes before
    all tasks for which nobody waits, as far as its requester's share allows."""
    concepts: frozenset[str] = frozenset()
    """What it is about: names by which it can be raised and lowered together with others."""
    resumable: bool = False
    """It may be stopped when somebody waits for another task and no slot is free, and goes on later
    from its checkpoint, or begins anew if it has none."""
    exclusive: bool = False
    """It is not hedged: no second attempt is begun beside one that takes unusually long."""
    cost_s: float | None = None
    """What it will about cost, in seconds of a slot, if its requester knows better than the mean of
    its type; what it did cost is charged in the end."""

    status: TaskStatus = TaskStatus.PENDING
    assigned_node: str | None = None
    second_node: str | None = None
    """Where a second attempt runs beside the first, which takes long; ``None`` mostly."""
    created_at: float | None = None
    """Seconds since the epoch."""
    started_at: float | None = None
    """Seconds since the epoch."""
    completed_at: float | None = None
    """Seconds since the epoch."""
    result: Any = None
    error: str | None = None
    attempts: list[Attempt] = field(default_factory=list)
    """The attempts that went wrong, oldest first."""


class Wishes(Struct, frozen=True, array_like=True, gc=False):
    """What tasks of one kind want of a node, beyond capabilities; see ``docs/matching.md``."""

    requirements: tuple[str, ...] = ()
    """Expressions over a node's attributes; all must hold."""
    preferences: tuple[tuple[str, float], ...] = ()
    """Expressions and their weights."""
    pattern: str = ""
    """A pattern in Scheme notation that must be found among the atoms of node and task."""
    atoms: str = ""
    """The task's own atoms, in Scheme notation; only looked at where there is a pattern."""


class TaskOptions(Struct, frozen=True, array_like=True, gc=False):
    """What few tasks ask for; most travel without it."""

    capabilities: tuple[str, ...] = ()
    idempotency_key: str | None = None
    max_attempts: int = ATTEMPTS_DEFAULT
    backoff_s: float = BACKOFF_DEFAULT_S
    wait_for_node: bool = False
    wishes: Wishes | None = None
    labels: tuple[tuple[str, str], ...] = ()
    affinity: str | None = None
    deadline_s: float | None = None
    """From submission."""
    latency_target_s: float | None = None
    """From submission."""
    concepts: tuple[str, ...] = ()
    cost_s: float | None = None
    fallback: tuple[str, ...] = ()
    resumable: bool = False
    exclusive: bool = False


COMMON_OPTIONS: Final = TaskOptions()


class Change(Struct, frozen=True, array_like=True):
    """What is to be more urgent from now on, or less; what is not named stays as it is."""

    tasks: dict[str, int] = {}
    """New priorities, by task id."""
    types: dict[str, float] = {}
    """By task type: by how many levels all its tasks are raised; 0 undoes it."""
    concepts: dict[str, float] = {}
    """By concept: by how many levels the tasks that declare it are raised; 0 undoes it."""
    requesters: dict[str, float] = {}
    """New weights, by requester; 1 is everybody's unless it is changed."""


class TaskSpec(Struct, frozen=True, array_like=True, gc=False):
    """What was asked, as it travels and is stored; after admission only its priority changes."""

    task_id: str
    task_type: str
    payload: bytes
    """A msgpack map. Only the requester and the handler look inside."""
    priority: int = PRIORITY_DEFAULT
    timeout_s: float = TIMEOUT_DEFAULT_S
    requester: str | None = None
    options: TaskOptions | None = None

    @property
    def rare(self) -> TaskOptions:
        """The options, given or not."""
        return self.options or COMMON_OPTIONS


class Ending(Struct, frozen=True, array_like=True, gc=False):
    """How a task ended: written once, told to whoever asked, never changed."""

    task_id: str
    serial: int
    """The task's place in the store."""
    status: str
    """A final ``TaskStatus``."""
    result: bytes | None
    """msgpack; ``None`` unless completed."""
    reason: str | None
    """A sentence; ``None`` if completed."""
    node_id: str | None
    attempt: int
    started_at: float | None
    """Seconds since the epoch; when the last attempt was sent to its node."""
    ended_at: float
    """Seconds since the epoch."""


class TaskEventKind(StrEnum):
    """What can be heard of a task while it lives."""

    QUEUED = "queued"
    ASSIGNED = "assigned"
    PROGRESS = "progress"
    CHUNK = "chunk"
    RETRYING = "retrying"
    """The attempt is void, and so are its chunks; the next one starts from the beginning."""
    BLOCKED = "blocked"
    """No node offers what it needs; ``note`` says why, node by node."""
    DELAYED = "delayed"
    """Something is overloaded, and what matters least waits; ``note`` says what and for what."""
    ENDED = "ended"


class TaskEvent(Struct, frozen=True, array_like=True, gc=False):
    """One thing that happened to a task; fields that do not apply are ``None``."""

    task_id: str
    kind: str
    """A ``TaskEventKind``."""
    attempt: int = 0
    node_id: str | None = None
    note: str | None = None
    fraction: float | None = None
    """0 to 1, of PROGRESS."""
    index: int | None = None
    """0, 1, 2 … within the attempt, of CHUNK."""
    chunk: bytes | None = None
    """msgpack, of CHUNK."""
    ending: Ending | None = None
    """Of ENDED."""


@dataclass(frozen=True, slots=True)
class NodeAdvertisement:
    """What a node says of itself to those who look for one."""

    node_id: str
    node_type: MeshNodeType = MeshNodeType.AGENT
    capabilities: frozenset[str] = frozenset()
    endpoint: str = ""
    port: int = 0
    load_capacity: float = 1.0
    current_load: float = 0.0
    metadata: Mapping[str, Any] = field(default_factory=dict)
    timestamp: float = 0.0
    """Seconds since the epoch, by the node's own clock."""
    ttl: float = 30.0
    """Seconds it may be believed without being renewed."""

    def to_dict(self) -> dict[str, Any]:
        """As JSON can say it; ``from_dict`` is the inverse."""
        return asdict(self) | {
            "node_type": str(self.node_type),
            "capabilities": sorted(self.capabilities),
            "metadata": dict(self.metadata),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> NodeAdvertisement:
        """The advertisement that ``to_dict`` made; unknown fields are left aside."""
        known = {key: data[key] for key in _ADVERT_FIELDS if key in data}
        known["node_type"] = MeshNodeType(data.get("node_type", MeshNodeType.AGENT))
        known["capabilities"] = frozenset(data.get("capabilities", ()))
        return cls(**known)


_ADVERT_FIELDS: Final = tuple(spec.name for spec in fields(NodeAdvertisement))
