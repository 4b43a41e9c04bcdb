"""A shell around the circuit machine: calls a service, or refuses to.

``FaultToleranceManager.get_circuit_breaker`` makes one for each name.
"""

from __future__ import annotations

import inspect
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, ParamSpec, TypeVar, overload

from cognitive_architecture.distributed_mesh.machines.circuit import (
    Circuit,
    CircuitSettings,
    CircuitState,
    Pass,
)
from cognitive_architecture.foundation.errors import CircuitOpen
from cognitive_architecture.foundation.world import World

P = ParamSpec("P")
T = TypeVar("T")


class CircuitBreaker:
    """Leaves a service alone that fails again and again; see ``machines.circuit``.

    Methods may be called on any thread.
    """

    def __init__(
        self,
        name: str = "service",
        settings: CircuitSettings | None = None,
        *,
        world: World | None = None,
        on_opened: Callable[[CircuitBreaker, Exception], None] | None = None,
    ) -> None:
        """Prepare, closed.

        Args:
            name: Of the service, for errors and statistics.
            settings: When it opens and half-opens; after 5 failures and 60 s by default.
            world: Whose clock counts.
            on_opened: Called with this breaker and the error that opened it.
        """
        self.name = name
        self._settings = settings or CircuitSettings()
        self._clock = (world or World()).clock
        self._on_opened = on_opened
        self._circuit = Circuit(self._settings)
        self._lock = threading.Lock()
        self._tally: Counter[str] = Counter()

    @overload
    def call_service(
        self, fn: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs
    ) -> Coroutine[Any, Any, T]: ...
    @overload
    def call_service(
        self, fn: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> Awaitable[T]: ...
    @overload
    def call_service(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T: ...

    def call_service(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call a service, unless it has failed too often.

        A coroutine function is asked for admission and called when the result is awaited; any
        other function at once. An exception is a failure and goes on to the caller; a
        cancellation says nothing of the service and is none.

        Args:
            fn: Any function.
            args: For ``fn``.
            kwargs: For ``fn``.

        Returns:
            What ``fn`` returns; an awaitable where it returns one.

        Raises:
            CircuitOpen: The service is left alone; the error says when to come back.
        """
        if inspect.iscoroutinefunction(fn):
            return self._call_when_awaited(fn, *args, **kwargs)
        granted = self._admit()
        try:
            result = fn(*args, **kwargs)
        except BaseException as error:
            self._went_wrong(granted, error)
            raise
        if inspect.isawaitable(result):
            return self._outcome_of(granted, result)
        self._went_well(granted)
        return result

    async def _call_when_awaited(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return await self._outcome_of(self._admit(), fn(*args, **kwargs))

    async def _outcome_of(self, granted: Pass, result: Awaitable[Any]) -> Any:
        try:
            value = await result
        except BaseException as error:
            self._went_wrong(granted, error)
            raise
        self._went_well(granted)
        return value

    def get_state(self) -> dict[str, Any]:
        """``state`` is ``closed``, ``open`` or ``half_open``; and what led to it."""
        now = self._clock.now()
        with self._lock:
            return {
                "name": self.name,
                "state": str(self._circuit.state_at(now)),
                "failures_in_a_row": self._circuit.failures,
                "failures_max": self._settings.failures_max,
                "recovery_s": self._settings.recovery_s,
                "retry_after_s": self._circuit.retry_after_s(now),
            } | {name: self._tally[name] for name in ("succeeded", "failed", "refused", "opened")}

    def _admit(self) -> Pass:
        with self._lock:
            answer = self._circuit.admit(self._clock.now())
            if isinstance(answer, Pass):
                return answer
            self._tally["refused"] += 1
        raise CircuitOpen(self.name, answer.retry_after_s)

    def _went_well(self, granted: Pass) -> None:
        with self._lock:
            self._tally["succeeded"] += 1
            self._circuit.succeeded(granted)

    def _went_wrong(self, granted: Pass, error: BaseException) -> None:
        with self._lock:
            if not isinstance(error, Exception):  # cancelled, or the program is ending
                self._circuit.abandoned(granted)
                return
            self._tally["failed"] += 1
            has_opened = self._circuit.failed(granted, self._clock.now()) is CircuitState.OPEN
            self._tally["opened"] += has_opened
        if has_opened and self._on_opened is not None:
            self._on_opened(self, error)
