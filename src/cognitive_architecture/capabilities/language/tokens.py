"""Words, numbers and marks, each with its place in the text.

The rules are those of Unicode's UAX #29 in spirit; where prose asks for it we differ:

* Apostrophes between letters join (``don't``, ``Mara's``); so do the leading ones of ``'tis``,
  ``'twas``, ``'twere``, ``'twill`` and ``'em``. Any other apostrophe at an edge is punctuation,
  for it may as well be a quotation mark.
* Hyphens join unless digits stand on both sides (``well-known``, ``19-year-old``, ``COVID-19``;
  but ``1914-1918`` is two numbers). UAX #29 splits at all hyphens.
* Dotted initials are one word with their last dot (``U.S.``, ``e.g.``, ``a.m.``); any other full
  stop ends a word (UAX #29 would join ``end.Start``).
* Digits join over ``. , : /`` (``3.14``, ``1,000``, ``10:30``, ``1/2``).
* Web and mail addresses are one token each.
* Marks, joiners and soft hyphens belong to the letter before them, so text in decomposed form
  gives the same words; an ideograph or a hiragana sign is a word by itself.
* Equal dots and dashes stay together (``...``, ``--``), and so does one emoji with its modifiers.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cache


class TokenKind(StrEnum):
    """What a token is."""

    WORD = "word"
    """Has a letter in it."""
    NUMBER = "number"
    """Digits and what joins them."""
    ADDRESS = "address"
    """A web or mail address."""
    PUNCTUATION = "punctuation"
    SYMBOL = "symbol"
    """Currency signs, emoji, operators, and whatever is nothing else."""


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of text; ``text`` is what stands between ``start`` and ``end``."""

    kind: TokenKind
    text: str
    start: int
    end: int

    @property
    def counts_as_word(self) -> bool:
        """Whether a person who counts words would count it: words and numbers."""
        return self.kind is TokenKind.WORD or self.kind is TokenKind.NUMBER


def tokens(text: str) -> tuple[Token, ...]:
    """Split a text into tokens, in order and without overlap; only white space is left out."""
    return tuple(_token(match) for match in _token_pattern().finditer(text))


def is_capitalised(word: str) -> bool:
    """Whether a word begins as names and sentences do."""
    return bool(word) and (word[0].isupper() or word[0].istitle())


def folded(word: str) -> str:
    """The word as it is compared: composed, without case, with straight apostrophes."""
    if word.isascii():
        return word.lower()
    return unicodedata.normalize("NFC", word).casefold().replace("\u2019", "'")


def unaccented(word: str) -> str:
    """The word without the marks above and below its letters."""
    if word.isascii():
        return word
    decomposed = unicodedata.normalize("NFD", word)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _token(match: re.Match[str]) -> Token:
    piece = match[0]
    start, end = match.span()
    group = match.lastgroup
    if group == "word":
        if piece.isalpha() or any(char.isalpha() for char in piece):
            return Token(TokenKind.WORD, piece, start, end)
        return Token(TokenKind.NUMBER, piece, start, end)
    if group == "address":
        return Token(TokenKind.ADDRESS, piece, start, end)
    is_punctuation = unicodedata.category(piece[0]).startswith("P")
    kind = TokenKind.PUNCTUATION if is_punctuation else TokenKind.SYMBOL
    return Token(kind, piece, start, end)


@cache
def _token_pattern() -> re.Pattern[str]:
    """The one pattern; every repetition is possessive or bounded, so a text is read once."""
    marks = _extending_characters()
    # The zero-width joiner joins letters too, but emoji need it for themselves below.
    run = rf"[^\W_]++(?:[{marks}\u200d]++[^\W_]*+)*+"
    ideograph = r"[\u3041-\u309f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]"
    joint = (
        r"(?:(?<!\d)['\u2019](?=[^\W\d_])"
        r"|(?<=\d)['\u2019](?=s\b|\d)"
        r"|(?<=\d)[.,:/](?=\d)"
        r"|(?<!\d)[-\u2010\u2011](?=[^\W_])|(?<=\d)[-\u2010\u2011](?=[^\W\d_])"
        r"|_++(?=[^\W_]))"
    )
    mail = r"(?<![\w.+%-])[\w.+%-]{1,64}+@[\w-]{1,63}+(?:\.[\w-]{1,63}+){1,8}+"
    web = (
        r"(?:https?://|www\.)[^\s<>\"\u201c\u201d\u00ab\u00bb]*"
        r"[^\s<>\"\u201c\u201d\u00ab\u00bb.,;:!?'\u2019)\]}\u2026*_]"
    )
    elided = r"(?<![^\W_])['\u2019](?i:tis|twas|twere|twill|em)\b"
    initials = r"(?<![^\W_])(?:[^\W\d_]\.){2,8}+(?![^\W_])"
    emoji = rf"[^\w\s][{marks}]*+(?:\u200d[^\w\s][{marks}]*+)*+"
    return re.compile(
        rf"(?P<address>{web}|{mail})"
        rf"|(?P<word>{elided}|{initials}|{ideograph}[{marks}]*+|{run}(?:{joint}{run})*+)"
        r"|(?P<other>\.{2,}+|-{2,}+|_++|[\U0001f1e6-\U0001f1ff]{2}|" + emoji + r"|\S)"
    )


def _extending_characters() -> str:
    """A character class's inside: marks, joiners, soft hyphens and skin tones."""
    blocks = (range(0x300, 0x20000), range(0xE0100, 0xE01F0))
    points = [
        point
        for block in blocks
        for point in block
        if unicodedata.category(chr(point)).startswith("M")
    ]
    points += [0xAD, 0x200C, 0x2060, *range(0x1F3FB, 0x1F400)]
    return "".join(_ranges(sorted(points)))


def _ranges(points: list[int]) -> list[str]:
    """``a-c`` for each run of neighbours."""
    found: list[str] = []
    first = previous = points[0]
    for point in [*points[1:], -1]:
        if point != previous + 1:
            found.append(f"{chr(first)}-{chr(previous)}")
            first = point
        previous = point
    return found
