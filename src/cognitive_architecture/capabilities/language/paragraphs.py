"""Where paragraphs begin and end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

_PARAGRAPH_ENDS = ("\u2029", "\f")
_FINISHED_LINE = re.compile(r"[.!?\u2026:;*][\"'\u201d\u2019\u00bb)\]*_]{0,4}\Z")
_FINISHED_LINES_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A stretch of text without white space at its ends."""

    start: int
    end: int


def paragraphs(text: str) -> tuple[Paragraph, ...]:
    """Split a text at blank lines, form feeds and paragraph separators.

    A single line end is a space, as in text that was wrapped to a width. But where more than
    60 % of the lines that another line follows directly end like sentences, the text was not
    wrapped, and every line is a paragraph: people often write dialogue so.
    """
    lines = list(_lines(text))
    each_line = _lines_are_paragraphs(text, lines)
    found: list[Paragraph] = []
    start = end = -1
    for line in lines:
        if line.is_blank or each_line:
            if start >= 0:
                found.append(Paragraph(start, end))
            start = -1
        if line.is_blank:
            continue
        if start < 0:
            start = line.start
        end = line.end
        if line.ends_paragraph:
            found.append(Paragraph(start, end))
            start = -1
    if start >= 0:
        found.append(Paragraph(start, end))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    ends_paragraph: bool

    @property
    def is_blank(self) -> bool:
        return self.start >= self.end


def _lines(text: str) -> Iterator[_Line]:
    offset = 0
    for raw in text.splitlines(keepends=True):
        left = len(raw) - len(raw.lstrip())
        right = len(raw.rstrip())
        yield _Line(offset + left, offset + right, raw.endswith(_PARAGRAPH_ENDS))
        offset += len(raw)


def _lines_are_paragraphs(text: str, lines: list[_Line]) -> bool:
    followed = [
        line for line, following in pairwise(lines) if not (line.is_blank or following.is_blank)
    ]
    finished = sum(
        _FINISHED_LINE.search(text, max(line.start, line.end - 6), line.end) is not None
        for line in followed
    )
    return finished > _FINISHED_LINES_SHARE * len(followed)
