"""Did many nodes vanish at once? Then it is the network between us, and not they."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol

from .findings import Finding

_LOST_MIN: Final = 3
_SHARE: Final = 0.5

WITHIN_S: Final = 2.0
"""Losses so close together are one event. A cut link is noticed after its lease, by keep-alives
that are not in step, so it takes that long until all of it has been noticed."""


class Loss(Protocol):
    """A node that was lost."""

    @property
    def at(self) -> float:
        """Instant."""
        ...

    @property
    def joined_at(self) -> float:
        """Instant at which it had come."""
        ...


def together(losses: Iterable[Loss], now: float) -> int:
    """How many of these vanished together around ``now``.

    A node that came only after the first of them was lost is not counted: one that comes and dies
    three times in two seconds is no partition.
    """
    near = [loss for loss in losses if abs(now - loss.at) <= WITHIN_S]
    first = min((loss.at for loss in near), default=now)
    return sum(loss.joined_at < first for loss in near)


def partition(*, lost: int, left: int) -> Finding | None:
    """Whether nodes that vanished within two seconds were cut off together.

    Args:
        lost: How many vanished.
        left: How many are still there.
    """
    if lost < _LOST_MIN or lost < _SHARE * (lost + left):
        return None
    return Finding(
        f"{lost} of {lost + left} nodes vanished within {WITHIN_S:g} s: the network was cut, or "
        "something that they share",
        {"lost": lost, "left": left},
    )
