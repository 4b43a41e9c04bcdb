"""Hyperon's grounding space, 0.2.6: the versions after it abort the process from 924 links on."""

from __future__ import annotations

import time
from typing import Any

from benchmarks.systems import Unavailable


class HyperonSpace:
    """Expressions of symbols, added and queried through its Python interface."""

    name = "hyperon"

    def __init__(self) -> None:
        self._hyperon: Any = None
        self._space: Any = None

    def open(self) -> None:
        """A new space."""
        try:
            import hyperon
        except ImportError:
            raise Unavailable("install the extra: pip install -e '.[bench]'") from None
        self._hyperon = hyperon
        self._space = hyperon.GroundingSpaceRef()

    def add(self, relation: str, group: str, count: int, groups: int) -> float:
        """One by one."""
        expression, symbol = self._hyperon.E, self._hyperon.S
        began = time.perf_counter()
        kind = symbol(relation)
        members = [symbol(f"{group}{number}") for number in range(groups)]
        for number in range(count):
            self._space.add_atom(expression(kind, symbol(f"n{number}"), members[number % groups]))
        return time.perf_counter() - began

    def match(self, relation: str, count: int) -> float:
        """A query with one variable each."""
        expression, symbol = self._hyperon.E, self._hyperon.S
        other = self._hyperon.V("x")
        began = time.perf_counter()
        kind = symbol(relation)
        for number in range(count):
            for bindings in self._space.query(expression(kind, symbol(f"n{number}"), other)):
                assert bindings["x"] is not None
        return time.perf_counter() - began

    def join(self, one: tuple[str, str], other: tuple[str, str]) -> tuple[int, float]:
        """A conjunction."""
        expression, symbol = self._hyperon.E, self._hyperon.S
        who = self._hyperon.V("x")
        began = time.perf_counter()
        clauses = [expression(symbol(kind), who, symbol(name)) for kind, name in (one, other)]
        found = [b["x"] for b in self._space.query(expression(symbol(","), *clauses))]
        return len(found), time.perf_counter() - began
