"""What processes say to each other. Every sentence of the protocol is a class here.

Messages are arrays, their name first; ``frames`` makes bytes of them. Fields are only ever added
at the end, with a default; any other change raises ``PROTOCOL_VERSION``. Ages and durations travel,
clock readings do not, except those that are kept for people to read (``…_at``).

``docs/protocol.md`` is made from the docstrings of this file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct

from cognitive_architecture.foundation.errors import MeshError
from cognitive_architecture.foundation.sentences import sentence_of

from .model import Change, Ending, NodeAdvertisement, TaskEvent, TaskSpec

PROTOCOL_VERSION: Final = 2


class Fault(Struct, frozen=True, array_like=True):
    """An error on its way to another process; see ``foundation.remote_errors.from_wire``."""

    code: str
    sentence: str
    details: dict[str, Any]

    @classmethod
    def of(cls, error: MeshError) -> Fault:
        """What ``from_wire`` needs to rebuild ``error``."""
        return cls(error.code, sentence_of(error), error.details)


# -- a requester to the orchestrator ---------------------------------------------------------


class Submit(Struct, frozen=True, array_like=True, tag="submit"):
    """Please do these. Answered by Accepted once they are durable."""

    request: int
    tasks: list[TaskSpec]
    tell: bool = False
    """Send Ended for each of them without being asked again."""


class Cancel(Struct, frozen=True, array_like=True, tag="cancel"):
    """Stop these, wherever they are. Answered by Cancelled."""

    request: int
    task_ids: list[str]


class Reprioritise(Struct, frozen=True, array_like=True, tag="reprioritise"):
    """These matter more now, or less; 1,000 tasks at most, more in portions.

    Answered by Answer once it is durable, or by Denied.
    The body of the answer: ``waiting``, how many waiting tasks have another place now, and
    ``unknown``, the ids of tasks that have ended or were never known.
    """

    request: int
    change: Change


class Watch(Struct, frozen=True, array_like=True, tag="watch"):
    """Tell me how these end; with ``stream`` also everything on the way, as Happened."""

    request: int
    task_ids: list[str]
    stream: bool = False


class Unwatch(Struct, frozen=True, array_like=True, tag="unwatch"):
    """I no longer care about these."""

    task_ids: list[str]


class Ask(Struct, frozen=True, array_like=True, tag="ask"):
    """A question that changes nothing, or an operator's order. Answered by Answer or Denied."""

    request: int
    subject: str
    """``status``, ``nodes``, ``capabilities``, ``tasks``, ``task``, ``match``, ``weigh`` or
    ``drain``."""
    arguments: dict[str, Any] = {}


# -- the orchestrator to a requester ---------------------------------------------------------


class Accepted(Struct, frozen=True, array_like=True, tag="accepted"):
    """Everything of this request but the refused is durable now."""

    request: int
    refused: list[tuple[int, Fault]] = []
    """Place in the request, and why."""
    same_as: list[tuple[int, str]] = []
    """Place in the request, and the id of the earlier task that it repeats."""
    notes: list[tuple[int, str]] = []
    """Place in the request, and why the task must wait for a node."""


class Cancelled(Struct, frozen=True, array_like=True, tag="cancelled"):
    """What became of a Cancel, and that is durable."""

    request: int
    stopped: list[bool]
    """For each task whether this request ended it; not if it had ended, or is not known."""


class Ended(Struct, frozen=True, array_like=True, tag="ended"):
    """These are over, and that is durable."""

    endings: list[Ending]


class Happened(Struct, frozen=True, array_like=True, tag="happened"):
    """News of watched tasks, oldest first."""

    events: list[TaskEvent]


class NotFound(Struct, frozen=True, array_like=True, tag="not_found"):
    """Of the watched, these are not known."""

    request: int
    task_ids: list[str]


class Answer(Struct, frozen=True, array_like=True, tag="answer"):
    """The answer to an Ask: what JSON can say, and for ``attention_past`` bytes too."""

    request: int
    body: Any


class Denied(Struct, frozen=True, array_like=True, tag="denied"):
    """The request cannot be met."""

    request: int
    fault: Fault


# -- a node to the orchestrator --------------------------------------------------------------


class Outcome(Struct, frozen=True, array_like=True, gc=False):
    """How one attempt went."""

    lease: int
    kind: int
    """An ``OutcomeKind``."""
    result: bytes | None
    """msgpack, of COMPLETED; ``None`` when it was streamed."""
    run_s: float
    """Seconds the handler ran."""
    reason: str | None = None
    """A sentence, of every kind but COMPLETED."""
    chunks: int | None = None
    """Of a stream: how many were sent; all must have arrived."""
    tokens: int = 0
    """Tokens the handler counted."""


class OutcomeKind:
    """The ways an attempt can go; small integers, as they travel by the ten thousand."""

    COMPLETED: Final = 0
    FAILED: Final = 1
    FAILED_FOR_GOOD: Final = 2
    TIMED_OUT: Final = 3


class Claim(Struct, frozen=True, array_like=True, gc=False):
    """A lease that a node says it holds."""

    lease: int
    task_id: str


class Vitals(Struct, frozen=True, array_like=True):
    """How the node's machine is, measured."""

    cpu_usage: float = 0.0
    """0 to 1."""
    memory_usage: float = 0.0
    """0 to 1."""
    uptime_s: float = 0.0
    stuck_slots: int = 0
    """Slots whose handler does not return although it was stopped."""
    disk_usage: float = 0.0
    """0 to 1, of the file system the node works in."""
    round_trip_s: float = 0.0
    """Seconds from a heartbeat to its answer, the median of the latest; 0 before there was one."""
    queued: int = 0
    """Assignments the node holds that wait for a slot."""
    gpu_usage: float | None = None
    """0 to 1, of the busiest GPU; ``None`` where none can be measured."""
    gpu_memory_usage: float | None = None
    """0 to 1, of the fullest GPU."""


