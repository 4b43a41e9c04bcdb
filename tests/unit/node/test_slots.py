from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest

from cognitive_architecture.distributed_mesh.handlers import RunningTask
from cognitive_architecture.distributed_mesh.messages import OutcomeKind
from tests.support.asynchronous import async_test, turns, until
from tests.support.builders import an_assignment, packed

from .bench import slots_for


async def echo(payload: dict[str, Any], task: RunningTask) -> Any:
    return payload


class TestRunning:
    @async_test
    async def test_a_coroutine_runs_on_the_loop(self) -> None:
        async def where(payload: dict[str, Any], task: RunningTask) -> Any:
            return [payload["x"], threading.current_thread() is threading.main_thread()]

        async with slots_for(where=where) as bench:
            bench.give(1, "where", payload=packed({"x": 1}))
            await until(lambda: bench.results)
            assert bench.results == {1: [1, True]}

    @async_test
    async def test_a_plain_function_runs_on_a_thread_and_may_block(self) -> None:
        together = threading.Barrier(2, timeout=20.0)

        def where(payload: dict[str, Any], task: RunningTask) -> Any:
            together.wait()
            return threading.current_thread().name

        async with slots_for(slots=2, where=where) as bench:
            bench.give(1, "where")
            bench.give(2, "where")
            await until(lambda: len(bench.results) == 2)
            assert bench.results == {1: "cogmesh-handler", 2: "cogmesh-handler"}

    @async_test
    async def test_a_thread_is_used_again(self) -> None:
        def which(payload: dict[str, Any], task: RunningTask) -> Any:
            return threading.get_ident()

        async with slots_for(which=which) as bench:
            for lease in range(1, 6):
                bench.give(lease, "which")
            await until(lambda: len(bench.results) == 5)
            assert len(set(bench.results.values())) == 1

    @async_test
    async def test_an_async_generator_streams(self) -> None:
        async def count(payload: dict[str, Any], task: RunningTask) -> AsyncIterator[int]:
            for number in range(payload["to"]):
                yield number

        async with slots_for(count=count) as bench:
            bench.give(7, "count", payload=packed({"to": 3}))
            await until(lambda: bench.notes.outcomes)
            assert bench.notes.chunks == [(7, 0, 0), (7, 1, 1), (7, 2, 2)]
            (outcome,) = bench.notes.outcomes
            assert (outcome.kind, outcome.result, outcome.chunks) == (
                OutcomeKind.COMPLETED,
                None,
                3,
            )

    @async_test
    async def test_a_stream_of_nothing_is_a_stream(self) -> None:
        async def none(payload: dict[str, Any], task: RunningTask) -> AsyncIterator[int]:
            if payload:
                yield 1

        async with slots_for(none=none) as bench:
            bench.give(1, "none")
            await until(lambda: bench.notes.outcomes)
            assert bench.notes.outcomes[0].chunks == 0

    @async_test
    async def test_a_handler_sees_what_it_works_on(self) -> None:
        async def look(payload: dict[str, Any], task: RunningTask) -> Any:
            return [task.task_id, task.attempt, task.priority, task.is_cancelled]

        async with slots_for(look=look) as bench:
            bench.give(1, "look", task_id="t", priority=9)
            await until(lambda: bench.results)
            assert bench.results == {1: ["t", 1, 9, False]}

    @async_test
    async def test_the_time_it_ran_is_told(self) -> None:
        release = asyncio.Event()

        async def wait(payload: dict[str, Any], task: RunningTask) -> None:
            await release.wait()

        async with slots_for(wait=wait) as bench:
            bench.give(1, "wait")
            await turns()
            bench.clock.jump_to(2.5)
            release.set()
            await until(lambda: bench.notes.outcomes)
            assert bench.notes.outcomes[0].run_s == 2.5

    @async_test
    async def test_what_nobody_here_can_do_is_said(self) -> None:
        async with slots_for(echo=echo) as bench:
            bench.give(1, "haiku")
            await until(lambda: bench.notes.outcomes)
            assert bench.reasons == {
                1: (OutcomeKind.FAILED, "this node has no handler for 'haiku'")
            }

    @async_test
    async def test_a_payload_that_is_none_fails_for_good(self) -> None:
        async with slots_for(echo=echo) as bench:
            bench.give(1, "echo", payload=b"\xc1")
            await until(lambda: bench.notes.outcomes)
            kind, reason = bench.reasons[1]
            assert kind == OutcomeKind.FAILED_FOR_GOOD
            assert "not msgpack" in str(reason)


