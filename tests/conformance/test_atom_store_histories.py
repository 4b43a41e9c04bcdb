"""Any sequence of changes, commits, folds and crashes: what is loaded is what was acknowledged."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.atomspace import Atom, AtomSpace, FloatValue, StringValue, TruthValue
from cognitive_architecture.atomspace_store import (
    AtomStore,
    KeptSpace,
    SqlAtomStore,
    compaction,
    portions,
)
from cognitive_architecture.storage.owned_file import OwnedFile
from tests.support.examples import quick

from .atom_stores import (
    AtomPlace,
    Content,
    MemoryAtomPlace,
    SqliteAtomPlace,
    content,
)

VALUES = (None, TruthValue(0.5, 0.5), StringValue(("a",)), FloatValue((1.0, 2.0)))
_picks = st.integers(0, 60)
_names = st.sampled_from("abcdefgh")
STEPS = st.one_of(
    st.tuples(st.just("node"), _names),
    st.tuples(st.just("grow"), _picks),
    st.tuples(st.just("grow"), _picks),
    st.tuples(st.just("link"), st.sampled_from(["List", "Set"]), st.lists(_picks, max_size=3)),
    st.tuples(st.just("link"), st.sampled_from(["List", "Set"]), st.lists(_picks, max_size=3)),
    st.tuples(st.just("remove"), _picks),
    st.tuples(st.just("set"), _picks, st.sampled_from("kl"), st.sampled_from(VALUES)),
    st.tuples(st.just("commit")),
    st.tuples(st.just("compact")),
    st.tuples(st.just("compact in part"), st.integers(0, 6)),
    st.tuples(st.just("crash")),
)


class CutShort(BaseException):
    """The process died."""


@contextmanager
def dying_after(commits: int) -> Iterator[None]:
    """The commit after so many never begins."""
    counter = itertools.count()
    commit = OwnedFile.commit

    def maybe_commit(file: OwnedFile, rows: int) -> Any:
        if next(counter) >= commits:
            raise CutShort
        return commit(file, rows)

    with patch.object(OwnedFile, "commit", maybe_commit), suppress(CutShort):
        yield


class History:
    """A space and its store, through one life after the other."""

    def __init__(self, folder: Path, place: AtomPlace) -> None:
        self._folder = folder
        self._place = place
        self._lives = itertools.count()
        self.acknowledged: Content = {}
        self._begin()
        for pick in (0, 10, 20, 30):
            self._grow(pick)

    def _begin(self) -> None:
        self.store: AtomStore = self._place.store()
        self.store.open()
        if isinstance(self.store, SqlAtomStore):
            # A crash of the process alone is tried here, and that needs no disk.
            driver = self.store._file.writer.connection.driver_connection
            assert driver is not None
            driver.execute("PRAGMA synchronous=OFF")
        self.kept = KeptSpace(AtomSpace(), self.store)
        assert content(self.kept.space) == self.acknowledged

    def crash(self) -> None:
        """What is on the disk now is all that the next life has."""
        if isinstance(self._place, SqliteAtomPlace):
            copy = self._folder / f"life-{next(self._lives)}"
            copied = SqliteAtomPlace(copy, copy_of=self._place.folder)
            self._place.close()
            self._place = copied
        self._begin()

    def _atom(self, pick: int) -> Atom | None:
        atoms = list(self.kept.space)
        return atoms[pick % len(atoms)] if atoms else None

    def _grow(self, pick: int) -> None:
        """A few nodes, links between them and to what is there, and values on all."""
        space = self.kept.space
        for number in range(pick, pick + 3):
            node = space.node("Concept", f"{number}")
            other = self._atom(3 * number)
            link = space.link("List", node, other if other is not None else node)
            space.set_value(link, "k", FloatValue((float(pick), float(number))))

    def perform(self, step: tuple[Any, ...]) -> None:
        space = self.kept.space
        match step:
            case "node", name:
                space.node("Concept", name)
            case "grow", pick:
                self._grow(pick)
            case "link", kind, picks:
                out = [self._atom(pick) for pick in picks]
                space.link(kind, *[atom for atom in out if atom is not None])
            case "remove", pick:
                if (atom := self._atom(pick)) is not None:
                    space.remove(atom, with_incoming=True)
            case "set", pick, key, value:
                if (atom := self._atom(pick)) is not None:
                    space.set_value(atom, key, value)
            case ("commit",):
                self.kept.commit_now()
                self.acknowledged = content(space)
            case ("compact",):
                self.store.compact()
            case "compact in part", commits:
                with dying_after(commits):
                    self.store.compact()
            case _:
                self.crash()

    def end(self) -> None:
        self.crash()
        self.store.close()
        if isinstance(self._place, SqliteAtomPlace):
            self._place.close()


@contextmanager
def tiny_portions() -> Iterator[None]:
    """So small that a few atoms are many parts."""
    with (
        patch.object(portions, "PORTION_CHANGES", 4),
        patch.object(compaction, "PORTION_CHANGES", 4),
        patch.object(compaction, "PART_ATOMS_MIN", 2),
        patch.object(compaction, "_CUT_CHANGES", 5),
        patch.object(compaction, "_CUT_ROWS", 2),
    ):
        yield


@given(steps=st.lists(STEPS, min_size=15, max_size=40))
@quick(60)
def test_in_memory(steps: list[tuple[Any, ...]]) -> None:
    history = History(Path(), MemoryAtomPlace())
    for step in steps:
        history.perform(step)
    history.end()


@given(steps=st.lists(STEPS, min_size=25, max_size=60))
@quick(20)
def test_in_sqlite(empty_atom_store: Path, steps: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as name, tiny_portions():
        folder = Path(name)
        history = History(folder, SqliteAtomPlace(folder / "first", copy_of=empty_atom_store))
        for step in steps:
            history.perform(step)
        history.end()
