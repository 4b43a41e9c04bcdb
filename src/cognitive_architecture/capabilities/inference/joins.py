"""Running a planned rule: nested loops over rows that an index finds.

All loops of a rule share one list of slots, one for each variable and each constant. A pattern
looks its rows up by what its bound slots hold and writes the others; so nothing is copied until a
conclusion is reached.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cognitive_architecture.capabilities.inference.arithmetic import (
    Expression,
    Operation,
    calculated,
    holds,
)
from cognitive_architecture.capabilities.inference.fact_base import (
    FactBase,
    Rows,
    in_window,
    picker,
)
from cognitive_architecture.capabilities.inference.limits import Meter
from cognitive_architecture.capabilities.inference.plans import Source, Step
from cognitive_architecture.capabilities.inference.rules import (
    Assignment,
    Check,
    Comparison,
    Negation,
    Rule,
)
from cognitive_architecture.capabilities.inference.terms import Constant, Pattern, Term, Variable

Slots = list[Constant]
_Then = Callable[[], None]


class Join:
    """The loops of one rule in one round.

    Args:
        rule: The rule.
        steps: Its conditions, planned.
        base: Where its negations look.
        meter: Counts the rows that are tried.
        conclude: Called for every match with the slots and the numbers of the facts behind the
            patterns. Both lists are used again, so it must copy what it keeps.
    """

    def __init__(
        self,
        rule: Rule,
        steps: Sequence[Step],
        *,
        base: FactBase,
        meter: Meter,
        conclude: Callable[[Slots, list[int]], None],
    ) -> None:
        self._slot_by_term = slot_by_term(rule)
        self._slots: Slots = [
            0 if isinstance(term, Variable) else term for term in self._slot_by_term
        ]
        self._premises = [0] * len(rule.patterns)
        self._base = base
        self._meter = meter
        self._conclude = conclude
        self._bound: set[Term] = {
            term for term in self._slot_by_term if not isinstance(term, Variable)
        }
        loops = [
            self._match(step) if isinstance(step, Source) else self._check(step) for step in steps
        ]
        self.run: _Then = self._concluded
        """Try everything."""
        for loop in reversed(loops):
            self.run = loop(self.run)

    def _concluded(self) -> None:
        self._conclude(self._slots, self._premises)

    def _match(self, source: Source) -> Callable[[_Then], _Then]:
        """A loop over the rows that a pattern matches."""
        lookup = self._lookup(source)
        writes: list[tuple[int, int]] = []
        repeats: list[tuple[int, int]] = []
        for position, term in enumerate(source.pattern.arguments):
            if term in self._bound or _is_anonymous(term):
                continue
            slot = self._slot_by_term[term]
            is_repeated = slot in (written for _, written in writes)
            (repeats if is_repeated else writes).append((position, slot))
        self._bound.update(source.pattern.variables())
        slots, premises, premise = self._slots, self._premises, source.premise
        rows, numbers, spend = source.table.rows, source.table.fact_numbers, self._meter.spend_steps

        def loop(then: _Then) -> _Then:
            def each() -> None:
                found = lookup()
                spend(len(found) + 1)
                for row in found:
                    arguments = rows[row]
                    for position, slot in writes:
                        slots[slot] = arguments[position]
                    if any(arguments[position] != slots[slot] for position, slot in repeats):
                        continue
                    premises[premise] = numbers[row]
                    then()

            return each

        return loop

    def _lookup(self, source: Source) -> Callable[[], Rows]:
        """Finds the rows of a window by the slots that are bound already."""
        start, end = source.start, source.end
        positions, key = self._key(source.pattern)
        if not positions:
            return lambda: range(start, end)
        slots, index = self._slots, source.table.index(positions)
        return lambda: in_window(index.get(key(slots), ()), start, end)

    def _key(self, pattern: Pattern) -> tuple[tuple[int, ...], Callable[[Slots], object]]:
        """The bound positions of a pattern, and how to read from the slots what they must be."""
        bound = {
            position: self._slot_by_term[term]
            for position, term in enumerate(pattern.arguments)
            if term in self._bound
        }
        return tuple(bound), picker(tuple(bound.values()))

    def _check(self, check: Check) -> Callable[[_Then], _Then]:
        """Goes on only if a check is passed."""
        match check:
            case Negation(pattern):
                passes = self._absence(pattern)
            case Comparison():
                passes = self._comparison(check)
            case Assignment():
                passes = self._assignment(check)

        def loop(then: _Then) -> _Then:
            def each() -> None:
                if passes():
                    then()

            return each

        return loop

    def _absence(self, pattern: Pattern) -> Callable[[], bool]:
        table = self._base.table(pattern.signature)
        positions, key = self._key(pattern)
        slots, index = self._slots, table.index(positions)
        return lambda: key(slots) not in index

    def _comparison(self, check: Comparison) -> Callable[[], bool]:
        left, right = self._value(check.left), self._value(check.right)
        relation = check.relation

        def passes() -> bool:
            one, other = left(), right()
            return one is not None and other is not None and holds(relation, one, other)

        return passes

    def _assignment(self, check: Assignment) -> Callable[[], bool]:
        value, slots = self._value(check.expression), self._slots
        slot = self._slot_by_term[check.variable]
        if check.variable in self._bound:
            return lambda: slots[slot] == value()
        self._bound.add(check.variable)

        def assigns() -> bool:
            found = value()
            if found is not None:
                slots[slot] = found
            return found is not None

        return assigns

    def _value(self, expression: Expression) -> Callable[[], Constant | None]:
        slots = self._slots
        if not isinstance(expression, Operation):
            slot = self._slot_by_term[expression]
            return lambda: slots[slot]
        operation = expression.operator
        left, right = self._value(expression.left), self._value(expression.right)

        def result() -> Constant | None:
            one, other = left(), right()
            return None if one is None or other is None else calculated(operation, one, other)

        return result


def slot_by_term(rule: Rule) -> Mapping[Term, int]:
    """A slot for each variable, in the order of ``rule.variables``, then for each constant."""
    terms: dict[Term, None] = dict.fromkeys(rule.variables)
    for condition in (*rule.conditions, *rule.conclusions):
        terms.update(dict.fromkeys(_constants(condition)))
    return {term: slot for slot, term in enumerate(terms)}


def _constants(condition: Pattern | Check) -> list[Constant]:
    match condition:
        case Pattern(_, arguments):
            return [term for term in arguments if not isinstance(term, Variable)]
        case Negation(pattern):
            return _constants(pattern)
        case Comparison(_, left, right):
            return [*_constants_in(left), *_constants_in(right)]
        case Assignment(_, expression):
            return _constants_in(expression)


def _constants_in(expression: Expression) -> list[Constant]:
    if isinstance(expression, Operation):
        return [*_constants_in(expression.left), *_constants_in(expression.right)]
    return [] if isinstance(expression, Variable) else [expression]


def _is_anonymous(term: Term) -> bool:
    return isinstance(term, Variable) and term.is_anonymous
