"""The accounts of a mesh in the books of an ``AttentionBank``: opened, endowed, closed, shown.

Requesters hold an endowment, which only an operator changes. Capabilities, nodes and concepts earn
wages, pay rent and pass STI on along Hebbian links. So the laws never touch a requester's share.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

import numpy as np

from cognitive_architecture.attention import (
    BANK,
    MICRO,
    AccountKind,
    AttentionBank,
    Currency,
    Entry,
    Parameters,
    Posting,
    UnknownAccount,
    micro,
)
from cognitive_architecture.attention.weights import starvation_free
from cognitive_architecture.foundation.sentences import shown
from cognitive_architecture.foundation.settings import AttentionSettings

KINDS: Final = (AccountKind.CAPABILITY, AccountKind.NODE, AccountKind.ATOM)
"""Whose accounts earn, pay and pass on."""

ACCOUNTS_MAX: Final = 10_000
"""Of each of these kinds. Who comes later has no account: it earns nothing and is chosen as if
nothing were known."""

NOBODY: Final = ""
"""The name of the account of those who do not say who they are."""


def parameters_of(settings: AttentionSettings) -> Parameters:
    """The laws' parameters for a mesh; LTI as STI."""
    return Parameters(
        starting_funds_sti=settings.funds_sti,
        starting_funds_lti=settings.funds_sti,
        target_sti=settings.target_sti,
        target_lti=settings.target_sti,
        buffer_sti=settings.buffer_sti,
        buffer_lti=settings.buffer_sti,
        wage_sti=settings.wage_sti,
        wage_lti=settings.wage_sti,
        rent_share_max=settings.rent_share_max,
        spread_max=settings.spread_share_max,
        hebbian_decay=settings.learning_rate,
        focus_size=settings.focus_max,
        forget_size=ACCOUNTS_MAX - 200,  # so that there is room for the concepts of a turn
        links_max=ACCOUNTS_MAX,
    )


