"""Whether funds are conserved to the last µSTI, over 10^9 randomized operations.

An operation is one transfer of one amount from one account to another, decided by a law or by
chance. They come in batches of up to 100,000, each an entry that counts whole or not at all: trades
between random accounts, stimuli, rent, diffusion, escrow, forgetting. One batch in twenty is told
twice. Some ask for more than there is and must be refused without a trace. Now and then the process
"dies": the books are thrown away and made again from the last checkpoint and the journal, whose
last record is sometimes cut off in the middle and then told again.

After every batch the sum of all balances must be what the bank was founded with, in both
currencies, and no balance below zero. The books are kept a second time beside the ledger, by adding
up the same postings in another way; after every crash the two must agree to the last µSTI.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from cognitive_architecture.attention import (
    BANK,
    AccountKind,
    AttentionBank,
    AttentionError,
    Currency,
    HebbianLinks,
    Ledger,
    Parameters,
)
from cognitive_architecture.attention.escrow import charge, reserve
from cognitive_architecture.attention.journal import Entry, decoded

from .report import Options, Report

OPERATIONS = 1_000_000_000
ATOMS = 20_000
BATCH = 100_000
CRASH_EVERY = 40
DEGREE = 10


def measure(options: Options) -> Report:
    """Run until there have been enough operations, and count the drift."""
    goal = OPERATIONS // (100 if options.quick else 1)
    storm = Storm(np.random.default_rng(20261124))
    console = Console()
    began = time.perf_counter()
    told = 0
    while storm.operations < goal:
        storm.step()
        if storm.operations * 20 // goal > told:
            told = storm.operations * 20 // goal
            spent = time.perf_counter() - began
            console.print(
                f"{min(100, 5 * told):>3} %  {storm.operations:>13,} operations  {spent:>5,.0f} s  "
                f"drift {storm.drift_max} µSTI  {storm.crashes:,} crashes",
                highlight=False,
            )
    storm.crash(torn=False)
    seconds = time.perf_counter() - began
    drift = storm.drift_max
    console.print(
        f"{storm.operations:,} operations in {seconds:,.0f} s: drift {drift} µSTI; "
        f"{storm.crashes:,} crashes, {storm.duplicates:,} batches told twice, "
        f"{storm.refused:,} refused"
    )
    return Report(
        "drift",
        "uSTI",
        {
            "drift": [float(drift)],
            "operations": [float(storm.operations)],
            "operations_per_s": [storm.operations / seconds],
            "crashes": [float(storm.crashes)],
            "duplicates": [float(storm.duplicates)],
            "refused": [float(storm.refused)],
        },
        met=drift == 0 and storm.operations >= goal == OPERATIONS,
        config={"atoms": ATOMS, "batch_max": BATCH, "operations": goal},
    )


class Storm:
    """An economy, a second set of books, and everything that can happen to them."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.journal = bytearray()
        self.parameters = Parameters(
            starting_funds_sti=1_000_000,
            starting_funds_lti=1_000_000,
            target_sti=600_000,
            target_lti=600_000,
            forget_size=ATOMS,
        )
        self.links = HebbianLinks()
        self.bank = AttentionBank(self.parameters, journal=self.journal.extend, links=self.links)
        self.operations = self.crashes = self.duplicates = self.refused = 0
        self.drift_max = 0
        self.serial = 0
        self.checkpoint: bytes | None = None
        self.seen = 0
        self.mirror = np.zeros((len(Currency), 64 * ATOMS), dtype=np.int64)
        """The second set of books, with room for every handle there will be."""
        for currency in Currency:
            self.mirror[currency, BANK] = self.ledger.issued(currency)
        self._open(ATOMS)
        self._link()

    @property
    def ledger(self) -> Ledger:
        """The books of today; a crash replaces them."""
        return self.bank.ledger

    def step(self) -> None:
        """One batch, sometimes twice; now and then a crash."""
        self.serial += 1
        event = f"event {self.serial}"
        likely = {
            self._trade: 0.55,
            self._stimulate: 0.12,
            self._rent: 0.06,
            self._spread: 0.12,
            self._diffuse: 0.04,
            self._escrow: 0.06,
            self._forget: 0.01,
            self._greed: 0.04,
        }
        act = list(likely)[self.rng.choice(len(likely), p=list(likely.values()))]
        state = self.rng.bit_generator.state
        act(event)
        if self.rng.random() < 0.05:
            after = self.rng.bit_generator.state
            self.rng.bit_generator.state = state
            act(event)
            self.rng.bit_generator.state = after
            self.duplicates += 1
        self._book()
        self._check()
        if self.serial % CRASH_EVERY == 0:
            self.crash(torn=bool(self.rng.random() < 0.5))

    def crash(self, *, torn: bool) -> None:
        """Throw the books away and make them again."""
        event = f"torn {self.serial}"
        if torn:
            whole = len(self.journal)
            self._trade(event)
            cut = int(self.rng.integers(whole, len(self.journal)))
            del self.journal[cut:]
            records = bytes(self.journal)
            del self.journal[whole:]
        else:
            records = bytes(self.journal)
        found = Ledger.replayed(records, checkpoint=self.checkpoint, sink=self.journal.extend)
        self.crashes += 1
        for currency in Currency:
            balances = found.balances(currency)
            wrong = np.abs(balances - self.mirror[currency, : len(balances)]).sum()
            self.drift_max = max(self.drift_max, int(wrong))
        self.bank = AttentionBank(self.parameters, ledger=found, links=self.links)
        if torn:
            self._trade(event)
            self._book()
        self.checkpoint = self.ledger.checkpoint()
        self.journal.clear()
        self.seen = 0

    def _check(self) -> None:
        for currency in Currency:
            off = abs(self.ledger.total(currency) - self.ledger.issued(currency))
            self.drift_max = max(self.drift_max, off)
        for currency in (Currency.STI, Currency.LTI):
            if self.ledger.balances(currency).min() < 0:
                raise SystemExit(f"a balance fell below zero at event {self.serial}")

    def _book(self) -> None:
        """Keep the second set of books, and count, from what was written to the journal."""
        for entry in self._new_entries():
            for posting in entry.postings:
                self.operations += len(posting.accounts) // 2
                sums = np.bincount(posting.accounts, posting.amounts)  # exact below 2^53
                self.mirror[posting.currency, : len(sums)] += sums.astype(np.int64)

    def _new_entries(self) -> list[Entry]:
        entries = []
        view = memoryview(bytes(self.journal[self.seen :]))
        self.seen = len(self.journal)
        at = 0
        while at < len(view):
            length = int.from_bytes(view[at : at + 4], "little")
            entry = decoded(bytes(view[at + 4 : at + 4 + length]))
            at += 4 + length + 32
            if entry.law != "genesis":
                entries.append(entry)
        return entries

    def _atoms(self, count: int) -> NDArray[np.int64]:
        atoms = self.ledger.accounts.open_handles(AccountKind.ATOM)
        return self.rng.choice(atoms, count)

    def _open(self, count: int) -> None:
        self.serial += 1
        self.bank.open_atoms(f"open {self.serial}", [f"a{self.serial}.{n}" for n in range(count)])

    def _link(self) -> None:
        ends = self._atoms(ATOMS * DEGREE), self._atoms(ATOMS * DEGREE)
        pairs = np.unique((ends[0] << 32) | ends[1])
        ones = np.full(len(pairs), 0.5)
        self.links.load(pairs >> 32, pairs & 0xFFFFFFFF, ones, ones)

    def _trade(self, event: str) -> None:
        """Amounts so small that most batches can be paid."""
        count = int(self.rng.integers(1, BATCH))
        balances = self.ledger.balances()
        payers, payees = self._atoms(count), self._atoms(count)
        turns = np.bincount(payers, minlength=len(balances))[payers]
        amounts = np.floor(balances[payers] * self.rng.random(count) / turns).astype(np.int64)
        self._try(lambda: self.ledger.transfer(event, payers, payees, amounts))

    def _greed(self, event: str) -> None:
        """More than there is: refused as a whole, or the ledger is wrong."""
        count = int(self.rng.integers(1, 1_000))
        amounts = self.rng.integers(0, 10**12, count)
        payers, payees = self._atoms(count), self._atoms(count)
        self._try(lambda: self.ledger.transfer(event, payers, payees, amounts))

    def _stimulate(self, event: str) -> None:
        count = int(self.rng.integers(1, ATOMS))
        self.bank.stimulate(event, self._atoms(count), self.rng.random(count))

    def _rent(self, event: str) -> None:
        self.bank.collect_rent(event)

    def _spread(self, event: str) -> None:
        self.bank.spread(event)

    def _diffuse(self, event: str) -> None:
        self.bank.diffuse(event)

    def _escrow(self, event: str) -> None:
        (payer, payee), balances = self._atoms(2).tolist(), self.ledger.balances()
        most = int(balances[payer])
        actual = int(self.rng.integers(0, most + 1))
        self._try(lambda: reserve(self.ledger, event, payer, most))
        self._try(lambda: charge(self.ledger, event, actual, payee))

    def _forget(self, event: str) -> None:
        """New atoms come, and as many old ones are forgotten."""
        if event not in self.ledger:
            self._open(2 * self.parameters.forget_spread)
            self.bank.forget(event)

    def _try(self, act: Callable[[], object]) -> None:
        try:
            act()
        except AttentionError:
            self.refused += 1
