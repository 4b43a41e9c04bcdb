"""Reserving what a task may cost, and charging what it did cost.

    payer ──maximum──▶ escrow of the task ──actual──▶ payee
                                          └──the rest──▶ payer

The escrow of each task is an account of its own, owned by its payer; so the books alone say what
is reserved, for whom, also after a crash. Both steps count once for each task.
"""

from __future__ import annotations

import numpy as np

from cognitive_architecture.foundation.sentences import shown

from .accounts import BANK, AccountKind
from .errors import InvalidAmount
from .journal import Currency, Entry, Posting
from .ledger import Ledger
from .units import whole


def reserve(ledger: Ledger, task: str, payer: int, maximum: int) -> bool:
    """Take the most that a task may cost from its payer.

    Args:
        ledger: The books.
        task: Its id; with repeated attempts, the attempt's.
        payer: Handle.
        maximum: µSTI, not negative.

    Returns:
        ``False`` if it was reserved before, whether or not it was charged since.

    Raises:
        UnknownAccount: The payer has no account.
        InvalidAmount: The maximum is negative or too large.
        Overdrawn: The payer has less.
    """
    entry_id = f"reserve {task}"
    if entry_id in ledger:
        return False
    (amount,) = whole([maximum], "maximum", low=0).tolist()
    ledger.accounts.require_open([payer])
    opening = ledger.accounts.planned(AccountKind.ESCROW, [task], owner=payer)
    posting = _moved(payer, [(int(opening.handles[0]), amount)])
    return ledger.post(Entry(entry_id, "reserve", (posting,), opening))


def charge(ledger: Ledger, task: str, actual: int, payee: int = BANK) -> bool:
    """Pay what a task has cost, and give the rest back.

    Args:
        ledger: The books.
        task: As it was reserved.
        actual: µSTI, from 0 (everything goes back) to what was reserved.
        payee: Handle.

    Returns:
        ``False`` if it was charged before; the first time counts.

    Raises:
        UnknownAccount: Nothing was reserved for it, or the payee has no account.
        InvalidAmount: More than was reserved.
    """
    entry_id = f"charge {task}"
    if entry_id in ledger:
        return False
    escrow = ledger.accounts.handle(AccountKind.ESCROW, task)
    reserved = ledger.balance(escrow)
    (cost,) = whole([actual], "actual", low=0).tolist()
    if cost > reserved:
        raise InvalidAmount(
            f"actual: task {shown(task)} reserved {reserved:,} µSTI and cannot be charged "
            f"{cost:,}; reserve the most that it may cost"
        )
    payer = ledger.accounts.owner(escrow)
    posting = _moved(escrow, [(payee, cost), (payer, reserved - cost)])
    return ledger.post(Entry(entry_id, "charge", (posting,), closed=np.array([escrow])))


def _moved(source: int, parts: list[tuple[int, int]]) -> Posting:
    accounts = np.array([source, *(account for account, _ in parts)], dtype=np.int64)
    amounts = np.array([-sum(part for _, part in parts), *(part for _, part in parts)])
    return Posting(Currency.STI, accounts, amounts)
