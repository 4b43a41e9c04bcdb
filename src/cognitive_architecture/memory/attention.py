"""Attention to the atoms of one memory node: accounts by digest, opened when they are first needed.

The economy is this node's own: it is not replicated, and a node that is lost takes its attention
with it. What the atoms say is safe elsewhere; what was on one's mind is built up again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from cognitive_architecture.atomspace import Atom
from cognitive_architecture.attention import AccountKind, AttentionBank, Currency, Parameters
from cognitive_architecture.attention.accounts import BANK
from cognitive_architecture.attention.diffusion import IncidentTies
from cognitive_architecture.attention.units import Ints, sti
from cognitive_architecture.foundation.world import World

from .identity import digest_of
from .replica import Replica


class AtomAttention:
    """The bank of one memory node.

    Args:
        world: For ids of events and for chance.
        replica: Whose atoms.
        parameters: Of the laws.
    """

    def __init__(self, world: World, replica: Replica, parameters: Parameters) -> None:
        self._ids = world.ids
        self._rng = np.random.default_rng(world.rng("attention").getrandbits(63))
        self._replica = replica
        self.bank = AttentionBank(parameters)

    def stimulate(self, stimuli: Mapping[Atom, float], urgency: float) -> None:
        """Pay wages to atoms.

        Args:
            stimuli: Units for each, not negative; atoms that are at home here.
            urgency: 0 to 1.

        Raises:
            InvalidAmount: NaN, negative, or more than there can be.
        """
        accounts = self._accounts([digest_of(atom) for atom in stimuli])
        units = np.array(list(stimuli.values()), dtype=np.float64)
        self.bank.stimulate(self._ids.next_id("stimulus"), accounts, units, urgency)

    def turn(self) -> int:
        """One turn of the laws: rent, learning, diffusion.

        Returns:
            How many Hebbian links are new.
        """
        event = self._ids.next_id("turn")
        self.bank.collect_rent(f"{event} rent")
        links = self.bank.learn(self._rng)
        self.bank.diffuse(f"{event} diffuse", self._neighbours())
        return links

    @property
    def bank_sti(self) -> float:
        """The funds of the bank, in STI."""
        return sti(self.bank.ledger.balance(BANK))

    def focus(self, limit: int) -> list[tuple[Atom, float, float]]:
        """The atoms with the most STI, the richest first, with their STI and LTI."""
        members = self.bank.focus().atoms
        balances = self.bank.ledger.balances()
        richest = members[np.lexsort((members, -balances[members]))]
        found = [self._shown(int(account)) for account in richest[balances[richest] > 0]]
        return [one for one in found if one is not None][:limit]

    def funds(self) -> dict[str, Any]:
        """What there is, and who has it: STI and LTI, not millionths."""
        ledger = self.bank.ledger
        return {
            name: {
                "bank": sti(ledger.balance(BANK, currency)),
                "atoms": sti(ledger.total(currency) - ledger.balance(BANK, currency)),
                "issued": sti(ledger.issued(currency)),
            }
            for name, currency in (("sti", Currency.STI), ("lti", Currency.LTI))
        } | {"accounts": len(self._handles())}

    def protect(self, atoms: Iterable[Atom]) -> None:
        """Give atoms one more reason never to be forgotten."""
        accounts = self._accounts([digest_of(atom) for atom in atoms])
        self.bank.protect(self._ids.next_id("protect"), accounts)

    def forget(self, atoms: Sequence[Atom], *, size: int, spread: int) -> list[Atom]:
        """Close the accounts of the least important atoms, if there are more than enough.

        Args:
            atoms: All that may be forgotten; those that links hold among them are kept.
            size: How many there should be, at least 1.
            spread: How far above and below; see ``attention.forgetting.surplus``.

        Returns:
            Which atoms were; what they had is the bank's again. The caller removes them.
        """
        by_digest = {digest_of(atom): atom for atom in atoms}
        accounts = self._accounts(list(by_digest))
        by_account = dict(zip(accounts.tolist(), by_digest.values(), strict=True))
        space = self._replica.space
        held = [
            account
            for account, atom in by_account.items()
            if next(space.incoming(atom), None) is not None
        ]
        # Accounts of atoms that came here by another way than the caller's list stay.
        strangers = sorted(set(self._handles().tolist()) - by_account.keys())
        usual = self.bank.parameters
        spread = min(spread, size)
        self.bank.parameters = replace(
            usual, forget_size=size + len(strangers), forget_spread=spread
        )
        try:
            gone = self.bank.forget(self._ids.next_id("forget"), held=[*held, *strangers])
        finally:
            self.bank.parameters = usual
        return [by_account[account] for account in gone.tolist()]

    def close(self, digests: Iterable[bytes]) -> None:
        """Close the accounts of atoms that are gone; what they had is the bank's again."""
        names = (self._handle(digest) for digest in digests)
        accounts = np.array([one for one in names if one is not None], dtype=np.int64)
        if not len(accounts):
            return
        ledger, event = self.bank.ledger, self._ids.next_id("close")
        for currency in Currency:
            amounts = ledger.balances(currency)[accounts]
            bank = np.full(len(accounts), BANK)
            ledger.transfer(
                f"{event} {currency.name}", accounts, bank, amounts, currency, law="refund"
            )
        ledger.close(event, accounts)
        self.bank.links.remove_atoms(accounts)

    # -- inside --------------------------------------------------------------------------------

    def _handles(self) -> Ints:
        return self.bank.ledger.accounts.open_handles(AccountKind.ATOM)

    def _handle(self, digest: bytes) -> int | None:
        return self.bank.ledger.accounts.get(AccountKind.ATOM, digest.hex())

    def _accounts(self, digests: Sequence[bytes]) -> Ints:
        """Accounts in the order of the digests; those that are missing are opened."""
        missing = [digest.hex() for digest in digests if self._handle(digest) is None]
        if missing:
            self.bank.open_atoms(self._ids.next_id("open"), list(dict.fromkeys(missing)))
        accounts = self.bank.ledger.accounts
        return np.array(
            [accounts.handle(AccountKind.ATOM, digest.hex()) for digest in digests], dtype=np.int64
        )

    def _atom(self, account: int) -> Atom | None:
        digest = bytes.fromhex(self.bank.ledger.accounts.name(account))
        record = self._replica.record(digest)
        return record.atom if record is not None and record.is_there else None

    def _shown(self, account: int) -> tuple[Atom, float, float] | None:
        atom, ledger = self._atom(account), self.bank.ledger
        if atom is None:
            return None
        return (
            atom,
            sti(ledger.balance(account)),
            sti(ledger.balance(account, Currency.LTI)),
        )

    def _neighbours(self) -> IncidentTies:
        """What the atoms of the focus share a link with, or hold, as far as it has an account."""
        rows: list[int] = []
        targets: list[int] = []
        for row, account in enumerate(self.bank.focus().atoms.tolist()):
            atom = self._atom(account)
            for other in () if atom is None else self._beside(atom):
                handle = self._handle(digest_of(other))
                if handle is not None and handle != account:
                    rows.append(row)
                    targets.append(handle)
        return IncidentTies(np.array(rows, dtype=np.int64), np.array(targets, dtype=np.int64))

    def _beside(self, atom: Atom) -> list[Atom]:
        links = list(self._replica.space.incoming(atom))
        beside = [other for link in links for other in (link, *link.out)]
        return list(dict.fromkeys([*beside, *getattr(atom, "out", ())]))
