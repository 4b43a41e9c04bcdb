"""Why facts hold: a list of steps in which each names the steps it rests on.

The list is a tree whose equal branches are written once; as a tree it could be exponentially large.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cognitive_architecture.capabilities.inference.forward_chaining import Closure, Derivation
from cognitive_architecture.capabilities.inference.terms import Fact


@dataclass(frozen=True, slots=True)
class ProofStep:
    """A fact and what it rests on."""

    number: int
    """Its place in the list of steps."""
    fact: Fact
    derivation: Derivation | None
    """``None`` for a given fact."""
    premises: tuple[int, ...]
    """The places in the list of what the rule's patterns matched; all smaller than its own."""


@dataclass(frozen=True, slots=True)
class Proofs:
    """Steps, and where to find the one for a fact."""

    steps: tuple[ProofStep, ...]
    step_by_fact: dict[int, int]
    """By the fact's number in the closure."""


def proofs(found: Closure, roots: Iterable[int]) -> Proofs:
    """The proofs of some facts, with all they rest on.

    Args:
        found: A closure.
        roots: Numbers of facts in it.
    """
    wanted: set[int] = set()
    waiting = list(roots)
    while waiting:
        number = waiting.pop()
        if number not in wanted:
            wanted.add(number)
            derivation = found.derivations[number]
            waiting.extend(derivation.premises if derivation else ())
    step_by_fact = {number: step for step, number in enumerate(sorted(wanted))}
    steps = []
    for number, step in step_by_fact.items():
        derivation = found.derivations[number]
        premises = derivation.premises if derivation else ()
        steps.append(
            ProofStep(
                step,
                found.base.fact(number),
                derivation,
                tuple(step_by_fact[premise] for premise in premises),
            )
        )
    return Proofs(tuple(steps), step_by_fact)
