from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cognitive_architecture.attention import MICRO, AccountKind, Currency, Overdrawn, UnknownAccount
from cognitive_architecture.distributed_mesh.economy.concepts import raised_levels
from cognitive_architecture.distributed_mesh.economy.turns import all_affinities
from cognitive_architecture.distributed_mesh.economy.views import shown_economy
from cognitive_architecture.distributed_mesh.machines.earnings import KINDS_MAX, Deed, Earnings

from .books import assert_conserved, some_books, turn

NODE, CAPABILITY, REQUESTER, CONCEPT = (
    AccountKind.NODE,
    AccountKind.CAPABILITY,
    AccountKind.REQUESTER,
    AccountKind.ATOM,
)


class TestWages:
    def test_go_to_the_node_and_to_the_capability(self) -> None:
        books = some_books(spread_share_max=0.0)
        turn(books, ("n1", "echo", "ann", 3, 0), ("n2", "echo", "ann", 1, 0))

        sti = {
            (kind, name): books.balance_sti(books.require(kind, name))
            for kind in (NODE, CAPABILITY)
            for name in books.names(kind)
        }
        assert sti == {(NODE, "n1"): 60, (NODE, "n2"): 20, (CAPABILITY, "echo"): 80}
        assert_conserved(books)

    def test_a_failure_earns_nothing(self) -> None:
        books = some_books()
        turn(books, ("n1", "echo", "ann", 0, 5))
        assert books.balance_sti(books.require(NODE, "n1")) == 0

    def test_a_burst_leaves_enough_for_new_requesters(self) -> None:
        books = some_books(funds_sti=100_000, target_sti=30_000, buffer_sti=10_000)
        turn(books, ("n1", "echo", "ann", 10**7, 0))
        assert books.bank.fund(Currency.STI).funds >= 20_000 - 1
        turn(books, ("n1", "echo", "bob", 10**7, 0))
        assert books.balance_sti(books.require(REQUESTER, "bob")) == 100
        assert_conserved(books)

    def test_rent_brings_the_funds_back_to_their_target(self) -> None:
        books = some_books()
        turn(books, ("n1", "echo", "ann", 10**6, 0), ("n2", "echo", "ann", 10**3, 0))
        for _ in range(40):
            turn(books, ("n2", "echo", "ann", 1, 0))
        assert books.bank.fund(Currency.STI).funds == pytest.approx(30_000, rel=0.01)


class TestRequesters:
    def test_are_endowed_when_first_seen_and_only_then(self) -> None:
        books = some_books(requester_sti=50)
        for _ in range(3):
            turn(books, ("n1", "echo", "ann", 1, 0), ("n1", "echo", None, 1, 0))
        assert {
            name: books.balance_sti(books.require(REQUESTER, name)) for name in ("ann", "")
        } == {
            "ann": 50,
            "": 50,
        }
        assert books.weights() == {"ann": 1.0, "": 1.0}

    def test_have_shares_by_their_endowment_but_never_starve(self) -> None:
        books = some_books()
        turn(books, *(("n1", "echo", name, 1, 0) for name in ("ann", "bob", "cid", "dot")))
        books.move("raise", REQUESTER, "ann", 200)
        books.move("lower", REQUESTER, "bob", -100)

        weights = books.weights()
        assert weights["cid"] == weights["dot"] == 1.0
        assert weights["ann"] == pytest.approx(3.0)
        assert weights["bob"] / sum(weights.values()) >= 1 / (3 * 4)

    def test_as_they_came_have_a_share_of_exactly_one(self) -> None:
        books = some_books()
        turn(books, *(("n1", "echo", f"r{number}", 1, 0) for number in range(77)))
        books.move("raise", REQUESTER, "r5", 1234.56)
        weights = books.weights()
        assert {weights[name] for name in weights if name != "r5"} == {1.0}

    def test_the_laws_never_touch_their_sti(self) -> None:
        books = some_books()
        turn(books, ("n1", "echo", "ann", 1, 0))
        books.move("raise", REQUESTER, "ann", 123)
        for _ in range(30):
            turn(books, ("n1", "echo", "ann", 10**5, 3), ("n2", "sum", "bob", 10**5, 1))
        assert books.balance_sti(books.require(REQUESTER, "ann")) == 223
        assert books.balance_sti(books.require(REQUESTER, "bob")) == 100

    def test_beyond_the_bound_whoever_was_not_seen_for_longest_goes_unless_it_was_raised(
        self,
    ) -> None:
        books = some_books(requesters_max=3)
        turn(books, *(("n1", "echo", name, 1, 0) for name in ("ann", "bob", "cid")))
        books.move("raise", REQUESTER, "ann", 5)
        turn(books, ("n1", "echo", "bob", 1, 0))
        taken = turn(books, ("n1", "echo", "dot", 1, 0))

        assert sorted(books.names(REQUESTER)) == ["ann", "bob", "dot"]
        assert taken.weights is not None
        assert set(taken.weights) == {"ann", "bob", "dot"}
        assert_conserved(books)

    def test_more_at_once_than_there_may_be_are_left_out(self) -> None:
        books = some_books(requesters_max=3)
        turn(books, *(("n1", "echo", f"r{number}", 1, 0) for number in range(9)))
        assert len(books.names(REQUESTER)) == 3
        assert_conserved(books)


