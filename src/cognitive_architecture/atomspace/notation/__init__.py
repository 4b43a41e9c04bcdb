"""Atoms as text: Scheme Atomese in two dialects, and expressions of MeTTa.

    for expression in read('(Inheritance (Concept "cat") (Concept "animal"))'):
        print(write(expression.atom, expression.values, dialect="classic"))

``dialects`` says what the dialects are, ``value_brackets`` how values are written, ``metta`` how
MeTTa's words keep the types of atoms, ``words`` which escapes there are.
"""

from cognitive_architecture.atomspace.notation.conversion import converted
from cognitive_architecture.atomspace.notation.dialects import (
    ATTENTION,
    REPLACED,
    TRUTH,
    CannotSay,
    Dialect,
)
from cognitive_architecture.atomspace.notation.reading import Expression, read
from cognitive_architecture.atomspace.notation.transfer import dump, load
from cognitive_architecture.atomspace.notation.writing import write

__all__ = [
    "ATTENTION",
    "REPLACED",
    "TRUTH",
    "CannotSay",
    "Dialect",
    "Expression",
    "converted",
    "dump",
    "load",
    "read",
    "write",
]
