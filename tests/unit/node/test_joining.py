from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from cognitive_architecture.distributed_mesh import messages as m
from cognitive_architecture.distributed_mesh.handlers import RunningTask, declared_handler, handles
from cognitive_architecture.foundation.errors import DuplicateNode, MeshError, ProtocolMismatch
from cognitive_architecture.foundation.settings import NodeSettings
from tests.support.asynchronous import async_test, turns, until

from .bench import PlayedOrchestrator, a_node

TAKEN = m.NodeRefused(m.Fault.of(DuplicateNode("a node named 'n1' is already in the mesh")))


async def echo(payload: dict[str, Any], task: RunningTask) -> Any:
    return payload


async def wait(payload: dict[str, Any], task: RunningTask) -> None:
    await asyncio.Event().wait()


class TestHello:
    @async_test
    async def test_says_what_the_node_is_and_can_do(self) -> None:
        async with a_node(slots=3, wait=wait, echo=echo) as stand:
            assert stand.orchestrator.heard(m.NodeHello) == [
                m.NodeHello("n1", "agent", ["echo", "wait"], 3, 3, 0, [], {"room": "kitchen"})
            ]
            assert stand.node.address == stand.orchestrator.node == "node/n1~1"

    @async_test
    async def test_says_the_versions_of_its_handlers(self) -> None:
        async def rhyme(payload: dict[str, Any], task: RunningTask) -> Any:
            return payload

        handler = declared_handler(handles("rhyme", version="1.2.0")(rhyme))
        assert handler is not None
        async with a_node([handler], echo=echo) as stand:
            (said,) = stand.orchestrator.heard(m.NodeHello)
            assert said.metadata == {"room": "kitchen", "versions": {"rhyme": "1.2.0"}}

    @async_test
    async def test_is_said_when_an_orchestrator_appears(self) -> None:
        async with a_node(joins=False, echo=echo) as stand:
            await stand.orchestrator.close()
            orchestrator = await PlayedOrchestrator(stand.hub, "o2").open()
            await stand.node.joined()
            assert len(orchestrator.heard(m.NodeHello)) == 1

    @async_test
    async def test_is_said_again_when_the_orchestrator_asks_for_it(self) -> None:
        async with a_node(wait=wait) as stand:
            (lease,) = stand.orchestrator.assign("wait")
            await turns()
            stand.orchestrator.tell(m.Introduce())
            await turns()
            hello = stand.orchestrator.last(m.NodeHello)
            assert (hello.granted, hello.received) == (1, 1)
            assert hello.claims == [m.Claim(lease, f"task-{lease}")]

    @async_test
    async def test_is_said_once_to_an_orchestrator_that_asks_many_times_at_once(self) -> None:
        async with a_node(echo=echo) as stand:
            for _ in range(100):
                stand.orchestrator.tell(m.Introduce())
            await turns()
            assert len(stand.orchestrator.heard(m.NodeHello)) == 2  # with the one on joining
            stand.orchestrator.tell(m.Introduce())
            await turns()
            assert len(stand.orchestrator.heard(m.NodeHello)) == 3

    @async_test
    async def test_that_was_lost_is_said_again(self) -> None:
        async with a_node(joins=False, echo=echo) as stand:
            stand.orchestrator.answer_to_hello = None
            await until(lambda: stand.orchestrator.heard(m.NodeHello))
            stand.orchestrator.answer_to_hello = m.Welcome(1)
            await stand.advance(1.1)
            await stand.node.joined()

    @async_test
    async def test_a_node_that_is_not_let_in_yet_does_not_speak_of_its_health(self) -> None:
        async with a_node(joins=False, echo=echo) as stand:
            stand.orchestrator.answer_to_hello = None
            await stand.advance(3.0)
            assert stand.orchestrator.heard(m.NodeHealth) == []


