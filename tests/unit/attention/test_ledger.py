from collections.abc import Callable

import numpy as np
import pytest

from cognitive_architecture.attention.accounts import BANK, AccountKind, Opening
from cognitive_architecture.attention.errors import (
    AccountInUse,
    AccountTaken,
    EntryConflict,
    InvalidAmount,
    JournalDamaged,
    Overdrawn,
    UnknownAccount,
)
from cognitive_architecture.attention.journal import Currency, Entry, Posting
from cognitive_architecture.attention.ledger import Ledger
from cognitive_architecture.attention.units import AMOUNT_MAX, Ints


class Books:
    """A ledger with its journal and two atoms, one of which has 100."""

    def __init__(self, *, overdraft: int = 0) -> None:
        self.journal = bytearray()
        self.ledger = Ledger(
            {Currency.STI: 1_000, Currency.LTI: 500},
            overdraft=overdraft,
            journal=self.journal.extend,
        )
        self.a, self.b = self.ledger.open("open", AccountKind.ATOM, ["a", "b"]).tolist()
        self.ledger.transfer("fund", [BANK], [self.a], [100])

    def replayed(self) -> Ledger:
        return Ledger.replayed(bytes(self.journal))


def test_the_bank_has_everything_at_first() -> None:
    ledger = Ledger({Currency.STI: 1_000, Currency.LTI: 500})
    assert ledger.balance(BANK) == 1_000
    assert ledger.balance(BANK, Currency.LTI) == 500
    assert ledger.accounts.name(BANK) == "bank"


def test_what_one_pays_another_gets() -> None:
    books = Books()
    assert books.ledger.transfer("pay", [books.a], [books.b], [30])
    assert books.ledger.balances().tolist() == [900, 70, 30]
    assert books.ledger.total(Currency.STI) == books.ledger.issued(Currency.STI) == 1_000


def test_an_entry_counts_once() -> None:
    books = Books()
    assert books.ledger.transfer("pay", [books.a], [books.b], [30])
    assert not books.ledger.transfer("pay", [books.a], [books.b], [30])
    assert books.ledger.balance(books.b) == 30


def test_the_same_posting_twice_counts_once_and_another_is_refused() -> None:
    books = Books()
    entry = Entry("x", "test", (moved(books.a, books.b, 1),))
    assert books.ledger.post(entry)
    assert not books.ledger.post(Entry("x", "test", (moved(books.a, books.b, 1),)))
    with pytest.raises(EntryConflict, match="'x' counts already"):
        books.ledger.post(Entry("x", "test", (moved(books.a, books.b, 2),)))


def test_within_an_entry_only_the_end_counts() -> None:
    books = Books()
    books.ledger.transfer("round", [books.b, books.a], [books.a, books.b], [60, 80])
    assert books.ledger.balances().tolist() == [900, 80, 20]


@pytest.mark.parametrize(
    ("attempt", "error", "words"),
    [
        (lambda at: at.ledger.transfer("x", [at.a], [at.b], [101]), Overdrawn, "has 100 µSTI"),
        (lambda at: at.ledger.transfer("x", [at.a], [at.b], [-1]), InvalidAmount, "from 0 to"),
        (lambda at: at.ledger.transfer("x", [at.a], [at.b], [0.5]), InvalidAmount, "whole"),
        (lambda at: at.ledger.transfer("x", [at.a], [at.b], [np.nan]), InvalidAmount, "finite"),
        (lambda at: at.ledger.transfer("x", [at.a], [at.b], [2**70]), InvalidAmount, "64 bits"),
        (lambda at: at.ledger.transfer("x", [at.a], [at.b], ["1"]), InvalidAmount, "numbers"),
        (lambda at: at.ledger.transfer("x", [at.a], [at.b], [1, 2]), InvalidAmount, "as many"),
        (lambda at: at.ledger.transfer("x", [at.a], [99], [1]), UnknownAccount, "never opened"),
        (lambda at: at.ledger.transfer("x", [-1], [at.a], [1]), UnknownAccount, "handle -1"),
        (lambda at: at.ledger.close("x", [at.a]), AccountInUse, "still has 100 µSTI"),
        (lambda at: at.ledger.close("x", [BANK]), AccountInUse, "bank never"),
        (lambda at: at.ledger.close("x", [at.b, at.b]), AccountInUse, "once"),
        (lambda at: at.ledger.open("x", AccountKind.ATOM, ["a"]), AccountTaken, "atom 'a'"),
        (lambda at: at.ledger.open("x", AccountKind.NODE, ["n", "n"]), AccountTaken, "twice"),
        (lambda at: at.ledger.open("x", AccountKind.NODE, [7]), InvalidAmount, "not 7"),
        (lambda at: at.ledger.transfer(7, [at.a], [at.b], [1]), InvalidAmount, "not 7"),
        (lambda at: open_with(at, overdraft=-1), InvalidAmount, "overdraft"),
        (lambda at: open_with(at, overdraft=2**60), InvalidAmount, "overdraft"),
        (lambda at: open_with(at, owner=99), UnknownAccount, "handle 99"),
        (lambda at: at.ledger.accounts.handle(AccountKind.ATOM, "?"), UnknownAccount, "'?'"),
    ],
)
def test_what_is_refused_changes_nothing(
    attempt: Callable[[Books], object], error: type[Exception], words: str
) -> None:
    books = Books()
    before, written = books.ledger.balances().tolist(), len(books.journal)
    with pytest.raises(error, match=words):
        attempt(books)
    assert books.ledger.balances().tolist() == before
    assert len(books.journal) == written
    assert len(books.ledger.accounts) == 3


