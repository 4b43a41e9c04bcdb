"""Services that run as long as their orchestrator does."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from .parts import Companion


class Companions:
    """Started in the order in which they came, stopped in the reverse.

    Args:
        companions: Those that are there from the beginning.
        begin: Lets something be done in the background.
    """

    def __init__(
        self,
        companions: Iterable[Companion],
        begin: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self._companions = list(companions)
        self._begin = begin
        self._are_running = False

    async def start(self) -> None:
        """Start them; if one cannot, the error is that one's, and those before it run."""
        self._are_running = True
        for companion in self._companions:
            await companion.start()

    async def stop(self) -> None:
        """Stop them."""
        self._are_running = False
        for companion in reversed(self._companions):
            await companion.stop()

    def add(self, companion: Companion) -> None:
        """Let one more run as long; at once, if the others do. Idempotent."""
        if companion not in self._companions:
            self._companions.append(companion)
            if self._are_running:
                self._begin(companion.start())

    def remove(self, companion: Companion) -> None:
        """Let it run no longer, if it is one of them."""
        if companion in self._companions:
            self._companions.remove(companion)
            if self._are_running:
                self._begin(companion.stop())
