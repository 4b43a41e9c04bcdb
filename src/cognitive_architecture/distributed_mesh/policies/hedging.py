"""Which tasks take so long that a second attempt is worth it, and how many there may be.

Source: J. Dean and L. A. Barroso, The Tail at Scale, 2013: a hedged request is sent when the first
has been outstanding for longer than the 95th percentile, and adds a few per cent of load. We
differ: a factor on top, because a task may take minutes and the second attempt costs as much; and
a budget that is paid for by results, so that a mesh in which everything is slow is not made slower.
"""

from __future__ import annotations

import math
from typing import Final

from cognitive_architecture.distributed_mesh.policies.detection.findings import Finding
from cognitive_architecture.distributed_mesh.policies.histogram import Histogram

SAVED_MAX: Final = 100.0
"""Second attempts that can be saved up; so many may follow each other at once."""


class HedgeBudget:
    """Second attempts that may be begun now; never more than a share of what was accepted."""

    def __init__(self, share: float) -> None:
        self._share = share
        self._saved = 0.0

    def succeeded(self, times: int) -> None:
        """So many results were accepted."""
        self._saved = min(SAVED_MAX, self._saved + self._share * times)

    @property
    def has_any(self) -> bool:
        """Whether one may be begun."""
        return self._saved >= 1.0

    def spend(self) -> None:
        """One is begun."""
        self._saved -= 1.0


def late_from_s(usual: Histogram, *, samples_min: int, factor: float, floor_s: float) -> float:
    """From when on an attempt is late, in seconds; infinite where it is not known what is usual.

    Args:
        usual: Seconds that attempts of the type took which went well, on all nodes.
        samples_min: How many of them it takes to know what is usual.
        factor: How many times what 95 of 100 take at most.
        floor_s: Nothing is late before.
    """
    if usual.count < samples_min:
        return math.inf
    return max(floor_s, factor * usual.quantile(0.95))


def lateness(held_s: float, usual: Histogram, *, from_s: float) -> Finding | None:
    """Whether an attempt is late.

    Args:
        held_s: Since when its node has it. What it waited at the node counts: a second attempt
            need not wait behind the same task.
        usual: As for ``late_from_s`` …
        from_s: … which has said this.
    """
    if held_s < from_s:
        return None
    p95_s = usual.quantile(0.95)
    return Finding(
        f"not done after {held_s:.1f} s; 95 of 100 such attempts take {p95_s:.3g} s at most",
        {"held_s": round(held_s, 3), "usual_p95_s": p95_s, "samples": usual.count},
    )
