"""The one door through which time, ids and chance come in.

A program that owns its ``World`` can be run again: the same clock readings, ids and draws give
the same history. The linter forbids every other source.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


class Timer(Protocol):
    """A call that will be made, unless it is cancelled before."""

    def cancel(self) -> None:
        """Let it not be made."""
        ...


class Clock(Protocol):
    """What time it is, twice: once for deciding, once for people."""

    def now(self) -> float:
        """Monotonic seconds, for deciding; only differences mean anything."""
        ...

    def wall(self) -> float:
        """Seconds since the epoch, for showing and storing; it may jump."""
        ...

    async def sleep_until(self, instant: float) -> None:
        """Return at ``instant`` of ``now()``, or at once if it has passed."""
        ...

    def call_at(self, instant: float, call: Callable[[], object]) -> Timer:
        """Call at ``instant`` of ``now()``, or soon if it has passed."""
        ...


class IdSource(Protocol):
    """Where names that nobody else has come from."""

    def next_id(self, prefix: str) -> str:
        """A fresh id ``prefix-…``; ids of one process sort in the order they were made."""
        ...


class RealClock:
    """The clocks of this machine."""

    now = staticmethod(time.monotonic)
    wall = staticmethod(time.time)

    async def sleep_until(self, instant: float) -> None:
        """Return at ``instant`` of ``now()``, or at once if it has passed."""
        await asyncio.sleep(max(0.0, instant - self.now()))

    def call_at(self, instant: float, call: Callable[[], object]) -> Timer:
        """Call at ``instant`` of ``now()``, or soon if it has passed."""
        # Not the loop's call_at: nobody says that its clock is this one.
        return asyncio.get_running_loop().call_later(max(0.0, instant - self.now()), call)


class _SimulatedTimer:
    """A call that a simulated clock will make."""

    def __init__(self, instant: float, call: Callable[[], object]) -> None:
        self.instant = instant
        self.call = call
        self.is_cancelled = False

    def cancel(self) -> None:
        """Let it not be made."""
        self.is_cancelled = True


class SimulatedClock:
    """A clock that stands still until it is moved."""

    def __init__(self, *, wall_at_zero: float = 1_700_000_000.0) -> None:
        self._now = 0.0
        self._wall_at_zero = wall_at_zero
        self._timers: list[_SimulatedTimer] = []

    def now(self) -> float:
        """Seconds since the simulation began."""
        return self._now

    def wall(self) -> float:
        """A made-up date that moves with ``now()``."""
        return self._wall_at_zero + self._now

    def jump_to(self, instant: float) -> None:
        """Move time forward, and make the calls that are due; sleepers wake by such a call."""
        self._now = max(self._now, instant)
        due = [timer for timer in self._timers if timer.instant <= self._now]
        self._timers = [timer for timer in self._timers if timer.instant > self._now]
        for timer in due:
            if not timer.is_cancelled:
                timer.call()

    async def sleep_until(self, instant: float) -> None:
        """Return when somebody has moved the clock to ``instant``."""
        if instant > self._now:
            woken = asyncio.Event()
            self.call_at(instant, woken.set)
            await woken.wait()

    def call_at(self, instant: float, call: Callable[[], object]) -> Timer:
        """Call when somebody moves the clock to ``instant``, or moves it next if it has passed."""
        timer = _SimulatedTimer(instant, call)
        self._timers.append(timer)
        return timer


class RealIds:
    """Ids no other process makes: start time, 50 random bits, and a counter.

    The time comes first so that ids made later sort later, which keeps the store's index growing
    at its end.
    """

    def __init__(self) -> None:
        self._stem = _base32(time.time_ns() // 1_000_000, 9) + _base32(secrets.randbits(50), 10)
        self._serials = itertools.count(1)

    def next_id(self, prefix: str) -> str:
        """A fresh id ``prefix-…``."""
        return f"{prefix}-{self._stem}-{next(self._serials):07x}"


class CountedIds:
    """Ids for tests and simulations: ``task-1``, ``task-2``, …"""

    def __init__(self) -> None:
        self._serials: dict[str, int] = {}

    def next_id(self, prefix: str) -> str:
        """The next number of this prefix."""
        self._serials[prefix] = serial = self._serials.get(prefix, 0) + 1
        return f"{prefix}-{serial}"


@dataclass(frozen=True, slots=True)
class World:
    """Everything the product cannot compute for itself."""

    clock: Clock = field(default_factory=RealClock)
    ids: IdSource = field(default_factory=RealIds)
    seed: int = field(default_factory=lambda: secrets.randbits(63))
    secret: Callable[[int], bytes] = secrets.token_bytes
    """So many bytes that nobody can guess."""

    def rng(self, purpose: str) -> random.Random:
        """A generator of its own for each purpose: a new draw in one shifts no other."""
        return random.Random(f"{self.seed}/{purpose}")  # noqa: S311 - nothing secret is drawn


def simulated_world(seed: int = 0) -> World:
    """A world that stands still, for tests and simulations."""
    return World(clock=SimulatedClock(), ids=CountedIds(), seed=seed)


def _base32(number: int, digits: int) -> str:
    return "".join(_CROCKFORD[(number >> (5 * place)) & 31] for place in reversed(range(digits)))
