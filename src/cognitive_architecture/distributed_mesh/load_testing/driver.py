"""Sends tasks as planned, whatever the mesh answers, and measures what becomes of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Sequence
from contextlib import suppress
from typing import Any, Final, Protocol

from cognitive_architecture.distributed_mesh.model import DistributedTask, TaskStatus
from cognitive_architecture.foundation.errors import MeshError, TaskUnsuccessful, UnknownTask
from cognitive_architecture.foundation.sentences import sentence_of
from cognitive_architecture.foundation.world import Clock

from .arrivals import Arrivals
from .measurement import Measurement

PATIENCE_S: Final = 30.0
"""How long endings are waited for after the last task was sent."""

_PAUSE_S: Final = 0.1
"""How long a refused task keeps its place, unless the refusal says when to come back."""


class Target(Protocol):
    """The mesh, as far as the driver needs it."""

    async def run(self, task: DistributedTask) -> Any:
        """Submit a task and wait for its result."""
        ...

    def get_task_status(self, task_id: str) -> TaskStatus:
        """Where a task stands."""
        ...

    def cancel_task(self, task_id: str) -> bool:
        """End a task."""
        ...


class Driver:
    """Drives one target through the steps of a test."""

    def __init__(
        self,
        target: Target,
        clock: Clock,
        make_task: Callable[[], DistributedTask],
        measurements: Sequence[Measurement],
    ) -> None:
        """Prepare.

        Args:
            target: Where the tasks go.
            clock: Of instants and latencies.
            make_task: Called for each task; the task carries its id.
            measurements: Each is told everything. They are looked up anew each time, so a part
                of a test can be measured by exchanging an element.
        """
        self._target = target
        self._clock = clock
        self._make_task = make_task
        self._measurements = measurements
        self._in_flight: dict[asyncio.Task[None], str | None] = {}
        """Ids of the tasks, ``None`` for one that was refused and only keeps its place."""
        self._sender: asyncio.Task[None] | None = None
        self._fatal: Exception | None = None

    @property
    def in_flight(self) -> int:
        """Tasks sent and not ended."""
        return len(self._in_flight)

    async def send(self, arrivals: Arrivals, *, in_flight_max: int) -> None:
        """Send tasks as they become due, and return when all that were sent have ended.

        Raises:
            MeshError: A task was refused for a reason that waiting does not change.
        """
        began = self._clock.now()
        total, sent = arrivals.total, 0
        places = asyncio.Semaphore(in_flight_max)

        async def sending() -> None:
            nonlocal sent
            for k in range(total):
                due = began + arrivals.due_s(k)
                if due > self._clock.now():
                    await self._clock.sleep_until(due)
                await places.acquire()
                self._launch(due, places)
                sent += 1

        await self._send_until(began + arrivals.duration_s, sending())
        for measurement in self._measurements:
            measurement.unsent += total - sent

    async def saturate(self, duration_s: float, *, in_flight_max: int) -> None:
        """Keep every place taken; a task is due when a place is free.

        Raises:
            MeshError: A task was refused for a reason that waiting does not change.
        """
        places = asyncio.Semaphore(in_flight_max)

        async def sending() -> None:
            while True:
                await places.acquire()
                self._launch(self._clock.now(), places)

        await self._send_until(self._clock.now() + duration_s, sending())

    # -- one step ------------------------------------------------------------------------------

    async def _send_until(self, end: float, sending: Coroutine[Any, Any, None]) -> None:
        self._fatal = None
        sender = self._sender = asyncio.create_task(sending)
        try:
            await self._wait_for([sender], end)
            sender.cancel()
            await asyncio.wait([sender])
            if not sender.cancelled():
                sender.result()  # raises what went wrong in it
            if self._fatal is None:
                await self._collect()
            if self._fatal is not None:
                raise self._fatal
        finally:
            sender.cancel()
            await self._abandon()

    async def _wait_for(self, tasks: Collection[asyncio.Task[None]], deadline: float) -> None:
        """Return when all tasks are done, or at the deadline."""
        if not tasks:
            return
        alarm = asyncio.ensure_future(self._clock.sleep_until(deadline))
        all_done = asyncio.ensure_future(asyncio.wait(tasks))
        try:
            await asyncio.wait([alarm, all_done], return_when=asyncio.FIRST_COMPLETED)
        finally:
            alarm.cancel()
            all_done.cancel()

    async def _collect(self) -> None:
        """Wait for the endings of what was sent; sort what is left when patience ends."""
        await self._wait_for(list(self._in_flight), self._clock.now() + PATIENCE_S)
        for task_id in filter(None, self._in_flight.values()):
            try:
                is_lost = self._target.get_task_status(task_id).is_final  # and nobody was told
            except UnknownTask:
                is_lost = True
            for measurement in self._measurements:
                measurement.lost += is_lost
                measurement.unfinished += not is_lost

    async def _abandon(self) -> None:
        """Leave nothing behind: what is still open is of no use to anybody."""
        for task_id in filter(None, self._in_flight.values()):
            with suppress(MeshError):
                self._target.cancel_task(task_id)
        left = list(self._in_flight)
        for running in left:
            running.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    # -- one task ------------------------------------------------------------------------------

    def _launch(self, due: float, places: asyncio.Semaphore) -> None:
        task = self._make_task()
        running = asyncio.create_task(self._follow(task, due, places))
        self._in_flight[running] = task.task_id
        running.add_done_callback(self._in_flight.pop)
        delay_s = self._clock.now() - due
        for measurement in self._measurements:
            measurement.note_sent(delay_s)

    async def _follow(self, task: DistributedTask, due: float, places: asyncio.Semaphore) -> None:
        try:
            await self._target.run(task)
            now = self._clock.now()
            for measurement in self._measurements:
                measurement.note_completed(now - due, now)
        except TaskUnsuccessful as error:
            for measurement in self._measurements:
                measurement.note_failed(error.reason, self._clock.now())
        except MeshError as error:
            await self._refused(error)
        except Exception as error:  # noqa: BLE001 - raised again where the test ends
            self._stop_for(error)
        finally:
            places.release()

    async def _refused(self, error: MeshError) -> None:
        if (me := asyncio.current_task()) is not None:
            self._in_flight[me] = None
        for measurement in self._measurements:
            measurement.note_refused(sentence_of(error))
        if not error.retryable:
            self._stop_for(error)
            return
        pause_s = float(getattr(error, "retry_after_s", _PAUSE_S))
        await self._clock.sleep_until(self._clock.now() + pause_s)

    def _stop_for(self, error: Exception) -> None:
        """End the test: the next task would fare no better."""
        self._fatal = error
        if self._sender is not None:
            self._sender.cancel()
