"""Shares between requesters: equal to looking at everybody, and fair to within one task."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.machines.accounts import Account
from cognitive_architecture.distributed_mesh.machines.lanes import Lane
from cognitive_architecture.distributed_mesh.machines.lines import Line
from cognitive_architecture.distributed_mesh.machines.needs import Needs
from cognitive_architecture.distributed_mesh.machines.roster import Roster
from cognitive_architecture.distributed_mesh.machines.seats import SeatIndex
from cognitive_architecture.distributed_mesh.machines.shares import Shares
from cognitive_architecture.foundation.world import World
from tests.support.examples import quick
from tests.support.invariants import check_groups

if TYPE_CHECKING:
    from random import Random  # noqa: TID251 - a name for what World gives

SHIFT = 64
UNIT = 2**48
BURST = 40


def a_lane() -> Lane:
    return Lane(SeatIndex(Needs("echo", frozenset({"echo"})), lambda _: 1.0, Roster()))


LANES = [a_lane() for _ in range(3)]


class Requesters:
    """Shares, and what the next task of each requester costs."""

    def __init__(self, *, burst: int = 0) -> None:
        self.costs: dict[str, int] = {}
        self.shares = Shares(lambda account, _: self.costs[account.name], burst=burst)

    def wait(
        self, name: str, lanes: list[int], interactive: bool = False, cost: int = 1
    ) -> Account:
        """From now on it waits in exactly these lanes."""
        account = self.shares.account(name)
        self.costs[name] = cost
        account.lines.clear()
        for number in lanes:
            line = account.lines[LANES[number]] = Line(LANES[number], account)
            line.waiting = 1
            line.interactive = int(interactive)
        self.shares.touch(account)
        return account

    def serve(self, lanes: set[int]) -> str | None:
        """Hand the next task out, and charge what was expected."""
        self.shares.open({LANES[number] for number in lanes})
        account = self.shares.choose()
        if account is None:
            return None
        cost = self.costs[account.name]
        self.shares.reserve(account, cost)
        self.shares.settle(account, cost, cost, attempts=1)
        return account.name


class Oracle:
    """The same rules, by looking at everybody each time; no groups, no heaps."""

    def __init__(self) -> None:
        self.serial: dict[str, int] = {}
        self.weight: dict[str, int] = {}
        self.work: dict[str, int] = {}
        self.waits: dict[str, tuple[frozenset[int], bool]] = {}
        """Those who wait: where, and whether interactively."""
        self.now = 0

    def start(self, name: str) -> int:
        return self.work[name] // self.weight[name]

    def average(self, names: list[str]) -> int | None:
        weight = sum(self.weight[name] for name in names)
        return sum(self.work[name] for name in names) // weight if weight else None

    def open(self, lanes: set[int]) -> list[str]:
        return [name for name, (where, _) in self.waits.items() if where & lanes]

    def wait(self, name: str, where: frozenset[int], interactive: bool, lanes: set[int]) -> None:
        if name not in self.work:
            self.serial[name] = len(self.serial) + 1
            self.weight.setdefault(name, UNIT)
            self.work[name] = self.now * self.weight[name]
        if not where:
            if self.waits.pop(name, None) is not None and not self.waits:
                self.now = max(self.now, self.start(name))
            return
        if name not in self.waits:
            rivals = [other for other, (there, _) in self.waits.items() if there & where]
            here = self.average(rivals)
            here = self.average(self.open(lanes)) if here is None else here
            here = self.average(list(self.waits)) if here is None else here
            if here is None:
                here = self.now = max(self.now, self.start(name))
            self.work[name] = max(self.work[name], self.weight[name] * here)
        self.waits[name] = where, interactive

    def choose(self, lanes: set[int], costs: dict[str, int]) -> str | None:
        names = self.open(lanes)
        now = self.average(names)
        if now is None:
            return None
        self.now = now
        hurried = [
            (self.start(name) - (BURST << SHIFT) // self.weight[name], self.serial[name], name)
            for name in names
            if self.waits[name][1]
        ]
        if hurried and min(hurried)[0] <= now:
            return min(hurried)[2]
        return min(
            (
                self.start(name) + (costs[name] << SHIFT) // self.weight[name],
                self.serial[name],
                name,
            )
            for name in names
            if self.start(name) <= now
        )[2]

    def serve(self, name: str, cost: int, lanes: set[int]) -> None:
        self.work[name] += cost << SHIFT
        names = self.open(lanes)
        if name in names:
            earned = (cost << SHIFT) // sum(self.weight[other] for other in names)
            for other in self.waits:
                if other not in names:
                    self.work[other] += earned * self.weight[other]
        elif not self.waits:
            self.now = max(self.now, self.start(name))


NAMES = st.sampled_from(["a", "b", "c", "d"])
WHERE = st.frozensets(st.integers(0, 2))
STEPS = st.one_of(
    st.tuples(st.just("wait"), NAMES, WHERE, st.booleans(), st.integers(1, 100)),
    st.tuples(st.just("serve"), WHERE.filter(bool), st.integers(0, 150)),
    st.tuples(st.just("serve"), WHERE.filter(bool), st.integers(0, 150)),
    st.tuples(st.just("settle"), st.integers(0, 5), st.integers(0, 150)),
)


@given(st.lists(STEPS, max_size=60))
@quick(400)
def test_the_choice_is_that_of_looking_at_everybody(steps: list[tuple[object, ...]]) -> None:
    mesh, oracle = Requesters(burst=BURST), Oracle()
    shares = mesh.shares
    lanes: set[int] = set()
    running: list[tuple[Account, int]] = []
    for step in steps:
        if step[0] == "wait":
            _, name, where, interactive, cost = step
            mesh.wait(name, sorted(where), interactive, cost)  # type: ignore[arg-type,call-overload]
            oracle.wait(name, where, interactive, lanes)  # type: ignore[arg-type]
            shares.open({LANES[number] for number in lanes})
        elif step[0] == "serve":
            lanes = set(step[1])  # type: ignore[call-overload]
            shares.open({LANES[number] for number in lanes})
            chosen = shares.choose()
            assert (chosen and chosen.name) == oracle.choose(lanes, mesh.costs)
            if chosen is not None:
                cost = mesh.costs[chosen.name]
                shares.reserve(chosen, cost)
                oracle.serve(chosen.name, cost, lanes)
                running.append((chosen, cost))
        elif running:
            account, cost = running.pop(step[1] % len(running))  # type: ignore[operator]
            actual: int = step[2]  # type: ignore[assignment]
            shares.settle(account, cost, actual, attempts=1)
            oracle.serve(account.name, actual - cost, lanes)
        check_groups(shares)
        for name in oracle.waits:
            account = shares.accounts[name]
            offset = shares._offset(account.group) if account.group else 0
            assert account.work + account.weight * offset == oracle.work[name]
    for account in shares.accounts.values():
        assert account.escrow == sum(cost for other, cost in running if other is account)


def zipf(count: int) -> list[float]:
    return [1.0 / rank for rank in range(1, count + 1)]


def heavy_tailed(chance: Random, most: int) -> int:
    return min(most, int(chance.paretovariate(1.1) * 10))


@pytest.mark.parametrize("count", [2, 10, 100, 1000])
def test_nobody_who_always_waits_is_ahead_or_behind_by_a_whole_task(count: int) -> None:
    chance, most = World(seed=count).rng("costs"), 1000
    mesh = Requesters()
    names = [f"r{number}" for number in range(count)]
    weights = dict(zip(names, zipf(count), strict=True))
    mesh.shares.set_weights(weights)
    accounts = {name: mesh.wait(name, [0], cost=heavy_tailed(chance, most)) for name in names}
    whole = sum(weights.values())
    shares = {
        name: Fraction(accounts[name].weight, sum(a.weight for a in accounts.values()))
        for name in names
    }
    assert all(math.isclose(shares[name], weights[name] / whole, rel_tol=1e-6) for name in names)
    total = 0
    for turn in range(4 * count + 2000):
        name = mesh.serve({0})
        assert name is not None
        total += mesh.costs[name]
        mesh.costs[name] = heavy_tailed(chance, most)
        lag = shares[name] * total - accounts[name].served
        assert -most < lag < most
        if turn % 500 == 0:
            lags = [shares[n] * total - accounts[n].served for n in names]
            assert sum(lags) == 0
            assert all(-most < lag < most for lag in lags)


def test_who_comes_and_goes_and_changes_weight_is_never_ahead_or_behind_by_a_whole_task() -> None:
    chance, most = World(seed=7).rng("histories"), 100
    mesh = Requesters()
    names = [f"r{number}" for number in range(50)]
    for _ in range(20_000):
        name = chance.choice(names)
        match chance.randrange(10):
            case 0:
                mesh.wait(name, [])
            case 1 | 2:
                mesh.wait(name, [0], cost=heavy_tailed(chance, most))
            case 3:
                mesh.shares.set_weights({name: chance.uniform(0.1, 10.0)})
            case _:
                if (served := mesh.serve({0})) is not None:
                    mesh.costs[served] = heavy_tailed(chance, most)
        # When somebody who is owed leaves, the others divide it.
        for account in mesh.shares.accounts.values():
            if account.group is not None:
                assert -2 * most < mesh.shares.lag(account) < 2 * most


def test_tasks_at_work_and_refunds_widen_the_bound_by_what_is_at_work() -> None:
    chance, most, at_work = World(seed=3).rng("refunds"), 100, 8
    mesh = Requesters()
    accounts = [mesh.wait(f"r{number}", [0], cost=most) for number in range(20)]
    running: list[tuple[Account, int]] = []
    for _ in range(5000):
        mesh.shares.open({LANES[0]})
        account = mesh.shares.choose()
        assert account is not None
        mesh.shares.reserve(account, most)
        running.append((account, most))
        if len(running) == at_work:
            account, cost = running.pop(chance.randrange(at_work))
            mesh.shares.settle(account, cost, chance.randrange(2 * most), attempts=1)
        for account in accounts:
            assert abs(mesh.shares.lag(account)) < (2 + 2 * at_work) * most
        assert sum(mesh.shares.exact_lags().values()) == 0


def test_a_refund_takes_the_turn_from_who_is_no_longer_owed_anything() -> None:
    mesh = Requesters()
    mesh.wait("a", [0], cost=1000)
    mesh.wait("b", [0], cost=20)
    c = mesh.wait("c", [0], cost=100)
    assert mesh.serve({0}) == "b"
    mesh.costs["b"] = 1
    assert mesh.shares.choose() is c
    mesh.shares.reserve(c, 100)
    chosen = mesh.shares.choose()
    assert chosen is not None
    assert chosen.name == "b"
    mesh.shares.settle(c, 100, 0, attempts=1)
    assert mesh.shares.choose() is c


def served(mesh: Requesters, lanes: set[int], times: int) -> str:
    return "".join(mesh.serve(lanes) or "-" for _ in range(times))


def test_the_trace_by_hand() -> None:
    """Weights 3/4 and 1/4, every task 4: a b a a, and everybody is even again."""
    mesh = Requesters()
    mesh.shares.set_weights({"a": 3.0})
    accounts = [mesh.wait(name, [0], cost=4) for name in "ab"]
    order, lags = "", []
    for _ in range(8):
        order += mesh.serve({0}) or "-"
        mesh.shares.choose()  # lags count from when somebody was chosen last
        lags.append(tuple(mesh.shares.lag(account) for account in accounts))
    assert order == "abaa" * 2
    assert lags == [(-1, 1), (2, -2), (1, -1), (0, 0)] * 2


def test_another_weight_from_now_on() -> None:
    mesh = Requesters()
    mesh.wait("a", [0])
    mesh.wait("b", [0])
    assert served(mesh, {0}, 10).count("a") == 5
    mesh.shares.set_weights({"a": 3.0})
    assert served(mesh, {0}, 40).count("a") == 30


def test_who_waits_where_there_is_no_room_holds_up_nobody_and_saves_nothing_up() -> None:
    mesh = Requesters()
    mesh.wait("a", [0])
    mesh.wait("b", [0])
    mesh.wait("c", [1])
    served(mesh, {0, 1}, 3)
    assert sorted(served(mesh, {0}, 100)) == ["a"] * 50 + ["b"] * 50
    assert served(mesh, {0, 1}, 30).count("c") in {9, 10, 11}


def test_who_comes_late_gets_his_share_and_no_more() -> None:
    mesh = Requesters()
    mesh.wait("a", [0])
    assert served(mesh, {0}, 50) == "a" * 50
    mesh.wait("b", [0])
    assert served(mesh, {0}, 10).count("b") == 5


def test_who_was_alone_in_another_lane_owes_nothing_for_it() -> None:
    mesh = Requesters()
    mesh.wait("a", [0])
    account = mesh.shares.account("a")
    for _ in range(50):  # as placement does when nobody else waits
        assert mesh.shares.only is account
        mesh.shares.reserve(account, 1)
        mesh.shares.settle(account, 1, 1, attempts=1)
    mesh.wait("b", [1])
    assert served(mesh, {0, 1}, 10).count("b") == 5


def test_what_was_served_too_much_is_owed_after_a_pause() -> None:
    mesh = Requesters()
    mesh.wait("a", [0], cost=10)
    mesh.wait("b", [0], cost=1)
    assert mesh.serve({0}) == "b"
    assert mesh.serve({0}) == "a"
    mesh.wait("a", [])
    mesh.wait("a", [0], cost=1)
    assert served(mesh, {0}, 9) == "b" * 9


def test_somebody_who_is_waited_for_goes_first_until_he_is_too_far_ahead() -> None:
    mesh = Requesters(burst=5)
    mesh.wait("a", [0])
    mesh.wait("b", [0], interactive=True)
    order = served(mesh, {0}, 40)
    assert order.startswith("bbbbb")
    assert abs(order.count("b") - order.count("a")) <= 12
    assert "aba" in order[15:] or "abab" in order[15:]


def test_who_may_have_no_more_running_is_passed_over() -> None:
    mesh = Requesters()
    mesh.shares._running_max = {"a": 1.0, "b": math.inf}.__getitem__
    account = mesh.wait("a", [0])
    mesh.wait("b", [0])
    mesh.shares.open({LANES[0]})
    mesh.shares.reserve(account, 1)
    assert served(mesh, {0}, 3) == "bbb"
    mesh.shares.settle(account, 1, 1, attempts=1)
    assert "a" in served(mesh, {0}, 3)


def test_what_an_earlier_owner_kept_counts() -> None:
    mesh = Requesters()
    mesh.shares.restore({"a": -3, "b": 3})
    mesh.wait("a", [0])
    mesh.wait("b", [0])
    assert served(mesh, {0}, 5) == "bbbbb"


def test_accounts_of_which_nothing_need_be_remembered_are_closed() -> None:
    mesh = Requesters()
    for number in range(1000):
        mesh.wait(f"r{number}", [0])
        mesh.serve({0})
        mesh.wait(f"r{number}", [])
    mesh.wait("a", [0])
    mesh.shares.forget_idle()
    assert set(mesh.shares.accounts) == {"a"}


def test_one_who_owes_is_remembered_until_the_others_have_had_as_much() -> None:
    mesh = Requesters()
    mesh.wait("a", [0], cost=10)
    mesh.wait("b", [0])
    served(mesh, {0}, 2)
    mesh.wait("a", [])
    mesh.shares.forget_idle()
    assert "a" in mesh.shares.accounts
    served(mesh, {0}, 20)
    mesh.shares.forget_idle()
    assert "a" not in mesh.shares.accounts


@pytest.mark.parametrize("weight", [0.0, 1e-9, 1e9, math.inf])
def test_weights_are_kept_within_their_range(weight: float) -> None:
    shares = Requesters().shares
    shares.set_weights({"a": weight})
    assert 1e-6 <= shares.weight("a") <= 1e6
