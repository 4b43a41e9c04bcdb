"""From relations back to text; what they do not say is lost.

Tense, mood, articles, adjectives, number and everything else that no relation holds does not come
back. The exact text does, from L0 (:func:`.exact_text`).
"""

from __future__ import annotations

from cognitive_architecture.atomspace.atoms import Link, Node
from cognitive_architecture.atomspace.text.errors import TextError
from cognitive_architecture.foundation.sentences import shown

_PLAIN_SUBJECTS = frozenset({"i", "we", "you", "they"})


def plain_sentence(edge: Link) -> str:
    """A relation as a plain English sentence: ``Dragon guards gold.``

    Raises:
        TextError: It is no relation.
    """
    match edge:
        case Link(type="Edge", out=(Node(type="Predicate") as verb, Link(type="List") as listed)):
            names = [atom.name for atom in listed.out if isinstance(atom, Node)]
            if not names or len(names) != listed.arity:
                raise _no_relation(edge)
        case _:
            raise _no_relation(edge)
    subject, *objects = names
    sentence = " ".join([subject, _conjugated(verb.name, subject.casefold()), *objects])
    return f"{sentence[:1].upper()}{sentence[1:]}."


def _no_relation(edge: Link) -> TextError:
    return TextError(f"{shown(edge, 200)}: a relation is Edge (Predicate …) (List (Concept …) …)")


def _conjugated(predicate: str, subject: str) -> str:
    """A predicate in the present tense, as its subject asks for it."""
    negation, _, rest = predicate.partition(" ")
    is_negated = negation == "not" and bool(rest)
    first, _, tail = (rest if is_negated else predicate).partition(" ")
    tail = f" {tail}" if tail else ""
    if first == "be":
        form = {"i": "am"}.get(subject, "are" if subject in _PLAIN_SUBJECTS else "is")
        return f"{form}{' not' if is_negated else ''}{tail}"
    is_plain = subject in _PLAIN_SUBJECTS
    if is_negated:
        return f"{'do' if is_plain else 'does'} not {first}{tail}"
    return f"{first if is_plain else _third_person(first)}{tail}"


def _third_person(verb: str) -> str:
    if verb == "have":
        return "has"
    if verb.endswith(("s", "x", "z", "ch", "sh", "o")):
        return f"{verb}es"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return f"{verb[:-1]}ies"
    return f"{verb}s"
