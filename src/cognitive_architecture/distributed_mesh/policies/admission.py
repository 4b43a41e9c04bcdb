"""Whether a task may come in at all, judged by the task alone."""

from __future__ import annotations

from typing import Final, TypeVar

from msgspec.structs import replace

from cognitive_architecture.distributed_mesh.model import (
    ATTEMPTS_DEFAULT,
    BACKOFF_DEFAULT_S,
    PRIORITY_MAX,
    PRIORITY_MIN,
    DistributedTask,
    TaskOptions,
    TaskSpec,
)
from cognitive_architecture.distributed_mesh.payloads import (
    MAP_STARTS,
    encode_payload,
    is_encoded_object,
)
from cognitive_architecture.foundation.errors import InvalidPayload, InvalidTask, PayloadTooLarge
from cognitive_architecture.foundation.sentences import shown

from .naming import NAME_LENGTH_MAX, is_name
from .wishing import labels_of, wishes_of, wrong_wish

TIMEOUT_MAX_S: Final = 30 * 24 * 3600.0
ATTEMPTS_MAX: Final = 1000
BACKOFF_MAX_S: Final = 24 * 3600.0
CAPABILITIES_MAX: Final = 32
"""Besides ``task_type``. Every combination that is asked for becomes a lane of its own and is
compared with every node that joins; nobody describes one kind of machine in more words."""
CONCEPTS_MAX: Final = 16
"""Each is an entry in the index by which tasks are raised and lowered."""
LATENCY_TARGET_MAX_S: Final = 24 * 3600.0

FALLBACKS_MAX: Final = 8

