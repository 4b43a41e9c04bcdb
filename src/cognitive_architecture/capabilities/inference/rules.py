"""If-then rules, and whether one is safe to run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from cognitive_architecture.capabilities.inference.arithmetic import (
    Expression,
    Relation,
    variables_of,
)
from cognitive_architecture.capabilities.inference.terms import Pattern, Variable


@dataclass(frozen=True, slots=True)
class Negation:
    """No fact matches the pattern, as far as can be derived (negation as failure)."""

    pattern: Pattern


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two values stand in a relation."""

    relation: Relation
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Assignment:
    """A variable is what an expression comes to; if it has a value already, the two are equal."""

    variable: Variable
    expression: Expression


Check = Negation | Comparison | Assignment
Condition = Pattern | Check


@dataclass(frozen=True, slots=True)
class Rule:
    """Wherever all conditions hold, all conclusions do."""

    name: str
    conditions: tuple[Condition, ...]
    conclusions: tuple[Pattern, ...]
    variables: tuple[Variable, ...] = field(init=False, repr=False, compare=False)
    """All with a name, in the order in which they are first written."""

    def __post_init__(self) -> None:
        found = (variable for condition in self.conditions for variable in _variables(condition))
        object.__setattr__(self, "variables", tuple(dict.fromkeys(found)))

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """The conditions that match facts, in order; a derivation has a premise for each."""
        return tuple(found for found in self.conditions if isinstance(found, Pattern))

    @property
    def checks(self) -> tuple[Check, ...]:
        """The other conditions, in order."""
        return tuple(found for found in self.conditions if not isinstance(found, Pattern))


def unsafe(rule: Rule) -> str | None:
    """Why a rule cannot be run: it would have to guess what a variable is; ``None`` if it is safe.

    A variable is bound by a pattern, or by an assignment from bound ones. Everything else needs
    its variables bound.
    """
    bound = {variable for pattern in rule.patterns for variable in pattern.variables()}
    waiting = list(rule.checks)
    while ready := [check for check in waiting if needed(check) <= bound]:
        bound |= {check.variable for check in ready if isinstance(check, Assignment)}
        waiting = [check for check in waiting if check not in ready]
    for check in waiting:
        name = min(variable.name for variable in needed(check) - bound)
        return (
            f"rule {rule.name!r} is unsafe: no pattern in 'if' binds {name}, "
            f"which {_kind(check)} needs"
        )
    for conclusion in rule.conclusions:
        for argument in conclusion.arguments:
            if isinstance(argument, Variable) and argument not in bound:
                return (
                    f"rule {rule.name!r} is unsafe: 'then' has {argument.name}, "
                    "which no pattern in 'if' binds"
                )
    return None


def needed(check: Check) -> set[Variable]:
    """The variables that must have a value before a check can be made."""
    match check:
        case Negation(pattern):
            return set(pattern.variables())
        case Comparison(_, left, right):
            return {*variables_of(left), *variables_of(right)}
        case Assignment(_, expression):
            return set(variables_of(expression))


def _variables(condition: Condition) -> Iterator[Variable]:
    match condition:
        case Pattern():
            yield from condition.variables()
        case Negation(pattern):
            yield from pattern.variables()
        case Comparison(_, left, right):
            yield from variables_of(left)
            yield from variables_of(right)
        case Assignment(variable, expression):
            yield variable
            yield from variables_of(expression)


def _kind(check: Check) -> str:
    match check:
        case Negation():
            return "a negation"
        case Comparison():
            return "a comparison"
        case Assignment():
            return "an 'is'"
