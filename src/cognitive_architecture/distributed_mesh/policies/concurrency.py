"""How many attempts a node should work on at once, so that overload does not become failure.

As long as attempts take what they usually take, the node can do more at once; when they take longer
the more there are, it is doing too much. The limit follows the gradient between the two.

Source: the Gradient2 limit of Netflix's concurrency-limits: ``limit * usual / now + sqrt(limit)``.
We differ: durations are compared within a capability, because a node does many kinds of work; and
the usual one moves only while the node is not at its limit, so an overload never becomes usual.
"""

from __future__ import annotations

import math
from typing import Final

TOLERANCE: Final = 1.5
"""Attempts may take so many times the usual before anything is taken back."""

_GRADIENT_MIN: Final = 0.5
_SMOOTHING: Final = 0.2
_NOW: Final = 0.1
"""Weight of the latest attempt in how it is now."""
_USUALLY: Final = 0.02
"""The same in how it usually is."""
_SAMPLES_MIN: Final = 10
_CAPABILITIES_MAX: Final = 256


class _Durations:
    __slots__ = ("count", "usual_s")

    def __init__(self, run_s: float) -> None:
        self.count = 0
        self.usual_s = run_s


class Concurrency:
    """The limit of one node, from 1 to its slots; it begins with all of them."""

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._limit = float(slots)
        self._now = 1.0
        """How long attempts take now, in usual durations."""
        self._durations: dict[str, _Durations] = {}

    @property
    def limit(self) -> int:
        """Attempts to work on at once."""
        return max(1, min(self._slots, round(self._limit)))

    def observe(self, capability: str, run_s: float, *, at_once: int) -> None:
        """An attempt went well.

        Args:
            capability: What was done.
            run_s: Seconds it took.
            at_once: How many attempts ran when it ended, itself included.
        """
        durations = self._durations.get(capability)
        if durations is None:
            if len(self._durations) >= _CAPABILITIES_MAX:
                return
            durations = self._durations[capability] = _Durations(run_s)
        durations.count += 1
        is_full = at_once >= self.limit
        is_known = durations.count > _SAMPLES_MIN
        if not is_full or not is_known or run_s < durations.usual_s:
            durations.usual_s += _USUALLY * (run_s - durations.usual_s)
        if not is_known:
            return
        ratio = run_s / max(durations.usual_s, 1e-6)
        self._now += _NOW * (ratio - self._now)
        if 2 * at_once < self._limit:
            return  # it has little to do: how long that takes says nothing of the limit
        gradient = max(_GRADIENT_MIN, min(1.0, TOLERANCE / max(self._now, 1e-6)))
        aim = self._limit * gradient + math.sqrt(self._limit)
        self._limit += _SMOOTHING * (aim - self._limit)
        self._limit = max(1.0, min(float(self._slots), self._limit))
