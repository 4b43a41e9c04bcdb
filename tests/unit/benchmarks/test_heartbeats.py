"""Arrays of heartbeats: late frames hold up others, and what is skipped would have been quiet."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks import f3_false_positives
from benchmarks.f3_false_positives import plan, play_hour
from benchmarks.heartbeats import (
    BEAT_S,
    FRAME_S,
    SURE_S,
    Lateness,
    arrivals,
    eventful_minutes,
    losses_of,
    turns,
)
from benchmarks.silent_nodes import verdicts
from benchmarks.vanishing import judged_with_answers

from cognitive_architecture.foundation.settings import DispatchSettings

LOSS = 0.2


def test_frames_are_lost_as_often_in_a_row_as_independent_losses_are() -> None:
    losses = losses_of(np.random.default_rng(1), (1_000_000,), LOSS)

    for times in (1, 2, 3, 4):
        assert (losses >= times).mean() == pytest.approx(LOSS**times, rel=0.1)


def test_on_a_link_everything_comes_in_order_and_waits_for_what_is_late() -> None:
    losses = np.array([[0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]])
    sent = FRAME_S * np.arange(12.0)[None, :]

    (heard_at,) = arrivals(np.random.default_rng(2), sent, losses)

    assert (np.diff(heard_at) >= 0.0).all()
    assert heard_at[0] < 0.02
    assert heard_at[1] - sent[0, 1] > 1.4
    assert heard_at[2] == heard_at[1]
    assert heard_at[-1] - sent[0, -1] < 0.02


def test_what_is_not_played_would_have_had_no_long_gap() -> None:
    rng = np.random.default_rng(3)
    hours = 120
    sent = np.broadcast_to(BEAT_S * np.arange(2 * 3600), (hours, 2 * 3600))
    all_frames = arrivals(rng, sent, losses_of(rng, sent.shape, LOSS))
    eventful = eventful_minutes(rng, 60 * hours, LOSS)

    for gap_s in (SURE_S, 2.0, 4.0):
        in_all = int((np.diff(all_frames, axis=1) > gap_s).sum())
        in_eventful = int((np.diff(eventful, axis=1) > gap_s).sum())
        assert in_all > 100
        assert in_eventful == pytest.approx(in_all, rel=4.0 / np.sqrt(in_all))


def test_turns_are_as_late_as_measured_and_what_is_late_once_stays_late() -> None:
    lateness = Lateness((0.0, 0.5, 0.9, 1.0), (0.001, 0.01, 0.1, 0.4))

    at = turns(np.random.default_rng(4), lateness, nodes=200, times=1000, every_s=0.5)

    late = np.diff(at, axis=1) - 0.5
    assert np.median(late) == pytest.approx(0.01, rel=0.05)
    assert (late > 0.1).mean() == pytest.approx(0.1, rel=0.05)
    assert late.min() > 0.0
    assert late.max() <= 0.4 + 1e-9
    assert at[0, -1] > 1000 * 0.5


def test_who_is_suspected_and_answers_is_heard_sooner() -> None:
    rng = np.random.default_rng(5)
    sent = np.broadcast_to(0.5 * np.arange(7200.0), (20, 7200))
    without = np.sort(np.where(rng.random(sent.shape) < 0.4, np.nan, sent), axis=1)

    mute = verdicts(without, DispatchSettings())
    said = judged_with_answers(rng, sent, loss=0.4)

    mute_s = (mute.refuted_at - mute.suspected_at).mean()
    assert len(said.suspected) > 1000
    assert (said.refuted_at - said.suspected_at).mean() < 0.8 * mute_s


def test_an_hour_is_a_function_of_its_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f3_false_positives, "STARVED_AT_ONCE", 3)

    assert play_hour(7) == play_hour(7)
    assert play_hour(7) != play_hour(8)


def test_in_the_whole_mesh_nothing_breaks_but_frames() -> None:
    assert not any(step.is_trouble for step in plan(0).steps)
    assert plan(0).weather["loss"] == 0.05
