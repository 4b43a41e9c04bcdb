"""Where settings come from, and which source wins.

    defaults  <  user file  <  ./cogmesh.toml  <  COGMESH_… variables  <  flags

A variable names section and field with two underscores between them
(``COGMESH_DISPATCH__AGEING_S``); a list is written with commas. A file has a table for each
section. Nothing is guessed and nothing is ignored: a name nobody knows is refused like a value
out of its range, by a sentence that says where it stands.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import platformdirs
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from .errors import ConfigurationError
from .settings import Settings
from .settings_check import Given, checked_settings, known_settings

FILE_NAME: Final = "cogmesh.toml"
_PREFIX: Final = "COGMESH_"
_DELIMITER: Final = "__"


@dataclass(frozen=True, slots=True)
class Flag:
    """A setting given on the command line."""

    setting: str
    """Its name, ``section.field``."""
    value: object
    """``None`` or an empty list if the flag was not used."""
    flag: str
    """As it is typed: ``--connect``."""


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Settings, and where each of them came from."""

    settings: Settings
    origins: Mapping[str, str]
    """By name; what is not in here has its default."""
    files: tuple[Path, ...]
    """The files that were read, the weakest first."""


def load_settings(
    flags: Iterable[Flag] = (),
    *,
    user_file: Path | None = None,
    project_file: Path | None = None,
) -> LoadedSettings:
    """The settings that hold here and now.

    Args:
        flags: What the command line says.
        user_file: Where the settings of this person are; the system's usual place if left out.
        project_file: Where the settings of this folder are; ``./cogmesh.toml`` if left out.

    Raises:
        ConfigurationError: One sentence a line for everything that is wrong, with its place.
    """
    given: dict[str, Given] = {}
    files = []
    for path in (user_file or user_settings_file(), project_file or Path(FILE_NAME).absolute()):
        if path.is_file():
            files.append(path)
            given |= _from_file(path)
    given |= _from_variables()
    given |= {
        flag.setting: Given(flag.value, f"given by {flag.flag}")
        for flag in flags
        if flag.value is not None and flag.value != []
    }
    settings = checked_settings(given)
    return LoadedSettings(settings, {name: one.origin for name, one in given.items()}, tuple(files))


def user_settings_file() -> Path:
    """Where this person's settings are, whether the file exists or not."""
    return platformdirs.user_config_path("cogmesh", appauthor=False) / FILE_NAME


class _Sourced(Settings, BaseSettings):
    """What pydantic-settings needs to know of our settings to read them."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, env_nested_delimiter=_DELIMITER)


def _from_file(path: Path) -> dict[str, Given]:
    try:
        tables = TomlConfigSettingsSource(_Sourced, toml_file=path).toml_data
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path}: {_with_line(error, path)}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: this is no text in UTF-8") from error
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error
    given = {}
    for section, fields in tables.items():
        if not isinstance(fields, dict):
            given[section] = Given(fields, f"key {section} of {path}")
            continue
        for field, value in fields.items():
            given[f"{section}.{field}"] = Given(value, f"key {field} in [{section}] of {path}")
    return given


def _with_line(error: tomllib.TOMLDecodeError, path: Path) -> str:
    """The mistake, and the line on which it stands, whichever way tomllib says it."""
    text = str(error)
    if "at end of document" in text:
        lines = len(path.read_text("utf-8").splitlines())
        return text.replace("at end of document", f"at line {lines}, the end of the file")
    return text


class _Variables(EnvSettingsSource):
    """``COGMESH_…`` variables; others that merely begin so are somebody else's.

    Kubernetes makes ``COGMESH_PORT`` and the like for a service named cogmesh, which is why only
    names with the two underscores count.
    """

    def _load_env_vars(self) -> Mapping[str, str | None]:
        prefix = _PREFIX.lower()
        return {
            name: value
            for name, value in super()._load_env_vars().items()
            if name.startswith(prefix) and _is_ours(name)
        }

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:  # noqa: ARG002
        """A list, as JSON or with commas."""
        if value.lstrip().startswith(("[", "{")):
            try:
                return json.loads(value)
            except ValueError:
                return value  # refused later, by the sentence that names the variable
        return [item.strip() for item in value.split(",") if item.strip()]

    def given(self) -> dict[str, Given]:
        """The values by the names of their settings."""
        values = self()
        given = {}
        for variable in self.env_vars:
            section, delimiter, field = variable.removeprefix(_PREFIX.lower()).partition(_DELIMITER)
            origin = f"variable {variable.upper()}"
            if not delimiter:
                origin += ", which needs two underscores between section and name"
            value = values.get(section, {}).get(field, self.env_vars[variable])
            given[f"{section}.{field}" if delimiter else section] = Given(value, origin)
        return given


def _is_ours(variable: str) -> bool:
    name = variable.removeprefix(_PREFIX.lower())
    return _DELIMITER in name or name in {known.replace(".", "_") for known in known_settings()}


def _from_variables() -> dict[str, Given]:
    return _Variables(_Sourced).given()
