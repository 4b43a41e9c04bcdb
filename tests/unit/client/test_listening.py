from __future__ import annotations

import asyncio

import pytest

from cognitive_architecture.distributed_mesh import messages as m
from cognitive_architecture.distributed_mesh.model import TaskEvent, TaskEventKind, TaskStatus
from cognitive_architecture.foundation.errors import QueueFull, TaskFailed, UnknownTask
from tests.support.asynchronous import async_test, turns, until
from tests.support.builders import an_ending

from .stand import Stand, a_client, a_task, chunk

ENDED = TaskEvent("a", TaskEventKind.ENDED, ending=an_ending(task_id="a"))


class Listener:
    """Follows task ``a``."""

    def __init__(self, stand: Stand) -> None:
        self.heard: list[TaskEvent] = []
        self.listening = asyncio.create_task(self._listen(stand))

    async def _listen(self, stand: Stand) -> None:
        async for event in stand.client.events("a"):
            self.heard.append(event)

    @property
    def chunks(self) -> list[tuple[int, int | None]]:
        """Attempt and place."""
        return [(event.attempt, event.index) for event in self.heard if event.index is not None]


class TestEndings:
    @async_test
    async def test_are_asked_for_and_told(self) -> None:
        async with a_client() as stand:
            result = asyncio.create_task(stand.client.result("a"))
            await until(lambda: stand.orchestrator.watched)
            assert stand.orchestrator.watched == [(["a"], False)]
            stand.orchestrator.end("a", result=[1])
            assert await result == [1]

    @async_test
    async def test_of_failed_tasks_are_errors_to_whoever_asks_for_the_result(self) -> None:
        async with a_client() as stand:
            result = asyncio.create_task(stand.client.result("a"))
            ending = asyncio.create_task(stand.client.ending("a"))
            await until(lambda: stand.orchestrator.watched)
            failure = an_ending(1, TaskStatus.FAILED, task_id="a", reason="boom")
            stand.orchestrator.tell(m.Ended([failure]))
            assert await ending == failure
            with pytest.raises(TaskFailed, match="boom"):
                await result

    @async_test
    async def test_of_unknown_tasks_are_errors(self) -> None:
        async with a_client() as stand:
            ending = asyncio.create_task(stand.client.ending("a"))
            await until(lambda: stand.orchestrator.watched)
            stand.orchestrator.tell(m.NotFound(0, ["a"]))
            with pytest.raises(UnknownTask, match="task a is not known here"):
                await ending

    @async_test
    async def test_that_nobody_asked_for_change_nothing(self) -> None:
        async with a_client() as stand:
            stand.orchestrator.end("stray")
            stand.orchestrator.tell(m.NotFound(0, ["stray"]), m.Happened([chunk(0)]), m.Welcome(1))
            await turns()


