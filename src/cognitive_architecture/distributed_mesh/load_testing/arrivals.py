"""When each task is due: a plan made before the first is sent, so that no answer can change it."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """Regular arrivals whose rate rises, stays and falls.

        rate ┤       ┌──────────────┐
             │    ┌──┘              └──┐
             │ ┌──┘                    └──┐
           0 ┼─┴──────────────────────────┴──▶ time
               │ up_s │            │ down_s │

    The number of tasks due by the time t is the area under the curve, N(t); task k (0, 1, 2 …) is
    due when N(t) = k, which is solved exactly, so no rounding adds up over a long test.
    """

    rate: float
    """Tasks per second on the plateau."""
    duration_s: float
    up_s: float = 0.0
    down_s: float = 0.0

    @property
    def total(self) -> int:
        """How many tasks become due."""
        area = self.rate * (self.duration_s - self.up_s / 2 - self.down_s / 2)
        return math.ceil(area - 1e-9)

    def due_s(self, k: int) -> float:
        """Seconds after the beginning at which task ``k`` is due."""
        rising = self.rate * self.up_s / 2
        if k < rising:
            return math.sqrt(2.0 * self.up_s * k / self.rate)
        level = self.rate * (self.duration_s - self.up_s - self.down_s)
        if k <= rising + level or self.down_s == 0.0:
            return self.up_s + (k - rising) / self.rate
        left = max(0.0, rising + level + self.rate * self.down_s / 2 - k)
        return self.duration_s - math.sqrt(2.0 * self.down_s * left / self.rate)
