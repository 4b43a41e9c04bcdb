from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.atomspace import InvalidValue, TruthValue
from cognitive_architecture.atomspace.inference import (
    InconsistentTruth,
    abduction,
    count_of,
    deduction,
    induction,
    inheritance_of,
    inversion,
    require_consistent,
    revision,
    similarity_of,
)
from tests.support.examples import quick

shares = st.floats(0.0, 1.0)
likely = st.floats(1e-6, 1.0)


def sure(strength: float) -> TruthValue:
    return TruthValue(strength, 0.9)


@st.composite
def consistent(draw: st.DrawFn, a: float, b: float) -> TruthValue:
    """An A -> B that terms of these strengths allow."""
    low = max(0.0, a + b - 1.0) / a
    high = min(1.0, b / a)
    share = draw(shares)
    return TruthValue(min(1.0, low + share * (high - low)), draw(shares))


@st.composite
def chains(draw: st.DrawFn) -> tuple[TruthValue, TruthValue, TruthValue, TruthValue, TruthValue]:
    a, b, c = draw(likely), draw(likely), draw(likely)
    ab, bc = draw(consistent(a, b)), draw(consistent(b, c))
    return ab, bc, sure(a), sure(b), sure(c)


def test_the_revision_of_the_conformance_table_h4() -> None:
    revised = revision(TruthValue(0.7, 0.8), TruthValue(0.4, 0.6))
    assert revised.strength == pytest.approx(0.618181818, abs=1e-9)
    assert revised.confidence == pytest.approx(0.838709677, abs=1e-9)


def test_deduction_by_counting_a_population() -> None:
    # Of 100: 20 are A, 40 B, 50 C; 10 are A and B, 30 B and C. P(C|not B) = 20/60.
    found = deduction(sure(0.5), sure(0.75), sure(0.2), sure(0.4), sure(0.5))
    assert found.strength == pytest.approx(0.5 * 0.75 + 0.5 * 20 / 60)


def test_what_all_b_are_and_what_everything_is() -> None:
    assert deduction(sure(1.0), sure(1.0), sure(0.1), sure(0.3), sure(0.5)).strength == 1.0
    everything = deduction(sure(1.0), sure(0.4), sure(0.2), sure(1.0), sure(0.4))
    assert everything.strength == pytest.approx(0.4)


def test_inversion_is_bayes_rule() -> None:
    assert inversion(sure(0.8), sure(0.1), sure(0.4)).strength == pytest.approx(0.2)


def test_similarity_counts_both_ways() -> None:
    # 10 are both, 20 A, 40 B: 10 of 50.
    assert similarity_of(sure(0.5), sure(0.25)).strength == pytest.approx(0.2)
    assert inheritance_of(sure(0.2), sure(0.2), sure(0.4)).strength == pytest.approx(0.5)
    assert similarity_of(sure(0.0), sure(0.0)).strength == 0.0
    assert similarity_of(sure(1e-310), sure(1e-310)).strength == pytest.approx(5e-311)


def test_a_chain_loses_confidence_with_each_link() -> None:
    found = deduction(
        TruthValue(0.5, 0.8), TruthValue(0.75, 0.5), sure(0.2), TruthValue(0.4, 0.95), sure(0.5)
    )
    assert found.confidence == pytest.approx(0.4)
    least = deduction(sure(0.5), sure(0.75), sure(0.2), TruthValue(0.4, 0.1), sure(0.5))
    assert least.confidence == 0.1


@given(chains())
@quick(300)
def test_a_deduction_of_consistent_premises_is_consistent(
    chain: tuple[TruthValue, TruthValue, TruthValue, TruthValue, TruthValue],
) -> None:
    _, _, a, _, c = chain
    found = deduction(*chain)
    assert 0.0 <= found.strength <= 1.0
    assert found.confidence <= min(chain[0].confidence, chain[1].confidence)
    require_consistent(found, a, c)


