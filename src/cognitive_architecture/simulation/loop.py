"""An event loop in virtual time, one for each simulated process.

It is what asyncio needs of a loop and no more: no sockets, no signals, no threads. Whatever else
a program asks of it fails loudly (``NotImplementedError``), for it could not be repeated.
"""

from __future__ import annotations

import asyncio
import contextvars
import sys
import threading
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextlib import suppress
from typing import Any

from .agenda import Agenda, Planned

_set_running_loop = asyncio._set_running_loop  # noqa: SLF001


class Call:
    """A callback that waits for its turn, with the face of ``asyncio.TimerHandle``."""

    __slots__ = ("_when", "arguments", "callback", "context", "is_cancelled", "planned")

    def __init__(
        self,
        callback: Callable[..., object],
        arguments: tuple[Any, ...],
        context: contextvars.Context | None,
        when: float = 0.0,
    ) -> None:
        self.callback = callback
        self.arguments = arguments
        self.context = context if context is not None else contextvars.copy_context()
        self.is_cancelled = False
        self.planned: Planned | None = None
        self._when = when

    def cancel(self) -> None:
        """Let it not happen."""
        self.is_cancelled = True
        if self.planned is not None:
            self.planned.is_cancelled = True
            self.planned = None

    def cancelled(self) -> bool:
        """Whether it will not happen."""
        return self.is_cancelled

    def when(self) -> float:
        """The instant of the loop's clock at which it is due."""
        return self._when