class TestRoom:
    @pytest.mark.parametrize("slots", [1, 3])
    @async_test
    async def test_never_more_run_than_there_are_slots(self, slots: int) -> None:
        running = most = 0

        async def work(payload: dict[str, Any], task: RunningTask) -> None:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await turns(3)
            running -= 1

        async with slots_for(slots=slots, work=work) as bench:
            bench.pool.put([an_assignment(lease, task_type="work") for lease in range(50)])
            assert bench.pool.queued == 50
            await until(lambda: len(bench.results) == 50)
            assert (most, bench.notes.freed) == (slots, 50)

    @async_test
    async def test_what_waits_is_done_in_its_order(self) -> None:
        done: list[str] = []

        async def note(payload: dict[str, Any], task: RunningTask) -> None:
            done.append(task.task_id)

        async with slots_for(note=note) as bench:
            for lease, priority in enumerate([1, 10, 5]):
                bench.give(lease, "note", task_id=f"t{lease}", priority=priority)
            await until(lambda: len(bench.results) == 3)
            assert done == ["t0", "t1", "t2"]  # the orchestrator has put them into this order

    @async_test
    async def test_what_is_taken_from_the_queue_is_not_begun(self) -> None:
        release = asyncio.Event()

        async def wait(payload: dict[str, Any], task: RunningTask) -> None:
            await release.wait()

        async with slots_for(wait=wait) as bench:
            for lease in (1, 2, 3):
                bench.give(lease, "wait")
            await turns()
            assert [waiting.lease for waiting in bench.pool.take_queued()] == [2, 3]
            release.set()
            await until(lambda: bench.results)
            await turns()
            assert bench.results == {1: None}

    @async_test
    async def test_handlers_that_never_wait_leave_the_loop_its_turns(self) -> None:
        async with slots_for(echo=echo) as bench:
            bench.clock.jump_to(1.0)
            ticks = 0

            async def tick() -> None:
                nonlocal ticks
                while True:
                    bench.clock.jump_to(bench.clock.now() + 0.01)  # each turn takes its time
                    ticks += 1
                    await asyncio.sleep(0)

            ticking = asyncio.create_task(tick())
            bench.pool.put([an_assignment(lease) for lease in range(200)])
            await until(lambda: len(bench.results) == 200)
            ticking.cancel()
            assert ticks >= 1

    @async_test
    async def test_a_slot_goes_on_after_it_was_idle(self) -> None:
        async with slots_for(slots=2, echo=echo) as bench:
            for lease in range(10):
                bench.give(lease, "echo")
                await until(lambda lease=lease: lease in bench.results)  # type: ignore[misc]


