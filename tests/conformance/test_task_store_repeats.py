"""A task that repeats an earlier one is not written, and its submitter is told which it was."""

from __future__ import annotations

from cognitive_architecture.distributed_mesh.records import NewTask, WriteBatch
from tests.support.builders import a_new_task

from .stores import (
    FOR_EVER,
    Place,
    attempts_of,
    endings_of,
    kept,
    new_tasks,
    open_serials,
    opened,
)


def tasks(*new: NewTask) -> WriteBatch:
    return WriteBatch(tasks=list(new))


class TestTheSameId:
    def test_in_a_later_batch(self, place: Place) -> None:
        store = opened(place)
        first = a_new_task(1, task_id="a", payload=b"first")
        assert store.commit_now(tasks(first)) == {}
        second = a_new_task(2, task_id="a", payload=b"second")
        assert store.commit_now(tasks(second, a_new_task(3))) == {2: "a"}
        assert kept(store, first)
        assert open_serials(store) == [1, 3]

    def test_in_one_batch(self, place: Place) -> None:
        store = opened(place)
        batch = tasks(*(a_new_task(serial, task_id=f"t{serial % 3}") for serial in range(1, 10)))
        assert store.commit_now(batch) == {serial: f"t{serial % 3}" for serial in range(4, 10)}
        assert open_serials(store) == [1, 2, 3]

    def test_after_a_restart(self, place: Place) -> None:
        store = opened(place)
        store.commit_now(new_tasks([1]))
        store.close()
        store = opened(place)
        assert store.commit_now(tasks(a_new_task(2, task_id="task-1"))) == {2: "task-1"}

    def test_after_it_has_ended(self, place: Place) -> None:
        store = opened(place)
        store.commit_now(new_tasks([1]))
        store.commit_now(endings_of([1]))
        assert store.commit_now(tasks(a_new_task(2, task_id="task-1"))) == {2: "task-1"}
        assert open_serials(store) == []

    def test_is_a_new_task_once_the_first_is_forgotten(self, place: Place) -> None:
        store = opened(place)
        store.commit_now(new_tasks([1]))
        batch = endings_of([1])
        batch.extend(attempts_of(1, 1))
        store.commit_now(batch)
        store.forget(ended_before=FOR_EVER, ended_kept_max=0)
        again = a_new_task(2, task_id="task-1")
        assert store.commit_now(tasks(again)) == {}
        stored = store.task("task-1")
        assert stored is not None
        assert (stored.task, stored.attempts, stored.ending) == (again, (), None)

    def test_is_told_apart_from_similar_ones(self, place: Place) -> None:
        store = opened(place)
        names = [
            "a",
            "A",
            "a ",
            " a",
            "a\x00",
            "a\x00b",
            "á",
            "a\u0301",
            "%",
            "_",
            "0",
            "00",
            "0.0",
        ]
        batch = tasks(*(a_new_task(n, task_id=name) for n, name in enumerate(names, 1)))
        assert store.commit_now(batch) == {}
        for serial, name in enumerate(names, 1):
            stored = store.task(name)
            assert stored is not None
            assert stored.task.serial == serial

    def test_of_thousands_in_one_batch(self, place: Place) -> None:
        store = opened(place)
        store.commit_now(new_tasks(range(1, 2001)))
        batch = tasks(
            *(
                a_new_task(2000 + serial, task_id=f"task-{serial if serial % 2 else -serial}")
                for serial in range(1, 2001)
            )
        )
        assert store.commit_now(batch) == {
            2000 + serial: f"task-{serial}" for serial in range(1, 2001, 2)
        }
        assert len(open_serials(store)) == 3000


