"""What each requester has been served, and where its tasks wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .lanes import Lane
from .lines import Line

if TYPE_CHECKING:
    from .groups import Group

SHIFT: Final = 64
"""Binary places of a start: exact to far less than any cost."""

WEIGHT_UNIT: Final = 2**48
"""Weights are whole multiples of its inverse, so that even a small one is kept to nine digits."""


class Account:
    """What one requester has been served, and where its tasks wait."""

    __slots__ = (
        "escrow",
        "group",
        "held",
        "is_restored",
        "lines",
        "name",
        "running",
        "running_max",
        "serial",
        "served",
        "version",
        "weight",
        "work",
    )

    def __init__(self, name: str, serial: int, weight: int, *, running_max: float) -> None:
        self.name = name
        self.serial = serial
        self.weight = weight
        self.work = 0
        """Start times weight, from the zero of its group, or of all while it is in none."""
        self.served = 0
        """Charged since this owner took over."""
        self.escrow = 0
        """Reserved for what is running."""
        self.running = 0
        self.running_max = running_max
        """More than so many tasks it may not have running."""
        self.lines: dict[Lane, Line] = {}
        """Those in which somebody waits."""
        self.held = 0
        """Lines in which its tasks wait and nothing is begun for now; see ``degradation``."""
        self.group: Group | None = None
        self.version = 0
        """Places in heaps that say an older one are void."""
        self.is_restored = False
        """Its lag is that which an earlier owner has kept, until it begins to contend; ``work``
        counts from where the others will be then."""

    @property
    def start(self) -> int:
        """What it was served for each unit of weight, from the zero of ``work``."""
        return self.work // self.weight

    @property
    def contends(self) -> bool:
        """Whether it has something waiting that it may have running."""
        return bool(self.lines) and self.running < self.running_max
