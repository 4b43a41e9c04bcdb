"""Two hundred small meshes live through whatever their seeds bring, and keep every promise.

``make soak`` plays more of them, and longer ones.
"""

from __future__ import annotations

import pytest

from cognitive_architecture.simulation import plan_of, play
from cognitive_architecture.simulation.plan import TROUBLES
from tests.support.inside import look_inside

SEEDS = range(200)
PORTION = 10


@pytest.mark.parametrize("first", range(SEEDS.start, SEEDS.stop, PORTION))
def test_no_seed_breaks_a_promise(first: int) -> None:
    for seed in range(first, first + PORTION):
        verdict = play(plan_of(seed), inspect=look_inside, keeps_notes=False)
        assert verdict.is_sound, (
            f"cogmesh simulate --seed {seed} shows it again: {verdict.breaches[:3]}"
        )


def test_the_seeds_bring_every_trouble_and_all_kinds_of_endings() -> None:
    plans = [plan_of(seed) for seed in SEEDS]

    troubles = {step.do for plan in plans for step in plan.steps if step.is_trouble}
    assert troubles == TROUBLES
    assert {step.do for plan in plans for step in plan.steps} >= {"cancel", "watch", "raise"}
    assert 20 < sum(plan.is_calm for plan in plans) < 60

    tallies = [play(plan).tally for plan in plans[:8]]
    assert sum(tally.completed for tally in tallies) > 0
    assert sum(tally.failed for tally in tallies) > 0
    assert sum(tally.cancelled for tally in tallies) > 0
