"""Many measurements in little room: counts in buckets whose widths grow with the value.

Source: the idea of HdrHistogram (G. Tene): buckets of constant relative width, so that a quantile
has the same relative error wherever it lies. We differ: the range is fixed, and the buckets are
found with ``frexp``, equal parts of each power of two.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

_LOWEST: Final = -20
"""Exponent of the smallest value told apart: 2 ** -20, about a millionth."""
_HIGHEST: Final = 20
"""Exponent beyond the largest value told apart: 2 ** 20, about a million."""

_LARGEST: Final = 2.0**_HIGHEST

COARSE: Final = 4
"""Buckets from a value to its double, for a quick look: a quantile is off by at most an eighth."""

FINE: Final = 128
"""The same for figures that are published: off by at most 0.4 %."""

_TOLD_TOGETHER_MAX: Final = 64
"""So many equal values are counted at once, few enough that they do not weigh for ever."""


def bucket_of(value: float, parts: int = COARSE) -> int:
    """The bucket of a value; what lies outside the range counts as its nearest end."""
    if not value > 0.0:
        return 0
    if value >= _LARGEST:
        return (_HIGHEST - _LOWEST) * parts - 1
    mantissa, exponent = math.frexp(value)  # mantissa from 0.5 to below 1
    place = (exponent - 1 - _LOWEST) * parts + int((2.0 * mantissa - 1.0) * parts)
    return max(0, place)


def middle_of(bucket: int, parts: int = COARSE) -> float:
    """The value that stands for everything in a bucket."""
    octave, part = divmod(bucket, parts)
    return math.ldexp(1.0 + (part + 0.5) / parts, octave + _LOWEST)


class Histogram:
    """Counts of values from a millionth to a million, for quantiles."""

    __slots__ = ("_counts", "_fade_at", "_parts", "count", "largest", "total")

    def __init__(self, *, parts: int = COARSE, fade_at: float = math.inf) -> None:
        """Prepare.

        Args:
            parts: Buckets from a value to its double.
            fade_at: When so many values have been counted, all counts are halved: what was long
                ago weighs less and less.
        """
        self._counts: dict[int, int] = {}
        self._parts = parts
        self._fade_at = fade_at
        self.count = 0
        self.total = 0.0
        """Sum of the values that count, for the mean."""
        self.largest = 0.0
        """Ever."""

    def add(self, value: float, times: int = 1) -> None:
        """Count a value, so many times."""
        bucket = bucket_of(value, self._parts)
        self._counts[bucket] = self._counts.get(bucket, 0) + times
        self.count += times
        self.total += value * times
        self.largest = max(self.largest, value)
        if self.count >= self._fade_at:
            self._fade()

    def _fade(self) -> None:
        self._counts = {b: half for b, count in self._counts.items() if (half := count // 2)}
        self.count = sum(self._counts.values())
        self.total = sum(
            middle_of(bucket, self._parts) * count for bucket, count in self._counts.items()
        )

    def absorb(self, other: Histogram) -> None:
        """Count everything that another one of as many parts has counted."""
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
        """The value that ``share`` (0 to 1) of all do not exceed, within a bucket; 0 of none."""
        rank = max(1, math.ceil(share * self.count))
        for bucket in sorted(self._counts):
            rank -= self._counts[bucket]
            if rank <= 0:
                return min(self.largest, middle_of(bucket, self._parts))
        return 0.0

    def to_json(self) -> dict[str, float]:
        """Count, mean and the usual quantiles."""
        shares = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
        return {"count": self.count, "mean": self.mean, "max": self.largest} | {
            name: self.quantile(share) for name, share in shares.items()
        }


class Trend:
    """A measurement over time, told again and again though it mostly stays as it was.

    What stays the same is counted when it changes, or when somebody looks: a comparison instead of
    the search for its bucket.
    """

    __slots__ = ("_histogram", "_times", "_value")

    def __init__(self, *, fade_at: float) -> None:
        """See ``Histogram``; older values weigh less after so many."""
        self._histogram = Histogram(fade_at=fade_at)
        self._value = 0.0
        self._times = 0

    def note(self, value: float) -> None:
        """It is so now."""
        if value == self._value and self._times < _TOLD_TOGETHER_MAX:
            self._times += 1
            return
        self._count()
        self._value = value
        self._times = 1

    def look(self) -> Histogram:
        """Everything so far."""
        self._count()
        return self._histogram

    def _count(self) -> None:
        if self._times:
            self._histogram.add(self._value, self._times)
            self._times = 0


def merged(histograms: Iterable[Histogram]) -> Histogram:
    """All of them as one."""
    result = Histogram()
    for one in histograms:
        result.absorb(one)
    return result
