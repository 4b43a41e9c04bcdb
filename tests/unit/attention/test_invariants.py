"""The eight invariants of the attention economy, each as a property."""

import inspect

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import cognitive_architecture.attention as package
from cognitive_architecture.attention import diffusion, escrow, rents
from cognitive_architecture.attention.accounts import BANK, AccountKind
from cognitive_architecture.attention.bank import AttentionBank
from cognitive_architecture.attention.errors import AttentionError
from cognitive_architecture.attention.journal import Currency
from cognitive_architecture.attention.ledger import Ledger
from cognitive_architecture.attention.links import HebbianLinks
from cognitive_architecture.attention.matrix import DiffusionMatrix
from cognitive_architecture.attention.parameters import Parameters, Profile
from cognitive_architecture.attention.units import AMOUNT_MAX, MICRO, Ints
from tests.support.examples import quick

OVERDRAFT = 500
SMALL = {
    "starting_funds_sti": 5_000,
    "starting_funds_lti": 5_000,
    "target_sti": 4_000,
    "target_lti": 4_000,
    "overdraft": OVERDRAFT,
    "focus_size": 4,
    "forget_size": 8,
    "forget_spread": 2,
}

steps = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "open",
                "stimulate",
                "rent",
                "diffuse",
                "spread",
                "learn",
                "trade",
                "reserve",
                "charge",
                "forget",
                "protect",
                "crash",
                "checkpoint",
                "repeat",
            ]
        ),
        st.integers(0, 9),
        st.integers(0, 9),
        st.integers(0, 300),
    ),
    max_size=60,
)
profiles = st.sampled_from(Profile)


class Economy:
    """A bank that lives through whatever comes, and is killed now and then."""

    def __init__(self, profile: Profile) -> None:
        self.journal = bytearray()
        self.checkpoint: bytes | None = None
        self.parameters = Parameters(profile=profile, **SMALL)
        self.bank = AttentionBank(self.parameters, journal=self.journal.extend)
        self.rng = np.random.default_rng(1)
        self.names = 0
        self.told: list[tuple[str, str, int, int, int]] = []

    @property
    def ledger(self) -> Ledger:
        return self.bank.ledger

    def tell(self, step: str, a: int, b: int, amount: int) -> None:
        if step == "repeat":
            if self.told:
                before = books(self.ledger)
                self.perform(*self.told[amount % len(self.told)])
                assert books(self.ledger) == before  # I5
            return
        event = (f"e{len(self.told)}", step, a, b, amount)
        try:
            self.perform(*event)
        except AttentionError:
            return
        if step not in {"crash", "checkpoint", "learn"}:
            self.told.append(event)

    def perform(self, event: str, step: str, a: int, b: int, amount: int) -> None:
        atoms = self.ledger.accounts.open_handles(AccountKind.ATOM)
        one, other = (int(atoms[x % len(atoms)]) if len(atoms) else BANK for x in (a, b))
        match step:
            case "open":
                self.names += event not in self.ledger
                self.bank.open_atoms(event, [f"a{self.names}"])
            case "stimulate":
                self.bank.stimulate(event, [one, other], amount / 10)
            case "rent":
                self.bank.collect_rent(event)
            case "diffuse":
                self.bank.diffuse(event)
            case "spread":
                self.bank.spread(event)
            case "learn":
                self.bank.learn(self.rng)
            case "trade":
                self.ledger.transfer(event, [one], [other], [amount * MICRO])
            case "reserve":
                escrow.reserve(self.ledger, f"t{a}", one, amount * MICRO)
            case "charge":
                escrow.charge(self.ledger, f"t{a}", amount * MICRO, other)
            case "forget":
                self.bank.forget(event, held=atoms[:1])
            case "protect":
                self.bank.protect(event, [one])
            case "crash":
                self.crash(amount)
            case "checkpoint":
                self.checkpoint = self.ledger.checkpoint()
                self.journal.clear()
            case _:
                raise ValueError(step)

    def crash(self, torn: int) -> None:
        """The process dies while it writes; what was acknowledged is there again."""
        before, head = books(self.ledger), self.ledger.head
        whole = bytes(self.journal)
        found = Ledger.replayed(
            whole + b"\xff" * (torn % 30), checkpoint=self.checkpoint, sink=self.journal.extend
        )
        assert (books(found), found.head) == (before, head)  # K1
        self.bank = AttentionBank(self.parameters, ledger=found, links=self.bank.links)

    def check(self) -> None:
        for currency in Currency:  # I1
            assert self.ledger.total(currency) == self.ledger.issued(currency)
        for currency in (Currency.STI, Currency.LTI):  # I2
            balances = self.ledger.balances(currency)
            assert balances[BANK] >= -OVERDRAFT * MICRO
            assert (balances[1:] >= 0).all()


