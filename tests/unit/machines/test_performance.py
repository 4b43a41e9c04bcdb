"""What the machine remembers of how long attempts take."""

from __future__ import annotations

import pytest

from cognitive_architecture.distributed_mesh.machines.performance import Performance, Rates


def test_durations_are_kept_by_capability_and_node() -> None:
    performance = Performance()
    performance.completed("n1", "echo", [1.0, 1.0, 2.0])
    performance.completed("n2", "echo", [4.0])
    performance.completed("n1", "sing", [10.0])

    assert performance.usual("echo").count == 4
    assert performance.mean_s("n1") == pytest.approx(3.5)
    assert performance.to_json()["echo"]["nodes"]["n1"]["count"] == 3


def test_of_many_that_end_together_each_sixteenth_speaks_for_its_neighbours() -> None:
    performance = Performance()
    performance.completed("n1", "echo", [1.0] * 500 + [4.0] * 500)

    usual = performance.usual("echo")
    assert usual.count == 1000
    assert usual.mean == pytest.approx(2.5, rel=0.05)


def test_only_what_a_node_has_done_since_is_looked_at() -> None:
    performance = Performance()
    performance.completed("n1", "echo", [1.0])
    performance.reported("n1", {"echo": 1}, 0, 5.0)

    assert [capability for capability, _ in performance.lately_by("n1")] == ["echo"]
    assert list(performance.lately_by("n1")) == []
    assert performance.last_outcome_at("n1", 0.0) == 5.0
    assert performance.last_outcome_at("n2", 3.0) == 3.0


def test_names_that_requesters_make_up_take_bounded_room() -> None:
    performance = Performance()
    for number in range(2000):
        performance.completed("n1", f"made up {number}", [1.0])

    assert len(performance.to_json()) == 1000


def test_a_node_that_is_gone_is_forgotten() -> None:
    performance = Performance()
    performance.completed("n1", "echo", [1.0])
    performance.reported("n1", {"echo": 1}, 1, 5.0)

    performance.forget_node("n1")

    assert performance.to_json() == {}
    assert performance.rates("n1").success == 1.0


def test_rates_follow_the_last_attempts_and_the_error_rate_sooner() -> None:
    rates = Rates()
    rates.went(well=True, times=50)
    rates.went(well=False, times=20)

    assert rates.success == pytest.approx(0.99**20)
    assert rates.error == pytest.approx(1.0 - 0.95**20)

    rates.went(well=True, times=1000)

    assert rates.success == pytest.approx(1.0, abs=1e-3)
    assert rates.error == pytest.approx(0.0, abs=1e-3)
