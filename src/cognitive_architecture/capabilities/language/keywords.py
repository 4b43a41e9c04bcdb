"""Which words and phrases a text is about.

Source: Campos, Mangaravite, Pasquali, Jorge, Nunes and Jatowt, "YAKE! Keyword extraction from
single documents using multiple local features", Information Sciences 509 (2020). A word is the
better a keyword the earlier, the more often and in the more sentences it stands, the more it is
capitalised, and the fewer different neighbours it has; no other text is needed to compare with.

We differ:

* a phrase has no stop-word inside, so the paper's rule for those is not needed; it is as good as
  the geometric mean of its words, times their number (the paper multiplies them, which puts any
  phrase that stands once before words that stand often);
* a phrase does not mix words of a name with other words (``executive Helena Strand``);
* names of days and months and the plainest verbs of speech are no keywords;
* a possessive ending is dropped, and a plural is counted with its singular where both occur;
* of two phrases one of which holds the other, the worse is left out where it is an echo; see
  :class:`_Chosen` (the paper compares spellings);
* our score is ``1 / (1 + S)`` of the paper's ``S``: 0 to 1, higher is better.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from statistics import fmean, median, pstdev

from cognitive_architecture.capabilities.language.abbreviations import TITLES
from cognitive_architecture.capabilities.language.documents import Document
from cognitive_architecture.capabilities.language.speech_verbs import PLAIN_SPEECH_VERBS
from cognitive_architecture.capabilities.language.tokens import (
    Token,
    TokenKind,
    folded,
    is_capitalised,
)
from cognitive_architecture.capabilities.language.word_lists import CALENDAR, STOP_WORDS

_NO_KEYWORDS = TITLES | CALENDAR | PLAIN_SPEECH_VERBS
_PHRASE_WORDS_MAX = 3
_LETTERS_MIN = 3
_ECHO_SHARE = 0.5
_RARE_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word or phrase as it is mostly written."""

    text: str
    score: float
    """0 to 1; higher says more about the text."""
    count: int
    """How often it stands in the text."""


def keywords(document: Document, *, keywords_max: int = 10) -> tuple[Keyword, ...]:
    """The best keywords of a text, best first; of equals, the one that stands earlier.

    Args:
        document: A text.
        keywords_max: How many at most.
    """
    chunks = list(_chunks(document))
    terms = _terms(chunks)
    badness = _badness(terms, sentence_count=max(1, len(document.sentences)))
    phrases = _phrases(chunks)
    ranked = sorted(
        ((_phrase_badness(key, phrase.count, badness), key) for key, phrase in phrases.items()),
        key=lambda pair: pair[0],
    )
    chosen = _Chosen(phrases)
    for bad, key in ranked:
        if len(chosen.found) == keywords_max:
            break
        if not chosen.has_echo_of(key):
            chosen.add(key, score=1.0 / (1.0 + bad))
    return tuple(chosen.found)


@dataclass(frozen=True, slots=True)
class _Word:
    """A word at one place: ``key`` is what it is counted as, empty if it cannot be a keyword."""

    key: str
    spelling: str
    folded: str
    sentence: int
    is_first: bool


@dataclass(slots=True)
class _Term:
    """What the paper asks of one word."""

    count: int = 0
    capitalised: int = 0
    all_capitals: int = 0
    sentences: list[int] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class _Phrase:
    count: int = 0
    spellings: Counter[str] = field(default_factory=Counter)

    @property
    def commonest_spelling(self) -> str:
        return max(self.spellings, key=lambda spelling: self.spellings[spelling])


def _chunks(document: Document) -> Iterator[list[_Word]]:
    """Runs of words that no mark interrupts, sentence by sentence."""
    seen = {folded(_stem(token.text)) for token in document.tokens if token.kind is TokenKind.WORD}
    for number, sentence in enumerate(document.sentence_tokens()):
        chunk: list[_Word] = []
        is_first = True
        for token in sentence:
            if token.counts_as_word:
                chunk.append(_word(token, number, is_first=is_first, seen=seen))
                is_first = False
            elif chunk:
                yield chunk
                chunk = []
        if chunk:
            yield chunk


def _word(token: Token, sentence: int, *, is_first: bool, seen: set[str]) -> _Word:
    spelling = _stem(token.text)
    plain = folded(spelling)
    can_be_keyword = (
        token.kind is TokenKind.WORD
        and len(plain) >= _LETTERS_MIN
        and folded(token.text) not in STOP_WORDS
        and plain not in STOP_WORDS
        and plain not in _NO_KEYWORDS
    )
    return _Word(
        _singular(plain, seen) if can_be_keyword else "", spelling, plain, sentence, is_first
    )


def _stem(word: str) -> str:
    """The word without ``'s``."""
    return word[:-2] if word.endswith(("'s", "\u2019s", "'S", "\u2019S")) else word


