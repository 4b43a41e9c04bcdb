"""What is kept on an atom under a key: immutable, checked when it is made, equal by content.

A value never holds NaN, an infinity or half a character, so whatever is kept can be compared,
stored and written.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import msgspec
from msgspec.structs import force_setattr

from cognitive_architecture.atomspace.errors import InvalidValue
from cognitive_architecture.foundation.sentences import shown

VALUE_DEPTH_MAX: Final = 100
"""How deep values may be nested."""


class TruthValue(msgspec.Struct, frozen=True, gc=False):
    """How true something is, and how sure that is.

    Raises:
        InvalidValue: A number outside 0 to 1.
    """

    strength: float
    """0 (false) to 1 (true)."""
    confidence: float
    """0 (unknown) to 1 (certain)."""

    def __post_init__(self) -> None:
        _set_share(self, "strength", self.strength)
        _set_share(self, "confidence", self.confidence)


class AttentionValue(msgspec.Struct, frozen=True, gc=False):
    """How important an atom is.

    Raises:
        InvalidValue: A number that is not finite, or a ``vlti`` that is no count.
    """

    sti: float = 0.0
    """Short-term importance; below 0 in debt."""
    lti: float = 0.0
    """Long-term importance."""
    vlti: int = 0
    """How many want it never forgotten; at 0 it may be."""

    def __post_init__(self) -> None:
        _set_number(self, "sti", self.sti)
        _set_number(self, "lti", self.lti)
        _require_count("AttentionValue.vlti", self.vlti)


class FloatValue(msgspec.Struct, frozen=True, gc=False):
    """Finite numbers.

    Raises:
        InvalidValue: Anything else.
    """

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        _require_tuple("FloatValue", "numbers", self.values)
        numbers = tuple(_number("FloatValue", number) for number in self.values)
        force_setattr(self, "values", numbers)


class StringValue(msgspec.Struct, frozen=True, gc=False):
    """Texts.

    Raises:
        InvalidValue: Anything else, or a text with half a character (a lone surrogate).
    """

    values: tuple[str, ...]

    def __post_init__(self) -> None:
        _require_tuple("StringValue", "texts", self.values)
        for text in self.values:
            _require_text("StringValue", text)


class LinkValue(msgspec.Struct, frozen=True, gc=False):
    """Values, nested at most ``VALUE_DEPTH_MAX`` deep.

    Raises:
        InvalidValue: Anything else.
    """

    values: tuple[Value, ...]
    depth: int = 0
    """How deep it is nested, 1 if it holds no other; found out when it is made."""

    def __post_init__(self) -> None:
        _require_tuple("LinkValue", "values", self.values)
        depth = 1
        for value in self.values:
            require_value("LinkValue", value)
            if isinstance(value, LinkValue):
                depth = max(depth, value.depth + 1)
        if depth > VALUE_DEPTH_MAX:
            raise InvalidValue(f"LinkValue: values nest at most {VALUE_DEPTH_MAX} deep")
        force_setattr(self, "depth", depth)


class Provenance(msgspec.Struct, frozen=True, gc=False):
    """Where an atom that was read from a text comes from.

    Raises:
        InvalidValue: A field of a wrong kind or out of range.
    """

    layer: str
    """Which layer of reading made it: ``L0`` to ``L3``, or one of the caller's own."""
    start: int
    """Of the span in the text, in characters from 0."""
    end: int
    """The first character after it."""
    confidence: float
    """0 to 1."""
    tool: str
    """What read it, with its version."""

    def __post_init__(self) -> None:
        _require_text("Provenance.layer", self.layer)
        _require_text("Provenance.tool", self.tool)
        _require_count("Provenance.start", self.start)
        _require_count("Provenance.end", self.end)
        if self.end < self.start:
            raise InvalidValue(
                f"Provenance: a span ends at or after its start, not from {self.start} "
                f"to {self.end}"
            )
        _set_share(self, "confidence", self.confidence)


Value = TruthValue | AttentionValue | FloatValue | StringValue | LinkValue | Provenance
_KINDS: Final = (TruthValue, AttentionValue, FloatValue, StringValue, LinkValue, Provenance)


def require_value(where: str, value: object) -> None:
    """Refuse what is no value.

    Raises:
        InvalidValue: The sentence begins with ``where``.
    """
    if not isinstance(value, _KINDS):
        kinds = ", ".join(kind.__name__ for kind in _KINDS)
        raise InvalidValue(f"{where}: a value is one of {kinds}, not {shown(value)}")


def is_sayable(text: str) -> bool:
    """Whether UTF-8 can say a text; it cannot say half characters (lone surrogates)."""
    if text.isascii():  # known to the text, so this costs nothing
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _number(where: str, number: object, is_fine: Callable[[float], bool] = math.isfinite) -> float:
    if isinstance(number, int | float) and not isinstance(number, bool):
        try:
            exact = float(number)
        except OverflowError:  # an integer above 10**308
            exact = math.inf
        if is_fine(exact):
            return exact
    span = "from 0 to 1" if is_fine is _is_share else "that is finite"
    raise InvalidValue(f"{where}: a number {span}, not {shown(number)}")


def _is_share(number: float) -> bool:
    return 0.0 <= number <= 1.0


def _set_share(value: msgspec.Struct, field: str, number: object) -> None:
    share = _number(f"{type(value).__name__}.{field}", number, _is_share)
    force_setattr(value, field, share)


def _set_number(value: msgspec.Struct, field: str, number: object) -> None:
    force_setattr(value, field, _number(f"{type(value).__name__}.{field}", number))


def _require_count(where: str, number: object) -> None:
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise InvalidValue(f"{where}: an integer from 0, not {shown(number)}")


def _require_text(where: str, text: object) -> None:
    if not isinstance(text, str) or not is_sayable(text):
        raise InvalidValue(f"{where}: a text of whole characters, not {shown(text)}")


def _require_tuple(where: str, of: str, values: object) -> None:
    if not isinstance(values, tuple):
        raise InvalidValue(f"{where}: a tuple of {of}, not {shown(values)}")
