"""Atoms that nodes and tasks declare, and patterns over both.

A node declares atoms in Scheme notation; a task may require that a pattern is found among them and
the task's own atoms. Only what is declared is looked at: nothing is read out of prose, and nothing
is run. A pattern is asked once for each class and node, and gives up after a number of steps, not
seconds, so that every orchestrator decides the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import count
from typing import Final

from cognitive_architecture.atomspace import AtomSpace, standard_types
from cognitive_architecture.atomspace.atoms import Atom, Link
from cognitive_architecture.atomspace.errors import AtomSpaceError
from cognitive_architecture.atomspace.notation import read
from cognitive_architecture.atomspace.patterns import DeadlinePassed, Query, read_query
from cognitive_architecture.foundation.sentences import sentence_of, shown

NODE_TEXT_MAX: Final = 16_384
"""Characters of the atoms of a node."""
NODE_ATOMS_MAX: Final = 500
"""Atoms of a node, those inside others counted."""
TASK_TEXT_MAX: Final = 4_096
TASK_ATOMS_MAX: Final = 100
PATTERN_TEXT_MAX: Final = 2_000
STEPS_MAX: Final = 64 * 64
"""Steps of the search in the atoms of one node; a few milliseconds at most."""

_LOOKS_MAX: Final = STEPS_MAX // 64
"""A search looks at its clock every 64 steps; ours counts the looks."""
_REMEMBERED: Final = 1024


class Undeclarable(Exception):
    """The text declares no atoms, or is no pattern; the sentence says why."""


def space_of(text: str, *, text_max: int, atoms_max: int) -> AtomSpace:
    """The atoms that a text declares.

    Raises:
        Undeclarable: It is not in Scheme notation, or there is too much of it.
    """
    space = AtomSpace()
    for atom in _atoms(text, text_max):
        try:
            space.add(atom)
        except AtomSpaceError as error:
            raise Undeclarable(sentence_of(error)) from None
        if len(space) > atoms_max:
            raise Undeclarable(f"at most {atoms_max:,} atoms, those inside others counted")
    return space


@lru_cache(_REMEMBERED)
def read_pattern(text: str) -> Query:
    """The question whether something is there that looks like the text.

    A ``Meet`` or ``Get`` may declare the types of its variables; any other link is a pattern by
    itself, and an ``And`` several that must hold together.

    Raises:
        Undeclarable: It is no pattern.
    """
    atoms = _atoms(text, PATTERN_TEXT_MAX)
    if len(atoms) != 1:
        raise Undeclarable(f"one pattern, not {len(atoms)}; And holds several together")
    (atom,) = atoms
    try:
        if atom.type in ("Meet", "Get"):
            return read_query(atom, standard_types())
        clauses = atom.out if isinstance(atom, Link) and atom.type == "And" else [atom]
        return Query(clauses, standard_types())
    except AtomSpaceError as error:
        raise Undeclarable(sentence_of(error)) from None


def pattern_refusal(declared: AtomSpace | None, pattern: str, task_atoms: str) -> str | None:
    """Why the pattern is not found, or ``None`` if it is.

    Args:
        declared: The atoms of the node; ``None`` if it declares none.
        pattern: As ``read_pattern`` reads it.
        task_atoms: The atoms of the task, in Scheme notation.
    """
    space = declared if declared is not None else AtomSpace()
    if task_atoms:
        both = AtomSpace()
        for atom in (*space, *_atoms(task_atoms, TASK_TEXT_MAX)):
            both.add(atom)
        space = both
    looks = count()
    try:
        found = read_pattern(pattern).groundings(
            space, limit=1, deadline=_LOOKS_MAX, clock=lambda: float(next(looks))
        )
        if next(found, None) is not None:
            return None
    except DeadlinePassed:
        return f"to look for {shown(pattern)} among its atoms takes over {STEPS_MAX:,} steps"
    if declared is None:
        return f"it declares no atoms, and {shown(pattern)} is looked for"
    return f"nothing it declares looks like {shown(pattern, 200)}"


def _atoms(text: str, text_max: int) -> Sequence[Atom]:
    if len(text) > text_max:
        raise Undeclarable(f"at most {text_max:,} characters, not {len(text):,}")
    return _read_atoms(text)


@lru_cache(_REMEMBERED)
def _read_atoms(text: str) -> tuple[Atom, ...]:
    try:
        return tuple(expression.atom for expression in read(text))
    except AtomSpaceError as error:
        raise Undeclarable(sentence_of(error)) from None
