"""One owner at a time: taking over, being deposed, letting go."""

from __future__ import annotations

import threading

import pytest

from cognitive_architecture.distributed_mesh.records import Ownership, TaskCounts, WriteBatch
from cognitive_architecture.foundation.errors import Deposed, StoreError
from tests.support.asynchronous import async_test

from .stores import (
    FOR_EVER,
    LONG_AGO,
    Place,
    attempts_of,
    endings_of,
    new_tasks,
    open_serials,
    opened,
)

EVERYTHING = WriteBatch(
    new_tasks([7, 8]).tasks, endings_of([1]).endings, attempts_of(2, 1).attempts, ["gpu"]
)


class TestTakingOver:
    def test_the_first_owner_finds_nothing(self, place: Place) -> None:
        store = place.store()
        assert store.open() == Ownership(1, 0, frozenset())
        assert list(store.open_tasks()) == []
        assert store.counts() == TaskCounts(0, {})

    def test_every_owner_has_a_higher_epoch(self, place: Place) -> None:
        for epoch in range(1, 6):
            store = place.store()
            assert store.open().epoch == epoch
            store.close()

    def test_the_next_owner_finds_everything(self, place: Place) -> None:
        store = opened(place)
        store.commit_now(new_tasks(range(1, 7)))
        store.commit_now(EVERYTHING)
        store.close()
        successor = place.store()
        assert successor.open() == Ownership(2, 8, frozenset({"gpu"}))
        assert open_serials(successor) == [2, 3, 4, 5, 6, 7, 8]

    def test_a_serial_is_never_given_out_twice(self, place: Place) -> None:
        store = opened(place)
        store.commit_now(new_tasks([1, 2, 3]))
        store.commit_now(endings_of([1, 2, 3]))
        assert store.forget(ended_before=FOR_EVER, ended_kept_max=0) == 3
        store.close()
        for _ in range(2):
            successor = place.store()
            assert successor.open().last_serial == 3
            successor.close()

    def test_it_can_be_opened_and_closed_on_any_thread(self, place: Place) -> None:
        store = place.store()
        for call in (store.open, store.close):
            thread = threading.Thread(target=call)
            thread.start()
            thread.join()
        assert place.store().open().epoch == 2


class TestBeingDeposed:
    def test_nothing_of_a_batch_is_kept(self, place: Place) -> None:
        old = opened(place)
        old.commit_now(new_tasks([1, 2]))
        new = place.rival()
        new.open()
        for _ in range(2):
            with pytest.raises(Deposed, match=r"taken over.*this one must stop"):
                old.commit_now(EVERYTHING)
        assert open_serials(new) == [1, 2]
        new.commit_now(new_tasks([3]))
        new.close()
        assert place.store().open() == Ownership(3, 3, frozenset())

    @async_test
    async def test_a_commit_that_nobody_waits_for_is_refused_too(self, place: Place) -> None:
        old = opened(place)
        new = place.rival()
        new.open()
        for batch in (new_tasks([1]), new_tasks(range(1, 500))):
            with pytest.raises(Deposed):
                await old.commit(batch)
        assert open_serials(new) == []

    def test_an_empty_batch_is_refused_too(self, place: Place) -> None:
        old = opened(place)
        place.rival().open()
        with pytest.raises(Deposed):
            old.commit_now(WriteBatch())

    def test_nothing_is_forgotten(self, place: Place) -> None:
        old = opened(place)
        old.commit_now(new_tasks([1]))
        old.commit_now(endings_of([1]))
        new = place.rival()
        new.open()
        with pytest.raises(Deposed):
            old.forget(ended_before=FOR_EVER, ended_kept_max=0)
        assert new.counts() == TaskCounts(0, {"completed": 1})

    def test_it_can_still_read_and_close(self, place: Place) -> None:
        old = opened(place)
        old.commit_now(new_tasks([1]))
        new = place.rival()
        new.open()
        assert open_serials(old) == [1]
        old.close()
        new.commit_now(new_tasks([2]))
        assert open_serials(new) == [1, 2]


class TestLettingGo:
    def test_closing_twice_and_closing_what_was_never_open_do_nothing(self, place: Place) -> None:
        store = place.store()
        store.close()
        store.open()
        store.close()
        store.close()

    @async_test
    async def test_a_closed_store_cannot_be_written(self, place: Place) -> None:
        store = opened(place)
        store.commit_now(new_tasks([1]))
        store.close()
        with pytest.raises(StoreError, match="closed"):
            store.commit_now(new_tasks([2]))
        for batch in (new_tasks([2]), new_tasks(range(2, 500))):
            with pytest.raises(StoreError, match="closed"):
                await store.commit(batch)
        with pytest.raises(StoreError, match="closed"):
            store.forget(ended_before=LONG_AGO, ended_kept_max=0)
        assert open_serials(opened(place)) == [1]

    @async_test
    async def test_closing_finishes_what_is_being_written(self, place: Place) -> None:
        store = opened(place)
        commits = [store.commit(new_tasks(range(first, first + 100))) for first in (1, 101, 201)]
        store.close()
        assert [await commit for commit in commits] == [{}, {}, {}]
        assert open_serials(opened(place)) == list(range(1, 301))

    @async_test
    async def test_what_was_closed_can_be_opened_again(self, place: Place) -> None:
        store = opened(place)
        store.commit_now(new_tasks([1]))
        store.close()
        assert store.open().epoch == 2
        assert await store.commit(new_tasks(range(2, 100))) == {}
        assert open_serials(store) == list(range(1, 100))
