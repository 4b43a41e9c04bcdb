"""L3: what a language model read, admitted only if its words are in the span that it cites.

A grammar makes the answer of a model valid; nothing makes it true. So every atom is checked: a
name in it must be made of words of the span, as they are written there or as lemmas. What a model
adds of its own is refused, with a sentence. That a relation is really stated is not checked.

The model itself is called through the mesh, by whoever implements :class:`Extractor`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final, Protocol

from cognitive_architecture.atomspace.atoms import Atom, Link, Node, inside
from cognitive_architecture.atomspace.space import AtomSpace
from cognitive_architecture.atomspace.text.errors import TextError
from cognitive_architecture.atomspace.text.exact import cite, exact_text
from cognitive_architecture.atomspace.text.tools import Layer
from cognitive_architecture.atomspace.text.words import words_within
from cognitive_architecture.atomspace.values import Provenance
from cognitive_architecture.foundation.sentences import shown

GRAMMAR: Final = r"""root ::= "(List" (ws edge)* ")"
edge ::= "(Edge (Predicate " str ") (List " con (ws con)* "))"
con  ::= "(Concept " str ")"
str  ::= "\"" [^"\\\x00-\x1f]{1,48} "\""
ws   ::= " " | "\n"
"""
"""What a model may answer, in GBNF: relations in Scheme Atomese, in any script."""

_NEGATED: Final = ("n't", "n\u2019t")
_FORMS_OF_BE: Final = frozenset({"am", "is", "are", "was", "were", "been", "being"})


class Extractor(Protocol):
    """Asks a language model for the relations of a text."""

    @property
    def tool(self) -> str:
        """The model's name and version."""

    async def extract(self, text: str, grammar: str) -> str:
        """The model's answer, which the grammar allows: a list of edges in Scheme Atomese."""


@dataclass(frozen=True, slots=True)
class RefusedAtom:
    """An atom that the cited span does not bear out."""

    atom: Atom
    sentence: str
    """Which of its words are missing, or what is wrong with its form."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of the atoms of an answer."""

    admitted: tuple[Link, ...]
    refused: tuple[RefusedAtom, ...]


def checked(atoms: Iterable[Atom], words: AbstractSet[str]) -> Checked:
    """Sort atoms into those that a span bears out and those that it does not.

    Args:
        atoms: Those of an answer; a List stands for what it holds.
        words: Of the span, without case (:func:`.words_within`).
    """
    admitted: list[Link] = []
    refused: list[RefusedAtom] = []
    allowed = frozenset(word.casefold() for word in words) | frozenset(_implied(words))
    for atom in _unlisted(atoms):
        sentence = _form_refusal(atom) or _words_refusal(atom, allowed)
        if sentence is not None:
            refused.append(RefusedAtom(atom, sentence))
        elif isinstance(atom, Link):
            admitted.append(atom)
    return Checked(tuple(admitted), tuple(refused))


def keep_extracted(
    space: AtomSpace,
    document: Node,
    span: tuple[int, int],
    atoms: Iterable[Atom],
    *,
    confidence: float,
    tool: str,
) -> Checked:
    """Check the atoms of an answer against the span they cite, and keep those it bears out.

    Args:
        space: Where the document is kept.
        document: Which.
        span: First character, and the first one after it.
        atoms: Those of the answer.
        confidence: Of the model, 0 to 1.
        tool: Its name and version.

    Raises:
        TextError: No text is kept on the document, or the span is not in it.
    """
    start, end = span
    length = len(exact_text(space, document))
    if not 0 <= start < end <= length:
        raise TextError(f"a span from {start} to {end}: it lies within the {length} characters")
    answer = checked(atoms, words_within(space, document, start, end))
    where = Provenance(Layer.MODEL.value, start, end, confidence, tool)
    for edge in answer.admitted:
        space.add(edge)
        reference = space.link("Reference", edge, document)
        for atom in (*inside(edge), reference):
            cite(space, atom, where)
    return answer


def _unlisted(atoms: Iterable[Atom]) -> Iterator[Atom]:
    for atom in atoms:
        if isinstance(atom, Link) and atom.type == "List":
            yield from atom.out
        else:
            yield atom


def _form_refusal(atom: Atom) -> str | None:
    """What is wrong with its form: ``Edge (Predicate) (List (Concept) …)``."""
    if isinstance(atom, Link) and atom.type == "Edge" and atom.arity == 2:
        label, listed = atom.out
        if (
            isinstance(label, Node)
            and label.type == "Predicate"
            and isinstance(listed, Link)
            and listed.type == "List"
            and listed.out
            and all(isinstance(one, Node) and one.type == "Concept" for one in listed.out)
        ):
            return None
    return f"{shown(atom, 200)}: a relation is Edge (Predicate …) (List (Concept …) …)"


def _words_refusal(atom: Atom, allowed: AbstractSet[str]) -> str | None:
    names = [part.name for part in inside(atom) if isinstance(part, Node)]
    words = [word for name in names for word in name.split()]
    missing = [word for word in words if word.casefold() not in allowed]
    if not all(name.split() for name in names):
        return f"{shown(atom, 200)}: a name without a word"
    if missing:
        return f"{', '.join(map(shown, missing))}: not in the cited span, so nothing bears it out"
    return None


def _implied(words: AbstractSet[str]) -> Iterator[str]:
    """``not`` and ``be``, which relations write for forms that do not look like them."""
    folded = [word.casefold() for word in words]
    if any(word.endswith(_NEGATED) or word in ("never", "cannot") for word in folded):
        yield "not"
    if any(word in _FORMS_OF_BE for word in folded):
        yield "be"
