"""What was written is found again: one by one, by what it is, and for the next owner."""

from __future__ import annotations

import asyncio
from itertools import chain

import pytest

from cognitive_architecture.distributed_mesh.model import TaskStatus
from cognitive_architecture.distributed_mesh.records import (
    FailedAttempt,
    NewTask,
    StoredTask,
    TaskCounts,
    TaskFilter,
    WriteBatch,
)
from tests.support.asynchronous import async_test
from tests.support.builders import a_new_task, an_ending

from .stores import (
    AS_MANY_AS_THERE_ARE,
    Place,
    attempt,
    attempts_of,
    endings_of,
    listed,
    new_tasks,
    open_serials,
    open_tasks,
    opened,
    sorted_endings,
)

FULL_TASK = a_new_task(
    1,
    task_id="full",
    task_type="summarize",
    payload=b"\x81\xa1a\x01",
    priority=9,
    timeout_s=0.125,
    requester="client/ann",
    capabilities=("gpu", "tokens"),
    key="monday",
    max_attempts=7,
    backoff_s=0.25,
    wait_for_node=True,
)


class TestOneTask:
    def test_that_nobody_knows(self, place: Place) -> None:
        store = opened(place)
        assert store.task("nobody") is None
        assert store.task("") is None

    def test_comes_back_field_by_field(self, place: Place) -> None:
        store = opened(place)
        store.commit_now(WriteBatch(tasks=[FULL_TASK, a_new_task(2)]))
        assert store.task("full") == StoredTask(FULL_TASK)
        assert store.task("task-2") == StoredTask(a_new_task(2))

    def test_with_its_attempts_and_its_ending(self, place: Place) -> None:
        store = opened(place)
        store.commit_now(new_tasks([1, 2, 3]))
        for number in (1, 2, 3):
            store.commit_now(attempts_of(2, number))
        ending = an_ending(2, TaskStatus.FAILED, reason="it failed three times: boom")
        store.commit_now(WriteBatch(endings=[ending]))
        found = store.task("task-2")
        assert found == StoredTask(a_new_task(2), (attempt(1), attempt(2), attempt(3)), ending)
        assert found.status is TaskStatus.FAILED
        assert [one.lease for one in found.attempts] == [2**32 + 1, 2**32 + 2, 2**32 + 3]


class TestEndings:
    def test_of_those_that_have_ended(self, place: Place) -> None:
        store = opened(place)
        store.commit_now(new_tasks(range(1, 6)))
        ends = [
            an_ending(2, result=b"\x01"),
            an_ending(4, TaskStatus.CANCELLED, reason="nobody wants it"),
        ]
        store.commit_now(WriteBatch(endings=ends))
        wanted = [f"task-{serial}" for serial in (5, 4, 3, 2, 1)]
        assert sorted_endings(store, [*wanted, "nobody"]) == ends
        assert store.endings([]) == []
        assert store.endings(["nobody"]) == []

    @pytest.mark.parametrize("count", [499, 500, 501, 20_000])
    def test_of_any_number(self, place: Place, count: int) -> None:
        store = opened(place)
        store.commit_now(new_tasks(range(1, count + 1)))
        store.commit_now(endings_of(range(1, count + 1)))
        found = sorted_endings(store, [f"task-{serial}" for serial in range(1, count + 1)])
        assert found == endings_of(range(1, count + 1)).endings


STATUSES = [None, TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED]


def varied_tasks(count: int) -> list[NewTask]:
    return [
        a_new_task(
            serial,
            task_type=("echo", "sum", "summarize")[serial % 3],
            requester=(None, "ann", "bob", "ann", "eve")[serial % 5],
        )
        for serial in range(1, count + 1)
    ]


