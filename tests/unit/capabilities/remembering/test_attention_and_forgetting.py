"""A memory node pays attention to atoms, and forgets those that matter least."""

from __future__ import annotations

from typing import Any

import pytest

from cognitive_architecture.attention import Currency
from cognitive_architecture.foundation.errors import InvalidPayload
from tests.support.asynchronous import async_test

from .minds import Mind, a_mind


def concepts(*names: str) -> str:
    return " ".join(f'(Concept "{name}")' for name in names)


async def focus(mind: Mind) -> list[str]:
    found = (await mind.does("attention_allocation", focus=100))["focus"]
    return [one["atom"] for one in found]


async def funds_are_whole(mind: Mind) -> bool:
    ledger = mind.memory.attention.bank.ledger
    return all(ledger.total(currency) == ledger.issued(currency) for currency in Currency)


@async_test
async def test_what_is_stimulated_comes_into_the_focus_the_richest_first() -> None:
    async with a_mind() as mind:
        await mind.atoms(add=concepts("cat", "dog", "cow"))
        await mind.does("attention_allocation", stimulate=concepts("cat"), amount=1)
        await mind.does("attention_allocation", stimulate=concepts("dog"), amount=5, urgency=0.5)

        assert await focus(mind) == [concepts("dog"), concepts("cat")]
        turns = await mind.does("attention_allocation", turns=3)
        assert turns["turns"] == 3
        assert turns["links_learnt"] > 0
        assert await funds_are_whole(mind)


@async_test
async def test_attention_flows_along_links_between_atoms_that_have_accounts() -> None:
    async with a_mind() as mind:
        await mind.atoms(add=f"(List {concepts('cat', 'dog')})")
        await mind.does("attention_allocation", stimulate=concepts("dog"), amount=0)
        await mind.does("attention_allocation", stimulate=concepts("cat"), amount=10)
        assert await focus(mind) == [concepts("cat")]

        await mind.does("attention_allocation", turns=1)

        assert await focus(mind) == [concepts("cat"), concepts("dog")]
        assert await funds_are_whole(mind)


@async_test
async def test_the_least_important_are_forgotten_and_their_funds_come_back() -> None:
    async with a_mind() as mind:
        await mind.atoms(add=concepts(*(f"word {n}" for n in range(20))) + concepts("held"))
        await mind.atoms(add=f"(List {concepts('held')})")
        await mind.does("attention_allocation", stimulate=concepts("word 3"), amount=3)
        await mind.does("attention_allocation", protect=concepts("word 4"))
        await mind.does("attention_allocation", stimulate='(List (Concept "held"))', amount=1)

        forgotten = await mind.does("memory_management", forget={"size": 5, "spread": 1})

        assert forgotten["count"] == 18
        assert forgotten["atoms"] == 4
        shown = await mind.atoms(show=concepts("word 3", "word 4", "word 5", "held"))
        assert [one["is_there"] for one in shown["atoms"]] == [True, True, False, True]
        figures = (await mind.does("memory_management", figures=True))["figures"]
        assert (figures["atoms"], figures["tombstones"]) == (4, 18)
        assert figures["funds"]["accounts"] == 4
        assert await funds_are_whole(mind)
        assert (await mind.does("memory_management", forget={"size": 5}))["count"] == 0


@async_test
async def test_what_was_removed_has_no_account_any_more() -> None:
    async with a_mind() as mind:
        await mind.atoms(add=concepts("cat", "dog"))
        await mind.does("attention_allocation", stimulate=concepts("cat"), amount=5)
        await mind.atoms(remove=concepts("cat"))

        assert await focus(mind) == []
        assert (mind.memory.attention.funds())["accounts"] == 0
        assert await funds_are_whole(mind)
        with pytest.raises(InvalidPayload, match="removed or forgotten"):
            await mind.does("attention_allocation", stimulate=concepts("cat"))


@pytest.mark.parametrize(
    ("capability", "payload", "sentence"),
    [
        ("attention_allocation", {}, "exactly one of stimulate, protect, turns, focus"),
        ("attention_allocation", {"stimulate": 7}, "payload.stimulate: a string is required"),
        ("attention_allocation", {"stimulate": '(Concept "a")', "amount": -1}, "payload.amount"),
        (
            "attention_allocation",
            {"stimulate": '(Concept "a")', "amount": float("nan")},
            "payload.amount: a number from 0",
        ),
        ("attention_allocation", {"turns": 0}, "payload.turns: a whole number from 1"),
        ("memory_management", {"figures": False}, "payload.figures"),
        ("memory_management", {"forget": 3}, "payload.forget: an object is required"),
        ("memory_management", {"forget": {"size": -1}}, "payload.forget.size: a whole number"),
        ("memory_management", {"forget": {"sise": 1}}, "unknown field"),
    ],
)
@async_test
async def test_bad_input_gets_a_sentence(
    capability: str, payload: dict[str, Any], sentence: str
) -> None:
    async with a_mind() as mind:
        await mind.atoms(add='(Concept "a")')
        with pytest.raises(InvalidPayload) as refused:
            await mind.does(capability, **payload)
        assert sentence in str(refused.value)
