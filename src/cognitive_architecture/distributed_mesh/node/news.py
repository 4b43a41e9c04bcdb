"""What handlers say while they work, from whichever thread they say it."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import Any

from cognitive_architecture.distributed_mesh.payloads import encode_result

from .reporter import Reporter


class News:
    """Passes it on; made on the thread of the event loop that it is passed on to."""

    def __init__(self, reporter: Reporter, *, checkpoint_bytes_max: int) -> None:
        self._reporter = reporter
        self._checkpoint_bytes_max = checkpoint_bytes_max
        self._loop = asyncio.get_running_loop()
        self._loop_thread = threading.get_ident()
        self._said: dict[int, tuple[float, str]] = {}
        """The latest word of each attempt on a thread, until the loop passes it on."""
        self._said_lock = threading.Lock()

    def save_checkpoint(self, lease: int, state: Any) -> None:
        """Take what a handler keeps, as it is now.

        Raises:
            UnencodableResult: JSON cannot say it.
            OutputTooLarge: It has more bytes than a checkpoint may.
        """
        data = encode_result(state, bytes_max=self._checkpoint_bytes_max, what="checkpoint")
        self._reporter.checkpoint(lease, data)

    def progressed(self, lease: int, fraction: float, note: str) -> None:
        """Pass on how far a handler is."""
        if threading.get_ident() == self._loop_thread:
            self._reporter.progressed(lease, fraction, note)
            return
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
