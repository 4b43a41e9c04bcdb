"""Many measurements in little room: counts in buckets whose widths grow with the value.

Source: the idea of HdrHistogram (G. Tene): buckets of constant relative width, so that a quantile
has the same relative error wherever it lies. We differ: the range is fixed, and the buckets are
found with ``frexp``, four to each power of two.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

_PER_OCTAVE: Final = 4
_LOWEST: Final = -20
"""Exponent of the smallest value told apart: 2 ** -20, about a millionth."""
_HIGHEST: Final = 20
"""Exponent beyond the largest value told apart: 2 ** 20, about a million."""
_BUCKETS: Final = (_HIGHEST - _LOWEST) * _PER_OCTAVE

RELATIVE_ERROR: Final = 0.125
"""A quantile is off by at most so much of the true one, within the range."""


def bucket_of(value: float) -> int:
    """The bucket of a value; what lies outside the range counts as its nearest end."""
    if not value > 0.0:
        return 0
    if value >= 2.0**_HIGHEST:
        return _BUCKETS - 1
    mantissa, exponent = math.frexp(value)  # mantissa from 0.5 to below 1
    place = (exponent - 1 - _LOWEST) * _PER_OCTAVE + int((2.0 * mantissa - 1.0) * _PER_OCTAVE)
    return max(0, place)


def middle_of(bucket: int) -> float:
    """The value that stands for everything in a bucket."""
    octave, part = divmod(bucket, _PER_OCTAVE)
    return math.ldexp(1.0 + (part + 0.5) / _PER_OCTAVE, octave + _LOWEST)


class Histogram:
    """Counts of values from a millionth to a million, for quantiles; old ones fade.

    When ``fade_at`` values have been counted, all counts are halved: what was long ago weighs less
    and less, and the room never grows.
    """

    __slots__ = ("_counts", "_fade_at", "count", "largest", "total")

    def __init__(self, *, fade_at: int = 4096) -> None:
        self._counts: dict[int, int] = {}
        self._fade_at = fade_at
        self.count = 0
        self.total = 0.0
        """Sum of the values that count, for the mean."""
        self.largest = 0.0
        """Ever."""

    def add(self, value: float, times: int = 1) -> None:
        """Count a value, so many times."""
        bucket = bucket_of(value)
        self._counts[bucket] = self._counts.get(bucket, 0) + times
        self.count += times
        self.total += value * times
        self.largest = max(self.largest, value)
        if self.count >= self._fade_at:
            self._fade()

    def _fade(self) -> None:
        self._counts = {b: half for b, count in self._counts.items() if (half := count // 2)}
        self.count = sum(self._counts.values())
        self.total = sum(middle_of(bucket) * count for bucket, count in self._counts.items())

    def absorb(self, other: Histogram) -> None:
        """Count everything that another one has counted."""
        for bucket, count in other._counts.items():
            self._counts[bucket] = self._counts.get(bucket, 0) + count
        self.count += other.count
        self.total += other.total
        self.largest = max(self.largest, other.largest)

    @property
    def mean(self) -> float:
        """Of the values that count; 0 without any."""
        return self.total / self.count if self.count else 0.0

    def quantile(self, share: float) -> float:
        """The value that ``share`` of all do not exceed, within ``RELATIVE_ERROR``; 0 of none."""
        rank = max(1, math.ceil(share * self.count))
        for bucket in sorted(self._counts):
            rank -= self._counts[bucket]
            if rank <= 0:
                return middle_of(bucket)
        return 0.0

    def to_json(self) -> dict[str, float]:
        """Count, mean and the usual quantiles."""
        shares = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
        return {"count": self.count, "mean": self.mean, "max": self.largest} | {
            name: self.quantile(share) for name, share in shares.items()
        }


def merged(histograms: Iterable[Histogram]) -> Histogram:
    """All of them as one."""
    result = Histogram(fade_at=1 << 62)
    for one in histograms:
        result.absorb(one)
    return result