def books(ledger: Ledger) -> list[tuple[str, str, list[int]]]:
    found = []
    for handle in np.flatnonzero(ledger.accounts.is_open).tolist():
        held = [ledger.balance(handle, currency) for currency in Currency]
        found.append((str(ledger.accounts.kind(handle)), ledger.accounts.name(handle), held))
    return sorted(found)


@quick(80)
@given(profiles, steps)
def test_i1_i2_i5_k1_whatever_happens_nothing_is_lost(
    profile: Profile, told: list[tuple[str, int, int, int]]
) -> None:
    """Conservation, overdraft, idempotence and crash-replay, after every single step."""
    economy = Economy(profile)
    economy.bank.open_atoms("first", [f"b{n}" for n in range(6)])
    for step in told:
        economy.tell(*step)
        economy.check()
    economy.crash(0)
    economy.check()


shares = st.floats(0, 1)
ties = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9), shares, shares), max_size=30)
pairs = st.frozensets(st.tuples(st.integers(0, 3), st.integers(0, 9)), max_size=30)


@quick(80)
@given(ties, pairs, shares, profiles)
def test_i3_i7_shares_are_shares(
    learnt: list[tuple[int, int, float, float]],
    near: frozenset[tuple[int, int]],
    most: float,
    profile: Profile,
) -> None:
    """No share is negative, none of a source's add up to more than 1, links carry at most HEB."""
    links = {(row, target): (s, c) for row, target, s, c in learnt}
    hebbian = diffusion.HebbianTies(
        column([row for row, _ in links]),
        column([target for _, target in links]),
        np.array([s for s, _ in links.values()], dtype=np.float64),
        np.array([c for _, c in links.values()], dtype=np.float64),
    )
    incident = diffusion.IncidentTies(
        column([row for row, _ in sorted(near)]), column([target for _, target in sorted(near)])
    )
    found = diffusion.routes(hebbian, incident, 4, hebbian_share_max=most, profile=profile)
    assert (found.shares >= 0).all()
    assert (np.bincount(found.rows, found.shares, minlength=4) <= 1 + 1e-12).all()
    alone = diffusion.routes(
        hebbian, diffusion.IncidentTies(column([]), column([])), 4, hebbian_share_max=most,
        profile=profile,
    )  # fmt: skip
    assert (np.bincount(alone.rows, alone.shares, minlength=4) <= most + 1e-12).all()


@quick(100)
@given(ties, pairs, st.lists(st.integers(0, AMOUNT_MAX // 8), min_size=4, max_size=4), st.data())
def test_i4_the_order_of_ties_does_not_matter(
    learnt: list[tuple[int, int, float, float]],
    near: frozenset[tuple[int, int]],
    amounts: list[int],
    data: st.DataObject,
) -> None:
    links = list({(row, target): (s, c) for row, target, s, c in learnt}.items())
    first = flows_of(links, sorted(near), column(amounts))
    again = flows_of(
        data.draw(st.permutations(links)), data.draw(st.permutations(sorted(near))), column(amounts)
    )
    assert first == again
    assert all(flow >= 0 for flow in first)


@quick(100)
@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=30), st.data())
def test_i4_the_order_of_atoms_does_not_matter_to_rent(
    balances: list[int], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(balances))))
    atoms = np.arange(1, len(balances) + 1)
    missing = data.draw(st.integers(-5, 10**12))
    given_, there = column(balances), column(list(order))
    paid = rents.focus_rents(given_, atoms, missing, cover=0.9, share=0.5)
    again = rents.focus_rents(given_[there], atoms[there], missing, cover=0.9, share=0.5)
    assert again.tolist() == paid[there].tolist()
    assert ((paid >= 0) & (given_ - paid >= given_.min())).all()
    assert paid.sum() <= max(0, missing)


