"""How much may be repeated: retries are paid for by what goes well, so they cannot make a storm.

Source: the retry budget of Finagle (Twitter): a share of the successes, and a little besides, so
that a quiet mesh may retry too. We differ: beyond the budget a retry waits for its turn instead of
failing, because its task was promised its attempts.
"""

from __future__ import annotations

from typing import Final

SHARE: Final = 0.2
"""Retries that each success pays for."""

PER_S: Final = 10.0
"""Retries a second that nothing has to pay for."""

SAVED_MAX: Final = 1000.0
"""Retries that can be saved up: so many may follow each other at once after a good time."""


class RetryBudget:
    """Retries that may be made now, and when the next one may."""

    def __init__(self) -> None:
        self._left = PER_S
        self._at = 0.0

    def succeeded(self, times: int) -> None:
        """So many attempts went well."""
        self._left = min(SAVED_MAX, self._left + SHARE * times)

    def wait_s(self, now: float) -> float:
        """Take one retry out; how long it has to wait until the budget allows it."""
        self._left = min(SAVED_MAX, self._left + PER_S * max(0.0, now - self._at))
        self._at = max(self._at, now)
        self._left -= 1.0
        return max(0.0, -self._left / PER_S)
