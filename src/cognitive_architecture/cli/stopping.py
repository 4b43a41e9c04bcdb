"""How a long-running command is asked to end: politely first, at once when asked again."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Final

from .outcomes import ExitCode

_SIGNALS: Final = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
"""Ctrl-C, a service manager, a closed terminal, and Ctrl-Break on Windows; where they exist."""

_PATIENCE: Final = 2
"""Signals that are obeyed in order; one more ends the process wherever it is."""


class StopRequests:
    """What has been asked so far."""

    def __init__(self) -> None:
        self.polite = asyncio.Event()
        """Finish what runs, then end."""
        self.urgent = asyncio.Event()
        """End now."""

    def ask_politely(self) -> None:
        """Once is enough, however often it is said."""
        self.polite.set()

    def ask(self) -> None:
        """A person or a service manager wants this process to end."""
        if self.polite.is_set():
            self.urgent.set()
        self.polite.set()


@contextlib.contextmanager
def stop_requests(*, with_stdin: bool = False) -> Iterator[StopRequests]:
    """Listen to signals; the handlers that were there before come back afterwards.

    Args:
        with_stdin: End politely as well when standard input is closed. A parent process holds it
            open for as long as it wants this one, so that nobody is left behind however the
            parent dies; and closing it works on every system, which signals do not.
    """
    requests = StopRequests()
    loop = asyncio.get_running_loop()
    heard = itertools.count(1)

    # loop.add_signal_handler() alone would be shorter, but does not exist on Windows.
    def on_signal(_number: int, _frame: FrameType | None) -> None:
        if next(heard) > _PATIENCE:
            os._exit(ExitCode.INTERRUPTED)  # even ending at once hangs somewhere
        loop.call_soon_threadsafe(requests.ask)

    before = {
        number: signal.getsignal(number)
        for name in _SIGNALS
        if (number := getattr(signal, name, None)) is not None
        # nohup, and a shell for its background jobs, have arranged that it is not heard.
        and signal.getsignal(number) is not signal.SIG_IGN
    }
    for number in before:
        _let_it_wake(loop, number)
        signal.signal(number, on_signal)
    if with_stdin:
        threading.Thread(
            target=_watch_stdin, args=(loop, requests), name="cogmesh-parent", daemon=True
        ).start()
    try:
        yield requests
    finally:
        for number, handler in before.items():
            with contextlib.suppress(NotImplementedError):
                loop.remove_signal_handler(number)
            signal.signal(number, handler)


def _let_it_wake(loop: asyncio.AbstractEventLoop, number: int) -> None:
    """See that the loop turns when the signal comes, whoever hears it.

    While a process is being started, the main thread hears no signals, and another thread does.
    Python calls its handlers on the main thread, and that may wait for something to happen.
    """
    with contextlib.suppress(NotImplementedError):  # on Windows the loop sees to that itself
        loop.add_signal_handler(number, lambda: None)


def _watch_stdin(loop: asyncio.AbstractEventLoop, requests: StopRequests) -> None:
    # os.read and not sys.stdin: a thread inside sys.stdin.read() holds a lock that the
    # interpreter wants when it ends.
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass
    with contextlib.suppress(RuntimeError):  # the loop is closed: we are ending already
        loop.call_soon_threadsafe(requests.ask_politely)
