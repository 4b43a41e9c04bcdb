from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest

from cognitive_architecture.distributed_mesh.frames import decode_frame, encode_frame
from cognitive_architecture.distributed_mesh.handlers import RunningTask
from cognitive_architecture.distributed_mesh.messages import OutcomeKind, Report
from cognitive_architecture.foundation.errors import (
    InvalidPayload,
    InvalidTask,
    MeshError,
    PermanentFailure,
    QueueFull,
)
from tests.support.asynchronous import async_test, until

from .bench import Slots, slots_for


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("I will not say")


class OfMyOwn(BaseException):
    pass


async def well(payload: dict[str, Any], task: RunningTask) -> str:
    return "well"


async def reason_of(error: BaseException | type[BaseException], kind: str) -> tuple[int, str]:
    """How an attempt is reported whose handler raises; its slot must go on."""

    async def coroutine(payload: dict[str, Any], task: RunningTask) -> None:
        raise error

    def thread(payload: dict[str, Any], task: RunningTask) -> None:
        raise error

    async def stream(payload: dict[str, Any], task: RunningTask) -> AsyncIterator[int]:
        yield 1
        raise error

    async with slots_for(coroutine=coroutine, thread=thread, stream=stream, well=well) as bench:
        bench.give(1, kind)
        bench.give(2, "well")
        await until(lambda: len(bench.notes.outcomes) == 2)
        assert bench.results == {2: "well"}
        assert bench.notes.freed == 2
        can_travel(bench)
        outcome, reason = bench.reasons[1]
        assert reason is not None
        return outcome, reason


def can_travel(bench: Slots) -> None:
    report = Report(1, 1, bench.notes.outcomes)
    assert decode_frame(encode_frame("node/n1~1", [report])) == ("node/n1~1", [report])


everywhere = pytest.mark.parametrize("kind", ["coroutine", "thread", "stream"])


class TestOrdinaryErrors:
    @everywhere
    @async_test
    async def test_say_what_and_where(self, kind: str) -> None:
        outcome, reason = await reason_of(ZeroDivisionError("nobody can"), kind)
        assert outcome == OutcomeKind.FAILED
        assert reason.startswith(f"ZeroDivisionError: nobody can ({kind}, line ")

    @everywhere
    @async_test
    async def test_without_words_say_their_class(self, kind: str) -> None:
        outcome, reason = await reason_of(TimeoutError, kind)
        assert outcome == OutcomeKind.FAILED
        assert reason.startswith(f"TimeoutError:  ({kind}, line ")

    @everywhere
    @async_test
    async def test_that_cannot_be_said_are_an_outcome_all_the_same(self, kind: str) -> None:
        outcome, reason = await reason_of(Unspeakable(), kind)
        assert outcome == OutcomeKind.FAILED
        assert reason.startswith("Unspeakable: a Unspeakable whose str() raises RuntimeError")

    @everywhere
    @async_test
    async def test_with_half_characters_can_travel(self, kind: str) -> None:
        _, reason = await reason_of(ValueError("half: \ud83d"), kind)
        assert reason.startswith("ValueError: half: \\ud83d (")

    @everywhere
    @async_test
    async def test_that_talk_for_ever_are_cut(self, kind: str) -> None:
        _, reason = await reason_of(ValueError("x" * 1_000_000), kind)
        assert len(reason) < 2200

    @async_test
    async def test_of_a_wrong_signature_are_named(self) -> None:
        async def lonely(payload: dict[str, Any]) -> None:
            pass

        async with slots_for(lonely=lonely) as bench:
            bench.give(1, "lonely")
            await until(lambda: bench.notes.outcomes)
            outcome, reason = bench.reasons[1]
            assert outcome == OutcomeKind.FAILED
            assert "takes 1 positional argument but 2 were given" in str(reason)

    @pytest.mark.parametrize("kind", ["thread"])
    @async_test
    async def test_that_a_future_cannot_hold_are_an_outcome(self, kind: str) -> None:
        _, reason = await reason_of(StopIteration(3), kind)
        assert reason.startswith("RuntimeError: the handler raised StopIteration")


class TestErrorsOfTheMesh:
    @pytest.mark.parametrize(
        "error", [PermanentFailure("no way"), InvalidTask("no way"), InvalidPayload("no way")]
    )
    @everywhere
    @async_test
    async def test_that_another_attempt_would_repeat_fail_for_good(
        self, kind: str, error: MeshError
    ) -> None:
        assert await reason_of(error, kind) == (OutcomeKind.FAILED_FOR_GOOD, "no way")

    @everywhere
    @async_test
    async def test_that_may_pass_are_tried_again(self, kind: str) -> None:
        assert await reason_of(QueueFull("the printer is busy", 2.0), kind) == (
            OutcomeKind.FAILED,
            "the printer is busy; come back in 2 s",
        )

    @everywhere
    @async_test
    async def test_with_half_characters_can_travel(self, kind: str) -> None:
        assert await reason_of(PermanentFailure("\udcff"), kind) == (
            OutcomeKind.FAILED_FOR_GOOD,
            "\\udcff",
        )


