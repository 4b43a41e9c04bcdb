"""A space of typed atoms: nodes and links, with values on them, found by what they hold where.

    types ──▶ space ◀── atoms, values        table     where atoms are filed
                │                            snapshot  a space as it was at one instant
                └─▶ changes                  errors    what is raised on purpose

    >>> space = AtomSpace()
    >>> cat, animal = space.node("Concept", "cat"), space.node("Concept", "animal")
    >>> link = space.link("Inheritance", cat, animal)
    >>> list(space.links_at("Inheritance", 1, 2, animal)) == [link]
    True

It knows no clock, no thread, no file and no network.
"""

from cognitive_architecture.atomspace.atoms import Atom, Link, Node
from cognitive_architecture.atomspace.changes import Added, Change, Listener, Removed, ValueSet
from cognitive_architecture.atomspace.errors import (
    AtomInUse,
    AtomSpaceError,
    AtomTypeError,
    InvalidValue,
    NotationError,
    PatternError,
    UnknownAtom,
)
from cognitive_architecture.atomspace.snapshot import AtomSpaceView
from cognitive_architecture.atomspace.space import AtomSpace
from cognitive_architecture.atomspace.types import Kind, TypeHierarchy, standard_types
from cognitive_architecture.atomspace.values import (
    AttentionValue,
    FloatValue,
    LinkValue,
    Provenance,
    StringValue,
    TruthValue,
    Value,
)

__all__ = [
    "Added",
    "Atom",
    "AtomInUse",
    "AtomSpace",
    "AtomSpaceError",
    "AtomSpaceView",
    "AtomTypeError",
    "AttentionValue",
    "Change",
    "FloatValue",
    "InvalidValue",
    "Kind",
    "Link",
    "LinkValue",
    "Listener",
    "Node",
    "NotationError",
    "PatternError",
    "Provenance",
    "Removed",
    "StringValue",
    "TruthValue",
    "TypeHierarchy",
    "UnknownAtom",
    "Value",
    "ValueSet",
    "standard_types",
]
