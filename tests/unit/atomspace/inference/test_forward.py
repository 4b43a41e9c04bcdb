from __future__ import annotations

import doctest
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.atomspace import AtomSpace, Link, Node, TruthValue, inference
from cognitive_architecture.atomspace.inference import (
    INFERRED,
    TRUTH,
    Limits,
    Rule,
    Statement,
    derivation,
    infer,
    keep,
    revision,
)
from cognitive_architecture.foundation.errors import ConfigurationError
from tests.support.examples import quick

DEDUCTION = frozenset({Rule.DEDUCTION})
CHAIN = frozenset({Rule.DEDUCTION, Rule.REVISION})


def term(name: str) -> Node:
    return Node("Concept", name)


def inherits(source: str, target: str, kind: str = "Inheritance") -> Link:
    return Link(kind, (term(source), term(target)))


def space_of(
    links: dict[tuple[str, str], TruthValue], terms: dict[str, float], kind: str = "Inheritance"
) -> AtomSpace:
    space = AtomSpace()
    for name, strength in terms.items():
        space.set_value(space.add(term(name)), TRUTH, TruthValue(strength, 0.95))
    for ends, truth in links.items():
        space.set_value(space.add(inherits(*ends, kind)), TRUTH, truth)
    return space


def ladder(length: int, kind: str = "Inheritance") -> AtomSpace:
    """0 -> 1 -> 2 ...: each step all of the one before."""
    names = [str(number) for number in range(length + 1)]
    terms = {name: (number + 1) / (length + 2) for number, name in enumerate(names)}
    return space_of(dict.fromkeys(pairwise(names), TruthValue(1.0, 0.9)), terms, kind)


def test_the_example_of_the_package() -> None:
    assert doctest.testmod(inference).failed == 0


@pytest.mark.parametrize("kind", ["Inheritance", "Implication"])
def test_a_chain_is_followed_to_its_end_with_every_step(kind: str) -> None:
    found = infer(ladder(4, kind), rules=DEDUCTION)
    assert found.stopped is None
    assert len(found.conclusions) == 6  # all pairs of five, less the four given
    whole = found.of(inherits("0", "4", kind))
    assert whole is not None
    assert whole.truth.strength == 1.0
    assert whole.truth.confidence == pytest.approx(0.9**4)
    assert len(whole.evidence) == 4
    steps = derivation(whole)
    assert [step.number for step in steps] == list(range(len(steps)))
    assert steps[-1].link == whole.link
    assert sum(step.rule is None for step in steps) == 4
    for step in steps:
        assert all(premise < step.number for premise in step.premises)
        assert len(step.premises) == (0 if step.rule is None else 2)


def test_two_ways_from_different_evidence_are_revised_into_one() -> None:
    terms = {"a": 0.1, "b": 0.3, "x": 0.3, "c": 0.5}
    high, low = TruthValue(1.0, 0.9), TruthValue(0.5, 0.9)
    ways = {("a", "b"): high, ("b", "c"): high, ("a", "x"): high, ("x", "c"): low}
    found = infer(space_of(ways, terms), rules=CHAIN).of(inherits("a", "c"))
    assert found is not None
    assert found.rule is Rule.REVISION
    assert len(found.evidence) == 4
    one, other = found.premises
    assert found.truth == revision(one.truth, other.truth)
    assert found.truth.confidence > max(one.truth.confidence, other.truth.confidence)


def test_evidence_is_never_counted_twice() -> None:
    # The way over b and x shares a -> b with the way over b alone: the surer one stays.
    terms = {"a": 0.1, "b": 0.2, "x": 0.3, "c": 0.5}
    sure = TruthValue(1.0, 0.9)
    ways = {("a", "b"): sure, ("b", "c"): sure, ("b", "x"): sure, ("x", "c"): sure}
    found = infer(space_of(ways, terms), rules=DEDUCTION).of(inherits("a", "c"))
    assert found is not None
    assert found.truth.confidence == pytest.approx(0.81)
    everything = infer(space_of(ways, terms))
    for conclusion in everything.conclusions:
        if len(conclusion.premises) == 2:
            one, other = conclusion.premises
            assert one.evidence.isdisjoint(other.evidence)


