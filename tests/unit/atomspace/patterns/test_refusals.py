"""Patterns that cannot be asked, each with a sentence that says why."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from cognitive_architecture.atomspace import Atom, AtomSpace, Link, Node, PatternError
from cognitive_architecture.atomspace.patterns import Query, ask, read_query, recognised
from cognitive_architecture.atomspace.types import standard_types

from .words import G, X, Y, Z, concept, interval, link, typed

TYPES = standard_types()
CLAUSE = link("Inheritance", X, "animal")


def nested(clause: Atom, kind: str, depth: int) -> Atom:
    for _ in range(depth):
        clause = Link(kind, (clause,))
    return clause


@pytest.mark.parametrize(
    ("clauses", "variables", "sentence"),
    [
        ([], None, "asks for nothing"),
        ([CLAUSE], link("VariableList", X, Y), "$y is declared, but no clause uses it"),
        ([CLAUSE], Y, "$x is not declared, but others are"),
        ([CLAUSE], link("VariableList", X, X), "$x is declared twice"),
        ([CLAUSE], concept("x"), "only a Variable or a Glob can be declared"),
        ([CLAUSE], CLAUSE, "declares no variable"),
        ([CLAUSE], typed(X, "Concep"), "did you mean Concept?"),
        ([CLAUSE], link("TypedVariable", X, "Concept"), "is a Type, a TypeInh, a TypeChoice"),
        ([CLAUSE], link("TypedVariable", X, link("TypeChoice")), "may be of no type"),
        ([CLAUSE], link("TypedVariable", X, interval(1, 2)), "can have no Interval"),
        ([link("List", G)], link("TypedVariable", G, interval(3, 2)), "stands for 3 to 2 atoms"),
        ([link("List", G)], link("TypedVariable", G, interval(0.5, 2)), "that are whole"),
        ([link("List", G)], link("TypedVariable", G, interval("one", 2)), "that are whole"),
        ([link("List", G)], link("TypedVariable", G, interval("inf", 2)), "that are whole"),
        ([link("List", G)], link("TypedVariable", G, link("Interval")), "that are whole"),
        ([G], None, "cannot be a clause"),
        ([link("Inheritence", X, Y)], None, "did you mean Inheritance?"),
        ([link("Concept", X)], None, "a link cannot be Concept"),
        ([Node("List", "x")], None, "a node cannot be List"),
        ([link("Choice")], None, "a Choice of nothing"),
        ([link("Choice", CLAUSE, link("Inheritance", X, Y))], None, "$y stands in some"),
        ([link("Absent", CLAUSE, CLAUSE)], None, "Absent takes one clause, not 2"),
        ([link("Absent", link("Always", CLAUSE))], None, "beside the other clauses"),
        ([CLAUSE, link("Not", CLAUSE)], None, "Not is not evaluated here"),
        ([CLAUSE, link("GreaterThan", X, Y)], None, "GreaterThan is not evaluated here"),
        ([link("Unquote", X)], None, "nothing in it can be unquoted"),
        ([link("Quote", X, Y)], None, "a quote holds one atom"),
        ([link("List", G), link("Set", G)], None, "a Glob stands for atoms in order or"),
        ([nested(CLAUSE, "And", 51)], None, "nested deeper than 50"),
        ([nested(CLAUSE, "And", 100_000)], None, "nested deeper than 50"),
        ([nested(X, "List", 100_000)], None, "at most 256 links with variables"),
        ([nested(X, "Present", 100_000)], None, "at most 256 links with variables"),
    ],
)
def test_a_pattern_that_cannot_be_asked(
    clauses: Sequence[Atom], variables: Atom | None, sentence: str
) -> None:
    with pytest.raises(PatternError) as refused:
        Query(clauses, TYPES, variables=variables)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("atom", "sentence"),
    [
        (concept("cat"), "a query is a Meet, Get, Query or Bind"),
        (CLAUSE, "a query is a Meet, Get, Query or Bind"),
        (link("Meet"), "is written Meet [variables] body"),
        (link("Meet", CLAUSE, CLAUSE), "is written Meet [variables] body"),
        (link("Query", CLAUSE), "is written Query [variables] body rewrite"),
        (link("Meet", link("And")), "asks for nothing"),
        (link("Query", CLAUSE, link("List", Z)), "$z stands in the rewrite, but no clause grounds"),
        (link("Query", link("Absent", CLAUSE), X), "$x stands in the rewrite"),
        (link("Query", X, CLAUSE, nested(Y, "List", 100_000)), "$y stands in the rewrite"),
    ],
)
def test_an_atom_that_is_no_query(atom: Atom, sentence: str) -> None:
    with pytest.raises(PatternError) as refused:
        read_query(atom, TYPES)
    assert sentence in str(refused.value)


def test_a_stranger_in_a_pattern() -> None:
    for stranger in (None, "cat", 7):
        with pytest.raises(PatternError, match="nodes and links"):
            Query([Link("List", (X, stranger))], TYPES)  # type: ignore[arg-type]
        with pytest.raises(PatternError, match="nodes and links"):
            Query([CLAUSE], TYPES, rewrites=[stranger])  # type: ignore[list-item]
        with pytest.raises(PatternError, match="nodes and links"):
            Query([stranger], TYPES)  # type: ignore[list-item]


def test_how_a_query_is_asked() -> None:
    space = AtomSpace()
    query = Query([CLAUSE, link("List", G, X)], space.types)

    for limit in (-1, 1.5, "2"):
        with pytest.raises(PatternError, match="whole number from 0"):
            query.groundings(space, limit=limit)  # type: ignore[arg-type]
        with pytest.raises(PatternError, match="whole number from 0"):
            query.answers(space, limit=limit)  # type: ignore[arg-type]
        with pytest.raises(PatternError, match="whole number from 0"):
            ask(space, link("Dual", CLAUSE), limit=limit)  # type: ignore[arg-type]
    with pytest.raises(PatternError, match="give the clock too"):
        query.groundings(space, deadline=1.0)
    with pytest.raises(PatternError, match="give the clock too"):
        recognised(space, CLAUSE, deadline=1.0)
    with pytest.raises(PatternError, match="none of this query's variables: \\$x, \\$g"):
        query.groundings(space, given={Y: concept("cat")})
    with pytest.raises(PatternError, match="give it a List"):
        query.groundings(space, given={G: concept("cat")})
    with pytest.raises(PatternError, match="the one atom to recognise, not 2"):
        ask(space, link("Dual", CLAUSE, CLAUSE))
