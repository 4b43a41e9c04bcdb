"""Persons, organisations, places, dates, amounts and addresses in a text, by rule.

Where two findings overlap, the earlier in this order is kept: addresses, then what the patterns
find (:mod:`.entity_patterns`), then names (:mod:`.names`, :mod:`.name_kinds`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cognitive_architecture.capabilities.language.documents import Document
from cognitive_architecture.capabilities.language.entity_patterns import pattern_matches
from cognitive_architecture.capabilities.language.name_kinds import named_things
from cognitive_architecture.capabilities.language.names import name_spans
from cognitive_architecture.capabilities.language.tokens import TokenKind


@dataclass(frozen=True, slots=True)
class Entity:
    """Something a text names, where it does so, and the rule that found it."""

    kind: str
    """``person``, ``organisation``, ``place``, ``nationality``, ``name``, ``date``, ``time``,
    ``money``, ``percentage``, ``quantity``, ``email`` or ``url``."""
    text: str
    start: int
    end: int
    rule: str


def entities(document: Document) -> tuple[Entity, ...]:
    """All entities of a text in order, none overlapping another."""
    text = document.text
    is_taken = bytearray(len(text))
    found: list[Entity] = []
    for kind, rule, start, end in _candidates(document):
        if any(is_taken[start:end]):
            continue
        is_taken[start:end] = b"\x01" * (end - start)
        found.append(Entity(kind, text[start:end], start, end, rule))
    return tuple(sorted(found, key=lambda entity: entity.start))


def _candidates(document: Document) -> Iterator[tuple[str, str, int, int]]:
    """Everything found, the better first."""
    for token in document.tokens:
        if token.kind is TokenKind.ADDRESS:
            is_mail = "@" in token.text and "://" not in token.text
            kind, rule = ("email", "mail address") if is_mail else ("url", "web address")
            yield kind, rule, token.start, token.end
    for match in pattern_matches(document.text):
        yield match.kind, match.rule, match.start, match.end
    for thing in named_things(document, name_spans(document)):
        yield thing.kind.value, thing.rule, thing.span.start, thing.span.end
