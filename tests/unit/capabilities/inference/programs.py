"""Writing small programs as text."""

from __future__ import annotations

from cognitive_architecture.capabilities.inference.forward_chaining import Closure, closure
from cognitive_architecture.capabilities.inference.limits import Limits
from cognitive_architecture.capabilities.inference.notation import read_fact, read_rule
from cognitive_architecture.capabilities.inference.rules import Rule
from cognitive_architecture.capabilities.inference.terms import Fact


def facts_of(*written: str) -> list[Fact]:
    return [read_fact(text, f"facts[{at}]") for at, text in enumerate(written)]


def rules_of(*written: str) -> list[Rule]:
    return [read_rule(text, f"rules[{at}]") for at, text in enumerate(written)]


def close(facts: list[str], rules: list[str], limits: Limits | None = None) -> Closure:
    return closure(facts_of(*facts), rules_of(*rules), limits)


def all_facts(found: Closure) -> list[Fact]:
    return [found.base.fact(number) for number in range(len(found.base))]


def derived(found: Closure) -> list[str]:
    return [
        f"({' '.join(str(part) for part in (fact.predicate, *fact.arguments))})"
        for fact in all_facts(found)[found.given :]
    ]
