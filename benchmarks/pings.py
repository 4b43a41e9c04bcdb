"""Pings and answers of very many processes on a network that loses packets.

A thread sends a ping, waits until the next one is due, and is woken by an answer in between. Each
ping says for how long its sender has heard no answer. What is lost is lost. So the sender knows of
a contact when it hears an answer, and who answers knows of the same contact with the next ping that
arrives.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from cognitive_architecture.distributed_mesh.policies.detection.contact import FEW, REMEMBERED
from cognitive_architecture.foundation.settings import MeshSettings

from .heartbeats import PING_S, Floats, Lateness

PUNCTUAL: Final = Lateness((0.0, 1.0), (0.0001, 0.001))
"""How late a thread is that has a CPU."""

FAILED_TOGETHER: Final = round(MeshSettings().ping_silence_s / PING_S) - 2
"""Around one answered ping: with fewer, no silence is longer than ``SURE_S``."""
SURE_S: Final = (FAILED_TOGETHER + 1) * (PING_S + PUNCTUAL.seconds[-1])

_WAY_S: Final = 0.001
_LONG: Final = FAILED_TOGETHER // 2
_BEFORE: Final = max(FEW, REMEMBERED) + 2
_AFTER: Final = 3

Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Pings:
    """Of one process, each of shape (pings,)."""

    sent_at: Floats
    """The first one at 0 s."""
    heard_at: Floats
    """When the answer is heard; ``nan`` if none ever is."""
    arrives: Bools

    def known_here(self) -> tuple[Floats, Floats, Floats]:
        """Arguments of ``lost_at`` for the side that pings.

        It looks at each ping, and excuses what it did not listen: these are the instants of a clock
        that stands still meanwhile.
        """
        excused_s = self._excused_s()
        made_at = self.heard_at - excused_s
        made_at = made_at[~np.isnan(made_at)]
        return made_at, made_at, self.sent_at - excused_s

    def known_there(self) -> tuple[Floats, Floats]:
        """The same for the side that answers: what pings say, and when they arrive."""
        excused_s = self._excused_s()
        made_at = np.fmax.accumulate(self.heard_at - excused_s)
        says_so = np.flatnonzero(self.arrives[1:] & ~np.isnan(made_at[:-1])) + 1
        made_at = made_at[says_so - 1] + excused_s[says_so] + _WAY_S
        is_news = np.diff(made_at, prepend=-1.0) > 0.0
        return made_at[is_news], self.sent_at[says_so[is_news]] + _WAY_S

    def _excused_s(self) -> Floats:
        """Up to each ping: a turn without an answer, and more than an interval too late."""
        late_s = np.diff(self.sent_at, prepend=-PING_S) - PING_S
        with_answer = np.append(False, self.heard_at[:-1] >= self.sent_at[1:])
        return np.cumsum(np.where(with_answer | (late_s <= PING_S), 0.0, late_s))


def pings(rng: Generator, thread: Lateness, *, count: int, loss: float) -> Pings:
    """All of a process whose thread gets its turns like this."""
    arrives = rng.random(count, dtype=np.float32) >= loss
    is_answered = arrives & (rng.random(count, dtype=np.float32) >= loss)
    return _timed(rng, thread, arrives, is_answered)


def _timed(rng: Generator, thread: Lateness, arrives: Bools, is_answered: Bools) -> Pings:
    """When the thread gets its turns, of which some are for an answer."""
    count = len(arrives)
    woken_s = np.where(is_answered, thread.draw(rng, (count,)) + 2.0 * _WAY_S, np.nan)
    # Woken so late that the next ping is due: it leaves with this turn.
    gaps = np.where(woken_s > PING_S, woken_s, thread.draw(rng, (count,)) + PING_S)
    sent_at = np.cumsum(gaps) - gaps
    heard_at = sent_at + woken_s
    heard_at[:-1] = np.where(woken_s[:-1] > PING_S, sent_at[1:], heard_at[:-1])
    return Pings(sent_at, heard_at, arrives)


def eventful_pings(rng: Generator, processes: int, loss: float) -> Iterator[Pings]:
    """An hour of punctual processes each, around those moments in which they were hardly heard.

    What fails between one answered ping and the next is a *run*; runs are independent, their
    lengths geometric. A silence of more than ``SURE_S`` takes two neighbours with
    ``FAILED_TOGETHER`` failures, so one run of at least half as many. First it is drawn which runs
    are so long, then how long they and their neighbours are. Where that is enough, all pings of the
    time before are played under this condition, back to the first contact or as far as anything is
    remembered, and some after. The rest is counted and not played: no side could lose the other.

    An hour has as many contacts as one has on average.
    """
    runs = _Runs.drawn(rng, processes * contacts_an_hour(loss), 1.0 - (1.0 - loss) ** 2)
    for begins, ends in runs.moments(contacts_an_hour(loss)):
        lengths = runs.lengths(rng, begins, ends)
        is_answered = np.zeros(int((1 + lengths).sum()), dtype=np.bool_)
        is_answered[np.cumsum(1 + lengths) - 1 - lengths] = True
        answer_fails = rng.random(len(is_answered)) >= loss / runs.fails
        yield _timed(rng, PUNCTUAL, is_answered | answer_fails, is_answered)


def contacts_an_hour(loss: float) -> int:
    """Of a punctual process, on average."""
    return round(3600.0 / PING_S * (1.0 - loss) ** 2)


@dataclass(frozen=True, slots=True)
class _Runs:
    """How many pings fail after each contact; all contacts of all processes in one row."""

    fails: float
    """Share of pings that are not answered."""
    places: Ints
    """Of long runs and those next to them, ascending."""
    known: Ints
    """Their lengths; all others are short."""

    @classmethod
    def drawn(cls, rng: Generator, count: int, fails: float) -> _Runs:
        """Which runs are long, and how long."""
        are_long = rng.binomial(count, fails**_LONG)
        long = rng.choice(count, are_long, replace=False, shuffle=False)
        places = np.unique(np.concatenate([long - 1, long, long + 1]))
        places = places[(places >= 0) & (places < count)]
        known = _short(rng, len(places), fails)
        known[np.searchsorted(places, long)] = _LONG + _geometric(1.0 - rng.random(are_long), fails)
        return cls(fails, places, known)

    def moments(self, per_hour: int) -> Iterator[tuple[int, int]]:
        """From which place to which there is to be played; one may have several silences."""
        together = np.flatnonzero(
            (np.diff(self.places) == 1) & (self.known[1:] + self.known[:-1] >= FAILED_TOGETHER)
        )
        begins = ends = 0
        for place in self.places[together].tolist():
            hour = place // per_hour * per_hour
            if begins >= hour and place - _BEFORE < ends:
                ends = min(place + _AFTER, hour + per_hour)
                continue
            if ends:
                yield begins, ends
            begins, ends = max(hour, place - _BEFORE), min(place + _AFTER, hour + per_hour)
        if ends:
            yield begins, ends

    def lengths(self, rng: Generator, begins: int, ends: int) -> Ints:
        """Of all runs from one place to another."""
        lengths = _short(rng, ends - begins, self.fails)
        some = slice(*np.searchsorted(self.places, (begins, ends)))
        lengths[self.places[some] - begins] = self.known[some]
        return lengths


def _short(rng: Generator, count: int, fails: float) -> Ints:
    """Runs that are not long."""
    least = fails**_LONG
    return _geometric(least + (1.0 - least) * (1.0 - rng.random(count)), fails)


def _geometric(uniform: Floats, fails: float) -> Ints:
    """As long a run as the uniform number, above 0, is small."""
    return (np.log(uniform) / math.log(fails)).astype(np.intp)
