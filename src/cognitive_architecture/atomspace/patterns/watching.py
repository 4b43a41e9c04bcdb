"""Looking at the clock now and then while a query runs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Final, Protocol, TypeVar

from cognitive_architecture.atomspace.errors import PatternError
from cognitive_architecture.atomspace.patterns.mistakes import DeadlinePassed
from cognitive_architecture.foundation.sentences import shown

_STEPS_PER_LOOK: Final = 64
"""A step takes a microsecond or so, and a look at a clock a tenth of that."""

_Item = TypeVar("_Item")


class Watched(Protocol):
    """Passes things on, and may raise on the way. ``iter`` is one that never does."""

    def __call__(self, items: Iterable[_Item], /) -> Iterator[_Item]:
        """The same things, one by one."""
        ...


def limited(items: Iterator[_Item], limit: object) -> Iterator[_Item]:
    """The first of some things, as many as the limit says; ``None`` for all.

    Raises:
        PatternError: The limit is no count.
    """
    if limit is None:
        return items
    if not isinstance(limit, int) or limit < 0:
        raise PatternError(f"a limit is a whole number from 0, not {shown(limit)}")
    return islice(items, limit)


def watched(deadline: float | None, clock: Callable[[], float] | None) -> Watched:
    """What every loop of a query goes through.

    Args:
        deadline: In seconds of the clock; ``None`` for as long as it takes.
        clock: Asked every 64 steps of all loops together.

    Raises:
        PatternError: The deadline is no number, or has no clock.
    """
    if deadline is None:
        return iter
    if clock is None:
        raise PatternError("a deadline is an instant of a clock: give the clock too")
    if math.isnan(deadline):
        raise PatternError("a deadline is an instant in seconds, not NaN")
    left = 1  # the first step looks, so that a deadline in the past gives nothing

    def over(items: Iterable[_Item], /) -> Iterator[_Item]:
        nonlocal left
        for item in items:
            left -= 1
            if left <= 0:
                if clock() >= deadline:
                    raise DeadlinePassed(deadline)
                left = _STEPS_PER_LOOK
            yield item

    return over
