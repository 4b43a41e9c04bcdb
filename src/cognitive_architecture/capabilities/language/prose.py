"""A prose text as speech and narration: each quotation with what stands beside it.

Quoted words count as speech if a tag says so, if they begin their paragraph, or if a mark (a stop,
a comma, a colon, a dash) is before them. What a sentence runs into without one (``the so-called
"expert"``) is only mentioned.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from cognitive_architecture.capabilities.language.cast import (
    Appearance,
    Cast,
    Gender,
    Key,
    cast_of,
    full_title,
    key_of,
    pronoun_votes,
)
from cognitive_architecture.capabilities.language.documents import Document
from cognitive_architecture.capabilities.language.name_kinds import (
    NamedThing,
    NameKind,
    named_things,
)
from cognitive_architecture.capabilities.language.name_lists import PERSON_NOUNS
from cognitive_architecture.capabilities.language.names import NameSpan, name_spans
from cognitive_architecture.capabilities.language.pronouns import Mention
from cognitive_architecture.capabilities.language.quotations import Quotation, quotations
from cognitive_architecture.capabilities.language.tags import (
    Narration,
    SubjectKind,
    Tag,
    TagKind,
)
from cognitive_architecture.capabilities.language.tokens import TokenKind

_VOCATIVE_STARTS: Final = frozenset(
    {",", ".", "!", "?", "\u2026", "...", "\u2014", "--", "dear", "my", "poor", "oh", "yes", "no"}
)
_VOCATIVE_ENDS: Final = frozenset({",", ".", "!", "?", "\u2026", "...", "\u2014", "--", "-"})


@dataclass(frozen=True, slots=True)
class Passage:
    """Speech between two marks, and what the narration beside it tells."""

    quotation: Quotation
    tag: Tag | None
    """What names its speaker, if anything does."""
    beat: Tag | None
    """Who does something in the sentence beside it."""
    above: Tag | None
    """Who does something at the end of the paragraph above, if nobody speaks there."""
    addressed: tuple[str, ...]
    """Whom it calls by name, in order."""
    named: frozenset[str]
    """Whom it names in any way."""
    sentence: int
    """The number of the sentence it begins in."""


@dataclass(frozen=True, slots=True)
class Prose:
    """A text read for its dialogue."""

    passages: tuple[Passage, ...]
    cast: Cast
    mentions: tuple[Mention, ...]
    """Persons named in the narration, in order."""
    narration: Narration


def read_prose(document: Document, characters: Iterable[str] = ()) -> Prose:
    """Find the speech in a text and who is named around it.

    Args:
        document: A text.
        characters: Names the caller knows to be characters.
    """
    return _Reader(document, tuple(characters)).prose()


@dataclass(frozen=True, slots=True)
class _Window:
    """A quotation and how far the narration around it reaches in its paragraph."""

    quotation: Quotation
    start: int
    end: int
    is_first: bool
    """Whether no other is before it in its paragraph."""


class _Quoted:
    """Tells speech from narration."""

    def __init__(self, speech: Sequence[Quotation]) -> None:
        self._starts = [quotation.start for quotation in speech]
        self._ends = [quotation.end for quotation in speech]

    def holds(self, offset: int) -> bool:
        last = bisect_right(self._starts, offset) - 1
        return last >= 0 and offset < self._ends[last]


class _Reader:
    def __init__(self, document: Document, characters: tuple[str, ...]) -> None:
        self._document = document
        self._characters = characters
        self._token_starts = [token.start for token in document.tokens]
        self._sentence_starts = [sentence.start for sentence in document.sentences]
        known = frozenset(word for name in characters for word in key_of(name))
        spans = name_spans(document, known)
        self._things = named_things(document, spans, known)
        self._narration = Narration(
            tokens=document.tokens,
            names={span.first_token: span for span in spans},
            persons={
                thing.span.first_token
                for thing in self._things
                if thing.kind in (NameKind.PERSON, NameKind.NAME)
            },
        )

    def prose(self) -> Prose:
        found = quotations(self._document.text, self._document.paragraphs)
        speech = [window.quotation for window in self._windows(found) if self._is_speech(window)]
        windows = list(self._windows(speech))
        tags = [self._tag(window) for window in windows]
        speaking = {tag.subject.at for tag in tags if tag and tag.subject.kind is SubjectKind.NAME}
        outside = list(self._outside(speech))
        votes = self._votes(outside)
        cast = cast_of(
            self._appearances(speaking),
            votes,
            self._characters,
            nouns=tuple(self._nouns_beside_names(outside)),
        )
        with_speech = {quotation.paragraph for quotation in speech}
        passages = tuple(
            self._passage(window, tag, cast, with_speech)
            for window, tag in zip(windows, tags, strict=True)
        )
        persons = self._persons(cast, speaking, votes, passages)
        mentions = [
            *self._mentions(outside, cast, persons),
            *self._described(speech, cast),
        ]
        return Prose(
            passages=passages,
            cast=cast,
            mentions=tuple(sorted(mentions, key=lambda mention: mention.at)),
            narration=self._narration,
        )

    def _persons(
        self,
        cast: Cast,
        speaking: AbstractSet[int],
        votes: Mapping[Key, Counter[Gender]],
        passages: Iterable[Passage],
    ) -> set[str]:
        """Who speaks, is called by name, is followed by ``his`` or ``her``, or is told a person."""
        keys = {
            thing.span.key
            for thing in self._things
            if thing.kind is NameKind.PERSON or thing.span.first_token in speaking
        }
        names = {cast.name_by_key[key] for key in (*keys, *votes) if key in cast.name_by_key}
        return names.union(*(passage.addressed for passage in passages))

    def _windows(self, found: Sequence[Quotation]) -> Iterator[_Window]:
        for number, quotation in enumerate(found):
            block = self._document.paragraphs[quotation.paragraph]
            before = found[number - 1].outer_end if number else 0
            after = found[number + 1].outer_start if number + 1 < len(found) else block.end
            yield _Window(
                quotation,
                start=max(block.start, before),
                end=min(block.end, after),
                is_first=before <= block.start,
            )

    def _is_speech(self, window: _Window) -> bool:
        tag = self._tag(window)
        if tag is not None and tag.kind is not TagKind.LEAD_IN:
            return True
        before = self._token_at(window.quotation.outer_start) - 1
        if before < 0 or self._token_starts[before] < window.start:
            return True
        return self._document.tokens[before].kind is TokenKind.PUNCTUATION

    def _tag(self, window: _Window) -> Tag | None:
        quotation = window.quotation
        first, end = self._sentence_after(window)
        across_comma = self._document.text[quotation.end - 1] == ","
        after = self._narration.tag_after(first, end, across_comma=across_comma)
        if after is not None:
            return Tag(TagKind.AFTER, after)
        sentence = self._document.sentences[self._sentence_at(quotation.outer_start)]
        first = self._token_at(max(window.start, sentence.start))
        return self._narration.tag_before(first, self._token_at(quotation.outer_start))

    def _sentence_after(self, window: _Window) -> tuple[int, int]:
        """The tokens of the sentence right after a quotation, as far as its window reaches."""
        first = self._token_at(window.quotation.outer_end)
        end = self._token_at(window.end)
        if first < end:
            sentence = self._document.sentences[self._sentence_at(self._token_starts[first])]
            end = min(end, self._token_at(sentence.end))
        return first, end

    def _passage(
        self, window: _Window, tag: Tag | None, cast: Cast, with_speech: AbstractSet[int]
    ) -> Passage:
        quotation = window.quotation
        above = quotation.paragraph - 1
        addressed, named = self._names_inside(quotation, cast)
        is_under_narration = window.is_first and above >= 0 and above not in with_speech
        return Passage(
            quotation=quotation,
            tag=tag,
            beat=self._beat(window),
            above=self._beat_above(above) if is_under_narration else None,
            addressed=addressed,
            named=named,
            sentence=self._sentence_at(quotation.outer_start),
        )

    def _beat(self, window: _Window) -> Tag | None:
        number = self._sentence_at(window.quotation.outer_start)
        if number and self._document.sentences[number - 1].end > window.start:
            before = self._document.sentences[number - 1]
            first = self._token_at(max(window.start, before.start))
            subject = self._narration.beat(first, self._token_at(before.end))
            if subject is not None:
                return Tag(TagKind.BEAT_BEFORE, subject)
        subject = self._narration.beat(*self._sentence_after(window))
        return Tag(TagKind.BEAT_AFTER, subject) if subject else None

    def _beat_above(self, paragraph: int) -> Tag | None:
        """Whom the last sentence of a paragraph is about."""
        block = self._document.paragraphs[paragraph]
        sentence = self._document.sentences[self._sentence_at(block.end - 1)]
        subject = self._narration.beat(self._token_at(sentence.start), self._token_at(sentence.end))
        return Tag(TagKind.BEAT_ABOVE, subject) if subject else None

    def _names_inside(
        self, quotation: Quotation, cast: Cast
    ) -> tuple[tuple[str, ...], frozenset[str]]:
        """Who is addressed (named between two marks, or a mark and an edge), and who is named."""
        tokens = self._document.tokens
        first, end = self._token_at(quotation.start), self._token_at(quotation.end)
        addressed: list[str] = []
        named: set[str] = set()
        for at in range(first, end):
            span = self._narration.names.get(at)
            name = cast.name_by_key.get(span.key) if span else None
            if span is None or name is None:
                continue
            named.add(name)
            opens = at == first or tokens[at - 1].text.lower() in _VOCATIVE_STARTS
            closes = span.after_token >= end or tokens[span.after_token].text in _VOCATIVE_ENDS
            is_answer = at == first and span.after_token == end - 1 and tokens[end - 1].text == "."
            if opens and closes and not (span.is_possessive or is_answer):
                addressed.append(name)
        return tuple(addressed), frozenset(named)

    def _outside(self, speech: Sequence[Quotation]) -> Iterator[NamedThing]:
        """The names that stand in the narration."""
        quoted = _Quoted(speech)
        return (thing for thing in self._things if not quoted.holds(thing.span.start))

    def _nouns_beside_names(self, outside: Sequence[NamedThing]) -> Iterator[tuple[str, Key]]:
        """``ferryman`` and ``hesper``, for ``Hesper, the old ferryman, ...`` or the reverse."""
        tokens = self._document.tokens
        for thing in outside:
            span = thing.span
            after = [token.text for token in tokens[span.after_token : span.after_token + 6]]
            if after[:1] != [","]:
                continue
            before = [
                token.text for token in tokens[max(0, span.first_token - 3) : span.first_token]
            ]
            if len(before) == 3 and before[0].lower() == "the" and before[2] == ",":
                nouns = before[1:2]
            elif after[1:2] in (["the"], ["a"], ["an"]):
                ends = [at for at, word in enumerate(after) if at and word in (",", ".", ";")]
                nouns = after[ends[0] - 1 : ends[0]] if ends else []
            else:
                continue
            yield from ((noun, span.key) for noun in nouns if noun in PERSON_NOUNS)

    def _described(self, speech: Sequence[Quotation], cast: Cast) -> Iterator[Mention]:
        """Persons that the narration names by a noun: ``the inspector``."""
        tokens = self._document.tokens
        quoted = _Quoted(speech)
        for article, noun in pairwise(tokens):
            word = article.text.lower()
            if noun.text not in PERSON_NOUNS or word not in ("the", "his", "her", "my", "their"):
                continue
            if not quoted.holds(noun.start):
                titled = cast.name_by_title.get(full_title(noun.text)) if word == "the" else None
                name = titled or f"{word} {noun.text}"
                yield Mention(name, noun.start, self._sentence_at(noun.start))

    def _appearances(self, speaking: AbstractSet[int]) -> Iterator[Appearance]:
        for thing in self._things:
            span = thing.span
            may_be_person = thing.kind in (NameKind.PERSON, NameKind.NAME)
            if may_be_person or span.first_token in speaking:
                spelling = self._document.text[span.start : span.end]
                yield Appearance(span.key, " ".join(spelling.split()))

    def _votes(self, outside: Sequence[NamedThing]) -> dict[Key, Counter[Gender]]:
        """Which pronouns follow a name that is alone in its sentence."""
        by_sentence: dict[int, list[NameSpan]] = {}
        for thing in outside:
            by_sentence.setdefault(self._sentence_at(thing.span.start), []).append(thing.span)
        return pronoun_votes(
            (spans[0].key, self._words_after(spans[0], number))
            for number, spans in by_sentence.items()
            if len({span.key for span in spans}) == 1
        )

    def _words_after(self, span: NameSpan, sentence: int) -> list[str]:
        end = self._token_at(self._document.sentences[sentence].end)
        return [token.text for token in self._document.tokens[span.after_token : end]]

    def _mentions(
        self, outside: Iterable[NamedThing], cast: Cast, persons: AbstractSet[str]
    ) -> Iterator[Mention]:
        for thing in outside:
            name = cast.name_by_key.get(thing.span.key)
            if name is not None and name in persons:
                start = thing.span.start
                yield Mention(name, at=start, sentence=self._sentence_at(start))

    def _token_at(self, offset: int) -> int:
        """The first token at or after an offset."""
        return bisect_left(self._token_starts, offset)

    def _sentence_at(self, offset: int) -> int:
        return max(0, bisect_right(self._sentence_starts, offset) - 1)
