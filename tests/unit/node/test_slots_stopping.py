from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

from cognitive_architecture.distributed_mesh.handlers import RunningTask
from cognitive_architecture.distributed_mesh.messages import OutcomeKind
from tests.support.asynchronous import async_test, turns, until

from .bench import advance, slots_for


async def echo(payload: dict[str, Any], task: RunningTask) -> Any:
    return payload


class TestStopping:
    @async_test
    async def test_a_coroutine_is_told_at_once(self) -> None:
        told: list[bool] = []

        async def wait(payload: dict[str, Any], task: RunningTask) -> None:
            try:
                await asyncio.Event().wait()
            finally:
                told.append(task.is_cancelled)

        async with slots_for(wait=wait, echo=echo) as bench:
            bench.give(1, "wait")
            await turns()
            assert bench.pool.stop(1, "nobody wants it") == 0
            await turns(2)
            assert told == [True]
            assert bench.notes.outcomes == []  # nobody wants to hear of it
            assert bench.notes.freed == 1
            bench.give(2, "echo")
            await until(lambda: bench.results)

    @async_test
    async def test_a_stream_is_told_at_once(self) -> None:
        told = asyncio.Event()

        async def pour(payload: dict[str, Any], task: RunningTask) -> AsyncIterator[int]:
            try:
                yield 1
                await asyncio.Event().wait()
            finally:
                told.set()

        async with slots_for(pour=pour) as bench:
            bench.give(1, "pour")
            await until(lambda: bench.notes.chunks)
            bench.pool.stop(1, "nobody wants it")
            await told.wait()
            await turns()
            assert bench.notes.outcomes == []
            assert bench.pool.stuck() == 0

    @async_test
    async def test_a_function_on_a_thread_can_look(self) -> None:
        began = threading.Event()
        pause = threading.Event()

        def work(payload: dict[str, Any], task: RunningTask) -> None:
            began.set()
            while not task.is_cancelled:
                pause.wait(0.001)

        async with slots_for(work=work, echo=echo) as bench:
            bench.give(1, "work")
            await until(began.is_set)
            bench.pool.stop(1, "nobody wants it")
            await until(lambda: bench.notes.freed == 1)
            assert bench.notes.outcomes == []
            bench.give(2, "echo")
            await until(lambda: bench.results)

    @async_test
    async def test_what_waits_is_not_begun(self) -> None:
        release = asyncio.Event()

        async def wait(payload: dict[str, Any], task: RunningTask) -> None:
            await release.wait()

        async with slots_for(wait=wait) as bench:
            for lease in (1, 2, 3):
                bench.give(lease, "wait")
            await turns()
            assert bench.pool.stop(2, "nobody wants it") == 1
            release.set()
            await until(lambda: len(bench.results) == 2)
            assert bench.results == {1: None, 3: None}

    @async_test
    async def test_what_is_not_here_changes_nothing(self) -> None:
        async with slots_for(echo=echo) as bench:
            assert bench.pool.stop(99, "nobody wants it") == 0

    @async_test
    async def test_a_handler_that_answers_all_the_same_is_not_heard(self) -> None:
        async def stubborn(payload: dict[str, Any], task: RunningTask) -> str:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                return "I was nearly done"
            return "?"

        async with slots_for(stubborn=stubborn) as bench:
            bench.give(1, "stubborn")
            await turns()
            bench.pool.stop(1, "nobody wants it")
            await until(lambda: bench.notes.freed == 1)
            assert bench.notes.outcomes == []

    @async_test
    async def test_an_error_on_the_way_out_is_not_heard(self) -> None:
        async def clumsy(payload: dict[str, Any], task: RunningTask) -> None:
            try:
                await asyncio.Event().wait()
            finally:
                raise ValueError("while cleaning up")

        async with slots_for(clumsy=clumsy, echo=echo) as bench:
            bench.give(1, "clumsy")
            await turns()
            bench.pool.stop(1, "nobody wants it")
            await until(lambda: bench.notes.freed == 1)
            bench.give(2, "echo")
            await until(lambda: bench.results)
            assert [outcome.lease for outcome in bench.notes.outcomes] == [2]

    @async_test
    async def test_a_stop_does_not_reach_the_next_attempt(self) -> None:
        async with slots_for(echo=echo, wait=_wait_for_ever) as bench:
            for lease in range(1, 20, 2):
                bench.give(lease, "wait")
                bench.give(lease + 1, "echo")
            for lease in range(1, 20, 2):
                await until(bench.pool.running)
                bench.pool.stop(lease, "nobody wants it")
            await until(lambda: len(bench.results) == 10)
            assert sorted(bench.results) == list(range(2, 21, 2))


