"""The conformance table of the attention economy: every row, by its id, with its source.

Rows are in STI; laws work on whole µSTI. Where the two profiles differ, both are here.
"""

import math

import numpy as np
import pytest

from cognitive_architecture.attention import diffusion, forgetting, hebbian, rents, tokens, wages
from cognitive_architecture.attention.accounts import BANK, AccountKind
from cognitive_architecture.attention.bank import AttentionBank
from cognitive_architecture.attention.focus import displaced, focus_of
from cognitive_architecture.attention.journal import Currency
from cognitive_architecture.attention.links import HebbianLinks
from cognitive_architecture.attention.matrix import DiffusionMatrix
from cognitive_architecture.attention.parameters import Parameters, Profile
from cognitive_architecture.attention.units import MICRO, Floats, Ints
from cognitive_architecture.attention.wages import Fund

BOTH = pytest.mark.parametrize("profile", Profile)


def fund(funds: float, target: float = 10_000) -> Fund:
    return Fund(funds, target, 10_000)


def ints(*values: float) -> Ints:
    return np.array(values, dtype=np.int64)


def micros(*values: float) -> Ints:
    return np.array([round(value * MICRO) for value in values], dtype=np.int64)


def floats(*values: float) -> Floats:
    return np.array(values, dtype=np.float64)


def one_sti(of: Fund) -> float:
    return rents.sti_rent_rate(of, 1)


def hebbian_ties(*beliefs: tuple[float, float]) -> diffusion.HebbianTies:
    """Links of one source to targets 10, 11, ..."""
    return diffusion.HebbianTies(
        np.zeros(len(beliefs), dtype=np.int64),
        np.arange(10, 10 + len(beliefs)),
        floats(*(strength for strength, _ in beliefs)),
        floats(*(confidence for _, confidence in beliefs)),
    )


def incident_ties(count: int) -> diffusion.IncidentTies:
    """Neighbours of one source: 20, 21, ..."""
    return diffusion.IncidentTies(np.zeros(count, dtype=np.int64), np.arange(20, 20 + count))


def ways(
    learnt: diffusion.HebbianTies, incident: diffusion.IncidentTies, share: float, profile: Profile
) -> diffusion.Routes:
    return diffusion.routes(learnt, incident, 1, hebbian_share_max=share, profile=profile)


class TestWages:
    @BOTH
    def test_w1_a_stimulus_and_a_trade(self, profile: Profile) -> None:
        """C++ AttentionBank test; MeTTa attention-bank test."""
        bank = AttentionBank(Parameters(profile=profile))
        (atom,) = bank.open_atoms("open", ["a"]).tolist()
        bank.stimulate("one", [atom], 10)
        assert bank.ledger.balance(atom) == 200 * MICRO
        assert bank.ledger.balance(BANK) == 99_800 * MICRO
        (other,) = bank.open_atoms("open another", ["b"]).tolist()
        bank.stimulate("two", [other], 10)
        bank.ledger.transfer("trade", [atom], [other], [5 * MICRO])
        assert (bank.ledger.balance(atom), bank.ledger.balance(other)) == (
            195 * MICRO,
            205 * MICRO,
        )

    @pytest.mark.parametrize(
        ("funds", "wage"), [(20_000, 20), (12_000, 12), (10_000, 10), (5_000, 5), (0, 0)]
    )
    def test_w2_the_wage_follows_the_funds(self, funds: float, wage: float) -> None:
        """C++ AttentionBank."""
        assert wages.wage_rate(fund(funds), 10) == pytest.approx(wage)


