"""Under overload what matters least waits, and everything goes on when it is over.

Overloaded is a store that is full or slow, or nodes of which half have no memory left. As
long as it lasts, the level rises from which on tasks are begun (``policies/shedding.py::Delay``).
A line whose best task is below it is *held back*: its requester does not wait there, as far as
shares are concerned, so it neither holds anybody up nor saves anything up. A waiting task gains
attention all the time, so none waits for ever; one for which somebody waits is never held back.

Held back are lines, never single tasks: entering and leaving costs nothing that grows with the
queue, which is long just then.
"""

from __future__ import annotations

import math
from typing import Final

from cognitive_architecture.distributed_mesh.model import (
    PRIORITY_DEFAULT,
    TaskEventKind,
    TaskSpec,
)
from cognitive_architecture.distributed_mesh.policies.detection.thresholds import Limit
from cognitive_architecture.distributed_mesh.policies.recovery import FailureType
from cognitive_architecture.distributed_mesh.policies.scheduling import is_interactive
from cognitive_architecture.distributed_mesh.policies.shedding import LEVEL_MAX, attention

from .accounts import WEIGHT_UNIT, Account
from .board import Board
from .effects import Effect, Incident, Tell
from .entry import Entry, Phase
from .lines import Line
from .recovery import after_overload

_STORE_SLOW_S: Final = 1.0
"""A write that is not answered after so long shows a store that is overloaded."""
_STORE_CLEAR_S: Final = 0.5

_USAGE: Final = Limit(alarm=0.95, clear=0.9)
"""Of memory. That a processor is busy is what it is for, and a disk stays full whatever waits."""

_MOST_FOR_NODES: Final = float(PRIORITY_DEFAULT)
"""Nodes of which the memory is used up may be so for other reasons: only what matters less than
usual waits because of it. Nothing may go on that a full store could not keep."""

_NODES_OVER: Final = 0.5
"""From such a share of all nodes on it is too much for the mesh."""
_NODES_CLEAR: Final = 0.25


def look(board: Board, now: float) -> list[Effect]:
    """Ask, at each roll call, whether anything is overloaded."""
    if not board.sheds:
        return []
    overload = board.overload
    store_s = _store_slow_s(board, now)
    exhausted = _exhausted(board)
    nodes = max(1, len(board.roster))
    is_full = board.writes.has_refused
    is_store_over = is_full or store_s >= _STORE_SLOW_S
    is_over = is_store_over or exhausted >= _NODES_OVER * nodes
    is_clear = (
        not is_full and store_s < _STORE_CLEAR_S and exhausted < max(1.0, _NODES_CLEAR * nodes)
    )
    if is_over:
        overload.why = _sentence(is_full=is_full, store_s=store_s, exhausted=exhausted, nodes=nodes)
    was = overload.delay.level
    most = LEVEL_MAX if is_store_over else _MOST_FOR_NODES
    overload.delay.look(now, is_over=is_over, is_clear=is_clear, most=most)
    if overload.delay.level and not was:
        return _begin(board, now)
    if was and not overload.delay.level:
        return _end(board, now)
    return []


def _store_slow_s(board: Board, now: float) -> float:
    """For how long the oldest write has been waiting for its answer, as seen at roll calls."""
    overload = board.overload
    oldest = board.writes.oldest
    if oldest is None:
        overload.oldest_write = None
        return 0.0
    if overload.oldest_write is None or overload.oldest_write[0] != oldest:
        overload.oldest_write = (oldest, now)
    return now - overload.oldest_write[1]


def _exhausted(board: Board) -> int:
    """How many nodes have no memory left."""
    alarms = board.overload.alarms
    count = 0
    for seat in board.roster:
        alarms.crossing(seat.node_id, "memory_usage", seat.vitals.memory_usage, _USAGE)
        count += alarms.is_any_raised(seat.node_id)
    return count


def _begin(board: Board, now: float) -> list[Effect]:
    overload = board.overload
    overload.failure = board.recoveries.begin("", [], now)
    overload.began_at = now
    waiting = sum(lane.waiting for lane in board.lanes.values())
    details = {"failure": overload.failure, "tasks_held": max(1, waiting)}
    kind = FailureType.RESOURCE_EXHAUSTION
    return [Incident("overloaded", "", overload.why, None, details, kind, after_overload(board))]


def _end(board: Board, now: float) -> list[Effect]:
    overload = board.overload
    overload.why = ""
    for line in list(overload.held):
        _release(board, line)
    after_s = now - overload.began_at
    sentence = f"it is over after {after_s:.1f} s, and everything is begun again"
    details = {"failure": overload.failure, "after_s": after_s}
    return [Incident("overload_over", "", sentence, details=details)]


# -- who waits because of it ---------------------------------------------------------------------


def begins_up_to(board: Board, account: Account, now: float) -> float:
    """Tasks of a requester are begun that stand at this place in the queue, or before it."""
    levels = board.overload.delay.level - math.log2(account.weight / WEIGHT_UNIT)
    return now - board.order.seconds(levels)


def hold_back(board: Board, line: Line) -> list[Tell]:
    """Begin nothing of a line for now; whoever streams a task of it is told."""
    overload = board.overload
    del line.account.lines[line.lane]
    board.shares.touch(line.account)
    line.account.held += 1
    overload.held[line] = None
    told: list[Tell] = []
    for task_id in board.watchers.streamed() if board.watchers.are_any else ():
        entry = board.entries.get(task_id)
        if entry is not None and holds(board, entry) and _line_of(board, entry) is line:
            told += board.watchers.news_of(entry, TaskEventKind.DELAYED, note=overload.sentence)
    return told


def let_go(board: Board, now: float) -> None:
    """Give their turn back to lines that matter enough by now; forget those that are empty."""
    for line in list(board.overload.held):
        front = line.front()
        if (
            front is None
            or line.lane in line.account.lines
            or front[0] <= begins_up_to(board, line.account, now)
        ):
            _release(board, line)


def _release(board: Board, line: Line) -> None:
    del board.overload.held[line]
    line.account.held -= 1
    if line.waiting:
        line.account.lines[line.lane] = line
        board.shares.touch(line.account)


def holds(board: Board, entry: Entry) -> bool:
    """Whether a task is held back now."""
    if entry.phase is not Phase.QUEUED or not board.overload.held:
        return False
    line = _line_of(board, entry)
    return line in board.overload.held and line.lane not in line.account.lines


def _line_of(board: Board, entry: Entry) -> Line:
    return board.lane(entry.spec).lines[entry.spec.requester or ""]


def attention_of(board: Board, spec: TaskSpec) -> float:
    """How much a task matters that has just come; infinite where somebody waits for it."""
    if is_interactive(spec):
        return math.inf
    levels = board.urgency.of_type(spec.task_type)
    levels += sum(board.urgency.of_concept(name) for name in spec.rare.concepts)
    weight = board.shares.weight(spec.requester or "")
    return attention(spec.priority, levels=levels, weight=weight)


def _sentence(*, is_full: bool, store_s: float, exhausted: int, nodes: int) -> str:
    said = []
    if is_full:
        said.append("the store is full")
    elif store_s >= _STORE_SLOW_S:
        said.append(f"the store has not answered for {store_s:.1f} s")
    if exhausted >= _NODES_OVER * nodes:
        of = "the only node has" if nodes == 1 else f"{exhausted} of {nodes} nodes have"
        said.append(f"{of} no memory left")
    return " and ".join(said)
