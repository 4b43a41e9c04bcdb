"""Queries that are written as atoms.

    Meet  [variables] body                 what the variables stand for; classic: Get
    Query [variables] body rewrite…        what is made of that; classic: Bind
    Meet  (Lambda variables body)          the same as Meet variables body; of Query too
    Dual  atom                             the patterns of the space that match the atom

``Get`` and ``Bind`` of OpenCog differ from their successors only in wrapping all that is found in a
Set; here every query gives an iterator.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from cognitive_architecture.atomspace.atoms import Atom, Link
from cognitive_architecture.atomspace.errors import PatternError
from cognitive_architecture.atomspace.patterns.declaring import is_declaration
from cognitive_architecture.atomspace.patterns.goals import Space
from cognitive_architecture.atomspace.patterns.query import Clock, Query
from cognitive_architecture.atomspace.patterns.recognition import recognised
from cognitive_architecture.atomspace.patterns.watching import limited
from cognitive_architecture.atomspace.types import TypeHierarchy
from cognitive_architecture.foundation.sentences import shown

_MEETS: Final = frozenset({"Meet", "Get"})
_REWRITES: Final = frozenset({"Query", "Bind"})


class QueryParts(NamedTuple):
    """What a query is made of."""

    clauses: Sequence[Atom]
    variables: Atom | None
    """What declares its variables."""
    rewrites: Sequence[Atom]


def read_query(atom: Atom, types: TypeHierarchy) -> Query:
    """The query that a Meet, Get, Query or Bind is.

    Raises:
        PatternError: It is none of these, or cannot be asked.
    """
    parts = parts_of_query(atom)
    return Query(parts.clauses, types, variables=parts.variables, rewrites=parts.rewrites)


def parts_of_query(atom: Atom) -> QueryParts:
    """What a Meet, Get, Query or Bind is made of; whether it can be asked is not looked at.

    Raises:
        PatternError: It is none of these.
    """
    if not isinstance(atom, Link) or atom.type not in _MEETS | _REWRITES:
        raise PatternError(
            f"a query is a Meet, Get, Query or Bind, not {shown(atom, 200)}: put clauses into one"
        )
    parts = _without_lambda(atom)
    rewrites = 1 if atom.type in _REWRITES else 0
    # Of two, the first declares something only if nothing else has to be the body.
    is_declared = len(parts) >= 2 + rewrites and is_declaration(parts[0])
    variables = parts[0] if is_declared else None
    body, made = parts[is_declared : is_declared + 1], parts[is_declared + 1 :]
    if not body or (len(made) < rewrites) or (made and not rewrites):
        form = "[variables] body rewrite…" if rewrites else "[variables] body"
        raise PatternError(f"a {atom.type} is written {atom.type} {form}, not {shown(atom, 200)}")
    clause = body[0]
    joined = isinstance(clause, Link) and clause.type == "And"
    clauses = clause.out if joined and isinstance(clause, Link) else body
    return QueryParts(clauses, variables, made)


def _without_lambda(atom: Link) -> Sequence[Atom]:
    first = atom.out[0] if atom.out else None
    if isinstance(first, Link) and first.type == "Lambda":
        return (*first.out, *atom.out[1:])
    return atom.out


def ask(
    space: Space,
    atom: Atom,
    *,
    limit: int | None = None,
    deadline: float | None = None,
    clock: Clock | None = None,
) -> Iterator[Atom]:
    """What a Meet, Get, Query, Bind or Dual gives, found as it is asked for.

    Args:
        space: A space, or a snapshot of one. It takes nothing in: add what is to be kept.
        atom: The query; it need not be in the space. Who asks it often reads it once instead
            (:func:`read_query`).
        limit: At most so many.
        deadline: An instant of ``clock``.
        clock: Asked only where there is a deadline.

    Raises:
        PatternError: It cannot be asked; the sentence says what to change.
        DeadlinePassed: While it is asked for the next answer.
    """
    if isinstance(atom, Link) and atom.type == "Dual":
        if len(atom.out) != 1:
            raise PatternError(f"a Dual holds the one atom to recognise, not {len(atom.out)}")
        found = recognised(space, atom.out[0], deadline=deadline, clock=clock)
        return limited((match.pattern for match in found), limit)
    query = read_query(atom, space.types)
    return query.answers(space, limit=limit, deadline=deadline, clock=clock)
