"""What a pattern is made of, once it is compiled.

A pattern becomes goals over numbered registers. Every variable has a register, every constant one
that is filled from the start, and so has every link that holds a variable: a nested pattern

    Evaluation(likes, List($x, cake))      becomes      r0 = Evaluation(likes, r1)
                                                        r1 = List($x, cake)

So a search can begin wherever the space knows least, at the cake as well as at the liking, and a
deep pattern needs no recursion.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from cognitive_architecture.atomspace.atoms import Atom, Node
from cognitive_architecture.atomspace.snapshot import AtomSpaceView
from cognitive_architecture.atomspace.space import AtomSpace

Space = AtomSpace | AtomSpaceView
"""Where a query may be asked."""

Binding = list[Atom | None]
"""What each register holds so far; a Glob's holds a ``List`` of what it stands for."""

Types = frozenset[str]


@dataclass(frozen=True, slots=True)
class Span:
    """How many atoms a Glob may stand for."""

    least: int = 1
    most: int | None = None
    """``None``: any number."""


@dataclass(slots=True)
class Registers:
    """What every register begins with, and what it may hold."""

    start: Binding = field(default_factory=list)
    allowed: list[Types | None] = field(default_factory=list)
    """Exact types of what it may hold; of a Glob's, of each atom; ``None``: any."""
    spans: dict[int, Span] = field(default_factory=dict)
    """Of the registers of Globs."""
    variables: dict[Node, int] = field(default_factory=dict)
    """Variables and Globs, in the order in which they are declared or else met."""

    def add(self, value: Atom | None = None, allowed: Types | None = None) -> int:
        """Make one more; returns its number."""
        self.start.append(value)
        self.allowed.append(allowed)
        return len(self.start) - 1

    def filled(self) -> int:
        """The registers that are filled from the start, as bits."""
        return bits(number for number, value in enumerate(self.start) if value is not None)


def bits(numbers: Iterable[int]) -> int:
    """A set of small numbers as one integer."""
    found = 0
    for number in numbers:
        found |= 1 << number
    return found


@dataclass(frozen=True, slots=True, eq=False)
class AtomGoal:
    """The atom in a register is in the space."""

    result: int

    @property
    def registers(self) -> int:
        """What is filled once it is reached, as bits."""
        return 1 << self.result


@dataclass(frozen=True, slots=True, eq=False)
class LinkGoal:
    """A register holds a link of this type whose atoms are in these registers."""

    result: int
    type: str
    slots: tuple[int, ...]
    is_unordered: bool = False
    has_glob: bool = False

    @property
    def registers(self) -> int:
        """What is filled once it is reached, as bits."""
        return bits((self.result, *self.slots))

    @property
    def is_loose(self) -> bool:
        """Whether one link may satisfy it in several ways."""
        return self.is_unordered or self.has_glob


@dataclass(frozen=True, slots=True, eq=False)
class AbsentGoal:
    """Nothing in the space satisfies all of these goals together."""

    goals: tuple[Goal, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ChoiceGoal:
    """At least one of several conjunctions is satisfied."""

    alternatives: tuple[tuple[Goal, ...], ...]


Goal = AtomGoal | LinkGoal | AbsentGoal | ChoiceGoal


def filled_by(goals: Sequence[Goal]) -> int:
    """The registers that every solution of these goals fills, as bits."""
    found = 0
    for goal in goals:
        if isinstance(goal, ChoiceGoal):
            common = -1
            for alternative in goal.alternatives:
                common &= filled_by(alternative)
            found |= common
        elif not isinstance(goal, AbsentGoal):
            found |= goal.registers
    return found


def named_in(goals: Sequence[Goal], *, in_absent: bool = True) -> int:
    """The registers that stand anywhere in these goals, as bits."""
    found = 0
    for goal in goals:
        if isinstance(goal, ChoiceGoal):
            for alternative in goal.alternatives:
                found |= named_in(alternative, in_absent=in_absent)
        elif isinstance(goal, AbsentGoal):
            found |= named_in(goal.goals) if in_absent else 0
        else:
            found |= goal.registers
    return found


def may_repeat(goals: Sequence[Goal]) -> bool:
    """Whether two ways of satisfying these goals may fill the variables alike."""
    return any(
        isinstance(goal, ChoiceGoal) or (isinstance(goal, LinkGoal) and goal.is_unordered)
        for goal in goals
    )