class TestListing:
    def test_every_filter_alone_and_together(self, place: Place) -> None:
        store = opened(place)
        all_tasks = varied_tasks(120)
        store.commit_now(WriteBatch(tasks=all_tasks))
        status_of = {}
        for task in all_tasks:
            status = STATUSES[task.serial % 4]
            status_of[task.serial] = status or TaskStatus.PENDING
            if status is not None:
                store.commit_now(endings_of([task.serial], status))
        for status in (None, TaskStatus.PENDING, *STATUSES[1:]):
            for task_type in (None, "sum", "nothing"):
                for requester in (None, "ann", "nobody"):
                    expected = [
                        task.serial
                        for task in reversed(all_tasks)
                        if status in (None, status_of[task.serial])
                        and task_type in (None, task.spec.task_type)
                        and requester in (None, task.spec.requester)
                    ]
                    wanted = {"status": status, "task_type": task_type, "requester": requester}
                    assert listed(store, limit=200, **wanted) == expected, wanted
                    assert (
                        listed(store, limit=7, before_serial=61, **wanted)
                        == [serial for serial in expected if serial < 61][:7]
                    ), wanted

    def test_the_youngest_fifty_unless_it_is_said_otherwise(self, place: Place) -> None:
        store = opened(place)
        store.commit_now(new_tasks(range(1, 101)))
        assert listed(store) == list(range(100, 50, -1))
        assert listed(store, limit=1) == [100]
        assert listed(store, limit=0) == []

    @pytest.mark.parametrize("limit", [1, 7, 100, 101])
    def test_page_by_page_gives_everything_once(self, place: Place, limit: int) -> None:
        store = opened(place)
        store.commit_now(new_tasks(range(1, 101)))
        pages: list[list[int]] = []
        before: int | None = None
        while page := listed(store, limit=limit, before_serial=before):
            pages.append(page)
            before = page[-1]
        assert list(chain.from_iterable(pages)) == list(range(100, 0, -1))
        assert listed(store, before_serial=1) == []

    def test_gives_tasks_and_endings_as_they_are_and_no_attempts(self, place: Place) -> None:
        store = opened(place)
        store.commit_now(WriteBatch(tasks=[FULL_TASK, a_new_task(2)]))
        store.commit_now(attempts_of(1, 1))
        store.commit_now(WriteBatch(endings=[an_ending(1, task_id="full", result=b"\x07")]))
        assert store.tasks(TaskFilter()) == [
            StoredTask(a_new_task(2)),
            StoredTask(FULL_TASK, (), an_ending(1, task_id="full", result=b"\x07")),
        ]


class TestCounts:
    def test_by_final_status(self, place: Place) -> None:
        store = opened(place)
        store.commit_now(new_tasks(range(1, 11)))
        store.commit_now(endings_of([1, 2, 3]))
        store.commit_now(endings_of([4], TaskStatus.FAILED))
        store.commit_now(endings_of([5, 6], TaskStatus.CANCELLED))
        expected = TaskCounts(4, {"completed": 3, "failed": 1, "cancelled": 2})
        assert store.counts() == expected
        store.close()
        assert opened(place).counts() == expected


class TestOpenTasks:
    def test_are_found_with_their_attempts_oldest_first(self, place: Place) -> None:
        store = opened(place)
        store.commit_now(WriteBatch(tasks=[FULL_TASK]))
        store.commit_now(new_tasks(range(2, 12_001)))
        store.commit_now(endings_of(range(3, 12_001, 3)))
        tried = [1, 2, 3, 4999, 5000, 5001, 11_999, 12_000]
        store.commit_now(
            WriteBatch(attempts=[FailedAttempt(n, attempt(k)) for n in tried for k in (1, 2)])
        )
        store.close()
        found = open_tasks(opened(place))
        still_open = [serial for serial in range(1, 12_001) if serial % 3]
        assert [one.task.serial for one in found] == still_open
        assert found[0].task == FULL_TASK
        for one in found:
            expected = (attempt(1), attempt(2)) if one.task.serial in tried else ()
            assert one.attempts == expected

    def test_no_portion_is_empty(self, place: Place) -> None:
        store = opened(place)
        assert list(store.open_tasks()) == []
        store.commit_now(new_tasks(range(1, 10_001)))
        assert all(store.open_tasks())

    def test_are_those_of_the_beginning_whatever_is_written_meanwhile(self, place: Place) -> None:
        store = opened(place)
        store.commit_now(new_tasks(range(1, 10_001)))
        portions = store.open_tasks()
        found = [one.task.serial for one in next(portions)]
        store.commit_now(endings_of(range(9000, 10_001)))
        store.commit_now(new_tasks(range(10_001, 10_101)))
        found += [one.task.serial for portion in portions for one in portion]
        assert found == list(range(1, 10_001))
        assert len(open_serials(store)) == 10_100 - 1001

    def test_may_be_left_unread(self, place: Place) -> None:
        store = opened(place)
        store.commit_now(new_tasks(range(1, 10_001)))
        for _ in range(30):
            next(store.open_tasks())
        store.commit_now(endings_of([1]))
        assert store.counts() == TaskCounts(9999, {"completed": 1})


@async_test
async def test_every_question_can_be_asked_from_many_threads(place: Place) -> None:
    store = opened(place)
    store.commit_now(new_tasks(range(1, 301)))
    store.commit_now(endings_of(range(1, 151)))

    def ask() -> tuple[object, ...]:
        return (
            store.task("task-1"),
            sorted_endings(store, ["task-1", "task-2", "task-299"]),
            listed(store, limit=AS_MANY_AS_THERE_ARE),
            store.counts(),
            open_serials(store),
        )

    answers = await asyncio.gather(*(asyncio.to_thread(ask) for _ in range(30)))
    assert answers == [ask()] * 30
