"""Ends a supervised node whose event loop does not turn any more."""

from __future__ import annotations

import asyncio
import faulthandler
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from .outcomes import ExitCode

_SLICES: Final = 20


@contextmanager
def loop_watchdog(patience_s: float) -> Iterator[None]:
    """Watch the running loop from a thread; end the process when it stands still for too long.

    A coroutine handler that blocks keeps its node from everything, its heartbeat included. The
    orchestrator gives the node's tasks to others; this ends the process, so that whoever
    supervises it starts it again. Where it stood is written to standard error first.
    """
    is_over = threading.Event()
    loop = asyncio.get_running_loop()
    thread = threading.Thread(
        target=_watch, args=(loop, is_over, patience_s), name="cogmesh-watchdog", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        is_over.set()


def _watch(loop: asyncio.AbstractEventLoop, is_over: threading.Event, patience_s: float) -> None:
    slice_s = patience_s / _SLICES
    while not is_over.is_set():
        has_turned = threading.Event()
        try:
            loop.call_soon_threadsafe(has_turned.set)
        except RuntimeError:  # the loop is closed
            return
        # Not one long wait: after a suspension of the whole machine it would be over at once,
        # before the loop had a chance to turn. Of many short ones that is true of one.
        for _ in range(_SLICES):
            if has_turned.wait(slice_s) or is_over.is_set():
                break
        else:
            _end(patience_s)
        is_over.wait(slice_s)


def _end(patience_s: float) -> None:
    sys.stderr.write(
        f"cogmesh: something has kept this node's event loop from turning for {patience_s:g} s "
        "(a coroutine handler that blocks?); the process ends. It stood here:\n"
    )
    sys.stderr.flush()
    faulthandler.dump_traceback(all_threads=True)
    os._exit(ExitCode.HUNG)
