"""One requester's conversation with whichever orchestrator is there.

A request is kept until it is answered, and said again to an orchestrator that appears later. That
is safe: submissions carry the ids of their tasks, and everything else may be asked twice.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from typing import Any, Final

from cognitive_architecture.distributed_mesh import messages as m
from cognitive_architecture.distributed_mesh.known_orchestrators import KnownOrchestrators
from cognitive_architecture.distributed_mesh.ports import Fabric
from cognitive_architecture.distributed_mesh.post import Delivery, Post
from cognitive_architecture.foundation.errors import MeshUnreachable
from cognitive_architecture.foundation.remote_errors import from_wire
from cognitive_architecture.foundation.settings import Settings
from cognitive_architecture.foundation.world import Clock

_SWEEP_S: Final = 0.5


class _Request:
    __slots__ = ("answer", "deadline", "message", "on_answer")

    def __init__(
        self,
        message: m.Message,
        answer: asyncio.Future[Any],
        deadline: float,
        on_answer: Callable[[Any], None] | None,
    ) -> None:
        self.message = message
        self.answer = answer
        self.deadline = deadline
        self.on_answer = on_answer


class Conversation:
    """Requests out, answers and news in."""

    def __init__(
        self,
        clock: Clock,
        settings: Settings,
        fabric: Fabric,
        address: str,
        *,
        on_news: Callable[[m.Message], None],
        on_reunion: Callable[[], None],
    ) -> None:
        """Prepare.

        Args:
            clock: For the patience with unanswered requests.
            settings: How long to look for an orchestrator, and to wait for answers.
            fabric: Started.
            address: Of this requester; nobody else's.
            on_news: Told what comes without being an answer.
            on_reunion: Called when an orchestrator has appeared and heard the open requests.
        """
        self._clock = clock
        self._settings = settings
        self._fabric = fabric
        self._post = Post(fabric, address, self._on_delivery)
        self._on_news = on_news
        self._on_reunion = on_reunion
        self._known_orchestrators = KnownOrchestrators()
        self._orchestrator: str | None = None
        self._has_met = asyncio.Event()
        self._numbers = itertools.count(1)
        self._requests: dict[int, _Request] = {}
        self._sweep: asyncio.TimerHandle | None = None
        self._is_closed = False

    async def open(self) -> None:
        """Find the orchestrator.

        Raises:
            MeshUnreachable: There is none, or it does not answer.
        """
        await self._post.open()
        await self._fabric.watch("orchestrator", self._on_orchestrator)
        mesh = self._settings.mesh
        try:
            await asyncio.wait_for(self._has_met.wait(), mesh.connect_timeout_s)
        except TimeoutError:
            raise MeshUnreachable(
                f"no orchestrator of mesh {mesh.name!r} answered at {', '.join(mesh.connect)} "
                f"within {mesh.connect_timeout_s:g} s; start one with 'cogmesh up', or say where "
                "it is with --connect"
            ) from None

    def close(self) -> None:
        """Leave; whoever still waits for an answer hears that none will come."""
        self._is_closed = True
        self._post.close()
        if self._sweep is not None:
            self._sweep.cancel()
        for request in self._requests.values():
            fail(request.answer, MeshUnreachable("this client was closed before the answer came"))
        self._requests.clear()

    @property
    def is_closed(self) -> bool:
        """Whether ``close`` was called."""
        return self._is_closed

    # -- speaking ------------------------------------------------------------------------------

    def request(
        self, make: Callable[[int], m.Message], on_answer: Callable[[Any], None] | None = None
    ) -> asyncio.Future[Any]:
        """Say something; the future brings the answer, or the error in its place.

        Args:
            make: Makes the message, from the number of the request.
            on_answer: Called as soon as an answer is heard that is no error, before whatever was
                said after it; whoever waits for the future has a turn only later.
        """
        if self._is_closed:
            raise MeshUnreachable("this client is closed")
        number = next(self._numbers)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        deadline = self._clock.now() + self._settings.client.answer_timeout_s
        request = self._requests[number] = _Request(make(number), answer, deadline, on_answer)
        self.say(request.message)
        if self._sweep is None:
            self._sweep = asyncio.get_running_loop().call_later(_SWEEP_S, self._give_up_overdue)
        return answer

    def tasks_on_their_way(self) -> set[str]:
        """The tasks that were submitted and of which no answer has come yet."""
        return {
            spec.task_id
            for request in self._requests.values()
            if isinstance(request.message, m.Submit)
            for spec in request.message.tasks
        }

    def say(self, message: m.Message) -> None:
        """Say something that has no answer, if anybody is there."""
        if self._orchestrator is not None:
            self._post.tell(self._orchestrator, message)

    async def room_to_speak(self) -> None:
        """Return when the orchestrator keeps up with what it is told."""
        if self._orchestrator is not None:
            await self._post.has_room_for(self._orchestrator)

    def _give_up_overdue(self) -> None:
        """One timer for all requests: there may be thousands a second."""
        self._sweep = None
        now = self._clock.now()
        for number in [n for n, request in self._requests.items() if request.deadline <= now]:
            fail(
                self._requests.pop(number).answer,
                MeshUnreachable(
                    "the orchestrator did not answer within "
                    f"{self._settings.client.answer_timeout_s:g} s; what was submitted may have "
                    "been accepted: submitting it again with the same task_id is safe"
                ),
            )
        if self._requests:
            self._sweep = asyncio.get_running_loop().call_later(_SWEEP_S, self._give_up_overdue)

    # -- hearing -------------------------------------------------------------------------------

    def _on_orchestrator(self, address: str, is_there: bool) -> None:
        self._known_orchestrators.note(address, is_there=is_there)
        if not is_there and address != self._orchestrator:
            return
        self._orchestrator = self._known_orchestrators.latest
        if self._orchestrator is not None:
            self._has_met.set()
            self._begin_anew()

    def _begin_anew(self) -> None:
        """Say again what an orchestrator that does not know this client must hear."""
        for request in self._requests.values():
            self.say(request.message)
        self._on_reunion()

    def _on_delivery(self, delivery: Delivery) -> None:
        for sender, messages in delivery:
            for message in messages:
                match message:
                    case m.Introduce():
                        if sender == self._orchestrator:
                            self._begin_anew()
                    case m.Accepted() | m.Cancelled():
                        self._answer(message.request, message)
                    case m.Answer(number, body):
                        self._answer(number, body)
                    case m.Denied(number, fault):
                        error = from_wire(fault.code, fault.sentence, fault.details)
                        if (request := self._requests.pop(number, None)) is not None:
                            fail(request.answer, error)
                    case m.NotFound() if sender != self._orchestrator:
                        pass  # another owns the store by now, and knows it perhaps
                    case _:
                        self._on_news(message)

    def _answer(self, number: int, body: Any) -> None:
        request = self._requests.pop(number, None)
        if request is None:
            return
        if request.on_answer is not None:
            request.on_answer(body)
        if not request.answer.done():
            request.answer.set_result(body)


def fail(future: asyncio.Future[Any], error: Exception) -> None:
    """Let the future raise, if it is still waited for."""
    if not future.done():
        future.set_exception(error)
