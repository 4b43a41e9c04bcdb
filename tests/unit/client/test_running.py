from __future__ import annotations

import asyncio

import pytest

from cognitive_architecture.distributed_mesh import messages as m
from cognitive_architecture.distributed_mesh.client import result_of
from cognitive_architecture.distributed_mesh.model import Ending, TaskStatus
from cognitive_architecture.foundation.errors import (
    InvalidTask,
    NoCapableNode,
    TaskCancelled,
    TaskFailed,
)
from tests.support.asynchronous import async_test, turns, until
from tests.support.builders import an_ending, packed

from .stand import Stand, a_client, a_task

NOBODY = m.Fault.of(NoCapableNode("b", {"n1": "lacks echo"}))


async def all_of(stand: Stand, *names: str) -> list[Ending]:
    return [ending async for ending in stand.client.run_many(a_task(name) for name in names)]


class TestResults:
    def test_of_a_completed_task_is_what_its_handler_returned(self) -> None:
        assert result_of(an_ending(result=packed({"x": [1]}))) == {"x": [1]}
        assert result_of(an_ending(result=None)) is None

    def test_of_a_failed_one_is_an_error(self) -> None:
        with pytest.raises(TaskFailed) as failed:
            result_of(an_ending(4, TaskStatus.FAILED, reason="boom"))
        assert (failed.value.task_id, failed.value.reason) == ("task-4", "boom")

    def test_of_a_cancelled_one_is_an_error(self) -> None:
        with pytest.raises(TaskCancelled, match="task task-4: cancelled by request"):
            result_of(an_ending(4, TaskStatus.CANCELLED, reason="cancelled by request"))


class TestOne:
    @async_test
    async def test_gives_its_result(self) -> None:
        async with a_client() as stand:
            running = asyncio.create_task(stand.client.run(a_task("a")))
            await until(lambda: stand.orchestrator.submitted)
            assert stand.orchestrator.heard(m.Submit)[0].tell
            stand.orchestrator.end("a", result={"x": 1})
            assert await running == {"x": 1}

    @async_test
    async def test_all_of_one_turn_travel_in_one_message(self) -> None:
        async with a_client() as stand:
            names = ["a", "b", "c"]
            running = [asyncio.create_task(stand.client.run(a_task(name))) for name in names]
            await until(lambda: stand.orchestrator.submitted)
            assert stand.orchestrator.submitted == [names]
            for name in reversed(names):
                stand.orchestrator.end(name, result=name)
            assert await asyncio.gather(*running) == names

    @async_test
    async def test_may_end_before_it_is_accepted(self) -> None:
        async with a_client() as stand:
            stand.orchestrator.accepts = False
            running = asyncio.create_task(stand.client.run(a_task("a")))
            await until(lambda: stand.orchestrator.submitted)
            stand.orchestrator.end("a", result=1)
            assert await running == 1
            stand.orchestrator.tell(m.Accepted(1))
            await turns()

    @async_test
    async def test_that_is_refused_raises(self) -> None:
        async with a_client() as stand:
            stand.orchestrator.refused = [(1, NOBODY)]
            running = [asyncio.create_task(stand.client.run(a_task(name))) for name in "ab"]
            with pytest.raises(NoCapableNode, match="n1: lacks echo"):
                await running[1]
            stand.orchestrator.end("a", result=1)
            assert await running[0] == 1

    @async_test
    async def test_that_repeats_another_gives_the_others_result(self) -> None:
        async with a_client() as stand:
            stand.orchestrator.same_as = [(0, "earlier")]
            running = asyncio.create_task(stand.client.run(a_task("a", idempotency_key="k")))
            await until(lambda: stand.orchestrator.watched)
            assert stand.orchestrator.watched == [(["earlier"], False)]
            stand.orchestrator.end("earlier", result="the same")
            assert await running == "the same"

    @async_test
    async def test_twice_at_once_gives_both_the_result(self) -> None:
        async with a_client() as stand:
            running = [asyncio.create_task(stand.client.run(a_task("a"))) for _ in range(2)]
            await until(lambda: stand.orchestrator.submitted)
            stand.orchestrator.end("a", result=1)
            assert await asyncio.gather(*running) == [1, 1]

    @async_test
    async def test_whose_caller_is_gone_disturbs_nobody(self) -> None:
        async with a_client() as stand:
            running = [asyncio.create_task(stand.client.run(a_task(name))) for name in "ab"]
            await until(lambda: stand.orchestrator.submitted)
            running[0].cancel()
            await turns()
            stand.orchestrator.end("a", "b", result=1)
            assert await running[1] == 1


