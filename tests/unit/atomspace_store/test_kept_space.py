"""A kept space bundles what waits, and keeps what could not be written."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from cognitive_architecture.atomspace import AtomSpace, Change
from cognitive_architecture.atomspace_store import KeptSpace, MemoryAtomStore
from cognitive_architecture.foundation.errors import StoreError, StoreFull
from tests.support.asynchronous import async_test


class SlowStore(MemoryAtomStore):
    """Writes when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.open()
        self.asked: list[tuple[list[Change], asyncio.Future[None]]] = []

    def append(self, changes: Sequence[Change]) -> asyncio.Future[None]:
        future = asyncio.get_running_loop().create_future()
        self.asked.append((list(changes), future))
        return future

    def answer(self, error: StoreError | None = None) -> int:
        """Finish the oldest commit; how many changes it had."""
        changes, future = self.asked.pop(0)
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
        return len(changes)


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


@async_test
async def test_what_waits_while_a_commit_is_under_way_is_written_together() -> None:
    store = SlowStore()
    kept = KeptSpace(AtomSpace(), store)

    async def add(name: str) -> None:
        kept.space.node("Concept", name)
        await kept.commit()

    tasks = [asyncio.ensure_future(add(name)) for name in ("a", "b")]
    await turns()
    tasks += [asyncio.ensure_future(add(name)) for name in ("c", "d", "e")]
    await turns()
    assert len(store.asked) == 1
    assert store.answer() == 2
    await turns()
    assert [task.done() for task in tasks] == [True, True, False, False, False]
    assert store.answer() == 3
    await asyncio.gather(*tasks)
    assert kept.backlog == 0
    assert store.asked == []


@async_test
async def test_what_could_not_be_written_waits_in_its_order() -> None:
    store = SlowStore()
    kept = KeptSpace(AtomSpace(), store)
    kept.space.node("Concept", "a")
    first = asyncio.ensure_future(kept.commit())
    await turns()
    kept.space.node("Concept", "b")
    store.answer(StoreFull("no room"))
    with pytest.raises(StoreFull):
        await first
    assert kept.backlog == 2

    kept.commit_now()

    assert kept.backlog == 0
    assert store.load(AtomSpace()) == 2


@async_test
async def test_a_caller_that_gives_up_takes_nobodys_commit_away() -> None:
    store = SlowStore()
    kept = KeptSpace(AtomSpace(), store)
    kept.space.node("Concept", "a")
    impatient, patient = (asyncio.ensure_future(kept.commit()) for _ in range(2))
    await turns()
    impatient.cancel()
    await turns()
    assert store.answer() == 1
    await patient
    assert kept.backlog == 0


@async_test
async def test_one_commit_at_a_time() -> None:
    store = SlowStore()
    kept = KeptSpace(AtomSpace(), store)
    kept.space.node("Concept", "a")
    task = asyncio.ensure_future(kept.commit())
    await turns()
    with pytest.raises(StoreError, match="await commit"):
        kept.commit_now()
    store.answer()
    await task


def test_after_its_end_nothing_is_heard() -> None:
    store = MemoryAtomStore()
    store.open()
    kept = KeptSpace(AtomSpace(), store)
    kept.stop()
    kept.space.node("Concept", "a")
    assert kept.backlog == 0
    kept.commit_now()
    assert store.log_length() == 0
