"""Atoms are kept, found and removed through the capability ``atomspace``."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from cognitive_architecture.atomspace import Change
from cognitive_architecture.atomspace_store import AtomDisk, MemoryAtomStore, SqlAtomStore
from cognitive_architecture.foundation.errors import InvalidPayload, PermanentFailure
from cognitive_architecture.foundation.world import RealClock
from cognitive_architecture.memory.errors import NotOpen
from tests.support.asynchronous import async_test, turns

from .minds import a_mind


def sure(name: str, strength: float) -> str:
    """A concept with a truth value on it."""
    truth = f'(alist (cons (Predicate "truth") (TruthValue {strength} 0.9)))'
    return f'(Concept "{name}" {truth})'


CAT = sure("cat", 0.5)
ZOO = f"""
(Inheritance {CAT} (Concept "animal"))
(Inheritance (Concept "dog") (Concept "animal"))
(Set (Concept "dog") (Concept "cat"))
"""
WHICH = '(Meet (Inheritance (Variable "$x") (Concept "animal")))'


@async_test
async def test_what_was_added_is_found_by_query_and_pattern_with_its_values() -> None:
    async with a_mind() as mind:
        assert await mind.atoms(add=ZOO) == {"changed": 6}

        found = await mind.atoms(query=WHICH)
        assert sorted(found["answers"]) == ['(Concept "cat")', '(Concept "dog")']
        assert found["is_all"]
        assert await mind.atoms(query=WHICH, limit=1) | {"answers": []} == {
            "answers": [],
            "is_all": False,
        }

        matched = await mind.atoms(match='(Set (Variable "$x") (Concept "cat"))')
        assert matched["atoms"] == [
            {
                "atom": '(Set (Concept "cat") (Concept "dog"))',
                "bindings": {"$x": '(Concept "dog")'},
            }
        ]
        shown = await mind.atoms(show='(Concept "cat") (Concept "cow")')
        assert [one["is_there"] for one in shown["atoms"]] == [True, False]
        assert "0.5" in shown["atoms"][0]["atom"]


@async_test
async def test_a_query_for_everything_finds_no_bookkeeping() -> None:
    async with a_mind() as mind:
        await mind.atoms(add='(Concept "cat") (Concept "dog")')
        await mind.atoms(remove='(Concept "dog")')

        assert (await mind.atoms(query='(Meet (Variable "$x"))'))["answers"] == ['(Concept "cat")']
        assert mind.memory.figures()["tombstones"] == 1


@async_test
async def test_negation_choice_and_rewriting_work_as_in_one_space() -> None:
    async with a_mind() as mind:
        await mind.atoms(add=ZOO + '(Inheritance (Concept "dog") (Concept "pet"))')
        wild = (
            '(Query (And (Present (Inheritance (Variable "$x") (Concept "animal")))'
            ' (Absent (Inheritance (Variable "$x") (Concept "pet")))) (List (Variable "$x")))'
        )

        assert (await mind.atoms(query=wild))["answers"] == ['(List (Concept "cat"))']


@async_test
async def test_values_are_set_on_what_is_there_and_refused_on_what_was_removed() -> None:
    async with a_mind() as mind:
        await mind.atoms(add=ZOO)
        assert await mind.atoms(set=sure("cat", 0.75)) == {"changed": 1}
        assert "0.75" in (await mind.atoms(show='(Concept "cat")'))["atoms"][0]["atom"]

        with pytest.raises(InvalidPayload, match="held by"):
            await mind.atoms(remove='(Concept "cat")')
        assert await mind.atoms(remove='(Concept "cat")', with_incoming=True) == {"changed": 3}
        with pytest.raises(InvalidPayload, match="removed or forgotten; add it first"):
            await mind.atoms(set=sure("cat", 1.0))
        assert (await mind.atoms(query=WHICH))["answers"] == ['(Concept "dog")']


@async_test
async def test_it_reads_and_writes_all_dialects() -> None:
    async with a_mind() as mind:
        await mind.atoms(add="(Inheritance cat animal)", dialect="metta")
        classic = '(GetLink (InheritanceLink (VariableNode "$x") (VariableNode "$y")))'

        found = await mind.atoms(query=classic, dialect="classic")
        assert len(found["answers"]) == 1
        assert found["answers"][0].startswith("(ListLink")


@pytest.mark.parametrize(
    ("payload", "sentence"),
    [
        ({}, "exactly one of add, set, remove, query, match, show"),
        ({"add": "()", "query": "()"}, "not add and query"),
        ({"add": ""}, "an expression is required"),
        ({"add": '(Concept "cat"'}, "line 1, column 1: the bracket that opens here"),
        ({"add": '(Concept "a")\n  (Concpt "b")'}, "line 2, column"),
        ({"add": sure("a", float("nan"))}, "payload.add: line 1, column"),
        ({"add": '(Tombstone "a")'}, "no type that is known"),
        ({"add": "(List " * 101 + ")" * 101}, "nest at most 100 deep"),
        ({"add": "(List " * 100_000 + ")" * 100_000}, "nest at most 100 deep"),
        (
            {"add": '(Concept "a" (alist (cons (Predicate "@stamps") (StringValue "x"))))'},
            "the key @stamps is the mesh's own",
        ),
        ({"query": '(Concept "a")'}, "a query is a Meet"),
        (
            {"query": '(Query (Concept "a") (List (Variable "$y")))'},
            "stands in the rewrite, but no clause grounds it",
        ),
        ({"query": '(Meet (Variable "$x")) (Meet (Variable "$y"))'}, "one expression at a time"),
        ({"query": '(Meet (Variable "$x"))', "limit": 0}, "payload.limit: a whole number"),
        ({"query": '(Meet (Variable "$x"))', "deadline_s": float("nan")}, "payload.deadline_s"),
        ({"add": '(Concept "a")', "dialect": "latin"}, "payload.dialect: one of"),
        ({"remove": '(Concept "a")', "with_incoming": 1}, "payload.with_incoming: true or false"),
        ({"remove": '(Concept "nobody")'}, "never added here"),
    ],
)
@async_test
async def test_bad_input_gets_a_sentence(payload: dict[str, Any], sentence: str) -> None:
    async with a_mind() as mind:
        await mind.atoms(add='(Concept "a")')
        with pytest.raises(InvalidPayload) as refused:
            await mind.atoms(**payload)
        assert sentence in str(refused.value)
        assert mind.memory.figures()["atoms"] == 1


@async_test
async def test_a_query_that_takes_too_long_is_given_up() -> None:
    pairs = " ".join(f'(List (Concept "{n}") (Concept "{n + 1}"))' for n in range(300))
    x, y, z = (f'(Variable "${name}")' for name in "xyz")
    hard = f"(Meet (And (Present (List {x} {x})) (Present (List {y} {z}))))"
    async with a_mind() as mind:
        await mind.atoms(add=pairs)
        cross = f"(Meet (And (Present (List {x} {y})) (Absent (List {z} {z}))))"
        assert (await mind.atoms(query=hard))["answers"] == []
        assert (await mind.atoms(query=cross, limit=10))["is_all"] is False
        product = f'(Meet (Present (List {x} {y}) (List {z} (Variable "$w"))))'
        with pytest.raises(PermanentFailure, match="deadline"):
            await mind.atoms(query=product, limit=100_000, deadline_s=0.01)


class SlowStore(MemoryAtomStore):
    """Writes when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[tuple[asyncio.Future[None], Sequence[Change]]] = []

    def append(self, changes: Sequence[Change]) -> asyncio.Future[None]:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append((future, list(changes)))
        return future

    def write(self) -> None:
        for future, changes in self.waiting:
            self.append_now(changes)
            future.set_result(None)
        self.waiting.clear()


