"""Detectors, each by a table of what it is shown and what it says."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.policies.detection.flapping import Damping, Flapping
from cognitive_architecture.distributed_mesh.policies.detection.gray import (
    hears_nothing,
    nothing_finished,
    slower_than_peers,
)
from cognitive_architecture.distributed_mesh.policies.detection.partition import partition, together
from cognitive_architecture.distributed_mesh.policies.detection.stall import StreamPace, stall
from cognitive_architecture.distributed_mesh.policies.detection.thresholds import Alarms, Limit
from cognitive_architecture.distributed_mesh.policies.histogram import Histogram
from cognitive_architecture.foundation.errors import ConfigurationError


def taking(seconds: float, times: int = 40) -> Histogram:
    """The histogram of so many attempts of this length."""
    histogram = Histogram()
    for _ in range(times):
        histogram.add(seconds)
    return histogram


class TestSlower:
    @pytest.mark.parametrize(
        ("own", "peers", "is_found"),
        [
            (taking(10.0), [taking(0.5), taking(0.7), taking(0.6)], True),
            (taking(2.0), [taking(0.5)], False),
            (taking(10.0, times=19), [taking(0.5)], False),
            (taking(10.0), [taking(0.5, times=19)], False),
            (taking(10.0), [], False),
            (taking(0.04), [taking(0.001)], False),
            (taking(10.0), [taking(9.0), taking(8.0), taking(0.1)], False),
        ],
        ids=[
            "ten times", "four times", "hardly known", "peers hardly known", "alone", "all short",
            "one quick peer among slow ones",
        ],
    )  # fmt: skip
    def test_a_node_is_compared_with_its_peers(
        self, own: Histogram, peers: list[Histogram], is_found: bool
    ) -> None:
        durations = {"n0": own} | {f"n{n}": peer for n, peer in enumerate(peers, 1)}

        found = slower_than_peers("n0", durations)

        assert (found is not None) == is_found
        if found is not None:
            assert "half of its attempts take" in found.sentence

    def test_a_stranger_is_not_compared(self) -> None:
        assert slower_than_peers("n0", {"n1": taking(1.0)}) is None


@pytest.mark.parametrize(
    ("held_s", "outcome_s", "p99_s", "samples", "is_found"),
    [
        (30.0, 30.0, 1.0, 100, True),
        (30.0, 2.0, 1.0, 100, False),
        (2.0, 30.0, 1.0, 100, False),
        (30.0, 30.0, 1.0, 5, False),
        (4.9, 4.9, 0.001, 100, False),
        (5.0, 5.0, 0.001, 100, True),
    ],
    ids=["quiet", "it finishes", "it has just begun", "unknown work", "short", "long for short"],
)
def test_a_node_that_holds_work_and_finishes_nothing(
    held_s: float, outcome_s: float, p99_s: float, samples: int, is_found: bool
) -> None:
    found = nothing_finished(
        oldest_held_s=held_s, since_outcome_s=outcome_s, usual_p99_s=p99_s, samples=samples
    )

    assert (found is not None) == is_found


@pytest.mark.parametrize(
    ("said", "answered", "since_s", "is_found"),
    [(10, 10, 0.1, False), (10, 8, 9.0, False), (10, 4, 0.9, False), (10, 4, 3.0, True)],
)
def test_a_node_that_speaks_and_does_not_hear(
    said: int, answered: int, since_s: float, is_found: bool
) -> None:
    found = hears_nothing(said=said, answered=answered, since_answer_s=since_s, floor_s=1.0)

    assert (found is not None) == is_found


class TestStall:
    def test_a_stream_is_judged_by_its_own_pace(self) -> None:
        pace = StreamPace(0.0)
        pace.piece(20.0)  # a long prompt came first
        for number in range(1, 11):
            pace.piece(20.0 + number * 0.5)

        assert stall(pace, 34.9, factor=20.0, floor_s=5.0) is None
        found = stall(pace, 35.0, factor=20.0, floor_s=5.0)
        assert found is not None
        assert found.sentence == (
            "its stream stopped after 11 pieces: one came every 0.5 s, and for 10.0 s none"
        )

    def test_a_quick_stream_is_given_the_floor(self) -> None:
        pace = StreamPace(0.0)
        for number in range(10):
            pace.piece(number * 0.01)

        assert stall(pace, 5.0, factor=20.0, floor_s=5.0) is None
        assert stall(pace, 5.1, factor=20.0, floor_s=5.0) is not None

    def test_a_stream_that_has_hardly_begun_has_no_pace(self) -> None:
        pace = StreamPace(0.0)
        pace.piece(0.1)
        pace.piece(0.2)

        assert stall(pace, 1000.0, factor=20.0, floor_s=5.0) is None


class TestThresholds:
    def test_a_crossing_is_told_once_until_it_was_clearly_left(self) -> None:
        alarms, limit = Alarms(), Limit(alarm=0.9, clear=0.8)

        told = [
            alarms.crossing("n1", "cpu_usage", value, limit) is not None
            for value in (0.5, 0.95, 0.99, 0.85, 0.95, 0.7, 0.95)
        ]

        assert told == [False, True, False, False, False, False, True]
        assert alarms.are_raised("n1") == ["cpu_usage"]
        alarms.forget("n1")
        assert alarms.are_raised("n1") == []

    def test_a_limit_without_a_gap_is_refused(self) -> None:
        with pytest.raises(ConfigurationError, match="clear must lie below alarm"):
            Limit(alarm=0.5, clear=0.5)

    @given(st.lists(st.floats(0.0, 1.0)))
    def test_between_two_tellings_the_measure_was_clear(self, values: list[float]) -> None:
        alarms, limit = Alarms(), Limit(alarm=0.7, clear=0.4)
        was_clear = True
        for value in values:
            was_clear = was_clear or value < limit.clear
            found = alarms.crossing("n1", "load", value, limit)
            assert (found is not None) == (was_clear and value >= limit.alarm)
            was_clear = was_clear and found is None


class TestFlapping:
    def test_one_loss_is_forgiven_and_many_are_not(self) -> None:
        flapping = Flapping(Damping(half_life_s=60.0))
        for second in range(3):
            flapping.lost("n1", float(second))
            assert flapping.left_out_for("n1", float(second)) is None
        flapping.lost("n1", 3.0)

        found = flapping.left_out_for("n1", 3.0)

        assert found is not None
        assert found.evidence["left_out_s"] == pytest.approx(118.5, abs=1.0)
        assert flapping.left_out_for("n2", 3.0) is None

    def test_who_goes_on_flapping_is_left_out_for_longer_up_to_a_bound(self) -> None:
        flapping = Flapping(Damping())
        times = []
        for second in range(20):
            flapping.lost("n1", float(second))
            if found := flapping.left_out_for("n1", float(second)):
                times.append(float(found.evidence["left_out_s"]))

        assert times[0] < times[2] < times[4]
        assert max(times) <= 180.0

    def test_when_it_is_let_in_again_it_is_below_reuse(self) -> None:
        damping = Damping()
        flapping = Flapping(damping)
        for _ in range(5):
            flapping.lost("n1", 0.0)
        found = flapping.left_out_for("n1", 0.0)
        assert found is not None

        later = float(found.evidence["left_out_s"])

        assert flapping.penalty("n1", later) == pytest.approx(damping.reuse, abs=0.01)

    def test_what_has_decayed_takes_no_room(self) -> None:
        flapping = Flapping(Damping())
        for number in range(10_000):
            flapping.lost(f"n{number}", now=float(number))

        # With a half-life of a minute, a loss is forgotten after less than five.
        assert len(flapping) <= 2 * 300
        assert flapping.penalty("n9999", 9999.0) == 1.0

    def test_a_loss_that_was_not_its_fault_is_taken_back(self) -> None:
        flapping = Flapping(Damping())
        flapping.lost("n1", 0.0)

        flapping.forgive("n1", 0.0)

        assert flapping.penalty("n1", 0.0) == 0.0
        assert len(flapping) == 0


@pytest.mark.parametrize(
    ("lost", "left", "is_found"),
    [(1, 0, False), (2, 1, False), (3, 3, True), (3, 4, False), (50, 50, True), (50, 51, False)],
)
def test_many_that_vanish_at_once_were_cut_off(lost: int, left: int, is_found: bool) -> None:
    assert (partition(lost=lost, left=left) is not None) == is_found


@dataclass
class Lost:
    """A node that came and went."""

    joined_at: float
    at: float


def test_only_losses_around_an_instant_count_together() -> None:
    losses = [Lost(-10.0, instant) for instant in (0.0, 1.0, 2.5, 3.0, 8.0)]

    assert [together(losses, now) for now in (0.0, 3.0, 5.0, 9.0, 20.0)] == [2, 3, 1, 1, 0]


def test_a_node_that_dies_again_and_again_is_no_partition() -> None:
    losses = [Lost(0.1 * number, 0.1 * number + 0.05) for number in range(10)]

    assert together(losses, 1.0) == 1
