"""How far a program may run, and who may stop it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_STEPS_BETWEEN_LOOKS: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What keeps a program from running for ever."""

    facts_max: int = 10_000
    """Facts in total, given and derived. Each takes about half a kilobyte with its derivation."""

    rounds_max: int = 1_000
    """Passes over the rules. A chain of n links takes about n."""

    steps_max: int = 20_000_000
    """Facts tried in joins; about a million a second. It bounds rules that join much and derive
    little."""


class LimitReached(Exception):
    """A program wants to go further than it may; the sentence names the limit."""


class Stopped(Exception):
    """Whoever runs the program asked to stop."""


class Meter:
    """Counts what a program uses, and looks now and then whether it should stop.

    Args:
        limits: How far it may go.
        is_stopped: Asked every few thousand steps.
    """

    def __init__(self, limits: Limits, is_stopped: Callable[[], bool]) -> None:
        self.limits = limits
        self.rounds = 0
        self._is_stopped = is_stopped
        self._steps = 0
        self._next_look = min(_STEPS_BETWEEN_LOOKS, limits.steps_max + 1)

    def spend_steps(self, steps: int) -> None:
        """So many facts are tried in a join."""
        self._steps += steps
        if self._steps < self._next_look:
            return
        self._next_look = min(self._steps + _STEPS_BETWEEN_LOOKS, self.limits.steps_max + 1)
        if self._is_stopped():
            raise Stopped
        if self._steps > self.limits.steps_max:
            raise LimitReached(
                f"limits.steps_max: the rules tried more than {self.limits.steps_max:,} "
                "combinations of facts; raise the limit, or join on more variables"
            )

    def spend_round(self) -> None:
        """Another pass over the rules begins."""
        if self._is_stopped():
            raise Stopped
        if self.rounds == self.limits.rounds_max:
            raise LimitReached(
                f"limits.rounds_max: after {self.rounds:,} rounds there are still new facts; "
                "raise the limit, or bound the recursion"
            )
        self.rounds += 1

    def check_facts(self, count: int) -> None:
        """There are so many facts now."""
        if count > self.limits.facts_max:
            raise LimitReached(
                f"limits.facts_max: there are more than {self.limits.facts_max:,} facts, given "
                "and derived; raise the limit, or derive less"
            )
