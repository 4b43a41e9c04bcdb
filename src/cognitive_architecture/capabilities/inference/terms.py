"""Facts, and the patterns that match them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

Constant = str | int | float
"""What an argument of a fact can be; ``1`` and ``1.0`` are the same, ``1`` and ``"1"`` are not."""

Arguments = tuple[Constant, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """A place in a pattern that matches anything; its name begins with ``?``."""

    name: str

    @property
    def is_anonymous(self) -> bool:
        """A lone ``?``: each one stands for something else, and nothing remembers what."""
        return self.name == "?"


Term = Constant | Variable


@dataclass(frozen=True, slots=True)
class Signature:
    """What facts are filed under: ``(parent ann bob)`` under ``parent`` with two arguments."""

    predicate: str
    arity: int


@dataclass(frozen=True, slots=True)
class Fact:
    """A predicate said of some constants."""

    predicate: str
    arguments: Arguments

    @property
    def signature(self) -> Signature:
        """What it is filed under."""
        return Signature(self.predicate, len(self.arguments))


@dataclass(frozen=True, slots=True)
class Pattern:
    """A fact with variables in some places."""

    predicate: str
    arguments: tuple[Term, ...]

    @property
    def signature(self) -> Signature:
        """What the facts it matches are filed under."""
        return Signature(self.predicate, len(self.arguments))

    def variables(self) -> Iterator[Variable]:
        """Its variables with a name, in order; one that stands twice comes twice."""
        for argument in self.arguments:
            if isinstance(argument, Variable) and not argument.is_anonymous:
                yield argument
