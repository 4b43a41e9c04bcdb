"""An example ``cogmesh.toml`` with every setting, made from their declarations."""

from __future__ import annotations

import json
import textwrap
from typing import Final

from pydantic.fields import FieldInfo

from .settings_check import allowed, plain_words, settings_sections, shown_number

_WIDTH: Final = 88

_HEAD: Final = """\
Settings of cogmesh. Every setting is commented out and shows its default: take away the
"# " before those you change. ./cogmesh.toml wins over the user's own file, variables like
COGMESH_DISPATCH__AGEING_S win over files, and flags win over all. 'cogmesh settings' shows
what holds, and where each value comes from."""

_LARGE: Final = (
    ("_s", 86_400, "days"),
    ("_s", 3600, "hours"),
    ("_bytes_max", 1024**3, "GiB"),
    ("_bytes_max", 1024**2, "MiB"),
)


def example_toml() -> str:
    """The text of a ``cogmesh.toml`` that changes nothing and explains everything."""
    parts = [_comment(_HEAD)]
    for section, model in settings_sections().items():
        parts.append(f"\n\n{_comment(plain_words(model.__doc__ or ''))}\n[{section}]")
        parts += [_entry(section, name, field) for name, field in model.model_fields.items()]
    return "\n".join(parts) + "\n"


def _entry(section: str, name: str, field: FieldInfo) -> str:
    default = field.get_default(call_default_factory=True)
    is_set = default is not None
    value = default if is_set else (field.examples or [""])[0]
    return "\n".join(
        (
            "",
            _comment(plain_words(field.description or "")),
            _comment(f"{'' if is_set else 'Not set. '}Allowed: {allowed(f'{section}.{name}')}."),
            f"# {name} = {json.dumps(value, ensure_ascii=False)}{_in_words(name, default)}",
        )
    )


def _in_words(name: str, default: object) -> str:
    """Large numbers again, so that nobody has to count zeros."""
    if isinstance(default, bool) or not isinstance(default, int | float) or default < 10_000:
        return ""
    for ending, size, unit in _LARGE:
        if name.endswith(ending) and default >= size and default % size == 0:
            return f"  # {shown_number(default / size)} {unit}"
    return f"  # {shown_number(default)}"


def _comment(text: str) -> str:
    lines = textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
    return "\n".join(f"# {line}" for line in lines)
