from __future__ import annotations

import asyncio
import threading
from typing import Any

from cognitive_architecture.distributed_mesh import messages as m
from cognitive_architecture.distributed_mesh.handlers import RunningTask
from cognitive_architecture.foundation.settings import NodeSettings
from tests.support.asynchronous import async_test, turns, until

from .bench import Stand, a_node, advance


class Held:
    """A handler that waits until the test lets it go on, and notes how it ended."""

    def __init__(self) -> None:
        self.release = asyncio.Event()
        self.ended: list[str] = []

    def handler(self) -> Any:
        async def held(payload: dict[str, Any], task: RunningTask) -> str:
            try:
                await self.release.wait()
            except asyncio.CancelledError:
                self.ended.append("cancelled")
                raise
            self.ended.append("done")
            return "done"

        return held


async def finish(stand: Stand, leaving: asyncio.Task[None]) -> None:
    """Let time pass until the node has left."""
    while not leaving.done():
        await advance(stand.clock, 0.1)
    await leaving


def words(stand: Stand) -> list[str]:
    """What the orchestrator heard, as its kinds; reports without outcomes are left aside."""
    return [
        type(said).__name__
        for _, said in stand.orchestrator.peer.heard
        if not isinstance(said, m.Report) or said.outcomes
    ]


class TestDraining:
    @async_test
    async def test_it_finishes_what_runs_hands_back_what_waits_and_leaves(self) -> None:
        held = Held()
        async with a_node(held=held.handler()) as stand:
            running, *waiting = stand.orchestrator.assign("held", "held", "held")
            await turns()
            leaving = asyncio.create_task(stand.node.drain())
            await turns()
            (back,) = stand.orchestrator.heard(m.HandBack)
            assert (back.leases, back.reason) == (waiting, "the node is leaving")
            await stand.advance(2.0)
            assert not leaving.done()
            held.release.set()
            await finish(stand, leaving)
            await stand.node.until_over()
            await turns()
            assert stand.orchestrator.results == {running: "done"}
            assert held.ended == ["done"]
            assert stand.orchestrator.peer.present == []
            said = words(stand)
            assert said.index("NodeDraining") < said.index("HandBack") < said.index("Report")
            assert said[-1] == "NodeGoodbye"

    @async_test
    async def test_an_operator_may_ask_for_it(self) -> None:
        async with a_node(held=Held().handler()) as stand:
            stand.orchestrator.tell(m.PleaseDrain())
            over = asyncio.create_task(stand.node.until_over())
            await finish(stand, over)
            await turns()
            assert words(stand)[-2:] == ["NodeDraining", "NodeGoodbye"]

    @async_test
    async def test_what_comes_too_late_is_handed_back_and_nothing_more_is_granted(self) -> None:
        held = Held()
        async with a_node(held=held.handler()) as stand:
            stand.orchestrator.assign("held")
            await turns()
            leaving = asyncio.create_task(stand.node.drain())
            await turns()
            granted = stand.orchestrator.granted
            late = stand.orchestrator.assign("held", "held")
            await turns()
            (back,) = stand.orchestrator.heard(m.HandBack)
            assert back.leases == late
            await stand.advance(1.5)
            assert stand.orchestrator.granted == granted
            held.release.set()
            await finish(stand, leaving)

    @async_test
    async def test_it_waits_until_its_report_is_kept(self) -> None:
        held = Held()
        async with a_node(held=held.handler()) as stand:
            stand.orchestrator.keeps_reports = False
            stand.orchestrator.assign("held")
            await turns()
            held.release.set()
            await until(lambda: stand.orchestrator.outcomes)
            leaving = asyncio.create_task(stand.node.drain())
            await stand.advance(1.0)
            assert not leaving.done()
            stand.orchestrator.tell(m.Kept(stand.orchestrator.last(m.Report).number))
            await finish(stand, leaving)

    @async_test
    async def test_it_does_not_wait_for_ever(self) -> None:
        held = Held()
        settings = NodeSettings(drain_timeout_s=3.0)
        async with a_node(settings=settings, held=held.handler()) as stand:
            (lease,) = stand.orchestrator.assign("held")
            await turns()
            await finish(stand, asyncio.create_task(stand.node.drain()))
            await turns()
            assert 2.9 <= stand.clock.now() <= 3.5
            assert held.ended == ["cancelled"]
            assert stand.orchestrator.last(m.HandBack).leases == [lease]

    @async_test
    async def test_it_does_not_wait_for_a_stuck_handler(self) -> None:
        began, release = threading.Event(), threading.Event()

        def deaf(payload: dict[str, Any], task: RunningTask) -> None:
            began.set()
            release.wait(20.0)

        async with a_node(deaf=deaf) as stand:
            (lease,) = stand.orchestrator.assign("deaf")
            await until(began.is_set)
            stand.orchestrator.tell(m.Stop([(lease, "cancelled by request")]))
            await turns()
            await finish(stand, asyncio.create_task(stand.node.drain()))
            assert stand.clock.now() < 2.0
            release.set()

    @async_test
    async def test_stopping_ends_it_at_once(self) -> None:
        held = Held()
        async with a_node(held=held.handler()) as stand:
            (lease,) = stand.orchestrator.assign("held")
            await turns()
            leaving = asyncio.create_task(stand.node.drain())
            await turns()
            await stand.node.stop()
            await turns()
            assert held.ended == ["cancelled"]
            assert stand.orchestrator.last(m.HandBack).leases == [lease]
            await advance(stand.clock, 0.2)
            assert leaving.done()

    @async_test
    async def test_stopping_ends_it_at_once_though_a_report_is_not_kept(self) -> None:
        held = Held()
        async with a_node(held=held.handler()) as stand:
            stand.orchestrator.keeps_reports = False
            stand.orchestrator.assign("held")
            held.release.set()
            await until(lambda: stand.orchestrator.outcomes)
            leaving = asyncio.create_task(stand.node.drain())
            await turns()
            await stand.node.stop()
            await advance(stand.clock, 0.2)
            assert leaving.done()

    @async_test
    async def test_it_goes_on_without_an_orchestrator(self) -> None:
        held = Held()
        async with a_node(held=held.handler()) as stand:
            stand.orchestrator.assign("held")
            await turns()
            await stand.orchestrator.close()
            leaving = asyncio.create_task(stand.node.drain())
            await stand.advance(1.0)
            assert not leaving.done()
            held.release.set()
            await finish(stand, leaving)
            assert stand.clock.now() < 5.0

    @async_test
    async def test_another_orchestrator_is_told_of_it(self) -> None:
        held = Held()
        async with a_node(held=held.handler()) as stand:
            stand.orchestrator.assign("held")
            await turns()
            leaving = asyncio.create_task(stand.node.drain())
            await turns()
            second = await stand.replaced()
            assert words(stand)[:2] == ["NodeHello", "NodeDraining"]
            held.release.set()
            await finish(stand, leaving)
            assert second.results == {1: "done"}

    @async_test
    async def test_asked_twice_it_is_done_once(self) -> None:
        async with a_node(held=Held().handler()) as stand:
            first = asyncio.create_task(stand.node.drain())
            await asyncio.sleep(0)
            await stand.node.drain()
            await finish(stand, first)
            await turns()
            assert len(stand.orchestrator.heard(m.NodeDraining)) == 1
            assert len(stand.orchestrator.heard(m.NodeGoodbye)) == 1


