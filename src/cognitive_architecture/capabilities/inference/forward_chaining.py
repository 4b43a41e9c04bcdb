"""All that follows from facts and rules, each fact with how it was derived.

Semi-naive evaluation, stratum by stratum (Ullman, "Principles of Database and Knowledge-Base
Systems", vol. 1, 1988, chapter 3): in every round a rule is tried only where at least one of its
patterns matches a fact that was new in the round before, and each such combination is tried once.
For a rule with patterns p1 ... pn and each i, the patterns before i match all facts, pattern i the
new ones, and the patterns after i the old ones.

A fact keeps the first derivation that was found. Its premises have smaller numbers than itself, so
derivations have no cycles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from cognitive_architecture.capabilities.inference.arithmetic import NumberTooLarge
from cognitive_architecture.capabilities.inference.fact_base import FactBase, Table
from cognitive_architecture.capabilities.inference.joins import Join, Slots, slot_by_term
from cognitive_architecture.capabilities.inference.limits import LimitReached, Limits, Meter
from cognitive_architecture.capabilities.inference.plans import Source, planned
from cognitive_architecture.capabilities.inference.rules import Rule
from cognitive_architecture.capabilities.inference.stratification import strata
from cognitive_architecture.capabilities.inference.terms import (
    Arguments,
    Constant,
    Fact,
    Pattern,
    Signature,
    Variable,
)


@dataclass(frozen=True, slots=True)
class Derivation:
    """How a fact was derived."""

    rule: Rule
    values: Arguments
    """Of ``rule.variables``."""
    premises: tuple[int, ...]
    """The numbers of the facts behind ``rule.patterns``."""

    @property
    def bindings(self) -> dict[Variable, Constant]:
        """What the rule's variables were."""
        return dict(zip(self.rule.variables, self.values, strict=True))


@dataclass(frozen=True, slots=True)
class Closure:
    """All facts, given and derived."""

    base: FactBase
    derivations: Sequence[Derivation | None]
    """For each fact by its number, how it was derived; ``None`` for a given one."""
    given: int
    """The facts before this number were given, the others were derived."""
    rounds: int
    """Passes over the rules, the ones that found nothing new included."""


def closure(
    facts: Iterable[Fact],
    rules: Sequence[Rule],
    limits: Limits | None = None,
    *,
    is_stopped: Callable[[], bool] = lambda: False,
    on_round: Callable[[int, int], None] = lambda _rounds, _facts: None,
) -> Closure:
    """Derive all that follows.

    Args:
        facts: What is given; a fact given twice counts once.
        rules: Safe rules (see :func:`.rules.unsafe`).
        limits: How far to go; the defaults if left out.
        is_stopped: Asked now and then.
        on_round: Told, after each round, how many rounds and how many facts there are.

    Raises:
        NotStratified: The rules negate in a circle.
        LimitReached: There is more to derive than the limits allow.
        Stopped: ``is_stopped`` said so.
    """
    meter = Meter(limits or Limits(), is_stopped)
    chaining = _Chaining(facts, meter)
    for part in _by_stratum(rules):
        chaining.complete(part, on_round)
    return Closure(chaining.base, chaining.derivations, chaining.given, meter.rounds)


@dataclass(frozen=True, slots=True)
class _Part:
    """A rule, with those of its conclusions that belong to one stratum."""

    rule: Rule
    conclusions: tuple[Pattern, ...]


def _by_stratum(rules: Sequence[Rule]) -> Iterator[list[_Part]]:
    level = strata(rules)
    for stratum in sorted(set(level.values())):
        parts = []
        for rule in rules:
            here = tuple(found for found in rule.conclusions if level[found.signature] == stratum)
            if here:
                parts.append(_Part(rule, here))
        yield parts


class _Chaining:
    def __init__(self, facts: Iterable[Fact], meter: Meter) -> None:
        self.base = FactBase()
        self.derivations: list[Derivation | None] = []
        self._meter = meter
        for fact in facts:
            if self.base.add(self.base.table(fact.signature), fact.arguments) is not None:
                self.derivations.append(None)
                meter.check_facts(len(self.base))
        self.given = len(self.base)

    def complete(self, parts: Sequence[_Part], on_round: Callable[[int, int], None]) -> None:
        """Derive all that the rules of one stratum can."""
        users: dict[Signature, list[tuple[_Part, int]]] = {}
        for part in parts:
            for number, pattern in enumerate(part.rule.patterns):
                users.setdefault(pattern.signature, []).append((part, number))
        tables = {signature: self.base.table(signature) for signature in users}
        old = dict.fromkeys(tables, 0)
        is_first = True
        while True:
            now = {signature: len(table) for signature, table in tables.items()}
            changed = [signature for signature in tables if now[signature] > old[signature]]
            unconditional = [part for part in parts if is_first and not part.rule.patterns]
            if not (changed or unconditional):
                return
            self._meter.spend_round()
            for part in unconditional:
                self._try(part, [])
            for signature in changed:
                for part, number in users[signature]:
                    self._try(part, self._sources(part.rule, number, tables, old, now))
            on_round(self._meter.rounds, len(self.base))
            old, is_first = now, False

    def _sources(
        self,
        rule: Rule,
        newest: int,
        tables: dict[Signature, Table],
        old: dict[Signature, int],
        now: dict[Signature, int],
    ) -> list[Source]:
        """The rows each pattern may match so that pattern ``newest`` matches a new fact."""
        sources: list[Source] = []
        for number, pattern in enumerate(rule.patterns):
            signature = pattern.signature
            start = old[signature] if number == newest else 0
            end = old[signature] if number > newest else now[signature]
            sources.append(Source(number, pattern, tables[signature], start, end))
        return sources

    def _try(self, part: _Part, sources: list[Source]) -> None:
        """Draw the conclusions of a rule from the rows its patterns may match."""
        if any(source.size == 0 for source in sources):
            return
        rule, base, derivations = part.rule, self.base, self.derivations
        slots_of = slot_by_term(rule)
        heads = [
            (base.table(pattern.signature), [slots_of[term] for term in pattern.arguments])
            for pattern in part.conclusions
        ]
        variables = len(rule.variables)
        check_facts = self._meter.check_facts

        def conclude(slots: Slots, premises: list[int]) -> None:
            for table, places in heads:
                arguments = tuple([slots[place] for place in places])
                if arguments in table:
                    continue
                base.add(table, arguments)
                derivations.append(Derivation(rule, tuple(slots[:variables]), tuple(premises)))
                check_facts(len(derivations))

        steps = planned(rule, sources)
        try:
            Join(rule, steps, base=base, meter=self._meter, conclude=conclude).run()
        except NumberTooLarge as error:
            raise LimitReached(f"rule {rule.name!r}: {error}") from error
