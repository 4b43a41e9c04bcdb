"""A file that another program made is no task store, and stays as it is."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from cognitive_architecture.distributed_mesh.adapters.sql_store import SqlTaskStore
from cognitive_architecture.foundation.errors import StoreError
from cognitive_architecture.foundation.world import RealClock

from .stores import FILE


def test_the_tables_of_another_program_are_left_alone(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / FILE)
    connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.commit()

    with pytest.raises(StoreError, match=r"no task store .*tables of another program"):
        SqlTaskStore(tmp_path, RealClock()).open()

    found = connection.execute("SELECT name FROM sqlite_master").fetchall()
    connection.close()
    assert found == [("bookmarks",)]
