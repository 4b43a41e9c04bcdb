"""The attention economy at work: the laws, applied to the books.

Each method computes one law on the balances as they are and posts what follows as one entry, whole
or not at all. Its ``entry_id`` names the event: the same event told twice counts once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from cognitive_architecture.foundation.sentences import shown

from . import diffusion, forgetting, hebbian, rents
from . import wages as wage_laws
from .accounts import BANK, AccountKind
from .errors import InvalidAmount
from .focus import Focus, focus_of
from .journal import Currency, Entry, Posting
from .ledger import Ledger, Sink
from .links import HebbianLinks
from .matrix import DiffusionMatrix
from .parameters import Parameters, Profile
from .rounding import sums_by
from .units import MICRO, Bools, Floats, Ints, micro, real, whole


class AttentionBank:
    """Pays for stimuli, collects rent, lets importance flow, links, forgets.

    Args:
        parameters: Of the laws.
        ledger: Books to go on with; without them, new ones with the starting funds.
        journal: Keeps the records of new books.
        links: Hebbian links to go on with. They are beliefs, not funds, and are not in the books.
        kinds: Whose accounts may be in the focus, and so pay rent. Accounts of other kinds keep
            what they are given. Only atoms are linked by ``learn`` and forgotten by ``forget``.
    """

    def __init__(
        self,
        parameters: Parameters | None = None,
        *,
        ledger: Ledger | None = None,
        journal: Sink | None = None,
        links: HebbianLinks | None = None,
        kinds: Sequence[AccountKind] = (AccountKind.ATOM,),
    ) -> None:
        self.kinds = tuple(kinds)
        self.parameters = parameters or Parameters()
        self.ledger = ledger or _founded(self.parameters, journal)
        self.links = HebbianLinks(self.parameters.links_max) if links is None else links
        self._matrix = DiffusionMatrix(
            self.links,
            spread_max=self.parameters.spread_max,
            funds=self.ledger.issued(Currency.STI) - int(self.ledger.accounts.floors[BANK]),
        )
        self._stimuli = np.zeros(0, dtype=np.int64)
        self._linked_focus = np.zeros(0, dtype=np.int64)

    def open_atoms(self, entry_id: str, names: Sequence[str]) -> Ints:
        """Accounts for atoms; handles in the order of the names.

        Raises:
            AccountTaken: An atom has one already.
        """
        return self.ledger.open(entry_id, AccountKind.ATOM, names)

    def fund(self, currency: Currency) -> wage_laws.Fund:
        """What the bank has and wants of STI or LTI."""
        of = self.parameters
        target, buffer = (
            (of.target_sti, of.buffer_sti)
            if currency is Currency.STI
            else (of.target_lti, of.buffer_lti)
        )
        return wage_laws.Fund(self.ledger.balance(BANK, currency) / MICRO, target, buffer)

    def stimulate(
        self, entry_id: str, accounts: ArrayLike, stimulus: ArrayLike, urgency: ArrayLike = 0.0
    ) -> bool:
        """Pay wages in STI and LTI.

        Args:
            entry_id: Of the event.
            accounts: Handles; shape ``(n,)``. What comes twice is stimulated once with the sum.
            stimulus: Units, not negative; shape ``(n,)``, or one for all.
            urgency: From 0 to 1; shape ``(n,)``, or one for all.

        Returns:
            ``False`` if the event was known.

        Raises:
            UnknownAccount: An account is not open; the atom may be forgotten.
            InvalidAmount: NaN, negative, or more than there can be.
        """
        if entry_id in self.ledger:
            return False
        places = self.ledger.accounts.require_open(accounts)
        if np.any(places == BANK):
            raise InvalidAmount("accounts: the bank pays for stimuli, and cannot be stimulated")
        units = _for_each(real(stimulus, "stimulus", low=0.0), places, "stimulus")
        urgent = _for_each(real(urgency, "urgency", low=0.0, high=1.0), places, "urgency")
        atoms, felt = self._felt(places, units, urgent)
        postings = tuple(
            self._paid(currency, atoms, felt, base)
            for currency, base in (
                (Currency.STI, self.parameters.wage_sti),
                (Currency.LTI, self.parameters.wage_lti),
            )
        )
        self.ledger.post(Entry(entry_id, "stimulate", postings))
        self._stimuli[atoms] += 1
        return True

    def novelty(self, accounts: ArrayLike) -> Floats:
        """1 for what was never stimulated in this life of the process, 1/n after n - 1 times."""
        places = self.ledger.accounts.require_open(accounts)
        self._remember_stimuli()
        return wage_laws.novelty(self._stimuli[places])

    def focus(self) -> Focus:
        """The atoms (or what ``kinds`` says) with the most STI, and where the focus ends."""
        return self._focus_among(self.kinds)

    def _focus_among(self, kinds: Sequence[AccountKind]) -> Focus:
        atoms = self.ledger.accounts.open_handles(*kinds)
        return focus_of(atoms, self.ledger.balances()[atoms], self.parameters.focus_size)

    def collect_rent(self, entry_id: str, *, turns: float = 1.0) -> bool:
        """Take rent from the focus, in STI and LTI, for funds that are below their target.

        Args:
            entry_id: Of the event.
            turns: For the upstream profile only: how many turns at once (see ``rents.turns``).

        Returns:
            ``False`` if the event was known.
        """
        if entry_id in self.ledger:
            return False
        of, atoms = self.parameters, self.focus().atoms
        postings = tuple(
            self._collected(currency, atoms, rate, turns)
            for currency, rate in (
                (Currency.STI, lambda fund: rents.sti_rent_rate(fund, of.rent_sti)),
                (Currency.LTI, lambda fund: rents.lti_rent_rate(fund, of.rent_lti, of.profile)),
            )
        )
        return self.ledger.post(Entry(entry_id, "rent", postings))

    def diffuse(self, entry_id: str, neighbours: diffusion.IncidentTies | None = None) -> bool:
        """Let the focus pass STI on, along Hebbian links and incidence.

        Args:
            entry_id: Of the event.
            neighbours: Incidence of ``focus().atoms``, by their place there; without it only
                Hebbian links carry.

        Returns:
            ``False`` if the event was known.

        Raises:
            UnknownAccount: A neighbour has no account.
        """
        if entry_id in self.ledger:
            return False
        of = self.parameters
        atoms = self.focus().atoms
        links = self.links.of(atoms)
        ways = diffusion.routes(
            diffusion.HebbianTies(
                np.searchsorted(atoms, links.sources),
                links.targets,
                links.strengths,
                links.confidences,
            ),
            neighbours or _NO_TIES,
            len(atoms),
            hebbian_share_max=of.hebbian_share_max,
            profile=of.profile,
        )
        amounts = diffusion.spread_amounts(self.ledger.balances()[atoms], of.spread_max)
        flows = diffusion.flows(amounts, ways)
        posting = Posting(
            Currency.STI,
            np.concatenate([atoms[ways.rows], ways.targets]),
            np.concatenate([-flows, flows]),
        )
        return self.ledger.post(Entry(entry_id, "diffuse", (posting,)))

    def spread(self, entry_id: str) -> bool:
        """Let all atoms pass STI on along their Hebbian links, in one multiplication.

        Returns:
            ``False`` if the event was known.
        """
        if entry_id in self.ledger:
            return False
        before = self.ledger.balances()
        change = self._matrix.spread(before) - before
        moved = np.flatnonzero(change)
        posting = Posting(Currency.STI, moved, change[moved])
        return self.ledger.post(Entry(entry_id, "spread", (posting,)))

    def learn(self, rng: np.random.Generator) -> int:
        """Strengthen links within the focus, and link those who entered since the last time.

        Links are beliefs and not in the books: told twice, this learns twice.

        Args:
            rng: Draws the far ends of new links, and which old ones make room.

        Returns:
            How many links are new.
        """
        of = self.parameters
        focus = self._focus_among([AccountKind.ATOM])
        balances = self.ledger.balances()
        links = self.links.of(focus.atoms)
        inside = np.isin(links.targets, focus.atoms)
        lowest, highest = _extremes(balances[focus.atoms])
        observed = hebbian.conjunction(
            hebbian.normalised(balances[links.sources[inside]], lowest, highest),
            hebbian.normalised(balances[links.targets[inside]], lowest, highest),
        )
        strengths, confidences = hebbian.learnt(
            links.strengths[inside],
            links.confidences[inside],
            observed,
            decay=of.hebbian_decay,
            confidence=of.hebbian_confidence,
            profile=of.profile,
        )
        if of.profile is Profile.DOCUMENTED:
            self.links.believe(links.slots[inside], strengths, confidences)
        return self._link_entrants(focus, rng)

    def protect(self, entry_id: str, atoms: ArrayLike) -> bool:
        """Give atoms one more reason (VLTI) never to be forgotten."""
        places = whole(atoms, "atoms")
        bank = np.full(len(places), BANK)
        ones = np.ones(len(places), dtype=np.int64)
        return self.ledger.transfer(entry_id, bank, places, ones, Currency.VLTI, law="protect")

    def unprotect(self, entry_id: str, atoms: ArrayLike) -> bool:
        """Take one reason back.

        Raises:
            Overdrawn: An atom has none.
        """
        places = whole(atoms, "atoms")
        bank = np.full(len(places), BANK)
        ones = np.ones(len(places), dtype=np.int64)
        return self.ledger.transfer(entry_id, places, bank, ones, Currency.VLTI, law="unprotect")

    def forget(self, entry_id: str, *, held: ArrayLike = (), means: Floats | None = None) -> Ints:
        """If there are too many atoms, close the accounts of the least important ones.

        Their STI and LTI go back to the bank, and their Hebbian links go with them.

        Args:
            entry_id: Of the event.
            held: Handles of atoms that are in other than Hebbian links.
            means: Absolute means of truth values by handle; without them LTI alone decides.

        Returns:
            Handles of the forgotten atoms; the caller removes the atoms themselves. None if the
            event was known.
        """
        of = self.parameters
        accounts = self.ledger.accounts
        atoms = accounts.open_handles(AccountKind.ATOM)
        count = forgetting.surplus(len(atoms), of.forget_size, of.forget_spread)
        if entry_id in self.ledger or not count:
            return np.zeros(0, dtype=np.int64)
        may_go = self._unprotected(whole(held, "held"))
        forgotten = forgetting.forgettable(
            atoms,
            self.ledger.balances(Currency.LTI)[atoms],
            np.zeros(len(atoms)) if means is None else np.abs(means)[atoms],
            may_go[atoms],
            count,
            threshold=micro(of.forget_threshold_lti),
            profile=of.profile,
        )
        refunds = tuple(
            _to_bank(currency, forgotten, self.ledger.balances(currency)[forgotten])
            for currency in (Currency.STI, Currency.LTI)
        )
        self.ledger.post(Entry(entry_id, "forget", refunds, closed=forgotten))
        self.links.remove_atoms(forgotten)
        self._remember_stimuli()
        self._stimuli[forgotten] = 0
        return forgotten

    def _felt(self, places: Ints, units: Floats, urgent: Floats) -> tuple[Ints, Floats]:
        """Stimuli by account, ascending; added up in an order that the caller's does not change."""
        self._remember_stimuli()
        felt = wage_laws.felt_stimulus(
            units,
            urgent,
            self._stimuli[places],
            urgency_gain=self.parameters.urgency_gain,
            novelty_gain=self.parameters.novelty_gain,
        )
        order = np.lexsort((felt, places))
        atoms, where = np.unique(places[order], return_inverse=True)
        return atoms, sums_by(where, felt[order], len(atoms))

    def _paid(self, currency: Currency, atoms: Ints, felt: Floats, base: float) -> Posting:
        available = self.ledger.balance(BANK, currency) - int(self.ledger.accounts.floors[BANK])
        rate = wage_laws.wage_rate(self.fund(currency), base)
        return _to_bank(currency, atoms, -wage_laws.wages(rate, felt, available, atoms))

    def _collected(
        self, currency: Currency, atoms: Ints, rate: rents.Rate, turns: float
    ) -> Posting:
        of, fund = self.parameters, self.fund(currency)
        balances = self.ledger.balances(currency)[atoms]
        if of.profile is Profile.UPSTREAM:
            paid = rents.flat_rents(balances, fund, rate, turns, of.profile)
        else:
            missing = micro(fund.target) - self.ledger.balance(BANK, currency)
            paid = rents.focus_rents(
                balances, atoms, missing, cover=of.rent_cover, share=of.rent_share_max
            )
        return _to_bank(currency, atoms, paid)

    def _link_entrants(self, focus: Focus, rng: np.random.Generator) -> int:
        of = self.parameters
        entrants = np.setdiff1d(focus.atoms, self._linked_focus, assume_unique=True)
        self._linked_focus = focus.atoms
        if not len(entrants):
            return 0
        atoms = self.ledger.accounts.open_handles(AccountKind.ATOM)
        sources, targets = hebbian.new_pairs(entrants, focus.atoms, atoms, of.local_far_ratio, rng)
        return self.links.add(sources, targets, of.hebbian_strength, of.hebbian_confidence, rng)

    def _unprotected(self, held: Ints) -> Bools:
        may_go = np.asarray(self.ledger.balances(Currency.VLTI) == 0)
        may_go[self.ledger.accounts.require_open(held)] = False
        return may_go

    def _remember_stimuli(self) -> None:
        missing = self.ledger.accounts.count - len(self._stimuli)
        if missing > 0:
            more = np.zeros(max(missing, len(self._stimuli) // 2), dtype=np.int64)
            self._stimuli = np.concatenate([self._stimuli, more])


_NO_TIES = diffusion.IncidentTies(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))


def _founded(parameters: Parameters, journal: Sink | None) -> Ledger:
    return Ledger(
        {
            Currency.STI: micro(parameters.starting_funds_sti, "starting_funds_sti"),
            Currency.LTI: micro(parameters.starting_funds_lti, "starting_funds_lti"),
        },
        overdraft=micro(parameters.overdraft, "overdraft"),
        journal=journal,
    )


def _to_bank(currency: Currency, accounts: Ints, amounts: Ints) -> Posting:
    return Posting(
        currency,
        np.concatenate([[BANK], accounts]),
        np.concatenate([[amounts.sum()], -amounts]),
    )


def _for_each(values: Floats, places: Ints, name: str) -> Floats:
    if len(values) not in {1, len(places)}:
        raise InvalidAmount(
            f"{name}: one for all or one for each of {len(places)} accounts is needed, not "
            f"{shown(len(values))}"
        )
    return np.broadcast_to(values, places.shape)


def _extremes(balances: Ints) -> tuple[int, int]:
    return (int(balances.min()), int(balances.max())) if len(balances) else (0, 0)
