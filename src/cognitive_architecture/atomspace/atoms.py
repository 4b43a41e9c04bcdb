"""Atoms: immutable values, equal by content, that know nothing of any space.

A node has a type and a name; a link has a type and the atoms it goes to. A link is made of atoms
that exist already and never changes, so no link can hold itself, directly or through others.

They are msgspec structs because those are hashed and compared in C, are made in a seventh of the
time of a Python class with slots that guards its fields, and are left alone by the garbage
collector, which would otherwise visit a million atoms again and again.

Nesting has no limit. A link takes its hash from those of its atoms when it is made, and everything
here that walks through an atom keeps a stack of its own. What is shared inside an atom is visited
once: a chain of links that each hold the one before twice costs its length, not a power of two.
Only pickle goes down the interpreter's own stack; a very deep atom travels in a notation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cmp_to_key
from operator import is_
from typing import Any, Final, final

import msgspec

from cognitive_architecture.atomspace.errors import AtomTypeError
from cognitive_architecture.foundation.sentences import shown

_REPR_MAX: Final = 2000
"""Characters after which ``repr`` stops: what is shared may be written very often."""


@final
class Node(msgspec.Struct, frozen=True, gc=False, cache_hash=True):
    """An atom with a name.

    Making one checks nothing; a space does when it takes it in.
    """

    type: str
    """Name of its type, without the suffix ``Node``."""
    name: str

    def __repr__(self) -> str:
        return written(self)

    def __copy__(self) -> Node:
        return self

    def __deepcopy__(self, _memo: dict[int, Any]) -> Node:
        return self


@final
class Link(msgspec.Struct, frozen=True, gc=False, cache_hash=True):
    """An atom that goes to other atoms.

    The order of ``out`` counts. Of types whose order does not count, a space and the notation make
    it canonical (:func:`canonical`), so that it is the same whoever wrote it.

    Raises:
        AtomTypeError: ``out`` is no tuple, or holds what cannot be hashed. What it holds otherwise
            is checked when a space takes the link in.
    """

    type: str
    """Name of its type, without the suffix ``Link``."""
    out: tuple[Atom, ...]

    def __post_init__(self) -> None:
        if type(self.out) is tuple:
            try:
                hash(self)  # now, from hashes that are there: later it would go down to the leaves
            except TypeError:
                pass
            else:
                return
        raise AtomTypeError(
            f"the atoms of a link come as a tuple of nodes and links, not {shown(self.out)}"
        )

    @property
    def arity(self) -> int:
        """How many atoms it goes to, each counted as often as it stands there."""
        return len(self.out)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(other) is not Link:
            return NotImplemented
        if hash(self) != hash(other) or self.type != other.type:
            return False
        if len(self.out) == len(other.out) and all(map(is_, self.out, other.out)):
            return True
        return compared(self, other) == 0

    __hash__ = msgspec.Struct.__hash__

    def __repr__(self) -> str:
        return written(self)

    def __copy__(self) -> Link:
        return self

    def __deepcopy__(self, _memo: dict[int, Any]) -> Link:
        return self


Atom = Node | Link


def compared(one: Atom, other: Atom) -> int:
    """How two atoms compare in an order that is the same in every process.

    Nodes come before links. Nodes go by type and name, links by type, arity, and then by the first
    of their atoms that differ; texts by code points.

    Returns:
        Below 0 if ``one`` comes first, 0 if they are equal, above 0 if ``other`` does.
    """
    pairs = [(one, other)]
    met: set[tuple[int, int]] = set()
    while pairs:
        left, right = pairs.pop()
        if left is right or (id(left), id(right)) in met:
            continue
        if type(left) is Link and type(right) is Link:
            # Whatever was met before has been found equal: its whole inside came off the stack.
            met.add((id(left), id(right)))
            if found := _order((left.type, len(left.out)), (right.type, len(right.out))):
                return found
            pairs += zip(reversed(left.out), reversed(right.out), strict=True)
        elif type(left) is Node and type(right) is Node:
            if found := _order((left.type, left.name), (right.type, right.name)):
                return found
        else:
            return -1 if type(left) is Node else 1
    return 0


def _order(one: tuple[str, Any], other: tuple[str, Any]) -> int:
    return (one > other) - (one < other)


_key = cmp_to_key(compared)


def canonical(out: Sequence[Atom]) -> tuple[Atom, ...]:
    """The atoms of a link whose order does not count, in the order of :func:`compared`."""
    if all(type(atom) is Node for atom in out):
        return tuple(sorted(out, key=_node_key))
    return tuple(sorted(out, key=_key))


def _node_key(node: Any) -> tuple[str, str]:
    return node.type, node.name


def inside(atom: Atom) -> Iterator[Atom]:
    """Every atom in an atom, itself included, once each; what a link goes to comes before it.

    Raises:
        AtomTypeError: A link goes to something that is no atom.
    """
    return last_first(atom, _below)


def _below(atom: Atom) -> Sequence[Atom]:
    if isinstance(atom, Link):
        return atom.out
    if isinstance(atom, Node):
        return ()
    raise AtomTypeError(f"an atom is a Node or a Link, not {shown(atom)}")


def last_first(start: Atom, following: Callable[[Atom], Iterable[Atom]]) -> Iterator[Atom]:
    """Walk from an atom to whatever follows, once each; what follows an atom comes before it.

    Args:
        start: Where to begin; it comes last.
        following: What follows an atom; there must be no circles.
    """
    done: set[Atom] = set()
    stack = [start]
    while stack:
        atom = stack[-1]
        waiting = () if atom in done else [next_ for next_ in following(atom) if next_ not in done]
        if waiting:
            stack += reversed(waiting)
            continue
        stack.pop()
        if atom not in done:
            done.add(atom)
            yield atom


def with_canonical_order(atom: Atom, is_unordered: Callable[[str], bool]) -> Atom:
    """An atom in which every link whose order does not count has its atoms in canonical order.

    Raises:
        AtomTypeError: A link goes to something that is no atom.
    """
    if type(atom) is Node:
        return atom
    if all(type(target) is Node for target in atom.out):
        return Link(atom.type, canonical(atom.out)) if is_unordered(atom.type) else atom
    formed: dict[Atom, Atom] = {}
    for part in inside(atom):
        if type(part) is Link:
            out = tuple([formed[target] for target in part.out])
            formed[part] = Link(part.type, canonical(out) if is_unordered(part.type) else out)
        else:
            formed[part] = part
    return formed[atom]


def written(atom: Atom) -> str:
    """An atom as the Python expression that makes it, cut where it becomes very long."""
    parts: list[str] = []
    length = 0
    stack: list[Atom | str] = [atom]
    while stack:
        item = stack.pop()
        if isinstance(item, Link):
            part = f"Link({item.type!r}, ("
            # A tuple of one is written with a comma.
            stack += ["))" if len(item.out) != 1 else ",))"]
            for position in range(len(item.out) - 1, -1, -1):
                stack.append(item.out[position])
                if position:
                    stack.append(", ")
        elif isinstance(item, Node):
            part = f"Node({item.type!r}, {item.name!r})"
        else:
            part = str(item)  # what a stranger put in, if not one of ours
        parts.append(part)
        length += len(part)
        if length > _REPR_MAX:
            return "".join(parts)[:_REPR_MAX] + "…"
    return "".join(parts)
