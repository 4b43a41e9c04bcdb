"""Runs of capitalised words that may name something.

Where only a name has a capital letter, the run is taken as it stands. Where any word would have
one (at the beginning of a sentence or of a quotation, after a colon, in a heading), its first word
needs a reason: it stands capitalised inside a sentence elsewhere, or it is a known name, or a verb
of speech follows. A word that the text mostly writes small is no name. A word all in capitals is
one if it is a name in other spelling, or a short one between words that are not (an acronym).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from cognitive_architecture.capabilities.language.documents import Document
from cognitive_architecture.capabilities.language.name_lists import (
    FEMININE_NAMES,
    MASCULINE_NAMES,
    NATIONALITIES,
    ORGANISATION_WORDS,
    ORGANISATIONS_OF,
    OTHER_NAMES,
    PLACE_WORDS,
    PLACES,
    PLACES_BEFORE_NAMES,
    PLACES_OF,
    TITLES_OF_PERSONS,
    WORDS_THAT_ARE_NAMES,
)
from cognitive_architecture.capabilities.language.speech_verbs import PLAIN_SPEECH_VERBS
from cognitive_architecture.capabilities.language.tokens import (
    Token,
    TokenKind,
    folded,
    is_capitalised,
    unaccented,
)
from cognitive_architecture.capabilities.language.word_lists import CALENDAR, STOP_WORDS, words_of

_WORDS_MAX: Final = 8
_ACRONYM_LETTERS_MAX: Final = 6
_HEADING_SHARE: Final = 0.6
_OPENING_MARKS: Final = frozenset("\"'\u201c\u2018\u201e\u00ab\u2039([{_*")
_MARKS_BEFORE_A_START: Final = frozenset(":!?\u2026\u2022\u2014\u2013") | {"...", "--"}
_STOPS: Final = frozenset(".!?\u2026\"'\u201d\u2019)") | {"...", ".."}
_PARTICLES: Final = words_of("de van von der den la le du di da del della bin ibn al ter")
_STOP_WORDS_IN_NAMES: Final = words_of(
    "new great little old long good first second third last big short one two three seven"
)
_RULERS: Final = words_of("king queen prince princess duke duchess earl count lord lady")
_TAKE_OF: Final = ORGANISATIONS_OF | PLACES_OF | _RULERS
_DOTTED: Final = words_of("co inc ltd corp bros jr sr")
_DOTTED_TITLES: Final = words_of(
    "mr mrs ms dr prof st rev hon fr gen col maj capt cpt cdr lt sgt cpl mt ft messrs"
)
KNOWN_NAMES: Final = FEMININE_NAMES | MASCULINE_NAMES | OTHER_NAMES


@dataclass(frozen=True, slots=True)
class NameSpan:
    """Capitalised words that belong together, with the little words between them."""

    words: tuple[str, ...]
    """Without a possessive ending and without dots."""
    start: int
    end: int
    """After the last word, before its possessive ending."""
    first_token: int
    after_token: int
    """The tokens ``first_token`` to ``after_token - 1`` of the document make the name."""
    is_possessive: bool

    @property
    def key(self) -> tuple[str, ...]:
        """What the name is compared by."""
        return tuple(folded(word) for word in self.words)


def name_spans(document: Document, known: frozenset[str] = frozenset()) -> tuple[NameSpan, ...]:
    """All names of a text in order.

    Args:
        document: A text.
        known: Words, folded, that are known to be names, such as those of a list of characters.
    """
    reader = _Reader(document, known)
    return tuple(reader.spans())


@dataclass(frozen=True, slots=True)
class _Place:
    """What is known of the place where a token stands."""

    any_word_is_capitalised: bool
    in_heading: bool


class _Reader:
    def __init__(self, document: Document, known: frozenset[str]) -> None:
        self._document = document
        self._tokens = document.tokens
        self._places = [place for part in document.sentence_tokens() for place in _places(part)]
        self._capital: Counter[str] = Counter()
        self._small: Counter[str] = Counter()
        self._known = known
        for token, place in zip(self._tokens, self._places, strict=True):
            if token.kind is TokenKind.WORD:
                word = folded(_stem(token.text))
                if not is_capitalised(token.text):
                    self._small[word] += 1
                elif not (place.any_word_is_capitalised or _is_shouted(token)):
                    self._capital[word] += 1

    def spans(self) -> Iterator[NameSpan]:
        index = 0
        while index < len(self._tokens):
            if self._can_begin(index):
                after = self._end_of_run(index)
                first = self._first_believed(index, after)
                if first is not None and not self._is_single_letter(first, after):
                    yield self._span(first, after)
                index = after
            else:
                index += 1

    def _is_single_letter(self, first: int, after: int) -> bool:
        return after == first + 1 and len(_stem(self._tokens[first].text)) == 1

    def _can_begin(self, index: int) -> bool:
        word = folded(_stem(self._tokens[index].text))
        if word in _STOP_WORDS_IN_NAMES:
            follows = index + 1 < len(self._tokens) and self._is_nameable(index + 1)
            return follows and is_capitalised(self._tokens[index].text)
        return self._is_nameable(index)

    def _is_nameable(self, index: int) -> bool:
        token = self._tokens[index]
        if token.kind is not TokenKind.WORD or not is_capitalised(token.text):
            return False
        stem = _stem(token.text)
        word = folded(stem)
        if word in self._known:
            return True
        if (word in STOP_WORDS and word not in PLACES) or word in CALENDAR:
            return False
        if _is_shouted(token):
            return self._capital[word] > 0 or self._is_acronym(index)
        return True

    def _is_acronym(self, index: int) -> bool:
        stem = _stem(self._tokens[index].text)
        neighbours = self._tokens[max(0, index - 1) : index] + self._tokens[index + 1 : index + 2]
        return (
            len(stem) <= _ACRONYM_LETTERS_MAX
            and not self._small[folded(stem)]
            and not self._places[index].in_heading
            and not any(_is_shouted(neighbour) for neighbour in neighbours)
        )

    def _end_of_run(self, index: int) -> int:
        """The token after the name that begins at ``index``."""
        after = index + 1
        for _ in range(_WORDS_MAX):
            step = self._next_word(after - 1)
            if step is None:
                break
            after = step + 1
        if after < len(self._tokens) and self._tokens[after].text == "plc":
            return after + 1
        is_last_dotted = folded(self._tokens[after - 1].text) in _DOTTED
        return after + 1 if is_last_dotted and self._dot_touches(after - 1) else after

    def _next_word(self, last: int) -> int | None:
        """The next word of a name whose last word is token ``last``, if it goes on."""
        tokens = self._tokens
        word = folded(tokens[last].text)
        following = last + 1
        if _stem(tokens[last].text) != tokens[last].text:
            return following if self._is_owned_institution(following) else None
        if (word in _DOTTED_TITLES or len(word) == 1) and self._dot_touches(last):
            following += 1
        joins = 0
        while following < len(tokens) and joins < 2:
            if self._is_nameable(following):
                at_start = self._places[following].any_word_is_capitalised
                in_heading = self._places[following].in_heading
                return None if at_start and not in_heading else following
            if not self._joins(following, word, joins):
                return None
            following += 1
            joins += 1
        return following if following < len(tokens) and self._is_nameable(following) else None

    def _is_owned_institution(self, index: int) -> bool:
        """``College`` in ``St. Orrin's College``; nothing else follows a possessive in a name."""
        if index >= len(self._tokens) or not self._is_nameable(index):
            return False
        return folded(self._tokens[index].text) in ORGANISATION_WORDS | PLACE_WORDS

    def _joins(self, index: int, word: str, joins: int) -> bool:
        """Whether a little word may stand between the words of a name."""
        little = self._tokens[index].text
        if joins == 1:
            return little in ("the", "la", "der") and self._tokens[index - 1].text != "&"
        return little in _PARTICLES or little == "&" or (little == "of" and word in _TAKE_OF)

    def _dot_touches(self, index: int) -> bool:
        tokens = self._tokens
        return (
            index + 1 < len(tokens)
            and tokens[index + 1].text == "."
            and tokens[index].end == tokens[index + 1].start
        )

    def _first_believed(self, first: int, after: int) -> int | None:
        """Where the name in a run begins; ``None`` if the run is no name."""
        if not self._places[first].any_word_is_capitalised:
            return first
        while first < after:
            words = [index for index in range(first, after) if self._is_nameable(index)]
            if not words:
                return None
            if self._places[first].in_heading:
                return first if all(self._is_sure(index) for index in words) else None
            if len(words) == 1 or words[0] != first:
                return first if self._is_believable_alone(words[-1], after) else None
            if not self._is_dispensable(first, words[1]):
                return first
            first = words[1]
            if not self._places[first].any_word_is_capitalised:
                return first
        return None

    def _is_dispensable(self, first: int, second: int) -> bool:
        """Whether the first word of a run at a sentence's start only begins the sentence."""
        word = folded(_stem(self._tokens[first].text))
        if word in TITLES_OF_PERSONS or word in PLACES_BEFORE_NAMES or word in self._known:
            return False
        if self._small[word] > self._capital[word]:
            return True
        is_unknown = not self._capital[word] and unaccented(word) not in KNOWN_NAMES
        return is_unknown and (word.endswith("ly") or self._is_sure(second))

    def _is_sure(self, index: int) -> bool:
        token = self._tokens[index]
        word = folded(_stem(token.text))
        return (
            word in self._known
            or self._capital[word] > self._small[word]
            or (_is_shouted(token) and not self._places[index].in_heading)
        )

    def _is_believable_alone(self, index: int, after: int) -> bool:
        """Whether one word at a sentence's start is a name."""
        word = folded(_stem(self._tokens[index].text))
        if self._is_sure(index):
            return True
        if self._small[word] or word in TITLES_OF_PERSONS:
            return False
        if unaccented(word) in KNOWN_NAMES or word in PLACES or word in NATIONALITIES:
            return word not in WORDS_THAT_ARE_NAMES
        next_word = self._tokens[after].text if after < len(self._tokens) else ""
        return next_word in PLAIN_SPEECH_VERBS

    def _span(self, first: int, after: int) -> NameSpan:
        last = self._tokens[after - 1]
        stem = _stem(last.text)
        inside = self._tokens[first : after - 1]
        words = [token.text for token in inside if token.text != "."]
        words += [stem] if stem != "." else []
        return NameSpan(
            words=tuple(words),
            start=self._tokens[first].start,
            end=last.start + len(stem),
            first_token=first,
            after_token=after,
            is_possessive=stem != last.text or self._apostrophe_follows(after),
        )

    def _apostrophe_follows(self, after: int) -> bool:
        """``Dorcas' lamp``."""
        if after >= len(self._tokens):
            return False
        last, mark = self._tokens[after - 1], self._tokens[after]
        return mark.text in ("'", "\u2019") and mark.start == last.end and last.text.endswith("s")


