"""Plans that are dense in work: what breaks catches hundreds of attempts at once."""

from __future__ import annotations

from cognitive_architecture.simulation import dense_plan_of, plan_of, play


def test_a_dense_plan_breaks_what_the_wide_plan_of_its_seed_breaks() -> None:
    for seed in range(20):
        dense, wide = dense_plan_of(seed), plan_of(seed, calm=False)

        assert [s for s in dense.steps if s.is_trouble] == [s for s in wide.steps if s.is_trouble]
        assert (dense.weather, dense.rates, dense.turns_s) == (
            wide.weather,
            wide.rates,
            wide.turns_s,
        )
        assert not dense.is_calm


def test_thousands_of_attempts_are_made_and_no_promise_is_broken() -> None:
    verdict = play(dense_plan_of(5), keeps_notes=False)

    assert verdict.is_sound, verdict.breaches
    assert verdict.tally.attempts > 2_000
    assert verdict.tally.attempts > len(verdict.plan.steps) * 10


def test_attempts_are_counted_for_each_trouble_they_met() -> None:
    verdict = play(dense_plan_of(9), keeps_notes=False)

    kinds = {step.do for step in verdict.plan.steps if step.is_trouble}
    under = verdict.tally.under
    assert set(under) == kinds | {"nothing"}
    assert max(under.values()) <= verdict.tally.attempts <= sum(under.values())


def test_the_same_seed_gives_the_same_history() -> None:
    assert (
        play(dense_plan_of(5), keeps_notes=False).fingerprint == play(dense_plan_of(5)).fingerprint
    )
