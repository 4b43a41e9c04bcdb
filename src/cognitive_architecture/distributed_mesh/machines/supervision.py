"""May a process that died be started again, and when? Restarts with a limit, without a clock.

A process that dies once is started again at once. One that goes on dying is given pauses that
double; and when it has died more often within a period than is allowed, it is left alone, for
starting it once more would only repeat what kills it.

Source: the restart intensity of Erlang/OTP's supervisors (OTP Design Principles, "Supervisor
Behaviour": MaxR restarts within MaxT seconds). We differ: each child has an intensity of its own,
because nodes do not need each other, and there are pauses.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # For the annotation alone: a command line that supervises nothing does without pydantic.
    from cognitive_architecture.foundation.settings import SupervisionSettings


@dataclass(frozen=True, slots=True)
class Restart:
    """Start it again."""

    pause_s: float
    number: int
    """How many restarts that makes within the period, this one included."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Leave it alone."""

    reason: str
    """A sentence's end: why starting it again would not help."""


class Supervision:
    """What is known of the deaths of one process."""

    def __init__(self, settings: SupervisionSettings) -> None:
        self._settings = settings
        self._restarts: deque[float] = deque()
        """Instants of the restarts within the last period."""

    def died(self, now: float, *, is_hopeless: bool = False) -> Restart | GiveUp:
        """Decide what follows a death that nobody asked for.

        Args:
            now: Seconds, of any clock that does not jump.
            is_hopeless: It ended with a word that says that it will end so again: wrong settings,
                a handlers file that cannot be loaded.
        """
        if is_hopeless:
            return GiveUp("it would end like that again")
        limits = self._settings
        while self._restarts and now - self._restarts[0] >= limits.period_s:
            self._restarts.popleft()
        done = len(self._restarts)
        if done >= limits.restarts_max:
            return GiveUp(
                f"it was started again {done} times within {limits.period_s:g} s "
                "(supervision.restarts_max)"
            )
        self._restarts.append(now)
        pause_s = 0.0 if not done else limits.pause_s * 2.0 ** (done - 1)
        return Restart(min(pause_s, limits.pause_max_s), done + 1)
