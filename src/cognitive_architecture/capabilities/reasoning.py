"""The built-in capability ``reasoning``: what follows from facts and rules, and why.

    payload  {"facts": [facts], "rules": [rules],
              "query": a pattern (none),
              "proofs": "all", "answers" or "none" ("all"),
              "limits": {"facts_max": 10,000, "rounds_max": 1,000, "steps_max": 20,000,000}}
    result   {"facts": how many in all, "derived": [facts], "rounds": passes over the rules,
              "answers": [{"bindings": {"?x": value}, "fact": fact, "derivation": step or null}],
              "proofs": [{"step", "fact", "rule" or null, "bindings", "premises": [steps],
                          "checks": [conditions that hold beside the premises]}]}

How facts, patterns and rules are written is told in :mod:`.inference.notation`. A step of
``proofs`` with no rule is a given fact; its number is its place in the list, and premises come
before what rests on them. A ``derivation`` is the number of such a step: the tree below it is read
by following ``premises``, so a proof that is used twice is written once.

A payload with ``atoms`` or ``hypergraph`` asks for uncertain reasoning over atoms instead: it is
described in :mod:`.reasoning_atoms`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cognitive_architecture.capabilities.inference.forward_chaining import Closure, closure
from cognitive_architecture.capabilities.inference.limits import LimitReached, Limits, Stopped
from cognitive_architecture.capabilities.inference.notation import (
    condition_as_json,
    fact_as_json,
    read_fact,
    read_pattern,
    read_rule,
)
from cognitive_architecture.capabilities.inference.proofs import Proofs, ProofStep, proofs
from cognitive_architecture.capabilities.inference.rules import Rule, unsafe
from cognitive_architecture.capabilities.inference.stratification import NotStratified
from cognitive_architecture.capabilities.inference.terms import Fact, Pattern
from cognitive_architecture.capabilities.payload_fields import (
    check_names,
    choice_field,
    integer_field,
    list_field,
    shown,
)
from cognitive_architecture.capabilities.reasoning_atoms import reason_over_atoms
from cognitive_architecture.distributed_mesh.handlers import RunningTask, handles
from cognitive_architecture.foundation.errors import InvalidPayload, PermanentFailure

_FACTS_MAX: Final = 1_000_000
_ROUNDS_MAX: Final = 100_000
_STEPS_MAX: Final = 1_000_000_000


@handles("reasoning")
def draw_conclusions(payload: Mapping[str, Any], task: RunningTask) -> dict[str, Any]:
    """Derive all that follows from facts and if-then rules, with proofs, and answer a query.

    Args:
        payload: See the module.
        task: Told how far it is; if it is stopped, an empty result comes back early.

    Returns:
        See the module.

    Raises:
        InvalidPayload: The payload is not as described, or a rule is unsafe, or the rules negate
            in a circle.
        PermanentFailure: A limit was reached, or no node of the mesh keeps atoms.
        MeshError: The mesh did not answer.
    """
    if "atoms" in payload or "hypergraph" in payload:
        return reason_over_atoms(payload, task)
    question = _question(payload)
    task.progress(0.1, f"{len(question.facts):,} facts and {len(question.rules):,} rules read")

    def on_round(rounds: int, facts: int) -> None:
        share = min(1.0, facts / question.limits.facts_max)
        task.progress(0.1 + 0.7 * share, f"round {rounds:,}: {facts:,} facts")

    try:
        found = closure(
            question.facts,
            question.rules,
            question.limits,
            is_stopped=lambda: task.is_cancelled,
            on_round=on_round,
        )
    except NotStratified as error:
        raise InvalidPayload(f"payload.rules: {error}") from error
    except LimitReached as error:
        raise PermanentFailure(str(error)) from error
    except Stopped:
        return {}
    task.progress(0.8, f"{len(found.base):,} facts; writing the result")
    return _result(found, question)


@dataclass(frozen=True, slots=True)
class _Question:
    facts: tuple[Fact, ...]
    rules: tuple[Rule, ...]
    query: Pattern | None
    proofs: str
    limits: Limits


def _question(payload: Mapping[str, Any]) -> _Question:
    check_names(payload, ("facts", "rules", "query", "proofs", "limits"))
    facts = list_field(payload, "facts")
    query = payload.get("query")
    return _Question(
        facts=tuple(read_fact(fact, f"payload.facts[{at}]") for at, fact in enumerate(facts)),
        rules=_rules(list_field(payload, "rules")),
        query=None if query is None else read_pattern(query, "payload.query"),
        proofs=choice_field(payload, "proofs", ("all", "answers", "none"), default="all"),
        limits=_limits(payload.get("limits", {})),
    )


def _rules(written: Sequence[Any]) -> tuple[Rule, ...]:
    rules = tuple(read_rule(rule, f"payload.rules[{at}]") for at, rule in enumerate(written))
    names: set[str] = set()
    for at, rule in enumerate(rules):
        if rule.name in names:
            raise InvalidPayload(
                f"payload.rules[{at}].name: {shown(rule.name)} is the name of a rule before it; "
                "proofs tell rules by name, so each needs its own"
            )
        names.add(rule.name)
        if (reason := unsafe(rule)) is not None:
            raise InvalidPayload(f"payload.rules[{at}]: {reason}")
    return rules


def _limits(written: object) -> Limits:
    if not isinstance(written, Mapping):
        raise InvalidPayload(f"payload.limits: an object is required, not {shown(written)}")
    check_names(written, ("facts_max", "rounds_max", "steps_max"), "payload.limits")
    usual = Limits()

    def limit(name: str, default: int, high: int) -> int:
        return integer_field(
            written, name, default=default, low=1, high=high, where="payload.limits"
        )

    return Limits(
        facts_max=limit("facts_max", usual.facts_max, _FACTS_MAX),
        rounds_max=limit("rounds_max", usual.rounds_max, _ROUNDS_MAX),
        steps_max=limit("steps_max", usual.steps_max, _STEPS_MAX),
    )


def _result(found: Closure, question: _Question) -> dict[str, Any]:
    matches = [] if question.query is None else list(found.base.matches(question.query))
    derived = range(found.given, len(found.base))
    roots: Iterable[int] = [number for number, _ in matches]
    if question.proofs == "all":
        roots = [*roots, *derived]
    explained = proofs(found, roots if question.proofs != "none" else ())
    answers = [
        {
            "bindings": {variable.name: value for variable, value in bindings.items()},
            "fact": fact_as_json(found.base.fact(number)),
            "derivation": explained.step_by_fact.get(number),
        }
        for number, bindings in matches
    ]
    return {
        "facts": len(found.base),
        "derived": [fact_as_json(found.base.fact(number)) for number in derived],
        "rounds": found.rounds,
        "answers": answers,
        "proofs": _steps(explained),
    }


def _steps(explained: Proofs) -> list[dict[str, Any]]:
    return [_step(step) for step in explained.steps]


def _step(step: ProofStep) -> dict[str, Any]:
    derivation = step.derivation
    bindings = derivation.bindings if derivation else {}
    checks = derivation.rule.checks if derivation else ()
    return {
        "step": step.number,
        "fact": fact_as_json(step.fact),
        "rule": derivation.rule.name if derivation else None,
        "bindings": {variable.name: value for variable, value in bindings.items()},
        "premises": list(step.premises),
        "checks": [condition_as_json(check, bindings) for check in checks],
    }
