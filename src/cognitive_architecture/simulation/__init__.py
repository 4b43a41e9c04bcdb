"""A whole mesh in virtual time: the product's own code, and a world that breaks around it.

    verdict = play(plan_of(seed=7))
    assert verdict.is_sound, verdict.breaches

One seed decides everything; the same seed gives the same history, byte for byte.
"""

from __future__ import annotations

from .dense import dense_plan_of
from .plan import NodePlan, Plan, Step, read_plan, write_plan
from .planning import plan_of
from .run import Verdict, play

__all__ = [
    "NodePlan",
    "Plan",
    "Step",
    "Verdict",
    "dense_plan_of",
    "plan_of",
    "play",
    "read_plan",
    "write_plan",
]
