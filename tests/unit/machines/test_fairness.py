"""Shares as the whole dispatch machine keeps them: submitted, handed out, charged and written."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest

from cognitive_architecture.distributed_mesh.machines import events
from cognitive_architecture.distributed_mesh.machines.dispatch import DispatchMachine
from cognitive_architecture.distributed_mesh.machines.effects import Effect, Tell, Write
from cognitive_architecture.distributed_mesh.messages import Assign, Outcome, OutcomeKind
from cognitive_architecture.distributed_mesh.policies.charging import COSTS_PER_S
from cognitive_architecture.distributed_mesh.policies.matching import CapabilityMatcher
from cognitive_architecture.distributed_mesh.policies.scheduling import AgeingOrder
from cognitive_architecture.foundation.settings import DispatchSettings
from cognitive_architecture.foundation.world import World
from tests.support.builders import a_spec

NODE = "node/n1~1"
LONGEST_S = 10.0
TYPES = ("echo", "sum", "sort")


class Machine:
    """One node with one slot, a disk that takes no time, and what was charged on it."""

    def __init__(self) -> None:
        self.machine = DispatchMachine(
            DispatchSettings(queue_tasks_max=1_000_000),
            epoch=1,
            last_serial=0,
            order=AgeingOrder(30.0),
            matcher=CapabilityMatcher(),
            chance=lambda: 0.5,
        )
        self.charged: Counter[str] = Counter()
        self.running: tuple[int, str, float] | None = None
        """Lease, requester and declared cost of what the node works on."""
        self.reports = 0
        self.submitted = 0
        self.tell(events.NodeArrived(NODE, "n1", "agent", frozenset(TYPES), 1, 1, 0, [], {}))

    def tell(self, event: events.Event) -> None:
        effects = self.machine.handle(event, 0.0)
        while effects:
            following: list[Effect] = []
            for effect in effects:
                if isinstance(effect, Write):
                    for balance in effect.batch.balances:
                        self.charged[balance.requester] += balance.served
                    following += self.machine.handle(events.Written([effect.ticket], {}), 0.0)
            effects = following

    def submit(self, requester: str, cost_s: float | None, task_type: str = "echo") -> None:
        """One more task, which declares what it costs or does not."""
        self.submitted += 1
        spec = a_spec(f"t{self.submitted}", task_type, requester=requester, cost_s=cost_s)
        self.tell(events.TasksSubmitted("client/c", self.submitted, [spec], tell=False))

    def work(self, *, runs: float = 1.0, kind: int = OutcomeKind.COMPLETED) -> str | None:
        """The node ends what it has, after so many times what it declared, or 1 s; whose it was."""
        done = self.running
        if done is not None:
            lease, _, cost_s = done
            self.reports += 1
            result = b"\xc0" if kind == OutcomeKind.COMPLETED else None
            outcome = Outcome(lease, kind, result, runs * cost_s, None if result else "boom")
            self.tell(events.NodeReported(NODE, self.reports, 1 + self.reports, [outcome]))
        self.running = None
        for effect in self.machine.assign(0.0):
            if isinstance(effect, Tell) and isinstance(effect.message, Assign):
                (item,) = effect.message.assignments
                self.running = item.lease, item.spec.requester or "", item.spec.rare.cost_s or 1.0
        return None if done is None else done[1]


@pytest.mark.parametrize("several_lanes", [False, True])
def test_everybody_gets_his_share_to_within_one_task(several_lanes: bool) -> None:
    chance = World(seed=11).rng("costs")
    mesh = Machine()
    names = [f"r{number}" for number in range(60)]
    weights = {name: 1.0 / rank for rank, name in enumerate(names, 1)}
    mesh.tell(events.WeightsChanged(weights))

    def one_more(name: str) -> None:
        cost_s = min(LONGEST_S, 0.1 * chance.paretovariate(1.1))
        mesh.submit(name, cost_s, chance.choice(TYPES) if several_lanes else "echo")

    for name in names:
        for _ in range(3):
            one_more(name)
    mesh.work()
    for _ in range(4000):
        served = mesh.work()
        assert served is not None
        one_more(served)
    accounts = mesh.machine.board.shares.accounts
    whole = sum(accounts[name].weight for name in names)
    total = sum(mesh.charged.values())
    for name in names:
        lag = Fraction(accounts[name].weight, whole) * total - mesh.charged[name]
        assert abs(lag) < 2 * LONGEST_S * COSTS_PER_S  # one task, and the one that is at work
        assert accounts[name].served == mesh.charged[name]


def test_nobody_falls_behind_by_a_whole_task_though_nobody_says_what_tasks_cost() -> None:
    """Deadlines from the mean instead of the most would leave the heaviest two tasks behind."""
    chance, longest_s = World(seed=5).rng("costs"), 1.0
    mesh = Machine()
    names = [f"r{number}" for number in range(200)]
    mesh.tell(events.WeightsChanged({name: 1.0 / rank for rank, name in enumerate(names, 1)}))
    for name in names * 3:  # so that one always waits
        mesh.submit(name, None)
    mesh.work()
    accounts = mesh.machine.board.shares.accounts
    whole = sum(accounts[name].weight for name in names)
    for _ in range(3000):
        served = mesh.work(runs=min(longest_s, 0.15 * chance.lognormvariate(0.0, 1.0)))
        assert served is not None
        mesh.submit(served, None)
        total = mesh.charged.total()
        for name in {names[0], served}:
            lag = Fraction(accounts[name].weight, whole) * total - mesh.charged[name]
            assert abs(lag) < longest_s * COSTS_PER_S


def test_what_is_misjudged_is_settled() -> None:
    """One declares a tenth of what his tasks cost, one ten times as much: they get the same."""
    mesh = Machine()
    factor = {"modest": 10.0, "greedy": 0.1}
    for name, runs in factor.items():
        for _ in range(3000):
            mesh.submit(name, 1.0 / runs)
    mesh.work()
    for _ in range(2000):
        assert mesh.running is not None
        mesh.work(runs=factor[mesh.running[1]])
    difference = abs(mesh.charged["modest"] - mesh.charged["greedy"])
    assert difference <= 3 * 10 * COSTS_PER_S
    assert mesh.charged.total() == pytest.approx(2000 * COSTS_PER_S, rel=1e-6)


def test_failures_are_paid_for() -> None:
    """Who fails all the time gets no more of the node than who does not."""
    mesh = Machine()
    for _ in range(2000):
        mesh.submit("ann", 1.0)
        mesh.submit("bob", 1.0)
    mesh.work()
    for _ in range(1000):
        assert mesh.running is not None
        fails = mesh.running[1] == "bob"
        mesh.work(kind=OutcomeKind.FAILED_FOR_GOOD if fails else OutcomeKind.COMPLETED)
    assert abs(mesh.charged["ann"] - mesh.charged["bob"]) <= 2 * COSTS_PER_S