class TestNodes:
    def test_that_are_away_for_too_long_are_forgotten_with_a_refund(self) -> None:
        books = some_books(node_kept_s=100.0)
        turn(books, ("n1", "echo", "ann", 5, 0), ("n2", "echo", "ann", 5, 0), present=("n1", "n2"))
        turn(books, ("n1", "echo", "ann", 1, 0), present=("n1",), now=50.0)
        turn(books, ("n1", "echo", "ann", 1, 0), present=("n1", "n2"), now=140.0)
        assert books.names(NODE) == ["n1", "n2"], "it was back in between"
        turn(books, ("n1", "echo", "ann", 1, 0), present=("n1",), now=150.0)
        taken = turn(books, ("n1", "echo", "ann", 1, 0), present=("n1",), now=251.0)

        assert taken.forgotten == ["n2"]
        assert books.names(NODE) == ["n1"]
        assert ("n2", "echo") not in all_affinities(books)
        assert_conserved(books)
        turn(books, ("n2", "echo", "ann", 1, 0), present=("n1", "n2"), now=260.0)
        assert books.names(NODE) == ["n1", "n2"]

    def test_have_affinity_for_what_they_do_well(self) -> None:
        books = some_books()
        taken = turn(books, ("good", "echo", "ann", 50, 0), ("bad", "echo", "ann", 0, 50))
        assert taken.affinities[("good", "echo")] > 0.9
        assert taken.affinities[("bad", "echo")] == 0.0
        assert all_affinities(books) == taken.affinities

    def test_good_at_what_is_in_demand_are_passed_sti(self) -> None:
        books = some_books()
        turn(books, ("good", "echo", "ann", 200, 0), ("bad", "echo", "ann", 1, 200))
        before = books.balance_sti(books.require(NODE, "bad"))
        for _ in range(5):
            turn(books, ("bad", "echo", "ann", 0, 1))
        after = books.balance_sti(books.require(NODE, "bad"))
        assert books.balance_sti(books.require(NODE, "good")) > 4 * after
        assert after < 10 * max(before, 1)


class TestConcepts:
    def test_of_accepted_results_earn_wages_and_are_linked(self) -> None:
        books = some_books(spread_share_max=0.0)
        for _ in range(3):
            turn(books, ("n1", "echo", "ann", 2, 0), concepts=("storm", "lamp", "storm"))
        storm, lamp = (books.require(CONCEPT, name) for name in ("storm", "lamp"))
        assert books.balance_sti(storm) == 2 * books.balance_sti(lamp) > 0
        raised = raised_levels(books.bank, storm, 1.0)
        assert raised["storm"] == 1.0
        assert 0.0 < raised["lamp"] < 1.0
        assert "echo" not in raised
        assert_conserved(books)

    def test_that_are_too_many_are_forgotten(self) -> None:
        books = some_books()
        for number in range(4):
            turn(
                books,
                ("n1", "echo", "ann", 1, 0),
                concepts=tuple(f"c{number}-{place}" for place in range(3000)),
            )
        assert len(books.names(CONCEPT)) < 10_000
        assert_conserved(books)


