"""What the narration beside a quotation says of its speaker.

A *tag* has a verb of speech (``said Mara``, ``Mara had asked``, ``the old man whispered``); a
*beat* is a sentence beside the quotation that says what somebody does (``Mara shrugged.``). Both
have a subject: a name, a pronoun, or a description.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cognitive_architecture.capabilities.language.name_lists import PERSON_NOUNS
from cognitive_architecture.capabilities.language.names import NameSpan
from cognitive_architecture.capabilities.language.speech_verbs import (
    AUXILIARIES,
    MANNER_VERBS,
    PLAIN_SPEECH_VERBS,
    SPEECH_INFINITIVES,
    SPEECH_PARTICIPLES,
    SPEECH_VERBS,
)
from cognitive_architecture.capabilities.language.tokens import Token, TokenKind, folded
from cognitive_architecture.capabilities.language.word_lists import (
    CONJUNCTIONS,
    PERSON_VERBS,
    PREPOSITIONS,
    PRONOUNS,
    VERBS,
    words_of,
)


class SubjectKind(StrEnum):
    """How a subject is written."""

    NAME = "name"
    PRONOUN = "pronoun"
    DESCRIPTION = "description"


@dataclass(frozen=True, slots=True)
class Subject:
    """Who does what a sentence tells."""

    kind: SubjectKind
    words: tuple[str, ...]
    """Folded: the name's key, the pronoun, or the description (``the``, ``old``, ``man``)."""
    at: int
    after: int
    """Its tokens are ``at`` to ``after - 1``."""


class TagKind(StrEnum):
    """Where the narration names the speaker; the value is the rule's name in results."""

    AFTER = "tag after the quotation"
    BEFORE = "tag before the quotation"
    LEAD_IN = "sentence that leads into the quotation"
    BEAT_BEFORE = "sentence before the quotation"
    BEAT_AFTER = "sentence after the quotation"
    BEAT_ABOVE = "last sentence of the paragraph above"


@dataclass(frozen=True, slots=True)
class Tag:
    """A subject and where it was found."""

    kind: TagKind
    subject: Subject


_SUBJECT_PRONOUNS: Final = words_of("he she i")
_NOBODY_IN_PARTICULAR: Final = words_of(
    "they we it you who which that some others both someone somebody everyone everybody nobody "
    "people all"
)
_POSSESSIVES: Final[Mapping[str, str]] = {
    "his": "he", "her": "she", "my": "i", "their": "they", "our": "we"
}  # fmt: skip
_DETERMINERS: Final = words_of("the a an another one my his her their our")
_DASHES: Final = frozenset({"-", "--", "\u2013", "\u2014", ","})
_LEADING_MARKS: Final = frozenset({",", ":", "\u2014", "\u2013", "--"})
_NOUN_MARKERS: Final = words_of(
    "a an the some any no many few several his her its my your our their of with in by for"
)
_STOPS: Final = frozenset({".", "!", "?", "\u2026", "...", ";"})
_CLOSING_MARKS: Final = frozenset("\"'\u201d\u2019\u00bb)")
_PARTICLES: Final = words_of("out back again up then softly on to")
_ADVERBS: Final = words_of(
    "both all then just only also again simply soon still once finally almost never always first "
    "later now at last"
)
_OPENERS: Final = words_of("then now but and so still slowly suddenly finally at last")
_OWNED_PERSONS: Final = PERSON_NOUNS - {"voice"}  # "her voice said" is herself
_DESCRIPTION_WORDS_MAX: Final = 5
_OBJECT_MAX: Final = 3
_OPENERS_MAX: Final = 5
_SKIP_MAX: Final = 4
_CLAUSE_MAX: Final = 14


