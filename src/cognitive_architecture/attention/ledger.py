"""The books: double entry in whole µSTI, entries that are atomic and count once, a journal.

    entry ──▶ known id? ──yes──▶ nothing changes
                 │ no
                 ▼
      all checks ──▶ journal ──▶ balances

What is checked before anything is written: that every amount comes from somewhere, that every
account is open, that no balance falls below what its account has declared. The journal takes the
entry before the balances do; if it refuses, nothing has happened. So a ledger that is replayed
from its journal has the same books, and the sum of all balances is for ever what it was at first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from cognitive_architecture.foundation.sentences import shown

from .accounts import BANK, NOBODY, AccountKind, Accounts, Opening
from .checkpoint import Checkpoint
from .errors import AccountInUse, EntryConflict, InvalidAmount, JournalDamaged, Overdrawn
from .journal import START, Currency, Entry, Posting, bodies, decoded, digest, encoded, framed
from .units import AMOUNT_MAX, MICRO, Ints, whole

Sink = Callable[[bytes], None]
"""Keeps one record of the journal for ever, or raises."""

_CURRENCIES: Final = len(Currency)
_ENTRIES_PER_BALANCE: Final = 8
"""An entry that names at least one in so many accounts is added to all balances at once."""


class Ledger:
    """The balances of all accounts. Not for several threads at once.

    Args:
        funds: What the bank has at first, in µ of each currency; nothing else is ever made.
        overdraft: How far the bank's STI and LTI may fall below 0, in µ.
        journal: Keeps each record before the entry counts; ``None`` keeps nothing.

    Raises:
        InvalidAmount: Funds or overdraft are negative, or beyond ``AMOUNT_MAX``.
    """

    def __init__(
        self, funds: Mapping[Currency, int], *, overdraft: int = 0, journal: Sink | None = None
    ) -> None:
        self._clear(journal)
        (bound,) = whole([overdraft], "overdraft", low=0).tolist()
        amounts = whole([funds.get(Currency(n), 0) for n in range(_CURRENCIES)], "funds", low=0)
        opening = self.accounts.planned(AccountKind.BANK, ["bank"], floor=-bound)
        body = encoded(Entry("", "genesis", _from_nowhere(amounts), opening))
        self._begin(body)

    def _clear(self, journal: Sink | None) -> None:
        self.accounts = Accounts()
        self.head = START
        """The hash of the last record."""
        self.entry_count = 0
        """Entries since the beginning, the first one included."""
        self._sink = journal
        self._balances = np.zeros((_CURRENCIES, self.accounts.capacity), dtype=np.int64)
        self._digests: dict[str, bytes] = {}
        self._issued = np.zeros(_CURRENCIES, dtype=np.int64)

    def _begin(self, body: bytes) -> None:
        entry = decoded(body)
        if entry.law != "genesis" or entry.opened is None:
            raise JournalDamaged("the journal does not begin with the founding of a bank")
        self._keep(body, digest(body))
        self.accounts.open(entry.opened)
        for posting in entry.postings:
            self._balances[posting.currency, BANK] = self._issued[posting.currency] = (
                posting.amounts[0]
            )

    @classmethod
    def replayed(
        cls, journal: bytes, *, checkpoint: bytes | None = None, sink: Sink | None = None
    ) -> Ledger:
        """The ledger that wrote these records.

        Args:
            journal: All its records, or those after ``checkpoint``. A last one that was cut off is
                left aside: cut the file there before writing on.
            checkpoint: What ``checkpoint()`` returned before the first of them.
            sink: Keeps the records to come.

        Raises:
            JournalDamaged: A record is not the one that was written.
        """
        ledger = cls.__new__(cls)
        ledger._replay(journal, checkpoint, sink)  # noqa: SLF001 - one of its own
        return ledger

    def _replay(self, journal: bytes, checkpoint: bytes | None, sink: Sink | None) -> None:
        self._clear(None)
        if checkpoint is not None:
            self._restore(Checkpoint.decoded(checkpoint))
        for body in bodies(journal, self.head):
            if self.entry_count == 0:
                self._begin(body)
            else:
                self.post(decoded(body))
        if self.entry_count == 0:
            raise JournalDamaged("the journal holds no whole record: there is nothing to replay")
        self._sink = sink

    def __contains__(self, entry_id: str) -> bool:
        """Whether an entry of this id counts already."""
        return entry_id in self._digests

    def issued(self, currency: Currency) -> int:
        """What all balances of a currency add up to, always."""
        return int(self._issued[currency])

    def total(self, currency: Currency) -> int:
        """What all balances add up to, counted anew."""
        return int(self._balances[currency].sum())

    def balances(self, currency: Currency = Currency.STI) -> Ints:
        """All balances by handle, in µ; shape ``(count,)``. A read-only view that goes along."""
        view = self._balances[currency, : self.accounts.count]
        view.flags.writeable = False
        return view

    def balance(self, account: int, currency: Currency = Currency.STI) -> int:
        """What one account has, in µ.

        Raises:
            UnknownAccount: It is not open.
        """
        self.accounts.require_open([account])
        return int(self._balances[currency, account])

    def open(
        self,
        entry_id: str,
        kind: AccountKind,
        names: Sequence[str],
        *,
        overdraft: int = 0,
        owner: int = NOBODY,
    ) -> Ints:
        """Open accounts with nothing in them.

        Args:
            entry_id: Used again, it opens nothing and returns the same accounts.
            kind: Of all of them.
            names: One for each.
            overdraft: How far their balances may fall below 0, in µ.
            owner: Whose funds they keep.

        Returns:
            Handles in the order of the names.

        Raises:
            AccountTaken: A name is open under another entry's id.
            InvalidAmount: The overdraft is negative or no whole number, or a name is no text.
            UnknownAccount: The owner has no account; or the entry counts already, and an account
                of it was closed since.
        """
        if entry_id not in self:
            (bound,) = whole([overdraft], "overdraft", low=0).tolist()
            if owner != NOBODY:
                self.accounts.require_open([owner])
            opening = self.accounts.planned(kind, names, floor=-bound, owner=owner)
            self.post(Entry(entry_id, "open", opened=opening))
        return np.array([self.accounts.handle(kind, name) for name in names], dtype=np.int64)

    def close(self, entry_id: str, accounts: ArrayLike) -> bool:
        """Close accounts that have nothing in any currency.

        Returns:
            ``False`` if an entry of this id counts already.

        Raises:
            AccountInUse: One of them has something.
            UnknownAccount: One of them is not open.
        """
        if entry_id in self:
            return False
        return self.post(Entry(entry_id, "close", closed=whole(accounts, "accounts")))

    def transfer(
        self,
        entry_id: str,
        sources: ArrayLike,
        targets: ArrayLike,
        amounts: ArrayLike,
        currency: Currency = Currency.STI,
        *,
        law: str = "transfer",
    ) -> bool:
        """Move amounts between accounts, all together or none.

        Args:
            entry_id: Used again, it moves nothing.
            sources: Who pays; shape ``(n,)``.
            targets: Who gets; shape ``(n,)``.
            amounts: µ, not negative; shape ``(n,)``.
            currency: Which balances.
            law: Why.

        Returns:
            ``False`` if an entry of this id counts already.

        Raises:
            UnknownAccount: An account is not open.
            InvalidAmount: An amount is negative, no whole number, or too large.
            Overdrawn: A balance would fall below its floor.
        """
        if entry_id in self:
            return False
        moved = whole(amounts, "amounts", low=0)
        payers, payees = whole(sources, "sources"), whole(targets, "targets")
        if not len(moved) == len(payers) == len(payees):
            raise InvalidAmount(
                f"{len(payers)} sources, {len(payees)} targets and {len(moved)} amounts: as many "
                "of each are needed"
            )
        posting = Posting(
            currency, np.concatenate([payers, payees]), np.concatenate([-moved, moved])
        )
        return self.post(Entry(entry_id, law, (posting,)))

    def post(self, entry: Entry) -> bool:
        """Let an entry count, whole and once.

        Returns:
            ``False`` if the same entry counts already.

        Raises:
            EntryConflict: Another entry has this id.
            InvalidAmount: Its amounts do not add up to 0, or leave 64 bits.
            UnknownAccount: It names an account that is not open.
            AccountTaken: It opens a name that is open.
            AccountInUse: It closes an account that keeps a balance.
            Overdrawn: It takes a balance below its floor.
        """
        body = encoded(entry)
        body_digest = digest(body)
        known = self._digests.get(entry.id)
        if known is not None:
            if known == body_digest:
                return False
            raise EntryConflict(
                f"entry {shown(entry.id)} counts already and said something else: "
                "a new event needs a new id"
            )
        if entry.opened is not None:
            self.accounts.refuse(entry.opened)
            self._open(entry.opened)
        try:
            changes = self._checked(entry)
            self._keep(body, body_digest)
        except BaseException:
            if entry.opened is not None:
                self.accounts.undo(entry.opened)
            raise
        for posting, (touched, after) in zip(entry.postings, changes, strict=True):
            self._balances[posting.currency, touched] = after
        if entry.closed is not None:
            self.accounts.close(entry.closed)
        self._digests[entry.id] = body_digest
        return True

    def checkpoint(self, *, ids_kept: int | None = None) -> bytes:
        """Everything that is needed to go on without the journal so far.

        Handles of closed accounts may be given again afterwards.

        Args:
            ids_kept: Of how many entries, the youngest, the ids are remembered from now on: a
                repetition that comes later than that counts again. Without it, of all, so that a
                repetition is known however late it comes; then a ledger grows for ever.

        Returns:
            Bytes for ``replayed``. They include the remembered ids, 32 bytes and the id each.
        """
        if ids_kept is not None:
            for entry_id in list(self._digests)[: max(0, len(self._digests) - ids_kept)]:
                del self._digests[entry_id]
        self.accounts.release_handles()
        return Checkpoint(
            self.entry_count,
            self.head,
            self._issued,
            self._balances[:, : self.accounts.count],
            tuple(self.accounts.openings()),
            np.array(self.accounts.free, dtype=np.int64),
            self._digests,
        ).encoded()

    def _restore(self, checkpoint: Checkpoint) -> None:
        self.entry_count, self.head = checkpoint.entry_count, checkpoint.head
        self._issued, self._digests = checkpoint.issued, checkpoint.digests
        for opening in checkpoint.openings:
            self.accounts.open(opening)
        count = checkpoint.balances.shape[1]
        self.accounts.extend(count)
        self.accounts.restore_free(checkpoint.free.tolist())
        self._grow()
        self._balances[:, :count] = checkpoint.balances

    def _checked(self, entry: Entry) -> list[tuple[Ints | slice, Ints]]:
        changes = [self._change(posting) for posting in entry.postings]
        if len({posting.currency for posting in entry.postings}) < len(changes):
            raise InvalidAmount("an entry has at most one posting for each currency")
        if entry.closed is not None:
            self._refuse_closing(entry.closed, entry.postings, changes)
        return changes

    def _change(self, posting: Posting) -> tuple[Ints | slice, Ints]:
        """Which balances a posting touches, and what they are afterwards."""
        amounts = posting.amounts
        accounts = self.accounts.require_open(posting.accounts)
        if len(accounts) != len(amounts):
            raise InvalidAmount(f"{len(accounts)} accounts and {len(amounts)} amounts in a posting")
        if np.abs(amounts.astype(np.float64)).sum() > 2 * AMOUNT_MAX:
            raise InvalidAmount(
                f"amounts: an entry moves at most {AMOUNT_MAX / MICRO:,.0f} {posting.currency.name}"
            )
        if amounts.sum() != 0:
            raise InvalidAmount(
                f"amounts: they add up to {amounts.sum():,} µ{posting.currency.name} and must add "
                "up to 0; what one account gets, another pays"
            )
        touched: Ints | slice
        if len(accounts) * _ENTRIES_PER_BALANCE < self.accounts.count:
            touched, where = np.unique(accounts, return_inverse=True)
            change = np.zeros(len(touched), dtype=np.int64)
            np.add.at(change, where, amounts)
        else:
            touched = slice(0, self.accounts.count)
            change = np.zeros(self.accounts.count, dtype=np.int64)
            np.add.at(change, accounts, amounts)
        after = self._balances[posting.currency, touched] + change
        floors = self._floors(posting.currency)[touched]
        short = (after < floors) & (change < 0)
        if short.any():
            place = int(np.flatnonzero(short)[0])
            account = place if isinstance(touched, slice) else int(touched[place])
            raise Overdrawn(
                f"{self._named(account)} has {int(after[place] - change[place]):,} "
                f"µ{posting.currency.name} and may not fall below {int(floors[place]):,}; "
                f"the entry takes {-int(change[place]):,}"
            )
        return touched, after

    def _floors(self, currency: Currency) -> Ints:
        if currency is not Currency.VLTI:
            return self.accounts.floors
        floors = np.zeros(self.accounts.count, dtype=np.int64)
        floors[BANK] = -AMOUNT_MAX  # it lends without bound, and nobody gives back more than he has
        return floors

    def _named(self, account: int) -> str:
        return f"{self.accounts.kind(account)} {shown(self.accounts.name(account))}"

    def _refuse_closing(
        self,
        closed: Ints,
        postings: tuple[Posting, ...],
        changes: list[tuple[Ints | slice, Ints]],
    ) -> None:
        self.accounts.require_open(closed)
        if len(np.unique(closed)) < len(closed) or np.any(closed == BANK):
            raise AccountInUse("an account is closed once, and the bank never")
        kept = self._balances[:, closed].copy()
        for posting, (touched, after) in zip(postings, changes, strict=True):
            if isinstance(touched, slice):
                kept[posting.currency] = after[closed]
            else:
                place = np.searchsorted(touched, closed)
                place[place == len(touched)] = 0
                changed = touched[place] == closed
                kept[posting.currency, changed] = after[place[changed]]
        if kept.any():
            currency, place = np.argwhere(kept)[0].tolist()
            raise AccountInUse(
                f"{self._named(int(closed[place]))} still has {int(kept[currency, place]):,} "
                f"µ{Currency(currency).name}: give it back first"
            )

    def _open(self, opening: Opening) -> None:
        self.accounts.open(opening)
        self._grow()

    def _grow(self) -> None:
        missing = self.accounts.capacity - self._balances.shape[1]
        if missing > 0:
            more = np.zeros((_CURRENCIES, missing), dtype=np.int64)
            self._balances = np.concatenate([self._balances, more], axis=1)

    def _keep(self, body: bytes, body_digest: bytes) -> None:
        record, hashed = framed(body, body_digest, self.head)
        if self._sink is not None:
            self._sink(record)
        self.head = hashed
        self.entry_count += 1


def _from_nowhere(amounts: Ints) -> tuple[Posting, ...]:
    bank = np.array([BANK], dtype=np.int64)
    return tuple(Posting(Currency(n), bank, amounts[n : n + 1]) for n in range(_CURRENCIES))
