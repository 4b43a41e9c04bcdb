"""The characters of a prose text: which names mean the same person, and who is she or he.

Names of one person are joined so:

* a single name that is part of exactly one fuller name is that person (``Pym``: ``Ewart Pym``);
* a title and a surname are the one person of that surname whose gender suits the title
  (``Mr. Skeat``: ``Abel Skeat``, not ``Dorcas Skeat``);
* a title alone is the one person who bears it (``the Captain``);
* a person is called by the listed name if the caller lists one, else by the fullest name; of one
  with a single name, by the commonest form of it.

Gender is taken from titles; else from the pronouns that follow a name alone in its sentence, where
at least two of them agree and three quarters of all do; else from our list of given names; else
from a single pronoun; else from a noun (``Hesper, the ferryman``). It may stay unknown, and then
fits any pronoun.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cognitive_architecture.capabilities.language.name_lists import (
    FEMININE_NAMES,
    FEMININE_NOUNS,
    FEMININE_TITLES,
    MASCULINE_NAMES,
    MASCULINE_NOUNS,
    MASCULINE_TITLES,
    TITLES_OF_PERSONS,
)
from cognitive_architecture.capabilities.language.tokens import folded, tokens, unaccented
from cognitive_architecture.capabilities.language.word_lists import words_of

Key = tuple[str, ...]
_LITTLE: Final = words_of("of the de la van von der old young little poor dear")
_FULL_TITLES: Final = {
    "dr": "doctor",
    "prof": "professor",
    "capt": "captain",
    "lt": "lieutenant",
    "sgt": "sergeant",
    "cpl": "corporal",
    "maj": "major",
    "col": "colonel",
    "gen": "general",
    "rev": "reverend",
}
_VOTES_SURE: Final = 2
_VOTES_SHARE: Final = 0.75


class Gender(StrEnum):
    """Which pronoun stands for a character."""

    FEMININE = "feminine"
    MASCULINE = "masculine"


PRONOUN_GENDERS: Final[Mapping[str, Gender]] = {
    **dict.fromkeys(("she", "her", "hers", "herself"), Gender.FEMININE),
    **dict.fromkeys(("he", "him", "his", "himself"), Gender.MASCULINE),
}


@dataclass(frozen=True, slots=True)
class Appearance:
    """A written name: its folded words, and the spelling."""

    key: Key
    spelling: str


@dataclass(frozen=True, slots=True)
class Cast:
    """Who appears in a text."""

    name_by_key: Mapping[Key, str]
    """What each written name means: the name its person is called by."""
    gender_by_name: Mapping[str, Gender]
    """Of each person whose gender is known."""
    name_by_title: Mapping[str, str]
    """The one person who bears a title or is told to be something: ``the captain``."""


Votes = Mapping[Key, Counter[Gender]]
"""How often each pronoun followed a name alone in its sentence."""


def cast_of(
    appearances: Iterable[Appearance],
    votes: Votes,
    characters: Iterable[str] = (),
    *,
    nouns: Sequence[tuple[str, Key]] = (),
) -> Cast:
    """Join the names of a text into persons.

    Args:
        appearances: Every written name of a person.
        votes: How often each pronoun followed a name alone in its sentence.
        characters: Names the caller lists.
        nouns: What somebody is told to be, with the name: ``Hesper, the ferryman``.
    """
    listed = {key_of(name): name for name in characters}
    spellings: dict[Key, Counter[str]] = {key: Counter() for key in listed}
    for appearance in appearances:
        spellings.setdefault(appearance.key, Counter())[appearance.spelling] += 1
    persons = _Persons(spellings, votes, listed)
    members: dict[Key, list[Key]] = {}
    for key in spellings:
        members.setdefault(persons.person(key), []).append(key)
    name_by_key: dict[Key, str] = {}
    genders: dict[str, Gender] = {}
    for keys in members.values():
        name = _display_name(keys, spellings, listed)
        name_by_key.update(dict.fromkeys(keys, name))
        if (gender := _gender(keys, votes)) is not None:
            genders[name] = gender
    for noun, key in nouns:
        if key in name_by_key and (gender := gender_of_noun(noun)) is not None:
            genders.setdefault(name_by_key[key], gender)
    name_by_title = _single_bearers(name_by_key, nouns)
    titles_alone = {
        key: name_by_title[full_title(key[0])]
        for key in name_by_key
        if len(key) == 1 and full_title(key[0]) in name_by_title
    }
    return Cast(name_by_key | titles_alone, genders, name_by_title)


def gender_of_noun(noun: str) -> Gender | None:
    """What ``ferryman`` or ``aunt`` tell."""
    if noun in FEMININE_NOUNS:
        return Gender.FEMININE
    return Gender.MASCULINE if noun in MASCULINE_NOUNS else None


def full_title(word: str) -> str:
    """``doctor`` for ``dr``; other words as they are."""
    return _FULL_TITLES.get(word, word)


def _single_bearers(
    name_by_key: Mapping[Key, str], nouns: Iterable[tuple[str, Key]]
) -> dict[str, str]:
    bearers: dict[str, set[str]] = {}
    for noun, key in nouns:
        if key in name_by_key:
            bearers.setdefault(full_title(noun), set()).add(name_by_key[key])
    for key, name in name_by_key.items():
        if len(key) > 1 and key[0] in TITLES_OF_PERSONS:
            bearers.setdefault(full_title(key[0]), set()).add(name)
    return {title: names.pop() for title, names in bearers.items() if len(names) == 1}


def key_of(name: str) -> Key:
    """The folded words of a written name."""
    return tuple(folded(token.text) for token in tokens(name) if token.text[-1:].isalnum())


def _content(key: Key) -> Key:
    """A name without titles and little words; a title alone stays."""
    return tuple(w for w in key if w not in TITLES_OF_PERSONS and w not in _LITTLE) or key


class _Persons:
    """Finds, for each written name, the content of the fullest name of the same person."""

    def __init__(self, spellings: Iterable[Key], votes: Votes, listed: Iterable[Key]) -> None:
        self._votes = votes
        keys_by_content: dict[Key, list[Key]] = {}
        for key in spellings:
            keys_by_content.setdefault(_content(key), []).append(key)
        full = {content: None for content in keys_by_content if len(content) > 1}
        full.update(dict.fromkeys(_content(key) for key in listed))
        self._gender_by_full = {
            whole: _gender(keys_by_content.get(whole, [whole]), votes) for whole in full
        }
        self._full_by_word: dict[str, list[Key]] = {}
        for whole in full:
            for word in dict.fromkeys(whole):
                self._full_by_word.setdefault(word, []).append(whole)
        self._shared_surnames = {
            content
            for content, keys in keys_by_content.items()
            if len({_gender_by_title(key) for key in keys} - {None}) > 1
        }

    def person(self, key: Key) -> Key:
        content = _content(key)
        if content in self._gender_by_full or len(content) != 1:
            return content
        bearers = self._full_by_word.get(content[0], [])
        if len(key) > 1:
            bearers = [whole for whole in bearers if self._suits(key, whole)]
        if len(bearers) == 1:
            return bearers[0]
        # "Mr. Voss" and "Mrs. Voss" are two; without a fuller name, "Voss" is neither.
        return key if bearers or content in self._shared_surnames else content

    def _suits(self, titled: Key, whole: Key) -> bool:
        """Whether a title and a surname can mean the person of a full name."""
        gender = _gender([titled], self._votes)
        known = self._gender_by_full[whole]
        return whole[-1] == titled[-1] and (gender is None or known is None or gender is known)


def _display_name(
    keys: list[Key], spellings: Mapping[Key, Counter[str]], listed: Mapping[Key, str]
) -> str:
    for key in keys:
        if key in listed:
            return listed[key]
    words = max(len(_content(key)) for key in keys)
    fullest = [key for key in keys if len(_content(key)) == words]
    # "Ewart Pym" rather than "Mr. Ewart Pym", but "Mrs. Oddy" if that is what she is mostly called.
    shortest = min(len(key) for key in fullest)
    candidates = [key for key in fullest if words == 1 or len(key) == shortest]
    best = max(candidates, key=lambda key: (spellings[key].total(), len(key)))
    return max(spellings[best], key=lambda spelling: spellings[best][spelling])


def _gender(keys: list[Key], votes: Votes) -> Gender | None:
    total: Counter[Gender] = Counter()
    for key in keys:
        total.update(votes.get(key, {}))
    reasons = (
        *(_gender_by_title(key) for key in keys),
        _winner(total, votes_min=_VOTES_SURE),
        *(_gender_by_given_name(key) for key in keys),
        _winner(total, votes_min=1),
    )
    return next((gender for gender in reasons if gender is not None), None)


def _winner(votes: Counter[Gender], *, votes_min: int) -> Gender | None:
    for gender, count in votes.most_common(1):
        if count >= votes_min and count >= _VOTES_SHARE * votes.total():
            return gender
    return None


def _gender_by_title(key: Key) -> Gender | None:
    if key[0] in FEMININE_TITLES:
        return Gender.FEMININE
    return Gender.MASCULINE if key[0] in MASCULINE_TITLES else None


def _gender_by_given_name(key: Key) -> Gender | None:
    first = unaccented(_content(key)[0])
    if first in FEMININE_NAMES:
        return Gender.FEMININE
    return Gender.MASCULINE if first in MASCULINE_NAMES else None


def pronoun_votes(
    sentences: Iterable[tuple[Key | None, Iterable[str]]],
) -> dict[Key, Counter[Gender]]:
    """Count the pronouns that follow names.

    Args:
        sentences: For each, its name if it has exactly one, and the words after that name.
    """
    votes: dict[Key, Counter[Gender]] = {}
    for key, words in sentences:
        if key is None:
            continue
        genders = set(_genders_in(words))
        if len(genders) == 1:
            votes.setdefault(key, Counter())[genders.pop()] += 1
    return votes


def _genders_in(words: Iterable[str]) -> Iterator[Gender]:
    for word in words:
        if (gender := PRONOUN_GENDERS.get(folded(word))) is not None:
            yield gender
