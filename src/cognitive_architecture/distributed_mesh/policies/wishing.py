"""What a task wants of its node beyond capabilities: read from a caller, and judged."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from cognitive_architecture.distributed_mesh.model import DistributedTask, TaskOptions, Wishes
from cognitive_architecture.foundation.errors import InvalidTask
from cognitive_architecture.foundation.sentences import shown

from .attributes import LABELS_MAX, wrong_label
from .declared_atoms import (
    TASK_ATOMS_MAX,
    TASK_TEXT_MAX,
    Undeclarable,
    read_pattern,
    space_of,
)
from .expressions import Misread, read_expression
from .naming import NAME_LENGTH_MAX, is_name

REQUIREMENTS_MAX: Final = 16
PREFERENCES_MAX: Final = 16
PREFERENCE_WEIGHT_MAX: Final = 1e6


def wishes_of(task: DistributedTask) -> Wishes | None:
    """What the task wants, in one order whatever the caller's, so that equal wishes are equal.

    Raises:
        InvalidTask: A field is of another kind.
    """
    if not (task.requirements or task.preferences or task.pattern or task.atoms):
        return None
    requirements: object = task.requirements
    preferences: object = task.preferences
    if isinstance(requirements, str):  # one is meant, not one for each character
        requirements = (requirements,)
    if not isinstance(requirements, list | tuple | set | frozenset) or not all(
        isinstance(text, str) for text in requirements
    ):
        raise InvalidTask(f"requirements: a list of expressions, not {shown(requirements)}")
    if not isinstance(preferences, Mapping) or not all(
        isinstance(text, str) for text in preferences
    ):
        raise InvalidTask(f"preferences: expressions and weights, not {shown(preferences)}")
    for field, text in (("pattern", task.pattern), ("atoms", task.atoms)):
        if type(text) is not str:
            raise InvalidTask(f"{field}: a text in Scheme notation, not {shown(text)}")
    return Wishes(
        tuple(sorted(set(requirements))),
        tuple(sorted(preferences.items())),
        task.pattern,
        task.atoms,
    )


def labels_of(task: DistributedTask) -> tuple[tuple[str, str], ...]:
    """The labels of a task, by key.

    Raises:
        InvalidTask: They are no mapping of texts to texts.
    """
    if not isinstance(task.labels, Mapping):
        raise InvalidTask(f"labels: keys and texts, not {shown(task.labels)}")
    for key, value in task.labels.items():
        if (wrong := wrong_label(key, value)) is not None:
            raise InvalidTask(f"labels: {wrong}")
    return tuple(sorted(task.labels.items()))


def wrong_wish(options: TaskOptions) -> InvalidTask | None:
    """Why what the task wants cannot be wanted, or ``None``."""
    if options.affinity is not None and not is_name(options.affinity):
        return InvalidTask(
            f"affinity: 1 to {NAME_LENGTH_MAX} characters, not {shown(options.affinity)}"
        )
    if len(options.labels) > LABELS_MAX:
        return InvalidTask(f"labels: at most {LABELS_MAX}, not {len(options.labels)}")
    for key, value in options.labels:
        if (wrong := wrong_label(key, value)) is not None:
            return InvalidTask(f"labels: {wrong}")
    return None if options.wishes is None else _wrong_wishes(options.wishes)


def _wrong_wishes(wishes: Wishes) -> InvalidTask | None:
    if len(wishes.requirements) > REQUIREMENTS_MAX or len(wishes.preferences) > PREFERENCES_MAX:
        return InvalidTask(
            f"at most {REQUIREMENTS_MAX} requirements and {PREFERENCES_MAX} preferences, not "
            f"{len(wishes.requirements)} and {len(wishes.preferences)}"
        )
    for text, weight in wishes.preferences:
        if isinstance(weight, bool) or not isinstance(weight, int | float):
            return InvalidTask(f"preferences: the weight of {shown(text)} is no number")
        if not math.isfinite(weight) or not 0.0 < weight <= PREFERENCE_WEIGHT_MAX:
            return InvalidTask(
                f"preferences: the weight of {shown(text)} is more than 0 and at most "
                f"{PREFERENCE_WEIGHT_MAX:,.0f}, not {shown(weight)}"
            )
    named = [("requirements", text) for text in wishes.requirements]
    named += [("preferences", text) for text, _ in wishes.preferences]
    for field, text in named:
        try:
            read_expression(text)
        except Misread as error:
            return InvalidTask(f"{field}: {error}")
    return _wrong_atoms(wishes)


def _wrong_atoms(wishes: Wishes) -> InvalidTask | None:
    if wishes.atoms and not wishes.pattern:
        return InvalidTask("atoms: nothing looks at them without a pattern")
    field = "pattern"
    try:
        if wishes.pattern:
            read_pattern(wishes.pattern)
        field = "atoms"
        space_of(wishes.atoms, text_max=TASK_TEXT_MAX, atoms_max=TASK_ATOMS_MAX)
    except Undeclarable as error:
        return InvalidTask(f"{field}: {error}")
    return None
