"""Heartbeats that vanish when they are lost: nobody sends them again.

A suspect is asked at each roll call, and its answer is a heartbeat like any other. Question and
answer are frames as well and vanish as often. Here a suspect answers when its loop has its next
turn for a heartbeat, so that it has two ways to be heard then; really it is asked more often.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from cognitive_architecture.foundation.settings import DispatchSettings

from .heartbeats import BEAT_S, Floats, Lateness, turns
from .silent_nodes import Verdicts, verdicts

_WAY_S: Final = 0.001


def fate_of_vanishing_beats(
    rng: Generator, loop: Lateness, *, nodes: int, starved: int, loss: float
) -> Counter[str]:
    """An hour on a network without retransmission: how many were suspected, and how many lost."""
    times = round(3600.0 / BEAT_S)
    steady = np.arange(times) * BEAT_S + rng.random((nodes, 1)) * BEAT_S
    starving = turns(rng, loop, nodes=starved, times=times, every_s=BEAT_S)
    counts: Counter[str] = Counter()
    for sent, who in ((steady, "healthy"), (starving, "starved")):
        said = judged_with_answers(rng, sent, loss)
        counts[f"datagrams_{who}_suspected"] = len(said.suspected)
        counts[f"datagrams_{who}_lost"] = len(said.lost)
    return counts


def judged_with_answers(rng: Generator, sent: Floats, loss: float) -> Verdicts:
    """What is said of nodes that beat at these instants."""
    is_lost = rng.random(sent.shape, dtype=np.float32) < loss
    is_lost[:, 0] = False  # a hello is said until it is answered
    said = verdicts(_arrivals(sent, is_lost), DispatchSettings())
    for row, begins, ends in zip(said.suspected, said.suspected_at, said.refuted_at, strict=True):
        asked = slice(*np.searchsorted(sent[row], (begins, ends)))
        is_lost[row, asked] &= rng.random(asked.stop - asked.start) >= (1.0 - loss) ** 2
    return verdicts(_arrivals(sent, is_lost), DispatchSettings())


def _arrivals(sent: Floats, is_lost: NDArray[np.bool_]) -> Floats:
    """When nodes are heard, in order; behind the last word ``nan``."""
    heard_at = np.where(is_lost, np.nan, sent + _WAY_S)
    heard_at.sort(axis=1)
    return heard_at
