from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from cognitive_architecture.distributed_mesh import messages as m
from cognitive_architecture.distributed_mesh.handlers import RunningTask
from cognitive_architecture.foundation.errors import HandlerStuck
from cognitive_architecture.foundation.settings import NodeSettings
from tests.support.asynchronous import async_test, turns, until

from .bench import Stand, a_node


async def echo(payload: dict[str, Any], task: RunningTask) -> Any:
    return payload


class Gate:
    """Handlers that wait until the test lets them go on."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()

    def handler(self) -> Any:
        async def held(payload: dict[str, Any], task: RunningTask) -> str:
            await self.opened.wait()
            return "done"

        return held


class Deaf:
    """Handlers on threads that do not hear that they are stopped."""

    def __init__(self) -> None:
        self.begun = 0
        self.release = threading.Event()

    def handler(self) -> Any:
        def deaf(payload: dict[str, Any], task: RunningTask) -> None:
            self.begun += 1
            self.release.wait(20.0)

        return deaf


class TestReports:
    @async_test
    async def test_outcomes_of_one_turn_travel_together(self) -> None:
        async with a_node(slots=8, echo=echo) as stand:
            stand.orchestrator.assign(*["echo"] * 8)
            await until(lambda: len(stand.orchestrator.outcomes) == 8)
            with_outcomes = [said for said in stand.orchestrator.heard(m.Report) if said.outcomes]
            assert len(with_outcomes) == 1

    @async_test
    async def test_are_numbered_in_their_order(self) -> None:
        async with a_node(echo=echo) as stand:
            for done in range(1, 6):
                stand.orchestrator.assign("echo")
                await until(lambda done=done: len(stand.orchestrator.outcomes) == done)  # type: ignore[misc]
            numbers = [report.number for report in stand.orchestrator.heard(m.Report)]
            assert numbers == list(range(1, len(numbers) + 1))

    @async_test
    async def test_are_said_again_until_they_are_kept(self) -> None:
        async with a_node(echo=echo) as stand:
            stand.orchestrator.keeps_reports = False
            stand.orchestrator.assign("echo")
            await until(lambda: stand.orchestrator.outcomes)
            first = next(said for said in stand.orchestrator.heard(m.Report) if said.outcomes)
            await stand.advance(1.5)
            assert len(stand.orchestrator.outcomes) == 1
            await stand.advance(5.0)
            said_again = [said for said in stand.orchestrator.heard(m.Report) if said.outcomes]
            assert len(said_again) >= 2
            assert all(said == first for said in said_again)
            stand.orchestrator.tell(m.Kept(first.number))
            await turns()
            stand.orchestrator.peer.heard.clear()
            await stand.advance(5.0)
            assert stand.orchestrator.outcomes == []

    @async_test
    async def test_said_again_are_not_counted_again(self) -> None:
        async with a_node(slots=2, echo=echo) as stand:
            stand.orchestrator.keeps_reports = False
            stand.orchestrator.assign("echo")
            await until(lambda: stand.orchestrator.outcomes)
            granted = stand.orchestrator.granted
            await stand.advance(10.0)
            assert len(stand.orchestrator.outcomes) > 2
            assert stand.orchestrator.granted == granted
            assert stand.orchestrator.last(m.NodeHealth).received == 1

    @async_test
    async def test_of_which_some_was_refused_are_not_said_again(self) -> None:
        async with a_node(echo=echo) as stand:
            stand.orchestrator.keeps_reports = False
            stand.orchestrator.assign("echo")
            await until(lambda: stand.orchestrator.outcomes)
            number = next(
                said.number for said in stand.orchestrator.heard(m.Report) if said.outcomes
            )
            stand.orchestrator.tell(m.Kept(number, [(1, "it was given to another node")]))
            await stand.advance(5.0)
            assert len(stand.orchestrator.outcomes) == 1
            assert stand.orchestrator.last(m.NodeHealth).reported == []

    @async_test
    async def test_an_answer_to_no_report_changes_nothing(self) -> None:
        async with a_node(echo=echo) as stand:
            stand.orchestrator.tell(m.Kept(99), m.Stop([(99, "why not")]))
            stand.orchestrator.assign("echo")
            await until(lambda: stand.orchestrator.outcomes)


class TestTotals:
    @async_test
    async def test_a_node_that_has_not_worked_takes_as_many_as_it_has_slots(self) -> None:
        async with a_node(slots=3, echo=echo) as stand:
            await stand.advance(2.0)
            assert stand.orchestrator.granted == 3

    @async_test
    async def test_what_is_done_makes_room_for_as_many(self) -> None:
        gate = Gate()
        settings = NodeSettings(lookahead_max=0)
        async with a_node(slots=2, settings=settings, held=gate.handler()) as stand:
            stand.orchestrator.assign("held", "held")
            await turns()
            assert stand.orchestrator.granted == 2
            gate.opened.set()
            await until(lambda: len(stand.orchestrator.outcomes) == 2)
            assert stand.orchestrator.granted == 4

    @async_test
    async def test_short_tasks_are_fetched_ahead(self) -> None:
        settings = NodeSettings(lookahead_max=100)
        async with a_node(slots=2, settings=settings, echo=echo) as stand:
            stand.orchestrator.assign("echo")
            await until(lambda: stand.orchestrator.granted == 1 + 2 + 100)

    @async_test
    async def test_what_it_grants_never_falls(self) -> None:
        gate = Gate()
        async with a_node(slots=2, echo=echo, held=gate.handler()) as stand:
            stand.orchestrator.assign("echo")
            await until(lambda: stand.orchestrator.granted > 3)
            stand.orchestrator.assign("held", "held")
            await turns()
            await stand.advance(3.0)
            said = [
                message.granted
                for _, message in stand.orchestrator.peer.heard
                if isinstance(message, m.Report | m.NodeHealth)
            ]
            assert said == sorted(said)
            gate.opened.set()

    @async_test
    async def test_a_stuck_slot_is_told_and_not_granted_and_the_others_are(self) -> None:
        deaf = Deaf()
        settings = NodeSettings(lookahead_max=0)
        async with a_node(slots=2, settings=settings, deaf=deaf.handler(), echo=echo) as stand:
            (stuck, _) = stand.orchestrator.assign("deaf", "echo")
            await until(lambda: deaf.begun and stand.orchestrator.outcomes)
            stand.orchestrator.tell(m.Stop([(stuck, "cancelled by request")]))
            for sent in range(2, 6):
                # One assignment is stuck and none else is held: there is room for exactly one.
                await stand.advance(1.1)
                assert stand.orchestrator.last(m.NodeHealth).vitals.stuck_slots == 1
                assert stand.orchestrator.granted == sent + 1
                stand.orchestrator.assign("echo")
                await until(lambda sent=sent: len(stand.orchestrator.outcomes) == sent)  # type: ignore[misc]
            deaf.release.set()
            await until(lambda: stand.orchestrator.granted == 6 + 2)
            await stand.advance(1.1)
            assert stand.orchestrator.last(m.NodeHealth).vitals.stuck_slots == 0

    @async_test
    async def test_a_supervised_node_hands_back_the_rest_and_ends_when_a_slot_stays_stuck(
        self,
    ) -> None:
        deaf, gate = Deaf(), Gate()
        functions = {"deaf": deaf.handler(), "held": gate.handler()}
        async with a_node(slots=2, stuck_s=5.0, **functions) as stand:
            stuck, innocent = stand.orchestrator.assign("deaf", "held")
            await until(lambda: deaf.begun)
            stand.orchestrator.tell(m.Stop([(stuck, "cancelled by request")]))
            await stand.advance(4.9)
            assert not stand.orchestrator.heard(m.HandBack)
            await stand.advance(1.2)
            deaf.release.set()
            with pytest.raises(HandlerStuck, match=r"'deaf' has gone on for 5\.\d s after"):
                await stand.node.until_over()
            assert [said.leases for said in stand.orchestrator.heard(m.HandBack)] == [[innocent]]
            assert stand.orchestrator.heard(m.NodeGoodbye)

    @async_test
    async def test_a_node_that_adapts_grants_less_while_its_attempts_take_longer(self) -> None:
        gate = Gate()
        settings = NodeSettings(lookahead_max=0, adapts_concurrency=True)
        async with a_node(slots=8, settings=settings, held=gate.handler(), echo=echo) as stand:

            async def together(count: int, takes_s: float) -> None:
                """So many attempts at once, each so long."""
                before = len(stand.orchestrator.outcomes)
                gate.opened.clear()
                stand.orchestrator.assign(*["held"] * count)
                await turns()
                await stand.advance(takes_s)
                gate.opened.set()
                await until(lambda: len(stand.orchestrator.outcomes) == before + count)

            for _ in range(20):
                await together(1, 0.1)
            assert stand.orchestrator.granted == 20 + 8
            for _ in range(10):
                sent = len(stand.orchestrator.outcomes)
                await together(min(8, stand.orchestrator.granted - sent), 2.0)

            await stand.advance(1.1)
            room = stand.orchestrator.granted - len(stand.orchestrator.outcomes)
            assert 1 <= room < 8

    @async_test
    async def test_a_node_that_is_all_stuck_takes_nothing(self) -> None:
        deaf = Deaf()
        async with a_node(slots=2, deaf=deaf.handler()) as stand:
            leases = stand.orchestrator.assign("deaf", "deaf", timeout_s=1.0)
            await until(lambda: deaf.begun == 2)
            await stand.advance(1.3)
            assert sorted(outcome.lease for outcome in stand.orchestrator.outcomes) == leases
            await stand.advance(1.0)
            assert stand.orchestrator.granted == 2
            deaf.release.set()
            await until(lambda: stand.orchestrator.granted >= 4)


class TestHeartbeat:
    @async_test
    async def test_comes_in_its_time(self) -> None:
        settings = NodeSettings(heartbeat_s=0.5)
        async with a_node(settings=settings, echo=echo) as stand:
            await turns()
            before = len(stand.orchestrator.heard(m.NodeHealth))
            await stand.advance(5.0)
            assert len(stand.orchestrator.heard(m.NodeHealth)) - before in (9, 10)
            assert 4.0 <= stand.orchestrator.last(m.NodeHealth).vitals.uptime_s <= 5.0

    @async_test
    async def test_tells_what_is_held_from_what_is_reported(self) -> None:
        gate = Gate()
        async with a_node(slots=2, echo=echo, held=gate.handler()) as stand:
            stand.orchestrator.keeps_reports = False
            stand.orchestrator.assign("held", "echo", "held")
            await until(lambda: stand.orchestrator.outcomes)
            await stand.advance(1.1)
            health = stand.orchestrator.last(m.NodeHealth)
            assert (health.held, health.reported, health.received) == ([1, 3], [2], 3)
            number = next(
                said.number for said in stand.orchestrator.heard(m.Report) if said.outcomes
            )
            stand.orchestrator.tell(m.Kept(number))
            await stand.advance(1.1)
            health = stand.orchestrator.last(m.NodeHealth)
            assert (health.held, health.reported) == ([1, 3], [])
            gate.opened.set()

    @async_test
    async def test_does_not_hold_what_was_stopped(self) -> None:
        gate = Gate()
        async with a_node(held=gate.handler()) as stand:
            stand.orchestrator.assign("held", "held")
            await turns()
            stand.orchestrator.tell(m.Stop([(1, "why not"), (2, "why not")]))
            await stand.advance(1.1)
            health = stand.orchestrator.last(m.NodeHealth)
            assert (health.held, health.reported, health.received) == ([], [], 2)
            assert stand.orchestrator.outcomes == []
            assert stand.orchestrator.granted == 3


class TestLookAhead:
    async def fetched_ahead(self, stand: Stand) -> None:
        """Let the node ask for more than it has slots."""
        stand.orchestrator.assign("echo")
        await until(lambda: stand.orchestrator.granted > 2)

    @async_test
    async def test_is_handed_back_when_a_long_task_is_before_it(self) -> None:
        gate = Gate()
        async with a_node(echo=echo, held=gate.handler()) as stand:
            await self.fetched_ahead(stand)
            long, *ahead = stand.orchestrator.assign("held", "echo", "echo")
            await turns()
            await stand.advance(2.1)
            (back,) = stand.orchestrator.heard(m.HandBack)
            assert (back.leases, back.reason) == (ahead, "it waited for a long task")
            assert stand.orchestrator.last(m.NodeHealth).held == [long]
            await stand.advance(2.1)
            given = 1 + 3
            assert stand.orchestrator.granted == given, "it asks for none of them back"
            gate.opened.set()
            await until(lambda: stand.orchestrator.outcomes[-1].lease == long)

    @async_test
    async def test_is_handed_back_when_a_stuck_handler_is_before_it(self) -> None:
        deaf = Deaf()
        async with a_node(echo=echo, deaf=deaf.handler()) as stand:
            await self.fetched_ahead(stand)
            long, *ahead = stand.orchestrator.assign("deaf", "echo", "echo")
            await until(lambda: deaf.begun)
            stand.orchestrator.tell(m.Stop([(long, "cancelled by request")]))
            await stand.advance(2.1)
            (back,) = stand.orchestrator.heard(m.HandBack)
            assert back.leases == ahead
            deaf.release.set()

    @async_test
    async def test_is_not_handed_back_while_tasks_are_short(self) -> None:
        async with a_node(echo=echo) as stand:
            for _ in range(30):
                stand.orchestrator.assign(*["echo"] * 10)
                await stand.advance(0.2)
            assert len(stand.orchestrator.outcomes) == 300
            assert stand.orchestrator.heard(m.HandBack) == []

    @async_test
    async def test_a_long_task_ends_the_fetching_ahead(self) -> None:
        gate = Gate()
        async with a_node(echo=echo, held=gate.handler()) as stand:
            await self.fetched_ahead(stand)
            granted = stand.orchestrator.granted
            sent = 1
            while sent < granted:  # all that it has granted, the first of them a long one
                stand.orchestrator.assign("held" if sent == 1 else "echo")
                sent += 1
            await turns()
            await stand.advance(2.1)
            # Room for what it handed back, and for nothing ahead of need.
            (back,) = stand.orchestrator.heard(m.HandBack)
            assert stand.orchestrator.granted == 1 + len(back.leases) + 1
            gate.opened.set()
