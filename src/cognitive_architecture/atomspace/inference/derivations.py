"""Why a conclusion holds: a list of steps in which each names the steps it rests on.

The list is a tree whose equal branches are written once; as a tree it could be exponentially large.
"""

from __future__ import annotations

from dataclasses import dataclass

from cognitive_architecture.atomspace.atoms import Link
from cognitive_architecture.atomspace.inference.rules import Rule, Statement
from cognitive_architecture.atomspace.values import TruthValue


@dataclass(frozen=True, slots=True)
class Step:
    """A link, and what it rests on."""

    number: int
    """Its place in the list of steps, from 0."""
    link: Link
    truth: TruthValue
    rule: Rule | None
    """``None``: it was given."""
    premises: tuple[int, ...]
    """The places of what the rule took, in its order; all smaller than its own."""


def derivation(conclusion: Statement) -> tuple[Step, ...]:
    """All that a conclusion rests on, given links first where they are needed, itself last."""
    numbers: dict[Statement, int] = {}
    steps: list[Step] = []
    stack = [conclusion]
    while stack:
        statement = stack[-1]
        waiting = [premise for premise in statement.premises if premise not in numbers]
        if waiting:
            stack += reversed(waiting)
            continue
        stack.pop()
        if statement not in numbers:
            number = numbers[statement] = len(steps)
            premises = tuple(numbers[premise] for premise in statement.premises)
            steps.append(Step(number, statement.link, statement.truth, statement.rule, premises))
    return tuple(steps)