def test_a_given_link_is_revised_only_by_other_evidence() -> None:
    terms = {"a": 0.1, "b": 0.3, "c": 0.5}
    given_truth = TruthValue(0.8, 0.5)
    sure = TruthValue(1.0, 0.9)
    space = space_of({("a", "b"): sure, ("b", "c"): sure, ("a", "c"): given_truth}, terms)
    revised = infer(space, rules=CHAIN).of(inherits("a", "c"))
    assert revised is not None
    assert revised.premises[0].truth == given_truth
    assert revised.truth.strength > 0.8
    assert infer(space, rules=DEDUCTION).of(inherits("a", "c")) is None


def test_induction_abduction_and_inversion() -> None:
    terms = {"a": 0.2, "b": 0.4, "c": 0.5}
    sure = TruthValue(0.9, 0.9)
    induced = infer(space_of({("a", "b"): sure, ("a", "c"): sure}, terms), rules={Rule.INDUCTION})
    assert {found.link for found in induced.conclusions} == {
        inherits("b", "c"), inherits("c", "b"),
    }  # fmt: skip
    abduced = infer(space_of({("a", "b"): sure, ("c", "b"): TruthValue(0.6, 0.9)}, terms),
                    rules={Rule.ABDUCTION})  # fmt: skip
    assert {found.link for found in abduced.conclusions} == {
        inherits("a", "c"), inherits("c", "a"),
    }  # fmt: skip
    inverted = infer(space_of({("a", "b"): sure}, terms), rules={Rule.INVERSION})
    (back,) = inverted.conclusions
    assert back.link == inherits("b", "a")
    assert back.truth.strength == pytest.approx(0.45)


@pytest.mark.parametrize(
    ("directed", "symmetric"), [("Inheritance", "Similarity"), ("Implication", "Equivalence")]
)
def test_similarity_and_inheritance_give_each_other(directed: str, symmetric: str) -> None:
    terms = {"b": 0.4, "a": 0.2}
    space = space_of({("b", "a"): TruthValue(0.2, 0.9)}, terms, symmetric)
    found = infer(space, rules={Rule.INHERITANCE_OF})
    assert {conclusion.link for conclusion in found.conclusions} == {
        inherits("a", "b", directed), inherits("b", "a", directed),
    }  # fmt: skip
    both = {("a", "b"): TruthValue(0.5, 0.9), ("b", "a"): TruthValue(0.25, 0.9)}
    similar = infer(space_of(both, terms, directed), rules={Rule.SIMILARITY_OF})
    (one,) = similar.conclusions
    assert one.link == inherits("a", "b", symmetric)
    assert one.truth.strength == pytest.approx(0.2)


def test_terms_without_a_truth_value_are_named_or_given_one() -> None:
    sure = TruthValue(0.5, 0.9)
    space = space_of({("a", "b"): sure, ("b", "c"): sure}, {})
    refused = infer(space, rules=DEDUCTION)
    assert not refused.conclusions
    assert "Node('Concept', 'a') has no truth value" in refused.refusals[0].sentence
    found = infer(space, rules=DEDUCTION, term_truth=TruthValue(0.5, 0.5))
    assert [conclusion.link for conclusion in found.conclusions] == [inherits("a", "c")]


def test_inconsistent_links_are_refused_and_the_rest_goes_on() -> None:
    space = ladder(2)
    space.set_value(space.add(term("1")), TRUTH, TruthValue(0.01, 0.9))
    found = infer(space, rules=DEDUCTION)
    assert not found.conclusions
    assert found.refused == 1
    assert "not 1: correct the terms or the link" in found.refusals[0].sentence
    assert not infer(space, rules=DEDUCTION, limits=Limits(refusals_max=0)).refusals


