"""Many durations in little memory: a sample to look at, beside the histogram for percentiles."""

from __future__ import annotations

from collections.abc import Callable


class Sample:
    """Up to ``size`` values, each of all that came with the same chance (Vitter's algorithm R)."""

    def __init__(self, size: int, draw: Callable[[int], int]) -> None:
        """Prepare.

        Args:
            size: How many values to keep.
            draw: A chance number from 0 up to, and without, its argument.
        """
        self.values: list[float] = []
        self._size = size
        self._draw = draw
        self._seen = 0

    def add(self, value: float) -> None:
        """Offer one value."""
        self._seen += 1
        if len(self.values) < self._size:
            self.values.append(value)
        elif (place := self._draw(self._seen)) < self._size:
            self.values[place] = value
