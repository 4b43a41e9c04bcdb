"""How many assignments a node should hold ready."""

from __future__ import annotations

from typing import Final

_FALL: Final = 0.02
"""How quickly a shorter duration is believed; a longer one is believed at once."""


class Pace:
    """Follows how long attempts take, and says how much work to fetch ahead of need.

    Fetching ahead keeps slots busy while results and assignments travel; but what has been
    fetched can no longer be overtaken by something urgent. So a node holds what it can do within
    ``lookahead_s``, and nothing if its tasks take longer than that.
    """

    def __init__(self, lookahead_s: float, lookahead_max: int) -> None:
        self._lookahead_s = lookahead_s
        self._lookahead_max = lookahead_max
        self._run_s: float | None = None

    def observe(self, run_s: float) -> None:
        """Note how long an attempt took, or has taken so far."""
        if self._run_s is None or run_s > self._run_s:
            self._run_s = run_s
        else:
            self._run_s += _FALL * (run_s - self._run_s)

    def lookahead(self, slots: int) -> int:
        """Assignments to hold beyond those that run; 0 for a node that has not worked yet."""
        if self._run_s is None:
            return 0
        return min(self._lookahead_max, int(slots * self._lookahead_s / max(self._run_s, 1e-6)))