def _singular(word: str, seen: set[str]) -> str:
    """The singular of a plural, if the text has it too."""
    if word.endswith("ies") and word[:-3] + "y" in seen:
        return word[:-3] + "y"
    if word.endswith("es") and word[:-2] in seen and len(word) > 4:
        return word[:-2]
    if word.endswith("s") and not word.endswith("ss") and word[:-1] in seen and len(word) > 3:
        return word[:-1]
    return word


def _terms(chunks: Iterable[list[_Word]]) -> dict[str, _Term]:
    terms: dict[str, _Term] = {}
    for chunk in chunks:
        for word in chunk:
            if word.key:
                _add(terms.setdefault(word.key, _Term()), word)
        for before, after in pairwise(chunk):
            if before.key:
                terms[before.key].right[after.folded] += 1
            if after.key:
                terms[after.key].left[before.folded] += 1
    return terms


def _add(term: _Term, word: _Word) -> None:
    term.count += 1
    term.sentences.append(word.sentence)
    if word.spelling.isupper() and len(word.spelling) > 1:
        term.all_capitals += 1
    elif is_capitalised(word.spelling) and not word.is_first:
        term.capitalised += 1


def _badness(terms: dict[str, _Term], *, sentence_count: int) -> dict[str, float]:
    """The paper's S(t) for every word: lower is better."""
    if not terms:
        return {}
    frequencies = [term.count for term in terms.values()]
    usual = fmean(frequencies) + pstdev(frequencies)
    largest = max(frequencies)
    found: dict[str, float] = {}
    for key, term in terms.items():
        case = max(term.all_capitals, term.capitalised) / (1.0 + math.log(term.count))
        position = math.log(math.log(3.0 + median(term.sentences)))
        frequency = term.count / usual
        share = term.count / largest
        relatedness = 1.0 + (_variety(term.left) + _variety(term.right)) * share
        spread = len(set(term.sentences)) / sentence_count
        found[key] = (relatedness * position) / (
            case + frequency / relatedness + spread / relatedness
        )
    return found


def _variety(neighbours: Counter[str]) -> float:
    """Different neighbours per neighbour, 0 to 1."""
    return len(neighbours) / neighbours.total() if neighbours else 0.0


def _phrases(chunks: Iterable[list[_Word]]) -> dict[tuple[str, ...], _Phrase]:
    phrases: dict[tuple[str, ...], _Phrase] = {}
    for chunk in chunks:
        for first in range(len(chunk)):
            for size in range(1, _PHRASE_WORDS_MAX + 1):
                words = chunk[first : first + size]
                if len(words) < size or not words[-1].key or _mixes(words[-2:]):
                    break
                phrase = phrases.setdefault(tuple(word.key for word in words), _Phrase())
                phrase.count += 1
                phrase.spellings[" ".join(word.spelling for word in words)] += 1
    return phrases


def _mixes(words: list[_Word]) -> bool:
    """Whether one of two words is capitalised and the other is not, though it might be."""
    cases = {is_capitalised(word.spelling) for word in words if not word.is_first}
    return len(cases) > 1


def _phrase_badness(key: tuple[str, ...], count: int, badness: dict[str, float]) -> float:
    """A phrase is the better, the better its words, the more of them, and the more often it is."""
    mean = math.prod(badness[word] for word in key) ** (1.0 / len(key))
    return mean / (count * len(key) * (1.0 + mean))


class _Chosen:
    """The keywords found so far, and which others would only echo them.

    A part of a chosen phrase is an echo if it stands inside that phrase more often than not. A
    longer form of a chosen word is one too, and also if it is a rare form: less than a quarter of
    the word's places. The words of a phrase in another order are always an echo.
    """

    def __init__(self, phrases: dict[tuple[str, ...], _Phrase]) -> None:
        self.found: list[Keyword] = []
        self._phrases = phrases
        self._count_by_words: dict[frozenset[str], int] = {}
        self._count_around: dict[frozenset[str], int] = {}

    def add(self, key: tuple[str, ...], *, score: float) -> None:
        phrase = self._phrases[key]
        self.found.append(Keyword(phrase.commonest_spelling, score, phrase.count))
        self._count_by_words[frozenset(key)] = phrase.count
        for part in _parts(key):
            around = self._count_around.get(part, 0)
            self._count_around[part] = max(around, phrase.count)

    def has_echo_of(self, key: tuple[str, ...]) -> bool:
        count = self._phrases[key].count
        words = frozenset(key)
        if words in self._count_by_words:
            return True
        if self._count_around.get(words, 0) > _ECHO_SHARE * count:
            return True
        return any(
            not _RARE_SHARE <= count / self._count_by_words[part] <= _ECHO_SHARE or count == 1
            for part in _parts(key)
            if part in self._count_by_words
        )


def _parts(key: tuple[str, ...]) -> list[frozenset[str]]:
    """All smaller choices of a phrase's words."""
    sizes = range(1, len(key))
    return [frozenset(part) for size in sizes for part in combinations(key, size)]
