"""Versions that can be compared: 1.9 is before 1.10, and 2.0-rc1 before 2.0."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import total_ordering
from typing import Final

from cognitive_architecture.foundation.sentences import shown

from .mistakes import Unanswered

_PATTERN: Final = re.compile(r"v?(\d{1,9}(?:\.\d{1,9}){0,3})(?:-([0-9A-Za-z.-]{1,40}))?")
_PARTS: Final = 4


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """A version; numbers that are left out are 0."""

    numbers: tuple[int, ...]
    """Four of them."""
    before: str
    """What comes after a hyphen and makes it earlier than the version itself; else empty."""
    text: str = field(compare=False)

    def __lt__(self, other: Version) -> bool:
        return self._order < other._order

    @property
    def _order(self) -> tuple[tuple[int, ...], bool, str]:
        return self.numbers, not self.before, self.before


def version_of(text: str) -> Version:
    """The version that a text is.

    Raises:
        Unanswered: It is none.
    """
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise Unanswered(f"{shown(text)} is no version like 1.10.2")
    numbers = [int(number) for number in match.group(1).split(".")]
    numbers += [0] * (_PARTS - len(numbers))
    return Version(tuple(numbers), match.group(2) or "", text)
