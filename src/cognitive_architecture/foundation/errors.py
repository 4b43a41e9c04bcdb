"""Everything this package raises on purpose.

    MeshError
    ├── ConfigurationError      a setting is wrong; the sentence names it, its range and what came
    ├── InvalidTask             the task itself is wrong; repeating it cannot help
    │   ├── InvalidPayload      not a JSON object, or not what the handler asks for
    │   └── PayloadTooLarge
    ├── UnknownTask             no task with this id, or its retention time is over
    ├── PlacementError
    │   ├── UnknownCapability   no node of this mesh has ever offered it
    │   └── NoCapableNode       every node refused, each with its reason
    ├── QueueFull               retryable: says when to come back
    │   └── QuotaExceeded
    ├── CircuitOpen             retryable: a service failed too often; says when to come back
    ├── TaskUnsuccessful        waiting for a result that will never come
    │   ├── TaskFailed          carries the reason of every attempt
    │   └── TaskCancelled
    ├── HandlerError            the code that serves a capability is at fault
    │   ├── HandlersFileError   a handlers file cannot be loaded
    │   ├── PermanentFailure    raised by a handler: another attempt cannot help
    │   ├── HandlerStuck        it went on long after its task was stopped
    │   ├── UnencodableResult
    │   └── OutputTooLarge
    ├── StoreError
    │   ├── StoreFull           retryable: the disk is full
    │   ├── StoreLocked         another orchestrator lives in this data directory
    │   ├── StoreNotWritable
    │   ├── StoreTooNew         written by a newer version
    │   └── Deposed             a later owner has taken over; this one may not write
    ├── JournalUnreadable       a file is no journal of decisions, or of another version
    ├── FabricError
    │   ├── EndpointInUse
    │   ├── MeshUnreachable     retryable: nobody answers at the endpoint
    │   ├── ProtocolMismatch    the peer speaks another version
    │   └── DuplicateNode       a node with this id is alive elsewhere
    └── RemoteError             another process reported a code this version does not know

The class says who is at fault, ``retryable`` whether the same call can succeed later,
``code`` is the stable word for the wire and for programs, ``str()`` is the sentence for people.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

from .sentences import shown


class MeshError(Exception):
    """Catch it to catch everything this package raises on purpose."""

    code: ClassVar[str] = "mesh_error"
    """Stable word for the wire and for logs; the sentence may change, this may not."""

    retryable: ClassVar[bool] = False
    """Whether the same call, repeated later, can succeed."""

    @property
    def details(self) -> dict[str, Any]:
        """The facts the error carries, by the names its constructor takes; empty if only words."""
        return {name: fact for name, fact in vars(self).items() if not name.startswith("_")}


class ConfigurationError(MeshError):
    """A setting has a value it may not have."""

    code = "configuration_error"


def require_number(
    name: str,
    value: object,
    *,
    low: float,
    high: float = math.inf,
    above_low: bool = False,
    whole: bool = False,
) -> None:
    """Refuse a setting that is not a number in its range.

    Args:
        name: Of the setting, for the sentence.
        value: What came.
        low: Smallest value.
        high: Largest value.
        above_low: ``low`` itself is refused too.
        whole: Integers only.

    Raises:
        ConfigurationError: The sentence names the setting, its range and what came.
    """
    if (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and (isinstance(value, int) or (math.isfinite(value) and not whole))
        and low <= value <= high
        and not (above_low and value == low)
    ):
        return
    span = f"{'above' if above_low else 'from'} {low:.12g}"
    if high != math.inf:
        span += f" to {high:.12g}"
    kind = "an integer" if whole else "a number"
    raise ConfigurationError(f"{name}: {kind} {span}, not {shown(value)}")


class InvalidTask(MeshError):
    """The task breaks a rule that no waiting will change."""

    code = "invalid_task"


class InvalidPayload(InvalidTask):
    """The payload is not a JSON object, or not what the handler asks for."""

    code = "invalid_payload"


class PayloadTooLarge(InvalidTask):
    """The encoded payload is larger than the mesh accepts."""

    code = "payload_too_large"


class UnknownTask(MeshError):
    """No task with this id is known, or its retention time is over."""

    code = "unknown_task"

    def __init__(self, task_id: str) -> None:
        super().__init__(task_id)
        self.task_id = task_id

    def __str__(self) -> str:
        return (
            f"task {self.task_id} is not known here: it was never submitted, "
            "or its result was kept for its retention time and then removed"
        )


class PlacementError(MeshError):
    """The task fits nowhere as the mesh is now."""

    code = "placement_error"


class UnknownCapability(PlacementError):
    """No node of this mesh has ever offered what the task needs."""

    code = "unknown_capability"
    retryable = True  # a node that offers it may join


class NoCapableNode(PlacementError):
    """Every node refused the task; ``refusals`` says why, node by node."""

    code = "no_capable_node"
    retryable = True  # a capable node may join

    def __init__(self, task_id: str, refusals: Mapping[str, str]) -> None:
        super().__init__(task_id, dict(refusals))  # both in args, so it pickles
        self.task_id = task_id
        self.refusals = dict(refusals)

    def __str__(self) -> str:
        if not self.refusals:
            return f"task {self.task_id} fits no node: the mesh has no nodes"
        reasons = "; ".join(f"{node}: {why}" for node, why in sorted(self.refusals.items()))
        return f"task {self.task_id} fits no node ({reasons})"


class QueueFull(MeshError):
    """A bounded queue is at its bound; ``retry_after_s`` says when to come back."""

    code = "queue_full"
    retryable = True

    def __init__(self, what: str, retry_after_s: float) -> None:
        super().__init__(what, retry_after_s)
        self.what = what
        self.retry_after_s = retry_after_s

    def __str__(self) -> str:
        return f"{self.what}; come back in {self.retry_after_s:g} s"


class QuotaExceeded(QueueFull):
    """A requester has as much as it may have; ``retry_after_s`` says when to come back."""

    code = "quota_exceeded"

    def __str__(self) -> str:
        return f"{self.what}; come back in {self.retry_after_s:.3g} s"


class CircuitOpen(MeshError):
    """A service failed so often that it is left alone; ``retry_after_s`` says until when."""

    code = "circuit_open"
    retryable = True

    def __init__(self, service: str, retry_after_s: float) -> None:
        super().__init__(service, retry_after_s)
        self.service = service
        self.retry_after_s = retry_after_s

    def __str__(self) -> str:
        return (
            f"{self.service or 'the service'} failed too often and is left alone; "
            f"come back in {self.retry_after_s:.3g} s"
        )


class TaskUnsuccessful(MeshError):
    """The task ended without a result."""

    code = "task_unsuccessful"

    def __init__(self, task_id: str, reason: str) -> None:
        super().__init__(task_id, reason)
        self.task_id = task_id
        self.reason = reason

    def __str__(self) -> str:
        return f"task {self.task_id}: {self.reason}"


class TaskFailed(TaskUnsuccessful):
    """Every attempt failed; ``reason`` is the last one, the task keeps them all."""

    code = "task_failed"


class TaskCancelled(TaskUnsuccessful):
    """Somebody cancelled the task."""

    code = "task_cancelled"


class HandlerError(MeshError):
    """The code that serves a capability is at fault."""

    code = "handler_error"


class HandlersFileError(HandlerError):
    """A handlers file or module cannot be loaded, or declares no handler."""

    code = "handlers_file_error"


class PermanentFailure(HandlerError):
    """Raise it in a handler when another attempt cannot help."""

    code = "permanent_failure"


class HandlerStuck(HandlerError):
    """A handler goes on although its task was stopped; only its process can end it."""

    code = "handler_stuck"


class UnencodableResult(HandlerError):
    """A handler returned what JSON cannot say."""

    code = "unencodable_result"


class OutputTooLarge(HandlerError):
    """A handler returned or streamed more than the mesh accepts."""

    code = "output_too_large"


class StoreError(MeshError):
    """The durable store cannot do what was asked."""

    code = "store_error"


class StoreFull(StoreError):
    """The disk is full: nothing new is accepted, everything acknowledged is kept."""

    code = "store_full"
    retryable = True


class StoreLocked(StoreError):
    """Another orchestrator lives in this data directory."""

    code = "store_locked"
    retryable = True


class StoreNotWritable(StoreError):
    """The data directory cannot be written."""

    code = "store_not_writable"


class StoreTooNew(StoreError):
    """A newer version has written these data."""

    code = "store_too_new"


class Deposed(StoreError):
    """A later owner has taken over the store; this one may not write any more."""

    code = "deposed"


class JournalUnreadable(MeshError):
    """A journal of decisions is none, or of another version."""

    code = "journal_unreadable"


class FabricError(MeshError):
    """The network between processes cannot do what was asked."""

    code = "fabric_error"


class EndpointInUse(FabricError):
    """Another process listens at the endpoint."""

    code = "endpoint_in_use"


class MeshUnreachable(FabricError):
    """Nobody answers."""

    code = "mesh_unreachable"
    retryable = True


class ProtocolMismatch(FabricError):
    """The peer speaks another version of the protocol; both are named."""

    code = "protocol_mismatch"

    def __init__(self, peer: str, theirs: int, ours: int) -> None:
        super().__init__(peer, theirs, ours)
        self.peer = peer
        self.theirs = theirs
        self.ours = ours

    def __str__(self) -> str:
        return (
            f"{self.peer} speaks protocol version {self.theirs}, this process speaks {self.ours}: "
            "install the same version of cogmesh on both"
        )


class DuplicateNode(FabricError):
    """A node with this id is alive elsewhere."""

    code = "duplicate_node"
    retryable = True  # the other one may leave


class RemoteError(MeshError):
    """An error of another process whose code this version does not know."""

    code = "remote_error"

    def __init__(self, remote_code: str, sentence: str) -> None:
        super().__init__(remote_code, sentence)
        self.remote_code = remote_code
        self.sentence = sentence

    def __str__(self) -> str:
        return f"{self.sentence} ({self.remote_code})"
