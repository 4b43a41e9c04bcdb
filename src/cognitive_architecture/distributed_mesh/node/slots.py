"""Slots: each works on one assignment at a time.

A slot is one long-lived asyncio task, not one task per assignment: a handler that has nothing to
wait for then costs a call. Cancelling a handler means cancelling its slot, which goes on with the
next assignment.
"""

from __future__ import annotations

import asyncio
import math
import traceback
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from cognitive_architecture.distributed_mesh.alarm_clock import AlarmClock
from cognitive_architecture.distributed_mesh.handlers import Handler
from cognitive_architecture.distributed_mesh.messages import Assignment, Outcome, OutcomeKind
from cognitive_architecture.distributed_mesh.policies.scheduling import is_interactive
from cognitive_architecture.foundation.errors import (
    InvalidTask,
    MeshError,
    OutputTooLarge,
    PermanentFailure,
    UnencodableResult,
)
from cognitive_architecture.foundation.sentences import sentence_of
from cognitive_architecture.foundation.world import Clock

from .calling import TURN_S, Calling
from .news import News
from .reporter import Reporter
from .requests import NodeRequests
from .threads import DaemonThreads
from .work import Slot, Work

_FOR_GOOD: Final = (PermanentFailure, InvalidTask, UnencodableResult, OutputTooLarge)
"""Errors that another attempt would only repeat."""


class SlotPool:
    """The slots of a node and the assignments that wait for one."""

    def __init__(
        self,
        count: int,
        handlers: Mapping[str, Handler],
        clock: Clock,
        *,
        result_bytes_max: int,
        checkpoint_bytes_max: int,
        requests: NodeRequests,
    ) -> None:
        self.slots = [Slot() for _ in range(count)]
        self._requests = requests
        self._handlers = handlers
        self._clock = clock
        self._now = clock.now
        self._result_bytes_max = result_bytes_max
        self._checkpoint_bytes_max = checkpoint_bytes_max
        self._queue: deque[Assignment] = deque()
        self._hurried: deque[Assignment] = deque()
        """Those that somebody waits for; they go before everything in ``_queue``."""
        self._idle: list[asyncio.Future[None]] = []
        self._threads = DaemonThreads()
        self._timeouts = AlarmClock(clock, self._end_overdue_attempts)
        self._is_closing = False

    def start(self, reporter: Reporter) -> None:
        """Let the slots work, and ``reporter`` hear of it."""
        self._reporter = reporter
        self._news = News(reporter, checkpoint_bytes_max=self._checkpoint_bytes_max)
        self._calling = Calling(
            self._clock, self._threads, reporter, result_bytes_max=self._result_bytes_max
        )
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
        turn_ends = self._now() + TURN_S
        while not self._is_closing:
            while not (self._queue or self._hurried):
                self._reporter.slot_idles()
                idle = asyncio.get_running_loop().create_future()
                self._idle.append(idle)
                await idle
                turn_ends = self._now() + TURN_S
            await self._attempt(slot, (self._hurried or self._queue).popleft())
            if self._now() > turn_ends:
                await asyncio.sleep(0)
                turn_ends = self._now() + TURN_S

    async def _attempt(self, slot: Slot, assignment: Assignment) -> None:
        slot.began = self._now()
        slot.deadline = slot.began + assignment.spec.timeout_s
        slot.stop_reason = None
        slot.is_reported = False
        slot.work = work = Work(assignment, slot.deadline, self._news, self._requests)
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
            else:
                result, chunks = await self._calling.call(slot, handler, assignment)
                self._report(slot, OutcomeKind.COMPLETED, result, chunks=chunks)
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
