"""Laws that are called by themselves, with numbers that cannot be."""

from collections.abc import Callable

import numpy as np
import pytest

from cognitive_architecture.attention import diffusion, rents
from cognitive_architecture.attention.errors import InvalidAmount
from cognitive_architecture.attention.links import HebbianLinks
from cognitive_architecture.attention.matrix import DiffusionMatrix
from cognitive_architecture.attention.parameters import Profile
from cognitive_architecture.attention.wages import Fund

NAN, INF = float("nan"), float("inf")
NONE = np.zeros(0, dtype=np.int64)
STI = np.array([1_000, 2_000], dtype=np.int64)
FUND = Fund(5_000, 10_000, 10_000)


def floats(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array(values, dtype=np.float64)


def one_link(strength: float, confidence: float, share: float, profile: Profile) -> object:
    place = np.array([0], dtype=np.int64)
    ties = diffusion.HebbianTies(place, place + 1, floats(strength), floats(confidence))
    near = diffusion.IncidentTies(NONE, NONE)
    return diffusion.routes(ties, near, 1, hebbian_share_max=share, profile=profile)


def flat(turns: float, profile: Profile) -> object:
    return rents.flat_rents(STI, FUND, lambda fund: rents.sti_rent_rate(fund, 1), turns, profile)


CALLS: dict[str, Callable[[float, Profile], object]] = {
    "share": lambda wrong, _: diffusion.spread_amounts(STI, wrong),
    "turns": lambda wrong, _: diffusion.spread_amounts(STI, 0.4, wrong),
    "strengths": lambda wrong, profile: one_link(wrong, 0.5, 0.05, profile),
    "confidences": lambda wrong, profile: one_link(0.5, wrong, 0.05, profile),
    "spread_max": lambda wrong, _: DiffusionMatrix(HebbianLinks(), spread_max=wrong, funds=1),
    "seconds": lambda wrong, _: rents.turns(wrong, 5),
    "turns a second": lambda wrong, _: rents.turns(0.4, wrong),
    "turns of rent": flat,
    "bend": lambda wrong, _: rents.exponential_rents(floats(1), 0, 2, 1, wrong),
}


@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize("wrong", [NAN, INF, -1.0])
@pytest.mark.parametrize("name", CALLS)
def test_a_number_that_cannot_be_is_refused_by_name(
    name: str, wrong: float, profile: Profile
) -> None:
    with pytest.raises(InvalidAmount) as refusal:
        CALLS[name](wrong, profile)
    word, shown = name.split(maxsplit=1)[0], f"{wrong:g}"
    assert word in str(refusal.value)
    assert shown in str(refusal.value)


@pytest.mark.parametrize("law", [rents.logarithmic_rents, rents.exponential_rents])
@pytest.mark.parametrize(
    ("balances", "boundary", "richest", "words"),
    [
        ((1.0, NAN), 0, 5, "balances: finite numbers"),
        ((1.0,), NAN, 5, "boundary, richest and base: finite"),
        ((1.0,), 0, INF, "boundary, richest and base: finite"),
        ((1.0,), 5, 5, "richest: more than the boundary, 5, not 5"),
    ],
)
def test_rent_has_a_place_between_boundary_and_richest(
    law: Callable[..., object],
    balances: tuple[float, ...],
    boundary: float,
    richest: float,
    words: str,
) -> None:
    bend = () if law is rents.logarithmic_rents else (0.5,)
    with pytest.raises(InvalidAmount, match=words):
        law(floats(*balances), boundary, richest, 1, *bend)


@pytest.mark.parametrize("profile", Profile)
def test_a_share_of_hebbian_links_is_a_number_under_both_profiles(profile: Profile) -> None:
    with pytest.raises(InvalidAmount, match="hebbian_share_max"):
        one_link(0.5, 0.5, NAN, profile)
