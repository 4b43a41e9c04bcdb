"""What requesters were charged is kept with what they were charged for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.adapters import sql_store
from cognitive_architecture.distributed_mesh.adapters.memory_store import MemoryTaskStore
from cognitive_architecture.distributed_mesh.records import (
    Balance,
    WriteBatch,
    merged_balances,
)
from cognitive_architecture.foundation.errors import StoreError

from .stores import (
    AS_MANY_AS_THERE_ARE,
    FOR_EVER,
    Place,
    SqlitePlace,
    charge,
    endings_of,
    new_tasks,
    opened,
)


def test_nobody_has_been_charged_in_the_beginning(place: Place) -> None:
    assert opened(place).balance("ann") is None


def test_charges_add_up_and_the_last_lag_holds(place: Place) -> None:
    store = opened(place)
    store.commit_now(charge("ann", 5, lag=-3, charged_at=1.0))
    store.commit_now(charge("ann", 7, lag=2, charged_at=2.0))
    assert store.balance("ann") == Balance("ann", 12, 2, 2.0)
    assert store.balance("bob") is None


def test_several_charges_of_one_commit_are_one(place: Place) -> None:
    store = opened(place)
    batch = charge("ann", 5, lag=1)
    for number in range(1000):
        batch.extend(charge(f"r{number % 300}", number, lag=number))
    batch.extend(charge("ann", 6, lag=-1))
    store.commit_now(batch)
    assert store.balance("ann") == Balance("ann", 11, -1, 1000.0)
    assert store.balance("r7") == Balance("r7", 7 + 307 + 607 + 907, 907, 1000.0)


def test_tasks_without_a_requester_have_a_balance_too(place: Place) -> None:
    store = opened(place)
    store.commit_now(charge("", 5))
    assert store.balance("") == Balance("", 5, 0, 1000.0)


def test_the_next_owner_learns_who_is_owed_and_who_owes(place: Place) -> None:
    store = opened(place)
    store.commit_now(charge("ann", 2**60, lag=-(2**62)))
    store.commit_now(charge("bob", 1, lag=5))
    store.commit_now(charge("cat", 1, lag=0))
    store.close()
    assert place.store().open().lags == {"ann": -(2**62), "bob": 5}


def test_nothing_is_charged_by_a_batch_that_is_refused(place: Place) -> None:
    store = opened(place)
    store.commit_now(new_tasks([1]))
    store.commit_now(endings_of([1]))
    batch = endings_of([1])
    batch.extend(charge("ann", 5))
    with pytest.raises(StoreError):
        store.commit_now(batch)
    assert store.balance("ann") is None


def test_balances_are_forgotten_with_what_ended_as_long_ago(place: Place) -> None:
    store = opened(place)
    store.commit_now(charge("ann", 5, charged_at=1000.0))
    store.commit_now(charge("bob", 5, charged_at=2000.0))
    store.forget(ended_before=1500.0, ended_kept_max=AS_MANY_AS_THERE_ARE)
    assert store.balance("ann") is None
    assert store.balance("bob") is not None
    store.forget(ended_before=FOR_EVER, ended_kept_max=AS_MANY_AS_THERE_ARE)
    assert store.balance("bob") is None


def test_old_balances_are_looked_for_some_requesters_at_a_time_again_and_again(
    sqlite_place: SqlitePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql_store, "_FORGET_PORTION", 2)
    store = opened(sqlite_place)
    names = [f"requester-{number}" for number in range(7)]
    for number, name in enumerate(names):
        store.commit_now(charge(name, 5, charged_at=1000.0 + number % 2))
    for ended_before in (1000.5, FOR_EVER):
        for _ in range(4):
            store.forget(ended_before=ended_before, ended_kept_max=AS_MANY_AS_THERE_ARE)
        left = [name for name in names if store.balance(name) is not None]
        assert left == (names[1::2] if ended_before == 1000.5 else [])


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9), st.integers(-9, 9))))
def test_merging_changes_nothing_that_is_kept(charges: list[tuple[str, int, int]]) -> None:
    balances = [Balance(name, served, lag, 1.0) for name, served, lag in charges]
    one_by_one, merged = MemoryTaskStore(), MemoryTaskStore()
    one_by_one.open()
    merged.open()
    for balance in balances:
        one_by_one.commit_now(WriteBatch(balances=[balance]))
    merged.commit_now(WriteBatch(balances=merged_balances(balances)))
    assert [one_by_one.balance(name) for name in "abc"] == [merged.balance(name) for name in "abc"]