@quick(60)
@given(
    st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12), shares, shares), max_size=60),
    st.lists(st.integers(0, AMOUNT_MAX // 16), min_size=13, max_size=13),
)
def test_i1_i4_the_matrix_keeps_sums_and_knows_no_order(
    learnt: list[tuple[int, int, float, float]], balances: list[int]
) -> None:
    links = list({(a, b): (s, c) for a, b, s, c in learnt}.items())
    before = column(balances)
    first = spread(links, before)
    assert int(first.sum()) == int(before.sum())
    assert (first >= 0).all()
    assert spread(links[::-1], before).tolist() == first.tolist()


@quick(60)
@given(st.lists(st.tuples(st.integers(0, 9), st.floats(0, 50)), min_size=1, max_size=20), st.data())
def test_i4_the_order_of_stimuli_does_not_matter(
    stimuli: list[tuple[int, float]], data: st.DataObject
) -> None:
    def paid(told: list[tuple[int, float]]) -> list[int]:
        bank = AttentionBank()
        atoms = bank.open_atoms("open", [f"a{n}" for n in range(10)])
        bank.stimulate("s", atoms[[n for n, _ in told]], [units for _, units in told])
        return [int(balance) for balance in bank.ledger.balances()]

    assert paid(stimuli) == paid(data.draw(st.permutations(stimuli)))


@quick(60)
@given(st.lists(st.integers(0, 100), min_size=10, max_size=14), profiles)
def test_i6_forgetting_refunds(stimuli: list[int], profile: Profile) -> None:
    """What the forgotten had is the bank's again, to the last µSTI, and nothing leads to them."""
    bank = AttentionBank(Parameters(profile=profile, forget_size=8, forget_spread=2))
    atoms = bank.open_atoms("open", [f"a{n}" for n in range(len(stimuli))])
    bank.stimulate("s", atoms, stimuli)
    bank.learn(np.random.default_rng(0))
    had = [(bank.ledger.balance(BANK, c), bank.ledger.balances(c).copy()) for c in Currency]
    forgotten = bank.forget("f")
    assert len(forgotten) == len(stimuli) - 6
    for currency, (funds, balances) in zip(Currency, had, strict=True):
        assert bank.ledger.balance(BANK, currency) == funds + balances[forgotten].sum()
    assert not np.isin(bank.links.all().targets, forgotten).any()
    assert not np.isin(bank.links.all().sources, forgotten).any()


def test_i8_no_clock() -> None:
    """No module of the package can tell the time or draw by chance on its own."""
    forbidden = {"time", "datetime", "random", "secrets", "uuid", "os", "threading", "asyncio"}
    for name, module in inspect.getmembers(package, inspect.ismodule):
        assert not forbidden & set(vars(module)), name


def column(values: list[int]) -> Ints:
    return np.array(values, dtype=np.int64)


Belief = tuple[tuple[int, int], tuple[float, float]]


def flows_of(links: list[Belief], near: list[tuple[int, int]], amounts: Ints) -> list[int]:
    found = diffusion.routes(
        diffusion.HebbianTies(
            column([row for (row, _), _ in links]),
            column([target for (_, target), _ in links]),
            np.array([s for _, (s, _) in links], dtype=np.float64),
            np.array([c for _, (_, c) in links], dtype=np.float64),
        ),
        diffusion.IncidentTies(column([row for row, _ in near]), column([t for _, t in near])),
        4,
        hebbian_share_max=0.3,
        profile=Profile.DOCUMENTED,
    )
    flows = diffusion.flows(amounts, found)
    assert (np.bincount(found.rows, flows, minlength=4) <= amounts).all()
    return [int(flow) for flow in flows]


def spread(links: list[Belief], before: Ints) -> Ints:
    store = HebbianLinks()
    matrix = DiffusionMatrix(store, spread_max=0.4, funds=int(before.sum()))
    rng = np.random.default_rng(0)
    for (source, target), _ in links:
        store.add(column([source]), column([target]), 0.5, 0.5, rng)
    known = dict(links)
    found = store.all()
    ends = zip(found.sources.tolist(), found.targets.tolist(), strict=True)
    beliefs = [known[end] for end in ends]
    store.believe(
        found.slots,
        np.array([s for s, _ in beliefs], dtype=np.float64),
        np.array([c for _, c in beliefs], dtype=np.float64),
    )
    return matrix.spread(before)