class TestRefused:
    @async_test
    async def test_for_good_it_ends_at_once_and_says_why(self) -> None:
        refusal = m.NodeRefused(m.Fault.of(ProtocolMismatch("node/n1~1", 1, 2)))
        async with a_node(joins=False, echo=echo) as stand:
            stand.orchestrator.answer_to_hello = refusal
            with pytest.raises(ProtocolMismatch, match="install the same version"):
                await stand.node.joined()
            with pytest.raises(ProtocolMismatch):
                await stand.node.until_over()
            await turns()
            assert stand.orchestrator.peer.present == []

    @async_test
    async def test_because_its_id_is_taken_it_asks_again_until_the_other_has_left(self) -> None:
        async with a_node(joins=False, echo=echo) as stand:
            stand.orchestrator.answer_to_hello = TAKEN
            joined = asyncio.create_task(stand.node.joined())
            await until(lambda: len(stand.orchestrator.heard(m.NodeHello)) == 2)
            assert not joined.done()
            stand.orchestrator.answer_to_hello = m.Welcome(1)
            await joined

    @async_test
    async def test_because_its_id_is_taken_it_gives_up_in_the_end(self) -> None:
        async with a_node(joins=False, settings=NodeSettings(rejoin_s=5.0), echo=echo) as stand:
            stand.orchestrator.answer_to_hello = TAKEN
            await until(lambda: stand.orchestrator.heard(m.NodeHello))
            await turns()
            stand.clock.jump_to(5.1)
            with pytest.raises(DuplicateNode, match="'n1' is already in the mesh"):
                await stand.node.joined()

    @async_test
    async def test_a_heartbeat_does_not_make_it_ask_oftener(self) -> None:
        async with a_node(joins=False, echo=echo) as stand:
            stand.orchestrator.answer_to_hello = TAKEN
            await until(lambda: stand.orchestrator.heard(m.NodeHello))
            await turns()
            before = len(stand.orchestrator.heard(m.NodeHello))
            for _ in range(5):
                await stand.advance(1.0)
            assert len(stand.orchestrator.heard(m.NodeHello)) <= before + 1

    @async_test
    async def test_by_another_orchestrator_its_patience_begins_anew(self) -> None:
        async with a_node(joins=False, settings=NodeSettings(rejoin_s=5.0), echo=echo) as stand:
            stand.orchestrator.answer_to_hello = TAKEN
            await until(lambda: stand.orchestrator.heard(m.NodeHello))
            await turns()
            await stand.orchestrator.close()
            stand.clock.jump_to(60.0)
            second = PlayedOrchestrator(stand.hub, "o2")
            second.answer_to_hello = TAKEN
            await second.open()
            await until(lambda: second.heard(m.NodeHello))
            await turns()
            second.answer_to_hello = m.Welcome(2)
            await stand.node.joined()
            await second.close()

    @async_test
    async def test_with_an_error_that_this_version_does_not_know(self) -> None:
        async with a_node(joins=False, echo=echo) as stand:
            fault = m.Fault("too_loud", "the node is too loud", {})
            stand.orchestrator.answer_to_hello = m.NodeRefused(fault)
            with pytest.raises(MeshError, match="the node is too loud"):
                await stand.node.joined()