def _places(sentence: Sequence[Token]) -> Iterator[_Place]:
    heading = _is_heading(sentence)
    is_start = True
    for index, token in enumerate(sentence):
        before = sentence[index - 1] if index else None
        opens = before is not None and (
            before.text in _MARKS_BEFORE_A_START
            or (before.text in _OPENING_MARKS and before.end == token.start)
        )
        yield _Place(is_start or opens or heading, heading)
        if token.counts_as_word:
            is_start = False


def _is_heading(sentence: Sequence[Token]) -> bool:
    """No stop at its end, and most of its words capitalised: titles and shouting."""
    words = [token.text for token in sentence if token.kind is TokenKind.WORD]
    content = [word for word in words if folded(word) not in STOP_WORDS]
    if len(words) < 2 or not content:
        return False
    capitalised = sum(is_capitalised(word) for word in content)
    shouted = sum(word.isupper() and len(word) > 1 for word in words)
    is_titled = sentence[-1].text not in _STOPS and capitalised > _HEADING_SHARE * len(content)
    return is_titled or shouted > _HEADING_SHARE * len(words)


def _is_shouted(token: Token) -> bool:
    """Two letters or more, all in capitals, and no dotted initials."""
    text = token.text
    return len(text) > 1 and token.kind is TokenKind.WORD and text.isupper() and "." not in text


def _stem(word: str) -> str:
    """The word without ``'s``."""
    return word[:-2] if word.endswith(("'s", "\u2019s", "'S", "\u2019S")) else word
