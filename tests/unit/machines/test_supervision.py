"""When a process that died is started again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.machines.supervision import (
    GiveUp,
    Restart,
    Supervision,
)
from cognitive_architecture.foundation.settings import SupervisionSettings

SETTINGS = SupervisionSettings(restarts_max=4, period_s=60.0, pause_s=1.0, pause_max_s=3.0)


def test_the_first_death_costs_no_pause_and_later_ones_pauses_that_double_up_to_a_bound() -> None:
    history = Supervision(SETTINGS)

    decisions = [history.died(float(second)) for second in range(4)]

    assert decisions == [Restart(0.0, 1), Restart(1.0, 2), Restart(2.0, 3), Restart(3.0, 4)]


def test_a_process_that_dies_too_often_is_left_alone_with_a_sentence() -> None:
    history = Supervision(SETTINGS)
    for second in range(4):
        history.died(float(second))

    assert history.died(59.9) == GiveUp(
        "it was started again 4 times within 60 s (supervision.restarts_max)"
    )


def test_deaths_that_are_long_ago_are_forgotten() -> None:
    history = Supervision(SETTINGS)
    for second in range(4):
        history.died(float(second))

    assert history.died(60.0) == Restart(3.0, 4)
    assert history.died(1000.0) == Restart(0.0, 1)


def test_what_would_end_the_same_way_again_is_not_repeated() -> None:
    assert Supervision(SETTINGS).died(0.0, is_hopeless=True) == GiveUp(
        "it would end like that again"
    )


def test_no_restart_may_be_allowed_at_all() -> None:
    settings = SupervisionSettings(restarts_max=0)

    assert isinstance(Supervision(settings).died(0.0), GiveUp)


@given(
    gaps=st.lists(st.floats(0.0, 100.0), max_size=60),
    restarts_max=st.integers(0, 6),
    period_s=st.floats(0.5, 120.0),
)
def test_no_window_of_one_period_ever_sees_more_restarts_than_allowed(
    gaps: list[float], restarts_max: int, period_s: float
) -> None:
    history = Supervision(SupervisionSettings(restarts_max=restarts_max, period_s=period_s))
    now = 0.0
    restarts: list[float] = []
    for gap in gaps:
        now += gap
        in_window = sum(now - then < period_s for then in restarts)

        decision = history.died(now)

        # The oracle counts; it is started again exactly where the count leaves room.
        assert isinstance(decision, Restart) == (in_window < restarts_max)
        if isinstance(decision, Restart):
            assert decision.number == in_window + 1
            restarts.append(now)
