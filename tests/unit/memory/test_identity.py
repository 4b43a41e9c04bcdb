"""An atom is called the same in every process, and kept by two nodes that everybody agrees on."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.atomspace import Atom, Link, Node
from cognitive_architecture.memory.errors import NestedTooDeep
from cognitive_architecture.memory.identity import (
    NESTING_MAX,
    SHARDS,
    Table,
    atoms_of,
    digest_of,
    shard_of,
)
from cognitive_architecture.memory.owners import COPIES, owners, shards_by_owner
from tests.support.examples import quick
from tests.unit.atomspace.notation.made_up import atoms

members = st.sets(st.text(min_size=1, max_size=4), min_size=1, max_size=6)


def nested(depth: int) -> Atom:
    atom: Atom = Node("Concept", "a")
    for _ in range(depth):
        atom = Link("List", (atom, atom))
    return atom


def test_a_digest_is_the_same_in_every_process() -> None:
    program = (
        "from cognitive_architecture.atomspace import Link, Node;"
        "from cognitive_architecture.memory import digest_of;"
        "cat = Node('Concept', 'cät');"
        "print(digest_of(Link('List', (cat, Link('Set', (cat,))))).hex())"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert said.stdout.strip() == "0ac2306f00254ec3b55213575b35043c"


@given(atoms, atoms)
@quick(100)
def test_different_atoms_have_different_digests(one: Atom, other: Atom) -> None:
    assert (digest_of(one) == digest_of(other)) is (one == other)
    assert 0 <= shard_of(digest_of(one)) < SHARDS


@given(st.lists(atoms, max_size=4))
@quick(100)
def test_a_table_says_each_atom_once_and_gives_all_back(some: list[Atom]) -> None:
    table = Table()

    places = [table.place(atom) for atom in some]

    found = atoms_of(table.rows)
    assert [found[place] for place in places] == some
    assert len(set(found)) == len(found)


def test_what_is_shared_costs_nothing_and_what_is_too_deep_is_refused() -> None:
    table = Table()
    table.place(nested(NESTING_MAX))

    assert len(table.rows) == NESTING_MAX + 1
    with pytest.raises(NestedTooDeep, match="at most 100 deep"):
        digest_of(nested(NESTING_MAX + 1))


@given(members, st.integers(0, SHARDS - 1))
@quick(100)
def test_every_shard_has_two_owners_whatever_the_order_of_the_names(
    names: set[str], shard: int
) -> None:
    kept = owners(shard, names)

    assert len(kept) == len(set(kept)) == min(COPIES, len(names))
    assert set(kept) <= names
    assert owners(shard, sorted(names)) == owners(shard, sorted(names, reverse=True)) == kept


@given(members, st.integers(0, SHARDS - 1))
@quick(100)
def test_when_a_node_goes_only_what_it_kept_moves(names: set[str], shard: int) -> None:
    before = owners(shard, names)
    for gone in names:
        after = owners(shard, names - {gone})
        staying = [name for name in before if name != gone]
        assert list(after[: len(staying)]) == staying


def test_the_shards_are_shared_out_evenly() -> None:
    kept = shards_by_owner({f"memory-{number}" for number in range(4)})
    first = Counter(owners(shard, kept)[0] for shard in range(SHARDS))

    assert sum(map(len, kept.values())) == COPIES * SHARDS
    assert min(map(len, kept.values())) >= SHARDS * COPIES / 4 / 2
    assert min(first.values()) >= SHARDS / 4 / 2
