"""Many durations in little memory: a histogram for percentiles and a sample to look at."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from typing import Final

_PARTS: Final = 128
"""Buckets between a duration and its double: the middle of a bucket is at most 1/256, 0.4 %,
away from anything in it."""


class Histogram:
    """Counts durations in buckets whose width grows with the duration.

    Percentiles are within 0.4 % of the exact ones; count, mean and maximum are exact. From a
    microsecond to a day there are fewer than 5,000 buckets, however many durations there are.
    """

    def __init__(self) -> None:
        self.count = 0
        self.max_s = 0.0
        self._sum_s = 0.0
        self._buckets: Counter[int] = Counter()

    def add(self, seconds: float) -> None:
        """Count one duration."""
        self.count += 1
        self._sum_s += seconds
        self.max_s = max(self.max_s, seconds)
        self._buckets[_bucket(seconds)] += 1

    def absorb(self, other: Histogram) -> None:
        """Count everything that ``other`` has counted."""
        self.count += other.count
        self.max_s = max(self.max_s, other.max_s)
        self._sum_s += other._sum_s
        self._buckets += other._buckets

    @property
    def mean_s(self) -> float:
        """The mean; 0 of nothing."""
        return self._sum_s / self.count if self.count else 0.0

    def percentile_s(self, share: float) -> float:
        """The duration that ``share`` (0 to 1) of all do not exceed; 0 of nothing."""
        rank = max(1, math.ceil(share * self.count))
        seen = 0
        for bucket in sorted(self._buckets):
            seen += self._buckets[bucket]
            if seen >= rank:
                return min(_middle(bucket), self.max_s)
        return 0.0


def _bucket(seconds: float) -> int:
    mantissa, exponent = math.frexp(max(seconds, 1e-9))  # mantissa: 0.5 up to 1
    return exponent * _PARTS + int((mantissa - 0.5) * 2 * _PARTS)


def _middle(bucket: int) -> float:
    exponent, part = divmod(bucket, _PARTS)
    return math.ldexp(0.5 + (part + 0.5) / (2 * _PARTS), exponent)


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