class TestAnotherOrchestrator:
    @async_test
    async def test_hears_what_the_node_holds(self) -> None:
        async with a_node(slots=2, wait=wait) as stand:
            stand.orchestrator.assign("wait", "wait")
            await turns()
            second = await stand.replaced()
            hello = second.last(m.NodeHello)
            assert (hello.received, hello.claims) == (
                2,
                [m.Claim(1, "task-1"), m.Claim(2, "task-2")],
            )

    @async_test
    async def test_hears_what_was_not_kept(self) -> None:
        async with a_node(echo=echo) as stand:
            stand.orchestrator.keeps_reports = False
            stand.orchestrator.assign("echo")
            await until(lambda: stand.orchestrator.outcomes)
            second = await stand.replaced()
            assert [outcome.lease for outcome in second.outcomes] == [1]
            await turns()
            third = await stand.replaced()  # the second has kept it
            assert third.outcomes == []
            assert third.last(m.NodeHello).claims == []

    @async_test
    async def test_is_gone_back_to_when_news_of_the_one_before_it_came_late(self) -> None:
        async with a_node() as stand:
            late = await PlayedOrchestrator(stand.hub, "dead").open()
            await turns()
            assert late.heard(m.NodeHello)
            before = len(stand.orchestrator.heard(m.NodeHello))
            await late.close()
            assert len(stand.orchestrator.heard(m.NodeHello)) == before + 1
            await stand.node.joined()
            stand.orchestrator.assign("nothing of the kind")
            await until(lambda: stand.orchestrator.outcomes)

    @async_test
    async def test_hears_what_was_done_while_nobody_was_there(self) -> None:
        release = asyncio.Event()

        async def held(payload: dict[str, Any], task: RunningTask) -> str:
            await release.wait()
            return "done"

        async with a_node(held=held) as stand:
            stand.orchestrator.assign("held")
            await turns()
            await stand.orchestrator.close()
            release.set()
            await turns()
            stand.orchestrator = await PlayedOrchestrator(stand.hub, "o2").open()
            await until(lambda: stand.orchestrator.results)
            assert stand.orchestrator.results == {1: "done"}

    @async_test
    async def test_hears_a_running_stream_from_its_beginning(self) -> None:
        go_on = asyncio.Event()

        async def pour(payload: dict[str, Any], task: RunningTask) -> AsyncIterator[int]:
            yield 0
            yield 1
            await go_on.wait()
            yield 2

        async with a_node(pour=pour) as stand:
            stand.orchestrator.assign("pour")
            await until(lambda: len(stand.orchestrator.heard(m.Chunk)) == 2)
            second = await stand.replaced()
            go_on.set()
            await until(lambda: second.outcomes)
            assert [chunk.index for chunk in second.heard(m.Chunk)] == [0, 1, 2]
            assert second.outcomes[0].chunks == 3

    @pytest.mark.parametrize("length", [50, 3])
    @async_test
    async def test_hears_no_chunk_and_no_report_before_it_knows_the_node(self, length: int) -> None:
        """A chunk out of its place, and a report without its chunks, would cost the attempt."""
        step = asyncio.Event()

        async def pour(payload: dict[str, Any], task: RunningTask) -> AsyncIterator[int]:
            for number in range(length):
                await step.wait()
                if number < 3:
                    step.clear()
                yield number

        async with a_node(pour=pour) as stand:
            stand.orchestrator.assign("pour")
            await turns()
            step.set()
            await until(lambda: stand.orchestrator.heard(m.Chunk))
            await stand.orchestrator.close()
            second = PlayedOrchestrator(stand.hub, "o2")
            second.answer_to_hello = None
            await second.open()
            await until(lambda: second.heard(m.NodeHello))
            for _ in range(5):
                step.set()
                await turns()
            assert (second.heard(m.Chunk), second.heard(m.Report)) == ([], [])
            second.tell(m.Welcome(2))
            await until(lambda: second.outcomes)
            assert [chunk.index for chunk in second.heard(m.Chunk)] == list(range(length))
            said = [type(message) for _, message in second.peer.heard]
            assert said.index(m.Chunk) < said.index(m.Report)
            await second.close()

    @async_test
    async def test_is_the_only_one_that_is_obeyed(self) -> None:
        async with a_node(echo=echo) as stand:
            first = stand.orchestrator
            second = await PlayedOrchestrator(stand.hub, "o2").open()
            await until(lambda: second.heard(m.NodeHello))
            first.assign("echo")
            await turns()
            assert first.outcomes == second.outcomes == []
            second.assign("echo")
            await until(lambda: second.outcomes)
            await second.close()

    @async_test
    async def test_the_node_can_be_waited_for_again(self) -> None:
        async with a_node(echo=echo) as stand:
            await stand.orchestrator.close()
            joined = asyncio.create_task(stand.node.joined())
            await turns()
            assert not joined.done()
            stand.orchestrator = await PlayedOrchestrator(stand.hub, "o2").open()
            await joined
