r"""Names, numbers and escapes: the smallest things that a text is made of.

A name in quotes can be any Python string. What cannot be seen, or would end the quotes, is an
escape: ``\" \\ \a \b \f \n \r \t \v \0``, and by its code point in hexadecimal digits ``\x3b1;``
(R7RS Scheme), ``\u03b1`` and ``\U0003b1`` (Guile) or ``\u{3b1}`` (MeTTa). All are read in every
dialect. Half characters (lone surrogates) are code points like others here, so that every name
that Python can hold comes back; the text itself never has one.
"""

from __future__ import annotations

import re
import sys
from typing import Final

from cognitive_architecture.atomspace.notation.mistakes import Mistake
from cognitive_architecture.foundation.sentences import shown

NUMBER: Final = re.compile(r"[+-]?(?:\d++\.?\d*+|\.\d++)(?:[eE][+-]?\d++)?", re.ASCII)
"""A decimal number, whole or not."""

WORD: Final = r"[^\s()\";\0]"
"""One character of a word, as a regular expression."""

_ESCAPE: Final = re.compile(
    r"\\(?:x([0-9A-Fa-f]{1,6});|u\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6})|(.))",
    re.DOTALL,
)
_INTEGER: Final = re.compile(r"[+-]?\d++", re.ASCII)
INTEGER_DIGITS_MAX: Final = 4000
"""Python reads and writes no integer of more than 4,300 digits; this leaves some room."""

_MEANING: Final = {
    '"': '"',
    "\\": "\\",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "0": "\0",
}
_SHORT_ESCAPE: Final = {meaning: f"\\{letter}" for letter, meaning in _MEANING.items()}


def unescaped(body: str) -> str:
    """What stands between two quotes, with its escapes replaced by what they mean.

    Raises:
        Mistake: An escape means nothing, or there is a NUL; its ``offset`` counts from the
            opening quote.
    """
    if "\0" in body:
        raise Mistake(
            "a NUL character stands in a name: is this a text? Write it as \\0 if it is meant",
            body.index("\0") + 1,
        )
    return _ESCAPE.sub(_meaning, body) if "\\" in body else body


def _meaning(match: re.Match[str]) -> str:
    digits = match[1] or match[2] or match[3] or match[4]
    if digits is not None:
        code_point = int(digits, 16)
        if code_point <= sys.maxunicode:
            return chr(code_point)
        raise Mistake(
            f"{shown(match[0])} is beyond the last character, \\x10ffff;", match.start() + 1
        )
    meaning = _MEANING.get(match[5])
    if meaning is None:
        raise Mistake(
            f"the escape \\{match[5] if match[5].isprintable() else shown(match[5])} means nothing "
            'here: write \\" \\\\ \\a \\b \\f \\n \\r \\t \\v \\0, or a code point as \\x3b1;',
            match.start() + 1,
        )
    return meaning


def quoted(name: str, code_point: str = "\\x{:x};") -> str:
    """A name in quotes, on one line and with nothing in it that cannot be seen.

    Args:
        name: Any string.
        code_point: How a character is written by its number.
    """
    if name.isprintable() and '"' not in name and "\\" not in name:
        return f'"{name}"'
    return '"' + "".join(_escaped(character, code_point) for character in name) + '"'


def _escaped(character: str, code_point: str) -> str:
    if character in _SHORT_ESCAPE:
        return _SHORT_ESCAPE[character]
    return character if character.isprintable() else code_point.format(ord(character))


def as_float(word: str) -> float:
    """The number that a word says; too large a one is infinite, for the value to refuse.

    Raises:
        Mistake: It says none.
    """
    if NUMBER.fullmatch(word) is None:
        raise Mistake(_no_number(word, "0.5, -2 or 1e-7"))
    return float(word)


def as_integer(word: str) -> int:
    """The whole number that a word says.

    Raises:
        Mistake: It says none, or one with too many digits.
    """
    if _INTEGER.fullmatch(word) is None or len(word) > INTEGER_DIGITS_MAX:
        raise Mistake(_no_number(word, f"3 or -12, of at most {INTEGER_DIGITS_MAX:,} digits"))
    return int(word)


def _no_number(word: str, examples: str) -> str:
    return f"{shown(word)} cannot stand here: write a number like {examples}"
