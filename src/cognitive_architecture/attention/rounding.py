"""Whole parts whose sum is exact: the method of the largest remainder.

Every amount that is divided here is first divided as a float, and each part is rounded down. What
is left over, fewer units than there are parts, goes one by one to the largest remainders; equal
remainders go to the smaller key. So the parts add up to the whole, no part is further than one
unit from its quota, and the order in which the parts are given does not matter.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from .errors import InvalidAmount
from .units import AMOUNT_MAX, Floats, Ints

_A_HAIR: Final = 2.0**-50
"""By so much a computed quota is lowered, in proportion. So it is never above the true one, and
below ``AMOUNT_MAX`` all together miss at most half a unit: what is left over is never more than
one for each part."""


def apportion(total: int, weights: Ints | Floats, keys: Ints) -> Ints:
    """Divide ``total`` in proportion to ``weights``.

    Args:
        total: Whole units, from 0 to ``AMOUNT_MAX``.
        weights: Shape ``(n,)``, not negative.
        keys: Shape ``(n,)``, different; they decide between equal remainders.

    Returns:
        Shape ``(n,)``, not negative. It adds up to ``total``, or is zero if all weights are.

    Raises:
        InvalidAmount: ``total`` is out of range.
    """
    if not 0 <= total <= AMOUNT_MAX:
        raise InvalidAmount(f"total: from 0 to {AMOUNT_MAX:,} can be divided, not {total:,}")
    sum_ = int(weights.sum()) if weights.dtype.kind == "i" else math.fsum(weights)
    if sum_ <= 0:
        return np.zeros(len(weights), dtype=np.int64)
    quotas = weights * (total / sum_ * (1 - _A_HAIR))
    parts = np.floor(quotas).astype(np.int64)
    entitled = np.flatnonzero(weights)
    left = total - int(parts.sum())
    parts[entitled[largest((quotas - parts)[entitled], keys[entitled], left)]] += 1
    return parts


def rounded_keeping_sum(fixed: Ints, bits: int, total: int, keys: Ints) -> Ints:
    """Round fixed-point numbers whose exact sum is ``total``.

    Args:
        fixed: Shape ``(n,)``, in units of 2 to the power of ``-bits``, not negative.
        bits: Binary places.
        total: The sum of ``fixed``, in whole units.
        keys: Shape ``(n,)``, different; they decide between equal remainders.

    Returns:
        Shape ``(n,)``; it adds up to ``total``.
    """
    parts = fixed >> bits
    remainders = fixed & ((1 << bits) - 1)
    parts[largest(remainders, keys, total - int(parts.sum()))] += 1
    return parts


def apportion_rows(totals: Ints, rows: Ints, quotas: Floats, keys: Ints) -> Ints:
    """Round many divisions at once, each row for itself.

    Args:
        totals: Shape ``(r,)``: what the parts of each row must add up to: the row's sum of quotas,
            rounded.
        rows: Shape ``(n,)``: the row of each part.
        quotas: Shape ``(n,)``: its exact share, in units; may be negative.
        keys: Shape ``(n,)``, different within a row; they decide between equal remainders.

    Returns:
        Shape ``(n,)``; the parts of row ``i`` add up to ``totals[i]``.
    """
    parts = np.floor(quotas - np.abs(quotas) * _A_HAIR).astype(np.int64)
    order = np.lexsort((keys, parts - quotas, rows))
    sums = np.zeros(len(totals), dtype=np.int64)
    np.add.at(sums, rows, parts)
    counts = np.bincount(rows, minlength=len(totals))
    starts = np.cumsum(counts) - counts
    ranks = np.arange(len(rows)) - starts[rows[order]]
    parts[order] += ranks < (totals - sums)[rows[order]]
    return parts


def largest(values: Ints | Floats, keys: Ints, count: int) -> Ints:
    """Where the ``count`` largest values stand; equal values go to the smaller key.

    Takes O(n) and does not sort.

    Args:
        values: Shape ``(n,)``.
        keys: Shape ``(n,)``, different.
        count: How many; all if there are fewer.

    Returns:
        Positions, in no particular order.
    """
    if count >= len(values):
        return np.arange(len(values))
    if count <= 0:
        return np.zeros(0, dtype=np.int64)
    threshold = np.partition(values, len(values) - count)[len(values) - count]
    above = np.flatnonzero(values > threshold)
    equal = np.flatnonzero(values == threshold)
    room = count - len(above)
    if room < len(equal):
        equal = equal[np.argpartition(keys[equal], room - 1)[:room]]
    return np.concatenate([above, equal])


def sums_by(rows: Ints, values: Ints | Floats, count: int) -> Floats:
    """Sums of the values in each row, added in the order given; shape ``(count,)``."""
    return np.bincount(rows, values, minlength=count).astype(np.float64, copy=False)