@pytest.mark.parametrize(
    ("postings", "words"),
    [
        ([(Currency.STI, [1, 2], [-1, 2])], "add up to 1"),
        ([(Currency.STI, [1, 2], [-1])], "2 accounts and 1 amounts"),
        ([(Currency.STI, [1, 2], [-1, 1])] * 2, "at most one posting"),
        ([(Currency.STI, [1, 2], [-(2**62), 2**62])], "moves at most"),
        ([(Currency.STI, [1, 2], [-(2**63), -(2**63)])], "moves at most"),
    ],
)
def test_postings_that_do_not_balance(
    postings: list[tuple[Currency, list[int], list[int]]], words: str
) -> None:
    books = Books()
    with pytest.raises(InvalidAmount, match=words):
        books.ledger.post(
            Entry("x", "test", tuple(Posting(c, np.array(a), np.array(m)) for c, a, m in postings))
        )
    assert books.ledger.balances().tolist() == [900, 100, 0]


@pytest.mark.parametrize("funds", [-1, AMOUNT_MAX + 1])
def test_funds_that_cannot_be(funds: int) -> None:
    with pytest.raises(InvalidAmount, match="funds"):
        Ledger({Currency.STI: funds})


def test_a_floor_is_not_above_nothing() -> None:
    opening = Opening(AccountKind.NODE, ("n",), np.array([3]), floor=1)
    with pytest.raises(InvalidAmount, match="0 or negative, not 1"):
        Books().ledger.post(Entry("x", "open", opened=opening))


def test_an_overdraft_is_declared_and_ends_there() -> None:
    books = Books(overdraft=50)
    books.ledger.transfer("all and more", [BANK], [books.b], [950])
    assert books.ledger.balance(BANK) == -50
    with pytest.raises(Overdrawn, match="may not fall below -50"):
        books.ledger.transfer("one more", [BANK], [books.b], [1])


def test_protection_is_lent_by_the_bank() -> None:
    books = Books()
    books.ledger.transfer("protect", [BANK], [books.b], [1], Currency.VLTI)
    assert books.ledger.balance(BANK, Currency.VLTI) == -1
    with pytest.raises(AccountInUse, match="µVLTI"):
        books.ledger.close("close", [books.b])
    with pytest.raises(Overdrawn):
        books.ledger.transfer("too much", [books.b], [BANK], [2], Currency.VLTI)


def test_a_closed_account_is_told_apart_from_a_strange_one() -> None:
    books = Books()
    books.ledger.close("close", [books.b])
    with pytest.raises(UnknownAccount, match="it was closed"):
        books.ledger.transfer("late", [books.a], [books.b], [1])


def test_a_handle_rests_until_the_checkpoint() -> None:
    books = Books()
    books.ledger.close("close", [books.b])
    (fresh,) = books.ledger.open("c", AccountKind.TASK, ["c"]).tolist()
    assert fresh not in {books.a, books.b}
    books.ledger.checkpoint()
    (reused,) = books.ledger.open("d", AccountKind.TASK, ["d"]).tolist()
    assert reused == books.b
    assert books.ledger.accounts.name(reused) == "d"
    assert books.ledger.accounts.kind(reused) is AccountKind.TASK


