"""A simulated process: an event loop, clocks, ids and chance of its own; stopped and killed."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Coroutine
from typing import Any

from cognitive_architecture.foundation.world import Timer, World

from .agenda import Agenda
from .chance import Chance
from .loop import VirtualLoop

WALL_AT_ZERO = 1_700_000_000.0


class ProcessClock:
    """The clocks of one process: one may run fast or slow, the other may jump."""

    def __init__(self, loop: VirtualLoop, wall_offset: float) -> None:
        self.now = loop.time
        self._loop = loop
        self._wall_offset = wall_offset

    def wall(self) -> float:
        """A made-up date."""
        return self._wall_offset + self.now()

    def jump(self, seconds: float) -> None:
        """Set the wall clock forward or back."""
        self._wall_offset += seconds

    async def sleep_until(self, instant: float) -> None:
        """Return at ``instant`` of ``now()``, or at once if it has passed."""
        await asyncio.sleep(max(0.0, instant - self.now()))

    def call_at(self, instant: float, call: Callable[[], object]) -> Timer:
        """Call at ``instant`` of ``now()``, or soon if it has passed."""
        return self._loop.call_at(instant, call)


class ProcessIds:
    """Ids that name the process that made them: ``task-c1.2-7``."""

    def __init__(self, process: str) -> None:
        self._process = process
        self._serials: dict[str, int] = {}

    def next_id(self, prefix: str) -> str:
        """The next number of this prefix."""
        self._serials[prefix] = serial = self._serials.get(prefix, 0) + 1
        return f"{prefix}-{self._process}-{serial}"


class Process:
    """One life of a process.

    Args:
        agenda: The one clock.
        name: ``n1.2`` is the second life of ``n1``.
        chance: Of the run.
        rate: Seconds on its clock in one true second.
        on_trouble: Told what nobody in it has caught.
    """

    def __init__(
        self,
        agenda: Agenda,
        name: str,
        chance: Chance,
        *,
        rate: float,
        on_trouble: Callable[[str, dict[str, Any]], None],
    ) -> None:
        self.agenda = agenda
        self.name = name
        self.is_alive = True
        self.is_paused = False
        draw = chance.of(f"clocks of {name}")
        local_now = draw.uniform(1.0, 100_000.0)  # nobody may tell another what his clock shows
        self.loop = VirtualLoop(  # type: ignore[abstract]  # what it leaves out fails loudly
            agenda,
            name,
            local_now=local_now,
            rate=rate,
            on_trouble=lambda context: on_trouble(name, context),
        )
        wall = WALL_AT_ZERO + agenda.now + draw.uniform(-2.0, 2.0)
        self.clock = ProcessClock(self.loop, wall - local_now)
        digest = hashlib.sha256(f"{chance.seed}/{name}".encode()).digest()
        self.world = World(
            clock=self.clock, ids=ProcessIds(name), seed=int.from_bytes(digest[:7], "big")
        )
        self._main: asyncio.Task[Any] | None = None

    def __repr__(self) -> str:
        return f"process {self.name}"

    def run(self, main: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """Begin."""

        def begin() -> None:
            self._main = self.loop.create_task(main())
            self._main.add_done_callback(self._ended)

        self.loop.call_soon(begin)

    def _ended(self, main: asyncio.Task[Any]) -> None:
        if not main.cancelled() and (error := main.exception()) is not None:
            self.loop.call_exception_handler(
                {"message": "the process ended with an error", "exception": error}
            )

    @property
    def hears(self) -> bool:
        """Whether it takes what comes from the network now."""
        return self.is_alive and not self.is_paused

    def pause(self) -> None:
        """Stop it, as SIGSTOP does; its clocks go on."""
        self.is_paused = True
        self.loop.pause()

    def resume(self) -> None:
        """Let it go on, as SIGCONT does."""
        if self.is_alive and self.is_paused:
            self.is_paused = False
            self.loop.resume()

    def kill(self) -> None:
        """End it, as SIGKILL does."""
        self.is_alive = False
        self.loop.kill()