class VirtualLoop(asyncio.AbstractEventLoop):
    """The loop of one process; the agenda gives it turns.

    Args:
        agenda: The one clock.
        name: Of the process, for sentences.
        local_now: What the process reads on its monotonic clock now.
        rate: Seconds that pass on the process's clock in one true second.
        on_trouble: Told what nobody in the process has caught.
    """

    def __init__(
        self,
        agenda: Agenda,
        name: str,
        *,
        local_now: float = 0.0,
        rate: float = 1.0,
        on_trouble: Callable[[dict[str, Any]], None],
    ) -> None:
        self.name = name
        self.turn_s = 0.0
        """How long the process is kept from its next turn by the one before."""
        self.after_turn: Callable[[], None] | None = None
        """Called when a turn is over, outside the process."""
        self._agenda = agenda
        self._rate = rate
        self._origin = local_now - agenda.now * rate
        self._reached = local_now
        self._on_trouble = on_trouble
        self._exception_handler: Callable[..., object] | None = None
        self._ready: deque[Call] = deque()
        self._has_asked = False
        self._is_paused = False
        self._is_dead = False
        self._next_turn_at = 0.0
        self._executor_delay: Callable[[], float] = lambda: 0.0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._thread = threading.get_ident()
        self._hooks = (None, self._close_generator)

    def __repr__(self) -> str:
        return f"process {self.name}"

    # -- time ----------------------------------------------------------------------------------

    def time(self) -> float:
        """The process's monotonic clock, in seconds."""
        return max(self._reached, self._origin + self._agenda.now * self._rate)

    def _true_instant(self, when: float) -> float:
        return (when - self._origin) / self._rate

    # -- turns ---------------------------------------------------------------------------------

    def _ask_for_a_turn(self) -> None:
        if self._has_asked or self._is_paused or self._is_dead:
            return
        self._has_asked = True
        if self._next_turn_at > self._agenda.now:
            self._agenda.at(self._next_turn_at, self._agenda.wants_a_turn, self)
        else:
            self._agenda.wants_a_turn(self)

    def run_turn(self) -> None:
        """Run what is ready now; what becomes ready meanwhile has its turn later.

        Where the next turn of all would be its own again, it has it at once: coming in and going
        out costs as much as a small turn.
        """
        self._has_asked = False
        if self._is_paused or self._is_dead:
            return
        _set_running_loop(self)
        sys.set_asyncgen_hooks(*self._hooks)
        try:
            self._run_what_is_ready()
            while self.after_turn is None and self._agenda.is_next(self):
                self._has_asked = False
                self._run_what_is_ready()
        finally:
            _set_running_loop(None)
        if self.after_turn is not None:
            self.after_turn()

    def _run_what_is_ready(self) -> None:
        self._next_turn_at = self._agenda.now + self.turn_s
        ready = self._ready
        for _ in range(len(ready)):
            call = ready.popleft()
            if call.is_cancelled:
                continue
            try:
                call.context.run(call.callback, *call.arguments)
            except (SystemExit, KeyboardInterrupt):
                raise
            except BaseException as error:  # noqa: BLE001 - it is the run's finding
                self.call_exception_handler(
                    {"message": f"a callback raised: {call.callback!r}", "exception": error}
                )
        if ready:
            self._ask_for_a_turn()

    def pause(self) -> None:
        """Give it no turn, as SIGSTOP does."""
        self._is_paused = True

    def resume(self) -> None:
        """Give it turns again; what was due meanwhile is overdue."""
        self._is_paused = False
        if self._ready:
            self._ask_for_a_turn()

    def kill(self) -> None:
        """Give it no turn ever again. What it held is kept until ``bury``.

        Python would run the ``finally`` of whatever is forgotten, and a killed process does
        nothing more.
        """
        self._is_dead = True
        self._ready.clear()

    def bury(self) -> None:
        """Forget what a dead process held; whatever its remains say reaches nobody."""
        self.kill()
        _set_running_loop(self)
        try:
            for task in list(self._tasks):
                task._log_destroy_pending = False  # type: ignore[attr-defined]  # noqa: SLF001
                coroutine = task.get_coro()
                with suppress(BaseException):
                    if coroutine is not None:
                        coroutine.close()
        finally:
            _set_running_loop(None)
        self._tasks.clear()

    # -- what asyncio asks for -----------------------------------------------------------------

    def call_soon(  # type: ignore[override]
        self,
        callback: Callable[..., object],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> Call:
        """Run in the next turn."""
        call = Call(callback, args, context)
        if not self._is_dead:
            self._ready.append(call)
            if not self._has_asked:
                self._ask_for_a_turn()
        return call

    def call_soon_threadsafe(  # type: ignore[override]
        self,
        callback: Callable[..., object],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> Call:
        """As ``call_soon``; there is one thread.

        Raises:
            RuntimeError: Another thread calls: nobody could repeat that.
        """
        if threading.get_ident() != self._thread:
            raise RuntimeError(f"{self}: a thread was started, and a simulation has only one")
        return self.call_soon(callback, *args, context=context)

    def call_later(  # type: ignore[override]
        self,
        delay: float,
        callback: Callable[..., object],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> Call:
        """Run when ``delay`` seconds have passed on the process's clock."""
        return self.call_at(self.time() + delay, callback, *args, context=context)

    def call_at(  # type: ignore[override]
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> Call:
        """Run at an instant of the process's clock."""
        call = Call(callback, args, context, when)
        if not self._is_dead:
            call.planned = self._agenda.at(self._true_instant(when), self._due, call)
        return call

    def _due(self, call: Call) -> None:
        call.planned = None  # each holds on to the other, and nobody clears circles away for long
        if self._is_dead:
            return
        # Rounding must not let a timer come before its instant: it would be set again, for ever.
        self._reached = max(self._reached, call._when)  # noqa: SLF001 - its own
        self._ready.append(call)
        self._ask_for_a_turn()

    def create_future(self) -> asyncio.Future[Any]:
        """A future of this loop."""
        return asyncio.Future(loop=self)

    def create_task(
        self,
        coro: Coroutine[Any, Any, Any] | Generator[Any, None, Any],
        *,
        name: str | None = None,
        context: contextvars.Context | None = None,
        **_more: Any,
    ) -> asyncio.Task[Any]:
        """A task of this loop."""
        task: asyncio.Task[Any] = asyncio.Task(
            coro,
            loop=self,
            name=name,
            context=context,
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def run_in_executor(  # type: ignore[override]
        self,
        executor: object,  # noqa: ARG002 - whichever: there is none
        func: Callable[..., Any],
        *args: Any,
    ) -> asyncio.Future[Any]:
        """Call ``func`` in a later turn, and answer in one later still; no thread is started."""
        future = self.create_future()

        def call() -> None:
            if future.done():
                return
            try:
                result = func(*args)
            except Exception as error:  # noqa: BLE001 - as an executor does
                self.call_later(self._executor_delay(), _fail, future, error)
            else:
                self.call_later(self._executor_delay(), _answer, future, result)

        self.call_later(self._executor_delay(), call)
        return future

    def let_threads_take(self, delay_s: Callable[[], float]) -> None:
        """Say how long what is left to a thread takes, each way."""
        self._executor_delay = delay_s

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Tell what nobody caught; of a dead process nobody is told."""
        if self._is_dead:
            return
        if self._exception_handler is not None:
            self._exception_handler(self, context)
        else:
            self._on_trouble(context)

    def set_exception_handler(self, handler: Callable[..., object] | None) -> None:
        """Tell somebody else what nobody caught."""
        self._exception_handler = handler

    default_exception_handler = call_exception_handler

    def get_debug(self) -> bool:
        """Never."""
        return False

    def is_running(self) -> bool:
        """Whether it lives."""
        return not self._is_dead

    def is_closed(self) -> bool:
        """Whether it is dead."""
        return self._is_dead

    def _close_generator(self, generator: AsyncGenerator[Any, Any]) -> None:
        """Close one that was forgotten before its end; a dead process closes nothing."""
        if not self._is_dead:
            self.call_soon(self.create_task, generator.aclose())


def _answer(future: asyncio.Future[Any], result: Any) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[Any], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
