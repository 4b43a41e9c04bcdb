"""Many rows in few statements are the same as each in its own."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.adapters.sql_rows import BulkInsert

DIALECT = sa.create_engine("sqlite://").dialect
TABLE = sa.Table(
    "things",
    sa.MetaData(),
    sa.Column("serial", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text),
    sa.Column("content", sa.LargeBinary),
    sa.Column("owner", sa.Text),
)
ALIKE = (TABLE.c.kind, TABLE.c.owner)

kinds = st.sampled_from(["echo", None])
things = st.tuples(kinds, st.binary(max_size=2), st.sampled_from([None, "me", ""]))
runs = st.lists(st.tuples(things, st.sampled_from([1, 3, 31, 33, 300])), max_size=4)
"""Runs of rows that are alike, so that statements of every length have some that are and not."""


def a_file() -> sqlite3.Connection:
    driver = sqlite3.connect(":memory:")
    driver.execute("CREATE TABLE things (serial INTEGER PRIMARY KEY, kind, content, owner)")
    return driver


def written(driver: sqlite3.Connection) -> list[tuple[Any, ...]]:
    return driver.execute("SELECT * FROM things ORDER BY serial").fetchall()


@given(runs=runs)
def test_rows_are_written_as_they_are_whatever_they_have_in_common(
    runs: list[tuple[tuple[Any, ...], int]],
) -> None:
    described = [thing for thing, count in runs for _ in range(count)]
    rows = [(serial, *thing) for serial, thing in enumerate(described)]
    driver = a_file()
    assert BulkInsert(DIALECT, TABLE, alike=ALIKE)(driver, rows) == len(rows)
    assert written(driver) == rows
    driver.close()


@pytest.mark.parametrize("count", [1, 2, 4, 40])
def test_repeats_are_left_out_among_rows_that_are_alike(count: int) -> None:
    driver = a_file()
    insert = BulkInsert(DIALECT, TABLE, skip_repeats=True, alike=ALIKE)
    rows = [(serial, "echo", b"", "me") for serial in range(count)]
    assert insert(driver, rows[:1]) == 1
    assert insert(driver, rows) == count - 1
    assert written(driver) == rows
    driver.close()


def test_a_repeat_that_may_not_be_left_out_is_refused() -> None:
    driver = a_file()
    insert = BulkInsert(DIALECT, TABLE, alike=ALIKE)
    rows = [(0, "echo", b"", "me")] * 2
    with pytest.raises(sqlite3.IntegrityError):
        insert(driver, rows + rows)
    driver.close()
