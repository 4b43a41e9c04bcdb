"""In which order to try the conditions of a rule.

Next comes always the pattern that promises the fewest rows, by the sizes of the tables and by how
many different values stand at the positions already bound; and every check as soon as its
variables are bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cognitive_architecture.capabilities.inference.fact_base import Table
from cognitive_architecture.capabilities.inference.rules import (
    Assignment,
    Check,
    Rule,
    needed,
)
from cognitive_architecture.capabilities.inference.terms import Pattern, Variable


@dataclass(frozen=True, slots=True)
class Source:
    """A pattern of a rule, and the rows it may match in this round."""

    premise: int
    """Its number among the rule's patterns."""
    pattern: Pattern
    table: Table
    start: int
    end: int
    """The rows are ``start`` to ``end - 1``."""

    @property
    def size(self) -> int:
        """How many rows."""
        return self.end - self.start


Step = Source | Check


def planned(rule: Rule, sources: Sequence[Source]) -> tuple[Step, ...]:
    """The conditions of a rule in the order in which to try them.

    Of patterns that promise equally few rows, the one with fewer rows in all goes first, then the
    one written first.

    Args:
        rule: A safe rule.
        sources: One for each of its patterns.
    """
    bound: set[Variable] = set()
    patterns = list(sources)
    checks = list(rule.checks)
    steps: list[Step] = []
    while patterns or checks:
        check = _ready(checks, bound)
        if check is not None:
            checks.remove(check)
            steps.append(check)
            if isinstance(check, Assignment):
                bound.add(check.variable)
            continue
        best = min(patterns, key=lambda source: (_rows_promised(source, bound), source.size))
        patterns.remove(best)
        steps.append(best)
        bound.update(best.pattern.variables())
    return tuple(steps)


def _ready(checks: Sequence[Check], bound: set[Variable]) -> Check | None:
    """A check that can be made now; one that only filters goes before one that assigns."""
    ready = [check for check in checks if needed(check) <= bound]
    filters = [check for check in ready if not isinstance(check, Assignment)]
    return next(iter(filters or ready), None)


def _rows_promised(source: Source, bound: set[Variable]) -> float:
    """About how many of the rows match what is bound."""
    promised = float(source.size)
    for position, term in enumerate(source.pattern.arguments):
        if not isinstance(term, Variable):
            promised = min(promised, len(source.table.rows_with((position,), term)))
        elif term in bound:
            different = len(source.table.index((position,))) or 1
            promised = min(promised, source.size / different)
    return promised
