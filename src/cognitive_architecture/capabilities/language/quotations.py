"""Where a prose text quotes, and what stands between the marks.

Double marks, straight, curly or angular, are read first. Where single ones, straight or curly,
hold more of the text than they do, the text is in the British style and those are read instead: one
opens where a space or a bracket is before it and none after it, and closes after a stop, a
comma or a dash, so that no apostrophe is taken for it. In a paragraph that has none of the marks of
its text, the others are read. Quotations inside quotations stay part of
the outer one.

A quotation that its paragraph leaves open ends there. If the next paragraph opens with a mark, it
goes on in it: so are speeches of several paragraphs written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from cognitive_architecture.capabilities.language.paragraphs import Paragraph

_DOUBLE_MARKS: Final = re.compile(r"[\"\u201c\u201d\u00ab\u00bb]")
_SINGLE_MARKS: Final = re.compile(r"['\u2018\u2019]")
_OPENING_ONLY: Final = frozenset("\u201c\u00ab")
_CLOSING_ONLY: Final = frozenset("\u201d\u00bb")
_BEFORE_AN_OPENING: Final = frozenset('([{\u2014\u2013-/*_"\u201c')
_BEFORE_A_CLOSING: Final = frozenset('.,!?\u2026\u2014\u2013-;:*_)"\u201d')
_AFTER_A_LOOSE_CLOSING: Final = frozenset(".,!?;:)\u2026\u2014\u2013")
_ELIDED: Final = re.compile(
    r"(?i:tis|twas|twere|twill|em|til|cause|bout|round|neath|n|cos|tain)\b|\d0s\b"
)


@dataclass(frozen=True, slots=True)
class Quotation:
    """Quoted words; ``text[start:end]`` is what stands between the marks."""

    start: int
    end: int
    outer_start: int
    """Where the opening mark stands."""
    outer_end: int
    """After the closing mark, or where the paragraph ends."""
    paragraph: int
    """The number of its paragraph, from 0."""
    is_closed: bool
    continues: bool
    """Whether it is the next paragraph of the quotation before it."""


def quotations(text: str, blocks: tuple[Paragraph, ...]) -> tuple[Quotation, ...]:
    """All quotations of a text in order, none inside another.

    Args:
        text: A text.
        blocks: Its paragraphs.
    """
    double = [_filled(_in_double_marks(text, block, at)) for at, block in enumerate(blocks)]
    single = [_filled(_in_single_marks(text, block, at)) for at, block in enumerate(blocks)]
    is_british = _reach(single) > _reach(double)
    usual, other = (single, double) if is_british else (double, single)
    chosen = [
        found or [quotation for quotation in exceptions if quotation.is_closed]
        for found, exceptions in zip(usual, other, strict=True)
    ]
    return tuple(_joined(chosen, blocks))


def _filled(found: Iterable[Quotation]) -> list[Quotation]:
    """Without those that hold nothing."""
    return [quotation for quotation in found if quotation.start < quotation.end]


def _reach(by_paragraph: list[list[Quotation]]) -> int:
    """How many characters closed quotations hold; outer marks hold more than inner ones."""
    return sum(
        quotation.end - quotation.start
        for found in by_paragraph
        for quotation in found
        if quotation.is_closed
    )


def _joined(
    by_paragraph: list[list[Quotation]], blocks: tuple[Paragraph, ...]
) -> Iterator[Quotation]:
    """Mark what goes on from the paragraph before."""
    last: Quotation | None = None
    for found in by_paragraph:
        for quotation in found:
            goes_on = (
                last is not None
                and not last.is_closed
                and last.paragraph == quotation.paragraph - 1
                and quotation.outer_start == blocks[quotation.paragraph].start
            )
            last = replace(quotation, continues=goes_on)
            yield last


def _in_double_marks(text: str, block: Paragraph, number: int) -> list[Quotation]:
    found: list[Quotation] = []
    opened = -1
    for match in _DOUBLE_MARKS.finditer(text, block.start, block.end):
        at = match.start()
        if opened < 0:
            if _double_opens(text, at, block):
                opened = at
        elif _double_reopens(text, at, block):
            found.append(_quotation(text, opened, at, number, is_closed=False))
            opened = at
        else:
            found.append(_quotation(text, opened, at, number, is_closed=True))
            opened = -1
    if opened >= 0:
        found.append(_quotation(text, opened, block.end, number, is_closed=False))
    return found


def _double_opens(text: str, at: int, block: Paragraph) -> bool:
    mark = text[at]
    if mark in _CLOSING_ONLY or at + 1 >= block.end:
        return False
    if mark in _OPENING_ONLY:
        return True
    before = text[at - 1] if at > block.start else " "
    is_inch_mark = before.isdigit()
    is_loose_closing = text[at + 1].isspace() and not before.isspace()
    return not (is_inch_mark or is_loose_closing)


def _double_reopens(text: str, at: int, block: Paragraph) -> bool:
    """Whether a mark inside a quotation begins the next, the first having lost its end."""
    if text[at] in _OPENING_ONLY:
        return True
    return (
        text[at] == '"'
        and text[at - 1].isspace()
        and at + 1 < block.end
        and not text[at + 1].isspace()
    )


def _in_single_marks(text: str, block: Paragraph, number: int) -> Iterator[Quotation]:
    opened = -1
    for match in _SINGLE_MARKS.finditer(text, block.start, block.end):
        at = match.start()
        if _single_opens(text, at, block):
            opened = at  # an earlier one that nothing closed was no quotation
        elif opened >= 0 and _single_closes(text, at, block):
            yield _quotation(text, opened, at, number, is_closed=True)
            opened = -1
    if opened == block.start:
        yield _quotation(text, opened, block.end, number, is_closed=False)


def _single_opens(text: str, at: int, block: Paragraph) -> bool:
    if text[at] == "\u2019" or at + 1 >= block.end or text[at + 1].isspace():
        return False
    before = text[at - 1] if at > block.start else " "
    if not (before.isspace() or before in _BEFORE_AN_OPENING):
        return False
    return _ELIDED.match(text, at + 1) is None


def _single_closes(text: str, at: int, block: Paragraph) -> bool:
    if text[at] == "\u2018":
        return False
    before = text[at - 1]
    after = text[at + 1] if at + 1 < block.end else ""
    if after.isalnum():
        return False
    return before in _BEFORE_A_CLOSING or (
        not before.isspace() and (not after or after in _AFTER_A_LOOSE_CLOSING)
    )


def _quotation(text: str, opened: int, closed: int, number: int, *, is_closed: bool) -> Quotation:
    inside = text[opened + 1 : closed]
    start = opened + 1 + len(inside) - len(inside.lstrip())
    return Quotation(
        start=start,
        end=start + len(inside.strip()),
        outer_start=opened,
        outer_end=closed + 1 if is_closed else closed,
        paragraph=number,
        is_closed=is_closed,
        continues=False,
    )
