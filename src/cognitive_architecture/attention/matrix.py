"""Diffusion over all atoms at once, as one multiplication by a sparse matrix (the form of 2009).

Weights are whole numbers of a power of two, and so are the sums: a million of them added in any
order give the same, and every column of the matrix adds up to exactly 1.
"""

from __future__ import annotations

from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array

from .errors import InvalidAmount
from .links import HebbianLinks
from .rounding import rounded_keeping_sum
from .units import AMOUNT_MAX, Ints, real

_Number = TypeVar("_Number", np.int32, np.int64)

_BITS_MAX: Final = 30
_BITS_MIN: Final = 62 - AMOUNT_MAX.bit_length()


class DiffusionMatrix:
    """What each atom passes on along its Hebbian links in one turn.

    A link of strength s and confidence c carries ``s * c`` of its source's STI; where the links of
    one source would carry more than ``spread_max`` together, they are scaled down to it.

    Args:
        links: Followed as they change: only rows that have changed are computed anew.
        spread_max: From 0 to 1.
        funds: µSTI that there are at most. The fewer, the finer the weights: with the bank's
            100,000 STI they have 25 binary places, with the most possible 12.

    Raises:
        InvalidAmount: More funds than there can be, or a ``spread_max`` that is no share.

    Source: the paper of 2009, through the wiki of hyperon.dev and a port (row D5). The paper's C
    has one number for each connection; strength times confidence is what the program uses.
    """

    def __init__(self, links: HebbianLinks, *, spread_max: float, funds: int) -> None:
        if not 0 <= funds <= AMOUNT_MAX:
            raise InvalidAmount(f"funds: from 0 to {AMOUNT_MAX:,} µSTI is allowed, not {funds:,}")
        real(spread_max, "spread_max", low=0, high=1)
        self.bits = min(_BITS_MAX, max(_BITS_MIN, 62 - funds.bit_length()))
        self._links = links
        self._changes = links.follow()
        self._most = round(spread_max * (1 << self.bits))
        self._weights = np.zeros(0, dtype=np.int64)
        self._rows = np.zeros(0, dtype=np.int32)
        """Whose link stood in each slot when it was weighed."""
        self._passed_on = np.zeros(0, dtype=np.int64)
        """By handle: the sum of the weights of its links."""

    def spread(self, balances: Ints) -> Ints:
        """One turn of diffusion.

        Args:
            balances: µSTI by handle, not negative; shape ``(n,)``, all atoms of links included.

        Returns:
            µSTI by handle, shape ``(n,)``, with exactly the same sum: rounded by the largest
            remainder.

        Raises:
            InvalidAmount: More than twice the funds that the matrix was made for.
        """
        count = len(balances)
        if int(np.maximum(balances, 0).sum()) >> (62 - self.bits):
            raise InvalidAmount(
                "balances: overdrafts have made more STI than this matrix was made for; make it "
                "with larger funds"
            )
        self._refresh(count)
        inflow = coo_array(
            (self._weights, (self._links.targets, self._links.sources)),
            shape=(count, count),
            copy=False,
        ) @ np.maximum(balances, 0)
        kept = (balances << self.bits) - np.maximum(balances, 0) * self._passed_on[:count]
        return rounded_keeping_sum(inflow + kept, self.bits, int(balances.sum()), np.arange(count))

    def _refresh(self, count: int) -> None:
        slots = self._changes.take()
        if slots is None:
            slots = np.arange(len(self._links.sources))
            self._weights, self._rows = self._weights[:0], self._rows[:0]
            self._passed_on[:] = 0
        self._weights = _longer(self._weights, len(self._links.sources))
        self._rows = _longer(self._rows, len(self._links.sources))
        self._passed_on = _longer(self._passed_on, count)
        if len(slots):
            self._weigh(slots)

    def _weigh(self, slots: Ints) -> None:
        """Compute the weights of whole rows; blank slots have none."""
        rows = self._links.sources[slots]
        self._passed_on[self._rows[slots]] = 0
        self._rows[slots] = rows
        believed = self._links.strengths[slots] * self._links.confidences[slots]
        raw = np.rint(believed * (1 << self.bits)).astype(np.int64)
        sums = np.zeros(len(self._passed_on), dtype=np.int64)
        np.add.at(sums, rows, raw)
        scaled = raw * self._most // np.maximum(sums, 1)[rows]
        self._weights[slots] = weights = np.where(sums[rows] > self._most, scaled, raw)
        self._passed_on[rows] = 0
        np.add.at(self._passed_on, rows, weights)


def _longer(array: NDArray[_Number], length: int) -> NDArray[_Number]:
    missing = length - len(array)
    if missing <= 0:
        return array
    return np.concatenate([array, np.zeros(missing, dtype=array.dtype)])
