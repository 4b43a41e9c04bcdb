from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .atom_stores import (
    AtomPlace,
    MemoryAtomPlace,
    SqliteAtomPlace,
    make_empty_atom_store,
)
from .attention_stores import (
    AttentionPlace,
    MemoryAttentionPlace,
    SqliteAttentionPlace,
    make_empty_attention_store,
)
from .meshes import LocalMesh, Mesh, SimulatedMesh, ZenohMesh
from .stores import MemoryPlace, Place, SimulatedPlace, SqlitePlace, make_empty_store

_MESHES: dict[str, Callable[[], Mesh]] = {
    "local": LocalMesh,
    "zenoh": ZenohMesh,
    "simulated": SimulatedMesh,
}


@pytest.fixture(params=list(_MESHES))
def mesh(request: pytest.FixtureRequest) -> Mesh:
    """Every fabric in turn."""
    return _MESHES[request.param]()


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store that nobody has owned; making the tables takes a while."""
    return make_empty_store(tmp_path_factory.mktemp("empty"))


@pytest.fixture
def sqlite_place(tmp_path: Path, empty_store: Path) -> Iterator[SqlitePlace]:
    place = SqlitePlace(tmp_path / "store", copy_of=empty_store)
    yield place
    place.close()


@pytest.fixture(params=["memory", "simulated", "sqlite"])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    """Every store in turn."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_place")
    else:
        yield MemoryPlace() if request.param == "memory" else SimulatedPlace()


@pytest.fixture(scope="session")
def empty_atom_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of no atoms; making the tables takes a while."""
    return make_empty_atom_store(tmp_path_factory.mktemp("empty"))


@pytest.fixture
def sqlite_atom_place(tmp_path: Path, empty_atom_store: Path) -> Iterator[SqliteAtomPlace]:
    place = SqliteAtomPlace(tmp_path / "store", copy_of=empty_atom_store)
    yield place
    place.close()


@pytest.fixture(params=["memory", "sqlite"])
def atom_place(request: pytest.FixtureRequest) -> Iterator[AtomPlace]:
    """Every store of atoms in turn."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_atom_place")
    else:
        yield MemoryAtomPlace()


@pytest.fixture(scope="session")
def empty_attention_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of no economy; making the tables takes a while."""
    return make_empty_attention_store(tmp_path_factory.mktemp("empty"))


@pytest.fixture
def sqlite_attention_place(
    tmp_path: Path, empty_attention_store: Path
) -> Iterator[SqliteAttentionPlace]:
    place = SqliteAttentionPlace(tmp_path / "store", copy_of=empty_attention_store)
    yield place
    place.close()


@pytest.fixture(params=["memory", "sqlite"])
def attention_place(request: pytest.FixtureRequest) -> Iterator[AttentionPlace]:
    """Every store of an economy in turn."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_attention_place")
    else:
        yield MemoryAttentionPlace()
