"""How long a process is waited for that no ping comes from."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.policies.detection.contact import (
    BOUND,
    FEW,
    NEWCOMER,
    PAUSES,
    REMEMBERED,
    Contact,
)

FLOOR_S = 1.0


class Process:
    """Contact is made with it after each pause."""

    def __init__(self) -> None:
        self.now = 0.0
        self.contact = Contact(self.now)

    def made_after(self, *pauses: float) -> None:
        for pause in pauses:
            self.now += pause
            self.contact.made(self.now)

    @property
    def patience_s(self) -> float:
        return self.contact.patience_s(FLOOR_S)


def steady() -> Process:
    process = Process()
    process.made_after(*[0.1] * REMEMBERED)
    return process


def test_a_steady_process_is_lost_at_the_floor() -> None:
    process = steady()

    assert process.patience_s == FLOOR_S
    assert not process.contact.is_lost(process.now + 0.99, floor_s=FLOOR_S)
    assert process.contact.is_lost(process.now + 1.01, floor_s=FLOOR_S)


def test_who_pauses_is_waited_for_longer_until_the_pause_is_forgotten() -> None:
    process = steady()
    process.made_after(0.5)
    assert process.patience_s == pytest.approx(PAUSES * 0.5)

    process.made_after(*[0.1] * (REMEMBERED - 1))
    assert process.patience_s == pytest.approx(PAUSES * 0.5)
    process.made_after(0.1)
    assert process.patience_s == FLOOR_S


def test_a_newcomer_is_waited_for_longer_the_less_is_known_of_it() -> None:
    process = Process()
    granted = []
    for _ in range(FEW + 1):
        granted.append(process.patience_s)
        process.made_after(0.1)

    assert granted[0] == NEWCOMER * FLOOR_S
    assert granted == sorted(granted, reverse=True)
    assert granted[-1] == FLOOR_S


def test_nobody_is_waited_for_longer_than_the_bound() -> None:
    process = steady()
    process.made_after(60.0)

    assert process.patience_s == BOUND * FLOOR_S


def test_what_came_earlier_than_the_last_contact_is_no_news() -> None:
    process = steady()

    process.contact.made(process.now - 5.0)

    assert process.contact.silent_s(process.now + 0.5) == pytest.approx(0.5)


def test_a_time_in_which_nobody_listened_is_no_silence_and_no_pause() -> None:
    process = steady()

    process.contact.excuse(30.0, process.now + 30.0)

    assert process.contact.silent_s(process.now + 30.2) == pytest.approx(0.2)
    process.now += 30.2
    process.contact.made(process.now)
    assert process.patience_s == pytest.approx(FLOOR_S)


@given(st.lists(st.floats(0.01, 4.0), max_size=1500))
def test_the_longest_pause_is_the_longest_of_those_remembered(pauses: list[float]) -> None:
    process = Process()
    instants = [0.0]
    for pause in pauses:
        process.made_after(pause)
        instants.append(process.now)

    gaps = [after - before for before, after in pairwise(instants)]
    assert process.contact.longest_s == max(gaps[-REMEMBERED:], default=0.0)
