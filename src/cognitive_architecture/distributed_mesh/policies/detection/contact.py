"""Are two processes in contact? Pings there and back, many a second, by a way of their own.

A link sends again what the network lost, and what is sent later waits for it: over a path that
loses one packet in twenty a link says nothing for a second some ten times an hour, though both ends
live (``docs/failures.md``). A ping that is lost is lost, and the next one leaves a tenth of a
second later.

The law has no fixed timeout: whoever was away for half a second lately, because others have its
CPU, is waited for longer (an adaptive failure detector, as M. Bertier et al., 2002, and
N. Hayashibara et al., 2004, have them). What decides is the longest pause and not a distribution:
the pauses of a starved process follow none.
"""

from __future__ import annotations

from collections import deque
from typing import Final

REMEMBERED: Final = 600
"""Contacts whose pauses are remembered: a minute of ten a second."""

PAUSES: Final = 5.0
"""Whoever is gone is silent for so many times its longest pause lately. With four a starved process
is lost about once in 50,000 hours, on a path that loses one packet in twenty; with six a single
pause of a quarter of a second would delay what is noticed by half a second
(``docs/benchmarks.md``, F3)."""

FEW: Final = 300
"""Contacts until what is known of a process is enough."""

NEWCOMER: Final = 5.0
"""Of whom nothing is known yet a silence must be so many times as long; it falls evenly to 1."""

BOUND: Final = 10.0
"""No silence need be longer than so many times the least that counts."""


class Contact:
    """The contact with one process, as one side knows it."""

    __slots__ = ("_at", "_count", "_longest")

    def __init__(self, now: float) -> None:
        """The first contact is now."""
        self._at = now
        self._count = 0
        self._longest: deque[tuple[int, float]] = deque()
        """Number and length of those pauses that no later one was longer than, longest first."""

    def made(self, at: float) -> None:
        """There was contact at this instant; one before the last is no news."""
        pause = at - self._at
        if pause <= 0.0:
            return
        self._at = at
        self._count += 1
        longest = self._longest
        while longest and longest[-1][1] <= pause:
            longest.pop()
        longest.append((self._count, pause))
        if longest[0][0] <= self._count - REMEMBERED:
            longest.popleft()

    def excuse(self, seconds: float, now: float) -> None:
        """Do not count a time in which this side did not listen."""
        self._at = min(now, self._at + seconds)

    def silent_s(self, now: float) -> float:
        """Seconds since the last contact."""
        return now - self._at

    @property
    def longest_s(self) -> float:
        """The longest pause remembered; 0 of none."""
        return self._longest[0][1] if self._longest else 0.0

    def patience_s(self, floor_s: float) -> float:
        """The silence that would count now.

        Args:
            floor_s: The least that counts, in seconds: of a steady process that is known.
        """
        unknown = max(0.0, 1.0 - self._count / FEW)
        granted = max(floor_s, PAUSES * self.longest_s, NEWCOMER * floor_s * unknown)
        return min(granted, BOUND * floor_s)

    def is_lost(self, now: float, *, floor_s: float) -> bool:
        """Whether the silence is longer than that."""
        return self.silent_s(now) > self.patience_s(floor_s)