class TestMany:
    @async_test
    async def test_are_told_as_they_end(self) -> None:
        async with a_client() as stand:
            told: list[str] = []

            async def listen() -> None:
                async for ending in stand.client.run_many(a_task(name) for name in "abc"):
                    told.append(ending.task_id)  # noqa: PERF401 - the test looks at it in between

            listening = asyncio.create_task(listen())
            await until(lambda: stand.orchestrator.submitted)
            stand.orchestrator.end("b")
            await until(lambda: told == ["b"])
            stand.orchestrator.end("c", "a")
            await listening
            assert told == ["b", "c", "a"]

    @async_test
    async def test_travel_in_portions(self) -> None:
        async with a_client() as stand:
            names = [f"t{number}" for number in range(2500)]
            running = asyncio.create_task(all_of(stand, *names))
            await until(lambda: len(stand.orchestrator.submitted) == 3)
            assert all(said.tell for said in stand.orchestrator.heard(m.Submit))
            stand.orchestrator.end(*names)
            assert len(await running) == 2500

    @async_test
    async def test_none_is_nothing(self) -> None:
        async with a_client() as stand:
            assert await all_of(stand) == []

    @async_test
    async def test_failures_are_endings(self) -> None:
        async with a_client() as stand:
            running = asyncio.create_task(all_of(stand, "a"))
            await until(lambda: stand.orchestrator.submitted)
            failure = an_ending(1, TaskStatus.FAILED, task_id="a", reason="boom")
            stand.orchestrator.tell(m.Ended([failure]))
            assert await running == [failure]

    @async_test
    async def test_a_refusal_is_raised(self) -> None:
        async with a_client() as stand:
            stand.orchestrator.refused = [(1, NOBODY)]
            with pytest.raises(NoCapableNode):
                await all_of(stand, "a", "b")

    @async_test
    async def test_repetitions_end_as_the_earlier_ones(self) -> None:
        async with a_client() as stand:
            stand.orchestrator.same_as = [(1, "earlier")]
            running = asyncio.create_task(all_of(stand, "a", "b"))
            await until(lambda: stand.orchestrator.watched)
            stand.orchestrator.end("earlier", "a")
            assert sorted(ending.task_id for ending in await running) == ["a", "earlier"]

    @async_test
    async def test_the_same_task_twice_ends_twice(self) -> None:
        async with a_client() as stand:
            stand.orchestrator.same_as = [(1, "a")]
            running = asyncio.create_task(all_of(stand, "a", "a"))
            await until(lambda: stand.orchestrator.watched)
            stand.orchestrator.end("a")
            assert [ending.task_id for ending in await running] == ["a", "a"]

    @async_test
    async def test_who_leaves_early_takes_nothing_from_others_who_wait(self) -> None:
        async with a_client() as stand:
            other = asyncio.create_task(stand.client.ending("b"))
            await turns()
            endings = stand.client.run_many(a_task(name) for name in "ab")
            first = asyncio.ensure_future(anext(endings))
            await until(lambda: stand.orchestrator.submitted)
            stand.orchestrator.end("a")
            await first
            await endings.aclose()  # type: ignore[attr-defined]
            stand.orchestrator.end("b")
            assert (await other).task_id == "b"

    @async_test
    async def test_who_leaves_early_is_not_kept_waiting_for(self) -> None:
        async with a_client() as stand:
            stand.orchestrator.accepts = False
            running = asyncio.create_task(all_of(stand, "a", "b"))
            await until(lambda: stand.orchestrator.submitted)
            running.cancel()
            await turns()
            assert running.cancelled()
            await stand.replaced()
            assert stand.orchestrator.watched == []

    @async_test
    async def test_one_that_is_wrong_keeps_all_at_home(self) -> None:
        async with a_client() as stand:
            with pytest.raises(InvalidTask):
                await all_of(stand, "a", "x" * 201)
            await turns()
            assert stand.orchestrator.submitted == []
