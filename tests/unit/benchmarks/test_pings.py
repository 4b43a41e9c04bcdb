"""Pings in arrays: each side knows what the real one would, and what is skipped would be quiet."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.heartbeats import PING_S, Lateness
from benchmarks.lost_contact import lost_at
from benchmarks.pings import (
    FAILED_TOGETHER,
    PUNCTUAL,
    SURE_S,
    Pings,
    contacts_an_hour,
    eventful_pings,
    pings,
)

from cognitive_architecture.distributed_mesh.adapters.pings.contacts import Contacts, State

STARVED = Lateness((0.0, 0.5, 0.97, 0.995, 1.0), (0.0001, 0.01, 0.15, 0.8, 3.0))
FLOOR_S = 1.0
WAY_S = 0.001
NAME = b"a process"


class Side:
    """What the real one says of the other, until it is lost."""

    def __init__(self) -> None:
        self.lost_at: float | None = None
        self._now = 0.0
        self._contacts = Contacts(every_s=PING_S, silence_s=FLOOR_S, on_contact=self._changed)

    def _changed(self, _name: bytes, state: State) -> None:
        if state is not State.IN_CONTACT and self.lost_at is None:
            self.lost_at = self._now

    def heard(self, now: float, unheard_s: float = 0.0) -> None:
        self._contacts.heard(NAME, now, unheard_s=unheard_s)

    def look(self, now: float) -> None:
        self._now = now
        self._contacts.look(now)


def replayed(some: Pings, looks: list[float]) -> tuple[float | None, float | None]:
    """When either side loses the other, itself first; turn by turn as the thread has them."""
    here, there = Side(), Side()
    heard_at: float | None = None
    said: list[tuple[float, float]] = []
    due_at = 0.0
    for number, sent_at in enumerate(some.sent_at.tolist()):
        if number and not np.isnan(answered_at := some.heard_at[number - 1]):
            heard_at = float(answered_at)
            here.heard(heard_at)
        late_s = sent_at - due_at
        if heard_at is not None and late_s > PING_S:
            heard_at = min(sent_at, heard_at + late_s)
        if heard_at is not None and some.arrives[number]:
            said.append((sent_at + WAY_S, sent_at - heard_at))
        here.look(sent_at)
        due_at = sent_at + PING_S
    for look in looks:
        while said and said[0][0] <= look:
            there.heard(*said.pop(0))
        if not said:
            break
        there.look(look)
    return here.lost_at, there.lost_at


def cut_off(rng: np.random.Generator, *, loss: float, is_deaf: bool) -> Pings:
    """A starved process that is heard by nobody for some seconds; deaf: that hears nobody."""
    some = pings(rng, STARVED, count=1500, loss=loss)
    begins = int(rng.integers(100, 1300))
    stretch = slice(begins, begins + int(rng.integers(10, 100)))
    some.heard_at[stretch] = np.nan
    some.arrives[stretch] &= is_deaf
    return some


@pytest.mark.parametrize("is_deaf", [False, True])
def test_each_side_loses_the_other_when_the_real_one_does(is_deaf: bool) -> None:
    rng = np.random.default_rng(1)
    lost_here = lost_there = 0
    for number in range(60):
        some = cut_off(rng, loss=(0.05, 0.2, 0.4)[number % 3], is_deaf=is_deaf)
        made_at, told_at, own_looks = some.known_here()
        here = lost_at(made_at, told_at, own_looks, floor_s=FLOOR_S)
        here_at = some.sent_at[np.searchsorted(own_looks, here)]
        made_at, told_at = some.known_there()
        looks = PING_S * np.arange(1.0, told_at[-1] / PING_S)
        there_at = lost_at(made_at, told_at, looks, floor_s=FLOOR_S)

        really_here, really_there = replayed(some, looks.tolist())

        assert (here_at[0] if len(here_at) else None) == really_here
        assert (there_at[0] if len(there_at) else None) == really_there
        lost_here += really_here is not None
        lost_there += really_there is not None
    assert 5 < lost_here < 55
    assert 5 < lost_there < 55


def silences(some: list[Pings], longer_than_s: float) -> int:
    """Of both sides together."""
    count = 0
    for one in some:
        for made_at, told_at in (one.known_here()[:2], one.known_there()):
            count += int((told_at[1:] - made_at[:-1] > longer_than_s).sum())
    return count


def test_what_is_not_played_would_have_had_no_long_silence() -> None:
    rng = np.random.default_rng(2)
    hours, loss = 150, 0.18
    everything = [pings(rng, PUNCTUAL, count=36_000, loss=loss) for _ in range(hours)]

    eventful = list(eventful_pings(rng, hours, loss))

    assert sum(len(one.sent_at) for one in eventful) < 0.6 * sum(
        len(one.sent_at) for one in everything
    )
    for longer_than_s in (SURE_S, 1.15):
        in_all = silences(everything, longer_than_s)
        assert in_all > 100
        assert silences(eventful, longer_than_s) == pytest.approx(in_all, rel=5.0 / in_all**0.5)


def test_failures_come_together_as_often_as_independent_losses_do() -> None:
    loss, processes = 0.1, 10_000
    fails = 1.0 - (1.0 - loss) ** 2
    expected = processes * contacts_an_hour(loss) * fails**8 * (1.0 + 8.0 * (1.0 - fails))

    found = 0
    for one in eventful_pings(np.random.default_rng(4), processes, loss):
        answered = np.flatnonzero(~np.isnan(one.heard_at))
        runs = np.diff(answered, append=len(one.heard_at)) - 1
        found += int((runs[1:] + runs[:-1] >= FAILED_TOGETHER).sum())

    assert found == pytest.approx(expected, rel=5.0 / expected**0.5)


def test_around_an_eventful_moment_pings_fail_as_often_as_anywhere() -> None:
    rng = np.random.default_rng(3)
    loss = 0.05
    eventful = list(eventful_pings(rng, 100_000, loss))

    arrives = np.concatenate([one.arrives for one in eventful])
    is_answered = np.concatenate([~np.isnan(one.heard_at) for one in eventful])

    assert len(eventful) > 100
    assert arrives.mean() == pytest.approx(1.0 - loss, abs=0.01)
    assert is_answered.mean() == pytest.approx((1.0 - loss) ** 2, abs=0.02)
