"""Cuts a plan that breaks something down to the steps that it takes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from .plan import Plan, Step
from .run import Verdict

RUNS_MAX: Final = 150

_PARTICULARS: Final = re.compile(r"(task|proof)-\S+|\b[opnc]\d*(\.\d+)?\b|'[^']*'|\d+(\.\d+)?")


def shape_of(breach: str) -> str:
    """The breach without the names and numbers that every run has of its own."""
    return _PARTICULARS.sub("#", breach)


def shrunk(
    verdict: Verdict,
    play_it: Callable[[Plan], Verdict],
    *,
    runs_max: int = RUNS_MAX,
    is_wanted: Callable[[], bool] = lambda: True,
) -> Verdict:
    """A run with as few steps as can be found that breaks the same.

    Ever smaller portions of the steps are left out as long as what is left still breaks it
    ("delta debugging": A. Zeller, R. Hildebrandt, Simplifying and Isolating Failure-Inducing
    Input, IEEE TSE 28, 2002).

    Args:
        verdict: Of a run that broke something.
        play_it: Plays a plan.
        runs_max: How many plans to try.
        is_wanted: Asked before each; the best so far is returned when it says no.
    """
    shape = shape_of(verdict.breaches[0])
    best = verdict
    runs = 0
    portion = max(1, len(best.plan.steps) // 2)
    while portion:
        start, has_shrunk = 0, False
        while start < len(best.plan.steps):
            if runs >= runs_max or not is_wanted():
                return best
            runs += 1
            steps = best.plan.steps
            tried = play_it(_with(best.plan, steps[:start] + steps[start + portion :]))
            if any(shape_of(breach) == shape for breach in tried.breaches):
                best, has_shrunk = tried, True
            else:
                start += portion
        if portion > 1:
            portion //= 2
        elif not has_shrunk:
            break
    return best


def _with(plan: Plan, steps: list[Step]) -> Plan:
    ends = max((step.at for step in steps), default=0.0)
    return replace(plan, steps=steps, lasts_s=min(plan.lasts_s, ends + 1.0))
