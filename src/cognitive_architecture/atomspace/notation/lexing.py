"""A text in tokens, each at its line and column.

Most of a file of atoms is nodes, so a whole ``(Concept "cat")`` is one token; anything less plain
is read piece by piece. White space behind a token belongs to it, so that nothing is looked at
twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from cognitive_architecture.atomspace.errors import AtomSpaceError, NotationError
from cognitive_architecture.atomspace.notation.words import WORD
from cognitive_architecture.foundation.sentences import shown

# The numbers of the groups below: what ``Match.lastindex`` says of a token.
LEAF: Final = 2
"""``(Concept "cat")``: the head is group 1, the name group 2."""
OPEN: Final = 3
"""An opening bracket and the word behind it, which may be empty."""
CLOSE: Final = 4
STRING: Final = 5
"""What stands between two quotes, escapes and all."""
NAKED: Final = 6
"""A word without quotes."""
_BLANK: Final = 7
_COMMENT: Final = 8
_BLOCK_COMMENT: Final = 9
_OPEN_STRING: Final = 10

_TOKEN: Final = rf"""
    (?: \( \s*+ ((?!BLOCK){WORD}++) \s*+ "([^"\\\0]*+)" \s*+ \)
      | \( \s*+ ((?:(?!BLOCK){WORD}++)?+)
      | ( \) )
      | " ((?:[^"\\]++|\\.)*+) "
      | ((?!BLOCK|\A\ufeff){WORD}++)
      | ( \s++ | \A\ufeff )
      | ( ;[^\n]*+ )
      | ( BLOCK )
      | ( " )
      | ( . )
    ) \s*+
"""
SCHEME: Final = re.compile(_TOKEN.replace("BLOCK", r"\#\|"), re.VERBOSE | re.DOTALL)
METTA: Final = re.compile(_TOKEN.replace("BLOCK", r"(?!)"), re.VERBOSE | re.DOTALL)
"""Has no block comments: ``#|`` is a word like another."""

_BLOCK_EDGE: Final = re.compile(r"\#\||\|\#")


class Lexer:
    """Cuts a text that comes in pieces; a token may begin in one and end in another.

    Args:
        pieces: Of the text, in order; lines, or of any size.
        pattern: ``SCHEME`` or ``METTA``.
    """

    def __init__(self, pieces: Iterable[str], pattern: re.Pattern[str]) -> None:
        self._pieces = pieces
        self._pattern = pattern
        self._text = ""
        self._line = 1
        self._line_start = 0  # in ``_text``; negative if the line began in an earlier piece
        self._counted = 0  # line and line start are true for this offset in ``_text``

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column, from 1, of an offset in what the last token was cut from.

        Offsets may only grow: each character is counted once, so a text may be one line or many.
        """
        newlines = self._text.count("\n", self._counted, offset)
        if newlines:
            self._line += newlines
            self._line_start = self._text.rindex("\n", self._counted, offset) + 1
        self._counted = offset
        return self._line, offset - self._line_start + 1

    def tokens(self) -> Iterator[re.Match[str]]:
        """Every token that is more than white space or a comment; ``lastindex`` says its kind.

        Raises:
            NotationError: A string or a comment has no end, or there is a NUL.
        """
        begun: list[str] = []  # what cannot be cut before more has come
        size = patience = 0  # its characters, and how many there must be to look at it again
        for piece in chain(self._pieces, (None,)):
            if piece is not None:
                begun.append(_checked(piece))
                size += len(piece)
                if size < patience:
                    continue
            joined = "".join(begun)
            # Words end with their line at the latest, so whole lines can be cut.
            whole = size if piece is None else joined.rfind("\n") + 1
            self._text = text = joined[:whole]
            done = 0
            while done < whole:
                for match in self._pattern.finditer(text, done):
                    kind = match.lastindex or 0
                    if kind <= NAKED:
                        yield match
                    elif kind >= _BLOCK_COMMENT:
                        break
                else:
                    done = whole
                    break
                end = self._end_of_comment(match, is_last=piece is None)
                if end is None:
                    done = match.start()
                    break
                done = end
            self._leave_behind(done)
            begun = [joined[done:]]
            size -= done
            # Twice as much each time: a string over a million lines is looked at twenty times.
            patience = 2 * size if done < whole or not whole else 0

    def _end_of_comment(self, match: re.Match[str], *, is_last: bool) -> int | None:
        """Where a block comment ends, which may hold others; ``None`` if that is still to come."""
        if match.lastindex == _BLOCK_COMMENT:
            depth = 0
            for edge in _BLOCK_EDGE.finditer(self._text, match.start()):
                depth += 1 if edge[0] == "#|" else -1
                if not depth:
                    return edge.end()
            sentence = "the comment that begins here has no end: close it with |#"
        elif match.lastindex == _OPEN_STRING:
            sentence = 'the string that begins here has no end: close it with "'
        else:
            is_last = True
            sentence = "a NUL character: is this a text? Inside quotes write \\0 if it is meant"
        if is_last:
            raise NotationError(*self.place(match.start()), sentence)
        return None

    def _leave_behind(self, length: int) -> None:
        """Count what will not be there any more."""
        self.place(length)
        self._line_start -= length
        self._counted = 0


def _checked(piece: object) -> str:
    if isinstance(piece, str):
        return piece
    raise AtomSpaceError(
        f"a text is a str, or pieces that are, not {shown(piece)}: decode it first"
    )
