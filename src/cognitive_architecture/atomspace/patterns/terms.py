"""What must be known of a space to answer a query: the atoms that look like one of its terms.

A query asks of a space only whether atoms that look like its terms are in it, those under Absent
and Always too. So of a space that is spread over several places, everything that looks like a term
can be gathered from each, and the whole query be asked of that: the answers are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from cognitive_architecture.atomspace.atoms import Atom, Link, Node, last_first
from cognitive_architecture.atomspace.patterns.declaring import is_variable
from cognitive_architecture.atomspace.patterns.reading import parts_of_query

_JOINING: Final = frozenset({"Present", "And", "Choice", "Or", "Absent", "Always"})


def terms_of(query: Atom) -> list[Link]:
    """For each term of a query another query that gives the atoms that look like it.

    Args:
        query: A Meet, Get, Query or Bind that can be asked (``read_query``).

    Returns:
        Queries of one term each, no two alike.

    Raises:
        PatternError: The query is none of these.
    """
    parts = parts_of_query(query)
    declared = _declared(parts.variables)
    found: dict[Link, None] = {}
    for term in _terms(parts.clauses):
        plain = _without_local_quotes(term)
        named = [one for one in last_first(plain, _unquoted) if is_variable(one)]
        declarations = tuple(declared[one] for one in named if one in declared)
        asked = Link("Present", (plain,))
        if declarations:
            found[Link("Query", (Link("VariableList", declarations), asked, plain))] = None
        else:
            found[Link("Query", (asked, plain))] = None
    return list(found)


def _terms(clauses: Sequence[Atom]) -> Iterator[Atom]:
    waiting = list(reversed(clauses))
    while waiting:
        clause = waiting.pop()
        if not isinstance(clause, Link) or clause.type not in _JOINING:
            yield clause
        elif clause.type == "Present":
            yield from clause.out
        else:
            waiting += reversed(clause.out)


def _declared(variables: Atom | None) -> dict[Atom, Atom]:
    """For each declared variable its declaration."""
    if variables is None:
        return {}
    several = isinstance(variables, Link) and variables.type == "VariableList"
    each = variables.out if several and isinstance(variables, Link) else (variables,)
    return {one.out[0] if isinstance(one, Link) else one: one for one in each}


def _unquoted(atom: Atom) -> Sequence[Atom]:
    return atom.out if isinstance(atom, Link) and atom.type != "Quote" else ()


def _without_local_quotes(term: Atom) -> Atom:
    """A term that looks for the same without LocalQuote, which a template would write."""
    formed: dict[Atom, Atom] = {}
    for part in last_first(term, _unquoted):
        if isinstance(part, Node) or part.type == "Quote":
            formed[part] = part
        elif part.type == "LocalQuote" and len(part.out) == 1:
            formed[part] = formed[part.out[0]]
        else:
            formed[part] = Link(part.type, tuple([formed[inner] for inner in part.out]))
    return formed[term]
