import math

import numpy as np
import pytest

from cognitive_architecture.attention.accounts import BANK, AccountKind
from cognitive_architecture.attention.bank import AttentionBank
from cognitive_architecture.attention.diffusion import IncidentTies
from cognitive_architecture.attention.errors import InvalidAmount, Overdrawn, UnknownAccount
from cognitive_architecture.attention.journal import Currency
from cognitive_architecture.attention.parameters import Parameters, Profile
from cognitive_architecture.attention.units import MICRO, Ints
from cognitive_architecture.foundation.errors import ConfigurationError


def a_bank(atoms: int = 3, **parameters: float | Profile) -> tuple[AttentionBank, Ints]:
    bank = AttentionBank(Parameters(**parameters))  # type: ignore[arg-type]
    return bank, bank.open_atoms("open", [f"a{n}" for n in range(atoms)])


def sti_of(bank: AttentionBank, atoms: Ints) -> list[float]:
    return [balance / MICRO for balance in bank.ledger.balances()[atoms].tolist()]


class TestStimulus:
    def test_it_pays_sti_and_lti(self) -> None:
        bank, atoms = a_bank()
        assert bank.stimulate("s", atoms, [1, 2, 0])
        assert sti_of(bank, atoms) == [20, 40, 0]
        assert bank.ledger.balance(int(atoms[1]), Currency.LTI) == 40 * MICRO

    def test_the_same_event_counts_once(self) -> None:
        bank, atoms = a_bank()
        bank.stimulate("s", atoms, 1)
        assert not bank.stimulate("s", atoms, 1)
        assert sti_of(bank, atoms) == [20, 20, 20]

    def test_an_atom_that_comes_twice_gets_the_sum(self) -> None:
        bank, atoms = a_bank()
        bank.stimulate("s", [atoms[0], atoms[0]], [1, 2])
        assert sti_of(bank, atoms[:1]) == [60]

    def test_what_is_urgent_counts_more(self) -> None:
        bank, atoms = a_bank(urgency_gain=0.5)
        bank.stimulate("s", atoms, 1, urgency=[0, 0.5, 1])
        assert sti_of(bank, atoms) == [20, 25, 30]

    def test_what_is_new_counts_more(self) -> None:
        bank, atoms = a_bank(novelty_gain=1)
        bank.stimulate("one", atoms[:1], 1)
        assert sti_of(bank, atoms[:1]) == [40]
        assert bank.novelty(atoms).tolist() == [0.5, 1, 1]
        bank.stimulate("two", atoms[:1], 1)
        assert sti_of(bank, atoms[:1]) == [70]

    def test_the_bank_pays_what_it_has_to_all_alike(self) -> None:
        bank, atoms = a_bank(starting_funds_sti=30_000)
        bank.stimulate("s", atoms, [1_000, 500, 500])
        assert sti_of(bank, atoms) == [15_000, 7_500, 7_500]
        assert bank.ledger.balance(BANK) == 0

    def test_only_to_the_declared_overdraft(self) -> None:
        bank, atoms = a_bank(starting_funds_sti=30_000, overdraft=100)
        bank.stimulate("s", atoms, 10_000)
        assert bank.ledger.balance(BANK) == -100 * MICRO

    def test_whatever_has_an_account_can_be_stimulated(self) -> None:
        bank, _ = a_bank()
        task = bank.ledger.open("t", AccountKind.TASK, ["t"])
        bank.stimulate("s", task, 1)
        assert sti_of(bank, task) == [20]
        assert int(task[0]) not in bank.focus()

    @pytest.mark.parametrize(
        ("stimulus", "words"),
        [
            (math.nan, "finite"),
            (math.inf, "finite"),
            (-1, "from 0 to inf"),
            ([1, 2], "one for each of 3"),
            ("much", "numbers"),
            (1e30, "more than there can be"),
        ],
    )
    def test_stimuli_that_cannot_be(self, stimulus: float, words: str) -> None:
        bank, atoms = a_bank()
        with pytest.raises(InvalidAmount, match=words):
            bank.stimulate("s", atoms, stimulus)
        assert "s" not in bank.ledger

    def test_urgency_is_a_share(self) -> None:
        bank, atoms = a_bank()
        with pytest.raises(InvalidAmount, match="urgency: from 0 to 1"):
            bank.stimulate("s", atoms, 1, urgency=2)

    def test_the_bank_itself(self) -> None:
        with pytest.raises(InvalidAmount, match="the bank pays"):
            a_bank()[0].stimulate("s", [BANK], 1)


class TestRent:
    def test_nothing_while_there_is_enough(self) -> None:
        bank, atoms = a_bank()
        bank.stimulate("s", atoms, [1, 2, 3])
        bank.collect_rent("r")
        assert sti_of(bank, atoms) == [20, 40, 60]

    def test_upstream_asks_the_same_of_everybody(self) -> None:
        bank, atoms = a_bank(profile=Profile.UPSTREAM, starting_funds_sti=5_300, target_sti=10_000)
        bank.ledger.transfer("fund", [BANK] * 3, atoms, [100 * MICRO] * 3)
        bank.collect_rent("r", turns=2)
        left = sti_of(bank, atoms)
        assert left[0] == pytest.approx(97)
        assert left[0] < left[1] < left[2]

    @pytest.mark.parametrize(("profile", "left"), [(Profile.UPSTREAM, 4), (Profile.DOCUMENTED, 5)])
    def test_upstream_asks_lti_at_the_target_too(self, profile: Profile, left: int) -> None:
        bank, atoms = a_bank(1, profile=profile, starting_funds_lti=10_005)
        bank.ledger.transfer("fund", [BANK], atoms, [5 * MICRO], Currency.LTI)
        bank.collect_rent("r")
        assert bank.ledger.balance(int(atoms[0]), Currency.LTI) == left * MICRO

    def test_nobody_there(self) -> None:
        bank, _ = a_bank(0, starting_funds_sti=0)
        assert bank.collect_rent("r")


