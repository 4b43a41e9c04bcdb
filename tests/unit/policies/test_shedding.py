"""What a queue that fills up refuses first."""

from __future__ import annotations

import pytest

from cognitive_architecture.distributed_mesh.messages import Accepted
from cognitive_architecture.distributed_mesh.policies.shedding import SHED_FROM, Shedding
from cognitive_architecture.foundation.settings import DispatchSettings, RecoverySettings
from tests.support.builders import a_spec
from tests.support.harness import ANN, DispatchHarness

SETTINGS = DispatchSettings(queue_tasks_max=10)


def test_the_less_urgent_the_less_of_the_queue_is_open_to_it() -> None:
    fills = [percent / 100 for percent in range(100)]
    shares = [
        max(fill for fill in fills if not Shedding().refuses(priority, fill))
        for priority in range(1, 11)
    ]

    assert shares[:5] == sorted(set(shares[:5]))
    assert shares[0] == pytest.approx(SHED_FROM, abs=0.011)
    assert shares[4:] == [0.99] * 6


def admitted(mesh: DispatchHarness, priority: int, count: int) -> int:
    """How many of so many tasks of a priority come in."""
    mesh.heard(ANN)
    names = [f"p{priority}-{len(mesh.board.entries)}-{number}" for number in range(count)]
    mesh.submit(*(a_spec(name, priority=priority) for name in names))
    (answer,) = (said for said in mesh.heard(ANN) if isinstance(said, Accepted))
    return count - len(answer.refused)


def test_a_flood_of_unimportant_tasks_never_keeps_an_important_one_out() -> None:
    mesh = DispatchHarness(SETTINGS)
    mesh.node("n1")

    assert admitted(mesh, 1, 100) == 8
    assert admitted(mesh, 3, 100) == 1
    assert admitted(mesh, 10, 100) == 1


def test_an_operator_may_switch_it_off() -> None:
    mesh = DispatchHarness(SETTINGS, recovery=RecoverySettings(on_resource_exhaustion=[]))
    mesh.node("n1")

    assert admitted(mesh, 1, 100) == 10
