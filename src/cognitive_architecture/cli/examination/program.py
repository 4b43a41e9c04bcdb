"""Is the program itself complete: Python, and the packages it needs."""

from __future__ import annotations

import importlib
import importlib.metadata
import platform
import re
import sys
from typing import Final

from cognitive_architecture.cli.outcomes import ExitCode

from .findings import Finding, doubt, failure, well

_PYTHON_MIN: Final = (3, 11)
_IMPORTED_AS: Final = {"eclipse-zenoh": "zenoh"}
"""Packages whose module has another name than a dash turned into an underscore."""


def python() -> Finding:
    """The interpreter."""
    said = f"{platform.python_implementation()} {platform.python_version()}, {sys.executable}"
    if sys.version_info < _PYTHON_MIN:
        wanted = ".".join(str(part) for part in _PYTHON_MIN)
        return failure("python", said, f"install Python {wanted} or newer", ExitCode.WRONG_USAGE)
    return well("python", said)


def packages(requirements: list[str] | None = None) -> list[Finding]:
    """The packages this one needs: one line if all are there, else one for each that is not.

    Args:
        requirements: As package metadata writes them; those of cogmesh if left out.
    """
    if requirements is None:
        try:
            requirements = importlib.metadata.requires("cogmesh") or []
        except importlib.metadata.PackageNotFoundError:
            return [
                doubt(
                    "packages",
                    "cogmesh runs from a folder and is not installed",
                    "pip install -e . in that folder, to have its packages looked after",
                )
            ]
    versions: dict[str, str] = {}
    missing = []
    for requirement in requirements:
        if "extra ==" in requirement:
            continue
        name, least = _parts(requirement)
        try:
            importlib.import_module(_IMPORTED_AS.get(name, name.replace("-", "_")))
            versions[name] = importlib.metadata.version(name)
        except Exception as error:  # noqa: BLE001 - a broken package may raise anything
            missing.append(_unusable(name, f"{type(error).__name__}: {error}"))
            continue
        if _numbers(versions[name]) < _numbers(least):
            missing.append(_unusable(name, f"version {versions[name]}, {least} is needed"))
    if missing:
        return missing
    said = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
    return [well("packages", said)]


def _unusable(name: str, why: str) -> Finding:
    return failure(
        "packages",
        f"{name} cannot be used ({why})",
        f"{sys.executable} -m pip install --upgrade --force-reinstall {name}",
        ExitCode.WRONG_USAGE,
    )


def _parts(requirement: str) -> tuple[str, str]:
    name = re.split(r"[\s\[<>=!~;]", requirement, maxsplit=1)[0]
    least = re.search(r">=\s*([0-9.]+)", requirement)
    return name, least.group(1) if least else "0"


def _numbers(version: str) -> tuple[int, ...]:
    """A version as numbers, as far as it has any."""
    leading = re.match(r"[0-9.]*", version)
    return tuple(int(part) for part in (leading.group() if leading else "").split(".") if part)