class TestThoseThatEndPrograms:
    """A handler that raises them ends its attempt, and neither its slot nor the node."""

    @everywhere
    @async_test
    async def test_sys_exit(self, kind: str) -> None:
        assert await reason_of(SystemExit(3), kind) == (
            OutcomeKind.FAILED,
            "the handler called sys.exit(3)",
        )

    @everywhere
    @pytest.mark.parametrize("error", [KeyboardInterrupt, OfMyOwn])
    @async_test
    async def test_others(self, kind: str, error: type[BaseException]) -> None:
        outcome, reason = await reason_of(error("stop"), kind)
        assert outcome == OutcomeKind.FAILED
        assert reason.startswith(f"{error.__name__}: stop ({kind}, line ")

    @async_test
    async def test_a_group_of_them(self) -> None:
        outcome, reason = await reason_of(BaseExceptionGroup("two", [OfMyOwn()]), "coroutine")
        assert outcome == OutcomeKind.FAILED
        assert reason.startswith("BaseExceptionGroup: two (1 sub-exception)")

    @async_test
    async def test_too_deep_a_recursion(self) -> None:
        async def deep(payload: dict[str, Any], task: RunningTask) -> None:
            def deeper(depth: int) -> int:
                return deeper(depth + 1)

            deeper(sys.getrecursionlimit())

        async with slots_for(deep=deep, well=well) as bench:
            bench.give(1, "deep")
            bench.give(2, "well")
            await until(lambda: bench.results)
            assert str(bench.reasons[1][1]).startswith("RecursionError: maximum recursion")


class TestCancellationsThatNobodyOrdered:
    """A slot that took them for its own would be gone, and its task with it."""

    @everywhere
    @async_test
    async def test_raised_by_a_handler(self, kind: str) -> None:
        assert await reason_of(asyncio.CancelledError(), kind) == (
            OutcomeKind.FAILED,
            "the handler was cancelled by itself, or by something it waited for",
        )

    @async_test
    async def test_of_something_that_a_handler_waits_for(self) -> None:
        async def wait(payload: dict[str, Any], task: RunningTask) -> None:
            helper = asyncio.create_task(asyncio.sleep(3600))
            asyncio.get_running_loop().call_soon(helper.cancel)
            await helper

        async with slots_for(wait=wait, well=well) as bench:
            bench.give(1, "wait")
            bench.give(2, "well")
            await until(lambda: bench.results)
            assert bench.reasons[1][0] == OutcomeKind.FAILED

    @async_test
    async def test_of_the_handlers_own_task(self) -> None:
        async def stumble(payload: dict[str, Any], task: RunningTask) -> None:
            current = asyncio.current_task()
            assert current is not None
            current.cancel()
            await asyncio.sleep(3600)

        async with slots_for(stumble=stumble, well=well) as bench:
            bench.give(1, "stumble")
            bench.give(2, "well")
            await until(lambda: bench.results)
            assert bench.reasons[1][0] == OutcomeKind.FAILED

    @async_test
    async def test_that_arrive_after_the_handler_has_returned(self) -> None:
        async def last_word(payload: dict[str, Any], task: RunningTask) -> str:
            current = asyncio.current_task()
            assert current is not None
            current.cancel()
            return "done"

        async def patient(payload: dict[str, Any], task: RunningTask) -> str:
            for _ in range(3):
                await asyncio.sleep(0)
            return "undisturbed"

        async with slots_for(last_word=last_word, patient=patient) as bench:
            bench.give(1, "last_word")
            bench.give(2, "patient")
            await until(lambda: len(bench.notes.outcomes) == 2)
            assert bench.results == {1: "done", 2: "undisturbed"}

    @async_test
    async def test_a_timeout_inside_a_handler_is_its_own_affair(self) -> None:
        async def impatient(payload: dict[str, Any], task: RunningTask) -> str:
            try:
                async with asyncio.timeout(0.001):
                    await asyncio.sleep(3600)
            except TimeoutError:
                return "too slow"
            return "?"

        async with slots_for(impatient=impatient) as bench:
            bench.give(1, "impatient")
            await until(lambda: bench.results)
            assert bench.results == {1: "too slow"}
