from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.machines.circuit import (
    Circuit,
    CircuitSettings,
    CircuitState,
    Pass,
    Refusal,
)
from cognitive_architecture.foundation.errors import ConfigurationError
from tests.support.examples import quick


def admitted(circuit: Circuit, now: float) -> Pass:
    answer = circuit.admit(now)
    assert isinstance(answer, Pass)
    return answer


def opened(*, at: float = 0.0) -> Circuit:
    circuit = Circuit(CircuitSettings())
    for _ in range(5):
        circuit.failed(admitted(circuit, at), at)
    return circuit


def test_five_failures_in_a_row_open_it() -> None:
    circuit = Circuit(CircuitSettings())
    entered = [circuit.failed(admitted(circuit, 1.0), 1.0) for _ in range(5)]
    assert entered == [None, None, None, None, CircuitState.OPEN]
    assert circuit.state_at(1.0) is CircuitState.OPEN


def test_a_success_begins_the_count_anew() -> None:
    circuit = Circuit(CircuitSettings())
    for _ in range(3):
        for _ in range(4):
            circuit.failed(admitted(circuit, 0.0), 0.0)
        assert circuit.succeeded(admitted(circuit, 0.0)) is None
    assert circuit.state_at(0.0) is CircuitState.CLOSED


def test_an_open_circuit_says_when_to_come_back() -> None:
    circuit = opened(at=10.0)
    assert circuit.admit(10.0) == Refusal(60.0)
    assert circuit.admit(69.5) == Refusal(0.5)


def test_after_its_time_one_call_is_the_probe_and_others_are_refused() -> None:
    circuit = opened()
    assert circuit.state_at(60.0) is CircuitState.HALF_OPEN
    admitted(circuit, 60.0)
    assert circuit.admit(60.0) == Refusal(1.0)
    assert circuit.admit(119.75) == Refusal(0.25)


def test_a_good_probe_closes_it() -> None:
    circuit = opened()
    assert circuit.succeeded(admitted(circuit, 60.0)) is CircuitState.CLOSED
    assert circuit.failures == 0
    assert circuit.retry_after_s(60.0) == 0.0
    assert [circuit.failed(admitted(circuit, 61.0), 61.0) for _ in range(4)] == [None] * 4


def test_a_bad_probe_opens_it_for_the_whole_time_again() -> None:
    circuit = opened()
    assert circuit.failed(admitted(circuit, 60.0), 65.0) is CircuitState.OPEN
    assert circuit.admit(65.0) == Refusal(60.0)


def test_a_cancelled_probe_leaves_its_place_to_the_next_call() -> None:
    circuit = opened()
    circuit.abandoned(admitted(circuit, 60.0))
    admitted(circuit, 60.0)


def test_a_cancelled_call_of_a_closed_circuit_counts_for_nothing() -> None:
    circuit = Circuit(CircuitSettings(failures_max=2))
    circuit.failed(admitted(circuit, 0.0), 0.0)
    circuit.abandoned(admitted(circuit, 0.0))
    assert circuit.state_at(0.0) is CircuitState.CLOSED
    assert circuit.failed(admitted(circuit, 0.0), 0.0) is CircuitState.OPEN


def test_a_probe_that_never_returns_is_given_up() -> None:
    circuit = opened()
    silent = admitted(circuit, 60.0)
    later = admitted(circuit, 120.0)
    assert circuit.failed(silent, 121.0) is None, "nobody waits for it any more"
    assert circuit.succeeded(later) is CircuitState.CLOSED


def test_calls_that_began_before_it_opened_change_nothing_afterwards() -> None:
    circuit = Circuit(CircuitSettings())
    slow_good, slow_bad = admitted(circuit, 0.0), admitted(circuit, 0.0)
    for _ in range(5):
        circuit.failed(admitted(circuit, 0.0), 0.0)

    assert circuit.succeeded(slow_good) is None
    assert circuit.admit(1.0) == Refusal(59.0)

    admitted(circuit, 60.0)
    assert circuit.failed(slow_bad, 60.0) is None
    assert circuit.state_at(60.0) is CircuitState.HALF_OPEN


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"failures_max": 0}, "failures_max: an integer from 1, not 0"),
        ({"failures_max": 2.0}, "failures_max: an integer from 1, not 2.0"),
        ({"recovery_s": 0}, "recovery_s: a number above 0, not 0"),
        ({"recovery_s": "60"}, "recovery_s: a number above 0, not '60'"),
    ],
)
def test_settings_are_checked(settings: dict[str, object], sentence: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        CircuitSettings(**settings)  # type: ignore[arg-type]
    assert str(refused.value) == sentence


@quick(300)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["call", "good", "bad", "cancelled"]),
            st.floats(min_value=0.0, max_value=50.0),
        ),
        max_size=60,
    )
)
def test_whatever_happens(steps: list[tuple[str, float]]) -> None:
    """Open, it admits nobody; half open, one at a time; and it never stays shut for ever."""
    circuit = Circuit(CircuitSettings())
    now = 0.0
    under_way: list[tuple[Pass, CircuitState]] = []
    for step, pause in steps:
        now += pause
        before = circuit.state_at(now)
        if step == "call":
            answer = circuit.admit(now)
            if isinstance(answer, Refusal):
                assert before is not CircuitState.CLOSED
                assert 0.0 < answer.retry_after_s <= 60.0
            else:
                assert before is not CircuitState.OPEN
                under_way.append((answer, before))
        elif under_way:
            granted, _ = under_way.pop(0)
            if step == "good":
                circuit.succeeded(granted)
            elif step == "bad":
                circuit.failed(granted, now)
            else:
                circuit.abandoned(granted)
        if circuit.state_at(now) is CircuitState.OPEN:
            assert isinstance(circuit.admit(now), Refusal)
    assert isinstance(circuit.admit(now + 60.0), Pass)
