"""The law of silence over many heartbeats at once: what the roll call would say, and when.

``roll_call`` looks at every node eight times in ``node_silence_s`` and asks ``silence`` about it.
Nearly always nothing is to be said. Here only the gaps between heartbeats are looked at in which
something could be: those longer than the least silence that counts. For them the same is
calculated as there, roll call by roll call; ``tests/unit/benchmarks/test_silent_nodes.py`` plays
the same heartbeats to the real machine and demands the same verdicts at the same instants.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfc

from cognitive_architecture.distributed_mesh.machines.roll_call import (
    PAUSES_LOST,
    PHI_LOST,
    PHI_SUSPECT,
    SUSPECT_FROM,
)
from cognitive_architecture.distributed_mesh.policies.detection.silence import (
    ENOUGH,
    PHI_MAX,
    SPREAD_SHARE_MIN,
    WINDOW,
)
from cognitive_architecture.foundation.settings import DispatchSettings

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What was said of whom; rows are nodes, in ascending order."""

    suspected: Ints
    """Row of each suspicion."""
    suspected_at: Floats
    refuted_at: Floats
    """When a suspect was heard again, if it was not given up before."""
    lost: Ints
    """Row of each node that was given up; it is looked at no more."""
    lost_at: Floats


def verdicts(heard_at: Floats, settings: DispatchSettings, *, first_call: float = 0.0) -> Verdicts:
    """Judge nodes that live on and are heard again and again.

    Args:
        heard_at: Of shape (nodes, times): when each was heard, ascending. The first is its hello,
            the others are heartbeats; the last one is the end of the trace.
        settings: Of the dispatch machine.
        first_call: Instant of the first roll call, in seconds; the others follow at their interval.
    """
    floor_s = settings.node_silence_s
    bound_s = max(floor_s, settings.node_silence_max_s)
    interval_s = floor_s / 8.0
    rows, places = np.nonzero(np.diff(heard_at, axis=1) > SUSPECT_FROM * floor_s)
    last, until = heard_at[rows, places], heard_at[rows, places + 1]
    count, mean, spread, longest = _rhythms(heard_at, rows, places)
    is_known = count >= ENOUGH
    patience_s = bound_s - (bound_s - floor_s) * count / WINDOW
    suspected_at = np.full(len(rows), np.inf)
    lost_at = np.full(len(rows), np.inf)
    call = first_call + interval_s * np.ceil((last - first_call) / interval_s)
    while True:
        looks = (call <= until) & np.isinf(lost_at)
        if not looks.any():
            break
        silent_s = call - last
        phi = _phi(silent_s, mean, spread)
        is_beyond = (phi >= PHI_LOST) & (silent_s > PAUSES_LOST * longest)
        is_lost = (silent_s > patience_s) & (~is_known | is_beyond | (silent_s > bound_s))
        lost_at[looks & is_lost] = call[looks & is_lost]
        is_suspect = (
            is_known
            & (silent_s > SUSPECT_FROM * floor_s)
            & ((phi >= PHI_SUSPECT) | (silent_s > bound_s))
        )
        begins = looks & is_suspect & ~is_lost & np.isinf(suspected_at)
        suspected_at[begins] = call[begins]
        call = call + interval_s
    gone_at = np.full(len(heard_at), np.inf)
    np.minimum.at(gone_at, rows, lost_at)
    counts = np.isfinite(suspected_at) & (suspected_at < gone_at[rows])
    gone = np.nonzero(np.isfinite(gone_at))[0]
    return Verdicts(rows[counts], suspected_at[counts], until[counts], gone, gone_at[gone])


def _rhythms(heard_at: Floats, rows: Ints, places: Ints) -> tuple[Ints, Floats, Floats, Floats]:
    """Count, mean, spread and longest of the intervals before each gap, as ``Rhythm`` has them."""
    count = np.minimum(places, WINDOW)
    steps = np.arange(WINDOW, dtype=np.intp)
    ends = places[:, None] - steps
    counts = steps < count[:, None]
    intervals = np.where(
        counts,
        heard_at[rows[:, None], np.maximum(ends, 0)]
        - heard_at[rows[:, None], np.maximum(ends - 1, 0)],
        0.0,
    )
    mean = intervals.sum(axis=1) / np.maximum(count, 1)
    squares = (intervals * intervals).sum(axis=1) / np.maximum(count, 1)
    deviation = np.sqrt(np.maximum(0.0, squares - mean * mean))
    spread = np.maximum(np.maximum(deviation, SPREAD_SHARE_MIN * mean), 1e-9)
    return count, mean, spread, intervals.max(axis=1, initial=0.0)


def _phi(silent_s: Floats, mean: Floats, spread: Floats) -> Floats:
    later = 0.5 * erfc((silent_s - mean) / spread / np.sqrt(2.0))
    with np.errstate(divide="ignore"):
        phi: Floats = np.minimum(PHI_MAX, -np.log10(later))
    return phi
