"""Whatever order writes arrive in, and how often, all replicas come to say the same."""

from __future__ import annotations

from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.atomspace import Node, TruthValue
from cognitive_architecture.foundation.world import SimulatedClock
from cognitive_architecture.memory.identity import digest_of
from cognitive_architecture.memory.records import Record, added, merged, removed
from cognitive_architecture.memory.stamps import StampSource
from tests.support.examples import quick

from .made_up import records

CAT = Node("Concept", "cat")
writes = st.lists(records([CAT]), min_size=1, max_size=6)


def state(said: list[Record]) -> Record:
    return reduce(merged, said, Record(digest_of(CAT), None))


@given(writes, writes)
@quick(200)
def test_merging_goes_both_ways_and_twice_is_once(one: list[Record], other: list[Record]) -> None:
    left, right = state(one), state(other)

    assert merged(left, right).version == merged(right, left).version
    assert merged(left, left) is left
    assert merged(merged(left, right), right).version == merged(left, right).version


@given(st.data(), writes)
@quick(200)
def test_the_order_of_writes_does_not_matter_once_replicas_have_met(
    data: st.DataObject, said: list[Record]
) -> None:
    left, right = state(said), state(data.draw(st.permutations(said)))

    assert left.is_there == right.is_there
    assert (left.added, left.removed) == (right.added, right.removed)
    assert merged(left, right).version == merged(right, left).version


def test_the_later_write_counts_and_a_removal_takes_what_was_written_before_it() -> None:
    stamps = StampSource(SimulatedClock(), "desk")
    sure, unsure = TruthValue(1.0, 0.9), TruthValue(0.5, 0.1)
    first = added(CAT, stamps.next(), {"truth": unsure, "note": sure})
    gone = removed(CAT, stamps.next())
    again = added(CAT, stamps.next(), {"truth": sure})

    assert state([first, gone]).is_there is False
    assert state([first, gone, again]).kept_values == {"truth": sure}
    assert state([again, first, gone]).kept_values == {"truth": sure}


def test_a_late_replica_cannot_bring_back_what_was_removed() -> None:
    stamps = StampSource(SimulatedClock(), "desk")
    old = added(CAT, stamps.next())
    gone = removed(CAT, stamps.next())

    assert not merged(gone, old).is_there
    assert not merged(old, gone).is_there


def test_of_one_stamp_given_twice_all_replicas_choose_alike() -> None:
    stamp = StampSource(SimulatedClock(), "desk").next()
    one = added(CAT, stamp, {"truth": TruthValue(0.5, 0.5)})
    other = added(CAT, stamp, {"truth": TruthValue(0.7, 0.5)})

    assert merged(one, other).kept_values == merged(other, one).kept_values


def test_a_source_gives_rising_stamps_also_when_its_clock_stands_or_is_behind() -> None:
    clock = SimulatedClock()
    here, ahead = StampSource(clock, "here"), SimulatedClock(wall_at_zero=1_800_000_000.0)
    seen = StampSource(ahead, "there").next()

    given = [here.next() for _ in range(3)]
    here.see(seen)
    given.append(here.next())

    assert given == sorted(set(given))
    assert given[-1] > seen
