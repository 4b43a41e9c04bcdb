"""Who waits for the ending of which task, and who follows which task."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable

import structlog

from cognitive_architecture.distributed_mesh import messages as m
from cognitive_architecture.distributed_mesh.model import Ending, TaskEvent, TaskEventKind
from cognitive_architecture.foundation.errors import MeshError, UnknownTask

_log = structlog.get_logger(__name__)

OnEnding = Callable[[Ending | MeshError], None]


class Listening:
    """Passes on what the orchestrator tells of tasks to those who asked for it."""

    def __init__(
        self, say: Callable[[m.Message], None], tasks_on_their_way: Callable[[], set[str]]
    ) -> None:
        """Listen.

        Args:
            say: To the orchestrator, if one is there.
            tasks_on_their_way: Those of which an orchestrator need not know yet.
        """
        self._say = say
        self._tasks_on_their_way = tasks_on_their_way
        self._waiting: dict[str, OnEnding] = {}
        self._streams: dict[str, list[asyncio.Queue[TaskEvent | MeshError]]] = {}
        self._unknown_yet: set[str] = set()
        """Tasks on their way to an orchestrator that has said that it does not know them."""
        self._why_over: MeshError | None = None

    # -- asking --------------------------------------------------------------------------------

    def expect(self, task_id: str, on_ending: OnEnding) -> None:
        """Call ``on_ending`` once, when the task has ended; the orchestrator knows to tell it."""
        if self._why_over is not None:
            on_ending(self._why_over)
            return
        other = self._waiting.get(task_id)
        if other is None:
            self._waiting[task_id] = on_ending
            return

        def tell_both(ending: Ending | MeshError) -> None:
            other(ending)
            on_ending(ending)

        self._waiting[task_id] = tell_both

    def ask_for(self, task_id: str, on_ending: OnEnding) -> None:
        """As ``expect``, and ask the orchestrator to tell it."""
        self.expect(task_id, on_ending)
        self._say(m.Watch(0, [task_id], stream=False))

    def ask_once_more(self, task_ids: list[str]) -> None:
        """Ask for those that somebody waits for; an earlier question may not have been heard."""
        waited_for = [task_id for task_id in task_ids if task_id in self._waiting]
        if waited_for:
            self._say(m.Watch(0, waited_for, stream=False))

    def is_repetition(self, task_id: str, earlier: str) -> None:
        """Whoever waits for the first waits for the second from now on."""
        if (on_ending := self._waiting.pop(task_id, None)) is not None:
            self.ask_for(earlier, on_ending)

    def give_up(self, task_id: str, on_ending: OnEnding) -> None:
        """Forget one who waits for its ending; others who wait for it still do."""
        if self._waiting.get(task_id) == on_ending:
            del self._waiting[task_id]

    async def events(self, task_id: str) -> AsyncIterator[TaskEvent]:
        """See ``MeshClient.events``."""
        if self._why_over is not None:
            raise self._why_over
        queue: asyncio.Queue[TaskEvent | MeshError] = asyncio.Queue()
        self._streams.setdefault(task_id, []).append(queue)
        self._say(m.Watch(0, [task_id], stream=True))
        heard = (0, -1)
        try:
            while True:
                event = await queue.get()
                if isinstance(event, MeshError):
                    raise event
                if event.index is not None:
                    if (event.attempt, event.index) <= heard:
                        continue  # told again because somebody else began to listen
                    due = heard[1] + 1 if event.attempt == heard[0] else 0
                    if event.index > due:
                        continue  # told to one who began earlier; it is told again after those due
                    heard = (event.attempt, event.index)
                yield event
                if event.kind == TaskEventKind.ENDED:
                    return
        finally:
            self._leave(task_id, queue)

    def _leave(self, task_id: str, queue: asyncio.Queue[TaskEvent | MeshError]) -> None:
        queues = self._streams.get(task_id, [])
        if queue in queues:
            queues.remove(queue)
        if not queues:
            self._streams.pop(task_id, None)
            if task_id not in self._waiting:
                self._say(m.Unwatch([task_id]))

    def ask_again(self) -> None:
        """A new orchestrator does not know who waits for what."""
        self.ask_once_more(list(self._waiting))
        if self._streams:
            self._say(m.Watch(0, list(self._streams), stream=True))

    # -- hearing -------------------------------------------------------------------------------

    def hear(self, message: m.Message) -> None:
        """Take what came without being an answer."""
        match message:
            case m.Ended(endings):
                for ending in endings:
                    self.settle(ending.task_id, ending)
                    if self._streams:
                        self._pass_on(TaskEvent(ending.task_id, TaskEventKind.ENDED, ending=ending))
            case m.Happened(events):
                for event in events:
                    if event.ending is not None:
                        self.settle(event.task_id, event.ending)
                    self._pass_on(event)
            case m.NotFound(_, task_ids):
                self._on_not_found(task_ids)
            case _:
                _log.warning("message_not_for_a_client", message=type(message).__name__)

    def _on_not_found(self, task_ids: list[str]) -> None:
        on_their_way = self._tasks_on_their_way()
        for task_id in task_ids:
            if task_id in on_their_way:
                self._unknown_yet.add(task_id)
            else:
                unknown = UnknownTask(task_id)
                self.settle(task_id, unknown)
                for queue in self._streams.get(task_id, ()):
                    queue.put_nowait(unknown)

    def arrived(self, task_ids: Iterable[str]) -> None:
        """These are on their way no longer: what was asked of them too early is asked again.

        One that was refused, or repeats another, is unknown for good; whoever follows it is told.
        """
        if not self._unknown_yet:
            return
        again = [task_id for task_id in task_ids if task_id in self._unknown_yet]
        self._unknown_yet.difference_update(again)
        self.ask_once_more(again)
        if followed := [task_id for task_id in again if task_id in self._streams]:
            self._say(m.Watch(0, followed, stream=True))

    def settle(self, task_id: str, ending: Ending | MeshError) -> None:
        """Tell whoever waits for it how the task ended, or why that will not be known."""
        if (on_ending := self._waiting.pop(task_id, None)) is not None:
            on_ending(ending)

    def _pass_on(self, event: TaskEvent) -> None:
        for queue in self._streams.get(event.task_id, ()):
            queue.put_nowait(event)

    def end(self, error: MeshError) -> None:
        """Nothing will be heard any more; everybody who listens is told so."""
        self._why_over = error
        waiting, self._waiting = self._waiting, {}
        for on_ending in waiting.values():
            on_ending(error)
        for queues in self._streams.values():
            for queue in queues:
                queue.put_nowait(error)


class Arrivals:
    """Endings that have arrived and wait to be taken, all at once."""

    def __init__(self) -> None:
        self._arrived: list[Ending | MeshError] = []
        self._taker: asyncio.Future[None] | None = None

    def add(self, ending: Ending | MeshError) -> None:
        """Put one to the others."""
        self._arrived.append(ending)
        if self._taker is not None and not self._taker.done():
            self._taker.set_result(None)

    async def take(self) -> list[Ending | MeshError]:
        """Everything that has arrived since the last call; waits for the first."""
        if not self._arrived:
            self._taker = asyncio.get_running_loop().create_future()
            await self._taker
        arrived, self._arrived = self._arrived, []
        return arrived
