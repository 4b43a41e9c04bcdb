"""An alarm clock rings at the earliest instant it was told of, and then waits to be told again."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.alarm_clock import AlarmClock
from cognitive_architecture.foundation.world import SimulatedClock


class Bell:
    """An alarm, and when it rang."""

    def __init__(self) -> None:
        self.clock = SimulatedClock()
        self.rang: list[float] = []
        self.alarm = AlarmClock(self.clock, lambda: self.rang.append(self.clock.now()))

    def pass_until(self, instant: float) -> None:
        while self.clock.now() < instant:
            self.clock.jump_to(self.clock.now() + 0.5)


def test_it_rings_at_the_earliest_and_forgets_the_others() -> None:
    bell = Bell()
    for instant in (3.0, 1.0, 2.0):
        bell.alarm.ring_by(instant)
    bell.pass_until(5.0)
    assert bell.rang == [1.0]


def test_it_is_set_again_by_whoever_it_rings_for() -> None:
    bell = Bell()
    bell.alarm.ring_by(1.0)
    bell.pass_until(1.0)
    bell.alarm.ring_by(2.0)
    bell.pass_until(5.0)
    assert bell.rang == [1.0, 2.0]


def test_what_has_passed_rings_next() -> None:
    bell = Bell()
    bell.pass_until(4.0)
    bell.alarm.ring_by(1.0)
    bell.pass_until(4.5)
    assert bell.rang == [4.5]


def test_nothing_to_wait_for_sets_no_timer() -> None:
    bell = Bell()
    bell.alarm.ring_by(math.inf)
    bell.pass_until(5.0)
    assert bell.rang == []


def test_stopped_it_is_silent_and_can_be_set_again() -> None:
    bell = Bell()
    bell.alarm.ring_by(1.0)
    bell.alarm.stop()
    bell.pass_until(2.0)
    assert bell.rang == []
    bell.alarm.ring_by(3.0)
    bell.pass_until(5.0)
    assert bell.rang == [3.0]


@given(
    st.lists(st.tuples(st.integers(0, 20), st.lists(st.integers(0, 40), max_size=3)), max_size=12)
)
def test_no_deadline_is_missed_by_whoever_tells_it_each_and_the_next_when_it_rings(
    story: list[tuple[int, list[int]]],
) -> None:
    """Against a timer for each deadline, as the slots of a node use it."""
    clock = SimulatedClock()
    left: list[int] = []
    met: list[tuple[float, int]] = []

    def meet() -> None:
        due = sorted(deadline for deadline in left if deadline <= clock.now())
        met.extend((clock.now(), deadline) for deadline in due)
        left[:] = [deadline for deadline in left if deadline > clock.now()]
        alarm.ring_by(min(left, default=math.inf))

    alarm = AlarmClock(clock, meet)
    expected: list[tuple[float, int]] = []
    now = 0
    for pause, deadlines in [*story, (50, [])]:
        for _ in range(pause):
            now += 1
            clock.jump_to(now)
        fresh = [deadline for deadline in deadlines if deadline > now]
        left.extend(fresh)
        expected.extend((float(deadline), deadline) for deadline in fresh)
        for deadline in fresh:
            alarm.ring_by(deadline)
    assert met == sorted(expected)
