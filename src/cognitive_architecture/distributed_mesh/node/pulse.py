"""The number of each heartbeat, and what its answer says of the way there and back."""

from __future__ import annotations

from collections import deque
from statistics import median
from typing import Final

_REMEMBERED: Final = 16
"""Heartbeats whose answer is waited for; what is older counts as unanswered."""

_LATEST: Final = 9
"""Round trips of which the median is told: one that a busy moment made long changes nothing."""


class Pulse:
    """Counts heartbeats and times their answers."""

    def __init__(self) -> None:
        self._beats = 0
        self._sent: dict[int, float] = {}
        self._trips: deque[float] = deque(maxlen=_LATEST)
        self.heard = 0
        """The latest heartbeat whose answer came."""

    def beat(self, now: float) -> int:
        """The number of the heartbeat that is sent now."""
        self._beats += 1
        self._sent[self._beats] = now
        self._sent.pop(self._beats - _REMEMBERED, None)
        return self._beats

    def answered(self, beat: int, now: float) -> None:
        """An answer came; one that is said again changes nothing."""
        sent_at = self._sent.pop(beat, None)
        if sent_at is not None:
            self._trips.append(now - sent_at)
            self.heard = max(self.heard, beat)

    @property
    def round_trip_s(self) -> float:
        """Median of the latest round trips, in seconds; 0 before there was one."""
        return median(self._trips) if self._trips else 0.0
