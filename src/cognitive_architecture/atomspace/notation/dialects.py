"""The dialects, and how each spells the types of a hierarchy.

    classic   (InheritanceLink (stv 0.9 0.8) (ConceptNode "cat") (ConceptNode "animal"))
    2026      (Inheritance (Concept "cat") (Concept "animal"))
    metta     (Inheritance cat animal)

``classic`` is Atomese as it was written until 2025, ``2026`` without what was removed then:
``stv``, ``BindLink`` and ``GetLink``. A word that is a type's own name means that type; otherwise
the suffix ``Node`` or ``Link`` is taken off. That holds in every dialect; only the writers differ.

Two keys are known to the dialects: what ``classic`` writes as ``(stv …)`` is kept under ``truth``,
what it writes as ``(av …)`` under ``attention``. Every other key is written out, in every dialect.

Source: opencog/atomspace deca4eb0b5 for what 2026 removed.
"""

from __future__ import annotations

from difflib import get_close_matches
from enum import StrEnum
from typing import Final

from cognitive_architecture.atomspace.errors import AtomSpaceError
from cognitive_architecture.atomspace.types import ROOT, Kind, TypeHierarchy
from cognitive_architecture.foundation.sentences import shown


class Dialect(StrEnum):
    """A way of writing atoms."""

    CLASSIC = "classic"
    """Scheme Atomese with long names, ``(stv …)`` and ``(av …)`` on the atoms they belong to."""

    MODERN = "2026"
    """Scheme Atomese with short names and all values under keys."""

    METTA = "metta"
    """Expressions of MeTTa: bare words are concepts; says atoms but no values."""


def dialect_of(name: str) -> Dialect:
    """The dialect of this name.

    Raises:
        AtomSpaceError: There is none.
    """
    try:
        return Dialect(name)
    except ValueError:
        raise AtomSpaceError(
            f"a dialect is one of {', '.join(Dialect)}, not {shown(name)}"
        ) from None


TRUTH: Final = "truth"
"""The key of an atom's truth value."""
ATTENTION: Final = "attention"
"""The key of an atom's attention value."""

DEPTH_MAX: Final = 200_000
"""How deep links may be nested in a text: far beyond sense, and still within memory."""

REPLACED: Final = {"Bind": "Query", "Get": "Meet"}
"""Types of ``classic`` that 2026 does not have, with what it has instead."""


class CannotSay(AtomSpaceError):
    """A dialect has no words for this; the sentence says what to do instead."""

    code = "cannot_say"


class Vocabulary:
    """How the types of one hierarchy are spelt in one dialect.

    Args:
        types: The hierarchy; types declared later are found.
        dialect: Decides how long names are, and which types there are.
        reserved: Words that mean something else here and so cannot spell a type.
    """

    def __init__(
        self, types: TypeHierarchy, dialect: Dialect, reserved: frozenset[str] = frozenset()
    ) -> None:
        self._types = types
        self._dialect = dialect
        self._reserved = reserved
        self._spellings: dict[tuple[str, bool], str] = {}

    def meaning(self, word: str) -> tuple[str, Kind] | None:
        """The type that a word spells, and its kind; ``None`` if it spells none here."""
        if word in self._reserved:
            return None
        found = self._kind(word)
        if found is not None:
            return None if self._is_replaced(word) else (word, found)
        for suffix, is_node in (("Node", True), ("Link", False)):
            stem = word.removesuffix(suffix)
            found = self._kind(stem) if stem != word else None
            if found is not None and (found is Kind.NODE) is is_node:
                return None if self._is_replaced(stem) else (stem, found)
        return None

    def _is_replaced(self, type_name: str) -> bool:
        return self._dialect is Dialect.MODERN and type_name in REPLACED

    def spelling(self, type_name: str, *, is_node: bool) -> str:
        """The word for a type: one that is read as this type again.

        Raises:
            CannotSay: There is none.
        """
        known = self._spellings.get((type_name, is_node))
        if known is None:
            known = self._spelling(type_name, is_node=is_node)
            self._spellings[type_name, is_node] = known
        return known

    def unknown(self, word: str) -> str:
        """A sentence about a word that spells no type, with one that may have been meant."""
        for suffix, other in (("Node", "link"), ("Link", "node")):
            stem = word.removesuffix(suffix)
            if self._is_replaced(stem):
                return (
                    f"2026 has no {word}, but {REPLACED[stem]}: write that, or read the text as "
                    "classic and convert it"
                )
            if stem != word and self._kind(stem) is not None:
                return f"{shown(word)} is no type: {stem} is a {other} type, write ({stem} …)"
        names = self._types.subtypes("Node") | self._types.subtypes("Link")
        near = get_close_matches(word.removesuffix("Link").removesuffix("Node"), names, n=1)
        hint = f"did you mean {near[0]}?" if near else "declare it, or see what types there are"
        return f"{shown(word)} is no type that is known here; {hint}"

    def _spelling(self, type_name: str, *, is_node: bool) -> str:
        kind = self._kind(type_name)
        if kind is None or (kind is Kind.NODE) is not is_node:
            meant = "unknown" if kind is None else f"of kind {kind}"
            raise CannotSay(
                f"a {'node' if is_node else 'link'} of type {shown(type_name)} cannot be written, "
                f"for that type is {meant}: give the hierarchy of the space it comes from"
            )
        if self._is_replaced(type_name):
            raise CannotSay(
                f"2026 has no {type_name}, but {REPLACED[type_name]}: convert the expression "
                "first, or write it in classic"
            )
        short, long = type_name, type_name + ("Node" if is_node else "Link")
        # A type may be called like a word that means something else; its long name never is.
        prefers_short = self._dialect is not Dialect.CLASSIC and short not in self._reserved
        return short if prefers_short else long

    def _kind(self, name: str) -> Kind | None:
        # The root is neither a node nor a link, so nothing is written with it.
        return self._types.kind(name) if name in self._types and name != ROOT else None
