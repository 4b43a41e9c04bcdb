"""What drills have in common: they say how far they are, and end when they are asked to.

The first Ctrl-C lets the round that runs be the last; what has been measured is reported. The
second one ends at once, without a report. Processes and network namespaces are gone either way.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from types import FrameType
from typing import Final, Self

from rich.console import Console

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_SAY_EVERY_S: Final = 10.0
_ONE_REQUEST_S: Final = 0.5


class Drill:
    """The rounds of one benchmark that breaks things."""

    def __init__(self) -> None:
        self.was_stopped = False
        """Somebody wants an end: what is measured is less than what was asked for."""
        self._asked_at = 0.0
        self._console = Console()
        self._before: dict[int, object] = {}

    def __enter__(self) -> Self:
        for number in _SIGNALS:
            self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)  # type: ignore[arg-type]

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        now = time.perf_counter()
        if self.was_stopped:
            # timeout(1) sends what it sends twice, to the process and to its group.
            if now - self._asked_at > _ONE_REQUEST_S:
                raise KeyboardInterrupt
            return
        self.was_stopped = True
        self._asked_at = now
        self.say("this round is the last one; Ctrl-C again ends at once")

    def say(self, sentence: str) -> None:
        """Tell whoever waits."""
        self._console.print(sentence, highlight=False)

    def rounds(self, count: int, done: str) -> Iterator[int]:
        """The numbers of the rounds, from 1, until all are done or somebody wants an end.

        Args:
            count: How many.
            done: What each of them does to something, as ``processes killed``.
        """
        progress = Progress(self, count, done)
        for number in range(1, count + 1):
            if self.was_stopped:
                return
            yield number
            progress.reached(number)


class Progress:
    """Says how far something is, now and then and at its end."""

    def __init__(self, drill: Drill, count: int, done: str) -> None:
        self._drill = drill
        self._count = count
        self._done = done
        self._began = self._said_at = time.perf_counter()

    def reached(self, number: int) -> None:
        """So many of them are done."""
        now = time.perf_counter()
        if number < self._count and now - self._said_at < _SAY_EVERY_S:
            return
        self._said_at = now
        took_s = now - self._began
        left_s = took_s / number * max(0, self._count - number)
        left = f", about {left_s:,.0f} s left" if left_s else ""
        self._drill.say(
            f"{number:,} of {self._count:,} {self._done} in {took_s:,.0f} s{left}",
        )
