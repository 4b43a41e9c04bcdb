"""Tasks and nodes as people and programs want to see them."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import msgspec

from .machines.entry import Entry, Phase
from .machines.roster import Seat
from .model import Attempt, DistributedTask, Ending, MeshNode, MeshNodeType, TaskSpec, TaskStatus
from .payloads import decode_value
from .records import StoredTask


def stored_task_view(stored: StoredTask, entry: Entry | None) -> DistributedTask:
    """A task as the store and, while it is open, the dispatch machine know it."""
    spec = stored.task.spec
    view = task_of(spec, stored.task.created_at)
    view.attempts = list(stored.attempts)
    if stored.ending is not None:
        add_ending(view, stored.ending)
    elif entry is not None:
        add_progress(view, entry)
    return view


def task_of(spec: TaskSpec, created_at: float) -> DistributedTask:
    """The task that was asked for."""
    rare = spec.rare
    return DistributedTask(
        task_id=spec.task_id,
        task_type=spec.task_type,
        payload=decode_value(spec.payload),
        priority=spec.priority,
        timeout=spec.timeout_s,
        requester_node=spec.requester,
        required_capabilities=frozenset(rare.capabilities),
        idempotency_key=rare.idempotency_key,
        max_attempts=rare.max_attempts,
        backoff_s=rare.backoff_s,
        wait_for_node=rare.wait_for_node,
        requirements=list(rare.wishes.requirements) if rare.wishes is not None else [],
        preferences=dict(rare.wishes.preferences) if rare.wishes is not None else {},
        pattern=rare.wishes.pattern if rare.wishes is not None else "",
        atoms=rare.wishes.atoms if rare.wishes is not None else "",
        labels=dict(rare.labels),
        affinity=rare.affinity,
        deadline_s=rare.deadline_s,
        latency_target_s=rare.latency_target_s,
        concepts=frozenset(rare.concepts),
        cost_s=rare.cost_s,
        resumable=rare.resumable,
        exclusive=rare.exclusive,
        fallback_capabilities=list(rare.fallback),
        created_at=created_at,
    )


def add_ending(view: DistributedTask, ending: Ending) -> None:
    """Say how it ended."""
    view.status = TaskStatus(ending.status)
    view.assigned_node = ending.node_id
    view.started_at = ending.started_at
    view.completed_at = ending.ended_at
    view.result = decode_value(ending.result)
    view.error = ending.reason


def add_progress(view: DistributedTask, entry: Entry) -> None:
    """Say where it stands."""
    view.attempts = list(entry.attempts)
    view.started_at = entry.started_at
    if entry.phase is Phase.LEASED and entry.seat is not None:
        view.status = TaskStatus.RUNNING
        view.assigned_node = entry.seat.node_id
        if entry.is_hedged:
            view.assigned_node, view.second_node = (node_id for node_id, _ in entry.runs)


def task_to_json(view: DistributedTask, *, with_data: bool = True) -> dict[str, Any]:
    """A task as JSON can say it.

    Args:
        view: The task.
        with_data: With payload and result; lists of tasks leave them out.
    """
    # asdict() would copy the payload with calls for each level, too many for a deep one.
    said = {field.name: getattr(view, field.name) for field in fields(view)}
    said["status"] = str(view.status)
    said["required_capabilities"] = sorted(view.required_capabilities)
    said["concepts"] = sorted(view.concepts)
    said["attempts"] = [
        {name: getattr(attempt, name) for name in Attempt.__struct_fields__}
        for attempt in view.attempts
    ]
    if not with_data:
        del said["payload"], said["result"]
    return said


def task_from_json(said: dict[str, Any]) -> DistributedTask:
    """The inverse of ``task_to_json``."""
    known = dict(said)
    known["status"] = TaskStatus(said["status"])
    known["required_capabilities"] = frozenset(said["required_capabilities"])
    known["concepts"] = frozenset(said["concepts"])
    known["attempts"] = [Attempt(**attempt) for attempt in said["attempts"]]
    return DistributedTask(**known)


def seat_to_node(seat: Seat, *, now: float, wall: float) -> MeshNode:
    """A node as callers hold it."""
    return MeshNode(
        node_id=seat.node_id,
        node_type=MeshNodeType(seat.node_type),
        capabilities=set(seat.offered),
        current_load=float(len(seat.leases)),
        max_load=float(seat.slots),
        status=_status(seat),
        metadata=dict(seat.metadata),
        created_at=wall - (now - seat.joined_at),
        last_heartbeat=wall - (now - seat.heard_at),
    )


def node_to_json(seat: Seat, *, now: float) -> dict[str, Any]:
    """A node as JSON can say it."""
    return {
        "node_id": seat.node_id,
        "node_type": seat.node_type,
        "capabilities": sorted(seat.capabilities),
        "slots": seat.slots,
        "current_load": len(seat.leases),
        "room": max(0, seat.room),
        "status": _status(seat),
        "withheld": seat.withheld,
        "health_score": round(seat.health_score, 3),
        "heard_s_ago": round(max(0.0, now - seat.heard_at), 3),
        "in_contact": seat.is_in_contact(now),
        "joined_s_ago": round(max(0.0, now - seat.joined_at), 3),
        "vitals": msgspec.structs.asdict(seat.vitals),
        "metadata": seat.metadata,
    }


def _status(seat: Seat) -> str:
    if seat.is_draining:
        return "draining"
    return "suspect" if seat.withheld else "active"
