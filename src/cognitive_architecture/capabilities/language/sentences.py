"""Where sentences begin and end.

A sentence ends at a paragraph's end, before a list item, or at a run of stops (``.``, ``!``,
``?``, ``…`` and their kin in other scripts) with the closing quotes and brackets that touch it,
if white space follows and nothing says that the sentence goes on:

* a single full stop after an abbreviation, by what that abbreviation lets follow
  (:mod:`.abbreviations`); after initials (``J. R. R. Tolkien``); after a list number (``1. ...``);
* a lower-case letter after ``!``, ``?``, ``…``, or after a quotation (``"Stop!" he said``);
* a name and a verb of speech after a quoted question or cry (``"Where?" Mara asked``).

Where an abbreviation may end a sentence (``U.S.``, ``etc.``), the next word decides: it begins one
if it is a common opener (``The``, ``He``), or if the text has it in lower case elsewhere. The
second idea is the orthographic heuristic of Kiss and Strunk, "Unsupervised Multilingual Sentence
Boundary Detection", Computational Linguistics 32 (2006); we take nothing else from there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cognitive_architecture.capabilities.language.abbreviations import (
    ANYWHERE,
    BEFORE_NUMBERS,
    CAPITALISED_ANYWHERE,
    INSIDE,
    TITLES,
)
from cognitive_architecture.capabilities.language.paragraphs import Paragraph, paragraphs
from cognitive_architecture.capabilities.language.speech_verbs import SPEECH_VERBS
from cognitive_architecture.capabilities.language.word_lists import SENTENCE_STARTERS, words_of

_WIDE_STOPS = "\u3002\uff01\uff1f\uff61"  # scripts without spaces between sentences
_STOPS = re.compile(
    rf"[.!?\u2026\u203d\u061f\u06d4\u0964\u0965{_WIDE_STOPS}]++"
    r"(?P<closers>[\"'\u201d\u2019\u00bb\u203a)\]}*_\u300d\u300f\uff09]{0,16}+)"
    r"(?:\[\d{1,3}\]){0,4}+"  # footnote marks
)
_LIST_ITEM = re.compile(r"\n[^\S\n]*+(?=(?:[-*\u2022\u2013]|\(?\d{1,3}[.)]|\#{1,6})[^\S\n]+\S)")
_OPENERS = "\"'\u201c\u2018\u00ab\u2039([{\u00bf\u00a1*_\u2014\u2013-"
_NEXT_WORD = re.compile(
    rf"(?:\s*+[{re.escape(_OPENERS)}]){{0,8}}+\s*+"
    r"(?P<word>(?:[^\W_]|['\u2019.-](?=[^\W_])){0,40}+)"
)
_TAG = re.compile(
    r"\s+(?P<first>[^\W\d_])[\w.'\u2019-]{0,30}+\s+"
    r"(?:[^\W\d_][\w.'\u2019-]{0,30}+\s+){0,2}?(?P<verb>[^\W\d_]{2,20}+)(?!\w)"
)
_QUOTES = frozenset("\"'\u201d\u2019\u00bb\u203a")
_DOTTED = re.compile(r"(?:[^\W\d_]{1,3}\.){1,6}[^\W\d_]{1,3}")
_WORD = re.compile(r"(?<![^\W_])[^\W\d_]++(?![^\W_])")
_LOOK_BACK = 40
_BEFORE_INITIALS = words_of("by of from with to for and")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence without the white space around it."""

    text: str
    start: int
    end: int


def sentences(text: str, blocks: tuple[Paragraph, ...] | None = None) -> tuple[Sentence, ...]:
    """Split a text into sentences, in order; together they hold all that is not white space.

    Args:
        text: Any text.
        blocks: Its paragraphs, if the caller has them already.
    """
    reader = _Reader(text)
    found: list[Sentence] = []
    for block in paragraphs(text) if blocks is None else blocks:
        start = block.start
        for end in [*reader.ends(block), block.end]:
            if piece := text[start:end].strip():
                first = end - len(text[start:end].lstrip())
                found.append(Sentence(piece, first, first + len(piece)))
            start = end
    return tuple(found)


