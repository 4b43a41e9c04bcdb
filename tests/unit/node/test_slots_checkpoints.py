"""What a handler keeps for the attempt that comes next, as the slots pass it on."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from cognitive_architecture.distributed_mesh.handlers import RunningTask
from cognitive_architecture.distributed_mesh.messages import OutcomeKind
from tests.support.asynchronous import async_test, until
from tests.support.builders import an_assignment, packed

from .bench import slots_for


@async_test
async def test_it_is_passed_on_as_it_was_when_it_was_saved() -> None:
    async def count(payload: dict[str, Any], task: RunningTask) -> Any:
        done = task.checkpoint or []
        for number in range(len(done), 3):
            done.append(number)
            task.save_checkpoint(done)
        return done

    async with slots_for(count=count) as bench:
        bench.give(1, "count")
        await until(lambda: bench.results)
        assert bench.results == {1: [0, 1, 2]}
        assert bench.notes.checkpoints == [(1, [0]), (1, [0, 1]), (1, [0, 1, 2])]

        kept = replace(an_assignment(2, task_type="count"), checkpoint=packed([7, 8]))
        bench.pool.put([kept])
        await until(lambda: len(bench.results) == 2)
        assert bench.results[2] == [7, 8, 2]


@async_test
async def test_a_thread_may_save_one_too() -> None:
    def count(payload: dict[str, Any], task: RunningTask) -> Any:
        task.save_checkpoint({"at": 5})
        return task.checkpoint

    async with slots_for(count=count) as bench:
        bench.give(1, "count")
        await until(lambda: bench.results)
        assert bench.results == {1: None}
        assert bench.notes.checkpoints == [(1, {"at": 5})]


@async_test
async def test_one_that_is_too_large_or_that_json_cannot_say_ends_the_task_with_a_sentence() -> (
    None
):
    async def large(payload: dict[str, Any], task: RunningTask) -> Any:
        task.save_checkpoint("x" * 2000)

    async def strange(payload: dict[str, Any], task: RunningTask) -> Any:
        task.save_checkpoint({"at": object()})

    async with slots_for(large=large, strange=strange) as bench:
        bench.give(1, "large")
        bench.give(2, "strange")
        await until(lambda: len(bench.notes.outcomes) == 2)
        first, second = bench.notes.outcomes
        assert first.kind == second.kind == OutcomeKind.FAILED_FOR_GOOD
        assert first.reason is not None
        assert "checkpoint: 2,003 bytes, at most 1,024 are allowed" in first.reason
        assert bench.notes.checkpoints == []