class TestOrders:
    def test_count_once(self) -> None:
        books = some_books()
        assert books.move("order-1", CONCEPT, "storm", 10)
        assert not books.move("order-1", CONCEPT, "storm", 10)
        assert books.balance_sti(books.require(CONCEPT, "storm")) == 10

    def test_need_a_node_that_is_known_and_say_which_are(self) -> None:
        books = some_books()
        turn(books, ("n1", "echo", "ann", 1, 0))
        with pytest.raises(UnknownAccount, match=r"no node 'n9' has an account \(there are: n1\)"):
            books.move("order", NODE, "n9", 1)

    def test_do_not_take_more_than_there_is(self) -> None:
        books = some_books()
        turn(books, ("n1", "echo", "ann", 1, 0))
        with pytest.raises(Overdrawn, match="requester 'ann' has 100,000,000"):
            books.move("order", REQUESTER, "ann", -101)
        with pytest.raises(Overdrawn, match="bank"):
            books.move("order 2", REQUESTER, "ann", 10**6)

    def test_of_a_concept_raise_its_neighbours_by_the_weight_of_their_link(self) -> None:
        books = some_books()
        for name in ("storm", "lamp", "rope"):
            books.move(f"open {name}", CONCEPT, name, 1)
        storm, lamp = (books.require(CONCEPT, name) for name in ("storm", "lamp"))
        rng = np.random.default_rng(0)
        books.bank.links.add(np.array([storm]), np.array([lamp]), 0.8, 0.5, rng)

        assert raised_levels(books.bank, storm, 2.0) == {"storm": 2.0, "lamp": pytest.approx(0.8)}
        assert raised_levels(books.bank, lamp, -1.0) == {"lamp": -1.0}


class TestEarnings:
    def test_of_too_many_kinds_are_those_of_nobody(self) -> None:
        earnings = Earnings()
        for number in range(KINDS_MAX + 5):
            earnings.accept(Deed("n1", "echo", f"r{number}"), 2)
        assert len(earnings.accepted) == KINDS_MAX + 1
        assert earnings.accepted[Deed("n1", "echo", None)] == 10

    def test_of_nothing_are_nothing(self) -> None:
        earnings = Earnings()
        assert not earnings
        earnings.fail(Deed("n1", "echo", None))
        assert earnings


def test_what_is_shown_is_the_richest_first() -> None:
    books = some_books(spread_share_max=0.0)
    turn(books, *((f"n{number}", "echo", "ann", number, 0) for number in range(1, 6)))

    said = shown_economy(books, top=2)

    assert said["accounts"]["nodes"]["count"] == 5
    assert [row["name"] for row in said["accounts"]["nodes"]["richest"]] == ["n5", "n4"]
    assert said["accounts"]["requesters"]["richest"] == [
        {"name": "ann", "sti": 100.0, "lti": 0.0, "share": 1.0}
    ]
    assert said["focus"]["members"][0] == {"kind": "capability", "name": "echo"}
    assert said["pairs"]["count"] == 5
    assert said["pairs"]["strongest"][0]["node"] == "n5"
    spent = sum(row["sti"] for row in shown_economy(books, top=9)["accounts"]["nodes"]["richest"])
    assert said["funds"]["sti"] == 100_000 - 2 * spent - 100


_DEED = st.tuples(
    st.sampled_from(["n1", "n2", "n3", "n4"]),
    st.sampled_from(["echo", "sum", "haiku"]),
    st.sampled_from(["ann", "bob", "cid", None]),
    st.integers(0, 10**6),
    st.integers(0, 3),
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.lists(_DEED, max_size=5),
            st.sets(st.sampled_from(["n1", "n2", "n3", "n4"])),
            st.floats(-150, 300),
        ),
        max_size=12,
    )
)
def test_nothing_is_ever_made_or_lost(
    history: list[tuple[list[tuple[str, str, str | None, int, int]], set[str], float]],
) -> None:
    books = some_books(requesters_max=2, node_kept_s=2.0)
    endowments: dict[str, int] = {}
    for number, (deeds, present, by) in enumerate(history):
        turn(books, *deeds, present=tuple(present), now=float(number))
        assert_conserved(books)
        before = {
            name: books.bank.ledger.balance(books.require(REQUESTER, name))
            for name in books.names(REQUESTER)
        }
        assert all(before[name] == endowments.get(name, 100 * MICRO) for name in before)
        if "ann" in before:
            try:
                books.move(f"order {number}", REQUESTER, "ann", by)
            except Overdrawn:
                assert by < 0
        endowments = {
            name: books.bank.ledger.balance(books.require(REQUESTER, name))
            for name in books.names(REQUESTER)
        }
        assert all(0.0 <= value <= 1.0 for value in all_affinities(books).values())