class _Reader:
    """Decides, stop by stop, what it knows from the whole text."""

    def __init__(self, text: str) -> None:
        self._text = text
        words = {match[0] for match in _WORD.finditer(text)}
        self._lower_words = {word for word in words if word[0].islower()}
        # In a text without capitals a small letter says nothing about where sentences begin.
        self._has_capitals = any(word[0].isupper() for word in words)

    def ends(self, block: Paragraph) -> Iterator[int]:
        """The offsets at which sentences end inside a paragraph, ascending."""
        stops = (
            match.end()
            for match in _STOPS.finditer(self._text, block.start, block.end)
            if match.end() < block.end and self._ends_here(match, block)
        )
        items = (match.start() for match in _LIST_ITEM.finditer(self._text, block.start, block.end))
        yield from sorted({*stops, *items})

    def _ends_here(self, stop: re.Match[str], block: Paragraph) -> bool:
        text, end = self._text, stop.end()
        if not text[end].isspace():
            return text[end - 1] in _WIDE_STOPS
        after = _NEXT_WORD.match(text, end, block.end)
        word = after["word"] if after else ""
        goes_on_small = self._has_capitals and word[:1].islower()
        closers = stop["closers"]
        marks = text[stop.start() : stop.start("closers")]
        if marks != ".":
            return not goes_on_small and not (
                _QUOTES.intersection(closers) and self._is_speech_tag(end, block)
            )
        if goes_on_small and closers:
            return False
        before, earlier = self._words_before(stop.start(), block)
        if self._is_list_number(before, stop.start(), block):
            return False
        if before == "I":
            return self._lonely_i_ends(earlier, word)
        return self._full_stop_ends(before, word, goes_on_small=goes_on_small)

    def _full_stop_ends(self, before: str, word: str, *, goes_on_small: bool) -> bool:
        """Whether a single full stop between these two words ends a sentence."""
        bare = before.lower()
        is_capitalised = before[:1].isupper()
        if is_capitalised and bare in TITLES:
            return bare == "st" and self._opens_sentence(word)  # "Main St. The house"
        if not is_capitalised and bare in INSIDE:
            return False
        if bare in BEFORE_NUMBERS and word[:1].isdigit():
            return False
        is_initial = is_capitalised and len(bare) == 1 and bare.isalpha()
        if (
            is_initial
            or bare in ANYWHERE
            or (is_capitalised and bare in CAPITALISED_ANYWHERE)
            or _DOTTED.fullmatch(bare)
        ):
            return self._opens_sentence(word) and not goes_on_small
        return not (goes_on_small and _looks_abbreviated(bare))

    def _lonely_i_ends(self, earlier: str, word: str) -> bool:
        """``So am I. Mara left.`` ends; ``by I. Newton`` goes on."""
        is_pronoun = earlier[:1].islower() and earlier not in _BEFORE_INITIALS
        return is_pronoun or self._opens_sentence(word)

    def _opens_sentence(self, word: str) -> bool:
        """Whether a capitalised word is an ordinary one, which only a sentence's start explains."""
        if not word:
            return True
        low = word.lower().replace("\u2019", "'")
        return low in SENTENCE_STARTERS or (not word[0].islower() and low in self._lower_words)

    def _words_before(self, offset: int, block: Paragraph) -> tuple[str, str]:
        """The word that touches ``offset``, and the one before it; empty where there is none."""
        window = self._text[max(block.start, offset - _LOOK_BACK) : offset]
        if not window or window[-1].isspace():
            return "", ""
        words = window.split()
        return words[-1].lstrip(_OPENERS), words[-2] if len(words) > 1 else ""

    def _is_list_number(self, before: str, offset: int, block: Paragraph) -> bool:
        """A short number that begins the paragraph or its line."""
        if not (before.isdigit() and len(before) <= 3):
            return False
        start = offset - len(before)
        line = self._text[max(block.start, start - _LOOK_BACK) : start].rpartition("\n")
        return not line[2].strip() and (bool(line[1]) or start == block.start)

    def _is_speech_tag(self, end: int, block: Paragraph) -> bool:
        tag = _TAG.match(self._text, end, min(block.end, end + 120))
        if tag is None or not tag["first"].isupper():
            return False
        opener = self._text[tag.start("first") : tag.start("verb")].split(maxsplit=1)[0]
        return opener.lower() not in SENTENCE_STARTERS and tag["verb"].lower() in SPEECH_VERBS


def _looks_abbreviated(word: str) -> bool:
    """No vowel in it, so it is not a whole word: ``hrs``, ``Rgt``."""
    return word.isalpha() and not any(char in "aeiouy" or not char.isascii() for char in word)
