"""Settings out of loose values, and the sentence for each value that is wrong.

Every setting has one name, ``section.field``; where a value came from travels with it, so that
whoever has to correct it is told where.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from .errors import ConfigurationError
from .sentences import shown
from .settings import Settings

_SHOWN_MAX: Final = 60
_UNITS: Final = (("_s", "seconds"), ("_bytes_max", "bytes"))
"""Names end in the unit."""


@dataclass(frozen=True, slots=True)
class Given:
    """A value somebody gave to a setting."""

    value: object
    origin: str
    """Where it stands, so that it can be found and changed; empty if that is no help."""


@cache
def settings_sections() -> dict[str, type[BaseModel]]:
    """The sections by name, in the order in which they are declared."""
    found = {}
    for name, field in Settings.model_fields.items():
        if not (isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)):
            raise TypeError(f"{name}: only sections may stand in Settings")
        found[name] = field.annotation
    return found


@cache
def known_settings() -> dict[str, FieldInfo]:
    """Every setting by its name, ``section.field``."""
    return {
        f"{section}.{name}": field
        for section, model in settings_sections().items()
        for name, field in model.model_fields.items()
    }


def checked_settings(given: Mapping[str, Given]) -> Settings:
    """The settings with these values, and the defaults for all others.

    Args:
        given: By name.

    Raises:
        ConfigurationError: One sentence a line for each value that is wrong, or that no setting
            has asked for.
    """
    problems = {name: f"{name}: {_unknown(name)}" for name in given if name not in known_settings()}
    sections: dict[str, dict[str, object]] = {}
    for name, one in given.items():
        if name not in problems:
            section, _, field = name.partition(".")
            sections.setdefault(section, {})[field] = one.value
            if _is_truth_for_a_number(name, one.value):
                problems[name] = f"{name}: {_refused(name, one.value)}"
    try:
        settings = Settings.model_validate(sections)
    except ValidationError as error:
        for detail in error.errors():
            name = ".".join(str(part) for part in detail["loc"][:2])
            problems[name] = f"{name}: {_refused(name, given[name].value)}"
    else:
        if not problems:
            return settings
    raise ConfigurationError(
        "\n".join(
            problems[name] + (f" ({one.origin})" if one.origin else "")
            for name, one in given.items()
            if name in problems
        )
    )


def amended_settings(settings: Settings, changes: Mapping[str, object]) -> Settings:
    """The same settings but for the changes, by name.

    Raises:
        ConfigurationError: As ``checked_settings``.
    """
    given = {
        f"{section}.{field}": Given(value, "")
        for section, fields in settings.model_dump().items()
        for field, value in fields.items()
    }
    return checked_settings(given | {name: Given(value, "") for name, value in changes.items()})


def allowed(name: str) -> str:
    """What the setting of this name may be, in words."""
    field = known_settings()[name]
    extra = field.json_schema_extra
    if isinstance(extra, Mapping) and isinstance(words := extra.get("allowed"), str):
        return words
    kind = _without_none(field.annotation)
    if get_origin(kind) is Literal:
        *others, last = [str(choice) for choice in get_args(kind)]
        return f"{', '.join(others)} or {last}" if others else last
    if kind is bool:
        return "true or false"
    if kind in (int, float):
        unit = next((f" of {unit}" for end, unit in _UNITS if name.endswith(end)), "")
        return f"{'a whole number' if kind is int else 'a number'}{unit}{_span(field)}"
    return "a list of texts" if get_origin(kind) is list else "a text"


def _span(field: FieldInfo) -> str:
    low, high, is_above = -math.inf, math.inf, False
    for rule in field.metadata:
        for bound in ("ge", "gt"):
            value = getattr(rule, bound, None)
            if value is not None and (value > low or (value == low and bound == "gt")):
                low, is_above = value, bound == "gt"
        high = min(high, getattr(rule, "le", math.inf))
    if high == math.inf:
        if low == -math.inf:
            return ""
        return f"{' above' if is_above else ', at least'} {shown_number(low)}"
    if low == -math.inf:
        return f", at most {shown_number(high)}"
    if is_above:
        return f" above {shown_number(low)} and up to {shown_number(high)}"
    return f" from {shown_number(low)} to {shown_number(high)}"


def shown_number(number: float) -> str:
    """A number for people to read: with thousands apart, and no zeros that say nothing."""
    return f"{number:,.10g}"


def _unknown(name: str) -> str:
    known = list(known_settings())
    section, _, field = name.partition(".")
    if name in settings_sections():
        fields = ", ".join(settings_sections()[section].model_fields)
        return f"this is a section, not a setting; in it there are {fields}"
    in_another_section = [other for other in known if other.endswith(f".{field}")]
    near = in_another_section or difflib.get_close_matches(name, known, n=1, cutoff=0.75)
    if near:
        return f"there is no such setting; did you mean {near[0]}?"
    if section in settings_sections():
        fields = ", ".join(settings_sections()[section].model_fields)
        return f"there is no such setting; in {section} there are {fields}"
    return f"there is no such setting; the sections are {', '.join(settings_sections())}"


def _refused(name: str, value: object) -> str:
    return f"{allowed(name)}, not {shown(value, _SHOWN_MAX)}"


def _is_truth_for_a_number(name: str, value: object) -> bool:
    """To pydantic ``true`` is 1 as well; nobody who writes it means 1."""
    return isinstance(value, bool) and known_settings()[name].annotation in (int, float)


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, UnionType):
        kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
        return kinds[0] if len(kinds) == 1 else annotation
    return annotation


def plain_words(docstring: str) -> str:
    """A docstring on one line, without marks for code."""
    return re.sub(r"\s+", " ", docstring.replace("``", "")).strip()
