"""Lets an economy work that a SQLite store keeps, and says what is durable, until it is killed.

python -m tests.conformance.attention_store_writer FOLDER

Each line is printed after its commit has returned: the number of the last round that is durable.
What the books hold after some rounds, ``play`` says. Every seventh round makes a checkpoint.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from cognitive_architecture.attention import AccountKind, AttentionBank
from cognitive_architecture.attention_store import Keepsakes, restored_bank
from cognitive_architecture.attention_store.beliefs import packed
from cognitive_architecture.attention_store.sql import SqlAttentionStore
from cognitive_architecture.foundation.world import RealClock

from .attention_stores import PARAMETERS

ATOMS = 9


def last_round(bank: AttentionBank) -> int:
    """The last round that the books have seen; -1 if none."""
    done = [int(name) for name in _rounds(bank)]
    return max(done, default=-1)


def _rounds(bank: AttentionBank) -> list[str]:
    accounts = bank.ledger.accounts
    return [accounts.name(handle) for handle in accounts.open_handles(AccountKind.TASK).tolist()]


def play(bank: AttentionBank, number: int) -> None:
    """Let the economy work as round ``number`` does."""
    if number < ATOMS:
        bank.open_atoms(f"{number} atom", [f"atom {number}"])
    atoms = bank.ledger.accounts.open_handles(AccountKind.ATOM)
    bank.stimulate(f"{number} wages", atoms[number % len(atoms) :], 1 + number % 4)
    bank.learn(np.random.default_rng(number))
    bank.spread(f"{number} spread")
    # An account whose name is the number: of the round before, it is closed.
    if number:
        before = bank.ledger.accounts.handle(AccountKind.TASK, str(number - 1))
        bank.ledger.close(f"{number} close", [before])
    bank.ledger.open(f"{number} round", AccountKind.TASK, [str(number)])


def main(folder: str) -> None:
    store = SqlAttentionStore(Path(folder), RealClock())
    records: list[bytes] = []
    bank = restored_bank(store.open(), PARAMETERS, journal=records.append)
    number = last_round(bank)
    while True:
        number += 1
        play(bank, number)
        checkpoint = bank.ledger.checkpoint(ids_kept=100) if number % 7 == 6 else None
        beliefs = packed(bank.links, np.unique(bank.links.all().sources))
        store.commit_now(
            Keepsakes(
                float(number),
                tuple(records),
                beliefs,
                replaces_beliefs=True,
                checkpoint=checkpoint,
            )
        )
        records.clear()
        print(number, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
