"""``docs/architecture.md`` names every room of the house, and nothing that is not there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOUSE = ROOT / "src" / "cognitive_architecture"
TEXT = (ROOT / "docs" / "architecture.md").read_text("utf-8")
PLACES = (ROOT, HOUSE, HOUSE / "distributed_mesh")
"""Where a path may begin."""

_NAMED = re.findall(r"`([\w./]+(?:::[\w.]+)?)`", TEXT)
PATHS = sorted({name for name in _NAMED if "/" in name or name.endswith((".py", ".toml"))})
PACKAGES = sorted(
    str(file.parent.relative_to(HOUSE))
    for file in HOUSE.rglob("__init__.py")
    if file.parent != HOUSE
)


def found(path: str) -> Path | None:
    """The file or folder that is meant."""
    return next((place / path for place in PLACES if (place / path).exists()), None)


def definitions(file: Path) -> set[str]:
    """Classes, functions and methods, by their dotted names."""
    names = set()
    for node in ast.parse(file.read_text("utf-8")).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            names |= {
                f"{node.name}.{inner.name}"
                for inner in node.body
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef)
            }
    return names


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_is_told_of(package: str) -> None:
    assert f"**`{package}/`**" in TEXT


@pytest.mark.parametrize("path", PATHS)
def test_every_path_leads_somewhere(path: str) -> None:
    file, _, name = path.partition("::")
    place = found(file)

    assert place is not None, f"{file} does not exist"
    if name:
        assert name in definitions(place)


def test_every_room_of_the_mesh_has_its_modules_named() -> None:
    mesh = HOUSE / "distributed_mesh"
    rooms = ("policies", "machines", "client", "node", "orchestrator")
    modules = {
        f"{room}/{file.name}"
        for room in rooms
        for file in (mesh / room).glob("*.py")
        if file.name != "__init__.py"
    }

    assert modules <= set(PATHS)
