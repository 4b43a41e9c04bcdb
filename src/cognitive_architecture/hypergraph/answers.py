"""What was found, and how much of the hypergraph it speaks for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from cognitive_architecture.atomspace import Atom, AtomSpace, Value
from cognitive_architecture.memory.identity import SHARDS
from cognitive_architecture.memory.matching import gathered
from cognitive_architecture.memory.records import Record

ALL_SHARDS = frozenset(range(SHARDS))


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which shards an answer speaks for."""

    shards: frozenset[int]
    """Those of which an owner that is complete has answered."""
    missing_nodes: frozenset[str]
    """Memory nodes that might know more of the others: they are not there."""

    @property
    def is_partial(self) -> bool:
        """Whether there may be more than was found."""
        return self.shards != ALL_SHARDS

    @property
    def missing_shards(self) -> frozenset[int]:
        """Those that nobody could speak for."""
        return ALL_SHARDS - self.shards

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "is_partial": self.is_partial,
            "missing_shards": sorted(self.missing_shards),
            "missing_nodes": sorted(self.missing_nodes),
        }

    def sentence(self) -> str | None:
        """For people: what is missing; ``None`` if nothing is."""
        if not self.is_partial:
            return None
        gone = ", ".join(sorted(self.missing_nodes))
        why = f"{gone} not there" if gone else "no owner of them has caught up yet"
        return f"partial: {len(self.missing_shards)} of {SHARDS} shards cannot be spoken for, {why}"


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything that looks like some terms."""

    records: tuple[Record, ...]
    coverage: Coverage

    def space(self) -> AtomSpace:
        """A space of it."""
        return gathered(self.records)


@dataclass(frozen=True, slots=True)
class Answers:
    """What a query gave."""

    atoms: tuple[Atom, ...]
    is_all: bool
    """Whether the limit left nothing out."""
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class Known:
    """What is on some atoms."""

    values: Mapping[Atom, Mapping[str, Value]]
    """Of each atom that is there, its values."""
    coverage: Coverage


def coverage_of(answers: Collection[Mapping[str, Any]]) -> tuple[Coverage, bool]:
    """Which shards these answers speak for, and whether asking again could not improve it soon."""
    complete = frozenset(shard for answer in answers for shard in answer["complete"])
    missing: dict[int, frozenset[str]] = {}
    for answer in answers:
        for shard, names in answer["missing"].items():
            missing[int(shard)] = missing.get(int(shard), frozenset()) | frozenset(names)
    gone = [names for shard, names in missing.items() if shard not in complete]
    coverage = Coverage(complete, frozenset().union(*gone))
    return coverage, coverage.missing_shards <= missing.keys()
