import math
from typing import Any

import pytest

from cognitive_architecture.distributed_mesh.model import Wishes
from cognitive_architecture.distributed_mesh.policies.matching import CapabilityMatcher
from cognitive_architecture.distributed_mesh.policies.scoring import (
    EVEN_WEIGHTS,
    Factors,
    MatchingWeights,
    fit_of,
    headroom,
)
from cognitive_architecture.foundation.errors import ConfigurationError

FACTORS = Factors(fit=0.5, success=0.9, speed=1.5, health=0.8, affinity=2.0)


def factors(matcher: CapabilityMatcher, **more: Any) -> Factors:
    known: dict[str, Any] = {"health": 1.0, "attributes": {}, "wishes": None}
    return matcher.factors("n1", {"echo"}, "echo", **known | more)


def test_merit_is_the_product_each_to_the_power_of_its_weight() -> None:
    assert FACTORS.merit(EVEN_WEIGHTS) == pytest.approx(0.5 * 0.9 * 1.5 * 0.8 * 2.0)
    weights = MatchingWeights(fit=2.0, success=0.0, speed=0.5, health=1.0, affinity=3.0)
    assert FACTORS.merit(weights) == pytest.approx(0.25 * math.sqrt(1.5) * 0.8 * 8.0)


def test_an_unmet_preference_costs_like_a_task_on_every_slot() -> None:
    assert fit_of(1.0) == headroom(4, 4, 1.0) == 0.5
    assert fit_of(0.0) == headroom(0, 4, 1.0) == 1.0
    assert headroom(4, 4, 2.0) == 0.25


def test_preferences_are_met_as_far_as_they_are_worth() -> None:
    wishes = Wishes((), (("has(gpu)", 2.0), ("1 - cost", 1.0)))
    of = CapabilityMatcher()
    assert factors(of, wishes=wishes).fit == 1 / (1 + 2 + 1)
    assert factors(of, wishes=wishes, attributes={"gpu": "x", "cost": 0.5}).fit == 1 / 1.5
    assert factors(of, wishes=wishes, attributes={"gpu": "x", "cost": 0.0}).fit == 1.0


def test_an_ill_node_is_better_than_none() -> None:
    assert factors(CapabilityMatcher(), health=0.0).health == pytest.approx(0.1)


def test_affinity_is_what_was_said() -> None:
    matcher = CapabilityMatcher()
    assert factors(matcher).affinity == 1.0
    matcher.set_affinity("n1", "echo", 0.5)
    assert (factors(matcher).affinity, matcher.affinity("n1", "echo")) == (1.5, 0.5)
    matcher.forget_node("n1")
    assert factors(matcher).affinity == 1.0


@pytest.mark.parametrize("value", [-0.1, 1.1, math.nan, "much"])
def test_an_affinity_that_is_none_is_refused(value: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"^affinity of 'n1': "):
        CapabilityMatcher().set_affinity("n1", "echo", value)


@pytest.mark.parametrize(
    ("weights", "why"),
    [
        ({"loud": 1.0}, "^loud: no such weight of matching; there are fit, load, success"),
        ({"load": -1.0}, "^matching weight load: "),
        ({"load": 17.0}, "^matching weight load: "),
        ({"load": "much"}, "^matching weight load: "),
    ],
)
def test_weights_that_are_none_are_refused_and_nothing_changes(
    weights: dict[str, Any], why: str
) -> None:
    matcher = CapabilityMatcher()
    with pytest.raises(ConfigurationError, match=why):
        matcher.set_score_weights(**weights)
    assert matcher.score_weights is EVEN_WEIGHTS


def test_weights_change_one_by_one_and_everybody_is_judged_anew() -> None:
    matcher = CapabilityMatcher()
    position = matcher.changes.from_here()
    matcher.set_score_weights(load=2.0)
    matcher.set_score_weights(speed=0.0)
    assert matcher.score_weights == MatchingWeights(load=2.0, speed=0.0)
    assert matcher.changes.since(position) is None
    assert matcher.set_score_weights(load=1.0, speed=1.0) is EVEN_WEIGHTS
