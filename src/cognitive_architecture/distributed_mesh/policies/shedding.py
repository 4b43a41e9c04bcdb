"""What waits and what is refused when there is too much to do: what matters least, first.

``attention`` is the one scale: priority, what the economy adds to it, and the requester's share. A
task for which somebody waits is above all of it.

Two things may run short, and each has its own answer. A queue that fills up refuses (``Shedding``),
for what has been acknowledged is kept. A store or nodes that are overloaded let what has come wait
(``Delay``): the level from which on tasks are begun rises as long as it is too much, and falls step
by step when it is over.
"""

from __future__ import annotations

import math
from typing import Final

from cognitive_architecture.distributed_mesh.model import PRIORITY_DEFAULT, PRIORITY_MIN

SHED_FROM: Final = 0.8
"""The share of its bound to which the queue fills for everybody alike."""

EASED: Final = 0.05
"""By such a share of its bound the queue must have become emptier before what was refused may come
in again."""

SHED_UNTIL: Final = SHED_FROM - EASED
"""Below this share of its bound nothing is refused any more."""

WITHOUT_NODE: Final = 0.5
"""The share of the queue that is open to what no node could do now: it would only be in the way."""


def attention(priority: int, *, levels: float = 0.0, weight: float = 1.0) -> float:
    """How much a task matters, in levels of priority.

    Args:
        priority: 1 to 10.
        levels: By how much its type and its concepts are raised.
        weight: Of its requester's share, above 0; twice the share is one level more.
    """
    return priority + levels + math.log2(weight)


def _refused_up_to(fill: float) -> float:
    """The largest attention to which a queue that is so full is closed.

    The least important may fill no more than ``SHED_FROM`` of its bound, the others below the
    default priority in equal steps more, and everybody from the default on may fill all of it. So
    a flood of unimportant tasks never keeps an important one out.
    """
    if fill < SHED_FROM - 1e-9:
        return -math.inf
    rank = (min(1.0, fill) - SHED_FROM) / (1.0 - SHED_FROM)
    return PRIORITY_MIN + rank * (PRIORITY_DEFAULT - PRIORITY_MIN) + 1e-9


class Shedding:
    """Up to which attention a queue refuses; it is eased only when the queue is clearly emptier."""

    def __init__(self) -> None:
        self._up_to = -math.inf

    def refuses(self, worth: float, fill: float) -> bool:
        """Whether a task of this attention is refused.

        Args:
            worth: Its attention; infinite where somebody waits for it.
            fill: How full the queue is, 0 to 1.
        """
        self._up_to = max(_refused_up_to(fill), min(self._up_to, _refused_up_to(fill + EASED)))
        return worth < PRIORITY_DEFAULT and worth <= self._up_to


STEP_S: Final = 1.0
"""The level rises, and falls, by one in this time."""

CALM_S: Final = 2.0
"""It falls only after so long without anything too much."""

LEVEL_MAX: Final = 10.0
"""A task of priority p that waits is begun in any case after ``LEVEL_MAX - p`` times the time of
ageing: however long the overload lasts, nothing starves."""

_FIRST: Final = PRIORITY_MIN + 1.0
"""The lowest level at which anything waits."""


class Delay:
    """From which attention on tasks are begun while something is overloaded."""

    def __init__(self) -> None:
        self.level = 0.0
        """0 where everything is begun."""
        self._looked_at = -math.inf
        self._over_at = -math.inf

    def look(self, now: float, *, is_over: bool, is_clear: bool, most: float = LEVEL_MAX) -> None:
        """Take note of how it is.

        Args:
            now: Instant.
            is_over: Something is beyond its limit.
            is_clear: Nothing is near it; between the two the level stays.
            most: To this level it rises by what is over now; one that is higher stays.
        """
        passed_s = min(STEP_S, max(0.0, now - self._looked_at))
        self._looked_at = now
        if not is_clear:
            self._over_at = now
        if is_over:
            higher = self.level + passed_s / STEP_S if self.level else _FIRST
            self.level = max(self.level, min(most, higher))
        elif self.level and now - self._over_at >= CALM_S:
            self.level -= passed_s / STEP_S
            if self.level < _FIRST:
                self.level = 0.0
