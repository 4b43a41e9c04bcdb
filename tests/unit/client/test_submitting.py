from __future__ import annotations

import asyncio
import gc
import itertools
from typing import Any

import pytest

from cognitive_architecture.distributed_mesh import messages as m
from cognitive_architecture.foundation.errors import (
    InvalidPayload,
    InvalidTask,
    MeshUnreachable,
    QueueFull,
)
from cognitive_architecture.foundation.settings import ClientSettings, Settings
from tests.support.asynchronous import async_test, turns, until

from .stand import a_client, a_task

FULL = m.Fault.of(QueueFull("the queue is full", 2.0))


class TestOne:
    @async_test
    async def test_gives_its_id_when_it_is_accepted(self) -> None:
        async with a_client() as stand:
            stand.orchestrator.accepts = False
            task = a_task()
            submitting = asyncio.create_task(stand.client.submit(task))
            await turns()
            assert not submitting.done()
            stand.orchestrator.tell(m.Accepted(1))
            assert await submitting == task.task_id == "task-1"

    @async_test
    async def test_says_who_asks_unless_the_task_does(self) -> None:
        async with a_client() as stand:
            await stand.client.submit(a_task())
            await stand.client.submit(a_task(requester_node="bob"))
            requesters = [said.tasks[0].requester for said in stand.orchestrator.heard(m.Submit)]
            assert requesters == ["ann", "bob"]

    @async_test
    async def test_all_of_one_turn_travel_in_one_message(self) -> None:
        async with a_client() as stand:
            names = [f"t{number}" for number in range(50)]
            ids = await asyncio.gather(*(stand.client.submit(a_task(name)) for name in names))
            assert ids == names
            assert stand.orchestrator.submitted == [names]

    @async_test
    async def test_those_of_the_next_turn_travel_in_the_next(self) -> None:
        async with a_client() as stand:
            await stand.client.submit(a_task("a"))
            await stand.client.submit(a_task("b"))
            assert stand.orchestrator.submitted == [["a"], ["b"]]

    @async_test
    async def test_each_hears_its_own_answer(self) -> None:
        async with a_client() as stand:
            stand.orchestrator.refused = [(1, FULL)]
            stand.orchestrator.same_as = [(2, "earlier")]
            tasks = [a_task("a"), a_task("b"), a_task("c", idempotency_key="k")]
            answers = await asyncio.gather(
                *(stand.client.submit(task) for task in tasks), return_exceptions=True
            )
            assert [answers[0], answers[2]] == ["a", "earlier"]
            assert isinstance(answers[1], QueueFull)
            assert answers[1].retry_after_s == 2.0

    @pytest.mark.parametrize(
        ("fields", "error", "said"),
        [
            ({"priority": 11}, InvalidTask, "priority: an integer from 1 to 10"),
            ({"payload": [1]}, InvalidPayload, "payload: a JSON object"),
            ({"payload": {"x": {1}}}, InvalidPayload, r"payload\.x"),
        ],
    )
    @async_test
    async def test_what_is_wrong_is_refused_before_it_travels(
        self, fields: dict[str, Any], error: type[Exception], said: str
    ) -> None:
        async with a_client() as stand:
            with pytest.raises(error, match=said):
                await stand.client.submit(a_task(**fields))
            await turns()
            assert stand.orchestrator.submitted == []

    @async_test
    async def test_beyond_those_in_flight_it_waits(self) -> None:
        settings = Settings(client=ClientSettings(in_flight_max=2))
        async with a_client(settings) as stand:
            stand.orchestrator.accepts = False
            submitting = [
                asyncio.create_task(stand.client.submit(a_task(name))) for name in ("a", "b", "c")
            ]
            await turns()
            assert stand.orchestrator.submitted == [["a", "b"]]
            stand.orchestrator.accepts = True
            stand.orchestrator.tell(m.Accepted(1))
            assert await asyncio.gather(*submitting) == ["a", "b", "c"]

    @async_test
    async def test_who_no_longer_waits_does_not_disturb_the_others(self) -> None:
        async with a_client() as stand:
            stand.orchestrator.accepts = False
            submitting = [
                asyncio.create_task(stand.client.submit(a_task(name))) for name in ("a", "b", "c")
            ]
            await turns()
            submitting[0].cancel()
            submitting[1].cancel()
            await turns()
            stand.orchestrator.tell(m.Accepted(1, [(0, FULL)], [(1, "earlier")]))
            assert await submitting[2] == "c"

    @async_test
    async def test_a_request_that_cannot_be_met_is_an_error(self) -> None:
        async with a_client() as stand:
            stand.orchestrator.accepts = False
            submitting = asyncio.create_task(stand.client.submit(a_task("a")))
            await turns()
            stand.orchestrator.tell(m.Denied(1, FULL))
            with pytest.raises(QueueFull):
                await submitting