class TestEvents:
    @async_test
    async def test_that_were_asked_for_before_the_task_arrived_are_asked_for_again(self) -> None:
        async with a_client() as stand:
            stand.orchestrator.accepts = False
            submitting = asyncio.create_task(stand.client.submit(a_task("a")))
            await until(lambda: stand.orchestrator.submitted)
            listener = Listener(stand)
            await until(lambda: stand.orchestrator.watched)
            stand.orchestrator.tell(m.NotFound(0, ["a"]))
            await turns()
            assert not listener.listening.done()

            full = m.Fault.of(QueueFull("the queue is full", 1.0))
            stand.orchestrator.tell(m.Accepted(1, [(0, full)]))

            with pytest.raises(QueueFull):
                await submitting
            await until(lambda: len(stand.orchestrator.watched) == 2)
            assert stand.orchestrator.watched[1] == (["a"], True)
            stand.orchestrator.tell(m.NotFound(0, ["a"]))
            with pytest.raises(UnknownTask):
                await listener.listening

    @async_test
    async def test_are_told_until_the_task_has_ended(self) -> None:
        async with a_client() as stand:
            listener = Listener(stand)
            await until(lambda: stand.orchestrator.watched)
            assert stand.orchestrator.watched == [(["a"], True)]
            assigned = TaskEvent("a", TaskEventKind.ASSIGNED, 1, node_id="n1")
            progress = TaskEvent("a", TaskEventKind.PROGRESS, 1, fraction=0.5)
            events = [assigned, chunk(0), progress, chunk(1), ENDED]
            stand.orchestrator.tell(m.Happened(events[:2]), m.Happened(events[2:]))
            await listener.listening
            assert listener.heard == events

    @async_test
    async def test_of_other_tasks_are_not_told(self) -> None:
        async with a_client() as stand:
            listener = Listener(stand)
            await until(lambda: stand.orchestrator.watched)
            other = TaskEvent("b", TaskEventKind.QUEUED)
            stand.orchestrator.tell(m.Happened([other, ENDED]))
            await listener.listening
            assert listener.heard == [ENDED]

    @async_test
    async def test_repeated_chunks_are_told_once(self) -> None:
        async with a_client() as stand:
            listener = Listener(stand)
            await until(lambda: stand.orchestrator.watched)
            again = [chunk(0), chunk(1), chunk(0), chunk(1), chunk(1), chunk(2), ENDED]
            stand.orchestrator.tell(m.Happened(again))
            await listener.listening
            assert listener.chunks == [(1, 0), (1, 1), (1, 2)]

    @async_test
    async def test_another_attempt_begins_from_the_beginning(self) -> None:
        async with a_client() as stand:
            listener = Listener(stand)
            await until(lambda: stand.orchestrator.watched)
            retrying = TaskEvent("a", TaskEventKind.RETRYING, 1, note="boom")
            second = [chunk(0, attempt=2), chunk(1, attempt=2)]
            stand.orchestrator.tell(m.Happened([chunk(0), chunk(1), retrying, *second, ENDED]))
            await listener.listening
            assert listener.chunks == [(1, 0), (1, 1), (2, 0), (2, 1)]

    @async_test
    async def test_who_comes_late_hears_what_was_streamed_before(self) -> None:
        async with a_client() as stand:
            early = Listener(stand)
            await until(lambda: stand.orchestrator.watched)
            stand.orchestrator.tell(m.Happened([chunk(0), chunk(1)]))
            await until(lambda: len(early.chunks) == 2)
            late = Listener(stand)
            await until(lambda: len(stand.orchestrator.watched) == 2)
            stand.orchestrator.tell(m.Happened([chunk(0), chunk(1), chunk(2)]))
            stand.orchestrator.tell(m.Happened([chunk(3), ENDED]))
            await asyncio.gather(early.listening, late.listening)
            expected = [(1, index) for index in range(4)]
            assert early.chunks == late.chunks == expected

    @async_test
    async def test_who_comes_late_is_not_confused_by_what_is_on_its_way_to_others(self) -> None:
        async with a_client() as stand:
            early = Listener(stand)
            await until(lambda: stand.orchestrator.watched)
            stand.orchestrator.tell(m.Happened([chunk(0), chunk(1)]))
            await until(lambda: len(early.chunks) == 2)
            stand.orchestrator.tell(m.Happened([chunk(2)]))  # before it hears of the late one
            late = Listener(stand)
            await until(lambda: len(stand.orchestrator.watched) == 2)
            stand.orchestrator.tell(m.Happened([chunk(0), chunk(1), chunk(2), chunk(3), ENDED]))
            await asyncio.gather(early.listening, late.listening)
            expected = [(1, index) for index in range(4)]
            assert early.chunks == late.chunks == expected

    @async_test
    async def test_who_leaves_is_forgotten(self) -> None:
        async with a_client() as stand:
            first, second = Listener(stand), Listener(stand)
            await until(lambda: len(stand.orchestrator.watched) == 2)
            first.listening.cancel()
            await turns()
            assert stand.orchestrator.heard(m.Unwatch) == []
            second.listening.cancel()
            await turns()
            assert stand.orchestrator.heard(m.Unwatch) == [m.Unwatch(["a"])]

    @async_test
    async def test_who_leaves_does_not_take_the_ending_from_others(self) -> None:
        async with a_client() as stand:
            listener = Listener(stand)
            ending = asyncio.create_task(stand.client.ending("a"))
            await until(lambda: len(stand.orchestrator.watched) == 2)
            listener.listening.cancel()
            await turns()
            assert stand.orchestrator.heard(m.Unwatch) == []
            stand.orchestrator.end("a")
            await ending

    @async_test
    async def test_an_ending_that_comes_with_them_settles_who_waits_for_it(self) -> None:
        async with a_client() as stand:
            ending = asyncio.create_task(stand.client.ending("a"))
            await until(lambda: stand.orchestrator.watched)
            stand.orchestrator.tell(m.Happened([ENDED]))
            assert await ending == ENDED.ending

    @async_test
    async def test_of_unknown_tasks_are_errors(self) -> None:
        async with a_client() as stand:
            listener = Listener(stand)
            await until(lambda: stand.orchestrator.watched)
            stand.orchestrator.tell(m.NotFound(0, ["a"]))
            with pytest.raises(UnknownTask):
                await listener.listening


class TestAnotherOrchestrator:
    @async_test
    async def test_is_asked_who_waits_for_what(self) -> None:
        async with a_client() as stand:
            listener = Listener(stand)
            endings = [asyncio.create_task(stand.client.ending(name)) for name in "bc"]
            await until(lambda: len(stand.orchestrator.watched) == 3)
            stand.orchestrator.tell(m.Happened([chunk(0)]))
            await turns()
            second = await stand.replaced()
            assert second.watched == [(["b", "c"], False), (["a"], True)]
            second.end("b", "c")
            second.tell(m.Happened([chunk(0), chunk(1), ENDED]))
            await asyncio.gather(listener.listening, *endings)
            assert listener.chunks == [(1, 0), (1, 1)]

    @async_test
    async def test_is_asked_nothing_when_nobody_waits(self) -> None:
        async with a_client() as stand:
            second = await stand.replaced()
            assert second.peer.heard == []
