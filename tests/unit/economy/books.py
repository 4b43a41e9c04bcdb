"""Books with a bank of their own, and earnings said in a word."""

from __future__ import annotations

from typing import Any

import numpy as np

from cognitive_architecture.attention import AttentionBank, Currency
from cognitive_architecture.distributed_mesh.economy.books import KINDS, MeshBooks, parameters_of
from cognitive_architecture.distributed_mesh.economy.ports import Guidance
from cognitive_architecture.distributed_mesh.economy.turns import take_turn
from cognitive_architecture.distributed_mesh.machines.earnings import Deed, Earnings
from cognitive_architecture.foundation.settings import AttentionSettings


def some_books(**settings: Any) -> MeshBooks:
    chosen = AttentionSettings(**settings)
    return MeshBooks(AttentionBank(parameters_of(chosen), kinds=KINDS), chosen)


def earned(*deeds: tuple[str, str, str | None, int, int]) -> Earnings:
    """Node, capability, requester, accepted, failed."""
    earnings = Earnings()
    for node, capability, requester, accepted, failed in deeds:
        deed = Deed(node, capability, requester)
        if accepted:
            earnings.accept(deed, accepted)
        for _ in range(failed):
            earnings.fail(deed)
    return earnings


def turn(
    books: MeshBooks,
    *deeds: tuple[str, str, str | None, int, int],
    present: tuple[str, ...] = (),
    now: float = 0.0,
    concepts: tuple[str, ...] = (),
) -> Guidance:
    earnings = earned(*deeds)
    earnings.mention(concepts)
    return take_turn(books, earnings, present=present, now=now, rng=np.random.default_rng(0))


def assert_conserved(books: MeshBooks) -> None:
    """Nothing was made or lost, and nobody owes anything."""
    ledger = books.bank.ledger
    for currency in Currency:
        assert ledger.total(currency) == ledger.issued(currency)
        if currency is not Currency.VLTI:
            assert ledger.balances(currency).min() >= 0
