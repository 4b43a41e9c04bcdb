"""Putting into a sentence what strangers made: their values, their errors, their text.

A sentence is written where something went wrong already. So nothing here raises, whatever came,
and everything here can travel: what UTF-8 cannot say is written as an escape.
"""

from __future__ import annotations

import math
from typing import Final

_ERROR_MAX: Final = 2000
"""Characters of an error's own words: enough to find the mistake, too few to fill a store."""

_DIGITS_PER_BIT: Final = math.log10(2)


def shown(value: object, limit: int = 60) -> str:
    """What came, as Python writes it, cut to ``limit`` characters."""
    try:
        return _cut(sayable(repr(value)), limit)
    except Exception as error:  # noqa: BLE001 - a stranger's __repr__ may raise anything
        if isinstance(value, int):  # Python refuses to write more than 4,300 digits
            return f"an integer of about {value.bit_length() * _DIGITS_PER_BIT:,.0f} digits"
        return f"a {type(value).__name__} whose repr() raises {type(error).__name__}"


def sentence_of(error: BaseException) -> str:
    """What an error says of itself, cut to a length that may be stored."""
    try:
        return _cut(sayable(str(error)), _ERROR_MAX)
    except Exception as another:  # noqa: BLE001 - a stranger's __str__ may raise anything
        return f"a {type(error).__name__} whose str() raises {type(another).__name__}"


def sayable(text: str) -> str:
    """A text with half characters (lone surrogates) written as escapes: UTF-8 has none."""
    return str.encode(text, "utf-8", "backslashreplace").decode()


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
