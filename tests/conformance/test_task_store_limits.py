"""Values at their limits come back as they were."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from cognitive_architecture.distributed_mesh.model import (
    NODE_LOST,
    Attempt,
    Ending,
    TaskOptions,
    TaskSpec,
)
from cognitive_architecture.distributed_mesh.records import (
    FailedAttempt,
    NewTask,
    StoredTask,
    WriteBatch,
)
from cognitive_architecture.foundation.errors import StoreError
from tests.support.asynchronous import async_test
from tests.support.builders import a_new_task, an_attempt, an_ending

from .stores import (
    FOR_EVER,
    Place,
    attempts_of,
    endings_of,
    listed,
    new_tasks,
    open_serials,
    opened,
)

LAST_SERIAL = 2**63 - 1
MIB = 1024 * 1024
TEXTS = {
    "one letter": "x",
    "a NUL in front": "\x00x",
    "a NUL in the middle": "a\x00b",
    "only a NUL": "\x00",
    "controls": "\x01\x1b\x7f\r\n\t\u2028",
    "emoji": "😀👩‍👩‍👧",
    "four bytes each": "𐌰𐌱𓀀🂡𠀋",
    "the last character": "\U0010ffff",
    "quotes": "'; DROP TABLE tasks; --\"`?:a%_\\",
    "a number": "00123",
    "long": "é" * 100_000,
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_any_text_in_every_field(place: Place, text: str) -> None:
    options = TaskOptions((text, "b"), text, 3, 0.5, wait_for_node=True)
    task = NewTask(1, TaskSpec(text, text, b"\x80", 5, 1.0, text, options), 0.0)
    attempt = Attempt(1, text, text, text, 0.0, 0.0, 1)
    ending = Ending(text, 1, "failed", None, text, text, 1, None, 0.0)
    store = opened(place)
    store.commit_now(WriteBatch([task], [ending], [FailedAttempt(1, attempt)], [text]))
    assert store.task(text) == StoredTask(task, (attempt,), ending)
    assert store.endings([text]) == [ending]
    assert listed(store, task_type=text, requester=text) == [1]
    same_id = a_new_task(2, task_id=text)
    same_key = replace(task, serial=3, spec=replace(task.spec, task_id="another"))
    assert store.commit_now(WriteBatch([same_id, same_key])) == {2: text, 3: text}
    store.close()
    assert place.store().open().capabilities == {text}


@pytest.mark.parametrize("size", [0, 1, 65_536, 16 * MIB])
def test_payloads_and_results_of_any_size(place: Place, size: int) -> None:
    data = (bytes(range(256)) * (size // 256 + 1))[:size]
    task, ending = a_new_task(1, payload=data), an_ending(1, result=data)
    store = opened(place)
    store.commit_now(WriteBatch([task]))
    store.close()
    store = opened(place)
    assert [one.task for portion in store.open_tasks() for one in portion] == [task]
    store.commit_now(WriteBatch(endings=[ending]))
    assert store.task("task-1") == StoredTask(task, (), ending)


def test_no_result_is_not_an_empty_one(place: Place) -> None:
    store = opened(place)
    store.commit_now(new_tasks([1, 2]))
    ends = [an_ending(1, result=b""), an_ending(2, result=None)]
    store.commit_now(WriteBatch(endings=ends))
    assert [stored.ending for stored in map(store.task, ("task-1", "task-2")) if stored] == ends


def test_nothing_where_nothing_need_be(place: Place) -> None:
    task = NewTask(1, TaskSpec("a", "b", b"", 1, 0.0, None, None), 0.0)
    ending = Ending("a", 1, "cancelled", None, None, None, 0, None, 0.0)
    attempt = Attempt(1, None, NODE_LOST, "", 0.0, 0.0, 0)
    store = opened(place)
    store.commit_now(WriteBatch([task], [ending], [FailedAttempt(1, attempt)]))
    assert store.task("a") == StoredTask(task, (attempt,), ending)


def test_serials_and_leases_of_63_bits(place: Place) -> None:
    serials = [2**31 - 1, 2**31, 2**32, 2**53 + 1, LAST_SERIAL - 1, LAST_SERIAL]
    store = opened(place)
    store.commit_now(new_tasks(serials))
    lost = [FailedAttempt(serial, replace(an_attempt(2**31), lease=serial)) for serial in serials]
    store.commit_now(WriteBatch(attempts=lost))
    store.commit_now(endings_of(serials[1::2]))
    assert open_serials(store) == serials[::2]
    assert listed(store, before_serial=LAST_SERIAL) == list(reversed(serials))[1:]
    for serial, failed in zip(serials, lost, strict=True):
        stored = store.task(f"task-{serial}")
        assert stored is not None
        assert stored.attempts == (failed.attempt,)
    assert store.forget(ended_before=FOR_EVER, ended_kept_max=0) == 3
    store.close()
    successor = place.store()
    assert successor.open().last_serial == LAST_SERIAL
    assert open_serials(successor) == serials[::2]


def test_times_keep_their_microseconds(place: Place) -> None:
    instants = [0.0, 1e-6, 1_700_000_000.123456, 4_102_444_800.000001, 1e300]
    store = opened(place)
    tasks = [
        replace(a_new_task(serial), created_at=instant) for serial, instant in enumerate(instants)
    ]
    ends = [an_ending(serial, ended_at=instant) for serial, instant in enumerate(instants)]
    store.commit_now(WriteBatch(tasks, ends))
    for task, ending in zip(tasks, ends, strict=True):
        assert store.task(task.spec.task_id) == StoredTask(task, (), ending)


def test_a_thousand_attempts(place: Place) -> None:
    store = opened(place)
    store.commit_now(new_tasks([1]))
    store.commit_now(attempts_of(1, *range(1, 1001)))
    stored = store.task("task-1")
    assert stored is not None
    assert [attempt.number for attempt in stored.attempts] == list(range(1, 1001))


@pytest.mark.parametrize(
    "impossible",
    [
        WriteBatch([a_new_task(2, task_id="half a character: \ud800")]),
        WriteBatch(endings=[an_ending(1, reason="\udfff")]),
        new_tasks([LAST_SERIAL + 1]),
    ],
    ids=["text", "reason", "serial"],
)
@async_test
async def test_what_sqlite_cannot_hold_is_a_store_error_and_nothing_is_written(
    sqlite_place: Place, impossible: WriteBatch
) -> None:
    store = opened(sqlite_place)
    store.commit_now(new_tasks([1]))
    batch = new_tasks([3])
    batch.extend(impossible)
    for padding in (range(0), range(100, 200)):  # on the spot and on the thread
        large = new_tasks(padding)
        large.extend(batch)
        with pytest.raises(StoreError, match="cannot hold"):
            await store.commit(large)
    assert open_serials(store) == [1]
    assert await store.commit(new_tasks([3])) == {}