class TestRents:
    @pytest.mark.parametrize(
        ("funds", "rent"),
        [
            (12_000, 0),
            (10_000, 0),
            (9_999, 1.0001),
            (9_000, 1.1),
            (5_000, 1.5),
            (0, 2),
            (-5_000, 2),
        ],
    )
    def test_r1_sti_rent(self, funds: float, rent: float) -> None:
        """C++ RentCollectionBaseAgent."""
        assert rents.sti_rent_rate(fund(funds), 1) == pytest.approx(rent)

    @pytest.mark.parametrize(
        ("profile", "expected"),
        [(Profile.UPSTREAM, [0, 0.8, 1, 1.5]), (Profile.DOCUMENTED, [0, 0, 0, 1.5])],
    )
    def test_r2_lti_rent(self, profile: Profile, expected: list[float]) -> None:
        """C++ for upstream; MeTTa for documented."""
        funds = [100_000, 12_000, 10_000, 5_000]
        found = [rents.lti_rent_rate(fund(some), 1, profile) for some in funds]
        assert found == pytest.approx(expected)

    @pytest.mark.parametrize(
        ("profile", "left", "funds"),
        [
            (Profile.UPSTREAM, [98.9, 98.90011], 9_002.19989),
            (Profile.DOCUMENTED, [98.9, 98.9], 9_002.2),
        ],
    )
    def test_r3_two_atoms_pay(self, profile: Profile, left: list[float], funds: float) -> None:
        """C++ AFRentCollectionAgent; the order-free form is ours."""
        before = micros(100, 100)
        paid = rents.flat_rents(before, fund(9_000), one_sti, 1, profile)
        assert (before - paid).tolist() == micros(*left).tolist()
        assert 9_000 * MICRO + paid.sum() == micros(funds)[0]

    def test_r4_turns(self) -> None:
        """C++ AFRentCollectionAgent: nothing before a turn is over, then by the time."""
        assert rents.turns(0.1, 5) == 0
        assert rents.turns(0.4, 5) == 2
        paid = rents.flat_rents(micros(100), fund(5_000), one_sti, 2, Profile.UPSTREAM)
        assert paid.tolist() == micros(3).tolist()

    def test_r5_rent_without_a_clock(self) -> None:
        """The redesign note of metta-attention (AFRent2)."""
        paid = rents.focus_rents(
            micros(20, 100, 200), ints(1, 2, 3), micros(100)[0], cover=1, share=1
        )
        assert (paid / MICRO).tolist() == pytest.approx([0, 30.769231, 69.230769], abs=1e-6)
        assert paid.sum() == 100 * MICRO

    def test_l1_logarithmic_rent(self) -> None:
        """Legacy C++ ImportanceUpdatingAgent, RENT_LOG."""
        found = rents.logarithmic_rents(floats(100, 50, 5, 4), 0, 100, 1)
        assert found.tolist() == pytest.approx([1.49787, 1.15129, 0, 0], abs=1e-5)

    def test_exponential_rent_by_its_formula(self) -> None:
        """Legacy C++ ImportanceUpdatingAgent, RENT_EXP."""
        found = rents.exponential_rents(floats(100, 0), 0, 100, 1, 0.5)
        assert found.tolist() == pytest.approx([(math.e - 0.5) / 1.5, 0.5 / 1.5])

    def test_legacy_balance(self) -> None:
        """Legacy C++ ImportanceUpdatingAgent: rent that pays wages, tax that mends the funds."""
        assert rents.legacy_rent_rate(10, 25, 100) == 3
        assert rents.legacy_tax(fund(9_000), 100) == 10
        assert rents.legacy_tax(fund(11_000), 100) == -10


