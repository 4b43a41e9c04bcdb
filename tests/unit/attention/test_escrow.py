import pytest

from cognitive_architecture.attention.accounts import BANK, AccountKind
from cognitive_architecture.attention.errors import InvalidAmount, Overdrawn, UnknownAccount
from cognitive_architecture.attention.escrow import charge, reserve
from cognitive_architecture.attention.journal import Currency
from cognitive_architecture.attention.ledger import Ledger


@pytest.fixture
def ledger() -> Ledger:
    ledger = Ledger({Currency.STI: 1_000})
    ledger.open("open", AccountKind.REQUESTER, ["r"])
    ledger.open("nodes", AccountKind.NODE, ["n"])
    ledger.transfer("fund", [BANK], [1], [100])
    return ledger


def test_what_is_not_used_goes_back(ledger: Ledger) -> None:
    assert reserve(ledger, "t", payer=1, maximum=60)
    assert ledger.balance(1) == 40
    assert charge(ledger, "t", actual=25, payee=2)
    assert (ledger.balance(1), ledger.balance(2)) == (75, 25)
    assert ledger.total(Currency.STI) == 1_000


def test_each_step_counts_once(ledger: Ledger) -> None:
    reserve(ledger, "t", 1, 60)
    assert not reserve(ledger, "t", 1, 60)
    charge(ledger, "t", 25)
    assert not charge(ledger, "t", 25)
    assert not charge(ledger, "t", 60)
    assert not reserve(ledger, "t", 1, 60)
    assert ledger.balance(1) == 75


def test_a_cancelled_task_costs_nothing(ledger: Ledger) -> None:
    reserve(ledger, "t", 1, 60)
    charge(ledger, "t", 0)
    assert ledger.balance(1) == 100


def test_what_is_refused(ledger: Ledger) -> None:
    with pytest.raises(Overdrawn, match="requester 'r' has 100"):
        reserve(ledger, "t", 1, 101)
    assert ledger.accounts.get(AccountKind.ESCROW, "t") is None
    with pytest.raises(InvalidAmount, match="maximum"):
        reserve(ledger, "t", 1, -1)
    with pytest.raises(UnknownAccount, match="escrow account 't'"):
        charge(ledger, "t", 1)
    reserve(ledger, "t", 1, 60)
    with pytest.raises(InvalidAmount, match="reserved 60 µSTI and cannot be charged 61"):
        charge(ledger, "t", 61)


def test_after_a_crash_the_rest_still_finds_its_payer() -> None:
    journal = bytearray()
    first = Ledger({Currency.STI: 1_000}, journal=journal.extend)
    first.open("open", AccountKind.REQUESTER, ["r"])
    first.transfer("fund", [BANK], [1], [100])
    reserve(first, "t", 1, 60)
    found = Ledger.replayed(bytes(journal))
    charge(found, "t", 10)
    assert found.balance(1) == 90
