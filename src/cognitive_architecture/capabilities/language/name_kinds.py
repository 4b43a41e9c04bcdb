"""What a name names: a person, an organisation, a place, a nationality, or just a name.

Every place where a name stands may give a cue; the strongest cue in the whole text decides for all
its places, because one text hardly ever uses one name for two things ("one sense per discourse":
Gale, Church and Yarowsky, 1992).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cognitive_architecture.capabilities.language.documents import Document
from cognitive_architecture.capabilities.language.name_lists import (
    NATIONALITIES,
    ORGANISATION_WORDS,
    ORGANISATIONS,
    ORGANISATIONS_OF,
    PLACE_WORDS,
    PLACES,
    PLACES_BEFORE_NAMES,
    PLACES_OF,
    TITLES_OF_PERSONS,
)
from cognitive_architecture.capabilities.language.names import KNOWN_NAMES, NameSpan
from cognitive_architecture.capabilities.language.speech_verbs import PLAIN_SPEECH_VERBS
from cognitive_architecture.capabilities.language.tokens import Token, unaccented
from cognitive_architecture.capabilities.language.word_lists import PERSON_VERBS, words_of


class NameKind(StrEnum):
    """What a name names."""

    PERSON = "person"
    ORGANISATION = "organisation"
    PLACE = "place"
    NATIONALITY = "nationality"
    NAME = "name"
    """Something that no cue tells."""


@dataclass(frozen=True, slots=True)
class NamedThing:
    """A name at one place, what it names, and the rule that says so."""

    kind: NameKind
    rule: str
    span: NameSpan


@dataclass(frozen=True, slots=True)
class _Cue:
    """A reason to take a name for something; of several, the strongest counts."""

    strength: int
    kind: NameKind
    rule: str


_TITLE: Final = _Cue(9, NameKind.PERSON, "title before the name")
_KNOWN_CHARACTER: Final = _Cue(10, NameKind.PERSON, "listed as a character")
_ORGANISATION_WORD: Final = _Cue(8, NameKind.ORGANISATION, "organisation word")
_PLACE_WORD: Final = _Cue(8, NameKind.PLACE, "place word")
_SPEAKS: Final = _Cue(7, NameKind.PERSON, "verb of speech beside the name")
_NATIONALITY: Final = _Cue(6, NameKind.NATIONALITY, "known nationality")
_KNOWN_ORGANISATION: Final = _Cue(6, NameKind.ORGANISATION, "known organisation")
_PLACE_NOUN: Final = _Cue(6, NameKind.PLACE, "noun of place before the name")
_KNOWN_PLACE: Final = _Cue(6, NameKind.PLACE, "known place")
_GIVEN_NAME: Final = _Cue(5, NameKind.PERSON, "known given name")
_OFTEN_A_PLACE: Final = _Cue(8, NameKind.PLACE, "preposition of place, twice or more")
_HOLDS_PERSON: Final = _Cue(4, NameKind.PERSON, "holds the name of a person")
_PART_OF_PERSON: Final = _Cue(4, NameKind.PERSON, "part of a fuller name")
_PART_OF_ORGANISATION: Final = _Cue(4, NameKind.ORGANISATION, "part of a fuller name")
_ACTS: Final = _Cue(3, NameKind.PERSON, "verb that persons do")
_PREPOSITION: Final = _Cue(2, NameKind.PLACE, "preposition of place")
_TITLE_ALONE: Final = _Cue(1, NameKind.PERSON, "title used as a name")
_UNKNOWN: Final = _Cue(0, NameKind.NAME, "capitalised")

_PLACE_PREPOSITIONS: Final = words_of(
    "in near throughout across outside inside within around beyond off"
)
_GOALS: Final = words_of("to from at for towards toward into")
_MOVEMENTS: Final = words_of(
    "go goes going went gone come comes coming came travel travels travelled traveled traveling "
    "travelling drive drives drove driving fly flies flew flying sail sails sailed sailing return "
    "returns returned returning move moves moved moving ride rides rode riding walk walked "
    "walking arrive arrives arrived arriving march marched ship shipped live lives lived living "
    "stay stayed head headed heading leave leaves left leaving bound back road way train boat "
    "ferry miles"
)
_PLACE_NOUNS: Final = words_of(
    "village town city county port island district province region parish river valley borough "
    "suburb state kingdom republic harbour hamlet"
)
_RANKS: Final = words_of("first prime vice deputy former chief")
_LITTLE: Final = words_of("of the de la van von der & and")
_NO_TITLE_ALONE: Final = words_of(
    "sir lord lady madam madame miss master mr mrs ms fr st saint count justice chief officer "
    "general major private minister secretary"
)


def named_things(
    document: Document, spans: Iterable[NameSpan], characters: frozenset[str] = frozenset()
) -> tuple[NamedThing, ...]:
    """Say of every name what it names.

    Args:
        document: The text the names were found in.
        spans: The names.
        characters: Words, folded, of the names of persons the caller knows.
    """
    found = [(span, _best(_cues(span, document.tokens, characters))) for span in spans]
    by_key: dict[tuple[str, ...], _Cue] = {}
    as_places: Counter[tuple[str, ...]] = Counter()
    for span, cue in found:
        known = by_key.get(span.key, _UNKNOWN)
        by_key[span.key] = cue if cue.strength > known.strength else known
        as_places[span.key] += cue is _PREPOSITION
    for key, times in as_places.items():
        if times > 1 and by_key[key].strength < _OFTEN_A_PLACE.strength:
            by_key[key] = _OFTEN_A_PLACE
    parts = _parts_of_full_names(by_key)
    return tuple(_decided(span, cue, by_key, parts) for span, cue in found)


def _decided(
    span: NameSpan, here: _Cue, by_key: dict[tuple[str, ...], _Cue], parts: dict[str, _Cue]
) -> NamedThing:
    key = span.key
    anywhere = by_key[key]
    if len(key) == 1:
        anywhere = max(anywhere, parts.get(key[0], _UNKNOWN), key=lambda cue: cue.strength)
    elif anywhere is _UNKNOWN and any(
        by_key.get((word,), _UNKNOWN).kind is NameKind.PERSON for word in (key[0], key[-1])
    ):
        anywhere = _HOLDS_PERSON
    if here.kind is anywhere.kind:
        return NamedThing(here.kind, here.rule, span)
    elsewhere = anywhere in (_PART_OF_PERSON, _PART_OF_ORGANISATION, _HOLDS_PERSON, _OFTEN_A_PLACE)
    rule = anywhere.rule if elsewhere else f"elsewhere in the text: {anywhere.rule}"
    return NamedThing(anywhere.kind, rule, span)


def _parts_of_full_names(by_key: dict[tuple[str, ...], _Cue]) -> dict[str, _Cue]:
    """What single words name because they are part of a longer name."""
    parts: dict[str, _Cue] = {}
    for key, cue in by_key.items():
        content = [word for word in key if word not in TITLES_OF_PERSONS | _LITTLE]
        if cue.kind is NameKind.PERSON and cue.strength > _PART_OF_PERSON.strength:
            if len(key) > 1:
                parts.update(dict.fromkeys(content, _PART_OF_PERSON))
        elif cue is _ORGANISATION_WORD:
            for word in content:
                if word in ORGANISATION_WORDS or word == key[0]:
                    parts.setdefault(word, _PART_OF_ORGANISATION)
    return parts


def _best(cues: Iterable[_Cue]) -> _Cue:
    return max(cues, key=lambda cue: cue.strength, default=_UNKNOWN)


def _cues(span: NameSpan, tokens: tuple[Token, ...], characters: frozenset[str]) -> Iterator[_Cue]:
    key = span.key
    if any(word in characters for word in key):
        yield _KNOWN_CHARACTER
    yield from _cues_inside(key)
    before = tokens[span.first_token - 1].text if span.first_token else ""
    after = tokens[span.after_token].text if span.after_token < len(tokens) else ""
    if before in TITLES_OF_PERSONS:
        yield _TITLE
    if before == "of" and tokens[max(0, span.first_token - 2)].text in _PLACE_NOUNS:
        yield _PLACE_NOUN
    if not span.is_possessive:
        if after in PLAIN_SPEECH_VERBS or before in PLAIN_SPEECH_VERBS:
            yield _SPEAKS
        if after in PERSON_VERBS:
            yield _ACTS
        if _stands_as_a_place(before, span, tokens):
            yield _KNOWN_PLACE if " ".join(key) in PLACES else _PREPOSITION


def _cues_inside(key: tuple[str, ...]) -> Iterator[_Cue]:
    """What the words of a name say by themselves."""
    first, last, whole = unaccented(key[0]), key[-1], " ".join(key)
    titles = _leading_titles(key)
    if titles and titles < len(key):
        yield _TITLE
    elif first in TITLES_OF_PERSONS and first not in _NO_TITLE_ALONE:
        yield _TITLE_ALONE
    if whole in ORGANISATIONS:
        yield _KNOWN_ORGANISATION
    if len(key) > 1:
        if last in ORGANISATION_WORDS or (first in ORGANISATIONS_OF and key[1] == "of"):
            yield _ORGANISATION_WORD
        if last in PLACE_WORDS or first in PLACES_BEFORE_NAMES or _is_place_of(key):
            yield _PLACE_WORD
    if whole in NATIONALITIES or (last in NATIONALITIES and first not in KNOWN_NAMES):
        yield _NATIONALITY
    is_given_name = first in KNOWN_NAMES
    if whole in PLACES and not (is_given_name and len(key) == 1):
        yield _KNOWN_PLACE
    elif is_given_name:
        yield _GIVEN_NAME


def _leading_titles(key: tuple[str, ...]) -> int:
    """How many words of a name are its title: 2 of ``Prime Minister Ann Lee``; 0 without any."""
    first = 1 if key[0] in _RANKS else 0
    after = first
    while after < len(key) and key[after] in TITLES_OF_PERSONS:
        after += 1
    return after if after > first else 0


def _is_place_of(key: tuple[str, ...]) -> bool:
    return key[0] in PLACES_OF and key[1] == "of"


def _stands_as_a_place(before: str, span: NameSpan, tokens: tuple[Token, ...]) -> bool:
    """After ``in``; after ``to`` or ``from`` only where something moves."""
    first = span.first_token
    if before == "the" and first > 1:
        first -= 1
        before = tokens[first - 1].text
    if before in _PLACE_PREPOSITIONS:
        return True
    return before in _GOALS and any(
        token.text in _MOVEMENTS for token in tokens[max(0, first - 5) : first - 1]
    )