def test_certain_opinions_that_differ_are_refused() -> None:
    certain = TruthValue(1.0, 1.0)
    space = space_of({("a", "b"): certain, ("b", "c"): certain, ("a", "c"): TruthValue(0.5, 1.0)},
                     {})  # fmt: skip
    for name, strength in (("a", 0.1), ("b", 0.3), ("c", 0.5)):
        space.set_value(term(name), TRUTH, TruthValue(strength, 1.0))
    found = infer(space, rules=CHAIN)
    assert [refusal.rule for refusal in found.refusals] == [Rule.REVISION]


@pytest.mark.parametrize("name", ["depth_max", "conclusions_max", "steps_max"])
def test_each_limit_ends_it_with_a_sentence_that_names_it(name: str) -> None:
    found = infer(ladder(9), rules=DEDUCTION, limits=Limits(**{name: 2}))
    assert found.stopped is not None
    assert f"limits.{name}" in found.stopped
    assert found.conclusions  # what was found before the limit is kept
    assert infer(ladder(9), rules=DEDUCTION).stopped is None


@pytest.mark.parametrize("wrong", [0, 1.5, True, "many"])
def test_limits_are_integers_from_one(wrong: object) -> None:
    with pytest.raises(ConfigurationError, match=r"limits\.depth_max: an integer from 1"):
        Limits(depth_max=wrong)  # type: ignore[arg-type]


def test_links_that_say_nothing_are_left_aside() -> None:
    space = ladder(2)
    a, b = space.node("Concept", "0"), space.node("Concept", "1")
    space.set_value(space.link("Inheritance", a, a), TRUTH, TruthValue(1.0, 0.9))
    space.set_value(space.link("Inheritance", a, b, b), TRUTH, TruthValue(1.0, 0.9))
    space.set_value(space.link("Inheritance", b, a), TRUTH, TruthValue(1.0, 0.0))
    assert len(infer(space, rules=DEDUCTION).conclusions) == 1


def test_it_reads_a_snapshot_and_changes_nothing_until_told_to() -> None:
    space = ladder(3)
    view = space.snapshot()
    before = len(space)
    found = infer(view, rules=DEDUCTION)
    assert len(space) == before
    assert keep(space, found.conclusions) == 3
    assert space.value(inherits("0", "3"), INFERRED) == found.conclusions[-1].truth
    assert view.value(inherits("0", "3"), INFERRED) is None


def test_what_was_kept_is_no_evidence_when_it_is_asked_again() -> None:
    terms = {"a": 0.1, "b": 0.3, "c": 0.5}
    sure = TruthValue(1.0, 0.9)
    links = {("a", "b"): sure, ("b", "c"): sure, ("a", "c"): TruthValue(0.8, 0.5)}
    space = space_of(links, terms)
    once = infer(space)
    keep(space, once.conclusions)
    assert list(map(facts, infer(space).conclusions)) == list(map(facts, once.conclusions))


def facts(conclusion: Statement) -> tuple[Link, TruthValue, Rule | None, frozenset[Link]]:
    return conclusion.link, conclusion.truth, conclusion.rule, conclusion.evidence


NAMES = "abcde"


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)),
        st.builds(TruthValue, st.floats(0.0, 1.0), st.floats(0.0, 1.0)),
        max_size=6,
    ),
    st.lists(st.floats(0.0, 1.0), min_size=5, max_size=5),
    st.randoms(use_true_random=False),
)
@quick(60)
def test_any_links_in_any_order_give_the_same_within_bounds(
    links: dict[tuple[str, str], TruthValue], strengths: list[float], order: object
) -> None:
    terms = dict(zip(NAMES, strengths, strict=True))
    limits = Limits(depth_max=3, conclusions_max=50, steps_max=2000)
    found = infer(space_of(links, terms), limits=limits)
    shuffled = list(links.items())
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    again = infer(space_of(dict(shuffled), terms), limits=limits)
    assert list(map(facts, found.conclusions)) == list(map(facts, again.conclusions))
    for conclusion in found.conclusions:
        assert 0.0 <= conclusion.truth.strength <= 1.0
        assert 0.0 < conclusion.truth.confidence <= 1.0
        assert derivation(conclusion)[-1].link == conclusion.link
