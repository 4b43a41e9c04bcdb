"""One space with stamps says what a plain dictionary of records says, and is found again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.atomspace import AtomSpace, Link, Node, TruthValue
from cognitive_architecture.atomspace.atoms import inside
from cognitive_architecture.atomspace_store import AtomDisk, KeptSpace, MemoryAtomStore
from cognitive_architecture.memory.identity import SHARDS
from cognitive_architecture.memory.identity import digest_of as digest
from cognitive_architecture.memory.records import Record, merged
from cognitive_architecture.memory.replica import Replica, memory_types
from tests.support.examples import quick

from .made_up import ATOMS, STAMPS, records


def a_replica(disk: AtomDisk | None = None) -> tuple[Replica, KeptSpace]:
    store = MemoryAtomStore(disk or AtomDisk())
    store.open()
    kept = KeptSpace(AtomSpace(memory_types()), store)
    return Replica(kept.space), kept


def everything(replica: Replica) -> dict[bytes, tuple[object, ...]]:
    return {
        record.digest: (record.is_there and record.atom, record.added, record.kept_values)
        for shard in range(SHARDS)
        for record in replica.records(shard)
    }


@given(st.lists(records(), max_size=12))
@quick(150)
def test_it_says_what_a_dictionary_of_records_says(said: list[Record]) -> None:
    disk = AtomDisk()
    replica, kept = a_replica(disk)
    oracle: dict[bytes, Record] = {}
    for record in said:
        replica.merge(record)
        known = oracle.get(record.digest, Record(record.digest, None))
        oracle[record.digest] = merged(known, record)

    there = {record.atom for record in oracle.values() if record.is_there}
    assert len(replica) == len(there)
    assert replica.tombstones == len(oracle) - len(there)
    for name, record in oracle.items():
        found = replica.record(name)
        assert found is not None
        assert found.version == record.version
    for atom in ATOMS:
        found = replica.find(atom)
        assert (found is not None) is (atom in there)
        held = any(atom in set(inside(one)) for one in there if one is not None)
        assert (atom in replica.space) is held

    kept.commit_now()
    again, _ = a_replica(disk)
    assert everything(again) == everything(replica)
    assert again.sums() == replica.sums()


@given(st.lists(records(), max_size=8), st.lists(records(), max_size=8))
@quick(100)
def test_replicas_that_exchange_what_differs_are_equal_afterwards(
    one: list[Record], other: list[Record]
) -> None:
    left, right = a_replica()[0], a_replica()[0]
    for record in one:
        left.merge(record)
    for record in other:
        right.merge(record)

    for shard in range(SHARDS):
        mine, theirs = left.versions(shard), right.versions(shard)
        differing = [d for d in mine.keys() | theirs.keys() if mine.get(d) != theirs.get(d)]
        sent = [known for d in differing if (known := left.record(d)) is not None]
        back = [known for d in differing if (known := right.record(d)) is not None]
        for sending in sent:
            right.merge(sending)
        for sending in back:
            left.merge(sending)

    assert left.sums() == right.sums()
    assert everything(left) == everything(right)


def test_a_guest_goes_with_the_last_link_that_holds_it() -> None:
    replica, _ = a_replica()
    cat, animal = Node("Concept", "cat"), Node("Concept", "animal")
    link = Link("Inheritance", (cat, animal))
    for record in (
        Record(digest(link), link, STAMPS[0]),
        Record(digest(cat), cat, STAMPS[0], "", {"truth": (STAMPS[0], TruthValue(0.5, 0.5))}),
    ):
        replica.merge(record)
    assert animal in replica.space
    assert len(replica) == 2

    replica.merge(Record(digest(link), None, "", STAMPS[2]))

    assert link not in replica.space
    assert animal not in replica.space
    assert cat in replica.space


def test_what_is_dropped_leaves_no_trace() -> None:
    replica, _ = a_replica()
    for atom in ATOMS:
        replica.merge(Record(digest(atom), atom, STAMPS[0]))
    replica.merge(Record(digest(ATOMS[-1]), None, "", STAMPS[1]))

    for shard in range(SHARDS):
        replica.drop(shard, list(replica.versions(shard)))

    assert (len(replica), replica.tombstones, len(replica.space)) == (0, 0, 0)
    assert set(replica.sums()) == {"0" * 16}
