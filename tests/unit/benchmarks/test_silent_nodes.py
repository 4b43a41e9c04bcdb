"""The law of silence in arrays says what the dispatch machine says, at the same instants."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.silent_nodes import verdicts
from hypothesis import given, settings
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.machines.effects import Incident
from cognitive_architecture.foundation.settings import DispatchSettings
from tests.support.harness import DispatchHarness

USUAL = DispatchSettings()

usual = st.floats(0.45, 0.6)
intervals = st.lists(
    st.one_of(
        usual,
        usual,
        st.floats(0.0, 3.0),
        st.sampled_from((1.2, 1.6, 2.2, 2.9, 3.3, 5.0, 9.0, 12.0)),
    ),
    min_size=1,
    max_size=110,
)
a_newcomer_that_pauses = st.tuples(
    st.lists(usual, max_size=75), st.floats(2.5, 11.0), st.lists(usual, max_size=3)
).map(lambda parts: [*parts[0], parts[1], *parts[2], 11.5])
rules = st.sampled_from(
    (
        USUAL,
        DispatchSettings(node_silence_s=1.0, node_silence_max_s=4.0),
        DispatchSettings(node_silence_s=2.0, node_silence_max_s=2.0),
    )
)


def told_by_the_machine(
    heard_at: list[float], rules: DispatchSettings
) -> tuple[list[float], list[float]]:
    """When the machine suspects a node, and when it gives it up; the first time ends it."""
    mesh = DispatchHarness(rules)
    mesh.wait(heard_at[0])
    worker = mesh.node("n1")
    suspected: list[float] = []
    for at in heard_at[1:]:
        before = len(mesh.effects)
        mesh.wait(at - mesh.now)
        for effect, told_at in zip(mesh.effects[before:], mesh.instants[before:], strict=True):
            if isinstance(effect, Incident) and effect.kind == "node_suspected":
                suspected.append(told_at)
            elif isinstance(effect, Incident) and effect.kind == "node_lost":
                return suspected, [told_at]
        mesh.beat(worker)
    return suspected, []


@given(st.one_of(intervals, a_newcomer_that_pauses), rules)
@settings(max_examples=80)
def test_arrays_and_machine_say_the_same_at_the_same_instants(
    gaps: list[float], rules: DispatchSettings
) -> None:
    heard_at = np.cumsum([0.0, *gaps])
    suspected, lost = told_by_the_machine(heard_at.tolist(), rules)

    found = verdicts(heard_at[None, :], rules)

    assert found.suspected_at.tolist() == pytest.approx(suspected)
    assert found.lost_at.tolist() == pytest.approx(lost)


def test_many_nodes_are_judged_each_by_its_own_rhythm() -> None:
    steady = np.cumsum(np.full(90, 0.5))
    halting = steady.copy()
    halting[80:] += 2.0
    dead_for_long = steady.copy()
    dead_for_long[70:] += 60.0
    dead_when_new = steady.copy()
    dead_when_new[17:] += 60.0

    found = verdicts(np.array([steady, halting, dead_for_long, dead_when_new]), USUAL)

    assert found.suspected.tolist() == [1, 2, 3]
    assert found.lost.tolist() == [2, 3]
    assert 3.0 < found.lost_at[0] - dead_for_long[69] <= 3.375
    assert 8.25 < found.lost_at[1] - dead_when_new[16] <= 8.625, "a quarter of its window is full"
