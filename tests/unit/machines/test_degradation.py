"""Under overload what matters least waits; everything goes on when it is over."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.fault_tolerance.failures import (
    FailureHistory,
    failure_of,
)
from cognitive_architecture.distributed_mesh.machines import events
from cognitive_architecture.distributed_mesh.machines.effects import Effect, Incident
from cognitive_architecture.distributed_mesh.machines.explaining import explain
from cognitive_architecture.distributed_mesh.messages import Accepted, Happened, Vitals
from cognitive_architecture.distributed_mesh.model import TaskEventKind
from cognitive_architecture.distributed_mesh.policies.scheduling import is_interactive
from cognitive_architecture.distributed_mesh.policies.shedding import (
    CALM_S,
    LEVEL_MAX,
    SHED_FROM,
    Delay,
    Shedding,
)
from cognitive_architecture.foundation.settings import DispatchSettings, RecoverySettings
from cognitive_architecture.foundation.world import World, simulated_world
from tests.support.builders import a_spec
from tests.support.harness import ANN, BOB, DispatchHarness, Worker

SETTINGS = DispatchSettings(ageing_s=3600.0)


def incidents(effects: list[Effect], *kinds: str) -> list[Incident]:
    return [e for e in effects if isinstance(e, Incident) and e.kind in kinds]


def measured(mesh: DispatchHarness, worker: Worker, *, memory: float = 0.1) -> list[Effect]:
    return mesh.feed(
        events.NodeMeasured(
            worker.address,
            Vitals(memory_usage=memory),
            1.0,
            worker.granted,
            worker.received,
            worker.leases,
            [],
        )
    )


class Overloaded:
    """A mesh of which a node says again and again how much of its memory is used."""

    def __init__(self, *, recovery: RecoverySettings | None = None) -> None:
        self.mesh = DispatchHarness(SETTINGS, recovery=recovery)
        self.node = self.mesh.node("n1")

    def live(self, seconds: float, memory: float) -> list[Effect]:
        began = len(self.mesh.effects)
        for _ in range(int(2 * seconds)):
            measured(self.mesh, self.node, memory=memory)
            self.mesh.wait(0.5)
        return self.mesh.effects[began:]

    def begun(self) -> list[str]:
        """Finish whatever is begun, one after the other; the order."""
        order: list[str] = []
        while self.node.tasks:
            (task_id,) = self.node.tasks
            order.append(task_id)
            self.mesh.complete(self.node, task_id)
        return order

    @property
    def level(self) -> float:
        return self.mesh.board.overload.delay.level


class TestDelay:
    def test_what_matters_least_waits_and_the_more_the_longer_it_lasts(self) -> None:
        mesh = Overloaded()
        mesh.live(0.5, memory=0.99)
        mesh.mesh.submit(*(a_spec(f"p{number}", priority=number) for number in range(1, 11)))

        assert mesh.begun() == [f"p{number}" for number in range(10, 2, -1)]

        mesh.mesh.submit(*(a_spec(f"q{number}", priority=number) for number in range(1, 11)))
        mesh.live(3.0, memory=0.99)
        assert 4.0 <= mesh.level <= 5.0
        assert mesh.begun()[-1] == "q5"
        assert "p1" in mesh.mesh.board.entries

    def test_everything_goes_on_step_by_step_when_it_is_over(self) -> None:
        mesh = Overloaded()
        told = mesh.live(4.0, memory=0.99)
        mesh.mesh.submit(*(a_spec(f"p{number}", priority=number) for number in range(1, 6)))
        held = mesh.begun()

        told += mesh.live(CALM_S - 0.5, memory=0.5)
        assert mesh.begun() == [], "not at the first sign of it"
        order = list(held)
        for _ in range(20):
            told += mesh.live(0.5, memory=0.5)
            order += mesh.begun()

        assert order == ["p5", "p4", "p3", "p2", "p1"]
        assert mesh.level == 0.0
        assert not mesh.mesh.board.overload.held
        assert [i.kind for i in incidents(told, "overloaded", "overload_over")] == [
            "overloaded", "overload_over",
        ]  # fmt: skip

    def test_between_the_limits_the_level_stays(self) -> None:
        mesh = Overloaded()
        mesh.live(2.0, memory=0.99)
        before = mesh.level
        mesh.live(10.0, memory=0.92)  # not as much as began it, not as little as ends it
        assert mesh.level >= before

    def test_what_somebody_waits_for_goes_on(self) -> None:
        mesh = Overloaded()
        mesh.live(20.0, memory=0.99)
        mesh.mesh.submit(
            a_spec("batch", priority=5), a_spec("chat", priority=1, latency_target_s=1.0)
        )
        assert mesh.begun() == ["chat", "batch"]
        mesh.mesh.submit(a_spec("low", priority=4))
        assert mesh.begun() == []
        mesh.mesh.submit(a_spec("chat2", priority=1, latency_target_s=1.0))
        assert mesh.begun() == ["chat2"]

    def test_the_share_of_its_requester_counts(self) -> None:
        mesh = Overloaded()
        mesh.mesh.feed(events.WeightsChanged({"rich": 4.0, "poor": 0.25}))
        mesh.live(1.5, memory=0.99)
        level = mesh.level
        assert 2.0 < level < 5.0
        mesh.mesh.submit(
            a_spec("r", priority=2, requester="rich"),
            a_spec("p", priority=5, requester="poor"),
            a_spec("n", priority=5),
        )
        assert sorted(mesh.begun()) == ["n", "r"]

    def test_waiting_raises_it_so_nothing_starves(self) -> None:
        mesh = Overloaded()
        mesh.mesh.settings = DispatchSettings(ageing_s=1.0)
        mesh.mesh.restart()
        mesh.mesh.arrive(mesh.node)
        mesh.live(2.0, memory=0.99)
        mesh.mesh.submit(a_spec("least", priority=1))

        mesh.live(12.0, memory=0.99)

        assert mesh.node.tasks == ["least"]

    def test_it_is_told_and_explained(self) -> None:
        mesh = Overloaded()
        mesh.live(4.0, memory=0.99)
        mesh.mesh.submit(a_spec("a", priority=1))
        (accepted,) = [said for said in mesh.mesh.heard(ANN) if isinstance(said, Accepted)]
        ((_, note),) = accepted.notes
        assert note.startswith("is held back while the only node has no memory left")

        found = explain(mesh.mesh.board, mesh.mesh.entry("a"), mesh.mesh.now)
        assert found.sentences[-1] == mesh.mesh.board.overload.sentence

        mesh.mesh.submit(a_spec("b", priority=1, requester="bob"))
        mesh.mesh.watch("b", sender=BOB, stream=True)
        mesh.live(0.5, memory=0.99)
        mesh.mesh.cancel("a")
        mesh.mesh.submit(a_spec("c", priority=1, requester="eve"))
        said = [event for told in mesh.mesh.heard(BOB) if isinstance(told, Happened)
                for event in told.events]  # fmt: skip
        assert TaskEventKind.QUEUED in [event.kind for event in said]

    def test_whoever_streams_it_is_told_when_it_is_held_back(self) -> None:
        mesh = Overloaded()
        mesh.mesh.submit(a_spec("runs"), a_spec("waits", priority=1))
        mesh.mesh.watch("waits", sender=BOB, stream=True)
        mesh.live(4.0, memory=0.99)
        mesh.mesh.heard(BOB)

        mesh.mesh.complete(mesh.node, "runs")

        (told,) = [said for said in mesh.mesh.heard(BOB) if isinstance(said, Happened)]
        assert [event.kind for event in told.events] == [TaskEventKind.DELAYED]

    def test_it_is_a_failure_that_is_put_right(self) -> None:
        mesh = Overloaded()
        effects = mesh.live(3.0, memory=0.99) + mesh.live(12.0, memory=0.1)
        began, over = incidents(effects, "overloaded", "overload_over")
        history = FailureHistory(simulated_world(seed=1), kept_max=10)
        facts = failure_of(began)
        assert facts is not None
        event = history.note(**facts)
        assert event.is_recovered is False

        history.over(over)

        (kept,) = history.recent()
        assert kept.is_recovered
        assert kept.steps[-1].what.startswith("it is over after")

    def test_a_store_that_is_full_or_slow_is_too_much(self) -> None:
        mesh = DispatchHarness(SETTINGS, holds_writes=True)
        mesh.node("n1")
        mesh.commit()
        mesh.submit(a_spec("a", priority=1))
        effects = mesh.wait(0.5)
        assert not incidents(effects, "overloaded")
        effects = mesh.wait(1.5)
        (slow,) = incidents(effects, "overloaded")
        assert "the store has not answered for 1." in slow.reason

    def test_a_cancelled_task_leaves_a_line_that_is_held_back(self) -> None:
        mesh = Overloaded()
        mesh.live(4.0, memory=0.99)
        mesh.mesh.submit(a_spec("a", priority=1), a_spec("b", priority=1))
        assert len(mesh.mesh.board.overload.held) == 1

        mesh.mesh.cancel("a", "b")
        mesh.live(0.5, memory=0.99)

        assert not mesh.mesh.board.overload.held

    def test_an_operator_may_switch_it_off(self) -> None:
        mesh = Overloaded(recovery=RecoverySettings(on_resource_exhaustion=[]))
        assert not incidents(mesh.live(5.0, memory=0.99), "overloaded")
        mesh.mesh.submit(a_spec("a", priority=1))
        assert mesh.begun() == ["a"]


class TestRefusing:
    def test_what_was_refused_comes_in_again_only_when_the_queue_is_clearly_emptier(self) -> None:
        mesh = DispatchHarness(DispatchSettings(queue_tasks_max=100))
        node = mesh.node("n1")

        def comes_in(name: str, **fields: Any) -> bool:
            mesh.heard(ANN)
            mesh.submit(a_spec(name, **fields))
            (answer,) = [said for said in mesh.heard(ANN) if isinstance(said, Accepted)]
            return not answer.refused

        mesh.submit(*(a_spec(f"t{number}") for number in range(80)))
        assert not comes_in("low", priority=1)
        for _ in range(4):
            mesh.complete(node, node.tasks[0])
        assert not comes_in("low", priority=1), "76 is not clearly fewer than 80"
        assert comes_in("usual")
        for _ in range(3):
            mesh.complete(node, node.tasks[0])
        assert comes_in("low", priority=1)

    def test_what_no_node_could_do_may_fill_half_of_it(self) -> None:
        mesh = DispatchHarness(DispatchSettings(queue_tasks_max=10))
        mesh.node("n1")
        mesh.submit(*(a_spec(f"w{n}", task_type="rare", wait_for_node=True) for n in range(10)))
        (answer,) = [said for said in mesh.heard(ANN) if isinstance(said, Accepted)]
        assert len(answer.refused) == 5
        assert "no node is there that offers rare" in answer.refused[0][1].sentence


@pytest.mark.parametrize("seed", range(12))
def test_nothing_is_begun_before_what_matters_more_and_all_of_it_ends(seed: int) -> None:
    """Against looking at every task: under any level, whatever is begun is above it, and what is
    begun for a requester mattered more than what still waits for him."""
    chance = World(seed=seed).rng("overload")
    mesh = Overloaded()
    numbers = 0
    for _ in range(25):
        mesh.live(0.5, memory=chance.choice([0.99, 0.99, 0.5]))
        for _ in range(chance.randrange(4)):
            numbers += 1
            mesh.mesh.submit(
                a_spec(
                    f"t{numbers}",
                    priority=chance.randint(1, 10),
                    requester=chance.choice(["ann", "bob"]),
                    task_type="echo",
                    latency_target_s=chance.choice([None, None, None, 1.0]),
                )
            )
        for task_id in mesh.node.tasks[: chance.randrange(2)]:
            mesh.mesh.complete(mesh.node, task_id)
            for begun in mesh.node.tasks:
                spec = mesh.mesh.entry(begun).spec
                assert is_interactive(spec) or spec.priority + 0.1 >= mesh.level
        waiting = [e for e in mesh.mesh.board.entries.values() if e.lease == 0]
        if not mesh.node.tasks:
            assert not any(is_interactive(e.spec) for e in waiting)
            assert all(e.spec.priority < mesh.level + 0.1 for e in waiting)
    for _ in range(30):
        mesh.live(0.5, memory=0.1)
        mesh.begun()
    assert not mesh.mesh.board.entries


@given(st.lists(st.tuples(st.floats(0.0, 3.0), st.sampled_from(["over", "between", "clear"]))))
def test_the_level_rises_only_while_it_is_too_much_and_falls_only_when_it_is_clear(
    looks: list[tuple[float, str]],
) -> None:
    delay, now = Delay(), 0.0
    for passed_s, how in looks:
        before = delay.level
        now += passed_s
        delay.look(now, is_over=how == "over", is_clear=how == "clear")
        assert delay.level == 0.0 or 2.0 <= delay.level <= LEVEL_MAX
        assert delay.level >= before or how == "clear"
        assert delay.level <= before or how == "over"
    for _ in range(20):
        now += 1.0
        delay.look(now, is_over=False, is_clear=True)
    assert delay.level == 0.0


def share_open_to(worth: float) -> float:
    """The share of the queue's bound that tasks of this attention may fill."""
    return SHED_FROM + (1.0 - SHED_FROM) * min(1.0, max(0.0, (worth - 1) / 4))


@given(st.lists(st.tuples(st.floats(0.0, 0.999), st.floats(1.0, 12.0)), max_size=30))
def test_refusing_is_at_least_as_strict_as_the_share_and_never_of_what_is_usual(
    asked: list[tuple[float, float]],
) -> None:
    shedding, fullest = Shedding(), 0.0
    for fill, worth in asked:
        fullest = max(fullest, fill)
        refused = shedding.refuses(worth, fill)
        if worth >= 5.0:
            assert not refused
        elif share_open_to(worth) < fill - 1e-6:
            assert refused
        elif fullest < share_open_to(worth) - 1e-6:
            assert not refused