class TestStopping:
    @async_test
    async def test_it_hands_back_what_it_has_and_says_goodbye(self) -> None:
        held = Held()
        async with a_node(held=held.handler()) as stand:
            leases = stand.orchestrator.assign("held", "held")
            await turns()
            await stand.node.stop()
            await stand.node.until_over()
            await turns()
            (back,) = stand.orchestrator.heard(m.HandBack)
            assert (back.leases, back.reason) == (leases, "the node is leaving")
            assert held.ended == ["cancelled"]
            assert words(stand)[-2:] == ["HandBack", "NodeGoodbye"]
            assert stand.orchestrator.peer.present == []

    @async_test
    async def test_what_is_done_is_reported_and_not_handed_back(self) -> None:
        async def quick(payload: dict[str, Any], task: RunningTask) -> str:
            return "done"

        async with a_node(quick=quick) as stand:
            stand.orchestrator.keeps_reports = False
            stand.orchestrator.assign("quick")
            await until(lambda: stand.orchestrator.outcomes)
            await stand.node.stop()
            await turns()
            assert stand.orchestrator.heard(m.HandBack) == []

    @async_test
    async def test_twice_is_once(self) -> None:
        async with a_node(held=Held().handler()) as stand:
            await asyncio.gather(stand.node.stop(), stand.node.stop())
            await stand.node.stop()
            await stand.node.crash()
            await turns()
            assert len(stand.orchestrator.heard(m.NodeGoodbye)) == 1

    @async_test
    async def test_before_it_has_joined(self) -> None:
        async with a_node(joins=False, held=Held().handler()) as stand:
            stand.orchestrator.answer_to_hello = None
            joined = asyncio.create_task(stand.node.joined())
            await turns()
            await stand.node.stop()
            await joined

    @async_test
    async def test_without_an_orchestrator(self) -> None:
        async with a_node(held=Held().handler()) as stand:
            await stand.orchestrator.close()
            await stand.node.stop()

    @async_test
    async def test_a_function_on_a_thread_sees_it(self) -> None:
        began, pause, left = threading.Event(), threading.Event(), threading.Event()

        def work(payload: dict[str, Any], task: RunningTask) -> None:
            began.set()
            while not task.is_cancelled:
                pause.wait(0.001)
            left.set()

        async with a_node(work=work) as stand:
            stand.orchestrator.assign("work")
            await until(began.is_set)
            await stand.node.stop()
            await until(left.is_set)


