"""How much of what is shared each requester gets, by what it has.

Whose turn it is then, is the dispatch machine's to say (``distributed_mesh/machines/shares.py``).
"""

from __future__ import annotations

import math

import numpy as np

from .units import Floats, Ints


def starvation_free(balances: Ints) -> Floats:
    """Weights in proportion to STI, but never so small that somebody starves.

    Each is its part of all STI, raised to half of an equal part where it is less. Since at most
    half is added to the whole, everybody gets at least a third of an equal part.

    Args:
        balances: µSTI of the requesters; negative counts as nothing; shape ``(n,)``.

    Returns:
        Weights; shape ``(n,)``.
    """
    parts = np.maximum(balances, 0).astype(np.float64)
    whole = math.fsum(parts)
    if whole > 0:
        parts /= whole
    return np.maximum(parts, 0.5 / max(1, len(parts)))
