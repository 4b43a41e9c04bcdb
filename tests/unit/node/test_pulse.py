"""Heartbeats and their answers."""

from __future__ import annotations

import pytest

from cognitive_architecture.distributed_mesh import messages as m
from cognitive_architecture.distributed_mesh.node.pulse import Pulse
from tests.support.asynchronous import async_test, turns

from .bench import a_node


def test_the_median_of_the_latest_round_trips_is_told() -> None:
    pulse = Pulse()
    now = 0.0
    for round_trip_s in (0.010, 0.020, 5.0):
        beat = pulse.beat(now)
        pulse.answered(beat, now + round_trip_s)
        now += 10.0

    assert pulse.round_trip_s == pytest.approx(0.020)
    assert pulse.heard == 3


def test_before_an_answer_there_is_no_round_trip() -> None:
    pulse = Pulse()
    pulse.beat(0.0)

    assert (pulse.round_trip_s, pulse.heard) == (0.0, 0)


def test_an_answer_counts_once_and_only_to_what_was_said() -> None:
    pulse = Pulse()
    beat = pulse.beat(0.0)
    for now in (1.0, 100.0):
        pulse.answered(beat, now)
    pulse.answered(999, 2.0)

    assert (pulse.round_trip_s, pulse.heard) == (1.0, 1)


def test_what_was_never_answered_takes_no_room() -> None:
    pulse = Pulse()
    for now in range(1000):
        pulse.beat(float(now))
    pulse.answered(1, 1000.0)

    assert pulse.heard == 0


@async_test
async def test_a_node_numbers_its_heartbeats_and_says_which_was_answered() -> None:
    async with a_node() as stand:
        await stand.advance(2.2)
        answered = stand.orchestrator.last(m.NodeHealth).beat
        stand.orchestrator.tell(m.Heard(answered))
        await stand.advance(1.2)
        said = stand.orchestrator.heard(m.NodeHealth)
        assert [health.beat for health in said] == list(range(1, len(said) + 1))
        assert said[-1].heard == answered
        assert said[-1].vitals.round_trip_s > 0.0


@async_test
async def test_a_suspected_node_says_at_once_that_it_is_there() -> None:
    async with a_node() as stand:
        await stand.advance(1.2)
        before = len(stand.orchestrator.heard(m.NodeHealth))

        stand.orchestrator.tell(m.Heard(0, is_suspect=True))
        await turns()

        assert len(stand.orchestrator.heard(m.NodeHealth)) == before + 1
