"""Who does what to whom, out of the links of link-grammar.

The meaning of the links is from the documentation of link-grammar (its page on each link type):

    S   subject and verb            I, PP, Pg, Pv   auxiliary and verb (Pv: passive)
    SI  the same, inverted          IV              verb and the infinitive it takes
    O   verb and object             SJ, VJ          conjunction and its nouns, its verbs
    B   noun and the verb of its relative clause; RS: of which it is the subject
    MV, J   verb and preposition, preposition and its noun: ``by`` names who does it in a passive
    N, E    negation and adverbs before a verb
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from cognitive_architecture.atomspace.text.tools import Parse, ParsedLink

_LABEL: Final = re.compile(r"[a-z]?(?P<kind>[A-Z]+)(?P<rest>.*)")
_NEGATIONS: Final = frozenset({"not", "never"})
_CHAIN: Final = frozenset({"I", "PP", "Pg", "Pv"})


@dataclass(frozen=True, slots=True)
class Clause:
    """A verb with what it takes; all are places of words in the parse."""

    verb: int
    subject: int
    object: int | None
    is_negated: bool = False
    is_passive: bool = False
    """The subject is what something is done to, and nobody is named who does it."""


def clauses(parse: Parse) -> list[Clause]:
    """The clauses of a sentence that have a subject, by their places.

    A passive whose doer is named is told the other way round: the doer is the subject. Each object
    of a verb makes a clause of its own, and so does each part of a conjunction.
    """
    net = _Net(parse)
    found = {clause: None for predicate in net.predicates() for clause in net.clauses_of(predicate)}
    return sorted(found, key=lambda clause: (clause.verb, clause.subject, clause.object or 0))


@dataclass(frozen=True, slots=True)
class _Predicate:
    """A verb, after its auxiliaries, and the word that is its subject."""

    verb: int
    subject: int
    is_negated: bool = False
    is_passive: bool = False


class _Net:
    """The links of one parse, by kind and by the words at their ends."""

    def __init__(self, parse: Parse) -> None:
        self._parse = parse
        self._links = [(_kind(link, parse), link) for link in parse.links]

    def predicates(self) -> Iterator[_Predicate]:
        """Every verb with its subject, auxiliaries and conjunctions resolved."""
        waiting: list[_Predicate] = []
        for kind, link in self._links:
            if kind in ("S", "SF", "SX"):
                waiting.append(_Predicate(link.right, link.left))
            elif kind in ("SI", "SFI", "SXI"):
                waiting.append(_Predicate(link.left, link.right))
            elif kind == "B" and self._from_left("RS", right=link.right):
                waiting.append(_Predicate(link.right, link.left))
        met: set[_Predicate] = set()
        while waiting:
            predicate = waiting.pop()
            if predicate in met:
                continue
            met.add(predicate)
            negated = predicate.is_negated or self._is_negated(predicate.verb)
            predicate = replace(predicate, is_negated=negated)
            further = list(self._further(predicate))
            waiting += further
            if not further:
                yield predicate
                waiting += self._controlled(predicate)

    def clauses_of(self, predicate: _Predicate) -> Iterator[Clause]:
        """With each of its subjects and each of its objects."""
        objects = list(self._objects(predicate.verb))
        subjects = [predicate.subject]
        passive = predicate.is_passive
        if self._word(predicate.subject) == "there" and objects:
            subjects, objects = objects, []  # it stands in for what there is
        elif passive and (doers := list(self._doers(predicate.verb))):
            subjects, objects, passive = doers, subjects, False
        for subject in self._parts_of(subjects):
            things: list[int | None] = [*self._parts_of(objects)]
            for thing in things or [None]:
                yield Clause(predicate.verb, subject, thing, predicate.is_negated, passive)

    def _further(self, predicate: _Predicate) -> Iterator[_Predicate]:
        """The verbs that an auxiliary or a conjunction stands for."""
        verb = predicate.verb
        for kind, link in self._links:
            if kind == "VJ" and verb in (link.left, link.right):
                part = link.left if link.right == verb else link.right
                if self._is_conjunction(verb):
                    yield replace(predicate, verb=part)
            elif link.left == verb and kind in _CHAIN:
                passive = predicate.is_passive or kind == "Pv"
                yield replace(predicate, verb=link.right, is_passive=passive)

    def _controlled(self, predicate: _Predicate) -> Iterator[_Predicate]:
        """``wanted to read``: who wants, reads; ``asked him to read``: he does."""
        for right in self._to_right("IV", predicate.verb):
            objects = list(self._to_right("O", predicate.verb))
            yield _Predicate(right, objects[0] if objects else predicate.subject)

    def _objects(self, verb: int) -> Iterator[int]:
        yield from self._to_right("O", verb)
        if not self._from_left("RS", right=verb):
            yield from self._from_left("B", right=verb)
        for kind, link in self._links:  # what all verbs of a conjunction take
            if kind == "VJ" and verb in (link.left, link.right):
                conjunction = link.right if link.left == verb else link.left
                if self._is_conjunction(conjunction):
                    yield from self._to_right("O", conjunction)

    def _doers(self, verb: int) -> Iterator[int]:
        for preposition in self._to_right("MV", verb):
            if self._word(preposition) == "by":
                yield from self._to_right("J", preposition)

    def _parts_of(self, words: list[int]) -> Iterator[int]:
        """The nouns of a conjunction instead of the conjunction, from left to right."""
        for word in words:
            parts = [
                link.left if link.right == word else link.right
                for kind, link in self._links
                if (kind == "SJl" and link.right == word) or (kind == "SJr" and link.left == word)
            ]
            yield from self._parts_of(sorted(parts)) if parts else (word,)

    def _is_negated(self, verb: int) -> bool:
        if self._word(verb).replace("\u2019", "'").endswith("n't"):
            return True
        adverbs = [*self._to_right("N", verb), *self._from_left("E", right=verb)]
        return any(self._word(adverb) in _NEGATIONS for adverb in adverbs)

    def _is_conjunction(self, word: int) -> bool:
        return self._parse.words[word].subscript.startswith("j")

    def _to_right(self, wanted: str, left: int) -> list[int]:
        return [link.right for kind, link in self._links if kind == wanted and link.left == left]

    def _from_left(self, wanted: str, *, right: int) -> list[int]:
        return [link.left for kind, link in self._links if kind == wanted and link.right == right]

    def _word(self, place: int) -> str:
        return bare(self._parse.words[place].text)


def bare(text: str) -> str:
    """A word of the parser without its subscript and without case."""
    head, dot, _ = text.rpartition(".")
    return (head if dot and head else text).casefold()


def _kind(link: ParsedLink, parse: Parse) -> str:
    """The letters of a label that say what the link means to us."""
    match = _LABEL.match(link.label)
    if match is None:
        return link.label
    kind, rest = match["kind"], match["rest"]
    if kind == "SJ":
        return kind + rest[:1]
    if kind == "P":
        # What is done to the subject, whether the dictionary takes it for a verb or an adjective.
        is_done = rest[:1] == "v" or parse.words[link.right].subscript.startswith("v")
        return "Pg" if rest[:1] == "g" else "Pv" if is_done else "P"
    return kind