class TestMany:
    @async_test
    async def test_travel_in_portions(self) -> None:
        async with a_client() as stand:
            names = [f"t{number}" for number in range(2500)]
            assert await stand.client.submit_many(a_task(name) for name in names) == names
            assert [len(portion) for portion in stand.orchestrator.submitted] == [1000, 1000, 500]
            assert list(itertools.chain(*stand.orchestrator.submitted)) == names
            assert not any(said.tell for said in stand.orchestrator.heard(m.Submit))

    @async_test
    async def test_a_bounded_number_of_portions_is_unanswered(self) -> None:
        settings = Settings(client=ClientSettings(in_flight_max=2000))
        async with a_client(settings) as stand:
            stand.orchestrator.accepts = False
            tasks = [a_task(f"t{number}") for number in range(5000)]
            submitting = asyncio.create_task(stand.client.submit_many(tasks))
            await turns(50)
            assert len(stand.orchestrator.submitted) == 2
            stand.orchestrator.tell(m.Accepted(1))
            await turns(50)
            assert len(stand.orchestrator.submitted) == 3
            stand.orchestrator.accepts = True
            stand.orchestrator.tell(m.Accepted(2), m.Accepted(3))
            assert len(await submitting) == 5000

    @async_test
    async def test_none_is_nothing_said(self) -> None:
        async with a_client() as stand:
            assert await stand.client.submit_many([]) == []
            assert stand.orchestrator.submitted == []

    @async_test
    async def test_repetitions_give_the_earlier_ids(self) -> None:
        async with a_client() as stand:
            stand.orchestrator.same_as = [(1, "earlier")]
            assert await stand.client.submit_many([a_task("a"), a_task("b")]) == ["a", "earlier"]

    @async_test
    async def test_the_first_refusal_is_raised_when_all_are_answered(self) -> None:
        async with a_client() as stand:
            stand.orchestrator.refused = [(500, FULL)]
            with pytest.raises(QueueFull) as refused:
                await stand.client.submit_many(a_task(f"t{number}") for number in range(1800))
            assert refused.value.__notes__ == ["refused: task 500 of 1800"]
            assert len(stand.orchestrator.submitted) == 2

    @async_test
    async def test_one_that_is_wrong_keeps_all_at_home(self) -> None:
        async with a_client() as stand:
            with pytest.raises(InvalidTask, match="priority"):
                await stand.client.submit_many([a_task("a"), a_task("b", priority=0)])
            assert stand.orchestrator.submitted == []

    @async_test
    async def test_of_several_portions_without_an_answer_nobody_complains_twice(self) -> None:
        """asyncio logs every error of a future that nobody has looked at."""
        complaints: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(
            lambda _loop, context: complaints.append(context)
        )
        async with a_client() as stand:
            stand.orchestrator.accepts = False
            tasks = [a_task(f"t{number}") for number in range(3000)]
            submitting = asyncio.create_task(stand.client.submit_many(tasks))
            await until(lambda: len(stand.orchestrator.submitted) == 3)
            stand.client.close()
            with pytest.raises(MeshUnreachable, match="closed before the answer came"):
                await submitting
            del submitting
            await turns()
            gc.collect()  # asyncio complains when a future is forgotten
        assert complaints == []
