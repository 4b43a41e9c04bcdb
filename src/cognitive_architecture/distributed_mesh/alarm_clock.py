"""One timer for many deadlines of which most are met long before."""

from __future__ import annotations

import math
from collections.abc import Callable

from cognitive_architecture.foundation.world import Clock, Timer


class AlarmClock:
    """Rings at the earliest instant that it was told of, and has to be told anew after that.

    Whoever waits for thousands of deadlines a second, nearly all of which are met long before,
    sets no timer for each of them and looks at nothing in between: a deadline behind the earliest
    costs one comparison, and having none costs nothing.
    """

    def __init__(self, clock: Clock, ring: Callable[[], None]) -> None:
        """Prepare; it is silent until ``ring_by``.

        Args:
            clock: Whose instants these are.
            ring: Called then. It says what comes next with ``ring_by``, if anything does.
        """
        self._clock = clock
        self._on_ring = ring
        self._timer: Timer | None = None
        self._rings_at = math.inf

    def ring_by(self, instant: float) -> None:
        """Ring at this instant of the clock, unless it rings before; at infinity never."""
        if instant >= self._rings_at:
            return  # what comes first sets the alarm for what comes next
        self.stop()
        self._rings_at = instant
        self._timer = self._clock.call_at(instant, self._ring)

    def stop(self) -> None:
        """Wait for nothing any more."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        self._rings_at = math.inf

    def _ring(self) -> None:
        self._timer = None
        self._rings_at = math.inf
        self._on_ring()
