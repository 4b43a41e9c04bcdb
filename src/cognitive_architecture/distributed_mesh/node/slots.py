"""Slots: each works on one assignment at a time.

A slot is one long-lived asyncio task, not one task per assignment: a handler that has nothing to
wait for then costs a call. Cancelling a handler means cancelling its slot, which goes on with the
next assignment.
"""

from __future__ import annotations

import asyncio
import math
import threading
import traceback
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import aclosing, suppress
from typing import Any, Final, Protocol

from cognitive_architecture.distributed_mesh.alarm_clock import AlarmClock
from cognitive_architecture.distributed_mesh.handlers import Handler, HandlerKind
from cognitive_architecture.distributed_mesh.messages import Assignment, Outcome, OutcomeKind
from cognitive_architecture.distributed_mesh.payloads import (
    decode_value,
    encode_result,
)
from cognitive_architecture.distributed_mesh.policies.scheduling import is_interactive
from cognitive_architecture.foundation.errors import (
    InvalidTask,
    MeshError,
    OutputTooLarge,
    PermanentFailure,
    UnencodableResult,
)
from cognitive_architecture.foundation.sentences import sayable, sentence_of
from cognitive_architecture.foundation.world import Clock

from .processes import HandlerProcess
from .requests import AttemptRequests, NodeRequests
from .threads import DaemonThreads

_TURN_S: Final = 0.002
"""How long a slot may work without letting the loop do anything else."""

TOKENS_MAX: Final = 2**53
"""More are not counted; every language that speaks the protocol can say this number."""

_FOR_GOOD: Final = (PermanentFailure, InvalidTask, UnencodableResult, OutputTooLarge)
"""Errors that another attempt would only repeat."""


class Reporter(Protocol):
    """Who is told what happens in the slots."""

    def attempt_ended(self, outcome: Outcome) -> None:
        """An attempt is over, and this is how it went."""
        ...

    def slot_freed(self) -> None:
        """A slot takes the next assignment."""
        ...

    def slot_idles(self) -> None:
        """A slot has nothing left to do in this turn."""
        ...

    def chunk(self, lease: int, index: int, data: bytes) -> None:
        """A handler streamed a value."""
        ...

    def progressed(self, lease: int, fraction: float, note: str) -> None:
        """A handler says how far it is."""
        ...

    def checkpoint(self, lease: int, data: bytes) -> None:
        """A handler keeps what another attempt may go on from; called from any thread."""
        ...

    async def room_for_chunks(self) -> None:
        """Return when more chunks can be sent."""
        ...


class Work:
    """The attempt a slot is at, as its handler sees it (``RunningTask``)."""

    __slots__ = (
        "_deadline",
        "_mesh",
        "_pool",
        "assignment",
        "is_cancelled",
        "is_over",
        "tokens",
    )

    def __init__(self, assignment: Assignment, pool: SlotPool, deadline: float) -> None:
        self.assignment = assignment
        self.is_cancelled = False
        self.is_over = False
        self.tokens = 0
        self._pool = pool
        self._deadline = deadline
        self._mesh: AttemptRequests | None = None

    @property
    def task_id(self) -> str:
        """The task's id."""
        return self.assignment.spec.task_id

    @property
    def attempt(self) -> int:
        """1 for the first attempt."""
        return self.assignment.attempt

    @property
    def priority(self) -> int:
        """1 to 10, 10 most urgent."""
        return self.assignment.spec.priority

    @property
    def mesh(self) -> AttemptRequests:
        """Where the handler asks for what others can do; most never do."""
        if self._mesh is None:
            self._mesh = self._pool.requests_of(self.assignment, self._deadline)
            if self.is_over:
                self._mesh.end()
        return self._mesh

    def end(self) -> None:
        """The attempt is over; what it still asks of others is cancelled."""
        self.is_over = True
        if self._mesh is not None:
            self._mesh.end()

    def count_tokens(self, count: int) -> None:
        """Say that so many more tokens were used; callable from a thread too."""
        if type(count) is int and count > 0:  # a handler's slip must not cost its result
            self.tokens = min(self.tokens + count, TOKENS_MAX)

    @property
    def checkpoint(self) -> Any:
        """What an earlier attempt has kept; ``None`` if none did."""
        kept = self.assignment.checkpoint
        return decode_value(kept) if kept else None

    def save_checkpoint(self, state: Any) -> None:
        """Keep a state for the next attempt; callable from a thread too."""
        self._pool.save_checkpoint(self.assignment.lease, state)

    def progress(self, fraction: float, note: str = "") -> None:
        """Tell whoever watches the task how far it is; callable from a thread too."""
        clipped = min(1.0, max(0.0, float(fraction)))
        self._pool.progressed(self.assignment.lease, clipped, sayable(str(note)[:500]))