async def _wait_for_ever(payload: dict[str, Any], task: RunningTask) -> None:
    await asyncio.Event().wait()


class TestTimeouts:
    @async_test
    async def test_an_attempt_ends_at_its_timeout(self) -> None:
        async with slots_for(wait=_wait_for_ever) as bench:
            bench.give(1, "wait", timeout_s=2.5)
            await turns()
            await advance(bench.clock, 2.4)
            assert bench.notes.outcomes == []
            await advance(bench.clock, 0.2)
            assert bench.reasons == {1: (OutcomeKind.TIMED_OUT, "timed out after 2.5 s")}
            assert bench.notes.freed == 1

    @async_test
    async def test_the_time_in_the_queue_does_not_count(self) -> None:
        async with slots_for(wait=_wait_for_ever) as bench:
            for lease in (1, 2):
                bench.give(lease, "wait", timeout_s=1.0)
            await turns()
            await advance(bench.clock, 1.2)
            assert list(bench.reasons) == [1]
            await advance(bench.clock, 1.2)
            assert list(bench.reasons) == [1, 2]

    @async_test
    async def test_a_late_answer_does_not_count(self) -> None:
        async def late(payload: dict[str, Any], task: RunningTask) -> str:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                return "late"
            return "?"

        async with slots_for(late=late) as bench:
            bench.give(1, "late", timeout_s=1.0)
            await turns()
            await advance(bench.clock, 1.2)
            assert bench.results == {}
            assert len(bench.notes.outcomes) == 1

    @async_test
    async def test_a_stop_after_the_timeout_changes_nothing(self) -> None:
        release = threading.Event()

        def deaf(payload: dict[str, Any], task: RunningTask) -> None:
            release.wait(20.0)

        async with slots_for(deaf=deaf) as bench:
            bench.give(1, "deaf", timeout_s=1.0)
            await turns()
            await advance(bench.clock, 1.2)
            assert bench.pool.stop(1, "timed out") == 0
            release.set()
            await until(lambda: bench.notes.freed == 1)
            assert list(bench.reasons) == [1]


