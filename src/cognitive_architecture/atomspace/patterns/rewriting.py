"""Making an atom of a grounding, after a template with variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cognitive_architecture.atomspace.atoms import (
    Atom,
    Link,
    Node,
    canonical,
    last_first,
    with_canonical_order,
)
from cognitive_architecture.atomspace.errors import AtomTypeError, PatternError
from cognitive_architecture.atomspace.patterns.declaring import GLOB, is_variable
from cognitive_architecture.atomspace.types import Kind, TypeHierarchy
from cognitive_architecture.foundation.sentences import shown

Grounding = Mapping[Node, Atom]
"""What each variable stands for; a Glob for a ``List`` of atoms."""


class Rewrite:
    """A template, ready to be filled in again and again.

    A Glob that stands in a link is replaced by all the atoms it stands for. ``Quote t`` gives
    ``t`` as it is, variables and all.

    Args:
        template: What is to be made.
        variables: Those that every grounding has.
        types: Which links are unordered.

    Raises:
        PatternError: It holds a variable that no clause grounds, or something that is no atom.
    """

    def __init__(self, template: Atom, variables: Sequence[Node], types: TypeHierarchy) -> None:
        self._template = template
        self._types = types
        self._open: list[Link] = []
        """The links with variables in them, those inside others first."""
        self._literals: dict[Atom, Atom] = {}
        open_parts: set[Atom] = set()
        for part in last_first(template, _parts):
            if is_variable(part) and isinstance(part, Node):
                if part not in variables:
                    raise PatternError(
                        f"{part.name} stands in the rewrite, but no clause grounds it: use it in a "
                        "clause that is not Absent, or write Quote around it"
                    )
                open_parts.add(part)
            elif isinstance(part, Link) and part.type == "Quote" and len(part.out) == 1:
                self._literals[part] = self._ordered(part.out[0])
            elif isinstance(part, Link) and any(
                inner in open_parts or inner in self._literals for inner in part.out
            ):
                self._open.append(part)
                open_parts.add(part)
        if template not in open_parts and template not in self._literals:
            self._literals[template] = self._ordered(template)

    def atom(self, grounding: Grounding) -> Atom:
        """The template with every variable replaced by what it stands for."""
        formed: dict[Atom, Atom] = {}
        for part in self._open:
            out: list[Atom] = []
            for inner in part.out:
                if isinstance(inner, Node) and inner in grounding:
                    value = grounding[inner]
                    out += value.out if inner.type == GLOB and isinstance(value, Link) else (value,)
                else:
                    out.append(formed.get(inner) or self._literals.get(inner, inner))
            ordered = canonical(out) if self._is_unordered(part.type) else tuple(out)
            formed[part] = Link(part.type, ordered)
        template = self._template
        if isinstance(template, Node) and template in grounding:
            return grounding[template]
        return formed.get(template) or self._literals[template]

    def _ordered(self, atom: Atom) -> Atom:
        try:
            return with_canonical_order(atom, self._is_unordered)
        except AtomTypeError as error:
            raise PatternError(f"in a rewrite: {error}") from error

    def _is_unordered(self, type_name: str) -> bool:
        return type_name in self._types and self._types.kind(type_name) is Kind.UNORDERED


def _parts(atom: Atom) -> Sequence[Atom]:
    if isinstance(atom, Link):
        return () if atom.type == "Quote" else atom.out
    if isinstance(atom, Node):
        return ()
    raise PatternError(f"a rewrite is made of nodes and links, not of {shown(atom)}")
