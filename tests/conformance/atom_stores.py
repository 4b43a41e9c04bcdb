"""The same space on every kind of disk, one owner after the other or one against the other."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Protocol

from cognitive_architecture.atomspace import Atom, AtomSpace, AtomSpaceView, Value
from cognitive_architecture.atomspace_store import (
    AtomDisk,
    AtomStore,
    KeptSpace,
    MemoryAtomStore,
    SqlAtomStore,
)
from cognitive_architecture.foundation.world import RealClock

FILE = "atomspace.sqlite3"
Content = dict[Atom, dict[str, Value]]


class AtomPlace(Protocol):
    """Where the atoms of successive owners are."""

    def store(self) -> AtomStore:
        """A store for the next owner, not yet open; it comes when the one before has closed."""
        ...

    def rival(self) -> AtomStore:
        """A store for an owner who takes over although the one before lives."""
        ...


class MemoryAtomPlace:
    def __init__(self) -> None:
        self._disk = AtomDisk()

    def store(self) -> AtomStore:
        return MemoryAtomStore(self._disk)

    rival = store


class SqliteAtomPlace:
    def __init__(self, folder: Path, *, copy_of: Path | None = None) -> None:
        self.folder = folder
        if copy_of is not None:
            shutil.copytree(copy_of, folder)
        self._stores: list[SqlAtomStore] = []

    @property
    def file(self) -> Path:
        return self.folder / FILE

    def store(self) -> SqlAtomStore:
        store = SqlAtomStore(self.folder, RealClock())
        self._stores.append(store)
        return store

    def rival(self) -> SqlAtomStore:
        # Somebody removed the lock file, or the file system does not share locks.
        (self.folder / "atomspace.lock").unlink()
        return self.store()

    def close(self) -> None:
        for store in self._stores:
            store.close()


def make_empty_atom_store(folder: Path) -> Path:
    """Tables; opened once."""
    store = SqlAtomStore(folder, RealClock())
    store.open()
    store.close()
    return folder


def kept_on(place: AtomPlace) -> tuple[KeptSpace, AtomStore]:
    """A space filled with what the place keeps, and its store."""
    store = place.store()
    store.open()
    return KeptSpace(AtomSpace(), store), store


def content(space: AtomSpace | AtomSpaceView) -> Content:
    """Everything in a space."""
    return {atom: dict(space.values(atom)) for atom in space}


def kept_content(place: AtomPlace) -> Content:
    """What the next owner finds; it lets go at once."""
    kept, store = kept_on(place)
    store.close()
    return content(kept.space)