class TestDiffusion:
    @BOTH
    def test_d1_one_learnt_two_incident(self, profile: Profile) -> None:
        """C++ test fixture; with one link the two profiles agree."""
        amount = diffusion.spread_amounts(micros(1000), 0.4)
        found = ways(hebbian_ties((0.7, 0.9)), incident_ties(2), 0.05, profile)
        flows = diffusion.flows(amount, found)
        assert flows.tolist() == micros(12.6, 193.7, 193.7).tolist()
        assert 1000 * MICRO - flows.sum() == 600 * MICRO

    @pytest.mark.parametrize(
        ("profile", "shares"),
        [
            (Profile.DOCUMENTED, [0.005, 0.0053125, 0.49484375, 0.49484375]),
            (Profile.UPSTREAM, [0.0025, 0.00265625, 0.497421875, 0.497421875]),
        ],
    )
    def test_d2_two_learnt_two_incident(self, profile: Profile, shares: list[float]) -> None:
        """MeTTa test for documented; C++ divides twice."""
        found = ways(hebbian_ties((0.25, 0.8), (0.25, 0.85)), incident_ties(2), 0.05, profile)
        assert found.targets.tolist() == [10, 11, 20, 21]
        assert found.shares.tolist() == pytest.approx(shares)

    @BOTH
    def test_d3_what_nobody_takes_stays(self, profile: Profile) -> None:
        """C++: one learnt link, no incidence."""
        amount = diffusion.spread_amounts(micros(1000), 0.4)
        found = ways(hebbian_ties((0.7, 0.9)), incident_ties(0), 0.05, profile)
        assert diffusion.flows(amount, found).tolist() == micros(12.6).tolist()

    def test_d4_outside_the_focus(self) -> None:
        """C++ WAImportanceDiffusionAgent reads 5 where 0.05 is meant."""
        amount = micros(40)
        wrong = ways(hebbian_ties((0.7, 0.9)), incident_ties(2), 5, Profile.UPSTREAM)
        assert diffusion.flows(amount, wrong).tolist() == micros(126, -43, -43).tolist()
        right = ways(hebbian_ties((0.7, 0.9)), incident_ties(2), 0.05, Profile.DOCUMENTED)
        assert diffusion.flows(amount, right).tolist() == micros(1.26, 19.37, 19.37).tolist()

    @pytest.mark.parametrize(
        ("profile", "shares"),
        [(Profile.DOCUMENTED, [0.0315 + 0.9685 / 2]), (Profile.UPSTREAM, [0.0315])],
    )
    def test_defect_3_a_target_both_learnt_and_incident(
        self, profile: Profile, shares: list[float]
    ) -> None:
        """C++ drops the incident part (std::map insert); MeTTa delivers both."""
        both = diffusion.IncidentTies(ints(0, 0), ints(10, 20))
        found = ways(hebbian_ties((0.7, 0.9)), both, 0.05, profile)
        assert found.targets.tolist() == [10, 20]
        assert found.shares.tolist() == pytest.approx([*shares, 0.9685 / 2])

    def test_d5_the_matrix_of_2009(self) -> None:
        """P09: column sums above MaxSpread are scaled down to it."""
        links = HebbianLinks()
        links.load(ints(1, 1), ints(2, 3), floats(0.3, 0.5), floats(1, 1))
        matrix = DiffusionMatrix(links, spread_max=0.4, funds=100_000 * MICRO)
        after = matrix.spread(micros(0, 100, 50, 10))
        assert (after / MICRO).tolist() == pytest.approx([0, 60, 65, 35], abs=1e-5)
        assert after.sum() == micros(160)[0]


class TestHebbianLearning:
    def test_h1_conjunctions(self) -> None:
        """C++ HebbianUpdatingAgent."""
        source = floats(1, 1, 0, 0, 0.5, 0.5, 0.75)
        target = floats(1, 0, 1, 0, 0.5, 0.75, 0.5)
        expected = [1, 0, 1, 0.5, 0.625, 0.71875, 0.65625]
        assert hebbian.conjunction(source, target).tolist() == expected

    @pytest.mark.parametrize(
        ("profile", "strength"), [(Profile.DOCUMENTED, 0.525), (Profile.UPSTREAM, 0.5)]
    )
    def test_h2_the_running_mean(self, profile: Profile, strength: float) -> None:
        """C++: .5 becomes .55, and is not written back; documented revises by it (MeTTa)."""
        old = floats(0.5)
        assert hebbian.decayed(old, floats(1), 0.1).tolist() == pytest.approx([0.55])
        found, _ = hebbian.learnt(
            old, floats(0.1), floats(1), decay=0.1, confidence=0.1, profile=profile
        )
        assert found.tolist() == pytest.approx([strength])

    def test_h3_from_importance(self) -> None:
        """MeTTa test: STI 1000 .. 5000."""
        pair = hebbian.normalised(micros(1000, 3000), micros(1000)[0], micros(5000)[0])
        assert hebbian.conjunction(pair[:1], pair[1:]).tolist() == [0.625]

    def test_h4_revision(self) -> None:
        """MeTTa test."""
        strength, confidence = hebbian.revised(floats(0.7), floats(0.8), floats(0.4), 0.6)
        assert strength.tolist() == pytest.approx([0.618181818])
        assert confidence.tolist() == pytest.approx([0.838709677])


class TestFocus:
    def test_a1_the_ten_best_of_fifty(self) -> None:
        """C++ test: STI 0, 10 .. 490."""
        balances = micros(*range(0, 500, 10))
        focus = focus_of(np.arange(1, 51), balances, 10)
        assert focus.atoms.tolist() == list(range(41, 51))
        assert focus.boundary == 400 * MICRO

    def test_a1_one_update_at_a_time(self) -> None:
        """C++ ImportanceIndex: the same set, when every atom is updated."""
        inside = ints()
        for balance in micros(*range(490, -10, -10)).tolist():
            place = displaced(inside, balance, 10)
            if place == -1:
                inside = np.append(inside, balance)
            elif place is not None:
                inside[place] = balance
        assert sorted(inside.tolist()) == micros(*range(400, 500, 10)).tolist()

    def test_a1_upstream_enters_only_above_the_weakest(self) -> None:
        full = micros(5, 7)
        assert displaced(full, micros(5)[0], 2) is None
        assert displaced(full, micros(6)[0], 2) == 0


