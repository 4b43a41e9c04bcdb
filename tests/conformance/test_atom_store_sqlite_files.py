"""The folder of a SQLite atom store: what is in it, and every way in which it cannot be used."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from cognitive_architecture.atomspace import AtomSpace
from cognitive_architecture.atomspace_store import KeptSpace, SqlAtomStore, portions, tables
from cognitive_architecture.distributed_mesh.adapters.sql_store import SqlTaskStore
from cognitive_architecture.foundation.errors import (
    StoreError,
    StoreFull,
    StoreLocked,
    StoreNotWritable,
    StoreTooNew,
)
from cognitive_architecture.foundation.world import RealClock
from cognitive_architecture.storage.sqlite_engine import open_engine

from .atom_stores import FILE, SqliteAtomPlace, content, kept_content, kept_on
from .processes import child


def on_file(folder: Path, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """Perform a statement on a connection of its own."""
    connection = sqlite3.connect(folder / FILE)
    try:
        rows = connection.execute(statement, values).fetchall()
        connection.commit()
        return rows
    finally:
        connection.close()


def keep_nodes(place: SqliteAtomPlace, count: int, *, is_compacted: bool) -> None:
    kept, store = kept_on(place)
    for number in range(count):
        kept.space.node("Concept", f"{number}")
    kept.commit_now()
    if is_compacted:
        store.compact()
    store.close()


class TestSchema:
    def test_the_newest_migration_is_the_one_the_program_knows(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(tables.SCHEMA.scripts))
        config.set_main_option("path_separator", "os")
        assert ScriptDirectory.from_config(config).get_current_head() == tables.NEWEST

    def test_migrations_make_the_tables_that_the_program_describes(
        self, sqlite_atom_place: SqliteAtomPlace
    ) -> None:
        def columns(engine: sa.Engine) -> dict[str, list[sa.Row[Any]]]:
            with engine.connect() as connection:
                return {
                    table: list(connection.exec_driver_sql(f"PRAGMA table_xinfo({table})"))
                    for table in tables.metadata.tables
                }

        migrated = open_engine(sqlite_atom_place.file)
        described = sa.create_engine("sqlite://")
        tables.metadata.create_all(described)
        try:
            assert columns(migrated) == columns(described)
        finally:
            migrated.dispose()
            described.dispose()

    def test_a_newer_store_is_refused_and_left_as_it_was(
        self, sqlite_atom_place: SqliteAtomPlace
    ) -> None:
        on_file(sqlite_atom_place.folder, "UPDATE alembic_version SET version_num = 'atoms_9999'")
        before = on_file(sqlite_atom_place.folder, "SELECT epoch FROM ownership")
        for _ in range(2):  # the second finds no lock
            with pytest.raises(
                StoreTooNew, match=r"version atoms_9999.*knows up to atoms_0001.*newer cogmesh"
            ):
                sqlite_atom_place.store().open()
        assert on_file(sqlite_atom_place.folder, "SELECT epoch FROM ownership") == before


class TestFolders:
    def test_that_are_files_cannot_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "store").write_text("not a folder")
        with pytest.raises(StoreNotWritable, match="check its owner and mode"):
            SqlAtomStore(tmp_path / "store", RealClock()).open()

    def test_whose_database_cannot_be_opened_cannot_be_written(self, tmp_path: Path) -> None:
        (tmp_path / FILE).mkdir()
        with pytest.raises(StoreNotWritable, match=FILE):
            SqlAtomStore(tmp_path, RealClock()).open()

    @pytest.mark.parametrize(
        "bytes_found", [b"no database" * 1000, b"SQLite format 3\x00" + b"x" * 9000]
    )
    def test_with_a_damaged_database_are_said_so_and_left_alone(
        self, tmp_path: Path, bytes_found: bytes
    ) -> None:
        (tmp_path / FILE).write_bytes(bytes_found)
        with pytest.raises(StoreError, match="damaged or no atom store"):
            SqlAtomStore(tmp_path, RealClock()).open()
        assert (tmp_path / FILE).read_bytes() == bytes_found

    def test_with_a_database_of_another_program_are_left_alone(self, tmp_path: Path) -> None:
        on_file(tmp_path, "CREATE TABLE bookmarks (url TEXT)")
        with pytest.raises(StoreError, match=r"no atom store .*tables of another program"):
            SqlAtomStore(tmp_path, RealClock()).open()
        assert on_file(tmp_path, "SELECT name FROM sqlite_master") == [("bookmarks",)]

    @pytest.mark.parametrize("is_task_store", [False, True])
    def test_with_a_store_of_another_kind_are_left_alone(
        self, tmp_path: Path, *, is_task_store: bool
    ) -> None:
        atoms, tasks = SqlAtomStore(tmp_path, RealClock()), SqlTaskStore(tmp_path, RealClock())
        (tasks if is_task_store else atoms).open()
        (tasks if is_task_store else atoms).close()
        names = ("cogmesh.sqlite3", FILE)
        (tmp_path / names[not is_task_store]).rename(tmp_path / names[is_task_store])

        with pytest.raises(StoreError, match=r"store of another kind.*move it away"):
            (atoms if is_task_store else tasks).open()

    def test_may_hold_tasks_too(self, tmp_path: Path) -> None:
        atoms, tasks = SqlAtomStore(tmp_path, RealClock()), SqlTaskStore(tmp_path, RealClock())
        tasks.open()
        assert atoms.open() == 1
        atoms.close()
        tasks.close()


class TestLocks:
    def test_a_second_owner_of_this_process_is_refused(
        self, sqlite_atom_place: SqliteAtomPlace
    ) -> None:
        sqlite_atom_place.store().open()
        with pytest.raises(
            StoreLocked, match=rf"running atomspace .process {os.getpid()}.*another --data folder"
        ):
            sqlite_atom_place.store().open()

    @pytest.mark.processes
    def test_a_living_process_keeps_others_out_and_a_dead_one_does_not(
        self, sqlite_atom_place: SqliteAtomPlace
    ) -> None:
        folder = str(sqlite_atom_place.folder)
        with child("tests.conformance.atom_store_writer", folder) as writer:
            assert writer.line()
            with pytest.raises(StoreLocked, match=f"process {writer.pid}"):
                sqlite_atom_place.store().open()
            writer.kill()
            sqlite_atom_place.store().open()


class TestDamage:
    @pytest.mark.parametrize(
        ("table", "column"), [("log", "portion"), ("log", "removed"), ("parts", "portion")]
    )
    @pytest.mark.parametrize(
        "spoiled",
        [
            b"",
            b"\xc1",
            b"\x91" * 5000,
            "text",
            portions.encode(["cat"]),
            portions.encode(portions.Portion(numbers=[1], type_places=[0], contents=["cat"])),
            portions.encode(portions.Portion(["List"], [], [7], [0], [[3]])),
            portions.encode(portions.Portion(["Concept"], [], [7], [0], ["\x00cat"], [(9, 0, [])])),
            portions.encode(portions.Portion(["List"], ["k"], [7], [0], [[]], [(7, 0, [0, 2.0])])),
            portions.encode(portions.Portion(["List"], ["k"], [7], [0], [[]], [(7, 0, [9])])),
            portions.encode(portions.Portion(["Concept"], [], [8, 9], [0, 0], ["a", "a"])),
        ],
        ids=range(11),
    )
    def test_is_said(
        self,
        sqlite_atom_place: SqliteAtomPlace,
        table: str,
        column: str,
        spoiled: bytes | str,
    ) -> None:
        keep_nodes(sqlite_atom_place, 3, is_compacted=table == "parts")
        on_file(sqlite_atom_place.folder, f"UPDATE {table} SET {column} = ?", spoiled)  # noqa: S608 - our own names
        store = sqlite_atom_place.store()
        store.open()

        with pytest.raises(StoreError, match=r"damaged or no atom store .*restore a copy"):
            store.load(AtomSpace())


def set_page_limit(store: SqlAtomStore, pages: int) -> None:
    """How far the database may grow; beyond, SQLite says what it says of a full disk."""
    driver: Any = store._file.writer.connection.driver_connection
    driver.execute(f"PRAGMA max_page_count={pages}")


class TestFullDisk:
    def opened(self, place: SqliteAtomPlace) -> tuple[KeptSpace, SqlAtomStore]:
        store = place.store()
        store.open()
        return KeptSpace(AtomSpace(), store), store

    def fill(self, kept: KeptSpace, commit: Callable[[], None]) -> None:
        for number in range(10_000):
            kept.space.node("Concept", f"{number}" * 2000)
            commit()
        raise AssertionError("it was never full")

    def test_nothing_is_lost_and_what_waits_is_written_when_there_is_room(
        self, sqlite_atom_place: SqliteAtomPlace
    ) -> None:
        kept, store = self.opened(sqlite_atom_place)
        set_page_limit(store, 200)
        with pytest.raises(StoreFull, match=r"full.*everything acknowledged is kept") as refusal:
            self.fill(kept, kept.commit_now)
        assert refusal.value.retryable
        assert kept.backlog == 1
        with pytest.raises(StoreFull):
            asyncio.run(kept.commit())
        assert kept.backlog == 1
        with pytest.raises(StoreFull):
            store.compact()
        durable = len(kept.space) - 1

        shutil.copytree(sqlite_atom_place.folder, sqlite_atom_place.folder.with_name("copy"))
        copy = SqliteAtomPlace(sqlite_atom_place.folder.with_name("copy"))
        assert len(kept_content(copy)) == durable

        set_page_limit(store, 1_000_000)
        asyncio.run(kept.commit())
        store.compact()
        expected = content(kept.space)
        store.close()
        assert kept_content(sqlite_atom_place) == expected

    def test_a_fold_makes_room(self, sqlite_atom_place: SqliteAtomPlace) -> None:
        kept, store = self.opened(sqlite_atom_place)
        set_page_limit(store, 200)

        def commit_and_remove() -> None:
            kept.commit_now()
            (node,) = kept.space
            kept.space.remove(node)

        with pytest.raises(StoreFull):
            self.fill(kept, commit_and_remove)
        set_page_limit(store, 204)  # it writes what is left before it cuts the log
        store.compact()
        for _ in range(20):
            commit_and_remove()
            kept.space.node("Concept", "long" * 2000)
        assert store.log_length() > 20
