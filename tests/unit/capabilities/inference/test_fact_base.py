from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.capabilities.inference.fact_base import FactBase, in_window
from cognitive_architecture.capabilities.inference.terms import (
    Constant,
    Fact,
    Pattern,
    Term,
    Variable,
)

X, Y = Variable("?x"), Variable("?y")


def base_of(*facts: Fact) -> FactBase:
    base = FactBase()
    for fact in facts:
        base.add(base.table(fact.signature), fact.arguments)
    return base


def test_facts_are_numbered_as_they_come_and_once() -> None:
    base = FactBase()
    table = base.table(Fact("a", (1,)).signature)
    assert base.add(table, (1,)) == 0
    assert base.add(table, (2,)) == 1
    assert base.add(table, (1.0,)) is None
    assert base.fact(1) == Fact("a", (2,))


def test_an_index_made_early_or_late_finds_the_same() -> None:
    base = base_of(Fact("a", (1, 2)))
    table = base.table(Fact("a", (0, 0)).signature)
    assert list(table.rows_with((1,), 2)) == [0]
    base.add(table, (3, 2))
    assert list(table.rows_with((1,), 2)) == [0, 1]
    assert list(table.rows_with((0, 1), (3, 2))) == [1]
    assert list(table.rows_with((), ())) == [0, 1]
    assert list(table.rows_with((1,), 9)) == []


def test_a_window_of_rows() -> None:
    assert list(in_window([1, 4, 6, 9], 4, 9)) == [4, 6]
    assert list(in_window([1, 4], 0, 9)) == [1, 4]


def test_matches_bind_variables() -> None:
    base = base_of(Fact("p", ("ann", "bob")), Fact("p", ("bob", "bob")), Fact("p", ("bob", "cy")))
    assert list(base.matches(Pattern("p", ("bob", X)))) == [(1, {X: "bob"}), (2, {X: "cy"})]
    assert list(base.matches(Pattern("p", (X, X)))) == [(1, {X: "bob"})]
    assert [number for number, _ in base.matches(Pattern("p", (X, Variable("?"))))] == [0, 1, 2]
    assert list(base.matches(Pattern("q", (X,)))) == []


VALUES = st.sampled_from(["a", "b", 1, 2])
TERMS = st.one_of(VALUES, st.sampled_from([X, Y, Variable("?")]))


@given(st.lists(st.tuples(VALUES, VALUES), max_size=15), st.tuples(TERMS, TERMS))
def test_matching_by_index_is_matching_one_by_one(
    rows: list[tuple[Constant, Constant]], terms: tuple[Term, Term]
) -> None:
    base = base_of(*(Fact("p", row) for row in rows))
    pattern = Pattern("p", terms)
    expected = []
    for number, row in enumerate(dict.fromkeys(rows)):
        bindings: dict[Variable, Constant] = {}
        fits = True
        for term, value in zip(terms, row, strict=True):
            if not isinstance(term, Variable):
                fits &= term == value
            elif not term.is_anonymous:
                fits &= bindings.setdefault(term, value) == value
        if fits:
            expected.append((number, bindings))
    assert list(base.matches(pattern)) == expected
