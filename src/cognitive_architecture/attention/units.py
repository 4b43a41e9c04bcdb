"""Amounts: whole millionths of one STI (µSTI), and the arrays that hold them.

Balances are 64-bit integers, so that sums are exact in any order. People and parameters speak in
STI; ``micro`` is the only door between the two.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cognitive_architecture.foundation.sentences import shown

from .errors import InvalidAmount

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MICRO: Final = 1_000_000
"""µSTI in one STI."""

AMOUNT_MAX: Final = 2**49
"""µSTI that may exist, or move at once: about 563 million STI.

Shares of an amount are computed as floats before they are rounded; below this bound the float is
so close to the true share that the rounding is exact, and no sum of balances can leave 64 bits.
"""


def micro(amount: float, name: str = "amount") -> int:
    """Whole µSTI nearest to an amount in STI (half goes to the even one).

    Raises:
        InvalidAmount: Not a finite number, or beyond ``AMOUNT_MAX``.
    """
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        raise InvalidAmount(f"{name}: a number of STI is needed, not {shown(amount)}")
    if not abs(amount) <= AMOUNT_MAX / MICRO:  # NaN fails it too
        raise InvalidAmount(
            f"{name}: a number of STI from {-AMOUNT_MAX / MICRO:.6g} to {AMOUNT_MAX / MICRO:.6g} "
            f"is needed, not {shown(amount)}"
        )
    return round(amount * MICRO)


def sti(micro_sti: int) -> float:
    """An amount of µSTI in STI, for people."""
    return micro_sti / MICRO


def whole(values: ArrayLike, name: str, *, low: int = -AMOUNT_MAX, high: int = AMOUNT_MAX) -> Ints:
    """A one-dimensional array of whole numbers.

    Args:
        values: Shape ``(n,)``; integers, or floats without a fraction.
        name: For the sentence.
        low: Smallest value.
        high: Largest value.

    Raises:
        InvalidAmount: A fraction, NaN, something that is no number, or out of range.
    """
    numbers = _numbers(values, name)
    if numbers.dtype.kind == "f":
        _require_finite(numbers, name)
        if np.any(numbers != np.floor(numbers)):
            raise InvalidAmount(f"{name}: whole numbers are needed, not {shown(numbers.tolist())}")
    if numbers.size and not (low <= numbers.min() and numbers.max() <= high):
        worst = numbers.min() if numbers.min() < low else numbers.max()
        raise InvalidAmount(f"{name}: from {low:,} to {high:,} is allowed, not {worst:,}")
    return numbers.astype(np.int64, copy=False)


def real(values: ArrayLike, name: str, *, low: float = -math.inf, high: float = math.inf) -> Floats:
    """A one-dimensional array of finite floats.

    Args:
        values: Shape ``(n,)``.
        name: For the sentence.
        low: Smallest value.
        high: Largest value.

    Raises:
        InvalidAmount: NaN, infinite, something that is no number, or out of range.
    """
    numbers = _numbers(values, name)
    _require_finite(numbers, name)
    if numbers.size and not (low <= numbers.min() and numbers.max() <= high):
        worst = numbers.min() if numbers.min() < low else numbers.max()
        raise InvalidAmount(f"{name}: from {low:g} to {high:g} is allowed, not {worst:g}")
    return numbers.astype(np.float64, copy=False)


def _numbers(values: ArrayLike, name: str) -> NDArray[np.int64] | NDArray[np.float64]:
    try:
        numbers = np.atleast_1d(np.asarray(values))
    except (ValueError, OverflowError):
        raise InvalidAmount(f"{name}: a list of numbers is needed, not {shown(values)}") from None
    if numbers.size == 0:
        numbers = numbers.astype(np.int64)
    if numbers.dtype.kind not in "iuf" or numbers.ndim != 1:  # beyond 64 bits numpy makes objects
        raise InvalidAmount(
            f"{name}: a list of numbers of at most 64 bits is needed, not {shown(values)}"
        )
    return numbers


def _require_finite(numbers: NDArray[np.int64] | NDArray[np.float64], name: str) -> None:
    if not np.isfinite(numbers).all():
        raise InvalidAmount(f"{name}: finite numbers are needed, not {shown(numbers.tolist())}")
