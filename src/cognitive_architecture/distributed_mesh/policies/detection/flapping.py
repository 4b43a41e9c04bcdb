"""Does a node come and go? Then it is left out, for longer each time.

Source: RFC 2439, BGP Route Flap Damping: each loss adds to a penalty that decays with a half-life;
above one value the node is left out, until the penalty has decayed to another.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from .findings import Finding

_FORGOTTEN: Final = 0.05
"""A penalty below this is none."""

_FEW: Final = 256
"""So many penalties are kept without a look at which of them have decayed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Damping:
    """How losses are held against a node. Each counts 1 when it happens."""

    suppress: float = 3.0
    """Penalty from which a node is left out."""
    reuse: float = 1.0
    """Penalty below which it is let in again."""
    half_life_s: float = 60.0
    """Time in which a penalty halves."""
    penalty_max: float = 8.0
    """No node is left out for longer than this penalty takes to decay: three half-lives."""


class Flapping:
    """The penalties of all nodes that were lost lately."""

    def __init__(self, damping: Damping) -> None:
        self._damping = damping
        self._penalties: dict[str, tuple[float, float]] = {}
        """Penalty and the instant at which it was that, by node."""
        self._room = _FEW
        """With so many it is time for that look."""

    def penalty(self, node_id: str, now: float) -> float:
        """What is held against a node at ``now``."""
        penalty, at = self._penalties.get(node_id, (0.0, now))
        return penalty * float(0.5 ** ((now - at) / self._damping.half_life_s))

    def lost(self, node_id: str, now: float) -> None:
        """It was lost."""
        penalty = min(self._damping.penalty_max, self.penalty(node_id, now) + 1.0)
        self._penalties[node_id] = (penalty, now)
        if len(self._penalties) >= self._room:
            self._forget_old(now)
            self._room = max(_FEW, 2 * len(self._penalties))

    def forgive(self, node_id: str, now: float) -> None:
        """One loss was not its fault."""
        penalty = self.penalty(node_id, now) - 1.0
        if penalty > _FORGOTTEN:
            self._penalties[node_id] = (penalty, now)
        else:
            self._penalties.pop(node_id, None)

    def left_out_for(self, node_id: str, now: float) -> Finding | None:
        """Why a node that comes back is to be left out; the evidence ``left_out_s``: how long."""
        penalty = self.penalty(node_id, now)
        if penalty < self._damping.suppress:
            return None
        left_out_s = self._damping.half_life_s * math.log2(penalty / self._damping.reuse)
        return Finding(
            f"it was lost too often lately (penalty {penalty:.1f} of at most "
            f"{self._damping.suppress:g}); it gets nothing for {left_out_s:.0f} s",
            {"penalty": round(penalty, 2), "left_out_s": round(left_out_s, 1)},
        )

    def _forget_old(self, now: float) -> None:
        self._penalties = {
            node_id: kept
            for node_id, kept in self._penalties.items()
            if self.penalty(node_id, now) > _FORGOTTEN
        }

    def __len__(self) -> int:
        return len(self._penalties)
