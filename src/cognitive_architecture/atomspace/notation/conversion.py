"""From what one dialect has to what another has."""

from __future__ import annotations

from collections.abc import Mapping

from cognitive_architecture.atomspace.atoms import Atom, Link, canonical, inside
from cognitive_architecture.atomspace.notation.dialects import (
    REPLACED,
    CannotSay,
    Dialect,
    dialect_of,
)
from cognitive_architecture.atomspace.notation.reading import Expression
from cognitive_architecture.atomspace.types import Kind, TypeHierarchy, standard_types
from cognitive_architecture.atomspace.values import Value
from cognitive_architecture.foundation.sentences import shown


def converted(
    expression: Expression, dialect: Dialect | str, *, types: TypeHierarchy | None = None
) -> Expression:
    """The same query in the types of another dialect.

    To ``2026`` each ``Bind`` becomes a ``Query`` and each ``Get`` a ``Meet``, to ``classic`` the
    other way; everything else stays as it is. ``metta`` has all types, so nothing changes.

    Args:
        expression: As it was read; it is not changed.
        dialect: Which is to be able to say it.
        types: What types there are; without it the standard ones.

    Raises:
        CannotSay: Two atoms with different values would become one.
        AtomTypeError: A type is unknown.
        AtomSpaceError: There is no such dialect.
    """
    names = _names(dialect_of(dialect))
    if not names:
        return expression
    became = _renamed(expression.atom, names, types or standard_types())
    values: dict[Atom, Mapping[str, Value]] = {}
    for atom, kept in expression.values.items():
        new = became.get(atom, atom)
        if values.setdefault(new, kept) != kept:
            raise CannotSay(
                f"{shown(atom)} would become {shown(new)}, on which there are other values: "
                "take one of the two out"
            )
    return Expression(became[expression.atom], values)


def _names(dialect: Dialect) -> Mapping[str, str]:
    """What types become, by their names."""
    match dialect:
        case Dialect.CLASSIC:
            return {new: old for old, new in REPLACED.items()}
        case Dialect.MODERN:
            return REPLACED
        case Dialect.METTA:
            return {}


def _renamed(root: Atom, names: Mapping[str, str], types: TypeHierarchy) -> dict[Atom, Atom]:
    """What each atom in an atom becomes."""
    became: dict[Atom, Atom] = {}
    for atom in inside(root):  # what is held comes before what holds it
        became[atom] = atom
        if isinstance(atom, Link):
            out = tuple([became[inner] for inner in atom.out])
            type_name = names.get(atom.type, atom.type)
            if type_name != atom.type or out != atom.out:
                is_unordered = types.kind(type_name) is Kind.UNORDERED
                became[atom] = Link(type_name, canonical(out) if is_unordered else out)
    return became
