"""Whether a task may come in at all, judged by the task alone."""

from __future__ import annotations

from typing import Final

from cognitive_architecture.distributed_mesh.model import (
    ATTEMPTS_DEFAULT,
    BACKOFF_DEFAULT_S,
    PRIORITY_MAX,
    PRIORITY_MIN,
    DistributedTask,
    TaskOptions,
    TaskSpec,
)
from cognitive_architecture.distributed_mesh.payloads import encode_payload, is_encoded_object
from cognitive_architecture.foundation.errors import InvalidPayload, InvalidTask, PayloadTooLarge

TIMEOUT_MAX_S: Final = 30 * 24 * 3600.0
ATTEMPTS_MAX: Final = 1000
BACKOFF_MAX_S: Final = 24 * 3600.0
NAME_LENGTH_MAX: Final = 200
_NUMBERS: Final = (int, float)  # and not bool, which is an int to isinstance


def specify(task: DistributedTask, *, requester: str | None, payload_bytes_max: int) -> TaskSpec:
    """What a caller asks for, in the form that travels; ``task.task_id`` must be set.

    Args:
        task: As the caller filled it in.
        requester: Who asks, where the task does not say.
        payload_bytes_max: Largest encoded payload.

    Raises:
        InvalidTask: A field is out of its range; the sentence names it.
        InvalidPayload: The payload is not a JSON object.
        PayloadTooLarge: It is larger than ``payload_bytes_max`` bytes.
    """
    options = None
    if (
        task.required_capabilities
        or task.idempotency_key is not None
        or task.max_attempts != ATTEMPTS_DEFAULT
        or task.backoff_s != BACKOFF_DEFAULT_S
        or task.wait_for_node
    ):
        options = TaskOptions(
            tuple(sorted(task.required_capabilities)),
            task.idempotency_key,
            task.max_attempts,
            task.backoff_s,
            task.wait_for_node,
        )
    spec = TaskSpec(
        task.task_id,
        task.task_type,
        encode_payload(task.payload, bytes_max=payload_bytes_max),
        task.priority,
        task.timeout,
        task.requester_node or requester,
        options,
    )
    if error := inadmissible(spec, payload_bytes_max=payload_bytes_max):
        raise error
    return spec


def inadmissible(spec: TaskSpec, *, payload_bytes_max: int) -> InvalidTask | None:
    """Why the task may not come in, or ``None``.

    Asked twice: by the requester, who hears of it at once, and by the orchestrator, who trusts
    nobody.
    """
    if not _is_name(spec.task_id):
        return InvalidTask(
            f"task_id: 1 to {NAME_LENGTH_MAX} characters, not {_shown(spec.task_id)}"
        )
    if not _is_name(spec.task_type):
        return InvalidTask(f"task_type: the name of a capability, not {_shown(spec.task_type)}")
    priority = spec.priority
    if type(priority) is not int or not PRIORITY_MIN <= priority <= PRIORITY_MAX:
        return InvalidTask(
            f"priority: an integer from {PRIORITY_MIN} to {PRIORITY_MAX} "
            f"({PRIORITY_MAX} most urgent), not {_shown(priority)}"
        )
    timeout_s = spec.timeout_s
    if type(timeout_s) not in _NUMBERS or not 0.0 < timeout_s <= TIMEOUT_MAX_S:
        return InvalidTask(
            f"timeout: seconds, more than 0 and at most {TIMEOUT_MAX_S:,.0f}, "
            f"not {_shown(timeout_s)}"
        )
    if spec.requester is not None and not _is_name(spec.requester):
        return InvalidTask(f"requester_node: a name, not {_shown(spec.requester)}")
    payload = spec.payload
    if not is_encoded_object(payload):
        return InvalidPayload("payload: a JSON object is required")
    if len(payload) > payload_bytes_max:
        return PayloadTooLarge(
            f"payload: {len(payload):,} bytes, at most {payload_bytes_max:,} are allowed"
        )
    return None if spec.options is None else _wrong_option(spec.options)


def _wrong_option(options: TaskOptions) -> InvalidTask | None:
    if not all(_is_name(name) for name in options.capabilities):
        return InvalidTask(
            f"required_capabilities: names are required, not {_shown(options.capabilities)}"
        )
    if options.idempotency_key is not None and not _is_name(options.idempotency_key):
        return InvalidTask(
            f"idempotency_key: 1 to {NAME_LENGTH_MAX} characters, "
            f"not {_shown(options.idempotency_key)}"
        )
    if type(options.max_attempts) is not int or not 1 <= options.max_attempts <= ATTEMPTS_MAX:
        return InvalidTask(
            f"max_attempts: an integer from 1 to {ATTEMPTS_MAX}, not {_shown(options.max_attempts)}"
        )
    if not _is_between(options.backoff_s, 0.0, BACKOFF_MAX_S):
        return InvalidTask(
            f"backoff_s: seconds, 0 to {BACKOFF_MAX_S:,.0f}, not {_shown(options.backoff_s)}"
        )
    return None


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= NAME_LENGTH_MAX


def _is_between(value: object, low: float, high: float) -> bool:
    return type(value) in _NUMBERS and low <= value <= high  # type: ignore[operator]


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"
