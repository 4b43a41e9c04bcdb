"""Nodes that are alive and of no use: what is done about them, and how it is undone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.fault_tolerance.failures import failure_of
from cognitive_architecture.distributed_mesh.machines import events
from cognitive_architecture.distributed_mesh.machines.candidates import explain_placement
from cognitive_architecture.distributed_mesh.machines.effects import Effect, Incident
from cognitive_architecture.distributed_mesh.messages import Vitals
from cognitive_architecture.distributed_mesh.policies.detection.gray import (
    is_quick_again,
    shared,
)
from cognitive_architecture.distributed_mesh.policies.histogram import Histogram
from cognitive_architecture.distributed_mesh.policies.recovery import RecoveryStrategy
from cognitive_architecture.foundation.settings import DispatchSettings, RecoverySettings
from tests.support.builders import a_spec, packed
from tests.support.harness import DispatchHarness, Worker

SETTINGS = DispatchSettings(node_silence_s=3.0, node_silence_max_s=10.0)
NO_HEDGES = RecoverySettings(hedge_share=0.0)
USUAL_S = 0.2


def incidents(effects: list[Effect], kind: str) -> list[Incident]:
    return [e for e in effects if isinstance(e, Incident) and e.kind == kind]


class Mesh:
    """Nodes whose hearts beat; some do what they are given, some do not."""

    def __init__(self, *names: str, recovery: RecoverySettings = NO_HEDGES, slots: int = 1) -> None:
        self.mesh = DispatchHarness(SETTINGS, recovery=recovery)
        self.nodes = {name: self.mesh.node(name, slots=slots) for name in names}
        self.stuck: set[str] = set()
        self.run_s = dict.fromkeys(names, USUAL_S)
        self._tasks = 0
        self._beats = 0

    def submit(self, count: int = 1, **fields: Any) -> list[str]:
        ids = [f"t{self._tasks + number}" for number in range(count)]
        self._tasks += count
        specs = [a_spec(task_id, timeout_s=3000.0, **fields) for task_id in ids]
        self.mesh.submit(*specs)
        return ids

    def work(self) -> None:
        """Whoever is not stuck finishes what it has."""
        for name, worker in self.nodes.items():
            if name not in self.stuck:
                for task_id in worker.tasks:
                    self.mesh.complete(worker, task_id, run_s=self.run_s[name])

    def live(self, seconds: float, *, submitting: int = 0) -> list[Effect]:
        """Let time pass in half seconds: hearts beat, tasks come, whoever can works."""
        began = len(self.mesh.effects)
        for _ in range(int(seconds * 2)):
            self.mesh.wait(0.5)
            self._beats += 1
            for worker in self.nodes.values():
                self.beat(worker)
            if submitting:
                self.submit(submitting)
            self.work()
        return self.mesh.effects[began:]

    def beat(self, worker: Worker) -> None:
        self.mesh.feed(
            events.NodeMeasured(
                worker.address,
                Vitals(),
                1.0,
                worker.granted,
                worker.received,
                worker.leases,
                [],
                self._beats,
                self._beats - 1,
            )
        )

    def practise(self) -> None:
        """So long that it is known what is usual, and how quick everybody is."""
        self.live(11.0, submitting=len(self.nodes))

    def holds(self, name: str) -> list[str]:
        return self.nodes[name].tasks

    def why_not(self, name: str) -> str:
        (one,) = [
            one
            for one in explain_placement(self.mesh.board, a_spec("asked"))
            if one.node_id == name
        ]
        return one.refusal or one.waiting_for or ""


def two_nodes_of_which_one_stands_still(**options: object) -> tuple[Mesh, str]:
    """The node that stands still is n1, and the task is the one that it holds."""
    mesh = Mesh("n1", "n2", **options)  # type: ignore[arg-type]
    mesh.practise()
    mesh.stuck = {"n1", "n2"}
    mesh.submit(2)
    mesh.stuck = {"n1"}
    mesh.work()
    (task_id,) = mesh.holds("n1")
    return mesh, task_id


class TestStandingStill:
    def test_its_task_is_given_to_another_and_it_costs_the_task_nothing(self) -> None:
        mesh, task_id = two_nodes_of_which_one_stands_still()
        lease = mesh.nodes["n1"].lease_of(task_id)

        effects = mesh.live(7.0)

        (gray,) = incidents(effects, "node_gray")
        assert gray.reason.startswith("it holds work and has finished nothing for 5.")
        assert gray.plan is not None
        assert gray.plan.leading is RecoveryStrategy.REDISTRIBUTE
        assert "it gets no echo for 10 s" in gray.plan.sentence
        assert mesh.mesh.ended(task_id).node_id == "n2"
        assert mesh.mesh.ended(task_id).attempt == 1
        assert "n1 stood still with it" in mesh.mesh.board.leases.why_invalid(lease)
        (recovered,) = incidents(effects, "recovered")
        assert recovered.details["failure"] == gray.details["failure"]

    def test_it_is_a_failure_with_a_plan(self) -> None:
        mesh, _ = two_nodes_of_which_one_stands_still()
        (gray,) = incidents(mesh.live(7.0), "node_gray")

        facts = failure_of(gray)

        assert facts is not None
        assert facts["recovery_strategy"] is RecoveryStrategy.REDISTRIBUTE
        assert facts["is_recovered"] is False

    def test_it_gets_nothing_then_one_to_see_and_then_as_before(self) -> None:
        mesh, _ = two_nodes_of_which_one_stands_still()
        mesh.live(7.0)
        assert "left alone with echo for a while: it stood still" in mesh.why_not("n1")
        mesh.stuck = set()
        before = len(mesh.nodes["n1"].ever_had)

        mesh.live(2.0, submitting=4)
        assert len(mesh.nodes["n1"].ever_had) == before

        effects = mesh.live(10.0, submitting=4)

        assert incidents(effects, "circuit_closed")
        assert "left alone" not in mesh.why_not("n1")
        assert len(mesh.nodes["n1"].ever_had) > before + 5

    def test_who_moves_again_is_let_in_at_once(self) -> None:
        mesh, task_id = two_nodes_of_which_one_stands_still(
            recovery=RecoverySettings(
                hedge_share=0.0, on_node_unresponsive=["circuit_breaker", "restart"]
            )
        )
        effects = mesh.live(6.0)
        assert incidents(effects, "node_gray")
        assert mesh.holds("n1") == [task_id]
        mesh.stuck = set()

        effects = mesh.live(2.0, submitting=4)

        assert [i.reason for i in incidents(effects, "node_refuted")] == ["its work moves again"]
        assert incidents(effects, "circuit_closed")
        assert mesh.mesh.ended(task_id).node_id == "n1"

    def test_a_task_is_moved_once_for_then_it_may_be_the_task(self) -> None:
        mesh, task_id = two_nodes_of_which_one_stands_still()
        mesh.stuck = {"n1", "n2"}

        mesh.live(60.0)

        assert mesh.holds("n2") == [task_id]
        assert sum(len(worker.ever_had[task_id]) for worker in mesh.nodes.values()) == 2

    def test_what_may_be_hedged_is_left_to_that_first(self) -> None:
        mesh, task_id = two_nodes_of_which_one_stands_still(
            recovery=RecoverySettings(hedge_share=0.1)
        )
        mesh.stuck = {"n1", "n2"}

        mesh.live(8.0)

        assert mesh.holds("n1") == mesh.holds("n2") == [task_id]
        assert mesh.mesh.entry(task_id).is_hedged

    def test_an_exclusive_one_stays(self) -> None:
        mesh = Mesh("n1", "n2")
        mesh.practise()
        mesh.stuck = {"n1", "n2"}
        mesh.submit(2, exclusive=True)
        mesh.stuck = {"n1"}
        mesh.work()
        held = mesh.holds("n1")

        mesh.live(20.0)

        assert mesh.holds("n1") == held

    def test_who_says_how_far_it_is_does_not_stand_still(self) -> None:
        mesh, task_id = two_nodes_of_which_one_stands_still()
        worker = mesh.nodes["n1"]
        effects: list[Effect] = []
        for percent in range(40):
            mesh.mesh.feed(
                events.AttemptProgressed(
                    worker.address, worker.lease_of(task_id), percent / 100.0, ""
                )
            )
            effects += mesh.live(0.5)

        assert not incidents(effects, "node_gray")
        # It says the same again and again: that is no progress.
        for _ in range(20):
            mesh.mesh.feed(
                events.AttemptProgressed(worker.address, worker.lease_of(task_id), 0.39, "")
            )
            effects += mesh.live(0.5)
        assert incidents(effects, "node_gray")

    def test_a_stream_that_goes_on_is_work(self) -> None:
        mesh, task_id = two_nodes_of_which_one_stands_still()
        worker = mesh.nodes["n1"]
        effects: list[Effect] = []
        for index in range(40):
            lease = worker.lease_of(task_id)
            mesh.mesh.feed(events.ChunkArrived(worker.address, lease, index, packed("word")))
            effects += mesh.live(0.5)

        assert not incidents(effects, "node_gray")

    def test_where_half_of_them_stand_still_it_is_something_they_share(self) -> None:
        mesh = Mesh("n1", "n2", "n3", "n4")
        mesh.practise()
        mesh.stuck = {"n1", "n2", "n3"}
        mesh.submit(4)
        mesh.work()
        held = {name: mesh.holds(name) for name in mesh.stuck}

        effects = mesh.live(20.0)

        found = incidents(effects, "node_gray")
        assert sorted(gray.node_id for gray in found) == ["n1", "n2", "n3"]
        assert all(gray.plan is None for gray in found)
        assert "3 of 4 nodes that offer echo are so: it is something they share" in found[0].reason
        assert {name: mesh.holds(name) for name in mesh.stuck} == held
        assert mesh.why_not("n1").startswith("has no room")

    def test_the_only_one_who_could_do_it_keeps_it(self) -> None:
        mesh = Mesh("n1")
        mesh.practise()
        mesh.stuck = {"n1"}
        (task_id,) = mesh.submit()

        (gray,) = incidents(mesh.live(20.0), "node_gray")

        assert gray.reason.endswith("no other node offers echo, so nothing is taken from it")
        assert mesh.holds("n1") == [task_id]

    def test_an_operator_may_take_all_of_it_out(self) -> None:
        mesh, task_id = two_nodes_of_which_one_stands_still(
            recovery=RecoverySettings(hedge_share=0.0, on_node_unresponsive=[])
        )

        (gray,) = incidents(mesh.live(20.0), "node_gray")

        assert gray.plan is not None
        assert gray.plan.sentence == "noted; nothing is done about it"
        assert mesh.holds("n1") == [task_id]


def a_mesh_with_a_slow_one(*, slow_from: int = 1) -> Mesh:
    """Of four nodes the last so many are twenty times slower than the others."""
    mesh = Mesh("n1", "n2", "n3", "n4", slots=4)
    for name in list(mesh.nodes)[4 - slow_from :]:
        mesh.run_s[name] = 20 * USUAL_S
    return mesh


class TestSlow:
    def test_it_is_told_of_once_and_gets_one_task_at_a_time(self) -> None:
        mesh = a_mesh_with_a_slow_one()

        effects = mesh.live(6.0, submitting=14)

        (gray,) = incidents(effects, "node_gray")
        assert gray.node_id == "n4"
        assert gray.reason.startswith("at echo, half of its attempts take")
        assert gray.plan is not None
        assert gray.plan.sentence == (
            "it gets one echo at a time, until it is as quick as its peers"
        )
        mesh.stuck = set(mesh.nodes)
        mesh.submit(30)
        assert [len(mesh.holds(name)) for name in mesh.nodes] == [4, 4, 4, 1]
        assert "one task at a time is enough to see" in mesh.why_not("n4")

    def test_it_is_let_off_after_a_few_quick_ones(self) -> None:
        mesh = a_mesh_with_a_slow_one()
        assert incidents(mesh.live(6.0, submitting=14), "node_gray")
        mesh.run_s["n4"] = USUAL_S

        effects = mesh.live(5.0, submitting=16)

        assert [i.reason for i in incidents(effects, "node_refuted")] == [
            "it is as quick at echo as its peers again"
        ]
        mesh.stuck = set(mesh.nodes)
        mesh.submit(30)
        assert len(mesh.holds("n4")) == 4

    def test_it_stays_on_probation_while_it_is_still_much_slower(self) -> None:
        mesh = a_mesh_with_a_slow_one()
        assert incidents(mesh.live(6.0, submitting=14), "node_gray")
        mesh.run_s["n4"] = 7 * USUAL_S  # no longer ten times slower, and not as quick either

        effects = mesh.live(10.0, submitting=12)

        assert not incidents(effects, "node_refuted")
        assert not incidents(effects, "node_gray")

    def test_it_is_shown_until_it_is_over(self) -> None:
        mesh = a_mesh_with_a_slow_one()
        mesh.live(6.0, submitting=14)
        shown = {
            member["node_id"]: member["gray"]
            for member in mesh.mesh.board.membership.to_json(mesh.mesh.now)
        }
        assert shown["n1"] == []
        assert shown["n4"][0].startswith("at echo, half of its attempts take")


class TestPolicy:
    def test_whether_it_is_something_they_share(self) -> None:
        assert shared("echo", gray=1, able=2) is None
        assert shared("echo", gray=2, able=4) is None
        assert shared("echo", gray=2, able=3) is not None
        assert shared("echo", gray=1, able=1) is not None

    @given(st.integers(1, 50), st.integers(1, 50))
    def test_it_is_never_acted_on_more_than_half(self, gray: int, able: int) -> None:
        if gray <= able and shared("echo", gray=gray, able=able) is None:
            assert gray <= able - gray

    def test_a_few_attempts_are_enough_to_be_quick_again(self) -> None:
        usual, own = Histogram(), Histogram()
        usual.add(0.1, 40)
        assert not is_quick_again("n1", {"n2": usual})
        own.add(0.1, 4)
        assert not is_quick_again("n1", {"n1": own, "n2": usual})
        own.add(0.1)
        assert is_quick_again("n1", {"n1": own, "n2": usual})
        own.add(2.0, 10)
        assert not is_quick_again("n1", {"n1": own, "n2": usual})

    def test_who_has_no_peers_any_more_is_as_quick_as_they_are(self) -> None:
        own = Histogram()
        own.add(9.0, 5)
        assert is_quick_again("n1", {"n1": own})


@pytest.mark.parametrize("count", range(6))
@pytest.mark.parametrize("slots", [1, 3])
def test_however_many_stand_still_every_task_ends_once_they_move(count: int, slots: int) -> None:
    mesh = Mesh("n1", "n2", "n3", "n4", "n5", slots=slots)
    mesh.practise()
    mesh.stuck = set(list(mesh.nodes)[:count])
    ids = mesh.submit(6 * slots)

    effects = mesh.live(12.0)

    relieved = {i.node_id for i in incidents(effects, "node_gray") if i.details.get("tasks_held")}
    assert relieved == (mesh.stuck if count <= 2 else set()), "never from more than half of them"
    mesh.stuck = set()
    mesh.live(4.0)
    assert all(mesh.mesh.ended(task_id).status == "completed" for task_id in ids)
