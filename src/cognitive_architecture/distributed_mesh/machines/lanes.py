"""The queue, in lanes: tasks that need the same stand in the same lane.

A task that no free node can do waits in its own lane and holds up nobody else. Within a lane each
requester has its own line.
"""

from __future__ import annotations

from .lines import Line
from .needs import Needs
from .seats import SeatIndex


class Lane:
    """Tasks with the same needs, in a line for each requester, and the nodes that meet them."""

    def __init__(self, seats: SeatIndex) -> None:
        self.seats = seats
        """The capable nodes."""
        self.lines: dict[str, Line] = {}
        """By requester; some may be empty."""
        self.waiting = 0
        """In all lines."""
        self.shift_s = 0.0
        """How much sooner everybody here goes than his own place says."""

    @property
    def needs(self) -> Needs:
        """What any task here needs of a node."""
        return self.seats.needs
