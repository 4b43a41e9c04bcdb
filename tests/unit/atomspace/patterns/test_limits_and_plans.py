"""Limits, deadlines, plans, and the inverse of a search."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count, islice

import pytest

from cognitive_architecture.atomspace import Atom, AtomSpace, Link, Node
from cognitive_architecture.atomspace.patterns import (
    DeadlinePassed,
    Grounding,
    Query,
    ask,
    explain,
    recognised,
)

from .words import G, X, Y, concept, link


def numbers(many: int) -> AtomSpace:
    space = AtomSpace()
    for number in range(many):
        space.add(link("Inheritance", f"n{number}", f"m{number % 10}"))
        space.add(link("Member", f"n{number}", f"k{number % 7}"))
    return space


def ticking() -> Callable[[], float]:
    """A clock that goes on by a second whenever it is looked at."""
    instants: Iterator[int] = count()
    return lambda: float(next(instants))


def test_a_limit_is_kept() -> None:
    space = numbers(100)
    meet = link("Meet", link("Inheritance", X, Y))

    for limit in (0, 1, 7, 1000):
        assert len(list(ask(space, meet, limit=limit))) == min(limit, 100)


def test_nothing_is_searched_before_it_is_asked_for() -> None:
    space = numbers(1000)
    clauses = [link("Inheritance", X, Y), link("Member", X, Node("Variable", "$z"))]
    clock = ticking()

    found = Query(clauses, space.types).groundings(space, deadline=1e9, clock=clock)

    assert clock() == 0.0
    assert len(list(islice(found, 3))) == 3
    assert clock() < 5.0


@pytest.mark.parametrize(
    "clause",
    [
        link("Inheritance", X, Y),
        link("Inheritance", X, X),
        link("List", G, X),
        link("Set", X, Y),
        link("Absent", link("Member", X, X)),
        Y,
    ],
)
def test_a_deadline_is_noticed_even_where_nothing_is_found(clause: Atom) -> None:
    space = numbers(500)
    for number in range(300):
        space.add(link("Set", "a", "b", f"s{number}"))
        space.add(link("List", "a", f"s{number}"))
    query = Query([clause, Y, link("Choice", Y, Y)], space.types)

    with pytest.raises(DeadlinePassed) as passed:
        list(query.groundings(space, deadline=3.0, clock=ticking()))

    assert passed.value.deadline == 3.0
    assert "not done at its deadline (3 s)" in str(passed.value)


def test_a_deadline_in_the_past_gives_nothing() -> None:
    space = numbers(10)
    meet = link("Meet", link("Inheritance", X, "m1"))
    dual = link("Dual", link("Inheritance", "n1", "m1"))

    with pytest.raises(DeadlinePassed):
        next(ask(space, meet, deadline=-1.0, clock=ticking()))
    with pytest.raises(DeadlinePassed):
        next(ask(space, dual, deadline=-1.0, clock=ticking()))


def test_many_ways_of_one_set_end_at_the_deadline() -> None:
    space = AtomSpace()
    space.add(link("Set", *(f"n{number}" for number in range(40))))
    halves = link("Set", G, Node("Glob", "$h"))

    with pytest.raises(DeadlinePassed):
        list(Query([halves], space.types).groundings(space, deadline=50.0, clock=ticking()))


def test_what_was_found_before_the_deadline_holds() -> None:
    space = numbers(500)
    found = Query([link("Inheritance", X, Y)], space.types).groundings(
        space, deadline=3.0, clock=ticking()
    )
    kept: list[Grounding] = []
    with pytest.raises(DeadlinePassed):
        kept.extend(iter(lambda: next(found), None))
    assert len(kept) > 100


def test_a_plan_begins_where_least_is_known() -> None:
    space = numbers(700)
    few, many = link("Inheritance", X, "m1"), link("Member", X, "k3")
    plans = {
        explain(Query(clauses, space.types), space).replace("#2", "#").replace("#4", "#")
        for clauses in ([few, many], [many, few])
    }

    for plan in plans:
        first, second = plan.splitlines()
        assert first.startswith("1. Look for # = Inheritance($x, ")
        assert first.endswith(": 70.")
        assert second.startswith("2. Check # = Member($x, ")


def test_a_plan_says_everything_that_is_done() -> None:
    space = numbers(70)
    clauses: list[Atom] = [
        link("Inheritance", link("List", X, Y), "m1"),
        link("Set", X, Y),
        link("Member", X, Node("Variable", "$z")),
        link("Choice", link("Member", Y, "k1"), link("Member", Y, "k2")),
        link("Absent", link("Member", X, Y)),
        Node("Variable", "$w"),
        link("Inheritance", "n1", "m1"),
        link("Edge", Node("Variable", "$u"), Node("Variable", "$v")),
        link("Always", link("Member", Y, Y)),
    ]

    plan = explain(Query(clauses, space.types), space)

    for said in (
        "Look for",
        "whichever are fewest",
        "Look at every link for",
        "Look at every atom that $w may be: 227",
        "Check that Link('Inheritance'",
        "Check that nothing satisfies",
        "Try each of 2 alternatives",
        "only if Always holds for each",
    ):
        assert said in plan


def test_patterns_that_match_are_recognised() -> None:
    space = AtomSpace()
    love = [
        space.add(link("List", X, "love", Y)),
        space.add(link("List", "i", "love", G)),
        space.add(link("List", G, "you")),
    ]
    others = [
        link("List", X, "hate", Y),
        link("List", X, "love", X),
        link("List", "i", "love"),
        link("List", "i", "love", "you"),
        link("List", "i", "love", G, "you"),
    ]
    for other in others:
        space.add(other)
    rule = space.add(link("Query", love[0], link("List", Y, "knows")))
    sentence = link("List", "i", "love", "you")

    found = {one.pattern: one.grounding for one in recognised(space, sentence)}

    assert found == {
        love[0]: {X: concept("i"), Y: concept("you")},
        love[1]: {G: link("List", "you")},
        love[2]: {G: link("List", "i", "love")},
    }
    assert set(ask(space, link("Dual", sentence))) == set(love)
    assert list(space.incoming(love[0], "Query")) == [rule]


def test_patterns_in_patterns_are_recognised_though_the_atom_is_unknown() -> None:
    space = AtomSpace()
    pattern = space.add(link("Evaluation", Node("Predicate", "likes"), link("Set", X, "new")))

    atom = link("Evaluation", Node("Predicate", "likes"), link("Set", "new", link("List", "a")))

    (one,) = recognised(space, atom)
    assert one.pattern == pattern
    assert one.grounding == {X: link("List", "a")}
    assert list(recognised(space, concept("new"))) == []


@pytest.mark.parametrize("is_known", [False, True])
def test_a_deep_atom_is_recognised_as_far_as_patterns_go(is_known: bool) -> None:
    """Were each part of it compared down to the leaf, this would take minutes."""
    space = AtomSpace()
    pattern = space.add(link("Member", X, "all"))
    deep: Atom = concept("leaf")
    for _ in range(20_000):
        deep = Link("List", (deep,))
    if is_known:
        space.add(deep)

    (one,) = recognised(space, Link("Member", (deep, concept("all"))))

    assert one.pattern == pattern
