"""The inverse of a search: which patterns of a space match this atom.

The candidates are found from the leaves up. A part of the atom is matched by itself, by every
Variable, and by the links of its type that hold, at every place, something that matches what the
part holds there. Which of these stand for one thing by one name is then asked of each candidate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from cognitive_architecture.atomspace.atoms import (
    Atom,
    Link,
    Node,
    inside,
)
from cognitive_architecture.atomspace.errors import PatternError
from cognitive_architecture.atomspace.patterns.compiling import Compiler
from cognitive_architecture.atomspace.patterns.declaring import GLOB, VARIABLE
from cognitive_architecture.atomspace.patterns.goals import LinkGoal, Registers, Space
from cognitive_architecture.atomspace.patterns.rewriting import Grounding
from cognitive_architecture.atomspace.patterns.searching import Search
from cognitive_architecture.atomspace.patterns.watching import Watched, watched
from cognitive_architecture.atomspace.space import AtomSpace
from cognitive_architecture.atomspace.types import Kind


@dataclass(frozen=True, slots=True)
class Recognition:
    """A pattern that matches, and what its variables stand for then."""

    pattern: Link
    grounding: Grounding


def recognised(
    space: Space,
    atom: Atom,
    *,
    deadline: float | None = None,
    clock: Callable[[], float] | None = None,
) -> Iterator[Recognition]:
    """Every pattern of a space that matches an atom, with one way in which it does.

    A pattern is a link with a Variable or Glob in it. What is declared of its variables by what
    holds it is not looked at: find the rules with ``space.incoming(pattern)`` and ask them.

    Args:
        space: Where the patterns are.
        atom: It need not be in the space.
        deadline: An instant of ``clock``.
        clock: Asked only where there is a deadline.

    Raises:
        AtomTypeError: It is no atom, or does not fit its type.
        PatternError: A deadline has no clock.
        DeadlinePassed: While it is asked for the next one.

    Source: the wiki of OpenCog, page DualLink. We differ: a Variable alone, which matches anything,
    is not given.
    """
    over = watched(deadline, clock)
    scratch = AtomSpace(space.types)
    return _recognised(space, scratch, scratch.add(atom), over)


def _recognised(
    space: Space, scratch: AtomSpace, atom: Atom, over: Watched
) -> Iterator[Recognition]:
    if not isinstance(atom, Link):
        return
    for pattern in over(_candidates(space, atom, over)):
        grounding = _match(scratch, pattern, atom, over)
        if grounding:  # without variables it is no pattern, but the atom itself
            yield Recognition(pattern, grounding)


def _match(scratch: AtomSpace, pattern: Link, atom: Link, over: Watched) -> Grounding | None:
    """What the variables of a pattern stand for if it is to be this atom."""
    registers = Registers()
    compiler = Compiler(scratch.types, registers, is_open=True)
    try:
        goals = compiler.goals((Link("Present", (pattern,)),))
    except PatternError:  # it is somebody's data; what cannot be asked matches nothing
        return None
    if not isinstance(goals[-1], LinkGoal):
        return None
    root = goals[-1].result
    binding = registers.start.copy()
    binding[root] = atom
    search = Search(goals, registers)
    found = search.solutions(scratch, binding, registers.filled() | 1 << root, over)
    solution = next(found, None)
    if solution is None:
        return None
    values = ((name, solution[number]) for name, number in registers.variables.items())
    return {name: value for name, value in values if value is not None}


def _candidates(space: Space, atom: Link, over: Watched) -> list[Link]:
    """The links of a space that may match an atom, and all that do."""
    variables = dict.fromkeys(space.atoms(VARIABLE))
    globs = list(space.atoms(GLOB))
    matching: dict[Atom, dict[Atom, None]] = {}
    owned: dict[Atom, Atom] = {}
    for part in over(inside(atom)):
        found = matching[part] = variables.copy()
        own = _own(space, part, owned)
        if own is not None:
            owned[part] = own
            found[own] = None
        if isinstance(part, Link):
            found |= dict.fromkeys(_links_matching(space, part, matching, over))
            for glob in globs:
                found |= dict.fromkeys(space.incoming(glob, part.type))
    return [one for one in matching[atom] if isinstance(one, Link) and one.type == atom.type]


def _own(space: Space, part: Atom, owned: Mapping[Atom, Atom]) -> Atom | None:
    """The atom of a space that is equal to a part of another, by those of what the part holds.

    To look for the part itself would compare it with its equal down to the leaves, and so do again
    for each part of a deep atom.
    """
    if isinstance(part, Node):
        return space.find(part)
    out = tuple([owned[inner] for inner in part.out if inner in owned])
    return space.find_link(part.type, out) if len(out) == len(part.out) else None


def _links_matching(
    space: Space, part: Link, matching: dict[Atom, dict[Atom, None]], over: Watched
) -> list[Link]:
    arity = len(part.out)
    if space.types.kind(part.type) is Kind.UNORDERED:
        # Where a variable sorts says nothing of what it stands for.
        rows = [
            (place, other) for place in range(arity) for one in part.out for other in matching[one]
        ]
        return [
            link
            for place, other in over(rows)
            for link in space.links_at(part.type, place, arity, other)
        ]
    costs = [
        sum(space.count_at(part.type, place, arity, other) for other in over(matching[one]))
        for place, one in enumerate(part.out)
    ]
    if not costs:
        return []
    best = costs.index(min(costs))
    return [
        link
        for other in over(matching[part.out[best]])
        for link in space.links_at(part.type, best, arity, other)
        if all(held in matching[one] for held, one in zip(link.out, part.out, strict=True))
    ]
