"""The folder of a SQLite attention store: every way in which it cannot be used, and kills."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from cognitive_architecture.attention import AttentionBank
from cognitive_architecture.attention_store import Keepsakes, restored_bank, tables
from cognitive_architecture.attention_store.sql import FILE, SqlAttentionStore, read_past
from cognitive_architecture.distributed_mesh.adapters.sql_store import SqlTaskStore
from cognitive_architecture.foundation.errors import (
    StoreError,
    StoreFull,
    StoreLocked,
    StoreTooNew,
)
from cognitive_architecture.foundation.world import RealClock
from cognitive_architecture.storage.sqlite_engine import open_engine

from .attention_store_writer import last_round, play
from .attention_stores import PARAMETERS, SqliteAttentionPlace, content, content_of
from .processes import child

KILLED_AFTER_LINES = (2, 25, 1, 40, 9)


def on_file(folder: Path, statement: str, *values: object) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(folder / FILE)
    try:
        rows = connection.execute(statement, values).fetchall()
        connection.commit()
        return rows
    finally:
        connection.close()


class TestSchema:
    def test_the_newest_migration_is_the_one_the_program_knows(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(tables.SCHEMA.scripts))
        config.set_main_option("path_separator", "os")
        assert ScriptDirectory.from_config(config).get_current_head() == tables.NEWEST

    def test_migrations_make_the_tables_that_the_program_describes(
        self, sqlite_attention_place: SqliteAttentionPlace
    ) -> None:
        def columns(engine: sa.Engine) -> dict[str, list[sa.Row[Any]]]:
            with engine.connect() as connection:
                return {
                    table: list(connection.exec_driver_sql(f"PRAGMA table_xinfo({table})"))
                    for table in tables.metadata.tables
                }

        migrated = open_engine(sqlite_attention_place.file)
        described = sa.create_engine("sqlite://")
        tables.metadata.create_all(described)
        try:
            assert columns(migrated) == columns(described)
        finally:
            migrated.dispose()
            described.dispose()

    def test_a_newer_store_is_refused_by_owners_and_by_readers(
        self, sqlite_attention_place: SqliteAttentionPlace
    ) -> None:
        folder = sqlite_attention_place.folder
        on_file(folder, "UPDATE alembic_version SET version_num = 'attention_9999'")
        with pytest.raises(StoreTooNew, match=r"version attention_9999.*newer cogmesh"):
            sqlite_attention_place.store().open()
        with pytest.raises(StoreTooNew, match=r"version attention_9999.*newer cogmesh"):
            read_past(folder)

    def test_a_reader_says_who_can_read_older_tables(
        self, sqlite_attention_place: SqliteAttentionPlace
    ) -> None:
        folder = sqlite_attention_place.folder
        on_file(folder, "UPDATE alembic_version SET version_num = 'attention_0000'")
        with pytest.raises(StoreError, match="start the orchestrator once"):
            read_past(folder)


class TestFolders:
    def test_may_hold_tasks_too(self, tmp_path: Path) -> None:
        economy, tasks = (
            SqlAttentionStore(tmp_path, RealClock()),
            SqlTaskStore(tmp_path, RealClock()),
        )
        tasks.open()
        economy.open()
        economy.close()
        tasks.close()

    def test_without_a_store_are_said_so_to_a_reader(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match="holds no attention store"):
            read_past(tmp_path)
        assert list(tmp_path.iterdir()) == []

    def test_with_another_program_s_file_are_left_alone(self, tmp_path: Path) -> None:
        on_file(tmp_path, "CREATE TABLE bookmarks (url TEXT)")
        with pytest.raises(StoreError, match="no attention store"):
            SqlAttentionStore(tmp_path, RealClock()).open()
        with pytest.raises(StoreError, match="no attention store"):
            read_past(tmp_path)
        (tmp_path / FILE).write_bytes(b"no database" * 1000)
        with pytest.raises(StoreError, match="damaged or no attention store"):
            read_past(tmp_path)

    def test_with_text_for_bytes_are_damaged(
        self, sqlite_attention_place: SqliteAttentionPlace
    ) -> None:
        store = sqlite_attention_place.store()
        store.open()
        store.commit_now(Keepsakes(0.0, (b"record",)))
        store.close()
        on_file(sqlite_attention_place.folder, "UPDATE records SET record = 'text'")
        with pytest.raises(StoreError, match="text where bytes should be"):
            sqlite_attention_place.store().open()

    def test_belong_to_one_owner_and_readers_may_look(
        self, sqlite_attention_place: SqliteAttentionPlace
    ) -> None:
        records: list[bytes] = []
        store = sqlite_attention_place.store()
        bank = restored_bank(store.open(), PARAMETERS, journal=records.append)
        play(bank, 0)
        store.commit_now(Keepsakes(0.0, tuple(records)))
        with pytest.raises(StoreLocked, match=rf"running attention .process {os.getpid()}"):
            sqlite_attention_place.store().open()
        assert content_of(read_past(sqlite_attention_place.folder)) == content(bank)


def test_a_full_disk_loses_nothing_and_takes_it_when_there_is_room(
    sqlite_attention_place: SqliteAttentionPlace,
) -> None:
    store = sqlite_attention_place.store()
    records: list[bytes] = []
    bank = restored_bank(store.open(), PARAMETERS, journal=records.append)
    driver: Any = store._file.writer.connection.driver_connection
    driver.execute("PRAGMA max_page_count=60")
    kept = 0

    def fill() -> None:
        nonlocal kept
        while True:
            bank.open_atoms(f"long {kept}", [f"{kept}" * 2000])
            store.commit_now(Keepsakes(0.0, tuple(records)))
            records.clear()
            kept += 1

    with pytest.raises(StoreFull, match=r"full.*everything acknowledged is kept") as refusal:
        fill()
    assert refusal.value.retryable
    assert len(content_of(store.past())[0]) == kept + 1

    driver.execute("PRAGMA max_page_count=1000000")
    store.commit_now(Keepsakes(0.0, tuple(records)))
    store.close()
    assert content_of(sqlite_attention_place.store().open()) == content(bank)


@pytest.mark.processes
def test_five_killed_writers_lose_nothing_acknowledged(
    sqlite_attention_place: SqliteAttentionPlace,
) -> None:
    expected = AttentionBank(PARAMETERS)
    played = -1
    for lines in KILLED_AFTER_LINES:
        folder = str(sqlite_attention_place.folder)
        with child("tests.conformance.attention_store_writer", folder) as writer:
            said = [writer.line() for _ in range(lines)]
            writer.kill()
            said += writer.rest()
        store = sqlite_attention_place.store()
        kept = store.open()
        found = last_round(restored_bank(kept, PARAMETERS))
        # A round is one commit: it is there whole, and one more may be durable than was said.
        assert found in (int(said[-1]), int(said[-1]) + 1)
        while played < found:
            played += 1
            play(expected, played)
            if played % 7 == 6:
                expected.ledger.checkpoint(ids_kept=100)  # it lets handles be given again
        assert content_of(kept)[0] == content(expected)[0]
        assert len(store.past().records) <= 2 * 7 * 6
        store.close()
