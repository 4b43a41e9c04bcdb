"""Statements, and the rules that make one of others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cognitive_architecture.atomspace.atoms import Atom, Link, canonical
from cognitive_architecture.atomspace.inference import formulas
from cognitive_architecture.atomspace.values import TruthValue


class Rule(StrEnum):
    """How a statement was concluded; what each takes and gives."""

    DEDUCTION = "deduction"
    """A → B, B → C: A → C"""
    INDUCTION = "induction"
    """A → B, A → C: B → C"""
    ABDUCTION = "abduction"
    """A → B, C → B: A → C"""
    INVERSION = "inversion"
    """A → B: B → A"""
    SIMILARITY_OF = "similarity of"
    """A → B, B → A: A ~ B"""
    INHERITANCE_OF = "inheritance of"
    """A ~ B: A → B"""
    REVISION = "revision"
    """Two opinions on one link, from different evidence."""


SYMMETRIC: Final = {"Inheritance": "Similarity", "Implication": "Equivalence"}
"""For each type of link that has a direction, the one that says it of both."""
DIRECTED: Final = {symmetric: directed for directed, symmetric in SYMMETRIC.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """A link, how true it is, and why; two are the same only if they are one object."""

    link: Link
    truth: TruthValue
    rule: Rule | None
    """``None``: it was given."""
    premises: tuple[Statement, ...]
    evidence: frozenset[Link]
    """The given links that it rests on; of a given one, itself."""
    depth: int
    """How many rules lie between it and what was given, on the longest way."""

    @property
    def is_directed(self) -> bool:
        """Whether it goes one way: A → B rather than A ~ B."""
        return self.link.type in SYMMETRIC


def given(link: Link, truth: TruthValue) -> Statement:
    """A statement that rests on itself alone."""
    return Statement(link, truth, None, (), frozenset((link,)), 0)


Terms = Callable[[Atom], TruthValue]


def is_independent(one: Statement, other: Statement) -> bool:
    """Whether they share no evidence; what is shared must not be counted twice."""
    return one.evidence.isdisjoint(other.evidence)


def deduced(ab: Statement, bc: Statement, terms: Terms) -> Statement:
    """A → C."""
    (a, b), (_, c) = ab.link.out, bc.link.out
    truth = formulas.deduction(ab.truth, bc.truth, terms(a), terms(b), terms(c))
    return concluded(Rule.DEDUCTION, (ab, bc), (a, c), truth)


def induced(ab: Statement, ac: Statement, terms: Terms) -> Statement:
    """B → C."""
    (a, b), (_, c) = ab.link.out, ac.link.out
    truth = formulas.induction(ab.truth, ac.truth, terms(a), terms(b), terms(c))
    return concluded(Rule.INDUCTION, (ab, ac), (b, c), truth)


def abduced(ab: Statement, cb: Statement, terms: Terms) -> Statement:
    """A → C."""
    (a, b), (c, _) = ab.link.out, cb.link.out
    truth = formulas.abduction(ab.truth, cb.truth, terms(a), terms(b), terms(c))
    return concluded(Rule.ABDUCTION, (ab, cb), (a, c), truth)


def inverted(ab: Statement, terms: Terms) -> Statement:
    """B → A."""
    a, b = ab.link.out
    truth = formulas.inversion(ab.truth, terms(a), terms(b))
    return concluded(Rule.INVERSION, (ab,), (b, a), truth)


def made_similar(ab: Statement, ba: Statement) -> Statement:
    """A ~ B."""
    truth = formulas.similarity_of(ab.truth, ba.truth)
    out = canonical(ab.link.out)
    return concluded(Rule.SIMILARITY_OF, (ab, ba), out, truth, SYMMETRIC[ab.link.type])


def made_directed(similar: Statement, a: Atom, b: Atom, terms: Terms) -> Statement:
    """A → B."""
    truth = formulas.inheritance_of(similar.truth, terms(a), terms(b))
    directed = DIRECTED[similar.link.type]
    return concluded(Rule.INHERITANCE_OF, (similar,), (a, b), truth, directed)


def revised(one: Statement, other: Statement) -> Statement:
    """Both opinions as one."""
    truth = formulas.revision(one.truth, other.truth)
    return concluded(Rule.REVISION, (one, other), one.link.out, truth)


def concluded(
    rule: Rule,
    premises: tuple[Statement, ...],
    out: tuple[Atom, ...],
    truth: TruthValue,
    link_type: str | None = None,
) -> Statement:
    """A statement that rests on its premises; without a type, of that of the first one's link."""
    link = Link(link_type or premises[0].link.type, out)
    evidence = frozenset().union(*(premise.evidence for premise in premises))
    depth = 1 + max(premise.depth for premise in premises)
    return Statement(link, truth, rule, premises, evidence, depth)