class TestForgetting:
    def test_f1_when_and_how_many(self) -> None:
        """C++ ForgettingAgent: size 10000, spread 100."""
        assert forgetting.surplus(10_099, 10_000, 100) == 0
        assert forgetting.surplus(10_100, 10_000, 100) == 200

    @pytest.mark.parametrize(
        ("profile", "gone"), [(Profile.DOCUMENTED, [2, 3]), (Profile.UPSTREAM, [2])]
    )
    def test_f1_those_that_are_held_stay(self, profile: Profile, gone: list[int]) -> None:
        """Upstream tries the last n; documented looks on until n have been found."""
        found = forgetting.forgettable(
            ints(1, 2, 3, 4),
            micros(0, 1, 2, 3),
            floats(0, 0, 0, 0),
            np.array([False, True, True, True]),
            2,
            threshold=micros(100)[0],
            profile=profile,
        )
        assert found.tolist() == gone


class TestTokens:
    @pytest.mark.parametrize(
        ("profile", "kept"), [(Profile.DOCUMENTED, 1), (Profile.UPSTREAM, 0.9)]
    )
    def test_s1_wages_by_count(self, profile: Profile, kept: float) -> None:
        """singnet/das test. It looks before spreading; then upstream leaks, without neighbours."""
        after = tokens.stimulated(a_context(5), ints(2, 1, 2, 1, 2), edges(), profile)
        expected = [0.25, 0.125, 0.25, 0.125, 0.25]
        assert (after.importance / MICRO).tolist() == [kept * some for some in expected]

    @BOTH
    def test_s2_back_and_forth(self, profile: Profile) -> None:
        """Re-implementation of singnet/das: A and B are neighbours of each other."""
        network = edges((0, 1), (1, 0))
        once = tokens.stimulated(a_context(2), ints(1, 0), network, profile)
        assert (once.importance / MICRO).tolist() == pytest.approx([0.9, 0.1])
        twice = tokens.stimulated(once, ints(1, 0), network, profile)
        assert (twice.importance / MICRO).tolist() == pytest.approx([0.88, 0.12])
        assert twice.importance.sum() == MICRO

    @pytest.mark.parametrize(
        ("profile", "sums"),
        [
            (Profile.UPSTREAM, [1, 0.9975, 0.9945, 0.99141, 0.98830]),
            (Profile.DOCUMENTED, [1, 1, 1, 1, 1]),
        ],
    )
    def test_s3_a_node_without_neighbours(self, profile: Profile, sums: list[float]) -> None:
        """Re-implementation of singnet/das: B passes on to nobody."""
        context, found = a_context(2), []
        for _ in range(5):
            context = tokens.stimulated(context, ints(1, 0), edges((0, 1)), profile)
            found.append(context.importance.sum() / MICRO)
        assert found == pytest.approx(sums, abs=6e-6)

    @pytest.mark.parametrize(("profile", "left"), [(Profile.UPSTREAM, 0), (Profile.DOCUMENTED, 1)])
    def test_defect_9_only_unknown_nodes_are_named(self, profile: Profile, left: int) -> None:
        """singnet/das loses the whole token; it stays undistributed here."""
        after = tokens.stimulated(a_context(2), ints(0, 0), edges(), profile)
        assert int(after.importance.sum()) + after.undistributed == left * MICRO


def a_context(nodes: int) -> tokens.Tokens:
    return tokens.Tokens(np.zeros(nodes, dtype=np.int64))


def edges(*pairs: tuple[int, int]) -> tokens.Neighbours:
    return tokens.Neighbours(
        ints(*(source for source, _ in pairs)),
        ints(*(target for _, target in pairs)),
        np.ones(len(pairs), dtype=np.int64),
    )


def test_r5_in_the_books() -> None:
    """AFRent2 through the bank: the funds are at their target afterwards."""
    bank = AttentionBank(Parameters(starting_funds_sti=1_220, target_sti=1_000, rent_share_max=1))
    atoms = bank.ledger.open("open", AccountKind.ATOM, ["a", "b", "c"])
    bank.ledger.transfer("fund", [BANK] * 3, atoms, micros(20, 100, 200))
    bank.collect_rent("rent")
    assert bank.ledger.balance(BANK, Currency.STI) == 1_000 * MICRO
    assert bank.ledger.balance(int(atoms[0])) == 20 * MICRO