def test_an_opening_told_twice_opens_once() -> None:
    books = Books()
    again = books.ledger.open("open", AccountKind.ATOM, ["a", "b"]).tolist()
    assert again == [books.a, books.b]


def test_balances_cannot_be_written_from_outside() -> None:
    with pytest.raises(ValueError, match="read-only"):
        Books().ledger.balances()[0] = 7


class TestJournal:
    def test_replay_gives_the_same_books(self) -> None:
        books = Books()
        books.ledger.transfer("pay", [books.a], [books.b], [30])
        books.ledger.open("more", AccountKind.NODE, ["n"], overdraft=5, owner=books.a)
        replayed = books.replayed()
        assert replayed.balances().tolist() == books.ledger.balances().tolist()
        assert replayed.head == books.ledger.head
        assert replayed.accounts.owner(3) == books.a
        assert int(replayed.accounts.floors[3]) == -5
        assert not replayed.transfer("pay", [books.a], [books.b], [30])

    def test_it_goes_on_writing(self) -> None:
        books = Books()
        replayed = Ledger.replayed(bytes(books.journal), sink=books.journal.extend)
        replayed.transfer("pay", [books.a], [books.b], [30])
        assert books.replayed().balance(books.b) == 30

    def test_a_last_record_that_was_cut_off_never_counted(self) -> None:
        books = Books()
        whole = len(books.journal)
        books.ledger.transfer("pay", [books.a], [books.b], [30])
        for length in range(whole, len(books.journal)):
            found = Ledger.replayed(bytes(books.journal[:length]))
            assert found.balance(books.b) == 0

    def test_a_changed_byte_is_found(self) -> None:
        books = Books()
        for place in range(4, len(books.journal), 7):
            changed = bytearray(books.journal)
            changed[place] ^= 1
            try:
                found = Ledger.replayed(bytes(changed))
            except JournalDamaged:
                continue
            # Only a length can be read as a record that was cut off; then later ones are missing.
            assert found.entry_count < books.ledger.entry_count

    def test_a_record_left_out_is_found(self) -> None:
        books = Books()
        before = len(books.journal)
        books.ledger.transfer("pay", [books.a], [books.b], [30])
        between = len(books.journal)
        books.ledger.transfer("pay again", [books.a], [books.b], [30])
        cut = books.journal[:before] + books.journal[between:]
        with pytest.raises(JournalDamaged, match="hash differs"):
            Ledger.replayed(bytes(cut))

    def test_nothing_to_replay(self) -> None:
        with pytest.raises(JournalDamaged, match="no whole record"):
            Ledger.replayed(b"")

    def test_a_journal_that_refuses_stops_the_entry(self) -> None:
        def full(record: bytes) -> None:
            if b"late" in record:
                raise OSError("disk full")

        ledger = Ledger({Currency.STI: 10}, journal=full)
        with pytest.raises(OSError, match="disk full"):
            ledger.open("late", AccountKind.ATOM, ["a"])
        assert len(ledger.accounts) == 1
        assert "late" not in ledger
        assert ledger.open("in time", AccountKind.ATOM, ["a"]).tolist() == [1]


class TestCheckpoint:
    def test_it_stands_for_the_journal_so_far(self) -> None:
        books = Books()
        books.ledger.open("escrow", AccountKind.ESCROW, ["t"], owner=books.a)
        books.ledger.open("gone", AccountKind.TASK, ["t"])
        books.ledger.close("close", [4])
        checkpoint, at = books.ledger.checkpoint(), len(books.journal)
        books.ledger.transfer("pay", [books.a], [books.b], [30])
        found = Ledger.replayed(bytes(books.journal[at:]), checkpoint=checkpoint)
        assert found.balances().tolist() == books.ledger.balances().tolist()
        assert found.head == books.ledger.head
        assert found.accounts.owner(3) == books.a
        assert list(found.accounts.free) == [4]
        assert not found.transfer("fund", [BANK], [books.a], [100])
        assert found.issued(Currency.LTI) == 500

    def test_a_changed_byte_is_found(self) -> None:
        changed = bytearray(Books().ledger.checkpoint())
        changed[50] ^= 1
        with pytest.raises(JournalDamaged, match="checkpoint"):
            Ledger.replayed(b"", checkpoint=bytes(changed))


def open_with(books: Books, **terms: int) -> Ints:
    return books.ledger.open("x", AccountKind.NODE, ["n"], **terms)


def moved(source: int, target: int, amount: int) -> Posting:
    return Posting(Currency.STI, np.array([source, target]), np.array([-amount, amount]))