class TestResults:
    @async_test
    async def test_what_json_cannot_say_fails_for_good_and_names_the_place(self) -> None:
        async def give(payload: dict[str, Any], task: RunningTask) -> Any:
            return {"when": [1, {2, 3}]}

        async with slots_for(give=give) as bench:
            bench.give(1, "give")
            await until(lambda: bench.notes.outcomes)
            kind, reason = bench.reasons[1]
            assert kind == OutcomeKind.FAILED_FOR_GOOD
            assert str(reason).startswith("result.when[1]: JSON cannot say")

    @pytest.mark.parametrize("kind", ["coroutine", "thread"])
    @async_test
    async def test_a_result_that_is_too_large_fails_for_good(self, kind: str) -> None:
        async def coroutine(payload: dict[str, Any], task: RunningTask) -> Any:
            return "x" * 2000

        def thread(payload: dict[str, Any], task: RunningTask) -> Any:
            return "x" * 2000

        async with slots_for(result_bytes_max=1024, coroutine=coroutine, thread=thread) as bench:
            bench.give(1, kind)
            await until(lambda: bench.notes.outcomes)
            assert bench.reasons == {
                1: (
                    OutcomeKind.FAILED_FOR_GOOD,
                    "result: 2,003 bytes, at most 1,024 are allowed",
                )
            }

    @async_test
    async def test_a_stream_that_grows_too_large_ends_there(self) -> None:
        ended = False

        async def pour(payload: dict[str, Any], task: RunningTask) -> AsyncIterator[str]:
            nonlocal ended
            try:
                while True:
                    yield "x" * 400
            finally:
                ended = True

        async with slots_for(result_bytes_max=1024, pour=pour) as bench:
            bench.give(1, "pour")
            await until(lambda: bench.notes.outcomes)
            assert bench.reasons == {
                1: (OutcomeKind.FAILED_FOR_GOOD, "streamed more than 1,024 bytes in 3 chunks")
            }
            assert len(bench.notes.chunks) == 2
            assert ended

    @async_test
    async def test_a_piece_that_json_cannot_say_fails_for_good(self) -> None:
        async def pour(payload: dict[str, Any], task: RunningTask) -> AsyncIterator[Any]:
            yield 1
            yield b"bytes"

        async with slots_for(pour=pour) as bench:
            bench.give(1, "pour")
            await until(lambda: bench.notes.outcomes)
            assert bench.reasons[1][0] == OutcomeKind.FAILED_FOR_GOOD
            assert bench.notes.chunks == [(1, 0, 1)]


class TestWhoeverIsWaitedFor:
    @async_test
    async def test_goes_before_everything_that_is_held_ready(self) -> None:
        began: list[str] = []
        go_on = asyncio.Event()

        async def work(payload: dict[str, Any], task: RunningTask) -> Any:
            began.append(task.task_id)
            await go_on.wait()

        async with slots_for(work=work) as bench:
            for lease in range(1, 4):
                bench.give(lease, "work", task_id=f"batch-{lease}")
            await until(lambda: began)
            bench.give(4, "work", task_id="chat-1", latency_target_s=1.0)
            bench.give(5, "work", task_id="chat-2", latency_target_s=1.0)
            assert bench.pool.queued == 4
            go_on.set()
            await until(lambda: len(began) == 5)
            assert began == ["batch-1", "chat-1", "chat-2", "batch-2", "batch-3"]

    @async_test
    async def test_can_be_stopped_and_handed_back_while_it_waits(self) -> None:
        async def work(payload: dict[str, Any], task: RunningTask) -> Any:
            await asyncio.Event().wait()

        async with slots_for(work=work) as bench:
            bench.give(1, "work")
            await turns()
            for lease, target_s in ((2, None), (3, 1.0), (4, 1.0)):
                bench.give(lease, "work", latency_target_s=target_s)
            assert [bench.pool.stop(lease, "no") for lease in (3, 2, 9)] == [1, 1, 0]
            assert [item.lease for item in bench.pool.take_queued()] == [4]
            assert bench.pool.queued == 0


class TestTokens:
    @async_test
    async def test_are_reported_with_the_result(self) -> None:
        async def work(payload: dict[str, Any], task: RunningTask) -> Any:
            task.count_tokens(3)
            task.count_tokens(4)
            for slip in (-1, 0, True, 2.5, "9", None):
                task.count_tokens(slip)  # type: ignore[arg-type]

        async with slots_for(work=work) as bench:
            bench.give(1, "work")
            await until(lambda: bench.notes.outcomes)
            assert bench.notes.outcomes[0].tokens == 7