class TestCrashing:
    @async_test
    async def test_it_vanishes_without_a_word(self) -> None:
        held = Held()
        async with a_node(held=held.handler()) as stand:
            stand.orchestrator.assign("held")
            await turns()
            stand.orchestrator.peer.heard.clear()
            await stand.node.crash()
            await turns()
            assert stand.orchestrator.peer.heard == []
            assert stand.orchestrator.peer.present == []
            await stand.node.until_over()


class TestTheFarewell:
    """A node that leaves waits a moment, until what it said last is heard."""

    @async_test
    async def test_is_the_last_thing_it_says(self) -> None:
        held = Held()
        async with a_node(held=held.handler()) as stand:
            stand.orchestrator.assign("held")
            await turns()
            stopping = asyncio.create_task(stand.node.stop())
            await turns(1)
            held.release.set()  # too late: the task was handed back
            await stopping
            await turns()
            assert stand.orchestrator.outcomes == []
            *_, goodbye, last = [type(said) for _, said in stand.orchestrator.peer.heard]
            assert (goodbye, last) == (m.NodeGoodbye, m.Report)

    @async_test
    async def test_is_not_waited_for_when_it_is_asked_twice_to_stop(self) -> None:
        async with a_node(held=Held().handler()) as stand:
            stand.orchestrator.peer.on_message = None  # it answers nothing any more
            first = asyncio.create_task(stand.node.stop())
            await turns()
            assert not first.done()
            await stand.node.stop()
            await stand.node.until_over()
            first.cancel()

    @async_test
    async def test_is_waited_for_although_somebody_asks_for_a_drain_meanwhile(self) -> None:
        async with a_node(held=Held().handler()) as stand:
            stand.orchestrator.peer.on_message = None  # it answers nothing any more
            stopping = asyncio.create_task(stand.node.stop())
            await turns()
            await stand.node.drain()
            await turns()
            assert not stopping.done()
            await stand.node.stop()
            await stopping

    @async_test
    async def test_is_not_waited_for_where_nobody_hears_it(self) -> None:
        async with a_node(held=Held().handler()) as stand:
            await stand.orchestrator.close()
            stopping = asyncio.create_task(stand.node.stop())
            await turns(20)
            assert stopping.done()
