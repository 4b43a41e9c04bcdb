"""Patterns over a space: what is there that looks like this, and what to make of it.

    reading ──▶ query ──▶ compiling ──▶ goals          what a pattern is made of
       │          │       declaring                    what its variables may be
       │          └─────▶ searching ──▶ steps          how its goals are reached
       │                                arranging      unordered links and Globs
       ├──▶ terms         what must be known of a space to answer a query
       ├──▶ recognition   the inverse: the patterns that match an atom
       └──▶ explaining    the plan in sentences

    >>> space = AtomSpace()
    >>> cat, animal = space.node("Concept", "cat"), space.node("Concept", "animal")
    >>> _ = space.link("Inheritance", cat, animal)
    >>> x = Node("Variable", "$x")
    >>> query = Query([Link("Inheritance", (x, animal))], space.types)
    >>> [grounding[x].name for grounding in query.groundings(space)]
    ['cat']

It knows no clock: who sets a deadline gives one.
"""

from cognitive_architecture.atomspace.patterns.explaining import explain
from cognitive_architecture.atomspace.patterns.mistakes import DeadlinePassed
from cognitive_architecture.atomspace.patterns.query import Query
from cognitive_architecture.atomspace.patterns.reading import ask, read_query
from cognitive_architecture.atomspace.patterns.recognition import Recognition, recognised
from cognitive_architecture.atomspace.patterns.rewriting import Grounding
from cognitive_architecture.atomspace.patterns.terms import terms_of

__all__ = [
    "DeadlinePassed",
    "Grounding",
    "Query",
    "Recognition",
    "ask",
    "explain",
    "read_query",
    "recognised",
    "terms_of",
]
