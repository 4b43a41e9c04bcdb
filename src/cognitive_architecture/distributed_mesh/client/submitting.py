"""Tasks on their way to the orchestrator: those of one moment together, many in portions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from cognitive_architecture.distributed_mesh import messages as m
from cognitive_architecture.distributed_mesh.model import TaskSpec
from cognitive_architecture.foundation.errors import MeshError
from cognitive_architecture.foundation.remote_errors import from_wire

from .conversation import Conversation, fail
from .listening import Listening, OnEnding

_PORTION: Final = 1000
"""Tasks in one message of ``submit_many`` and ``run_many``."""


class Submitting:
    """Sends tasks off, and sorts out what the orchestrator says to them."""

    def __init__(self, talk: Conversation, listening: Listening, *, in_flight_max: int) -> None:
        self._talk = talk
        self._listening = listening
        self._portions_at_once = max(1, in_flight_max // _PORTION)
        self._slots_in_flight = asyncio.Semaphore(in_flight_max)
        self._bag: list[tuple[TaskSpec, asyncio.Future[str]]] = []
        self._bag_to_run: list[TaskSpec] = []

    async def submit(self, spec: TaskSpec) -> str:
        """Hand one over; its id, or that of the earlier task that it repeats."""
        loop = asyncio.get_running_loop()
        async with self._slots_in_flight:
            accepted: asyncio.Future[str] = loop.create_future()
            if not self._bag:
                loop.call_soon(self._send_bag)
            self._bag.append((spec, accepted))
            return await accepted

    def run(self, spec: TaskSpec, on_ending: OnEnding) -> None:
        """Hand one over and be told its ending, or why it was refused."""
        self._listening.expect(spec.task_id, on_ending)
        if not self._bag_to_run:
            asyncio.get_running_loop().call_soon(self._send_bag_to_run)
        self._bag_to_run.append(spec)

    async def submit_many(self, specs: list[TaskSpec]) -> list[str]:
        """Hand many over; raises the first refusal when all are answered."""
        ids = [spec.task_id for spec in specs]
        first_refusal: MeshError | None = None
        async for start, answer in self._portions(specs):
            for place, fault in answer.refused:
                error = _error_of(fault)
                error.add_note(f"refused: task {start + place} of {len(specs)}")
                first_refusal = first_refusal or error
            for place, earlier in answer.same_as:
                ids[start + place] = earlier
        if first_refusal is not None:
            raise first_refusal
        return ids

    async def run_many(self, specs: list[TaskSpec], on_ending: OnEnding) -> None:
        """Hand many over and be told the ending of each, or why it was refused."""
        async for _ in self._portions(specs, on_ending):
            pass  # it was sorted out when it was heard

    async def _portions(
        self, specs: list[TaskSpec], on_ending: OnEnding | None = None
    ) -> AsyncIterator[tuple[int, m.Accepted]]:
        """Submit in portions, a bounded number of them unanswered; place and answer of each."""
        unanswered: list[tuple[int, asyncio.Future[m.Accepted]]] = []
        try:
            for start in range(0, len(specs), _PORTION):
                portion = specs[start : start + _PORTION]
                if on_ending is not None:
                    for spec in portion:
                        self._listening.expect(spec.task_id, on_ending)
                unanswered.append((start, self._send(portion, tell=on_ending is not None)))
                await self._talk.room_to_speak()
                if len(unanswered) >= self._portions_at_once:
                    first, answer = unanswered.pop(0)
                    yield first, await answer
            while unanswered:
                first, answer = unanswered.pop(0)
                yield first, await answer
        finally:
            for _, answer in unanswered:  # one went wrong: nobody will ask about the others
                answer.add_done_callback(_look_at)

    def _send(self, specs: list[TaskSpec], *, tell: bool) -> asyncio.Future[m.Accepted]:
        def sort_out(answer: m.Accepted) -> None:
            self._sort_out(specs, answer)

        # At once: of what was refused the next message may say that nobody knows it.
        answer = self._talk.request(
            lambda number: m.Submit(number, specs, tell), sort_out if tell else None
        )
        answer.add_done_callback(lambda _: self._listening.arrived(spec.task_id for spec in specs))
        return answer

    def _send_bag(self) -> None:
        """All tasks of this turn of the loop travel together."""
        bag, self._bag = self._bag, []
        try:
            answer = self._send([spec for spec, _ in bag], tell=False)
        except MeshError as error:
            for _, accepted in bag:
                fail(accepted, error)
            return
        answer.add_done_callback(lambda answer: _hand_out(bag, answer))

    def _send_bag_to_run(self) -> None:
        specs, self._bag_to_run = self._bag_to_run, []

        def if_none_comes(answer: asyncio.Future[m.Accepted]) -> None:
            if not answer.cancelled() and isinstance(error := answer.exception(), MeshError):
                self._refuse(specs, error)

        try:
            self._send(specs, tell=True).add_done_callback(if_none_comes)
        except MeshError as error:
            self._refuse(specs, error)

    def _refuse(self, specs: list[TaskSpec], error: MeshError) -> None:
        for spec in specs:
            self._listening.settle(spec.task_id, error)

    def _sort_out(self, specs: list[TaskSpec], answer: m.Accepted) -> None:
        """Tell those who wait for a task that was refused, or that is another one's repetition."""
        for place, fault in answer.refused:
            self._listening.settle(specs[place].task_id, _error_of(fault))
        for place, earlier in answer.same_as:
            self._listening.is_repetition(specs[place].task_id, earlier)


def _hand_out(
    bag: list[tuple[TaskSpec, asyncio.Future[str]]], answer: asyncio.Future[m.Accepted]
) -> None:
    """Give each ``submit`` its part of the answer."""
    if answer.cancelled():
        return
    error = answer.exception()
    if isinstance(error, MeshError):
        for _, accepted in bag:
            fail(accepted, error)
        return
    said = answer.result()
    for place, fault in said.refused:
        fail(bag[place][1], _error_of(fault))
    for place, earlier in said.same_as:
        if not bag[place][1].done():
            bag[place][1].set_result(earlier)
    for spec, accepted in bag:
        if not accepted.done():
            accepted.set_result(spec.task_id)


def _look_at(answer: asyncio.Future[m.Accepted]) -> None:
    """Of errors that nobody has looked at, asyncio complains."""
    if not answer.cancelled():
        answer.exception()


def _error_of(fault: m.Fault) -> MeshError:
    return from_wire(fault.code, fault.sentence, fault.details)