class MeshBooks:
    """Who has an account.

    Args:
        bank: Whose focus is made of ``KINDS``.
        settings: Prices and bounds.
    """

    def __init__(self, bank: AttentionBank, settings: AttentionSettings) -> None:
        self.bank = bank
        self.settings = settings
        self._seen: dict[str, None] = dict.fromkeys(self.names(AccountKind.REQUESTER))
        """Requesters, whoever was seen longest ago first."""
        self._away_since: dict[str, float] = {}

    @property
    def number(self) -> int:
        """Entries so far: a number that names the next event as no other."""
        return self.bank.ledger.entry_count

    def names(self, kind: AccountKind) -> list[str]:
        """Whose accounts of one kind are open, the oldest first."""
        return self.bank.ledger.accounts.names(kind)

    def handle(self, kind: AccountKind, name: str) -> int | None:
        """Whose account, if it is open."""
        return self.bank.ledger.accounts.get(kind, name)

    def open(self, event: str, kind: AccountKind, names: Iterable[str]) -> None:
        """Open accounts for those of ``KINDS`` that have none yet, as far as there is room."""
        known = self.bank.ledger.accounts
        fresh = [name for name in dict.fromkeys(names) if known.get(kind, name) is None]
        room = ACCOUNTS_MAX - len(known.open_handles(kind)) if fresh else 0
        if fresh[:room]:
            self.bank.ledger.open(f"{event} open {kind}", kind, fresh[:room])

    # -- requesters ----------------------------------------------------------------------------

    def welcome(self, event: str, requesters: Iterable[str]) -> bool:
        """Open and endow accounts of requesters; whether somebody came or went.

        Where there is no room, those go who were seen longest ago and hold what they were given.
        """
        fresh: dict[str, None] = {}
        for name in requesters:
            known = self.handle(AccountKind.REQUESTER, name) is not None
            if known:
                self._seen.pop(name, None)
                self._seen[name] = None
            else:
                fresh[name] = None
        room = self.settings.requesters_max - len(self._seen)
        dismissed = self._dismiss(event, len(fresh) - room)
        welcome = list(fresh)[: max(0, room + dismissed)]
        if welcome:
            self._endow(event, welcome)
        return bool(welcome or dismissed)

    def _dismiss(self, event: str, count: int) -> int:
        """Close accounts of requesters that nobody has raised or lowered."""
        endowment = micro(self.settings.requester_sti)
        ledger = self.bank.ledger
        going: list[int] = []
        for name in list(self._seen):
            if len(going) >= count:
                break
            handle = ledger.accounts.handle(AccountKind.REQUESTER, name)
            if ledger.balance(handle) == endowment:
                going.append(handle)
                del self._seen[name]
        if going:
            self._close(f"{event} dismiss", going, law="dismiss")
        return len(going)

    def _endow(self, event: str, names: Sequence[str]) -> None:
        """Open accounts and give each the endowment, or its part of what the bank has."""
        ledger = self.bank.ledger
        opening = ledger.accounts.planned(AccountKind.REQUESTER, names)
        each = min(micro(self.settings.requester_sti), ledger.balance(BANK) // len(names))
        count = len(names)
        posting = Posting(
            Currency.STI,
            np.concatenate([[BANK], opening.handles]),
            np.concatenate([[-each * count], np.full(count, each)]),
        )
        ledger.post(Entry(f"{event} endow", "endow", (posting,), opening))
        self._seen.update(dict.fromkeys(names))

    def weights(self) -> dict[str, float]:
        """Shares of the requesters that have accounts: in proportion to STI, never starving.

        1 is the share of an endowment that no order has changed; so whoever has no account counts
        like a newcomer.
        """
        ledger = self.bank.ledger
        handles = ledger.accounts.open_handles(AccountKind.REQUESTER)
        balances = ledger.balances()[handles]
        parts = starvation_free(balances)
        whole = max(1.0, float(balances.sum()))
        usual = max(micro(self.settings.requester_sti) / whole, 0.5 / max(1, len(handles)))
        return {
            ledger.accounts.name(handle): part / usual
            for handle, part in zip(handles.tolist(), parts.tolist(), strict=True)
        }

    # -- closing -------------------------------------------------------------------------------

    def forget_absent_nodes(self, event: str, present: Collection[str], now: float) -> list[str]:
        """Close the accounts of nodes that have been away for too long.

        Args:
            event: Names the entry.
            present: Ids of the nodes that are in the mesh.
            now: Instant.

        Returns:
            Who was forgotten.
        """
        names = self.names(AccountKind.NODE)
        self._away_since = {
            name: self._away_since.get(name, now) for name in names if name not in present
        }
        gone = [
            name
            for name, since in self._away_since.items()
            if now - since > self.settings.node_kept_s
        ]
        if gone:
            accounts = self.bank.ledger.accounts
            handles = [accounts.handle(AccountKind.NODE, name) for name in gone]
            self._close(f"{event} forget nodes", handles, law="forget")
        return gone

    def _close(self, entry_id: str, handles: Sequence[int], *, law: str) -> None:
        """Give what they have back to the bank, and close them."""
        ledger, closed = self.bank.ledger, np.array(handles, dtype=np.int64)
        refunds = tuple(
            Posting(
                currency,
                np.concatenate([closed, [BANK]]),
                np.concatenate([-amounts, [amounts.sum()]]),
            )
            for currency in (Currency.STI, Currency.LTI)
            if (amounts := ledger.balances(currency)[closed]).any()
        )
        ledger.post(Entry(entry_id, law, refunds, closed=closed))
        self.bank.links.remove_atoms(closed)

    # -- orders --------------------------------------------------------------------------------

    def move(self, entry_id: str, kind: AccountKind, name: str, by: float) -> bool:
        """Give STI of the bank to somebody, or take some back.

        Args:
            entry_id: Of the order; the same one twice counts once.
            kind: Of the account. Requesters and concepts get one if they have none.
            name: Of the account.
            by: STI; negative takes back.

        Returns:
            ``False`` if the order counts already.

        Raises:
            UnknownAccount: No such node or capability has earned anything yet.
            InvalidAmount: It is no number, or too large.
            Overdrawn: Whoever pays has less.
        """
        ledger = self.bank.ledger
        if entry_id in ledger:
            return False
        amount = micro(by, "by")
        if kind is AccountKind.REQUESTER:
            self.welcome(entry_id, [name])
        elif kind is AccountKind.ATOM:
            self.open(entry_id, kind, [name])
        handle = self.require(kind, name)
        payer, payee = (BANK, handle) if amount >= 0 else (handle, BANK)
        return ledger.transfer(entry_id, [payer], [payee], [abs(amount)], law="order")

    def require(self, kind: AccountKind, name: str) -> int:
        """The handle of an open account.

        Raises:
            UnknownAccount: There is none; the sentence says who has one.
        """
        handle = self.handle(kind, name)
        if handle is not None:
            return handle
        word = "concept" if kind is AccountKind.ATOM else str(kind)
        known = ", ".join(sorted(self.names(kind))[:20]) or "none"
        raise UnknownAccount(f"no {word} {shown(name)} has an account (there are: {known})")

    def balance_sti(self, handle: int) -> float:
        """What an account has, in STI."""
        return self.bank.ledger.balance(handle) / MICRO