class TestDiffusion:
    def test_along_incidence(self) -> None:
        bank, atoms = a_bank()
        bank.stimulate("s", atoms[:1], 50)
        place = int(np.searchsorted(bank.focus().atoms, atoms[0]))
        ties = IncidentTies(np.array([place, place]), atoms[1:])
        assert bank.diffuse("d", ties)
        assert sti_of(bank, atoms) == [600, 200, 200]
        assert not bank.diffuse("d", ties)

    def test_a_neighbour_without_an_account(self) -> None:
        bank, atoms = a_bank()
        bank.stimulate("s", atoms, 1)
        with pytest.raises(UnknownAccount, match="handle 77"):
            bank.diffuse("d", IncidentTies(np.array([0]), np.array([77])))

    def test_over_all_atoms_at_once(self) -> None:
        bank, atoms = a_bank()
        bank.links.load(atoms[:1], atoms[1:2], np.array([0.5]), np.array([0.5]))
        bank.stimulate("s", atoms[:1], 50)
        assert bank.spread("d")
        assert sti_of(bank, atoms) == [750, 250, 0]
        assert not bank.spread("d")


class TestLearning:
    def test_who_enters_the_focus_is_linked_both_ways(self) -> None:
        bank, atoms = a_bank(3)
        assert bank.learn(np.random.default_rng(0)) == 6
        assert bank.links.of(atoms[:1]).targets.tolist() == atoms[1:].tolist()

    def test_what_is_important_together_is_linked_more_strongly(self) -> None:
        bank, atoms = a_bank(3)
        bank.learn(np.random.default_rng(0))
        bank.stimulate("s", atoms[:2], 1)
        for _ in range(20):
            assert bank.learn(np.random.default_rng(0)) == 0
        strength = dict(
            zip(bank.links.of(atoms[:1]).targets.tolist(), bank.links.of(atoms[:1]).strengths,
                strict=True)
        )  # fmt: skip
        assert strength[int(atoms[1])] > 0.5 > strength[int(atoms[2])]

    def test_upstream_never_learns(self) -> None:
        bank, atoms = a_bank(3, profile=Profile.UPSTREAM)
        bank.learn(np.random.default_rng(0))
        bank.stimulate("s", atoms[:2], 1)
        bank.learn(np.random.default_rng(0))
        assert bank.links.all().strengths.tolist() == [0.5] * 6


class TestForgetting:
    def test_protected_and_held_atoms_stay(self) -> None:
        bank, atoms = a_bank(5, forget_size=3, forget_spread=1)
        bank.protect("p", atoms[:1])
        gone = bank.forget("f", held=atoms[1:2])
        assert gone.tolist() == atoms[2:].tolist()
        with pytest.raises(UnknownAccount, match="it was closed"):
            bank.stimulate("late", gone, 1)

    def test_the_same_event_forgets_once(self) -> None:
        bank, _ = a_bank(5, forget_size=3, forget_spread=1)
        assert len(bank.forget("f")) == 3
        bank.open_atoms("more", ["x", "y", "z"])
        assert len(bank.forget("f")) == 0

    def test_those_with_more_truth_stay(self) -> None:
        bank, atoms = a_bank(5, forget_size=4, forget_spread=1)
        means = np.zeros(6)
        means[atoms] = [0.5, 0.1, -0.9, 0.2, 0.8]
        assert bank.forget("f", means=means).tolist() == atoms[[1, 3]].tolist()

    def test_protection_is_given_back(self) -> None:
        bank, atoms = a_bank(5, forget_size=3, forget_spread=1)
        bank.protect("p", atoms)
        assert len(bank.forget("f")) == 0
        bank.unprotect("u", atoms)
        assert len(bank.forget("g")) == 3
        with pytest.raises(Overdrawn):
            bank.unprotect("v", bank.focus().atoms)

    def test_a_forgotten_name_can_come_back(self) -> None:
        bank, atoms = a_bank(5, forget_size=3, forget_spread=1)
        bank.stimulate("s", atoms, 1)
        bank.forget("f")
        (again,) = bank.open_atoms("again", ["a0"]).tolist()
        assert bank.ledger.balance(again) == 0
        assert bank.novelty([again]).tolist() == [1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("starting_funds_sti", -1),
        ("starting_funds_sti", math.nan),
        ("buffer_sti", 0),
        ("spread_max", 1.1),
        ("focus_size", 0),
        ("focus_size", 1.5),
        ("forget_spread", 20_000),
        ("profile", "mine"),
    ],
)
def test_parameters_that_cannot_be(name: str, value: float) -> None:
    with pytest.raises(ConfigurationError, match=name):
        Parameters(**{name: value})  # type: ignore[arg-type]
