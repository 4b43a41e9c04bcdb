"""Many memory nodes answer as one space with all atoms would."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from cognitive_architecture.atomspace import (
    Atom,
    AtomInUse,
    AtomSpace,
    Link,
    Node,
    PatternError,
    TruthValue,
    UnknownAtom,
)
from cognitive_architecture.atomspace.patterns import ask, read_query
from cognitive_architecture.hypergraph import Hypergraph
from tests.support.examples import quick
from tests.unit.atomspace.patterns.test_against_oracle import CONSTANTS, NESTED, questions

from .town import a_town, names


async def answers(graph: Hypergraph, query: Atom) -> set[Atom]:
    found = await graph.query(query, limit=100_000)
    assert found.is_all
    assert not found.coverage.is_partial
    return set(found.atoms)


@given(questions(), st.integers(1, 4), st.booleans())
@quick(150)
def test_a_query_gives_what_it_gives_of_one_space(
    question: tuple[list[Atom], list[Atom]], nodes: int, rewrites: bool
) -> None:
    atoms, clauses = question
    space = AtomSpace()
    for atom in atoms:
        space.add(atom)
    body = Link("And", tuple(clauses))
    try:
        variables = read_query(Link("Meet", (body,)), space.types).variables
        query = Link("Meet", (body,))
        if rewrites and variables:
            query = Link("Query", (body, Link("List", variables)))
            read_query(query, space.types)
    except PatternError:
        assume(False)
        raise

    async def compare() -> None:
        async with a_town(*names(nodes)) as town:
            graph = town.hypergraph()
            await graph.add(atoms)
            assert await answers(graph, query) == set(ask(space, query))

    asyncio.run(compare())


def with_types() -> st.SearchStrategy[Atom]:
    return st.sampled_from(
        [
            Link("TypedVariable", (Node("Variable", "$x"), Node("Type", "Concept"))),
            Link("TypedVariable", (Node("Variable", "$x"), Node("TypeInh", "Link"))),
            Node("Variable", "$x"),
        ]
    )


@given(st.lists(NESTED, max_size=6), with_types(), st.booleans())
@quick(25)
def test_a_clause_that_is_a_variable_or_a_constant_is_answered_too(
    atoms: list[Atom], declared: Atom, is_quoted: bool
) -> None:
    space = AtomSpace()
    for atom in atoms:
        space.add(atom)
    x = Node("Variable", "$x")
    also = Link("LocalQuote", (Link("List", (CONSTANTS[0],)),)) if is_quoted else CONSTANTS[0]
    query = Link("Meet", (declared, Link("Present", (x, also))))
    try:
        read_query(query, space.types)
    except PatternError:
        assume(False)
        raise

    async def compare() -> None:
        async with a_town(*names(3)) as town:
            graph = town.hypergraph()
            await graph.add(atoms)
            assert await answers(graph, query) == set(ask(space, query))

    asyncio.run(compare())


WRITES = st.lists(
    st.tuples(st.sampled_from(["add", "add", "set", "remove", "remove all"]), NESTED),
    min_size=1,
    max_size=8,
)


@given(WRITES, st.integers(1, 3))
@quick(60)
def test_writes_one_after_the_other_do_what_they_do_to_one_space(
    writes: list[tuple[str, Atom]], nodes: int
) -> None:
    async def compare() -> None:
        space = AtomSpace()
        async with a_town(*names(nodes)) as town:
            graph = town.hypergraph()
            for number, (what, atom) in enumerate(writes):
                truth = TruthValue(1.0 / (number + 1), 0.5)
                theirs = await outcome(write_there(graph, what, atom, truth))
                ours = outcome_here(space, what, atom, truth)
                assert theirs == ours
            everything = Link("Meet", (Node("Variable", "$x"),))
            assert await answers(graph, everything) == set(space)
            known = await graph.values(list(space))
            assert {one: dict(said) for one, said in known.values.items()} == {
                one: dict(space.values(one)) for one in space
            }
            await town.heal()
            assert town.copies_are_whole()

    asyncio.run(compare())


async def write_there(graph: Hypergraph, what: str, atom: Atom, truth: TruthValue) -> Any:
    match what:
        case "add":
            await graph.add([atom])
        case "set":
            await graph.set_values({atom: {"truth": truth}})
        case _:
            return await graph.remove([atom], with_incoming=what == "remove all")
    return None


def write_here(space: AtomSpace, what: str, atom: Atom, truth: TruthValue) -> Any:
    match what:
        case "add":
            space.add(atom)
        case "set":
            space.set_value(atom, "truth", truth)
        case _:
            return space.remove(atom, with_incoming=what == "remove all")
    return None


async def outcome(write: Any) -> Any:
    try:
        return await write
    except (AtomInUse, UnknownAtom) as error:
        return type(error)


def outcome_here(space: AtomSpace, what: str, atom: Atom, truth: TruthValue) -> Any:
    try:
        return write_here(space, what, atom, truth)
    except (AtomInUse, UnknownAtom) as error:
        return type(error)
