"""Virtual time: what is due when, and whose turn it is.

Nothing takes time by itself. Whoever has something to do now has a turn, in the order in which
it got something to do; when nobody has, time jumps to the next thing that is due. Equal instants
come in the order in which they were planned, so a run is a function of what was put in.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Protocol

TURNS_AT_ONE_INSTANT_MAX: Final = 100_000
"""So many turns without time passing are no work any more, but a circle."""


class RunsForEver(Exception):
    """Somebody is busy again and again, and time cannot go on."""


class Runnable(Protocol):
    """Whoever may have a turn."""

    def run_turn(self) -> None:
        """Do what there is to do now."""
        ...


class Planned:
    """Something that is due at an instant, unless it is cancelled before."""

    __slots__ = ("arguments", "call", "is_cancelled")

    def __init__(self, call: Callable[..., object], arguments: tuple[Any, ...]) -> None:
        self.call = call
        self.arguments = arguments
        self.is_cancelled = False

    def cancel(self) -> None:
        """Let it not happen."""
        self.is_cancelled = True


class Agenda:
    """The one clock of a simulation."""

    def __init__(self) -> None:
        self.now: float = 0.0
        """Seconds since the simulation began, as nobody inside it can know them."""
        self._due: list[tuple[float, int, Planned]] = []
        self._serial = 0
        self._runnable: deque[Runnable] = deque()
        self._turns = 0
        self._is_over = False

    def end(self) -> None:
        """Let nothing happen any more, whatever is planned."""
        self._is_over = True
        self._due.clear()
        self._runnable.clear()

    def at(self, instant: float, call: Callable[..., object], *arguments: Any) -> Planned:
        """Plan a call; what is already past is due now."""
        planned = Planned(call, arguments)
        self._serial += 1
        if not self._is_over:
            heapq.heappush(self._due, (max(instant, self.now), self._serial, planned))
        return planned

    def after(self, delay_s: float, call: Callable[..., object], *arguments: Any) -> Planned:
        """Plan a call some seconds from now."""
        return self.at(self.now + delay_s, call, *arguments)

    def wants_a_turn(self, who: Runnable) -> None:
        """Let somebody have a turn, after those who wanted one before."""
        if not self._is_over:
            self._runnable.append(who)

    def is_next(self, who: Runnable) -> bool:
        """Whether somebody who has a turn has the next one as well; if so, it begins now."""
        runnable = self._runnable
        if not runnable or runnable[0] is not who:
            return False
        if (self._due and self._due[0][0] <= self.now) or self._turns >= TURNS_AT_ONE_INSTANT_MAX:
            return False
        self._turns += 1
        runnable.popleft()
        return True

    def run_until(self, instant: float) -> None:
        """Let everything happen that is due up to ``instant``.

        Raises:
            RunsForEver: Somebody never lets time go on.
        """
        due, runnable = self._due, self._runnable
        while True:
            # First what is due, then turns: what arrives together is met together.
            if due and due[0][0] <= (self.now if runnable else instant):
                when, _, planned = heapq.heappop(due)
                if planned.is_cancelled:
                    continue
                if when > self.now:
                    self.now = when
                    self._turns = 0
                planned.call(*planned.arguments)
            elif runnable:
                self._turns += 1
                if self._turns > TURNS_AT_ONE_INSTANT_MAX:
                    raise RunsForEver(
                        f"{runnable[0]} is busy for ever at {self.now:.6f} s: "
                        f"{TURNS_AT_ONE_INSTANT_MAX:,} turns and time does not pass"
                    )
                runnable.popleft().run_turn()
            else:
                break
        self.now = max(self.now, instant)
        self._turns = 0
