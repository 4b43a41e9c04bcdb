"""Has a node fallen silent, or is it only slow to speak? Phi-accrual over its own rhythm.

Phi is how surprising the silence is: minus the decimal logarithm of the probability that a node
with this rhythm would be silent for so long. At phi 1 one suspicion in ten is wrong, at phi 8 one
in a hundred million, as far as the intervals are normally distributed.

How a node pauses is not known before it has paused, and some pause long and rarely. So a newcomer
is waited for as long as any node may be, and less as its window fills (``Rhythm.patience_s``).

Source: N. Hayashibara et al., The phi Accrual Failure Detector, 2004. We differ: a floor below
which no silence counts, whatever phi says, and which is higher for a node that has paused for long
lately, or of which little is known, because real intervals have heavier tails than a normal
distribution; a bound above which no rhythm excuses it; and the judge excuses a silence in which it
was not listening itself (as in A. Dadgar et al., Lifeguard, 2018).
"""

from __future__ import annotations

import math
from collections import deque
from typing import Final

from .findings import Finding

WINDOW: Final = 64
"""Intervals remembered."""

ENOUGH: Final = 8
"""Intervals from which a rhythm is known; before, ``patience_s`` alone decides."""

SPREAD_SHARE_MIN: Final = 0.1
"""The spread is taken for at least this share of the mean interval: a machine that was steady so
far is not promised to stay it."""

PHI_MAX: Final = 300.0
"""Beyond, the probability is no longer a number above 0."""


class Rhythm:
    """The intervals between the heartbeats of one node."""

    __slots__ = ("_beat_at", "_intervals", "_squares", "_sum")

    def __init__(self, now: float) -> None:
        self._beat_at = now
        self._intervals: deque[float] = deque()
        self._sum = 0.0
        self._squares = 0.0

    def beat(self, now: float) -> None:
        """A heartbeat was heard."""
        interval = max(0.0, now - self._beat_at)
        self._beat_at = now
        self._intervals.append(interval)
        self._sum += interval
        self._squares += interval * interval
        if len(self._intervals) > WINDOW:
            oldest = self._intervals.popleft()
            self._sum -= oldest
            self._squares -= oldest * oldest

    def excuse(self, seconds: float, now: float) -> None:
        """Do not take a time in which nobody listened for a part of the rhythm."""
        self._beat_at = min(now, self._beat_at + seconds)

    @property
    def is_known(self) -> bool:
        """Whether enough intervals were heard."""
        return len(self._intervals) >= ENOUGH

    @property
    def mean_s(self) -> float:
        """Mean interval; 0 of none."""
        return self._sum / len(self._intervals) if self._intervals else 0.0

    @property
    def longest_s(self) -> float:
        """Longest interval remembered; 0 of none."""
        return max(self._intervals, default=0.0)

    @property
    def spread_s(self) -> float:
        """Standard deviation of the intervals, never below a share of their mean."""
        mean = self.mean_s
        variance = self._squares / len(self._intervals) - mean * mean if self._intervals else 0.0
        return max(math.sqrt(max(0.0, variance)), SPREAD_SHARE_MIN * mean, 1e-9)

    def patience_s(self, floor_s: float, bound_s: float) -> float:
        """The least silence that counts: ``bound - (bound - floor) * intervals / WINDOW`` seconds.

        Args:
            floor_s: Of a node whose window is full.
            bound_s: Of one that has not been heard again yet.
        """
        return bound_s - (bound_s - floor_s) * len(self._intervals) / WINDOW

    def phi(self, silent_s: float) -> float:
        """How surprising a silence is; 0 while the rhythm is not known."""
        if not self.is_known:
            return 0.0
        z = (silent_s - self.mean_s) / self.spread_s
        later = 0.5 * math.erfc(z / math.sqrt(2.0))
        return min(PHI_MAX, -math.log10(later)) if later > 0.0 else PHI_MAX


def silence(
    rhythm: Rhythm,
    silent_s: float,
    *,
    phi: float,
    floor_s: float,
    bound_s: float,
    pauses: float = 0.0,
) -> Finding | None:
    """Whether a node has been silent for too long.

    Args:
        rhythm: Of the node.
        silent_s: Since when nothing was heard of it.
        phi: How surprising the silence must be.
        floor_s: No shorter silence counts; where the rhythm is not known, this alone does.
        bound_s: A longer silence always counts.
        pauses: Nor does a silence count that is not so many times as long as the longest interval
            lately, where the rhythm is known.
    """
    if silent_s <= floor_s:
        return None
    reached = rhythm.phi(silent_s)
    is_usual = reached < phi or silent_s <= pauses * rhythm.longest_s
    if rhythm.is_known and is_usual and silent_s <= bound_s:
        return None
    usual = (
        f"; usually it is heard every {rhythm.mean_s:.2f} s, give or take {rhythm.spread_s:.2f} s"
        if rhythm.is_known
        else ""
    )
    return Finding(
        f"not heard of for {silent_s:.1f} s{usual}",
        {"silent_s": round(silent_s, 3), "phi": round(reached, 2)},
    )


def mute(found: Finding) -> Finding:
    """The same silence, of a node whose process is in contact: it is there, and says nothing."""
    return Finding(
        f"its process answers pings and says nothing: {found.sentence}",
        {**found.evidence, "is_in_contact": 1},
    )