class TestStuck:
    @async_test
    async def test_a_function_that_does_not_look_keeps_its_slot_until_it_returns(self) -> None:
        began, release = threading.Event(), threading.Event()

        def deaf(payload: dict[str, Any], task: RunningTask) -> str:
            began.set()
            release.wait(20.0)
            return "what was the question?"

        async with slots_for(slots=2, deaf=deaf, echo=echo) as bench:
            bench.give(1, "deaf")
            await until(began.is_set)
            assert bench.pool.stuck() == 0
            bench.pool.stop(1, "nobody wants it")
            await turns()
            assert (bench.pool.stuck(), len(bench.pool.running())) == (1, 0)
            for lease in (2, 3, 4):  # the other slot goes on
                bench.give(lease, "echo")
            await until(lambda: len(bench.results) == 3)
            assert bench.notes.freed == 3
            release.set()
            await until(lambda: bench.pool.stuck() == 0)
            assert list(bench.results) == [2, 3, 4]

    @async_test
    async def test_a_coroutine_that_does_not_stop_keeps_its_slot_until_it_returns(self) -> None:
        release = asyncio.Event()

        async def deaf(payload: dict[str, Any], task: RunningTask) -> None:
            while not release.is_set():
                try:
                    await release.wait()
                except asyncio.CancelledError:
                    pass

        async with slots_for(deaf=deaf) as bench:
            bench.give(1, "deaf", timeout_s=1.0)
            await turns()
            await advance(bench.clock, 1.2)
            assert bench.pool.stuck() == 1
            assert list(bench.reasons) == [1]
            release.set()
            await until(lambda: bench.pool.stuck() == 0)

    @async_test
    async def test_a_generator_that_goes_on_is_not_listened_to(self) -> None:
        async def deaf(payload: dict[str, Any], task: RunningTask) -> AsyncIterator[int]:
            yield 0
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                pass
            for number in range(1, 1000):
                yield number

        async with slots_for(deaf=deaf) as bench:
            bench.give(1, "deaf")
            await until(lambda: bench.notes.chunks)
            await turns()
            bench.pool.stop(1, "nobody wants it")
            await until(lambda: bench.notes.freed == 1)
            assert bench.notes.chunks == [(1, 0, 0)]
            assert bench.notes.outcomes == []

    @async_test
    async def test_a_generator_that_refuses_to_end_is_left_alone(self) -> None:
        async def deaf(payload: dict[str, Any], task: RunningTask) -> AsyncIterator[int]:
            for _ in range(100):
                try:
                    yield 1
                except GeneratorExit:
                    yield 2

        async with slots_for(deaf=deaf, echo=echo) as bench:
            bench.notes.room.clear()
            bench.give(1, "deaf")
            await until(lambda: bench.notes.chunks)
            bench.pool.stop(1, "nobody wants it")
            await until(lambda: bench.notes.freed == 1)
            bench.give(2, "echo")
            await until(lambda: bench.results)
            assert [outcome.lease for outcome in bench.notes.outcomes] == [2]


class TestClosing:
    @async_test
    async def test_what_runs_is_told_and_not_reported(self) -> None:
        told: list[str] = []

        async def wait(payload: dict[str, Any], task: RunningTask) -> None:
            try:
                await asyncio.Event().wait()
            finally:
                told.append(f"coroutine {task.is_cancelled}")

        async with slots_for(slots=2, wait=wait) as bench:
            for lease in (1, 2, 3):
                bench.give(lease, "wait")
            await turns()
            await bench.pool.close()
            assert told == ["coroutine True"] * 2
            assert bench.notes.outcomes == []

    @async_test
    async def test_a_function_on_a_thread_sees_it(self) -> None:
        began, pause, left = threading.Event(), threading.Event(), threading.Event()

        def work(payload: dict[str, Any], task: RunningTask) -> None:
            began.set()
            while not task.is_cancelled:
                pause.wait(0.001)
            left.set()

        async with slots_for(work=work) as bench:
            bench.give(1, "work")
            await until(began.is_set)
            await bench.pool.close()
            await until(left.is_set)

    @async_test
    async def test_a_stuck_slot_ends_and_begins_nothing_more(self) -> None:
        began, release = threading.Event(), threading.Event()

        def deaf(payload: dict[str, Any], task: RunningTask) -> None:
            began.set()
            release.wait(20.0)

        async with slots_for(deaf=deaf, echo=echo) as bench:
            bench.give(1, "deaf")
            bench.give(2, "echo")
            await until(began.is_set)
            bench.pool.stop(1, "nobody wants it")
            await turns()
            await bench.pool.close()
            await turns()
            assert bench.notes.outcomes == []
            release.set()

    @async_test
    async def test_a_handler_that_swallows_it_begins_nothing_more(self) -> None:
        async def stubborn(payload: dict[str, Any], task: RunningTask) -> None:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                pass

        async with slots_for(stubborn=stubborn, echo=echo) as bench:
            bench.give(1, "stubborn")
            bench.give(2, "echo")
            await turns()
            await bench.pool.close()
            assert 2 not in bench.results

    @async_test
    async def test_twice_is_once(self) -> None:
        async with slots_for(echo=echo) as bench:
            await bench.pool.close()
            await bench.pool.close()