class NodeHello(Struct, frozen=True, array_like=True, tag="node_hello"):
    """I am here. Sent whenever an orchestrator appears. Answered by Welcome or NodeRefused."""

    node_id: str
    node_type: str
    capabilities: list[str]
    slots: int
    granted: int
    """Assignments this node has ever been willing to receive; see ``Report.granted``."""
    received: int
    """Assignments this node has ever received."""
    claims: list[Claim]
    metadata: dict[str, Any] = {}


class Report(Struct, frozen=True, array_like=True, tag="report"):
    """Attempts that are over. The node repeats it until Kept answers it."""

    number: int
    """1, 2, 3 … of this node."""
    granted: int
    """Assignments this node has ever been willing to receive: sent - granted is what is left."""
    outcomes: list[Outcome]


class HandBack(Struct, frozen=True, array_like=True, tag="hand_back"):
    """Attempts that were not begun, or not finished while draining: give them to others."""

    leases: list[int]
    reason: str
    granted: int
    """As in ``Report``; it may be less than before, and what is on its way is taken even so."""
    refused: bool = False
    """The node will not do these, however much room it has: do not ask it again at once."""


class Progress(Struct, frozen=True, array_like=True, tag="progress"):
    """How far an attempt is: 0 to 1, and a few words."""

    lease: int
    fraction: float
    note: str = ""


class Chunk(Struct, frozen=True, array_like=True, tag="chunk"):
    """A piece of a streamed result."""

    lease: int
    index: int
    data: bytes
    """msgpack."""


class Checkpoint(Struct, frozen=True, array_like=True, tag="checkpoint"):
    """What the next attempt may go on from, should this one not end well; the latest holds."""

    lease: int
    data: bytes
    """msgpack. Only handlers look inside."""


class NodeHealth(Struct, frozen=True, array_like=True, tag="node_health"):
    """The heartbeat. It renews the node's leases and lets lost messages come to light."""

    vitals: Vitals
    granted: int
    received: int
    held: list[int]
    """Leases the node works on or has queued."""
    reported: list[int] = []
    """Leases whose outcome it has reported and not yet seen answered."""
    beat: int = 0
    """1, 2, 3 … of this node; answered by Heard."""
    heard: int = 0
    """The latest beat whose answer the node has heard. What was sent before that answer has come,
    or never will; one that falls behind shows a network that carries in one direction only."""


class NodeDraining(Struct, frozen=True, array_like=True, tag="node_draining"):
    """Send me nothing more; I finish what I have."""


class NodeGoodbye(Struct, frozen=True, array_like=True, tag="node_goodbye"):
    """I leave, and hold nothing any more."""


# -- the orchestrator to a node --------------------------------------------------------------


class Welcome(Struct, frozen=True, array_like=True, tag="welcome"):
    """You are in."""

    epoch: int


class NodeRefused(Struct, frozen=True, array_like=True, tag="node_refused"):
    """You cannot be in, and why."""

    fault: Fault


class Introduce(Struct, frozen=True, array_like=True, tag="introduce"):
    """I do not know you: you were given up, or I am new. Say what I should know of you.

    A node says NodeHello; a client, what was not answered and what it waits for.
    """


class Assignment(Struct, frozen=True, array_like=True, gc=False):
    """A task, and the lease under which this node may try it."""

    lease: int
    attempt: int
    spec: TaskSpec
    checkpoint: bytes = b""
    """What an earlier attempt has kept, if any did."""


class Assign(Struct, frozen=True, array_like=True, tag="assign"):
    """Do these, in this order."""

    assignments: list[Assignment]


class Stop(Struct, frozen=True, array_like=True, tag="stop"):
    """These leases are void: stop the attempts, their results will not be accepted."""

    leases: list[tuple[int, str]]
    """Lease and reason."""


class Kept(Struct, frozen=True, array_like=True, tag="kept"):
    """The report is dealt with; forget it."""

    number: int
    refused: list[tuple[int, str]] = []
    """Leases whose outcome came too late, and why."""


class Heard(Struct, frozen=True, array_like=True, tag="heard"):
    """The heartbeat with this number was heard: what time has passed is the round trip."""

    beat: int
    is_suspect: bool = False
    """Nothing has been heard since: you may be thought lost. Whoever hears this is not, and says
    so with a heartbeat at once."""


class PleaseDrain(Struct, frozen=True, array_like=True, tag="please_drain"):
    """An operator wants this node empty."""


# -- anybody ---------------------------------------------------------------------------------


class Unsupported(Struct, frozen=True, array_like=True, tag="unsupported"):
    """Your version is not mine. The one message whose form never changes."""

    yours: int
    mine: int


# -- discovery -------------------------------------------------------------------------------


class Advertise(Struct, frozen=True, array_like=True, tag="advertise"):
    """This is what my node can do. Said to every newcomer, and repeated before ``ttl`` is over."""

    advert: NodeAdvertisement


Message = (
    Submit
    | Cancel
    | Reprioritise
    | Watch
    | Unwatch
    | Ask
    | Accepted
    | Cancelled
    | Ended
    | Happened
    | NotFound
    | Answer
    | Denied
    | NodeHello
    | Report
    | HandBack
    | Progress
    | Chunk
    | Checkpoint
    | NodeHealth
    | NodeDraining
    | NodeGoodbye
    | Welcome
    | Introduce
    | NodeRefused
    | Assign
    | Stop
    | Kept
    | Heard
    | PleaseDrain
    | Unsupported
    | Advertise
)


def message_types() -> Iterator[type[Struct]]:
    """Every kind of message, in the order of this file."""
    yield from Message.__args__
