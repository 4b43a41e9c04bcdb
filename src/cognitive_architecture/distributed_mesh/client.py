"""A requester: submits tasks and hears what becomes of them.

The same class serves a program that connects over the network and the orchestrator's own process.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, Final

import structlog

from cognitive_architecture.foundation.errors import (
    MeshError,
    MeshUnreachable,
    TaskCancelled,
    TaskFailed,
    UnknownTask,
    from_wire,
)
from cognitive_architecture.foundation.settings import Settings
from cognitive_architecture.foundation.world import World

from . import messages as m
from .conversation import Conversation, fail
from .model import DistributedTask, Ending, TaskEvent, TaskEventKind, TaskSpec, TaskStatus
from .payloads import decode_value
from .policies.admission import specify
from .ports import Fabric
from .views import task_from_json

_log = structlog.get_logger(__name__)

_PORTION: Final = 1000
"""Tasks in one message of ``submit_many`` and ``run_many``."""

OnEnding = Callable[[Ending | MeshError], None]


class MeshClient:
    """One requester."""

    def __init__(self, world: World, settings: Settings, fabric: Fabric, name: str) -> None:
        self.name = name
        self._ids = world.ids
        self._settings = settings
        incarnation = world.ids.next_id("i").removeprefix("i-")
        self._talk = Conversation(
            world.clock,
            settings,
            fabric,
            f"client/{name}~{incarnation}",
            on_news=self._on_news,
            on_reunion=self._watch_again,
        )
        self._bag: list[tuple[TaskSpec, asyncio.Future[str]]] = []
        self._bag_to_run: list[tuple[TaskSpec, OnEnding]] = []
        self._waiting: dict[str, OnEnding] = {}
        """Who waits for the ending of a task."""
        self._streams: dict[str, list[asyncio.Queue[TaskEvent | MeshError]]] = {}
        self._slots_in_flight = asyncio.Semaphore(settings.client.in_flight_max)

    async def open(self) -> None:
        """Find the orchestrator.

        Raises:
            MeshUnreachable: There is none, or it does not answer.
        """
        await self._talk.open()

    def close(self) -> None:
        """Leave; the tasks go on without this requester."""
        self._talk.close()
        gone = MeshUnreachable("this client was closed before the task ended; the task goes on")
        for on_ending in self._waiting.values():
            on_ending(gone)
        self._waiting.clear()
        for queues in self._streams.values():
            for queue in queues:
                queue.put_nowait(gone)

    # -- submitting ----------------------------------------------------------------------------

    async def submit(self, task: DistributedTask) -> str:
        """Hand a task over; it is durable on return.

        Returns:
            Its id; that of the earlier task if it repeats one (same idempotency key).

        Raises:
            InvalidTask: A field is wrong.
            UnknownCapability: No node has ever offered what it needs.
            NoCapableNode: No node offers all it needs together.
            QueueFull: Come back later.
            StoreFull: The disk of the orchestrator is full.
            MeshUnreachable: No answer.
        """
        spec = self._specify(task)
        loop = asyncio.get_running_loop()
        async with self._slots_in_flight:
            accepted: asyncio.Future[str] = loop.create_future()
            if not self._bag:
                loop.call_soon(self._send_bag)
            self._bag.append((spec, accepted))
            return await accepted

    async def submit_many(self, tasks: Iterable[DistributedTask]) -> list[str]:
        """Hand many tasks over, in few messages; all are durable on return.

        Returns:
            Their ids, in order.

        Raises:
            MeshError: One was refused; the error is that of the first, all others are in.
        """
        specs = [self._specify(task) for task in tasks]
        ids = [spec.task_id for spec in specs]
        first_refusal: MeshError | None = None
        async for start, answer in self._submit_portions(specs, tell=False):
            for place, fault in answer.refused:
                error = _error_of(fault)
                error.add_note(f"refused: task {start + place} of {len(specs)}")
                first_refusal = first_refusal or error
            for place, earlier in answer.same_as:
                ids[start + place] = earlier
        if first_refusal is not None:
            raise first_refusal
        return ids

    async def _submit_portions(
        self, specs: list[TaskSpec], *, tell: bool
    ) -> AsyncIterator[tuple[int, m.Accepted]]:
        """Submit in portions, a bounded number of them unanswered; place and answer of each."""
        unanswered: list[tuple[int, asyncio.Future[m.Accepted]]] = []
        at_once = max(1, self._settings.client.in_flight_max // _PORTION)
        for start in range(0, len(specs), _PORTION):
            portion = specs[start : start + _PORTION]
            unanswered.append((start, self._submit_portion(portion, tell=tell)))
            await self._talk.room_to_speak()
            if len(unanswered) >= at_once:
                first, answer = unanswered.pop(0)
                yield first, await answer
        for first, answer in unanswered:
            yield first, await answer

    def _submit_portion(self, specs: list[TaskSpec], *, tell: bool) -> asyncio.Future[m.Accepted]:
        return self._talk.request(lambda number: m.Submit(number, specs, tell))

    def _specify(self, task: DistributedTask) -> TaskSpec:
        if not task.task_id:
            task.task_id = self._ids.next_id("task")
        return specify(
            task,
            requester=self.name,
            payload_bytes_max=self._settings.dispatch.payload_bytes_max,
        )

    def _send_bag(self) -> None:
        """All tasks of this turn of the loop travel together."""
        bag, self._bag = self._bag, []
        try:
            answer = self._submit_portion([spec for spec, _ in bag], tell=False)
        except MeshError as error:
            for _, accepted in bag:
                fail(accepted, error)
            return
        answer.add_done_callback(lambda answer: _hand_out(bag, answer))

    # -- results -------------------------------------------------------------------------------

    async def run(self, task: DistributedTask) -> Any:
        """Submit a task and wait for its result.

        Raises:
            TaskFailed: Every attempt failed; the reason is the last one's.
            TaskCancelled: Somebody cancelled it.
            MeshError: It was refused, as by ``submit``.
        """
        spec = self._specify(task)
        loop = asyncio.get_running_loop()
        over: asyncio.Future[Ending] = loop.create_future()
        if not self._bag_to_run:
            loop.call_soon(self._send_bag_to_run)
        self._bag_to_run.append((spec, lambda ending: _resolve(over, ending)))
        return result_of(await over)

    async def run_many(self, tasks: Iterable[DistributedTask]) -> AsyncIterator[Ending]:
        """Submit many tasks; how each of them ended, as it ends, in whatever order.

        ``result_of(ending)`` is what its handler returned.

        Raises:
            MeshError: One was refused; those after it may not have been submitted.
        """
        specs = [self._specify(task) for task in tasks]
        arrivals = _Arrivals()
        for spec in specs:
            self._wait_for(spec.task_id, arrivals.add)
        submitting = asyncio.create_task(self._submit_to_run(specs, arrivals))
        try:
            left = len(specs)
            while left:
                for ending in await arrivals.take():
                    if isinstance(ending, MeshError):
                        raise ending
                    left -= 1
                    yield ending
        finally:
            submitting.cancel()
            for spec in specs:
                self._waiting.pop(spec.task_id, None)

    async def _submit_to_run(self, specs: list[TaskSpec], arrivals: _Arrivals) -> None:
        try:
            async for start, answer in self._submit_portions(specs, tell=True):
                self._sort_out([spec.task_id for spec in specs[start : start + _PORTION]], answer)
        except MeshError as error:
            arrivals.add(error)

    def _send_bag_to_run(self) -> None:
        bag, self._bag_to_run = self._bag_to_run, []
        for spec, on_ending in bag:
            self._wait_for(spec.task_id, on_ending)
        ids = [spec.task_id for spec, _ in bag]

        def on_answer(answer: asyncio.Future[m.Accepted]) -> None:
            if answer.cancelled() or (error := answer.exception()) is None:
                if not answer.cancelled():
                    self._sort_out(ids, answer.result())
            elif isinstance(error, MeshError):
                for task_id in ids:
                    self._over(task_id, error)

        try:
            self._submit_portion([spec for spec, _ in bag], tell=True).add_done_callback(on_answer)
        except MeshError as error:
            for task_id in ids:
                self._over(task_id, error)

    def _sort_out(self, ids: list[str], answer: m.Accepted) -> None:
        """Tell those who wait for a task that was refused, or that is another one's repetition."""
        for place, fault in answer.refused:
            self._over(ids[place], _error_of(fault))
        for place, earlier in answer.same_as:
            if (on_ending := self._waiting.pop(ids[place], None)) is not None:
                self._wait_for(earlier, on_ending)
                self._watch([earlier])

    def _wait_for(self, task_id: str, on_ending: OnEnding) -> None:
        other = self._waiting.get(task_id)
        if other is None:
            self._waiting[task_id] = on_ending
            return

        def tell_both(ending: Ending | MeshError) -> None:
            other(ending)
            on_ending(ending)

        self._waiting[task_id] = tell_both

    def _over(self, task_id: str, ending: Ending | MeshError) -> None:
        if (on_ending := self._waiting.pop(task_id, None)) is not None:
            on_ending(ending)

    async def result(self, task_id: str) -> Any:
        """Wait until the task has ended; what its handler returned.

        Raises:
            TaskFailed: Every attempt failed; the reason is the last one's.
            TaskCancelled: Somebody cancelled it.
            UnknownTask: There is no such task, or its retention time is over.
        """
        return result_of(await self.ending(task_id))

    async def ending(self, task_id: str) -> Ending:
        """Wait until the task has ended; how it did.

        Raises:
            UnknownTask: There is no such task, or its retention time is over.
        """
        over: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._wait_for(task_id, lambda ending: _resolve(over, ending))
        self._watch([task_id])
        return await over

    async def events(self, task_id: str) -> AsyncIterator[TaskEvent]:
        """Everything that happens to the task until it has ended, the ending included.

        What was streamed before is told first.

        Raises:
            UnknownTask: There is no such task, or its retention time is over.
        """
        queue: asyncio.Queue[TaskEvent | MeshError] = asyncio.Queue()
        self._streams.setdefault(task_id, []).append(queue)
        self._watch([task_id], stream=True)
        heard = (0, -1)
        try:
            while True:
                event = await queue.get()
                if isinstance(event, MeshError):
                    raise event
                if event.index is not None:
                    if (event.attempt, event.index) <= heard:
                        continue  # told again because somebody else began to listen
                    heard = (event.attempt, event.index)
                yield event
                if event.kind == TaskEventKind.ENDED:
                    return
        finally:
            streams = self._streams.get(task_id, [])
            streams.remove(queue)
            if not streams:
                self._streams.pop(task_id, None)
                if task_id not in self._waiting and not self._talk.is_closed:
                    self._talk.say(m.Unwatch([task_id]))

    def _watch(self, task_ids: list[str], *, stream: bool = False) -> None:
        self._talk.say(m.Watch(0, task_ids, stream))

    def _watch_again(self) -> None:
        """A new orchestrator does not know who waits for what."""
        if self._waiting:
            self._watch(list(self._waiting))
        if self._streams:
            self._watch(list(self._streams), stream=True)

    def _on_news(self, message: m.Message) -> None:
        match message:
            case m.Ended(endings):
                for ending in endings:
                    self._over(ending.task_id, ending)
                    if self._streams:
                        self._pass_on(TaskEvent(ending.task_id, TaskEventKind.ENDED, ending=ending))
            case m.Happened(events):
                for event in events:
                    if event.ending is not None:
                        self._over(event.task_id, event.ending)
                    self._pass_on(event)
            case m.NotFound(_, task_ids):
                for task_id in task_ids:
                    unknown = UnknownTask(task_id)
                    self._over(task_id, unknown)
                    for queue in self._streams.get(task_id, ()):
                        queue.put_nowait(unknown)
            case _:
                _log.warning("message_not_for_a_client", message=type(message).__name__)

    def _pass_on(self, event: TaskEvent) -> None:
        for queue in self._streams.get(event.task_id, ()):
            queue.put_nowait(event)

    # -- everything else -----------------------------------------------------------------------

    async def cancel(self, task_id: str) -> bool:
        """End a task wherever it is.

        Returns:
            Whether this call ended it; not if it had ended before.

        Raises:
            UnknownTask: There is no such task.
        """
        answer = await self._talk.request(lambda number: m.Cancel(number, [task_id]))
        if answer.stopped[0]:
            return True
        await self.task(task_id)
        return False

    async def task(self, task_id: str) -> DistributedTask:
        """A task as it is now.

        Raises:
            UnknownTask: There is no such task, or its retention time is over.
        """
        return task_from_json(await self.ask("task", task_id=task_id))

    async def tasks(
        self,
        *,
        status: TaskStatus | str | None = None,
        task_type: str | None = None,
        requester: str | None = None,
        limit: int = 50,
        before_serial: int | None = None,
    ) -> list[dict[str, Any]]:
        """The youngest tasks that pass, youngest first, without payloads and results."""
        found: list[dict[str, Any]] = await self.ask(
            "tasks",
            status=None if status is None else str(status),
            task_type=task_type,
            requester=requester,
            limit=limit,
            before_serial=before_serial,
        )
        return found

    async def nodes(self) -> list[dict[str, Any]]:
        """The nodes of the mesh."""
        found: list[dict[str, Any]] = await self.ask("nodes")
        return found

    async def capabilities(self) -> list[dict[str, Any]]:
        """What can be asked for, and which nodes offer it now."""
        found: list[dict[str, Any]] = await self.ask("capabilities")
        return found

    async def status(self) -> dict[str, Any]:
        """The state of the mesh in numbers."""
        found: dict[str, Any] = await self.ask("status")
        return found

    async def drain(self, node_id: str) -> dict[str, Any]:
        """Let a node finish what it has and leave."""
        found: dict[str, Any] = await self.ask("drain", node_id=node_id)
        return found

    async def ask(self, subject: str, **arguments: Any) -> Any:
        """Ask the orchestrator something; see ``inquiries`` for the subjects."""
        return await self._talk.request(lambda number: m.Ask(number, subject, arguments))


class _Arrivals:
    """Endings that have arrived and wait to be taken, all at once."""

    def __init__(self) -> None:
        self._arrived: list[Ending | MeshError] = []
        self._taker: asyncio.Future[None] | None = None

    def add(self, ending: Ending | MeshError) -> None:
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


def result_of(ending: Ending) -> Any:
    """What the handler returned.

    Raises:
        TaskFailed: It failed.
        TaskCancelled: It was cancelled.
    """
    if ending.status == TaskStatus.COMPLETED:
        return decode_value(ending.result)
    reason = ending.reason or ending.status
    if ending.status == TaskStatus.CANCELLED:
        raise TaskCancelled(ending.task_id, reason)
    raise TaskFailed(ending.task_id, reason)


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


def _resolve(over: asyncio.Future[Ending], ending: Ending | MeshError) -> None:
    if over.done():
        return
    if isinstance(ending, MeshError):
        over.set_exception(ending)
    else:
        over.set_result(ending)


def _error_of(fault: m.Fault) -> MeshError:
    return from_wire(fault.code, fault.sentence, fault.details)
