"""Progress and chunks: what a handler says before it is done, however much it is."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest

from cognitive_architecture.distributed_mesh import messages as m
from cognitive_architecture.distributed_mesh.handlers import RunningTask
from tests.support.asynchronous import async_test, turns, until

from .bench import a_node, slots_for


class TestProgress:
    @async_test
    async def test_reaches_whoever_reports(self) -> None:
        async def work(payload: dict[str, Any], task: RunningTask) -> None:
            task.progress(0.25, "a quarter")
            task.progress(1)

        async with slots_for(work=work) as bench:
            bench.give(3, "work")
            await until(lambda: bench.notes.outcomes)
            assert bench.notes.words == [(3, 0.25, "a quarter"), (3, 1.0, "")]

    @pytest.mark.parametrize(
        ("said", "heard"),
        [
            (-1, 0.0),
            (17, 1.0),
            (True, 1.0),
            (float("inf"), 1.0),
            (float("nan"), 0.0),
        ],
    )
    @async_test
    async def test_is_from_0_to_1(self, said: float, heard: float) -> None:
        async def work(payload: dict[str, Any], task: RunningTask) -> None:
            task.progress(said)

        async with slots_for(work=work) as bench:
            bench.give(1, "work")
            await until(lambda: bench.notes.outcomes)
            assert bench.notes.words == [(1, heard, "")]

    @async_test
    async def test_notes_are_short_and_can_travel(self) -> None:
        async def work(payload: dict[str, Any], task: RunningTask) -> None:
            task.progress(0.5, "half \ud83d" + "x" * 10_000)

        async with slots_for(work=work) as bench:
            bench.give(1, "work")
            await until(lambda: bench.notes.outcomes)
            ((_, _, note),) = bench.notes.words
            assert note.startswith("half \\ud83dxxx")
            assert len(note) < 600

    @async_test
    async def test_that_is_no_number_is_the_handlers_mistake(self) -> None:
        async def work(payload: dict[str, Any], task: RunningTask) -> None:
            task.progress("half")  # type: ignore[arg-type]

        async with slots_for(work=work) as bench:
            bench.give(1, "work")
            await until(lambda: bench.notes.outcomes)
            assert str(bench.reasons[1][1]).startswith("ValueError: could not convert")

    @async_test
    async def test_a_flood_from_a_thread_costs_the_loop_one_call(self) -> None:
        said, release = threading.Event(), threading.Event()
        loop, calls = asyncio.get_running_loop(), 0
        call_soon_threadsafe = loop.call_soon_threadsafe

        def counted(*arguments: Any, **more: Any) -> asyncio.Handle:
            nonlocal calls
            calls += 1
            return call_soon_threadsafe(*arguments, **more)

        loop.call_soon_threadsafe = counted  # type: ignore[method-assign, assignment]

        def flood(payload: dict[str, Any], task: RunningTask) -> None:
            for number in range(10_000):
                task.progress(number / 10_000, f"word {number}")
            said.set()
            release.wait(20.0)

        async with slots_for(flood=flood) as bench:
            bench.give(1, "flood")
            await turns(3)
            said.wait(20.0)  # on purpose without letting the loop do anything
            await turns(3)
            assert calls <= 10
            assert len(bench.notes.words) <= 10
            assert bench.notes.words[-1] == (1, 0.9999, "word 9999")
            release.set()
            await until(lambda: bench.notes.outcomes)

    @async_test
    async def test_of_several_threads_keeps_the_latest_word_of_each(self) -> None:
        barrier = threading.Barrier(3, timeout=20.0)

        def work(payload: dict[str, Any], task: RunningTask) -> None:
            for number in range(1, 101):
                task.progress(number / 100)
            barrier.wait()
            barrier.wait()

        async with slots_for(slots=2, work=work) as bench:
            bench.give(1, "work")
            bench.give(2, "work")
            await turns(3)
            barrier.wait()
            await turns(3)
            latest = {lease: fraction for lease, fraction, _ in bench.notes.words}
            assert latest == {1: 1.0, 2: 1.0}
            barrier.wait()
            await until(lambda: len(bench.notes.outcomes) == 2)

    @async_test
    async def test_a_flood_within_one_turn_is_one_message(self) -> None:
        async def flood(payload: dict[str, Any], task: RunningTask) -> None:
            for number in range(10_001):
                task.progress(number / 10_000)
            await asyncio.Event().wait()

        async with a_node(flood=flood) as stand:
            stand.orchestrator.assign("flood")
            await until(lambda: stand.orchestrator.heard(m.Progress))
            await turns()
            assert stand.orchestrator.heard(m.Progress) == [m.Progress(1, 1.0, "")]

    @async_test
    async def test_of_an_attempt_that_is_over_is_not_sent_after_it(self) -> None:
        async def work(payload: dict[str, Any], task: RunningTask) -> None:
            task.progress(0.5)

        async with a_node(work=work) as stand:
            stand.orchestrator.assign("work")
            await until(lambda: stand.orchestrator.outcomes)
            await turns()
            assert stand.orchestrator.heard(m.Progress) == []


class TestChunks:
    @async_test
    async def test_a_stream_waits_for_room(self) -> None:
        made = 0

        async def pour(payload: dict[str, Any], task: RunningTask) -> AsyncIterator[int]:
            nonlocal made
            for made in range(1000):
                yield made

        async with slots_for(pour=pour) as bench:
            bench.notes.room.clear()
            bench.give(1, "pour")
            await turns(50)
            assert (made, len(bench.notes.chunks)) == (0, 1)
            bench.notes.room.set()
            await until(lambda: bench.notes.outcomes)
            assert bench.notes.outcomes[0].chunks == 1000

    @async_test
    async def test_a_stream_can_be_stopped_while_it_waits_for_room(self) -> None:
        async def pour(payload: dict[str, Any], task: RunningTask) -> AsyncIterator[int]:
            while True:
                yield 1

        async with slots_for(pour=pour) as bench:
            bench.notes.room.clear()
            bench.give(1, "pour")
            await until(lambda: bench.notes.chunks)
            bench.pool.stop(1, "nobody wants it")
            await until(lambda: bench.notes.freed == 1)

    @async_test
    async def test_arrive_in_order_and_before_the_report(self) -> None:
        async def pour(payload: dict[str, Any], task: RunningTask) -> AsyncIterator[int]:
            for number in range(100):
                yield number

        async with a_node(slots=2, pour=pour) as stand:
            stand.orchestrator.assign("pour", "pour")
            await until(lambda: len(stand.orchestrator.outcomes) == 2)
            for lease in (1, 2):
                said = [
                    message.index if isinstance(message, m.Chunk) else "report"
                    for _, message in stand.orchestrator.peer.heard
                    if (isinstance(message, m.Chunk) and message.lease == lease)
                    or (
                        isinstance(message, m.Report)
                        and lease in [outcome.lease for outcome in message.outcomes]
                    )
                ]
                assert said == [*range(100), "report"]

    @async_test
    async def test_a_stream_asks_the_network_for_room_after_each(self) -> None:
        async def pour(payload: dict[str, Any], task: RunningTask) -> AsyncIterator[int]:
            for number in range(100):
                yield number

        async with a_node(pour=pour) as stand:
            gate, asked = asyncio.Event(), 0

            async def drained(address: str) -> None:
                nonlocal asked
                asked += 1
                await gate.wait()

            stand.node._fabric.drained = drained  # type: ignore[method-assign]
            stand.orchestrator.assign("pour")
            await until(lambda: asked)
            await turns(50)
            assert len(stand.orchestrator.heard(m.Chunk)) == asked == 1
            gate.set()
            await until(lambda: stand.orchestrator.outcomes)
            assert asked == 100
