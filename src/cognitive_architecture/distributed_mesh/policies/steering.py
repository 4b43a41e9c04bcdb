"""Whether an order to raise or lower something makes sense."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from cognitive_architecture.distributed_mesh.model import PRIORITY_MAX, PRIORITY_MIN, Change
from cognitive_architecture.foundation.errors import InvalidTask
from cognitive_architecture.foundation.sentences import shown

from .naming import is_name

LEVELS_MAX: Final = 20.0
"""Nobody can be raised or lowered by more, however many reasons there are."""

WEIGHT_MIN: Final = 1e-6
WEIGHT_MAX: Final = 1e6
"""Proportions of a million millions; beyond them nobody would notice."""

CHANGES_MAX: Final = 100_000
"""Of one order: a second's work."""

TASKS_MAX: Final = 1_000
"""Tasks that one order gives other priorities: some five milliseconds' work. More is said in
portions, and whatever came meanwhile is heard between two of them."""

_NUMBERS: Final = (float, int)  # and not bool, which is an int to isinstance


def wrong_change(change: Change) -> InvalidTask | None:
    """Why the order cannot be followed, or ``None``."""
    count = len(change.tasks) + len(change.types) + len(change.concepts) + len(change.requesters)
    if not 0 < count <= CHANGES_MAX:
        return InvalidTask(
            f"a change names 1 to {CHANGES_MAX:,} tasks, types, concepts and requesters, "
            f"not {count:,}"
        )
    if len(change.tasks) > TASKS_MAX:
        return InvalidTask(
            f"a change names up to {TASKS_MAX:,} tasks, not {len(change.tasks):,}: send them in "
            "portions"
        )
    for task_id, priority in change.tasks.items():
        if type(priority) is not int or not PRIORITY_MIN <= priority <= PRIORITY_MAX:
            return InvalidTask(
                f"priority of task {shown(task_id)}: an integer from {PRIORITY_MIN} to "
                f"{PRIORITY_MAX} ({PRIORITY_MAX} most urgent), not {shown(priority)}"
            )
    return (
        _outside("levels of type", change.types, -LEVELS_MAX, LEVELS_MAX)
        or _outside("levels of concept", change.concepts, -LEVELS_MAX, LEVELS_MAX)
        or _outside("weight of requester", change.requesters, WEIGHT_MIN, WEIGHT_MAX)
    )


def portions(change: Change) -> Iterator[Change]:
    """The same order as several that may each be followed: together they do what it would do."""
    tasks = list(change.tasks.items())
    yield Change(dict(tasks[:TASKS_MAX]), change.types, change.concepts, change.requesters)
    for first in range(TASKS_MAX, len(tasks), TASKS_MAX):
        yield Change(dict(tasks[first : first + TASKS_MAX]))


def _outside(what: str, values: Mapping[str, float], low: float, high: float) -> InvalidTask | None:
    for name, value in values.items():
        if name and not is_name(name):
            return InvalidTask(f"{what.rpartition(' ')[2]}: a name, not {shown(name)}")
        if type(value) not in _NUMBERS or not low <= value <= high:  # NaN fails it too
            return InvalidTask(
                f"{what} {shown(name)}: a number from {_plain(low)} to {_plain(high)}, "
                f"not {shown(value)}"
            )
    return None


def _plain(number: float) -> str:
    return f"{number:,.6f}".rstrip("0").rstrip(".")
