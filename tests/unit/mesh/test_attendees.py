"""Whoever asks who is there knows it in the end, however the asking falls among the changes."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.adapters.attendees import Attendees
from tests.support.asynchronous import async_test, turns

NAMES = ("node/a", "node/b")
Told = list[tuple[str, bool]]


def asking(attendees: Attendees) -> Told:
    """What one who asks now is told."""
    told: Told = []
    attendees.add(lambda address, is_there: told.append((address, is_there)))
    return told


@async_test
async def test_one_who_went_while_somebody_asked_is_not_thought_to_be_there() -> None:
    loop = asyncio.get_running_loop()
    attendees = Attendees(loop)
    attendees.changed("node/a", True)
    await turns()
    loop.call_soon(
        attendees.changed, "node/a", False
    )  # it is known already, and waits for the loop
    told = asking(attendees)
    await turns()
    assert told == []


@async_test
async def test_those_who_are_there_are_told_in_the_order_in_which_they_came() -> None:
    attendees = Attendees(asyncio.get_running_loop())
    for address in ("node/b", "node/a", "node/c"):
        attendees.changed(address, True)
    told = asking(attendees)
    attendees.changed("node/b", False)
    await turns()
    assert told == [("node/a", True), ("node/c", True)]


@async_test
async def test_one_who_raises_keeps_nobody_else_from_being_told() -> None:
    loop = asyncio.get_running_loop()
    complaints: list[object] = []
    loop.set_exception_handler(lambda _loop, context: complaints.append(context["exception"]))

    def raises(_address: str, _is_there: bool) -> None:
        raise ZeroDivisionError

    attendees = Attendees(loop)
    attendees.add(raises)
    told = asking(attendees)
    await turns()
    attendees.changed("node/a", True)
    attendees.changed("node/a", False)
    await turns()
    assert told == [("node/a", True), ("node/a", False)]
    assert [type(complaint) for complaint in complaints] == [ZeroDivisionError] * 2


@async_test
async def test_nobody_is_told_anything_when_it_is_closed() -> None:
    attendees = Attendees(asyncio.get_running_loop())
    attendees.changed("node/a", True)
    told = asking(attendees)
    attendees.is_closed = True
    await turns()
    assert told == []


CHANGE = st.tuples(st.sampled_from(NAMES), st.booleans())
TURN, ASK = "turn", "ask"


@given(st.lists(CHANGE | st.just(TURN) | st.just(ASK), max_size=30))
def test_everybody_knows_in_the_end_who_is_there_and_is_told_changes_only(
    events: list[tuple[str, bool] | str],
) -> None:
    async def story() -> None:
        loop = asyncio.get_running_loop()
        attendees = Attendees(loop)
        everybody: list[Told] = []
        there: dict[str, bool] = {}
        for event in events:
            if isinstance(event, tuple):
                there.update([event])
                loop.call_soon(attendees.changed, *event)
            elif event == ASK:
                everybody.append(asking(attendees))
            else:
                await turns(1)
        await turns()
        for told in everybody:
            for name in NAMES:
                mine = [is_there for address, is_there in told if address == name]
                assert mine == [number % 2 == 0 for number in range(len(mine))]
                assert (mine or [False])[-1] == there.get(name, False)

    asyncio.run(story())
