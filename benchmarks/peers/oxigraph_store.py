"""Oxigraph: a store of RDF quads in memory, in Rust, with three indexes."""

from __future__ import annotations

import time
from typing import Any

from benchmarks.systems import Unavailable


class OxigraphStore:
    """A link is a quad; the join is SPARQL, which its planner optimizes."""

    name = "oxigraph"

    def __init__(self) -> None:
        self._ox: Any = None
        self._store: Any = None

    def open(self) -> None:
        """A new store."""
        try:
            import pyoxigraph
        except ImportError:
            raise Unavailable("install the extra: pip install -e '.[bench]'") from None
        self._ox = pyoxigraph
        self._store = pyoxigraph.Store()

    def add(self, relation: str, group: str, count: int, groups: int) -> float:
        """One by one."""
        quad, name = self._ox.Quad, self._ox.NamedNode
        began = time.perf_counter()
        kind = name(f"u:{relation}")
        members = [name(f"u:{group}{number}") for number in range(groups)]
        for number in range(count):
            self._store.add(quad(name(f"u:n{number}"), kind, members[number % groups]))
        return time.perf_counter() - began

    def match(self, relation: str, count: int) -> float:
        """By pattern, without SPARQL, which would be parsed each time."""
        name = self._ox.NamedNode
        began = time.perf_counter()
        kind = name(f"u:{relation}")
        for number in range(count):
            for quad in self._store.quads_for_pattern(name(f"u:n{number}"), kind, None, None):
                assert quad.object is not None
        return time.perf_counter() - began

    def join(self, one: tuple[str, str], other: tuple[str, str]) -> tuple[int, float]:
        """SPARQL."""
        began = time.perf_counter()
        clauses = " ".join(f"?x <u:{kind}> <u:{name}> ." for kind, name in (one, other))
        found = [row["x"] for row in self._store.query(f"SELECT ?x WHERE {{ {clauses} }}")]
        return len(found), time.perf_counter() - began