@async_test
async def test_a_write_is_acknowledged_when_it_is_durable_and_not_before() -> None:
    store = SlowStore()
    async with a_mind(store=store) as mind:
        adding = asyncio.ensure_future(mind.atoms(add='(Concept "cat")'))
        while not store.waiting:
            await turns(1)
        await turns(20)
        assert not adding.done()

        store.write()

        assert await adding == {"changed": 1}


@async_test
async def test_what_was_acknowledged_is_there_after_a_restart(tmp_path: Path) -> None:
    async with a_mind(store=SqlAtomStore(tmp_path, RealClock())) as mind:
        await mind.atoms(add=ZOO)
        await mind.atoms(remove='(Set (Concept "dog") (Concept "cat"))')
        before = [mind.memory.replica.sums(), mind.memory.figures()["tombstones"]]
    async with a_mind(store=SqlAtomStore(tmp_path, RealClock())) as mind:
        assert [mind.memory.replica.sums(), mind.memory.figures()["tombstones"]] == before
        assert len((await mind.atoms(query=WHICH))["answers"]) == 2


@async_test
async def test_a_memory_that_is_not_open_says_so() -> None:
    async with a_mind(AtomDisk()) as mind:
        pass
    with pytest.raises(NotOpen, match="not open yet, or no longer"):
        await mind.atoms(query=WHICH)
