"""From what was written in a notation to what is to be kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cognitive_architecture.atomspace import Atom, AtomSpace, Value
from cognitive_architecture.atomspace.atoms import inside
from cognitive_architecture.atomspace.notation import Dialect, read
from cognitive_architecture.atomspace.notation.reading import Expression

from .records import Record, added


def records_of(expressions: Iterable[Expression], stamp: str) -> list[Record]:
    """Records that add every atom of some expressions, with the values that stand on them.

    Args:
        expressions: Unordered links in canonical order, as reading gives them.
        stamp: Of all of these writes.

    Returns:
        A record for each atom and for each atom inside it, once; those a link goes to before it.

    Raises:
        NestedTooDeep: Links nest deeper than the mesh keeps.
    """
    written: dict[Atom, dict[str, Value]] = {}
    for expression in expressions:
        for part in inside(expression.atom):
            written.setdefault(part, {})
        for atom, values in expression.values.items():
            written.setdefault(atom, {}).update(values)
    return [added(atom, stamp, values) for atom, values in written.items()]


def records_of_space(space: AtomSpace, stamp: str) -> list[Record]:
    """Records that add all of a space, with the values on its atoms.

    Raises:
        NestedTooDeep: Links nest deeper than the mesh keeps.
    """
    return [added(atom, stamp, space.values(atom)) for atom in space]


def read_all(text: str, dialect: Dialect | str) -> list[Expression]:
    """All expressions of a text.

    Raises:
        NotationError: A mistake; it says line and column.
        AtomSpaceError: There is no such dialect.
    """
    return list(read(text, dialect=dialect))


def atoms_in(expressions: Iterable[Expression]) -> Mapping[Atom, Mapping[str, Value]]:
    """Every atom that was written for itself or has a value, and its values."""
    found: dict[Atom, dict[str, Value]] = {}
    for expression in expressions:
        found.setdefault(expression.atom, {})
        for atom, values in expression.values.items():
            found.setdefault(atom, {}).update(values)
    return found
