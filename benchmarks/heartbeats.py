"""When nodes are heard on a bad network, many at once: heartbeats, pauses, frames that come late.

Instants are in seconds, arrays of the shape (nodes, frames). All chance comes from a generator that
is given, so a seed decides everything.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from cognitive_architecture.foundation.settings import MeshSettings

Floats = NDArray[np.float64]

BEAT_S: Final = 0.5
"""``NodeSettings.heartbeat_s``."""
FRAME_S: Final = 0.25
"""A link with a lease of a second says something as often: four times in it, as Zenoh does. With a
longer one it is the heartbeats, and the answers to them, that are heard most often."""
PING_S: Final = MeshSettings().ping_s

_DELAY_S: Final = 0.0005
_JITTER_S: Final = 0.0005
_LATE_S: Final = 0.0002
"""Mean lateness of a loop that has a CPU."""

TCP_LATE_S: Final = (
    (0.0, 0.0),
    (0.15, 0.25),
    (0.4, 0.95),
    (0.85, 1.3),
    (1.4, 2.6),
    (2.6, 5.0),
    (5.0, 10.0),
    (10.0, 20.0),
    (20.0, 40.0),
    (40.0, 80.0),
    (80.0, 160.0),
)
"""By how often it was lost in a row: between what and what a frame is late. Up to four losses as
measured, see ``docs/failures.md``; beyond, each costs twice what the one before did (RFC 6298)."""

LOST_OFTEN: Final = 3
"""A heartbeat that is lost less often in a row opens no gap of ``SURE_S`` on its link."""
SURE_S: Final = BEAT_S + TCP_LATE_S[LOST_OFTEN - 1][1] + 0.04
_BEFORE_S: Final = 40.0
_MINUTE_S: Final = 60.0
_AFTER_S: Final = 40.0


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late somebody gets its turn, as measured; nothing later than that occurs.

    Between two quantiles it grows geometrically.
    """

    shares: tuple[float, ...]
    """Ascending, from 0 to 1; a turn is as late as the quantile or less with this probability."""
    seconds: tuple[float, ...]

    def draw(self, rng: Generator, shape: tuple[int, ...]) -> Floats:
        """Independent turns."""
        late: Floats = np.exp(np.interp(rng.random(shape), self.shares, np.log(self.seconds)))
        return late


def turns(rng: Generator, lateness: Lateness, *, nodes: int, times: int, every_s: float) -> Floats:
    """When somebody who sleeps ``every_s`` after each turn gets its turns: late once stays late."""
    gaps = lateness.draw(rng, (nodes, times))
    gaps += every_s
    return np.cumsum(gaps, axis=1, out=gaps)


def arrivals(rng: Generator, sent: Floats, losses: NDArray[np.intp]) -> Floats:
    """When frames arrive that are lost so often each, and sent again as TCP does.

    On a link everything comes in order: what was sent later waits for what is late.
    """
    arrive = rng.standard_exponential(sent.shape)
    arrive *= _JITTER_S
    arrive += sent
    arrive += _DELAY_S
    is_lost = losses > 0
    least, most = np.array(TCP_LATE_S)[np.minimum(losses[is_lost], len(TCP_LATE_S) - 1)].T
    arrive[is_lost] += rng.uniform(least, most)
    return np.maximum.accumulate(arrive, axis=1, out=arrive)


def losses_of(rng: Generator, shape: tuple[int, ...], loss: float) -> NDArray[np.intp]:
    """How often in a row each frame is lost."""
    return _losses(rng.random(shape), loss)


def _losses(uniform: Floats, loss: float) -> NDArray[np.intp]:
    counts: NDArray[np.intp] = (np.log(1.0 - uniform) / math.log(loss)).astype(np.intp)
    return counts


def eventful_minutes(rng: Generator, minutes: int, loss: float) -> Floats:
    """Heartbeats of healthy nodes in the minutes in which one was lost three times in a row.

    In all other minutes no gap is as long as ``SURE_S``. They are counted and not played: whether a
    minute is eventful is drawn first, then its frames under this condition. Around each minute
    there is some time in which no frame was lost as often, so that the rhythm before is known and
    the gap is closed behind.

    The answers to heartbeats, the other way, are like them.

    Args:
        rng: All chance.
        minutes: How many there are in all.
        loss: Share of packets that are lost, each time they are sent.

    Returns:
        When frames arrive, a row for each eventful minute.
    """
    often = loss**LOST_OFTEN
    frames = round(_MINUTE_S / BEAT_S)
    before, after = round(_BEFORE_S / BEAT_S), round(_AFTER_S / BEAT_S)
    is_eventful = -math.expm1(frames * math.log1p(-often))
    rows = int(rng.binomial(minutes, is_eventful))
    uniform = rng.random((rows, before + frames + after))
    first = np.log1p(-rng.random(rows) * is_eventful) / math.log1p(-often)
    first_place = before + np.minimum(first.astype(np.intp), frames - 1)
    place = np.arange(uniform.shape[1])
    is_rare = place == first_place[:, None]
    is_free = (place > first_place[:, None]) & (place < before + frames)
    # Few losses are a small number here, see ``_losses``: up to 1 - often; many are beyond.
    uniform = np.where(
        is_rare, 1.0 - often * uniform, np.where(is_free, uniform, (1.0 - often) * uniform)
    )
    sent = (BEAT_S * place)[None, :] + rng.standard_exponential(uniform.shape) * _LATE_S
    return arrivals(rng, sent, _losses(uniform, loss))
