from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from cognitive_architecture.distributed_mesh import messages as m
from cognitive_architecture.distributed_mesh.adapters.local_fabric import LocalFabric, LocalHub
from cognitive_architecture.distributed_mesh.client import MeshClient, conversation
from cognitive_architecture.foundation.errors import (
    MeshError,
    MeshUnreachable,
    QueueFull,
    RemoteError,
    UnknownTask,
)
from cognitive_architecture.foundation.settings import MeshSettings, Settings
from cognitive_architecture.foundation.world import simulated_world
from tests.support.asynchronous import async_test, turns, until

from .stand import PlayedOrchestrator, a_client, a_task


@pytest.fixture
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client looks for overdue answers all the time."""
    monkeypatch.setattr(conversation, "_SWEEP_S", 0.001)


class TestOpening:
    @async_test
    async def test_without_an_orchestrator_says_what_to_do(self) -> None:
        mesh = MeshSettings(name="attic", connect=["tcp/10.0.0.7:7464"], connect_timeout_s=0.01)
        fabric = LocalFabric(LocalHub())
        client = MeshClient(simulated_world(), Settings(mesh=mesh), fabric, "ann")
        with pytest.raises(MeshUnreachable) as unreachable:
            await client.open()
        assert str(unreachable.value) == (
            "no orchestrator of mesh 'attic' answered at tcp/10.0.0.7:7464 within 0.01 s; start "
            "one with 'cogmesh up', or say where it is with --connect"
        )
        client.close()
        await fabric.stop()

    @async_test
    async def test_waits_for_one_to_appear(self) -> None:
        hub = LocalHub()
        fabric = LocalFabric(hub)
        client = MeshClient(simulated_world(), Settings(), fabric, "ann")
        opening = asyncio.create_task(client.open())
        await turns()
        assert not opening.done()
        orchestrator = await PlayedOrchestrator(hub).open()
        await opening
        client.close()
        await fabric.stop()
        await orchestrator.close()


class TestAsking:
    @async_test
    async def test_brings_the_answer(self) -> None:
        async with a_client() as stand:
            asking = asyncio.create_task(stand.client.ask("status", depth=2))
            await until(lambda: stand.orchestrator.heard(m.Ask))
            assert stand.orchestrator.heard(m.Ask) == [m.Ask(1, "status", {"depth": 2})]
            stand.orchestrator.tell(m.Answer(1, {"x": [1]}))
            assert await asking == {"x": [1]}

    @async_test
    async def test_answers_find_their_questions(self) -> None:
        async with a_client() as stand:
            asking = [asyncio.create_task(stand.client.ask(name)) for name in "abc"]
            await until(lambda: len(stand.orchestrator.heard(m.Ask)) == 3)
            for question in reversed(stand.orchestrator.heard(m.Ask)):
                stand.orchestrator.tell(m.Answer(question.request, question.subject))
            assert await asyncio.gather(*asking) == ["a", "b", "c"]

    @async_test
    async def test_brings_the_refusal(self) -> None:
        async with a_client() as stand:
            asking = asyncio.create_task(stand.client.task("a"))
            await until(lambda: stand.orchestrator.heard(m.Ask))
            stand.orchestrator.tell(m.Denied(1, m.Fault.of(UnknownTask("a"))))
            with pytest.raises(UnknownTask) as unknown:
                await asking
            assert unknown.value.task_id == "a"

    @async_test
    async def test_brings_a_refusal_of_a_kind_that_is_not_known_here(self) -> None:
        async with a_client() as stand:
            asking = asyncio.create_task(stand.client.status())
            await until(lambda: stand.orchestrator.heard(m.Ask))
            stand.orchestrator.tell(m.Denied(1, m.Fault("too_loud", "it is too loud", {})))
            with pytest.raises(RemoteError, match="it is too loud"):
                await asking

    @async_test
    async def test_answers_to_nothing_change_nothing(self) -> None:
        async with a_client() as stand:
            fault = m.Fault.of(UnknownTask("a"))
            stand.orchestrator.tell(m.Answer(99, 1), m.Denied(99, fault), m.Accepted(99))
            await turns()

    @async_test
    async def test_an_answer_nobody_waits_for_any_more_changes_nothing(self) -> None:
        async with a_client() as stand:
            asking = [asyncio.create_task(stand.client.ask(name)) for name in "ab"]
            await until(lambda: len(stand.orchestrator.heard(m.Ask)) == 2)
            for one in asking:
                one.cancel()
            await turns()
            stand.orchestrator.tell(m.Answer(1, 1), m.Denied(2, m.Fault.of(UnknownTask("a"))))
            await turns()


class TestCancelling:
    @async_test
    async def test_says_whether_this_call_ended_it(self) -> None:
        async with a_client() as stand:
            cancelling = asyncio.create_task(stand.client.cancel("a"))
            await until(lambda: stand.orchestrator.heard(m.Cancel))
            stand.orchestrator.tell(m.Cancelled(1, [True]))
            assert await cancelling is True

    @async_test
    async def test_of_an_unknown_task_is_an_error(self) -> None:
        async with a_client() as stand:
            cancelling = asyncio.create_task(stand.client.cancel("a"))
            await until(lambda: stand.orchestrator.heard(m.Cancel))
            stand.orchestrator.tell(m.Cancelled(1, [False]))
            await until(lambda: stand.orchestrator.heard(m.Ask))
            stand.orchestrator.tell(m.Denied(2, m.Fault.of(UnknownTask("a"))))
            with pytest.raises(UnknownTask):
                await cancelling


@pytest.mark.usefixtures("looks_often")
class TestPatience:
    @pytest.mark.parametrize("call", ["ask", "submit", "submit_many", "run", "run_many", "cancel"])
    @async_test
    async def test_ends_with_a_sentence(self, call: str) -> None:
        async with a_client() as stand:
            stand.orchestrator.accepts = False
            client = stand.client

            async def run_many() -> list[Any]:
                return [ending async for ending in client.run_many([a_task("a")])]

            calls: dict[str, Callable[[], Awaitable[Any]]] = {
                "ask": client.status,
                "submit": lambda: client.submit(a_task("a")),
                "submit_many": lambda: client.submit_many([a_task("a")]),
                "run": lambda: client.run(a_task("a")),
                "run_many": run_many,
                "cancel": lambda: client.cancel("a"),
            }
            calling = asyncio.ensure_future(calls[call]())
            await until(lambda: stand.orchestrator.peer.heard)
            stand.clock.jump_to(29.9)
            await asyncio.sleep(0.01)
            assert not calling.done()
            stand.clock.jump_to(30.0)
            with pytest.raises(MeshUnreachable) as overdue:
                await calling
            assert str(overdue.value) == (
                "the orchestrator did not answer within 30 s; what was submitted may have been "
                "accepted: submitting it again with the same task_id is safe"
            )

    @async_test
    async def test_is_had_with_each_request_by_itself(self) -> None:
        async with a_client() as stand:
            early = asyncio.create_task(stand.client.ask("early"))
            await turns()
            stand.clock.jump_to(20.0)
            late = asyncio.create_task(stand.client.ask("late"))
            await turns()
            stand.clock.jump_to(31.0)
            with pytest.raises(MeshUnreachable):
                await early
            assert not late.done()
            stand.orchestrator.tell(m.Answer(1, "too late"), m.Answer(2, "in time"))
            assert await late == "in time"

    @async_test
    async def test_a_result_may_take_as_long_as_it_takes(self) -> None:
        async with a_client() as stand:
            running = asyncio.create_task(stand.client.run(a_task("a")))
            await until(lambda: stand.orchestrator.submitted)
            await turns()
            stand.clock.jump_to(3600.0)
            await asyncio.sleep(0.01)
            stand.orchestrator.end("a", result=1)
            assert await running == 1


class TestAnotherOrchestrator:
    @async_test
    async def test_hears_open_requests_again_and_answered_ones_not(self) -> None:
        async with a_client() as stand:
            await stand.client.submit(a_task("done"))
            stand.orchestrator.accepts = False
            submitting = asyncio.create_task(stand.client.submit(a_task("a")))
            asking = asyncio.create_task(stand.client.ask("status"))
            await until(lambda: stand.orchestrator.heard(m.Ask))
            second = await stand.replaced()
            assert second.submitted == [["a"]]
            assert second.heard(m.Ask) == stand.orchestrator.heard(m.Ask)
            second.tell(m.Answer(second.heard(m.Ask)[0].request, "fine"))
            assert [await submitting, await asking] == ["a", "fine"]

    @async_test
    async def test_hears_what_was_asked_while_nobody_was_there(self) -> None:
        async with a_client() as stand:
            await stand.orchestrator.close()
            submitting = asyncio.create_task(stand.client.submit(a_task("a")))
            ending = asyncio.create_task(stand.client.ending("b"))
            await turns()
            stand.orchestrator = await PlayedOrchestrator(stand.hub, "o2").open()
            assert await submitting == "a"
            stand.orchestrator.end("b")
            await ending

    @async_test
    async def test_is_asked_for_what_runs(self) -> None:
        async with a_client() as stand:
            running = asyncio.create_task(stand.client.run(a_task("a")))
            await until(lambda: stand.orchestrator.submitted)
            await turns()
            second = await stand.replaced()
            assert second.submitted == []
            assert second.watched == [(["a"], False)]
            second.end("a", result=1)
            assert await running == 1

    @async_test
    async def test_that_does_not_know_a_task_on_its_way_takes_nothing_from_it(self) -> None:
        async with a_client() as stand:
            stand.orchestrator.accepts = False
            running = asyncio.create_task(stand.client.run(a_task("a")))
            await until(lambda: stand.orchestrator.submitted)
            await stand.orchestrator.close()
            second = PlayedOrchestrator(stand.hub, "o2")
            second.accepts = False
            stand.orchestrator = await second.open()
            await until(lambda: second.watched)
            second.tell(m.NotFound(0, ["a"]))
            await turns()
            assert not running.done()
            second.tell(m.Accepted(1))
            second.end("a", result=1)
            assert await running == 1

    @async_test
    async def test_that_has_forgotten_this_client_is_told_everything_once_more(self) -> None:
        async with a_client() as stand:
            running = asyncio.create_task(stand.client.run(a_task("a")))
            await until(lambda: stand.orchestrator.submitted)
            await turns()
            stand.orchestrator.accepts = False
            submitting = asyncio.create_task(stand.client.submit(a_task("b")))
            await turns()
            stand.orchestrator.accepts = True
            stand.orchestrator.tell(m.Introduce())
            assert await submitting == "b"
            assert stand.orchestrator.submitted == [["a"], ["b"], ["b"]]
            assert stand.orchestrator.watched == [(["a"], False)]
            stand.orchestrator.end("a", result=1)
            assert await running == 1

    @async_test
    async def test_is_gone_back_to_when_news_of_the_one_before_it_came_late(self) -> None:
        async with a_client() as stand:
            late = PlayedOrchestrator(stand.hub, "dead")
            late.accepts = False
            await late.open()
            await turns()
            submitting = asyncio.create_task(stand.client.submit(a_task("a")))
            await until(lambda: late.submitted)
            assert stand.orchestrator.submitted == []
            await late.close()
            assert await submitting == "a"
            assert stand.orchestrator.submitted == [["a"]]

    @async_test
    async def test_that_refuses_a_task_and_then_does_not_know_it_has_refused_it(self) -> None:
        async with a_client() as stand:
            stand.orchestrator.accepts = False
            running = asyncio.create_task(stand.client.run(a_task("a")))
            await until(lambda: stand.orchestrator.submitted)
            full = m.Fault.of(QueueFull("the queue is full", 1.0))
            stand.orchestrator.tell(m.Accepted(1, [(0, full)]), m.NotFound(0, ["a"]))
            with pytest.raises(QueueFull):
                await running

    @async_test
    async def test_after_a_cut_is_asked_for_what_it_accepts(self) -> None:
        async with a_client() as stand:
            stand.orchestrator.accepts = False
            running = asyncio.create_task(stand.client.run(a_task("a")))
            await until(lambda: stand.orchestrator.submitted)
            second = await stand.replaced()
            await until(lambda: second.watched[-1] == (["a"], False))
            second.end("a", result=1)
            assert await running == 1


class TestClosing:
    @async_test
    async def test_tells_everybody_who_waits(self) -> None:
        async with a_client() as stand:
            stand.orchestrator.accepts = False
            client = stand.client

            async def follow() -> None:
                async for _ in client.events("a"):
                    pass

            async def run_many() -> None:
                async for _ in client.run_many([a_task("c")]):
                    pass

            waiting = [
                asyncio.ensure_future(one)
                for one in (
                    client.submit(a_task("a")),
                    client.submit_many([a_task("b")]),
                    client.run(a_task("d")),
                    client.result("e"),
                    client.status(),
                    client.cancel("a"),
                    follow(),
                    run_many(),
                )
            ]
            await turns(20)
            client.close()
            for error in await asyncio.gather(*waiting, return_exceptions=True):
                assert isinstance(error, MeshUnreachable)
                assert str(error).startswith("this client was closed before the ")

    @async_test
    async def test_then_everything_else_is_refused(self) -> None:
        async with a_client() as stand:
            client = stand.client
            client.close()

            async def follow() -> None:
                async for _ in client.events("a"):
                    pass

            async def run_many() -> None:
                async for _ in client.run_many([a_task("c")]):
                    pass

            for call in (
                client.submit(a_task("a")),
                client.submit_many([a_task("b")]),
                client.run(a_task("d")),
                client.result("e"),
                client.ending("e"),
                client.status(),
                client.cancel("a"),
                follow(),
                run_many(),
            ):
                with pytest.raises(MeshUnreachable, match="closed"):
                    await call

    @async_test
    async def test_twice_is_once(self) -> None:
        async with a_client() as stand:
            stand.client.close()
            stand.client.close()

    @async_test
    async def test_ends_the_presence(self) -> None:
        async with a_client() as stand:
            await stand.orchestrator.peer.fabric.watch(
                "client", stand.orchestrator.peer._on_presence
            )
            await turns()
            assert stand.orchestrator.peer.present == ["client/ann~1"]
            stand.client.close()
            await turns()
            assert stand.orchestrator.peer.present == []


@async_test
async def test_errors_of_the_mesh_can_be_caught_together() -> None:
    async with a_client() as stand:
        stand.client.close()
        with pytest.raises(MeshError):
            await stand.client.status()
