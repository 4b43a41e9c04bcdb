"""A batch is written whole or not at all, and batches in the order in which they are asked for."""

from __future__ import annotations

import asyncio
import threading

import pytest

from cognitive_architecture.distributed_mesh.model import TaskStatus
from cognitive_architecture.distributed_mesh.records import (
    FailedAttempt,
    TaskCounts,
    TaskFilter,
    WriteBatch,
)
from cognitive_architecture.foundation.errors import StoreError
from tests.support.asynchronous import async_test
from tests.support.builders import a_new_task, an_ending

from .stores import (
    AS_MANY_AS_THERE_ARE,
    LONG_AGO,
    Place,
    attempt,
    attempts_of,
    endings_of,
    listed,
    new_tasks,
    open_serials,
    open_tasks,
    opened,
)

SIZES = [1, 3, 4, 5, 31, 32, 33, 199, 255, 256, 257, 1000, 5000, 20_000]
"""Around the sizes at which an adapter splits, and far beyond any limit of a driver."""


class TestBatches:
    @pytest.mark.parametrize("size", SIZES)
    def test_of_any_size_are_written(self, place: Place, size: int) -> None:
        store = opened(place)
        serials = range(1, size + 1)
        assert store.commit_now(new_tasks(serials)) == {}
        assert listed(store, limit=size) == list(reversed(serials))
        capabilities = [f"capability-{serial}" for serial in serials]
        second = WriteBatch(
            endings=[an_ending(serial) for serial in serials if serial % 2],
            attempts=[FailedAttempt(serial, attempt(1)) for serial in serials],
            capabilities=capabilities,
        )
        assert store.commit_now(second) == {}
        assert store.counts() == TaskCounts(size // 2, {"completed": size - size // 2})
        found = open_tasks(store)
        assert [one.task.serial for one in found] == list(range(2, size + 1, 2))
        assert {one.attempts for one in found} <= {(attempt(1),)}
        store.close()
        assert place.store().open().capabilities == frozenset(capabilities)

    def test_that_are_empty_change_nothing(self, place: Place) -> None:
        store = opened(place)
        assert store.commit_now(WriteBatch()) == {}
        assert store.counts() == TaskCounts()

    def test_may_bring_a_task_its_attempts_and_its_ending_at_once(self, place: Place) -> None:
        store = opened(place)
        batch = new_tasks([1])
        batch.extend(attempts_of(1, 1, 2))
        batch.extend(endings_of([1], TaskStatus.FAILED))
        store.commit_now(batch)
        stored = store.task("task-1")
        assert stored is not None
        assert stored.attempts == (attempt(1), attempt(2))
        assert stored.ending == an_ending(1, TaskStatus.FAILED)
        assert open_serials(store) == []

    def test_may_offer_a_capability_again(self, place: Place) -> None:
        store = opened(place)
        store.commit_now(WriteBatch(capabilities=["a", "b", "a"]))
        store.commit_now(WriteBatch(capabilities=["b", "c"]))
        store.close()
        assert place.store().open().capabilities == {"a", "b", "c"}

    def test_are_not_changed_by_writing_them(self, place: Place) -> None:
        batch, same = new_tasks([1, 2]), new_tasks([1, 2])
        opened(place).commit_now(batch)
        assert batch == same


class TestAllOrNothing:
    @pytest.mark.parametrize(
        "wrong",
        [
            endings_of([1], TaskStatus.FAILED),
            WriteBatch(endings=[an_ending(2), an_ending(2, TaskStatus.CANCELLED)]),
            attempts_of(2, 1),
            attempts_of(2, 7, 7),
        ],
        ids=["ended before", "ends twice", "tried before", "tried twice"],
    )
    def test_what_is_written_once_is_never_changed(self, place: Place, wrong: WriteBatch) -> None:
        store = opened(place)
        store.commit_now(new_tasks([1, 2]))
        first = endings_of([1])
        first.extend(attempts_of(2, 1))
        store.commit_now(first)
        batch = WriteBatch(new_tasks([3]).tasks, [], [], ["gpu"])
        batch.extend(wrong)
        with pytest.raises(StoreError):
            store.commit_now(batch)
        assert open_serials(store) == [2]
        stored = store.task("task-1")
        assert stored is not None
        assert stored.ending == an_ending(1)
        assert open_tasks(store)[0].attempts == (attempt(1),)
        store.commit_now(new_tasks([3]))
        store.close()
        assert place.store().open().capabilities == frozenset()

    @async_test
    async def test_a_commit_that_fails_leaves_the_next_ones_alone(self, place: Place) -> None:
        store = opened(place)
        store.commit_now(new_tasks([1]))
        store.commit_now(endings_of([1]))
        wrong = new_tasks(range(2, 100))
        wrong.extend(endings_of([1]))
        commits = [
            store.commit(wrong),
            store.commit(new_tasks([2])),
            store.commit(endings_of([1])),
            store.commit(new_tasks(range(3, 100))),
        ]
        outcomes = await asyncio.gather(*commits, return_exceptions=True)
        assert [isinstance(outcome, StoreError) for outcome in outcomes] == [True, False] * 2
        assert open_serials(store) == list(range(2, 100))


class TestOrder:
    @async_test
    async def test_commits_happen_in_the_order_in_which_they_are_asked_for(
        self, place: Place
    ) -> None:
        # Each commit claims the same idempotency keys: the first to be written gets them.
        store = opened(place)
        for turn in range(20):
            first = turn * 10_000 + 1
            sizes = (300, 1, 2, 40, 1)
            serials = [first + 1000 * place_of_batch for place_of_batch in range(len(sizes))]
            commits = [
                store.commit(
                    WriteBatch(
                        tasks=[
                            a_new_task(serial + number, key=f"key-{turn}-{number}")
                            for number in range(size)
                        ]
                    )
                )
                for serial, size in zip(serials, sizes, strict=True)
            ]
            repeats = await asyncio.gather(*commits)
            assert repeats[0] == {}
            for serial, size, repeated in zip(serials[1:], sizes[1:], repeats[1:], strict=True):
                assert repeated == {
                    serial + number: f"task-{first + number}" for number in range(size)
                }

    @async_test
    async def test_many_commits_at_once_all_arrive(self, place: Place) -> None:
        store = opened(place)
        sizes = [1, 50, 2, 1, 300, 4, 5] * 20
        commits, serial = [], 0
        for size in sizes:
            commits.append(store.commit(new_tasks(range(serial + 1, serial + size + 1))))
            serial += size
            if size == 2:
                await asyncio.sleep(0)
        assert await asyncio.gather(*commits) == [{}] * len(sizes)
        assert open_serials(store) == list(range(1, serial + 1))

    @async_test
    async def test_commits_and_commit_now_and_forgetting_can_mix_on_threads(
        self, place: Place
    ) -> None:
        store = opened(place)
        store.commit_now(new_tasks(range(1, 501)))

        def end_and_forget() -> None:
            for serial in range(1, 501, 20):
                store.commit_now(endings_of(range(serial, serial + 20)))
                store.forget(ended_before=LONG_AGO, ended_kept_max=100)

        def read() -> None:
            for _ in range(30):
                assert sum(store.counts().ended.values()) <= 120
                assert len(store.tasks(TaskFilter(limit=20))) == 20
                assert len(store.endings([f"task-{serial}" for serial in range(500)])) <= 120
                serials = open_serials(store)
                assert serials == sorted(serials)

        others = [asyncio.to_thread(end_and_forget), asyncio.to_thread(read)]
        running = [asyncio.ensure_future(other) for other in others]
        for first in range(1001, 1501, 20):
            assert await store.commit(new_tasks(range(first, first + 20))) == {}
        await asyncio.gather(*running)
        assert store.counts() == TaskCounts(500, {"completed": 100})
        assert len(listed(store, limit=AS_MANY_AS_THERE_ARE)) == 600

    @async_test
    async def test_a_commit_returns_at_once(self, place: Place) -> None:
        store = opened(place)
        loop_thread = threading.get_ident()
        told: list[int] = []
        commit = store.commit(new_tasks(range(1, 5000)))
        commit.add_done_callback(lambda _done: told.append(threading.get_ident()))
        await commit
        await asyncio.sleep(0)
        assert told == [loop_thread]