_NUMBERS: Final = (float, int)  # and not bool, which is an int to isinstance
_COLLECTIONS: Final = (frozenset, set, list, tuple)
_Name = TypeVar("_Name")


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
        or task.wait_for_node is not False
        or task.requirements
        or task.preferences
        or task.pattern
        or task.atoms
        or task.labels
        or task.affinity is not None
        or task.deadline_s is not None
        or task.latency_target_s is not None
        or task.concepts
        or task.cost_s is not None
        or task.resumable is not False
        or task.exclusive is not False
        or task.fallback_capabilities
    ):
        options = TaskOptions(
            _in_order(task.required_capabilities, "required_capabilities"),
            task.idempotency_key,
            task.max_attempts,
            task.backoff_s,
            task.wait_for_node,
            wishes_of(task),
            labels_of(task),
            task.affinity,
            deadline_s=task.deadline_s,
            latency_target_s=task.latency_target_s,
            concepts=_in_order(task.concepts, "concepts"),
            cost_s=task.cost_s,
            resumable=task.resumable,
            exclusive=task.exclusive,
            fallback=fallback_of(task),
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
    error = inadmissible(spec, payload_bytes_max=payload_bytes_max)
    if error is not None:  # perhaps of nothing but the class of a name
        spec = _with_plain_names(spec)
        error = inadmissible(spec, payload_bytes_max=payload_bytes_max)
    if error is not None:
        raise error
    return spec


def inadmissible(spec: TaskSpec, *, payload_bytes_max: int) -> InvalidTask | None:
    """Why the task may not come in, or ``None``.

    Asked twice: by the requester, who hears of it at once, and by the orchestrator, who trusts
    nobody.
    """
    if is_ordinary(spec, payload_bytes_max):
        return None
    if not is_name(spec.task_id):
        return InvalidTask(f"task_id: 1 to {NAME_LENGTH_MAX} characters, not {shown(spec.task_id)}")
    if not is_name(spec.task_type):
        return InvalidTask(f"task_type: the name of a capability, not {shown(spec.task_type)}")
    priority = spec.priority
    if type(priority) is not int or not PRIORITY_MIN <= priority <= PRIORITY_MAX:
        return InvalidTask(
            f"priority: an integer from {PRIORITY_MIN} to {PRIORITY_MAX} "
            f"({PRIORITY_MAX} most urgent), not {shown(priority)}"
        )
    timeout_s = spec.timeout_s
    if type(timeout_s) not in _NUMBERS or not 0.0 < timeout_s <= TIMEOUT_MAX_S:
        return InvalidTask(
            f"timeout: seconds, more than 0 and at most {TIMEOUT_MAX_S:,.0f}, "
            f"not {shown(timeout_s)}"
        )
    requester = spec.requester
    if requester is not None and not is_name(requester):
        return InvalidTask(f"requester_node: a name, not {shown(requester)}")
    payload = spec.payload
    if not is_encoded_object(payload):
        return InvalidPayload("payload: a JSON object is required")
    if len(payload) > payload_bytes_max:
        return PayloadTooLarge(
            f"payload: {len(payload):,} bytes, at most {payload_bytes_max:,} are allowed"
        )
    return None if spec.options is None else _wrong_option(spec.options)


def is_ordinary(spec: TaskSpec, payload_bytes_max: int) -> bool:
    """Whether nothing about the task needs a closer look; most tasks pass, in one step."""
    return _is_of_ordinary_kind(spec) and _is_ordinary_one(spec, payload_bytes_max)


def which_are_ordinary(specs: list[TaskSpec], payload_bytes_max: int) -> list[bool]:
    """``is_ordinary`` of each.

    Tasks that come together are mostly of one kind, and a kind is looked at once: every submitted
    task comes by here.
    """
    found = []
    last: TaskSpec | None = None
    for spec in specs:
        if last is None or not (
            spec.options is None
            and spec.task_type == last.task_type
            and spec.priority is last.priority  # True is equal to 1, and no priority
            and spec.timeout_s == last.timeout_s
            and type(spec.timeout_s) is float
            and spec.requester == last.requester
        ):
            last = spec if _is_of_ordinary_kind(spec) else None
        found.append(last is not None and _is_ordinary_one(spec, payload_bytes_max))
    return found


def _is_ordinary_one(spec: TaskSpec, payload_bytes_max: int) -> bool:
    task_id, payload = spec.task_id, spec.payload
    return (
        type(task_id) is str
        and 0 < len(task_id) <= NAME_LENGTH_MAX
        and task_id.isascii()
        and payload[:1] in MAP_STARTS
        and len(payload) <= payload_bytes_max
    )


def _is_of_ordinary_kind(spec: TaskSpec) -> bool:
    task_type, requester = spec.task_type, spec.requester
    return (
        spec.options is None
        and type(task_type) is str
        and 0 < len(task_type) <= NAME_LENGTH_MAX
        and task_type.isascii()
        and type(spec.priority) is int
        and PRIORITY_MIN <= spec.priority <= PRIORITY_MAX
        and type(spec.timeout_s) is float
        and 0.0 < spec.timeout_s <= TIMEOUT_MAX_S
        and (
            requester is None
            or (
                type(requester) is str
                and 0 < len(requester) <= NAME_LENGTH_MAX
                and requester.isascii()
            )
        )
    )


def _wrong_option(options: TaskOptions) -> InvalidTask | None:
    capabilities = options.capabilities
    if len(capabilities) > CAPABILITIES_MAX:
        return InvalidTask(
            f"required_capabilities: at most {CAPABILITIES_MAX} names, not {len(capabilities):,}; "
            "let one name stand for those that always go together"
        )
    if not all(is_name(name) for name in capabilities):
        return InvalidTask(f"required_capabilities: names are required, not {shown(capabilities)}")
    if options.idempotency_key is not None and not is_name(options.idempotency_key):
        return InvalidTask(
            f"idempotency_key: 1 to {NAME_LENGTH_MAX} characters, "
            f"not {shown(options.idempotency_key)}"
        )
    if type(options.max_attempts) is not int or not 1 <= options.max_attempts <= ATTEMPTS_MAX:
        return InvalidTask(
            f"max_attempts: an integer from 1 to {ATTEMPTS_MAX}, not {shown(options.max_attempts)}"
        )
    if type(options.backoff_s) not in _NUMBERS or not 0.0 <= options.backoff_s <= BACKOFF_MAX_S:
        return InvalidTask(
            f"backoff_s: seconds, 0 to {BACKOFF_MAX_S:,.0f}, not {shown(options.backoff_s)}"
        )
    if type(options.wait_for_node) is not bool:
        return InvalidTask(f"wait_for_node: True or False, not {shown(options.wait_for_node)}")
    fallback = options.fallback
    if len(fallback) > FALLBACKS_MAX or not all(is_name(name) for name in fallback):
        return InvalidTask(
            f"fallback_capabilities: at most {FALLBACKS_MAX} names, not {shown(fallback)}"
        )
    return wrong_wish(options) or _wrong_urgency(options)


def fallback_of(task: DistributedTask) -> tuple[str, ...]:
    """What to try instead, in the order in which it is named.

    Raises:
        InvalidTask: It is no list of names.
    """
    named = task.fallback_capabilities
    if isinstance(named, list | tuple):  # and not a set, which has no order
        return tuple(named)
    raise InvalidTask(f"fallback_capabilities: a list of names, not {shown(named)}")


def _wrong_urgency(options: TaskOptions) -> InvalidTask | None:
    for name, value, most in (
        ("deadline_s", options.deadline_s, TIMEOUT_MAX_S),
        ("latency_target_s", options.latency_target_s, LATENCY_TARGET_MAX_S),
        ("cost_s", options.cost_s, TIMEOUT_MAX_S),
    ):
        if value is not None and (type(value) not in _NUMBERS or not 0.0 < value <= most):
            return InvalidTask(
                f"{name}: seconds, more than 0 and at most {most:,.0f}, not {shown(value)}"
            )
    for name, flag in (("resumable", options.resumable), ("exclusive", options.exclusive)):
        if type(flag) is not bool:
            return InvalidTask(f"{name}: True or False, not {shown(flag)}")
    if len(options.concepts) > CONCEPTS_MAX:
        return InvalidTask(
            f"concepts: at most {CONCEPTS_MAX} names, not {len(options.concepts):,}; "
            "name those by which the task should be raised or lowered"
        )
    if not all(is_name(name) for name in options.concepts):
        return InvalidTask(f"concepts: names are required, not {shown(options.concepts)}")
    return None


def _in_order(names: object, field: str) -> tuple[str, ...]:
    """Each once and sorted, so that equal needs are equal lanes."""
    if not names:
        return ()
    if isinstance(names, _COLLECTIONS):  # and not str, which is one of its characters
        try:
            return tuple(sorted(frozenset(names)))
        except TypeError:  # of several kinds
            pass
    raise InvalidTask(f"{field}: a set of names, not {shown(names)}")


def _with_plain_names(spec: TaskSpec) -> TaskSpec:
    options = spec.options and replace(
        spec.options,
        capabilities=tuple(_plain(name) for name in spec.options.capabilities),
        idempotency_key=_plain(spec.options.idempotency_key),
        fallback=tuple(_plain(name) for name in spec.options.fallback),
        affinity=_plain(spec.options.affinity),
        concepts=tuple(_plain(name) for name in spec.options.concepts),
    )
    return replace(
        spec,
        task_id=_plain(spec.task_id),
        task_type=_plain(spec.task_type),
        requester=_plain(spec.requester),
        options=options,
    )


def _plain(name: _Name) -> _Name | str:
    """The text of a name without its class: an enum's member travels as its value."""
    return str.__str__(name) if isinstance(name, str) else name