class Slot:
    """Room for one running attempt."""

    def __init__(self) -> None:
        self.task: asyncio.Task[None] | None = None
        self.work: Work | None = None
        self.began = 0.0
        self.deadline = 0.0
        self.stop_reason: str | None = None
        self.stopped_at = 0.0
        """Instant at which its attempt was told to stop."""
        self.is_reported = False
        self.process: HandlerProcess | None = None

    @property
    def is_stuck(self) -> bool:
        """Whether a handler goes on although its attempt is over."""
        return self.work is not None and self.stop_reason is not None


class SlotPool:
    """The slots of a node and the assignments that wait for one."""

    def __init__(
        self,
        count: int,
        handlers: Mapping[str, Handler],
        reporter: Reporter,
        clock: Clock,
        *,
        result_bytes_max: int,
        checkpoint_bytes_max: int,
        requests: NodeRequests,
    ) -> None:
        self.slots = [Slot() for _ in range(count)]
        self._requests = requests
        self._handlers = handlers
        self._reporter = reporter
        self._now = clock.now
        self._result_bytes_max = result_bytes_max
        self._checkpoint_bytes_max = checkpoint_bytes_max
        self._queue: deque[Assignment] = deque()
        self._hurried: deque[Assignment] = deque()
        """Those that somebody waits for; they go before everything in ``_queue``."""
        self._idle: list[asyncio.Future[None]] = []
        self._threads = DaemonThreads()
        self._timeouts = AlarmClock(clock, self._end_overdue_attempts)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._loop_thread = 0
        self._is_closing = False
        self._said: dict[int, tuple[float, str]] = {}
        """The latest word of each attempt on a thread, until the loop passes it on."""
        self._said_lock = threading.Lock()

    def start(self) -> None:
        """Let the slots work."""
        self._loop = asyncio.get_running_loop()
        self._loop_thread = threading.get_ident()
        for slot in self.slots:
            slot.task = asyncio.create_task(self._serve(slot))

    async def close(self) -> None:
        """Stop everything; what runs is cancelled and not reported."""
        self._is_closing = True
        self._timeouts.stop()
        tasks = [slot.task for slot in self.slots if slot.task is not None]
        for slot in self.slots:  # first, for a slot that ends forgets its work
            if slot.work is not None:
                slot.work.is_cancelled = True
                slot.work.end()
        for task in tasks:
            task.cancel()
        if tasks:  # a handler that swallows its cancellation is left behind
            await asyncio.wait(tasks, timeout=1.0)
        for slot in self.slots:
            if slot.process is not None:
                slot.process.kill()
        self._threads.close()

    def requests_of(self, assignment: Assignment, deadline: float) -> AttemptRequests:
        """Where the handler of an attempt asks the mesh."""
        return AttemptRequests(self._requests, assignment, deadline)

    # -- what waits and what runs --------------------------------------------------------------

    def put(self, assignments: list[Assignment]) -> None:
        """Let these wait for a slot."""
        hurried = [item for item in assignments if is_interactive(item.spec)]
        if hurried:
            self._hurried.extend(hurried)
            assignments = [item for item in assignments if not is_interactive(item.spec)]
        self._queue.extend(assignments)
        for _ in range(min(len(self._idle), self.queued)):
            self._idle.pop().set_result(None)

    def take_queued(self) -> list[Assignment]:
        """Everything that waits; it waits no longer."""
        queued = [*self._hurried, *self._queue]
        self._hurried.clear()
        self._queue.clear()
        return queued

    @property
    def queued(self) -> int:
        """How many wait."""
        return len(self._hurried) + len(self._queue)

    def busy(self) -> list[Slot]:
        """The slots that cannot take anything now."""
        return [slot for slot in self.slots if slot.work is not None]

    def running(self) -> list[Slot]:
        """The slots whose attempt is neither over nor stopped."""
        return [slot for slot in self.slots if slot.work is not None and not slot.stop_reason]

    def save_checkpoint(self, lease: int, state: Any) -> None:
        """Take what a handler keeps, as it is now, from whichever thread it does.

        Raises:
            UnencodableResult: JSON cannot say it.
            OutputTooLarge: It has more bytes than a checkpoint may.
        """
        data = encode_result(state, bytes_max=self._checkpoint_bytes_max, what="checkpoint")
        self._reporter.checkpoint(lease, data)

    def progressed(self, lease: int, fraction: float, note: str) -> None:
        """Pass on what a handler says, from whichever thread it says it."""
        if threading.get_ident() == self._loop_thread:
            self._reporter.progressed(lease, fraction, note)
        elif self._loop is not None:
            with self._said_lock:  # one call of the loop for a flood of words
                is_first = not self._said
                self._said[lease] = (fraction, note)
            if is_first:
                with suppress(RuntimeError):  # the loop is closed: nobody watches any more
                    self._loop.call_soon_threadsafe(self._pass_on_what_was_said)

    def _pass_on_what_was_said(self) -> None:
        with self._said_lock:
            said, self._said = self._said, {}
        for lease, (fraction, note) in said.items():
            self._reporter.progressed(lease, fraction, note)

    def stuck(self) -> int:
        """How many slots are kept by handlers that do not stop."""
        return sum(slot.is_stuck for slot in self.slots)

    def stuck_longest(self) -> tuple[float, str] | None:
        """For how many seconds the most stubborn handler has gone on, and what it serves."""
        return max(
            (
                (self._now() - slot.stopped_at, slot.work.assignment.spec.task_type)
                for slot in self.slots
                if slot.is_stuck and slot.work is not None
            ),
            default=None,
        )

    def stop(self, lease: int, reason: str) -> int:
        """Stop an attempt whose lease is void.

        Returns:
            How many assignments no longer wait: 1 if it was queued, else 0.
        """
        for slot in self.slots:
            if slot.work is not None and slot.work.assignment.lease == lease:
                if slot.stop_reason is None:
                    slot.is_reported = True  # nobody wants to hear of it
                    self._interrupt(slot, reason)
                return 0
        before = self.queued
        for queue in (self._hurried, self._queue):
            if any(waiting.lease == lease for waiting in queue):
                left = [waiting for waiting in queue if waiting.lease != lease]
                queue.clear()
                queue.extend(left)
        return before - self.queued

    def _interrupt(self, slot: Slot, reason: str) -> None:
        slot.stop_reason = reason
        slot.stopped_at = self._now()
        if slot.work is not None:
            slot.work.is_cancelled = True
            slot.work.end()
        if slot.process is not None:
            slot.process.kill()
        if slot.task is not None:
            slot.task.cancel()

    def _end_overdue_attempts(self) -> None:
        """End attempts at their timeout, and wait for the next one's."""
        now = self._now()
        for slot in self.running():
            if now >= slot.deadline and slot.work is not None:
                timeout_s = slot.work.assignment.spec.timeout_s
                reason = f"timed out after {timeout_s:g} s"
                self._report(slot, OutcomeKind.TIMED_OUT, None, reason)
                self._interrupt(slot, reason)
        self._timeouts.ring_by(min((slot.deadline for slot in self.running()), default=math.inf))

    # -- a slot's life -------------------------------------------------------------------------

    async def _serve(self, slot: Slot) -> None:
        turn_ends = self._now() + _TURN_S
        while not self._is_closing:
            while not (self._queue or self._hurried):
                self._reporter.slot_idles()
                idle = asyncio.get_running_loop().create_future()
                self._idle.append(idle)
                await idle
                turn_ends = self._now() + _TURN_S
            await self._attempt(slot, (self._hurried or self._queue).popleft())
            if self._now() > turn_ends:
                await asyncio.sleep(0)
                turn_ends = self._now() + _TURN_S

    async def _attempt(self, slot: Slot, assignment: Assignment) -> None:
        slot.began = self._now()
        slot.deadline = slot.began + assignment.spec.timeout_s
        slot.stop_reason = None
        slot.is_reported = False
        slot.work = work = Work(assignment, self, slot.deadline)
        self._timeouts.ring_by(slot.deadline)
        try:
            handler = self._handlers.get(assignment.spec.task_type)
            if handler is None:
                self._report(
                    slot,
                    OutcomeKind.FAILED,
                    None,
                    f"this node has no handler for {assignment.spec.task_type!r}",
                )
            elif handler.kind is HandlerKind.COROUTINE:
                result = await handler.function(decode_value(assignment.spec.payload), work)
                data = encode_result(result, bytes_max=self._result_bytes_max)
                self._report(slot, OutcomeKind.COMPLETED, data)
            elif handler.kind is HandlerKind.STREAM:
                await self._stream(slot, handler, assignment)
            else:
                data = await self._call_on_thread(slot, handler, assignment)
                self._report(slot, OutcomeKind.COMPLETED, data)
        except asyncio.CancelledError:
            if self._is_closing:
                raise
            if slot.stop_reason is None:
                reason = "the handler was cancelled by itself, or by something it waited for"
                self._report(slot, OutcomeKind.FAILED, None, reason)
        except _FOR_GOOD as error:
            self._report(slot, OutcomeKind.FAILED_FOR_GOOD, None, sentence_of(error))
        except SystemExit as error:
            reason = f"the handler called sys.exit({sentence_of(error)})"
            self._report(slot, OutcomeKind.FAILED, None, reason)
        except GeneratorExit:
            raise  # the loop is gone, and with it everybody who could be told
        except BaseException as error:  # noqa: BLE001 - whatever a handler raises is an outcome
            self._report(slot, OutcomeKind.FAILED, None, _described(error))
        finally:
            work.end()
            slot.work = None
            self._reporter.slot_freed()
        if slot.task is not None and slot.task.cancelling():
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(0)  # a cancellation that is still on its way arrives here
            while slot.task.cancelling():
                slot.task.uncancel()

    async def _call_on_thread(self, slot: Slot, handler: Handler, assignment: Assignment) -> bytes:
        payload = assignment.spec.payload
        if handler.kind is HandlerKind.PROCESS:
            slot.process = slot.process or HandlerProcess()
            slot.process.prepare()
            function = handler.function
            data: bytes = await self._until_it_returns(
                slot,
                slot.process.call,
                function.__module__,
                function.__qualname__,
                payload,
                self._result_bytes_max,
            )
            return data
        result = await self._until_it_returns(
            slot, handler.function, decode_value(payload), slot.work
        )
        return encode_result(result, bytes_max=self._result_bytes_max)

    async def _until_it_returns(
        self, slot: Slot, function: Callable[..., Any], *arguments: Any
    ) -> Any:
        """Run on a thread. A thread cannot be stopped: its slot stays taken until it returns."""
        running = self._threads.run(function, *arguments)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            # It was asked to stop; how it ends does not matter.
            running.add_done_callback(lambda done: done.exception())
            if slot.stop_reason is not None:
                while not running.done():
                    try:
                        await asyncio.wait([running])
                    except asyncio.CancelledError:
                        break  # the pool is closing
            raise

    async def _stream(self, slot: Slot, handler: Handler, assignment: Assignment) -> None:
        index = size = 0
        turn_ends = slot.began + _TURN_S
        async with aclosing(
            handler.function(decode_value(assignment.spec.payload), slot.work)
        ) as values:
            async for value in values:
                if slot.work is not None and slot.work.is_cancelled:
                    break  # it was told, and went on
                data = encode_result(value, bytes_max=self._result_bytes_max)
                size += len(data)
                if size > self._result_bytes_max:
                    raise OutputTooLarge(
                        f"streamed more than {self._result_bytes_max:,} bytes in {index + 1} chunks"
                    )
                self._reporter.chunk(assignment.lease, index, data)
                index += 1
                await self._reporter.room_for_chunks()
                if self._now() > turn_ends:  # a generator may never wait for anything
                    await asyncio.sleep(0)
                    turn_ends = self._now() + _TURN_S
        self._report(slot, OutcomeKind.COMPLETED, None, chunks=index)

    def _report(
        self,
        slot: Slot,
        kind: int,
        result: bytes | None,
        reason: str | None = None,
        *,
        chunks: int | None = None,
    ) -> None:
        """Say how the attempt went, once."""
        if slot.is_reported or slot.work is None:
            return
        slot.is_reported = True
        run_s = self._now() - slot.began
        self._reporter.attempt_ended(
            Outcome(
                slot.work.assignment.lease,
                kind,
                result,
                run_s,
                reason,
                chunks,
                slot.work.tokens,
            )
        )


def _described(error: BaseException) -> str:
    """What a person needs to find the mistake: the error, and the last line of their code."""
    if isinstance(error, MeshError):
        return sentence_of(error)
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({frames[-1].name}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {sentence_of(error)}{where}"
