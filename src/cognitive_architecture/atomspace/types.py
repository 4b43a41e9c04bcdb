"""The types of atoms: a hierarchy that anybody may extend, at any time.

    Atom ─┬─ Node ─┬─ Concept
          │        └─ Predicate …
          └─ Link ─┬─ List          ordered
                   └─ Set …         unordered: Set(a, b) is Set(b, a)

Names stand here without the suffix ``Node`` or ``Link``; a notation adds it where its dialect asks
for it. The names are those of OpenCog's Atomese, as its wiki documents them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from enum import StrEnum
from typing import Final

from cognitive_architecture.atomspace.errors import AtomTypeError
from cognitive_architecture.foundation.sentences import shown

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
ROOT: Final = "Atom"
"""What every type is; no atom has it as its own type."""


class Kind(StrEnum):
    """What the atoms of a type are made of."""

    NODE = "node"
    LINK = "link"
    UNORDERED = "unordered"
    """A link whose order does not count."""


class TypeHierarchy:
    """Names of types, what each is, and what its atoms are made of.

    A new one knows ``Atom``, ``Node`` and ``Link``.
    """

    def __init__(self) -> None:
        self._ancestors: dict[str, frozenset[str]] = {
            ROOT: frozenset({ROOT}),
            "Node": frozenset({"Node", ROOT}),
            "Link": frozenset({"Link", ROOT}),
        }
        self._subtypes: dict[str, frozenset[str]] = {
            ROOT: frozenset(self._ancestors),
            "Node": frozenset({"Node"}),
            "Link": frozenset({"Link"}),
        }
        self._kinds: dict[str, Kind] = {"Node": Kind.NODE, "Link": Kind.LINK}

    def declare(self, name: str, *parents: str, kind: Kind | None = None) -> None:
        """Add a type, or give one that is there further parents.

        Args:
            name: Letters of English, digits and ``_``, a letter first, without the suffix ``Node``
                or ``Link``.
            parents: Types that are there. Without any it is ``Node`` or ``Link``, as ``kind`` says.
            kind: What its atoms are made of. Without it as its parents' are; unordered where any
                of them is. A child of an ordered type may be unordered, never the other way.

        Raises:
            AtomTypeError: The name or a parent cannot be, the kinds do not fit, a type would be
                its own ancestor, or atoms of another kind may be there already.
        """
        is_new = name not in self._ancestors
        if is_new:
            _require_name(name)
        if not parents:
            if kind is None:
                raise AtomTypeError(f"type {name}: say what it is: its parents, or its kind")
            parents = ("Node" if kind is Kind.NODE else "Link",)
        kind = self._agreed_kind(name, parents, kind)
        if not is_new and (name == ROOT or kind is not self._kinds[name]):
            raise AtomTypeError(
                f"type {name} is there already, as {self._kinds.get(name, 'the root')}; "
                "declare another name"
            )
        if own := [parent for parent in parents if name in self._ancestors[parent]]:
            raise AtomTypeError(f"type {name} cannot be under {own[0]}, which is under {name}")
        self._kinds[name] = kind
        self._file(name, parents)

    def _agreed_kind(self, name: str, parents: Iterable[str], kind: Kind | None) -> Kind:
        kinds = {self.kind(parent) for parent in parents if parent != ROOT}
        if not kinds or (Kind.NODE in kinds and len(kinds) > 1):
            raise AtomTypeError(f"type {name}: it is under Node or under Link, not both or neither")
        inherited = Kind.UNORDERED if Kind.UNORDERED in kinds else next(iter(kinds))
        if kind is None or kind is inherited:
            return inherited
        if kind is Kind.UNORDERED and inherited is Kind.LINK:
            return kind
        raise AtomTypeError(f"type {name} cannot be {kind}: its parents are {inherited}")

    def _file(self, name: str, parents: Iterable[str]) -> None:
        above = frozenset().union(*(self._ancestors[parent] for parent in parents))
        below = self._subtypes.get(name, frozenset({name}))
        for subtype in below:
            known = self._ancestors.get(subtype, frozenset())
            self._ancestors[subtype] = known | above | {name, subtype}
        for ancestor in above | {name}:
            known = self._subtypes.get(ancestor, frozenset())
            self._subtypes[ancestor] = known | below

    def __contains__(self, name: object) -> bool:
        return name in self._ancestors

    def is_a(self, name: str, ancestor: str) -> bool:
        """Whether a type is another or under it.

        Raises:
            AtomTypeError: One of them is unknown.
        """
        if ancestor not in self._ancestors:
            raise self._unknown(ancestor)
        found = self._ancestors.get(name)
        if found is None:
            raise self._unknown(name)
        return ancestor in found

    def kind(self, name: str) -> Kind:
        """What the atoms of a type are made of.

        Raises:
            AtomTypeError: The type is unknown, or it is ``Atom``, which may be either.
        """
        found = self._kinds.get(name)
        if found is None:
            if name == ROOT:
                raise AtomTypeError(f"no atom is of type {ROOT} itself: name a type under it")
            raise self._unknown(name)
        return found

    def subtypes(self, name: str) -> frozenset[str]:
        """A type and all under it.

        Raises:
            AtomTypeError: The type is unknown.
        """
        found = self._subtypes.get(name)
        if found is None:
            raise self._unknown(name)
        return found

    def _unknown(self, name: object) -> AtomTypeError:
        near = get_close_matches(name, self._ancestors, 1) if isinstance(name, str) else []
        hint = f"did you mean {near[0]}?" if near else "declare it first"
        return AtomTypeError(f"type {shown(name)} is unknown: {hint}")


def _require_name(name: object) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise AtomTypeError(
            "the name of a type is English letters, digits and '_', a letter first, "
            f"not {shown(name)}"
        )
    for suffix in ("Node", "Link"):
        if name.endswith(suffix):
            raise AtomTypeError(
                f"the name of a type has no suffix: not {name} but {name.removesuffix(suffix)}; "
                "a notation adds it"
            )


_NODES: Final = """
    Concept Predicate Variable Glob Number Type Symbol Schema GroundedSchema Procedure Anchor Item
    Text Document Paragraph Sentence Parse Word WordInstance Lemma PartOfSpeech Relation
    DependencyRelation Time
"""
_ORDERED: Final = """
    List Tuple Expression Inheritance Subset Intensional Evaluation Edge Member Implication
    Context Execution AsymmetricHebbian Query Meet Bind Get Dual Join Put Present Absent Choice
    Always Not GreaterThan LessThan Equal Identical TypedVariable VariableList Interval
    Signature TypeChoice Lambda Define State Quote Unquote LocalQuote Plus Minus Times Divide
    SequentialAnd SequentialOr Reference Arrow AtTime
"""
_UNORDERED: Final = "Set And Or Similarity Equivalence SymmetricHebbian"
_UNDER: Final = {
    "GroundedPredicate": "Predicate",
    "DefinedPredicate": "Predicate",
    "DefinedSchema": "Schema",
    "LinkGrammarRelation": "Relation",
}


def standard_types() -> TypeHierarchy:
    """The types of Atomese that this package reads, writes or gives a meaning."""
    types = TypeHierarchy()
    for names, kind in ((_NODES, Kind.NODE), (_ORDERED, Kind.LINK), (_UNORDERED, Kind.UNORDERED)):
        for name in names.split():
            types.declare(name, kind=kind)
    for name, parent in _UNDER.items():
        types.declare(name, parent)
    return types
