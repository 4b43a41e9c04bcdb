"""What a pattern finds, by trying every atom for every variable. Slow, short, and surely right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product

from cognitive_architecture.atomspace import Atom, AtomSpace, Link, Node
from cognitive_architecture.atomspace.atoms import canonical, inside

Found = frozenset[tuple[Node, Atom]]
UNORDERED = {"Set", "Similarity"}


def free(atom: Atom) -> frozenset[Node]:
    if isinstance(atom, Node):
        return frozenset({atom}) if atom.type in {"Variable", "Glob"} else frozenset()
    return frozenset().union(*(free(inner) for inner in atom.out))


def grounded(clause: Atom) -> frozenset[Node]:
    """The variables that a clause grounds in every way it can hold."""
    if isinstance(clause, Link) and clause.type in {"Absent", "Always"}:
        return frozenset()
    if isinstance(clause, Link) and clause.type == "Choice":
        return frozenset.intersection(*(grounded(one) for one in clause.out))
    if isinstance(clause, Link) and clause.type in {"And", "Present"}:
        return frozenset().union(*(grounded(one) for one in clause.out))
    return free(clause)


class Oracle:
    def __init__(self, space: AtomSpace, allowed: Mapping[Node, frozenset[str]]) -> None:
        self.atoms = set(space)
        self.allowed = allowed
        groups: dict[Link, None] = {}
        for link in self.atoms:
            if isinstance(link, Link):
                for group in parts(link):
                    groups[Link("List", group)] = None
        self.groups = list(groups)
        self.unordered: set[Atom] = set()

    def find(self, clauses: Sequence[Atom]) -> set[Found]:
        self.unordered = {
            inner
            for clause in clauses
            for part in inside(clause)
            if isinstance(part, Link) and part.type in UNORDERED
            for inner in part.out
        }
        first = [clause for clause in clauses if clause.type != "Always"]
        names = frozenset().union(*(grounded(clause) for clause in first))
        found = [
            known for known in self.assignments(names) if all(self.holds(c, known) for c in first)
        ]
        always = [clause for clause in clauses if isinstance(clause, Link) and clause not in first]
        for clause in always:
            if not all(self.exists(clause.out, known) for known in found):
                return set()
        return {frozenset(known.items()) for known in found}

    def assignments(self, names: Iterable[Node]) -> Iterator[dict[Node, Atom]]:
        ordered = sorted(names, key=lambda name: name.name)
        for values in product(*(self.candidates(name) for name in ordered)):
            yield dict(zip(ordered, values, strict=True))

    def candidates(self, name: Node) -> list[Atom]:
        allowed = self.allowed.get(name)
        if name.type == "Glob":
            return [
                group
                for group in self.groups
                if (allowed is None or all(atom.type in allowed for atom in group.out))
                and (name not in self.unordered or group.out == canonical(group.out))
            ]
        return [atom for atom in self.atoms if allowed is None or atom.type in allowed]

    def exists(self, clauses: Sequence[Atom], known: dict[Node, Atom]) -> bool:
        names = frozenset().union(*(free(clause) for clause in clauses)) - known.keys()
        return any(
            all(self.holds(clause, known | more) for clause in clauses)
            for more in self.assignments(names)
        )

    def holds(self, clause: Atom, known: dict[Node, Atom]) -> bool:
        match clause:
            case Link("And" | "Present", out):
                return all(self.holds(one, known) for one in out)
            case Link("Choice", out):
                return any(self.holds(one, known) for one in out)
            case Link("Absent", (inner,)):
                return not self.exists([inner], known)
            case _:
                return filled_in(clause, known) in self.atoms


def filled_in(atom: Atom, known: Mapping[Node, Atom]) -> Atom:
    if isinstance(atom, Node):
        return known.get(atom, atom)
    out: list[Atom] = []
    for inner in atom.out:
        value = filled_in(inner, known)
        is_group = isinstance(inner, Node) and inner.type == "Glob"
        out += value.out if is_group and isinstance(value, Link) else (value,)
    return Link(atom.type, canonical(out) if atom.type in UNORDERED else tuple(out))


def parts(link: Link) -> Iterator[tuple[Atom, ...]]:
    """What a Glob may stand for in a link."""
    for size in range(1, len(link.out) + 1):
        if link.type in UNORDERED:
            yield from combinations(link.out, size)
        else:
            yield from (link.out[at : at + size] for at in range(len(link.out) - size + 1))
