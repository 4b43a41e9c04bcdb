from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .meshes import LocalMesh, Mesh, ZenohMesh
from .stores import MemoryPlace, Place, SqlitePlace, make_empty_store


@pytest.fixture(params=["local", "zenoh"])
def mesh(request: pytest.FixtureRequest) -> Mesh:
    """Every fabric in turn."""
    return LocalMesh() if request.param == "local" else ZenohMesh()


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store that nobody has owned; making the tables takes a while."""
    return make_empty_store(tmp_path_factory.mktemp("empty"))


@pytest.fixture
def sqlite_place(tmp_path: Path, empty_store: Path) -> Iterator[SqlitePlace]:
    place = SqlitePlace(tmp_path / "store", copy_of=empty_store)
    yield place
    place.close()


@pytest.fixture(params=["memory", "sqlite"])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    """Every store in turn."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_place")
    else:
        yield MemoryPlace()
