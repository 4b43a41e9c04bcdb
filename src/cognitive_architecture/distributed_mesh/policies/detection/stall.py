"""Has a stream stopped in the middle? Measured by the pace it had itself."""

from __future__ import annotations

from typing import Final

from .findings import Finding

_ENOUGH: Final = 3
"""Pieces from which a stream has a pace."""

_WEIGHT: Final = 0.1
"""Of the latest interval in the pace."""


class StreamPace:
    """How quickly one attempt's pieces come."""

    __slots__ = ("mean_s", "pieces", "said_at")

    def __init__(self, now: float) -> None:
        self.said_at = now
        self.pieces = 0
        self.mean_s = 0.0
        """Mean interval, the latest counting most."""

    def piece(self, now: float) -> None:
        """One has come."""
        interval = max(0.0, now - self.said_at)
        self.said_at = now
        self.pieces += 1
        # The first one comes after whatever had to be prepared, and says nothing of the pace.
        if self.pieces == 2:
            self.mean_s = interval
        elif self.pieces > 2:
            self.mean_s += _WEIGHT * (interval - self.mean_s)


def stall(pace: StreamPace, now: float, *, factor: float, floor_s: float) -> Finding | None:
    """Whether a stream stands still.

    Args:
        pace: Of the attempt.
        now: Instant.
        factor: How many of its own intervals it may be quiet.
        floor_s: No shorter quiet counts.
    """
    if pace.pieces < _ENOUGH:
        return None
    quiet_s = now - pace.said_at
    if quiet_s < max(floor_s, factor * pace.mean_s):
        return None
    return Finding(
        f"its stream stopped after {pace.pieces} pieces: one came every {pace.mean_s:.3g} s, and "
        f"for {quiet_s:.1f} s none",
        {"pieces": pace.pieces, "pace_s": pace.mean_s, "quiet_s": round(quiet_s, 3)},
    )
