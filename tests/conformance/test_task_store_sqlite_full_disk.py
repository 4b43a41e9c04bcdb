"""A full disk refuses new batches with a retryable error, and keeps what was acknowledged."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cognitive_architecture.distributed_mesh.ports import TaskStore
from cognitive_architecture.distributed_mesh.records import TaskFilter, WriteBatch
from cognitive_architecture.foundation.errors import StoreFull
from tests.support.asynchronous import async_test
from tests.support.builders import a_new_task

from .processes import Child
from .stores import FOR_EVER, SqlitePlace, endings_of, listed, new_tasks, open_serials, opened


def set_page_limit(store: TaskStore, pages: int) -> None:
    """How far the database may grow; beyond, SQLite says what it says of a full disk."""
    driver = store._file.writer.connection.driver_connection  # type: ignore[attr-defined]
    driver.execute(f"PRAGMA max_page_count={pages}")


def large_batch(first: int) -> WriteBatch:
    return WriteBatch(
        [a_new_task(serial, payload=bytes(20_000)) for serial in range(first, first + 20)]
    )


def ended_batch(first: int) -> WriteBatch:
    batch = large_batch(first)
    batch.extend(endings_of(range(first, first + 20)))
    return batch


def fill(store: TaskStore, batch_from: Callable[[int], WriteBatch]) -> int:
    """Write batches of 20 until there is no room; how many tasks were written."""
    set_page_limit(store, 600)
    written = 0
    try:
        while written < 10_000:
            store.commit_now(batch_from(written + 1))
            written += 20
    except StoreFull:
        assert written > 0
        return written
    raise AssertionError("it was never full")


@async_test
async def test_nothing_of_a_refused_batch_is_kept_and_later_it_can_be_written(
    sqlite_place: SqlitePlace,
) -> None:
    store = opened(sqlite_place)
    written = fill(store, large_batch)
    with pytest.raises(StoreFull, match=r"full.*everything acknowledged is kept") as refusal:
        store.commit_now(large_batch(written + 1))
    assert refusal.value.retryable
    with pytest.raises(StoreFull):
        await store.commit(large_batch(written + 1))
    assert open_serials(store) == list(range(1, written + 1))
    assert listed(store, limit=1) == [written]
    set_page_limit(store, 1_000_000)
    assert await store.commit(large_batch(written + 1)) == {}
    store.close()
    assert open_serials(opened(sqlite_place)) == list(range(1, written + 21))


def test_forgetting_makes_room(sqlite_place: SqlitePlace) -> None:
    store = opened(sqlite_place)
    written = fill(store, ended_batch)
    assert store.forget(ended_before=FOR_EVER, ended_kept_max=0) == written
    assert store.commit_now(new_tasks([written + 1])) == {}
    assert store.tasks(TaskFilter())[0].task == a_new_task(written + 1)


@pytest.mark.processes
def test_a_file_system_without_room(tmp_path: Path) -> None:
    if (
        shutil.which("unshare") is None
        or subprocess.run(
            ["unshare", "-rm", "mount", "-t", "tmpfs", "none", str(tmp_path)],
            capture_output=True,
            check=False,
        ).returncode
    ):
        pytest.skip("no file system can be mounted here")
    process = Child(
        *("unshare", "-rm", "sh", "-c"),
        'mount -t tmpfs -o size=24m none "$1" && exec "$0" -m "$2" "$1"',
        *(sys.executable, str(tmp_path), "tests.conformance.store_without_room"),
    )
    try:
        assert process.ended() == 0
        said = json.loads(process.rest()[-1])  # behind what was logged
    finally:
        process.clean_up()
    acknowledged = said["acknowledged"]
    assert acknowledged > 0
    assert said["refused_with"] == ["StoreFull"] * 3
    assert said["found_while_full"] == acknowledged
    assert said["found_with_room_again"] == acknowledged + 50
    assert said["found_by_the_next_owner"] == acknowledged + 50
    assert said["checkpoints_go_on"] is True
