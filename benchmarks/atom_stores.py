"""The stores of atoms that are compared, and the work each is given."""

from __future__ import annotations

import time
from typing import Protocol

from cognitive_architecture.atomspace import Atom, AtomSpace, Link, Node
from cognitive_architecture.atomspace.patterns import Query


class AtomStore(Protocol):
    """A store in this process's memory. Links are ``(type n<i> <group><i mod groups>)``."""

    name: str

    def open(self) -> None:
        """Begin with an empty store.

        Raises:
            Unavailable: It is not installed; the sentence says how to.
        """
        ...

    def add(self, relation: str, group: str, count: int, groups: int) -> float:
        """Add ``count`` links, making the atoms they hold; seconds."""
        ...

    def match(self, relation: str, count: int) -> float:
        """For each of ``count`` atoms, find its link and the other atom in it; seconds."""
        ...

    def join(self, one: tuple[str, str], other: tuple[str, str]) -> tuple[int, float]:
        """Find what has a link of each relation to each group; how many, and seconds."""
        ...


class OurSpace:
    """The AtomSpace of this package."""

    name = "atomspace"

    def __init__(self) -> None:
        self.space = AtomSpace()

    def open(self) -> None:
        """A new space."""
        self.space = AtomSpace()

    def add(self, relation: str, group: str, count: int, groups: int) -> float:
        """One by one, as a program would."""
        began = time.perf_counter()
        node, link = self.space.node, self.space.link
        members = [node("Concept", f"{group}{number}") for number in range(groups)]
        for number in range(count):
            link(relation, node("Concept", f"n{number}"), members[number % groups])
        return time.perf_counter() - began

    def match(self, relation: str, count: int) -> float:
        """By the index of places."""
        began = time.perf_counter()
        for number in range(count):
            for link in self.space.links_at(relation, 0, 2, Node("Concept", f"n{number}")):
                assert link.out[1] is not None
        return time.perf_counter() - began

    def join(self, one: tuple[str, str], other: tuple[str, str]) -> tuple[int, float]:
        """A query of two clauses, compiled and asked."""
        began = time.perf_counter()
        clauses = [Link(relation, (_X, Node("Concept", name))) for relation, name in (one, other)]
        query = Query(clauses, self.space.types)
        found = [grounding[_X] for grounding in query.groundings(self.space)]
        return len(found), time.perf_counter() - began

    def match_by_query(self, relation: str, count: int) -> float:
        """As ``match``, by a query that is compiled once; seconds."""
        began = time.perf_counter()
        query = Query([Link(relation, (_A, _X))], self.space.types)
        for number in range(count):
            given: dict[Node, Atom] = {_A: Node("Concept", f"n{number}")}
            for grounding in query.groundings(self.space, given=given):
                assert grounding[_X] is not None
        return time.perf_counter() - began


_A, _X = Node("Variable", "$a"), Node("Variable", "$x")


def peers() -> list[AtomStore]:
    """The other stores."""
    from .peers.hyperon_space import HyperonSpace
    from .peers.oxigraph_store import OxigraphStore

    return [HyperonSpace(), OxigraphStore()]


def store(name: str) -> AtomStore:
    """The one of this name."""
    return next(one for one in [OurSpace(), *peers()] if one.name == name)
