"""Threads for handlers that block. They do not keep the process alive when it wants to end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

_Job = tuple[asyncio.Future[Any], Callable[..., Any], tuple[Any, ...]]


class DaemonThreads:
    """Runs functions on threads that are reused, started as needed, and never joined.

    ``concurrent.futures`` joins its threads when the interpreter ends, so one handler that hangs
    would keep a node from ever stopping.
    """

    def __init__(self) -> None:
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._threads = 0
        self._busy = 0

    def run(self, function: Callable[..., Any], *arguments: Any) -> asyncio.Future[Any]:
        """Start ``function`` now; cancelling the future does not stop the function."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._busy += 1
        if self._busy > self._threads:
            self._threads += 1
            threading.Thread(target=self._work, name="cogmesh-handler", daemon=True).start()
        self._jobs.put((future, function, arguments))
        return future

    def close(self) -> None:
        """Let idle threads end, and busy ones after what they are doing."""
        for _ in range(self._threads):
            self._jobs.put(None)
        self._threads = 0

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            future, function, arguments = job
            try:
                result, error = function(*arguments), None
            except BaseException as raised:  # noqa: BLE001 - even sys.exit() is only an answer
                result, error = None, raised
            try:
                future.get_loop().call_soon_threadsafe(self._finish, future, result, error)
            except RuntimeError:  # the loop is closed: nobody waits any more
                return

    def _finish(
        self, future: asyncio.Future[Any], result: object, error: BaseException | None
    ) -> None:
        self._busy -= 1
        if future.done():
            return
        if error is None:
            future.set_result(result)
        elif isinstance(error, StopIteration):  # a future refuses it
            future.set_exception(RuntimeError("the handler raised StopIteration"))
        else:
            future.set_exception(error)
