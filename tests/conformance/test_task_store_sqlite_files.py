"""The folder of a SQLite store: how it is written, and every way in which it cannot be used."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from cognitive_architecture.distributed_mesh.adapters import sql_schema, sql_tables
from cognitive_architecture.distributed_mesh.adapters.sql_store import SqlTaskStore
from cognitive_architecture.distributed_mesh.records import Ownership
from cognitive_architecture.foundation.errors import (
    StoreError,
    StoreLocked,
    StoreNotWritable,
    StoreTooNew,
)
from cognitive_architecture.foundation.world import RealClock
from cognitive_architecture.storage import sqlite_engine
from cognitive_architecture.storage.sqlite_engine import open_engine

from .processes import child
from .stores import (
    FILE,
    FOR_EVER,
    SqlitePlace,
    endings_of,
    new_tasks,
    open_serials,
    opened,
)

PAGE_BYTES = 4096


def on_file(folder: Path, *statements: str) -> list[tuple[object, ...]]:
    """Rows of the last statement, on a connection of its own."""
    connection = sqlite3.connect(folder / FILE)
    try:
        rows: list[tuple[object, ...]] = []
        for statement in statements:
            rows = connection.execute(statement).fetchall()
        connection.commit()
        return rows
    finally:
        connection.close()


class TestDurability:
    def test_every_connection_writes_ahead_and_waits_for_the_disk(
        self, sqlite_place: SqlitePlace
    ) -> None:
        store = sqlite_place.store()
        store.open()
        writer = store._file.writer.connection.driver_connection
        assert isinstance(writer, sqlite3.Connection)
        assert writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert writer.execute("PRAGMA synchronous").fetchone() == (2,), "2 is FULL"
        with store._file.engine.connect() as another:
            assert another.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
            assert another.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert on_file(sqlite_place.folder, "PRAGMA journal_mode") == [("wal",)]

    def test_what_is_committed_is_in_the_files(
        self, sqlite_place: SqlitePlace, tmp_path: Path
    ) -> None:
        store = opened(sqlite_place)
        for serial in range(1, 301):
            store.commit_now(new_tasks([serial]))
        shutil.copytree(sqlite_place.folder, tmp_path / "copy")  # as a crash would leave them
        copy = SqlitePlace(tmp_path / "copy")
        assert open_serials(opened(copy)) == list(range(1, 301))
        copy.close()

    def test_checkpoints_go_on_after_one_that_failed(self, sqlite_place: SqlitePlace) -> None:
        store = sqlite_place.store()
        store.open()
        denied: list[str | None] = []

        def authorize(action: int, name: str | None, *_rest: object) -> int:
            if action == sqlite3.SQLITE_PRAGMA and name == "wal_checkpoint" and len(denied) < 2:
                denied.append(name)
                return sqlite3.SQLITE_DENY
            return sqlite3.SQLITE_OK

        @sa.event.listens_for(store._file.engine, "checkout")
        def guard(connection: sqlite3.Connection, *_rest: object) -> None:
            connection.set_authorizer(authorize)

        log = sqlite_place.file.with_name(f"{FILE}-wal")
        serial = 0
        for _ in range(20):
            store.commit_now(new_tasks(range(serial + 1, serial + 5001)))
            serial += 5000
            store._file.checkpointer._due.set()
            if len(denied) == 2:
                break
        assert store._file.checkpointer._thread.is_alive()
        assert log.stat().st_size > 0
        assert len(open_serials(store)) == serial

    def test_the_log_begins_anew_although_commits_never_pause(
        self, sqlite_place: SqlitePlace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sqlite_engine, "_CHECKPOINT_COMMITS", 8)
        store = sqlite_place.store()
        store.open()
        log = sqlite_place.folder / f"{FILE}-wal"
        longest = 0
        for serial in range(1, 5001):
            store.commit_now(new_tasks([serial]))
            longest = max(longest, log.stat().st_size)
        store.close()
        assert longest < 5000 * PAGE_BYTES // 4  # each commit wrote two pages or more


class TestSchema:
    def test_the_newest_migration_is_the_one_the_program_knows(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(sql_schema.SCHEMA.scripts))
        config.set_main_option("path_separator", "os")
        assert ScriptDirectory.from_config(config).get_current_head() == sql_schema.NEWEST

    def test_migrations_make_the_tables_that_the_program_describes(
        self, sqlite_place: SqlitePlace
    ) -> None:
        def columns(engine: sa.Engine) -> dict[str, list[sa.Row[Any]]]:
            with engine.connect() as connection:
                return {
                    table: list(connection.exec_driver_sql(f"PRAGMA table_xinfo({table})"))
                    for table in sql_tables.metadata.tables
                }

        def indexes(engine: sa.Engine) -> list[object]:
            statement = "SELECT name, sql FROM sqlite_master WHERE type = 'index' ORDER BY name"
            with engine.connect() as connection:
                return [
                    tuple(row)
                    for row in connection.exec_driver_sql(statement)
                    if "alembic" not in row[0]
                ]

        migrated = open_engine(sqlite_place.file)
        described = sa.create_engine("sqlite://")
        sql_tables.metadata.create_all(described)
        try:
            assert columns(migrated) == columns(described)
            assert indexes(migrated) == indexes(described)
        finally:
            migrated.dispose()
            described.dispose()

    def test_an_older_store_is_brought_up_to_date_with_all_it_holds(self, tmp_path: Path) -> None:
        engine = open_engine(tmp_path / FILE)
        with engine.begin() as connection:
            config = Config()
            config.set_main_option("script_location", str(sql_schema.SCHEMA.scripts))
            config.set_main_option("path_separator", "os")
            config.attributes["connection"] = connection
            command.upgrade(config, "0001")
            connection.exec_driver_sql("UPDATE ownership SET epoch = 41")
            connection.exec_driver_sql(
                "INSERT INTO tasks VALUES (9, 'task-9', 'echo', x'80', 5, 300.0, NULL, NULL, NULL,"
                " 1700000009.0, 41)"
            )
        engine.dispose()
        place = SqlitePlace(tmp_path)
        store = place.store()
        assert store.open() == Ownership(42, 9, frozenset())
        assert open_serials(store) == [9]
        store.commit_now(endings_of([9]))
        assert store.forget(ended_before=FOR_EVER, ended_kept_max=0) == 1
        assert on_file(tmp_path, "SELECT version_num FROM alembic_version") == [
            (sql_schema.NEWEST,)
        ]
        place.close()

    def test_a_newer_store_is_refused_and_left_as_it_was(self, sqlite_place: SqlitePlace) -> None:
        folder = sqlite_place.folder
        on_file(
            folder,
            "CREATE TABLE present AS SELECT * FROM alembic_version",
            "UPDATE alembic_version SET version_num = '9999'",
        )
        for _ in range(2):  # the second finds no lock
            with pytest.raises(StoreTooNew, match=r"version 9999.*knows up to.*newer cogmesh"):
                sqlite_place.store().open()
        assert on_file(folder, "SELECT epoch FROM ownership") == [(0,)]
        on_file(
            folder, "DROP TABLE alembic_version", "ALTER TABLE present RENAME TO alembic_version"
        )
        assert sqlite_place.store().open().epoch == 1


class TestFolders:
    @pytest.mark.parametrize(
        "name", ["a b", "100%", "%(here)s", "Müller", "a?b#c", "deep/er/still"]
    )
    def test_of_any_name_are_made_where_they_are_missing(self, tmp_path: Path, name: str) -> None:
        place = SqlitePlace(tmp_path / name)
        assert place.store().open().epoch == 1
        assert (tmp_path / name / FILE).is_file()
        place.close()

    def test_that_are_files_cannot_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "store").write_text("not a folder")
        with pytest.raises(StoreNotWritable, match="check its owner and mode"):
            SqlTaskStore(tmp_path / "store", RealClock()).open()
        with pytest.raises(StoreNotWritable):
            SqlTaskStore(tmp_path / "store" / "below", RealClock()).open()

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_without_permission_cannot_be_written(self, sqlite_place: SqlitePlace) -> None:
        sqlite_place.folder.chmod(0o500)
        with pytest.raises(StoreNotWritable):
            sqlite_place.store().open()

    def test_whose_database_cannot_be_opened_cannot_be_written(self, tmp_path: Path) -> None:
        (tmp_path / FILE).mkdir()
        with pytest.raises(StoreNotWritable, match=FILE):
            SqlTaskStore(tmp_path, RealClock()).open()
        (tmp_path / FILE).rmdir()
        place = SqlitePlace(tmp_path)
        assert place.store().open().epoch == 1, "the lock was let go"
        place.close()

    @pytest.mark.parametrize(
        "content", [b"no database" * 1000, b"SQLite format 3\x00" + b"x" * 9000]
    )
    def test_with_a_damaged_database_are_said_so_and_left_alone(
        self, tmp_path: Path, content: bytes
    ) -> None:
        (tmp_path / FILE).write_bytes(content)
        with pytest.raises(StoreError, match="damaged or no task store"):
            SqlTaskStore(tmp_path, RealClock()).open()
        assert (tmp_path / FILE).read_bytes() == content


class TestLocks:
    def test_a_second_owner_of_this_process_is_refused(self, sqlite_place: SqlitePlace) -> None:
        first = opened(sqlite_place)
        with pytest.raises(StoreLocked, match=f"process {os.getpid()}.*another --data folder"):
            sqlite_place.store().open()
        first.commit_now(new_tasks([1]))
        first.close()
        assert open_serials(opened(sqlite_place)) == [1]

    @pytest.mark.processes
    def test_a_living_process_keeps_others_out_and_a_dead_one_does_not(
        self, sqlite_place: SqlitePlace
    ) -> None:
        with child("tests.conformance.store_writer", str(sqlite_place.folder)) as writer:
            assert writer.line()
            with pytest.raises(StoreLocked, match=f"process {writer.pid}"):
                sqlite_place.store().open()
            writer.kill()
            assert sqlite_place.store().open().epoch == 2

    def test_a_lock_file_that_was_left_behind_locks_nobody_out(
        self, sqlite_place: SqlitePlace
    ) -> None:
        (sqlite_place.folder / "orchestrator.lock").write_text("")
        (sqlite_place.folder / "orchestrator.pid").write_text("1")
        assert sqlite_place.store().open().epoch == 1
