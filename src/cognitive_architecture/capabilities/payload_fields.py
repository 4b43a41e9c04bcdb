"""Reading a payload's fields; what is refused is told by name, with what came and what may come."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from cognitive_architecture.foundation.errors import InvalidPayload
from cognitive_architecture.foundation.sentences import shown as as_python

_SHOWN_MAX: Final = 60
_ABSENT: Final = object()


def check_names(payload: Mapping[str, Any], allowed: Iterable[str], where: str = "payload") -> None:
    """Refuse fields nobody asks for: most are misspelled ones that would silently do nothing.

    Raises:
        InvalidPayload: There is one.
    """
    allowed = tuple(allowed)
    for name in payload:
        if name not in allowed:
            raise InvalidPayload(
                f"{where}: unknown field {shown(name)}; allowed are {', '.join(allowed)}"
            )


def text_field(payload: Mapping[str, Any], name: str) -> str:
    """A string that must be there; it may be empty.

    Raises:
        InvalidPayload: It is not there, or no string.
    """
    value = payload.get(name, _ABSENT)
    if not isinstance(value, str):
        raise InvalidPayload(f"payload.{name}: a string is required, not {shown(value)}")
    return value


def list_field(payload: Mapping[str, Any], name: str) -> Sequence[Any]:
    """A list that must be there.

    Raises:
        InvalidPayload: It is not there, or no list.
    """
    value = payload.get(name, _ABSENT)
    if not isinstance(value, list | tuple):
        raise InvalidPayload(f"payload.{name}: a list is required, not {shown(value)}")
    return value


def choices_field(payload: Mapping[str, Any], name: str, allowed: Sequence[str]) -> tuple[str, ...]:
    """Some of the allowed words, in the order in which they are allowed; all without the field.

    Raises:
        InvalidPayload: It is no list, or something else is in it.
    """
    if name not in payload:
        return tuple(allowed)
    chosen = list_field(payload, name)
    for position, value in enumerate(chosen):
        if not isinstance(value, str) or value not in allowed:
            raise InvalidPayload(
                f"payload.{name}[{position}]: one of {', '.join(allowed)}, not {shown(value)}"
            )
    return tuple(word for word in allowed if word in chosen)


def choice_field(
    payload: Mapping[str, Any],
    name: str,
    allowed: Sequence[str],
    *,
    default: str,
    where: str = "payload",
) -> str:
    """One of the allowed words.

    Raises:
        InvalidPayload: It is something else.
    """
    value = payload.get(name, default)
    if not isinstance(value, str) or value not in allowed:
        raise InvalidPayload(f"{where}.{name}: one of {', '.join(allowed)}, not {shown(value)}")
    return value


def integer_field(
    fields: Mapping[str, Any], name: str, *, default: int, low: int, high: int, where: str
) -> int:
    """A whole number in a range.

    Raises:
        InvalidPayload: It is none, or outside.
    """
    value = fields.get(name, default)
    # JSON true is a Python int; nobody who sends it means 1.
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise InvalidPayload(
            f"{where}.{name}: a whole number from {low:,} to {high:,}, not {shown(value)}"
        )
    return value


def number_field(
    payload: Mapping[str, Any], name: str, *, default: float, low: float, high: float
) -> float:
    """A number in a range.

    Raises:
        InvalidPayload: It is none, or outside; NaN is outside of every range.
    """
    value = payload.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise InvalidPayload(
            f"payload.{name}: a number from {low:,g} to {high:,g}, not {shown(value)}"
        )
    return float(value)


def flag_field(payload: Mapping[str, Any], name: str, *, where: str = "payload") -> bool:
    """True or false; false without the field.

    Raises:
        InvalidPayload: It is something else.
    """
    value = payload.get(name, False)
    if not isinstance(value, bool):
        raise InvalidPayload(f"{where}.{name}: true or false, not {shown(value)}")
    return value


def shown(value: object) -> str:
    """A value as JSON writes it, cut to fit a sentence."""
    if value is _ABSENT:
        return "nothing at all"
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return as_python(value)
    return text if len(text) <= _SHOWN_MAX else text[: _SHOWN_MAX - 1] + "\u2026"
