"""Values whose uninteresting fields are filled in: say only what a test is about."""

from __future__ import annotations

from typing import Any

import msgspec

from cognitive_architecture.distributed_mesh.messages import Assignment, Outcome, OutcomeKind
from cognitive_architecture.distributed_mesh.model import (
    ATTEMPTS_DEFAULT,
    BACKOFF_DEFAULT_S,
    COMMON_OPTIONS,
    Attempt,
    Ending,
    TaskOptions,
    TaskSpec,
    TaskStatus,
    Wishes,
)
from cognitive_architecture.distributed_mesh.records import FailedAttempt, NewTask

EMPTY_OBJECT = b"\x80"
"""msgpack of ``{}``."""


def packed(value: object) -> bytes:
    """msgpack of a value, without the checks of ``payloads``."""
    return msgspec.msgpack.encode(value)


def a_spec(
    task_id: str = "a",
    task_type: str = "echo",
    *,
    payload: bytes = EMPTY_OBJECT,
    priority: int = 5,
    timeout_s: float = 300.0,
    requester: str | None = None,
    capabilities: tuple[str, ...] = (),
    key: str | None = None,
    max_attempts: int = ATTEMPTS_DEFAULT,
    backoff_s: float = BACKOFF_DEFAULT_S,
    wait_for_node: bool = False,
    requires: tuple[str, ...] = (),
    prefers: dict[str, float] | None = None,
    pattern: str = "",
    atoms: str = "",
    labels: dict[str, str] | None = None,
    affinity: str | None = None,
    deadline_s: float | None = None,
    latency_target_s: float | None = None,
    concepts: tuple[str, ...] = (),
    cost_s: float | None = None,
    resumable: bool = False,
    exclusive: bool = False,
    fallback: tuple[str, ...] = (),
) -> TaskSpec:
    wishes = Wishes(requires, tuple(sorted((prefers or {}).items())), pattern, atoms)
    options = TaskOptions(
        capabilities,
        key,
        max_attempts,
        backoff_s,
        wait_for_node,
        wishes=None if wishes == Wishes() else wishes,
        labels=tuple(sorted((labels or {}).items())),
        affinity=affinity,
        deadline_s=deadline_s,
        latency_target_s=latency_target_s,
        concepts=concepts,
        cost_s=cost_s,
        resumable=resumable,
        exclusive=exclusive,
        fallback=fallback,
    )
    return TaskSpec(
        task_id,
        task_type,
        payload,
        priority,
        timeout_s,
        requester,
        None if options == COMMON_OPTIONS else options,
    )


def a_new_task(serial: int = 1, spec: TaskSpec | None = None, **of_spec: Any) -> NewTask:
    """A task as the store receives it; ``task-<serial>`` unless it is said otherwise."""
    if spec is None:
        spec = a_spec(of_spec.pop("task_id", f"task-{serial}"), **of_spec)
    return NewTask(serial, spec, 1_700_000_000.0 + serial)


def an_ending(
    serial: int = 1,
    status: TaskStatus = TaskStatus.COMPLETED,
    *,
    task_id: str | None = None,
    result: bytes | None = None,
    reason: str | None = None,
    ended_at: float | None = None,
) -> Ending:
    return Ending(
        f"task-{serial}" if task_id is None else task_id,
        serial,
        str(status),
        result,
        reason,
        "n1",
        1,
        1_700_000_050.0,
        1_700_000_100.0 + serial if ended_at is None else ended_at,
    )


def an_attempt(number: int = 1, outcome: str = "failed", reason: str = "boom") -> Attempt:
    return Attempt(number, "n1", outcome, reason, 1_700_000_050.0, 1_700_000_060.0)


def a_failed_attempt(serial: int = 1, number: int = 1, reason: str = "boom") -> FailedAttempt:
    return FailedAttempt(serial, an_attempt(number, reason=reason))


def an_assignment(lease: int = 1, spec: TaskSpec | None = None, **of_spec: Any) -> Assignment:
    return Assignment(lease, 1, a_spec(**of_spec) if spec is None else spec)


def completed(
    lease: int,
    value: object = None,
    *,
    chunks: int | None = None,
    run_s: float = 0.1,
    tokens: int = 0,
) -> Outcome:
    result = None if chunks is not None else packed(value)
    return Outcome(lease, OutcomeKind.COMPLETED, result, run_s, None, chunks, tokens)


def failed(lease: int, reason: str = "boom", *, for_good: bool = False) -> Outcome:
    kind = OutcomeKind.FAILED_FOR_GOOD if for_good else OutcomeKind.FAILED
    return Outcome(lease, kind, None, 0.1, reason)


def timed_out(lease: int, reason: str = "timed out after 300 s") -> Outcome:
    return Outcome(lease, OutcomeKind.TIMED_OUT, None, 300.0, reason)
