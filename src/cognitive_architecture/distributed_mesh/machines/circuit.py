"""May a service be called now? A circuit breaker without clock, lock or call.

               failures_max failures in a row
       CLOSED ──────────────────────────────▶ OPEN ◀──────────┐
         ▲                                     │              │
         │                          recovery_s later,         │ the probe failed
         │ the probe succeeded      with the next call        │
         │                                     ▼              │
         └───────────────────────────────── HALF_OPEN ────────┘
                                            one probe at a time

The shell asks ``admit`` before each call and says how the call went with the pass it was given.
A pass is good for the era in which it was given: a call that began before the circuit opened
says nothing of the service as it is now, so its late outcome changes nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cognitive_architecture.foundation.errors import require_number

PROBE_SAID_S: Final = 1.0
"""When to come back while a probe is on its way: it may return at any time, so soon."""


class CircuitState(StrEnum):
    """Whether calls pass."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitSettings:
    """When a circuit opens, and when it is tried again."""

    failures_max: int = 5
    """Failures in a row that open it, at least 1; one success begins the count anew."""

    recovery_s: float = 60.0
    """Seconds an open circuit refuses every call. A probe without outcome is given up after as
    long."""

    def __post_init__(self) -> None:
        require_number("failures_max", self.failures_max, low=1, whole=True)
        require_number("recovery_s", self.recovery_s, low=0.0, above_low=True)


@dataclass(frozen=True, slots=True)
class Pass:
    """The call may be made; say with this how it went."""

    era: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """The call may not be made."""

    retry_after_s: float


class Circuit:
    """The breaker of one service."""

    def __init__(self, settings: CircuitSettings) -> None:
        self._settings = settings
        self._state = CircuitState.CLOSED
        self._failures = 0
        self._era = 0
        self._until = -math.inf
        """OPEN: when it may be tried again. HALF_OPEN: when the probe is given up."""

    @property
    def failures(self) -> int:
        """Failures in a row, of the calls that count."""
        return self._failures

    def state_at(self, now: float) -> CircuitState:
        """How it would treat a call now: an open circuit whose time is over is half open."""
        if self._state is CircuitState.OPEN and now >= self._until:
            return CircuitState.HALF_OPEN
        return self._state

    def retry_after_s(self, now: float) -> float:
        """Seconds after which asking again makes sense; 0 if a call would be admitted now."""
        match self._state:
            case CircuitState.CLOSED:
                return 0.0
            case CircuitState.OPEN:
                return max(0.0, self._until - now)
            case CircuitState.HALF_OPEN:
                return min(PROBE_SAID_S, max(0.0, self._until - now))

    def admit(self, now: float) -> Pass | Refusal:
        """Ask for a call; the one that finds the time of an open circuit over is its probe."""
        match self._state:
            case CircuitState.CLOSED:
                return Pass(self._era)
            case CircuitState.OPEN | CircuitState.HALF_OPEN:
                if now < self._until:
                    return Refusal(self.retry_after_s(now))
                self._enter(CircuitState.HALF_OPEN, until=now + self._settings.recovery_s)
                return Pass(self._era)

    def succeeded(self, granted: Pass) -> CircuitState | None:
        """The call went well.

        Returns:
            The state that has been entered, or ``None``.
        """
        if granted.era != self._era:
            return None
        self._failures = 0
        if self._state is CircuitState.CLOSED:
            return None
        return self._enter(CircuitState.CLOSED)

    def failed(self, granted: Pass, now: float) -> CircuitState | None:
        """The call went wrong.

        Returns:
            The state that has been entered, or ``None``.
        """
        if granted.era != self._era:
            return None
        self._failures += 1
        if self._state is CircuitState.CLOSED and self._failures < self._settings.failures_max:
            return None
        return self._enter(CircuitState.OPEN, until=now + self._settings.recovery_s)

    def abandoned(self, granted: Pass) -> None:
        """Nobody will know how the call went; if it was the probe, the next call is one."""
        if granted.era == self._era and self._state is CircuitState.HALF_OPEN:
            self._until = -math.inf

    def _enter(self, state: CircuitState, *, until: float = -math.inf) -> CircuitState:
        self._state = state
        self._until = until
        self._era += 1
        return state
