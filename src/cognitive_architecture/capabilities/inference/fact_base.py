"""Facts, found by any of their arguments.

The facts of one signature are rows in a table, in the order in which they came. Rows are never
removed, so "what was new in a round" is a range of row numbers; and an index lists the rows for a
value ascending, so a range of them is found by bisection.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterator, Sequence
from operator import itemgetter
from typing import Any

from cognitive_architecture.capabilities.inference.terms import (
    Arguments,
    Constant,
    Fact,
    Pattern,
    Signature,
    Variable,
)

Positions = tuple[int, ...]
Rows = Sequence[int]
_NO_ROWS: Rows = ()


def picker(positions: Positions) -> Callable[[Sequence[Any]], Hashable]:
    """Takes what stands at some positions, as the key of an index; of a single one, it alone."""
    return itemgetter(*positions) if positions else _nothing


def _nothing(_values: Sequence[Any]) -> Hashable:
    return ()


class Table:
    """All facts of one signature."""

    def __init__(self, signature: Signature) -> None:
        self.signature = signature
        self.rows: list[Arguments] = []
        self.fact_numbers: list[int] = []
        """For each row, the number of its fact in the whole base."""
        self._known: set[Arguments] = set()
        self._indexes: dict[Positions, dict[Hashable, list[int]]] = {}
        self._pickers: dict[Positions, Callable[[Sequence[Any]], Hashable]] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def __contains__(self, arguments: Arguments) -> bool:
        return arguments in self._known

    def add(self, arguments: Arguments, fact_number: int) -> None:
        """File a fact that is not there yet."""
        row = len(self.rows)
        self._known.add(arguments)
        self.rows.append(arguments)
        self.fact_numbers.append(fact_number)
        for positions, index in self._indexes.items():
            index.setdefault(self._pickers[positions](arguments), []).append(row)

    def index(self, positions: Positions) -> dict[Hashable, list[int]]:
        """The rows, ascending, by what stands at some positions; made when first asked for."""
        found = self._indexes.get(positions)
        if found is None:
            pick = self._pickers[positions] = picker(positions)
            found = self._indexes[positions] = {}
            for row, arguments in enumerate(self.rows):
                found.setdefault(pick(arguments), []).append(row)
        return found

    def rows_with(self, positions: Positions, key: Hashable) -> Rows:
        """The rows with a key (see :func:`picker`) at some positions, ascending."""
        return self.index(positions).get(key, _NO_ROWS)


def in_window(rows: Rows, start: int, end: int) -> Rows:
    """A copy of the part of ascending row numbers from ``start`` to ``end - 1``."""
    first = bisect_left(rows, start) if start else 0
    return rows[first : bisect_left(rows, end)]


class FactBase:
    """All facts, numbered from 0 in the order in which they came."""

    def __init__(self) -> None:
        self._tables: dict[Signature, Table] = {}
        self._places: list[tuple[Table, int]] = []

    def __len__(self) -> int:
        return len(self._places)

    def table(self, signature: Signature) -> Table:
        """The facts of a signature; empty if there are none."""
        found = self._tables.get(signature)
        if found is None:
            found = self._tables[signature] = Table(signature)
        return found

    def add(self, table: Table, arguments: Arguments) -> int | None:
        """File a fact; its number, or ``None`` if it was there already."""
        if arguments in table:
            return None
        number = len(self._places)
        self._places.append((table, len(table)))
        table.add(arguments, number)
        return number

    def fact(self, number: int) -> Fact:
        """The fact of a number."""
        table, row = self._places[number]
        return Fact(table.signature.predicate, table.rows[row])

    def matches(self, pattern: Pattern) -> Iterator[tuple[int, dict[Variable, Constant]]]:
        """The numbers of the facts a pattern matches, ascending, with what its variables are."""
        table = self.table(pattern.signature)
        constants = {
            position: term
            for position, term in enumerate(pattern.arguments)
            if not isinstance(term, Variable)
        }
        positions = tuple(constants)
        key = picker(positions)(pattern.arguments)
        for row in table.rows_with(positions, key):
            bindings = _bindings(pattern, table.rows[row])
            if bindings is not None:
                yield table.fact_numbers[row], bindings


def _bindings(pattern: Pattern, arguments: Arguments) -> dict[Variable, Constant] | None:
    """What the variables of a pattern are; ``None`` if one would have to be two things."""
    found: dict[Variable, Constant] = {}
    for term, constant in zip(pattern.arguments, arguments, strict=True):
        if not isinstance(term, Variable) or term.is_anonymous:
            continue
        if found.setdefault(term, constant) != constant:
            return None
    return found