class TestTheSameKey:
    def test_of_one_requester(self, place: Place) -> None:
        store = opened(place)
        first = a_new_task(1, key="k", requester="ann")
        store.commit_now(tasks(first))
        same = a_new_task(2, key="k", requester="ann")
        assert store.commit_now(tasks(same)) == {2: "task-1"}
        assert store.task("task-2") is None
        assert kept(store, first)

    def test_in_one_batch(self, place: Place) -> None:
        store = opened(place)
        batch = tasks(*(a_new_task(serial, key="k", requester="ann") for serial in (1, 2, 3)))
        assert store.commit_now(batch) == {2: "task-1", 3: "task-1"}

    def test_of_two_requesters_are_two_tasks(self, place: Place) -> None:
        store = opened(place)
        batch = tasks(
            a_new_task(1, key="k", requester="ann"),
            a_new_task(2, key="k", requester="bob"),
            a_new_task(3, key="k"),
            a_new_task(4, key="K", requester="ann"),
        )
        assert store.commit_now(batch) == {}

    def test_of_nobody_is_one_requester(self, place: Place) -> None:
        store = opened(place)
        store.commit_now(tasks(a_new_task(1, key="k")))
        assert store.commit_now(tasks(a_new_task(2, key="k"))) == {2: "task-1"}

    def test_no_key_repeats_nothing(self, place: Place) -> None:
        store = opened(place)
        batch = tasks(
            *(a_new_task(serial, requester="ann", max_attempts=serial) for serial in (1, 2, 3))
        )
        assert store.commit_now(batch) == {}

    def test_after_a_restart(self, place: Place) -> None:
        store = opened(place)
        store.commit_now(tasks(a_new_task(1, key="k", requester="ann")))
        store.close()
        store = opened(place)
        repeated = tasks(a_new_task(2, key="k", requester="ann"))
        assert store.commit_now(repeated) == {2: "task-1"}

    def test_is_free_again_once_the_first_is_forgotten(self, place: Place) -> None:
        store = opened(place)
        store.commit_now(tasks(a_new_task(1, key="k", requester="ann")))
        store.commit_now(endings_of([1]))
        repeated = tasks(a_new_task(2, key="k", requester="ann"))
        assert store.commit_now(repeated) == {2: "task-1"}
        store.forget(ended_before=FOR_EVER, ended_kept_max=0)
        assert store.commit_now(repeated) == {}
        assert open_serials(store) == [2]


class TestIdAndKey:
    def test_the_id_counts_first(self, place: Place) -> None:
        store = opened(place)
        store.commit_now(tasks(a_new_task(1), a_new_task(2, key="k")))
        both = a_new_task(3, task_id="task-1", key="k")
        assert store.commit_now(tasks(both)) == {3: "task-1"}

    def test_a_repeat_leaves_no_key_behind(self, place: Place) -> None:
        store = opened(place)
        store.commit_now(tasks(a_new_task(1)))
        assert store.commit_now(tasks(a_new_task(2, task_id="task-1", key="k"))) == {2: "task-1"}
        assert store.commit_now(tasks(a_new_task(3, key="k"))) == {}

    def test_a_repeat_leaves_no_id_behind(self, place: Place) -> None:
        store = opened(place)
        store.commit_now(tasks(a_new_task(1, key="k")))
        assert store.commit_now(tasks(a_new_task(2, key="k"))) == {2: "task-1"}
        assert store.commit_now(tasks(a_new_task(3, task_id="task-2"))) == {}

    def test_an_id_that_a_repeat_left_free_is_not_what_it_repeats(self, place: Place) -> None:
        store = opened(place)
        store.commit_now(tasks(a_new_task(1, key="k")))
        batch = tasks(a_new_task(2, task_id="a", key="k"), a_new_task(3, task_id="a"))
        assert store.commit_now(batch) == {2: "task-1"}
        assert open_serials(store) == [1, 3]

    def test_everything_else_of_the_batch_is_written(self, place: Place) -> None:
        store = opened(place)
        store.commit_now(new_tasks([1]))
        batch = new_tasks([2])
        batch.extend(tasks(a_new_task(3, task_id="task-1")))
        batch.extend(endings_of([1]))
        batch.extend(attempts_of(2, 1))
        assert store.commit_now(batch) == {3: "task-1"}
        assert store.counts().ended == {"completed": 1}
        assert open_serials(store) == [2]
