"""Raising what waits, or lowering it: it gets the place that it should have now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from cognitive_architecture.distributed_mesh.model import TaskSpec
from cognitive_architecture.distributed_mesh.records import NewPriority

from . import queueing
from .board import Board
from .entry import Entry, Phase
from .lines import Line, Place


def set_priorities(
    board: Board, priorities: Mapping[str, int]
) -> tuple[int, list[NewPriority], list[str]]:
    """Give tasks other priorities.

    Returns:
        How many have another place in the queue now; what is to be written; and the ids of
        which no task is open.
    """
    entries = board.entries
    closing = Phase.CLOSING
    is_told_apart = board.classes.rules.are_any
    written: list[NewPriority] = []
    unknown: list[str] = []
    changed: list[Entry] = []
    moved = 0
    for task_id, priority in priorities.items():
        entry = entries.get(task_id)
        if entry is None or entry.phase is closing:
            unknown.append(task_id)
            continue
        written.append(NewPriority(entry.serial, priority))
        spec = entry.spec
        if spec.priority == priority:
            continue
        if is_told_apart and _change_class(board, entry, replace(spec, priority=priority)):
            moved += 1
            continue
        entry.spec = replace(spec, priority=priority)
        changed.append(entry)
    return moved + _move(board, changed), written, unknown


def _change_class(board: Board, entry: Entry, spec: TaskSpec) -> bool:
    """Let a waiting entry stand in the lane of its new spec, if that is another one.

    Nodes may have rules that look at priorities.
    """
    if entry.phase is not Phase.QUEUED or (lane := board.lane(entry.spec)) is board.lane(spec):
        return False
    queueing.leave_line(board, entry, lane)
    entry.spec = spec
    queueing.queue(board, [entry])
    return True


def raise_type(board: Board, task_type: str, levels: float) -> int:
    """Raise all tasks of a type; how many wait, if any moves. A whole lane moves at once."""
    if levels == board.urgency.of_type(task_type):
        return 0
    board.urgency.raise_type(task_type, levels)
    lanes = [lane for lane in board.lanes.values() if lane.needs.task_type == task_type]
    for lane in lanes:
        lane.shift_s = board.order.seconds(levels)
    return sum(lane.waiting for lane in lanes)


def raise_concepts(board: Board, levels: Mapping[str, float]) -> int:
    """Raise whatever declares one of these concepts; how many of those wait.

    A task that declares several of them moves once.
    """
    return _move(board, board.urgency.raise_concepts(levels))


def _move(board: Board, entries: Iterable[Entry]) -> int:
    """Give those of them who wait the place that they should have now; how many."""
    moves: dict[Line, list[Place]] = {}
    places: list[Place] = []
    queued = Phase.QUEUED
    ticket = board.ticket
    is_told_apart = board.classes.rules.are_any
    last: TaskSpec | None = None
    for entry in entries:
        if entry.phase is not queued:
            continue
        spec = entry.spec
        if (
            last is None  # as in ``queueing.queue``
            or spec.options is not None
            or spec.task_type != last.task_type
            or spec.requester != last.requester
        ):
            places = moves.setdefault(board.line(spec), [])
            last = None if is_told_apart or spec.options is not None else spec
        ticket += 1
        places.append(Place(queueing.place_of(board, entry), entry.serial, ticket, entry))
    moved = ticket - board.ticket
    board.ticket = ticket
    for line, places in moves.items():
        line.move(places)
    return moved