@dataclass(frozen=True, slots=True)
class Narration:
    """The tokens of a text, and the names among them by the token each begins at."""

    tokens: tuple[Token, ...]
    names: Mapping[int, NameSpan]
    persons: AbstractSet[int]
    """Where names begin that may mean a person."""

    def tag_after(self, first: int, end: int, *, across_comma: bool) -> Subject | None:
        """The subject of a tag that begins right after a quotation.

        Args:
            first: The first token after the closing mark.
            end: Where the narration ends: the next quotation, or the paragraph's end.
            across_comma: Whether the quotation ends in a comma, so that verbs of manner count.
        """
        while first < end and self.tokens[first].text in _DASHES:
            first += 1
        if first >= end:
            return None
        if self._speaks(first, across_comma=across_comma):
            at = self._skip(first + 1, end, _PARTICLES)
            return self.subject_at(at, end) or self._name_after_role(at, end)
        subject = self.subject_at(first, end)
        if subject is None:
            return None
        verb = self._skip(self._past_clause(subject.after, end), end, AUXILIARIES)
        return subject if verb < end and self._speaks(verb, across_comma=across_comma) else None

    def _name_after_role(self, at: int, end: int) -> Subject | None:
        """``chief executive Helena Strand``."""
        for place in range(at, min(end, at + _OBJECT_MAX + 1)):
            if place in self.names:
                return self.subject_at(place, end) if place > at else None
            if not self._describes(place, is_first=True):
                return None
        return None

    def tag_before(self, first: int, end: int) -> Tag | None:
        """The tag in the unfinished sentence that leads into a quotation.

        Args:
            first: Where that sentence begins.
            end: The quotation's opening mark.
        """
        last = end - 1
        if first >= end or self.tokens[last].text in _STOPS | _CLOSING_MARKS:
            return None
        leads = self.tokens[last].text in _LEADING_MARKS
        verb = next((at for at in range(last, first - 1, -1) if self._speaks(at)), None)
        if verb is not None and not (leads or self._touches(verb, last)):
            return None
        if verb is None:
            subject = self._first_subject(first, end) if leads else None
            return Tag(TagKind.LEAD_IN, subject) if subject else None
        if verb == first:
            subject = self.subject_at(verb + 1, end)
        else:
            subject = self._subject_ending_at(verb, first) or self._first_subject(first, verb)
        return Tag(TagKind.BEFORE, subject) if subject else None

    def _touches(self, verb: int, last: int) -> bool:
        """Whether a verb and what it takes end right before a quotation without a mark."""
        word = folded(self.tokens[last].text)
        if verb != last and folded(self.tokens[verb].text) not in PLAIN_SPEECH_VERBS:
            return False
        return last - verb <= _OBJECT_MAX and not (
            word in AUXILIARIES or word in PREPOSITIONS or (word in VERBS and last != verb)
        )

    def beat(self, first: int, end: int) -> Subject | None:
        """The subject a sentence begins with; ``Her eyes`` and ``Mara's hand`` stand for the whole.

        Args:
            first: Where the sentence begins.
            end: Where it ends.
        """
        at = first
        while at < end and at < first + _OPENERS_MAX and self._is_opener(at):
            at += 1
        if at >= end:
            return None
        subject = self.subject_at(at, end)
        return subject if subject is not None and self._is_person(subject) else None

    def subject_at(self, at: int, end: int) -> Subject | None:
        """The subject that begins at a token, if one does."""
        if at >= end:
            return None
        if (name := self.names.get(at)) is not None:
            owned = self._description_at(at, name.after_token, end) if name.is_possessive else None
            if owned is not None and owned.words[-1] in _OWNED_PERSONS:
                return owned
            after = owned.after if owned else name.after_token
            return Subject(SubjectKind.NAME, name.key, at, after)
        word = folded(self.tokens[at].text)
        if word in _SUBJECT_PRONOUNS or word in _NOBODY_IN_PARTICULAR:
            return Subject(SubjectKind.PRONOUN, (word,), at, at + 1)
        if word == "the" and at + 1 < end and (titled := self.names.get(at + 1)) is not None:
            return Subject(SubjectKind.NAME, titled.key, at + 1, titled.after_token)
        if word not in _DETERMINERS:
            return None
        description = self._description_at(at, at + 1, end)
        owner = _POSSESSIVES.get(word)
        if owner is None or (description and description.words[-1] in _OWNED_PERSONS):
            return description
        return Subject(
            SubjectKind.PRONOUN, (owner,), at, description.after if description else at + 1
        )

    def _description_at(self, at: int, after: int, end: int) -> Subject | None:
        """What begins at ``at`` with an article or an owner and goes on with plain words."""
        first = after
        limit = min(end, first + _DESCRIPTION_WORDS_MAX)
        while after < limit and self._describes(after, is_first=after == first):
            after += 1
        if after == first:
            return None
        words = tuple(folded(token.text) for token in self.tokens[at:after])
        article = "the" if words[0] in ("a", "an", "another", "one") else words[0]
        return Subject(SubjectKind.DESCRIPTION, (article, *words[1:]), at, after)

    def _is_person(self, subject: Subject) -> bool:
        """Whether a subject without a verb of speech can be a speaker."""
        match subject.kind:
            case SubjectKind.NAME:
                return subject.at in self.persons
            case SubjectKind.PRONOUN:
                return subject.words[0] in _SUBJECT_PRONOUNS
            case SubjectKind.DESCRIPTION:
                return subject.words[-1] in PERSON_NOUNS

    def _describes(self, at: int, *, is_first: bool) -> bool:
        """Whether a token can be a word of ``the tall young man``."""
        token = self.tokens[at]
        word = folded(token.text)
        return (
            token.kind is TokenKind.WORD
            and at not in self.names
            and (is_first or not word.endswith("ed"))
            and not (
                word in PREPOSITIONS
                or word in CONJUNCTIONS
                or word in PRONOUNS
                or word in VERBS
                or word in AUXILIARIES
                or word in PERSON_VERBS
                or word.endswith(("ly", "ing"))
                or self._speaks(at, across_comma=True)
            )
        )

    def _speaks(self, at: int, *, across_comma: bool = False) -> bool:
        word = folded(self.tokens[at].text)
        before = folded(self.tokens[at - 1].text) if at else ""
        if before in _NOUN_MARKERS:
            return False  # "with cries of", "his answer"
        if word in SPEECH_VERBS or (across_comma and word in MANNER_VERBS):
            return True
        if word in SPEECH_PARTICIPLES:
            return before in AUXILIARIES or before in ("", ",")
        return word in SPEECH_INFINITIVES and before in AUXILIARIES

    def _skip(self, at: int, end: int, little: frozenset[str]) -> int:
        """Past adverbs and little words, at most four."""
        limit = min(end, at + _SKIP_MAX)
        while at < limit:
            word = folded(self.tokens[at].text)
            if not (word in little or word in _ADVERBS or word.endswith("ly")):
                break
            if at in self.names or self._speaks(at):
                break
            at += 1
        return at

    def _past_clause(self, at: int, end: int) -> int:
        """Past an insertion between commas: ``Mara, without looking up, said``."""
        if at >= end or self.tokens[at].text != ",":
            return at
        for after in range(at + 1, min(end, at + _CLAUSE_MAX)):
            if self.tokens[after].text in _STOPS:
                return at
            if self.tokens[after].text == ",":
                return after + 1
        return at

    def _subject_ending_at(self, verb: int, first: int) -> Subject | None:
        """The subject right before a verb, but for adverbs and auxiliaries."""
        for at in range(verb - 1, max(first, verb - 8) - 1, -1):
            subject = self.subject_at(at, verb)
            if subject is not None:
                reaches = self._skip(subject.after, verb, AUXILIARIES) == verb
                return subject if reaches and not self._is_object(at, first) else None
        return None

    def _is_object(self, at: int, first: int) -> bool:
        """Whether what begins at a token hangs on a word before it: ``for Mara``."""
        article = at - 1 if at > first and self.tokens[at - 1].text == "the" else at
        before = folded(self.tokens[article - 1].text) if article > first else ""
        return before in PREPOSITIONS or before.endswith("ing")

    def _first_subject(self, first: int, end: int) -> Subject | None:
        """The first name, pronoun or description of a sentence."""
        for at in range(first, min(end, first + 2 * _CLAUSE_MAX)):
            subject = self.subject_at(at, end)
            if subject is None or self._is_object(at, first):
                continue
            if self._is_person(subject):
                return subject
        return None

    def _is_opener(self, at: int) -> bool:
        word = folded(self.tokens[at].text)
        return word in _OPENERS or word == "," or (word.endswith("ly") and at not in self.names)