@given(likely, likely, likely, st.data())
@quick(200)
def test_induction_and_abduction_stay_within_bounds(
    a: float, b: float, c: float, data: st.DataObject
) -> None:
    terms = sure(a), sure(b), sure(c)
    induced = induction(data.draw(consistent(a, b)), data.draw(consistent(a, c)), *terms)
    abduced = abduction(data.draw(consistent(a, b)), data.draw(consistent(c, b)), *terms)
    for found in (induced, abduced):
        assert 0.0 <= found.strength <= 1.0


@given(likely, likely, st.data())
@quick(200)
def test_to_invert_twice_changes_no_strength(a: float, b: float, data: st.DataObject) -> None:
    ab = data.draw(consistent(a, b))
    back = inversion(inversion(ab, sure(a), sure(b)), sure(b), sure(a))
    # What rounding took lies within the tolerance, which counts as a probability.
    assert back.strength * a == pytest.approx(ab.strength * a, abs=1e-8)


@given(st.builds(TruthValue, shares, st.floats(0.0, 1.0, exclude_max=True)), st.data())
@quick(200)
def test_a_revision_lies_between_and_is_surer(one: TruthValue, data: st.DataObject) -> None:
    other = data.draw(st.builds(TruthValue, shares, st.floats(0.0, 1.0, exclude_max=True)))
    found = revision(one, other)
    low, high = sorted((one.strength, other.strength))
    assert low - 1e-12 <= found.strength <= high + 1e-12
    assert found.confidence >= max(one.confidence, other.confidence) - 1e-9
    assert found.confidence == pytest.approx(revision(other, one).confidence)
    assert found.strength == pytest.approx(revision(other, one).strength)


def test_what_nothing_is_known_of_is_revised_to_the_middle() -> None:
    assert revision(TruthValue(0.2, 0.0), TruthValue(0.6, 0.0)) == TruthValue(0.4, 0.0)


def test_certainty_yields_to_nothing() -> None:
    assert revision(TruthValue(0.2, 1.0), TruthValue(0.6, 0.9)) == TruthValue(0.2, 1.0)
    assert revision(TruthValue(0.6, 0.9), TruthValue(0.2, 1.0)) == TruthValue(0.2, 1.0)
    with pytest.raises(InconsistentTruth, match=r"differ, 0.2 and 0.6: one of them needs"):
        revision(TruthValue(0.2, 1.0), TruthValue(0.6, 1.0))


def test_counts() -> None:
    assert count_of(0.0) == 0.0
    assert count_of(0.8) == pytest.approx(3200)
    assert count_of(1.0) == math.inf
    for wrong in (math.nan, -0.1, 1.1):
        with pytest.raises(InvalidValue, match="from 0 to 1"):
            count_of(wrong)


@pytest.mark.parametrize(
    ("ab", "a", "b", "sentence"),
    [
        (0.9, 0.4, 0.2, "from 0 to 0.5, not 0.9"),
        (0.1, 0.8, 0.7, "from 0.625 to 0.875, not 0.1"),
        (0.5, 0.0, 0.5, "strength 0 never holds"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(
    ab: float, a: float, b: float, sentence: str
) -> None:
    with pytest.raises(InconsistentTruth, match=sentence):
        require_consistent(sure(ab), sure(a), sure(b))


def test_every_formula_refuses_inconsistent_premises() -> None:
    high, low = sure(0.9), sure(0.1)
    with pytest.raises(InconsistentTruth):
        deduction(high, high, high, low, high)
    with pytest.raises(InconsistentTruth):
        inversion(high, high, low)
    with pytest.raises(InconsistentTruth, match="from a term of strength 0 cannot"):
        inversion(sure(0.0), high, sure(0.0))
    with pytest.raises(InconsistentTruth, match=r"cannot have a similarity of 0\.9"):
        inheritance_of(high, high, low)
    with pytest.raises(InconsistentTruth):
        inheritance_of(sure(0.0), sure(0.0), low)
