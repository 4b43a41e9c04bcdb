"""When a silence is too long for the rhythm a node has."""

from __future__ import annotations

from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.policies.detection.silence import (
    PHI_MAX,
    Rhythm,
    silence,
)

LIMITS = {"phi": 8.0, "floor_s": 1.0, "bound_s": 10.0}


def heard(*intervals: float) -> Rhythm:
    """A rhythm that began at 0."""
    rhythm = Rhythm(0.0)
    now = 0.0
    for interval in intervals:
        now += interval
        rhythm.beat(now)
    return rhythm


def test_before_a_rhythm_is_known_the_least_silence_alone_decides() -> None:
    rhythm = heard(0.5)

    assert silence(rhythm, 1.0, **LIMITS) is None
    found = silence(rhythm, 1.01, **LIMITS)
    assert found is not None
    assert found.sentence == "not heard of for 1.0 s"


def test_a_newcomer_is_waited_for_to_the_bound_and_less_with_each_interval() -> None:
    patience_s = [heard(*[0.5] * count).patience_s(2.0, 10.0) for count in (0, 1, 16, 32, 64, 80)]

    assert patience_s == pytest.approx([10.0, 9.875, 8.0, 6.0, 2.0, 2.0])


def test_a_steady_node_is_silent_at_the_floor_already() -> None:
    rhythm = heard(*[0.25] * 20)

    assert silence(rhythm, 1.0, **LIMITS) is None
    found = silence(rhythm, 1.01, **LIMITS)
    assert found is not None
    assert found.sentence == (
        "not heard of for 1.0 s; usually it is heard every 0.25 s, give or take 0.03 s"
    )


def test_a_node_with_a_bad_network_is_given_the_time_its_rhythm_explains() -> None:
    rhythm = heard(*[0.2, 0.3, 2.5] * 20)

    assert silence(rhythm, 3.0, **LIMITS) is None
    assert silence(rhythm, 9.99, **LIMITS) is not None


def test_who_paused_for_long_lately_may_pause_for_longer() -> None:
    rhythm = heard(*[0.5] * 40, 1.2, *[0.5] * 20)

    assert silence(rhythm, 5.9, **LIMITS) is not None
    assert silence(rhythm, 5.9, **LIMITS, pauses=5.0) is None
    assert silence(rhythm, 6.1, **LIMITS, pauses=5.0) is not None


def test_a_pause_is_forgotten_with_its_rhythm() -> None:
    rhythm = heard(1.2, *[0.5] * 64)

    assert rhythm.longest_s == pytest.approx(0.5)
    assert silence(rhythm, 2.6, **LIMITS, pauses=5.0) is not None


def test_no_pause_excuses_a_silence_beyond_the_bound() -> None:
    rhythm = heard(*[0.5] * 20, 9.0, *[0.5] * 20)

    assert silence(rhythm, 10.0, **LIMITS, pauses=5.0) is None
    assert silence(rhythm, 10.01, **LIMITS, pauses=5.0) is not None


def test_no_rhythm_excuses_a_silence_beyond_the_bound() -> None:
    rhythm = heard(*[30.0] * 20)

    assert silence(rhythm, 10.0, **LIMITS) is None
    assert silence(rhythm, 10.01, **LIMITS) is not None


def test_what_nobody_listened_to_is_no_part_of_the_rhythm() -> None:
    rhythm = heard(*[0.25] * 20)

    rhythm.excuse(60.0, 65.2)
    rhythm.beat(65.25)

    assert rhythm.mean_s == pytest.approx(0.25)


@given(
    intervals=st.lists(st.floats(0.01, 10.0), min_size=8, max_size=100),
    silent_s=st.floats(0.0, 100.0),
)
def test_phi_is_the_surprise_of_a_normal_distribution_over_the_last_intervals(
    intervals: list[float], silent_s: float
) -> None:
    rhythm = heard(*intervals)
    window = intervals[-64:]
    mean = sum(window) / len(window)
    deviation = (sum((one - mean) ** 2 for one in window) / len(window)) ** 0.5
    spread = max(deviation, 0.1 * mean)
    later = 1.0 - NormalDist(mean, spread).cdf(silent_s)

    assert rhythm.mean_s == pytest.approx(mean, abs=1e-6)
    assert rhythm.spread_s == pytest.approx(spread, abs=1e-4)
    if later > 1e-9:
        assert 10.0 ** -rhythm.phi(silent_s) == pytest.approx(later, rel=0.01, abs=1e-9)


@given(
    intervals=st.lists(st.floats(0.05, 3.0), min_size=8, max_size=64),
    instants=st.lists(st.floats(0.0, 1000.0), min_size=2, max_size=20),
)
def test_silence_is_never_less_suspicious_later(
    intervals: list[float], instants: list[float]
) -> None:
    rhythm = heard(*intervals)
    phis = [rhythm.phi(silent_s) for silent_s in sorted(instants)]

    assert phis == sorted(phis)
    assert all(0.0 <= phi <= PHI_MAX for phi in phis)
