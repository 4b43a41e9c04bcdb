"""Who waits in which line of which lane."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from cognitive_architecture.distributed_mesh.model import TaskEventKind, TaskSpec
from cognitive_architecture.distributed_mesh.policies.expressions import Expression
from cognitive_architecture.distributed_mesh.policies.scheduling import is_interactive

from .board import Board
from .candidates import why_blocked
from .effects import Tell
from .entry import Entry, Phase
from .lanes import Lane
from .lines import Line
from .watching import NOTHING


def queue(board: Board, entries: Iterable[Entry]) -> list[Tell]:
    """Let entries wait for a node, each in the place its whole waiting time has earned."""
    told: list[Tell] = []
    is_watched = board.watchers.are_any
    is_told_apart = board.classes.rules.are_any
    line: Line | None = None
    last: TaskSpec | None = None
    for entry in entries:
        spec = entry.spec
        # Those that come together mostly wait in one line; it is looked up once.
        if (
            line is None
            or last is None
            or spec.options is not None
            or spec.task_type != last.task_type
            or spec.requester != last.requester
        ):
            line = board.line(spec)
            last = None if is_told_apart or spec.options is not None else spec
        board.ticket += 1
        if line.push(place_of(board, entry), board.ticket, entry):
            line.account.lines[line.lane] = line
            board.shares.touch(line.account)
        if board.resumable and is_interactive(spec):
            board.hurried.append(entry)
        if is_watched:
            told += board.watchers.news_of(entry, TaskEventKind.QUEUED)
            if not line.lane.seats:
                told += news_of_blocking(board, entry, line.lane)
    return told


def take_next(board: Board, line: Line) -> Entry:
    """Take the task in front out of a line."""
    was_interactive = line.interactive
    entry = line.pop()
    if not line.waiting or was_interactive:
        _look_at(board, line)
    return entry


def leave_line(board: Board, entry: Entry, lane: Lane) -> None:
    """Let the entry, which waits in this lane, wait no longer."""
    line = lane.lines[entry.spec.requester or ""]
    line.leave(entry)
    _look_at(board, line)


def _look_at(board: Board, line: Line) -> None:
    """Somebody has left: note where its requester waits now, and for what."""
    if not line.waiting:
        line.account.lines.pop(line.lane, None)  # it is not there if it was held back
    board.shares.touch(line.account)


def place_of(board: Board, entry: Entry) -> float:
    """Where in its line the entry should stand now; the smallest goes first."""
    if entry.levels or entry.attempts or entry.spec.options is not None:
        levels = board.urgency.levels(entry)
        return board.order.key(entry.spec, waiting_since=entry.queued_at, levels=levels)
    return board.order.key(entry.spec, waiting_since=entry.queued_at)


def learn_rules(board: Board, rules: Collection[Expression]) -> None:
    """A node has these rules; where one is new, waiting tasks are told apart by it.

    Raises:
        ConfigurationError: The mesh cannot keep so many apart.
    """
    if board.classes.rules.knows(rules):
        return
    waiting = [
        (entry, board.lane(entry.spec))
        for entry in board.entries.values()
        if entry.phase is Phase.QUEUED
    ]
    board.classes.rules.learn(rules)
    for entry, lane in waiting:
        if board.lane(entry.spec) is not lane:
            leave_line(board, entry, lane)
            queue(board, [entry])
    board.lanes = {key: lane for key, lane in board.lanes.items() if lane.waiting}
    board.classes.clear_unused(board.lanes, kept=0)


def clear_unused_lanes(board: Board) -> None:
    """Forget the lanes in which nobody waits; they are quickly made anew.

    Requesters choose what they need, so there may be any number of combinations.
    """
    for key in [key for key, lane in board.lanes.items() if not lane.waiting]:
        del board.lanes[key]
    board.classes.clear_unused(board.lanes)
    for lane in board.lanes.values():
        if len(lane.lines) > 1:
            lane.lines = {name: line for name, line in lane.lines.items() if line.waiting}
    board.shares.forget_idle()


def news_of_blocking(board: Board, entry: Entry, lane: Lane) -> list[Tell]:
    """Tell whoever streams the task that no node can do it, and why."""
    if not board.watchers.wants_news(entry.spec.task_id):
        return NOTHING
    return board.watchers.news_of(entry, TaskEventKind.BLOCKED, note=why_blocked(board, lane))
