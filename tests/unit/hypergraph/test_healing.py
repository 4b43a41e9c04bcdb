"""Memory nodes come and go, and nothing that was acknowledged is lost or comes back."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.atomspace import Atom, Link, Node, TruthValue
from cognitive_architecture.foundation.errors import TaskFailed
from cognitive_architecture.foundation.world import RealClock
from cognitive_architecture.hypergraph import Hypergraph, NoMemoryNode, NotSettled
from cognitive_architecture.memory.holding import Holding
from cognitive_architecture.memory.records import added, removed
from cognitive_architecture.memory.stamps import StampSource
from tests.support.asynchronous import async_test
from tests.support.examples import quick

from .town import Town, a_town, names

CONCEPTS: list[Atom] = [Node("Concept", f"word {number}") for number in range(40)]
PAIRS: list[Atom] = [Link("List", (one, other)) for one, other in pairwise(CONCEPTS)]
EVERYTHING = Link("Meet", (Node("Variable", "$x"),))


async def all_of(graph: Hypergraph) -> set[Atom]:
    found = await graph.query(EVERYTHING, limit=100_000, patience_s=2.0)
    assert not found.coverage.is_partial, found.coverage.sentence()
    return set(found.atoms)


@async_test
async def test_every_atom_is_at_two_nodes_and_no_more() -> None:
    async with a_town(*names(4)) as town:
        await town.hypergraph().add(PAIRS)

        kept = [len(house.memory.replica) for house in town.houses.values()]
        assert sum(kept) == 2 * (len(CONCEPTS) + len(PAIRS))
        assert min(kept) > 0
        assert town.copies_are_whole()


@async_test
async def test_one_of_three_is_lost_and_all_is_still_answered_and_kept_twice_again() -> None:
    async with a_town(*names(3)) as town:
        graph = town.hypergraph()
        await graph.add(PAIRS)
        await town.go("memory-2")

        assert await all_of(graph) == {*CONCEPTS, *PAIRS}
        await town.heal()
        assert town.copies_are_whole()
        assert await all_of(graph) == {*CONCEPTS, *PAIRS}

        await town.go("memory-3")
        assert await all_of(graph) == {*CONCEPTS, *PAIRS}


@async_test
async def test_who_returns_catches_up_with_what_was_written_and_removed_meanwhile() -> None:
    async with a_town(*names(3)) as town:
        graph = town.hypergraph()
        await graph.add(PAIRS)
        await town.go("memory-2")
        await town.heal()
        sure = TruthValue(1.0, 0.9)
        await graph.remove(CONCEPTS[:1], with_incoming=True)
        await graph.set_values({CONCEPTS[1]: {"truth": sure}})
        await graph.add([Node("Concept", "new")])

        await town.come("memory-2")
        held = town.houses["memory-2"].memory.holding
        assert not held.complete
        await town.heal()

        assert held.complete == held.owned
        assert town.copies_are_whole()
        expected = {*CONCEPTS[1:], *PAIRS[1:], Node("Concept", "new")}
        assert await all_of(graph) == expected
        assert (await graph.values([CONCEPTS[1]])).values == {CONCEPTS[1]: {"truth": sure}}
        await town.go("memory-1", "memory-3")
        house = town.houses["memory-2"]
        assert house.memory.replica.find(CONCEPTS[0]) is None


@async_test
async def test_before_it_has_caught_up_the_others_answer_for_it() -> None:
    async with a_town(*names(3)) as town:
        graph = town.hypergraph()
        await graph.add(PAIRS)
        await town.come("memory-4")
        for house in town.houses.values():
            house.memory.holding.adopt(frozenset(town.houses))

        found = await graph.query(EVERYTHING, limit=10_000, patience_s=0.2)

        assert set(found.atoms) == {*CONCEPTS, *PAIRS}


@async_test
async def test_if_both_owners_are_gone_the_answer_says_what_is_missing() -> None:
    async with a_town(*names(4)) as town:
        graph = town.hypergraph()
        await graph.add(PAIRS)
        await town.go("memory-1", "memory-2")
        await town.heal()

        found = await graph.query(EVERYTHING, limit=10_000, patience_s=20.0)

        assert found.coverage.is_partial
        assert found.coverage.missing_nodes == {"memory-1", "memory-2"}
        assert set(found.atoms) < {*CONCEPTS, *PAIRS}
        assert "memory-1, memory-2 not there" in (found.coverage.sentence() or "")

        await town.come("memory-1")
        await town.heal()
        found = await graph.query(EVERYTHING, limit=10_000, patience_s=20.0)
        # It has slept: only the other owner can say whether it has missed something.
        assert found.coverage.missing_nodes == {"memory-2"}
        assert set(found.atoms) == {*CONCEPTS, *PAIRS}
        await town.come("memory-2")
        await town.heal()
        assert await all_of(graph) == {*CONCEPTS, *PAIRS}


@async_test
async def test_who_will_not_come_back_is_dismissed_and_nobody_waits_for_it() -> None:
    async with a_town(*names(4)) as town:
        graph = town.hypergraph()
        await graph.add(PAIRS)
        await town.go("memory-1", "memory-2")
        await town.heal()
        with pytest.raises(TaskFailed, match="is there: let it leave first"):
            await graph.dismiss("memory-3")
        with pytest.raises(TaskFailed, match="one of memory-1, memory-2"):
            await graph.dismiss("memory-9")
        for name in ("memory-1", "memory-2"):
            await graph.dismiss(name)
        await town.heal()

        assert not (await graph.query(EVERYTHING, limit=10_000)).coverage.is_partial


@async_test
async def test_a_whole_town_that_sleeps_and_wakes_up_remembers_everything() -> None:
    async with a_town(*names(3)) as town:
        graph = town.hypergraph()
        await graph.add(PAIRS)
        await town.go(*names(3))
        with pytest.raises(NoMemoryNode, match="cogmesh node --atomspace DIR"):
            await graph.add(PAIRS)
        await town.come("memory-1", "memory-3")
        await town.heal()
        found = await graph.query(EVERYTHING, limit=10_000)
        assert found.coverage.missing_nodes == {"memory-2"}
        assert set(found.atoms) == {*CONCEPTS, *PAIRS}

        await town.come("memory-2")
        await town.heal()
        assert await all_of(graph) == {*CONCEPTS, *PAIRS}


@async_test
async def test_a_write_that_not_all_owners_confirm_is_not_acknowledged() -> None:
    async with a_town(*names(2)) as town:
        graph = town.hypergraph()
        await town.come("memory-3")
        with pytest.raises(NotSettled, match="write again, it does no harm"):
            await graph.add(PAIRS, patience_s=0.3)
        await town.heal()
        await graph.add(PAIRS)
        town.deaf.add("memory-1")
        with pytest.raises(TaskFailed, match="deaf"):
            await graph.add(PAIRS)


@async_test
async def test_what_only_one_owner_has_heard_of_is_found_and_a_removal_counts_too() -> None:
    async with a_town(*names(2)) as town:
        graph = town.hypergraph()
        one, other = (house.memory for house in town.houses.values())
        stamps = StampSource(RealClock(), "late")
        await one.merge([added(CONCEPTS[0], stamps.next(), {})])
        assert await all_of(graph) == {CONCEPTS[0]}

        await other.merge([removed(CONCEPTS[0], stamps.next())])
        assert await all_of(graph) == set()
        await town.heal()
        assert one.replica.find(CONCEPTS[0]) is None


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 5)), max_size=12), st.data())
@quick(25)
def test_whoever_comes_and_goes_as_long_as_one_copy_stays_nothing_is_lost(
    writes: list[tuple[str, int]], data: st.DataObject
) -> None:
    async def live() -> None:
        async with a_town("a", "b", "c") as town:
            graph = town.hypergraph()
            expected: set[Atom] = set()
            for name, number in writes:
                atom = Node("Concept", str(number))
                if name in town.houses and len(town.houses) > 2 and data.draw(st.booleans()):
                    await town.go(name)
                elif name not in town.houses:
                    await town.come(name)
                await town.heal()
                assert town.copies_are_whole()
                if data.draw(st.booleans()):
                    await graph.add([atom])
                    expected.add(atom)
                else:
                    await graph.remove([atom])
                    expected.discard(atom)
                assert await all_of(graph) == expected

    asyncio.run(live())


@async_test
async def test_two_who_write_the_same_value_at_once_are_read_alike_everywhere() -> None:
    async with a_town(*names(3)) as town:
        await town.hypergraph().add([CONCEPTS[0]])
        writers = [town.hypergraph(f"writer {number}") for number in range(4)]

        await asyncio.gather(
            *(
                writer.set_values({CONCEPTS[0]: {"truth": TruthValue(number / 4, 0.5)}})
                for number, writer in enumerate(writers)
            )
        )

        seen = [await writer.values([CONCEPTS[0]]) for writer in writers]
        assert len({repr(one.values) for one in seen}) == 1
        assert town.copies_are_whole()


def test_what_stays_owned_stays_complete_and_what_is_new_is_not() -> None:
    holding = Holding("a")
    assert holding.adopt(frozenset({"a"}))
    assert holding.settle([], frozenset({"a"})) == holding.owned == frozenset(range(64))
    holding.adopt(frozenset("abc"))
    assert holding.complete == holding.owned

    other = Holding("b")
    other.adopt(frozenset("ab"))
    assert other.settle([[0, 1]], frozenset("abc")) == {0, 1}
    assert set(other.missing.values()) == {frozenset("c")}
    other.adopt(frozenset("abc"))
    assert other.missing == {}


@async_test
async def test_a_town_asks_for_no_more_than_it_must() -> None:
    async with a_town(*names(3)) as town:
        await town.hypergraph().add(PAIRS)
        town.asked.clear()
        await _looks(town)
        assert {what for _, what in town.asked} == {"compare"}


async def _looks(town: Town) -> None:
    for house in town.houses.values():
        house.healing._compared_at = float("-inf")
        await house.healing.look()
