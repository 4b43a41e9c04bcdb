"""An expression as words, numbers, texts and signs."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from .mistakes import Misread

TEXT_MAX: Final = 1000
"""Characters of one expression."""

_PATTERN: Final = re.compile(
    r"""(?P<space>[ \t\r\n]+)
      | (?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)*)
      | (?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
      | (?P<sign>&&|\|\||[=!<>]=|[-+*/%<>!()\[\],])
    """,
    re.VERBOSE,
)
_ESCAPE: Final = re.compile(r"\\(.)")
_ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "'": "'"}
_NEAR_MISSES: Final = {
    "=": "equality is written ==",
    "&": "and is written &&",
    "|": "or is written ||",
    '"': "the text that begins here does not end",
    "'": "the text that begins here does not end",
}


class Lexeme(NamedTuple):
    """One word of an expression."""

    kind: str
    """``number``, ``name``, ``text``, ``sign`` or ``end``."""
    text: str
    start: int
    end: int


def lexemes(text: str) -> list[Lexeme]:
    """The words of an expression; the last one is its ``end``.

    Raises:
        Misread: Something in it is no word, or it is too long.
    """
    if len(text) > TEXT_MAX:
        raise Misread(text, TEXT_MAX, f"at most {TEXT_MAX:,} characters, not {len(text):,}")
    found = []
    at = 0
    while at < len(text):
        match = _PATTERN.match(text, at)
        if match is None:
            raise Misread(text, at, _NEAR_MISSES.get(text[at], "this sign means nothing here"))
        kind = match.lastgroup or ""
        if kind != "space":
            found.append(Lexeme(kind, match.group(), at, match.end()))
        at = match.end()
    found.append(Lexeme("end", "", at, at))
    return found


def unquoted(text: str, source: str, at: int) -> str:
    """What a quoted text says.

    Raises:
        Misread: A backslash stands before something that needs none.
    """

    def plain(match: re.Match[str]) -> str:
        said = _ESCAPED.get(match.group(1))
        if said is None:
            raise Misread(
                source, at + 1 + match.start(), "after a backslash comes n, t, r, a quote or \\"
            )
        return said

    return _ESCAPE.sub(plain, text[1:-1])
