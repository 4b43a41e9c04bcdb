import pytest

from cognitive_architecture.distributed_mesh.model import TaskStatus
from cognitive_architecture.distributed_mesh.records import StoredTask, WriteBatch
from tests.support.builders import a_failed_attempt, a_new_task, an_ending


def a_batch(first: int) -> WriteBatch:
    return WriteBatch(
        [a_new_task(first), a_new_task(first + 1)],
        [an_ending(first)],
        [a_failed_attempt(first)],
        [f"capability-{first}"],
    )


class TestWriteBatch:
    def test_counts_everything_there_is_to_write(self) -> None:
        assert WriteBatch().rows == 0
        assert a_batch(1).rows == 5

    def test_takes_another_batch_in_behind_what_it_has(self) -> None:
        batch = a_batch(1)
        batch.extend(a_batch(3))
        assert [task.serial for task in batch.tasks] == [1, 2, 3, 4]
        assert [ending.serial for ending in batch.endings] == [1, 3]
        assert [attempt.serial for attempt in batch.attempts] == [1, 3]
        assert batch.capabilities == ["capability-1", "capability-3"]

    def test_leaves_the_other_batch_as_it_was(self) -> None:
        batch, other = WriteBatch(), a_batch(1)
        batch.extend(other)
        batch.extend(a_batch(3))
        assert other == a_batch(1)

    def test_two_batches_share_nothing(self) -> None:
        first, second = WriteBatch(), WriteBatch()
        first.extend(a_batch(1))
        assert second.rows == 0


class TestStoredTask:
    def test_is_pending_until_it_has_an_ending(self) -> None:
        assert StoredTask(a_new_task()).status is TaskStatus.PENDING

    @pytest.mark.parametrize("status", [status for status in TaskStatus if status.is_final])
    def test_then_it_stands_where_the_ending_says(self, status: TaskStatus) -> None:
        assert StoredTask(a_new_task(), (), an_ending(status=status)).status is status
