"""Nodes that fail at something are left alone with it, by the dispatch machine."""

from __future__ import annotations

from cognitive_architecture.distributed_mesh.machines import seating
from cognitive_architecture.distributed_mesh.machines.circuits import (
    IN_A_ROW,
    OPEN_MAX_S,
    OPEN_S,
    NodeCircuits,
)
from cognitive_architecture.distributed_mesh.machines.effects import Incident
from cognitive_architecture.foundation.settings import DispatchSettings
from tests.support.builders import a_spec
from tests.support.harness import DispatchHarness, Worker

PATIENT = DispatchSettings(node_silence_s=3600.0, node_silence_max_s=3600.0)
EAGER = DispatchSettings(node_silence_s=30.0, node_silence_max_s=3600.0)


def opened(circuits: NodeCircuits, now: float = 0.0, node_id: str = "n1") -> float:
    """Let a circuit open by failing; for how long."""
    while not (open_s := circuits.would_open_for_s(node_id, "echo")):
        circuits.failed(node_id, "echo", now, opens=False)
    circuits.failed(node_id, "echo", now, opens=True)
    return open_s


def leave_alone(mesh: DispatchHarness, worker: Worker) -> None:
    """Let a node's circuit open, whatever else there is."""
    opened(mesh.board.circuits, mesh.now, worker.node_id)
    seating.open_circuits_anew(mesh.board, mesh.board.roster.by_node[worker.node_id])


class TestOneCircuit:
    def test_failures_in_a_row_open_it(self) -> None:
        circuits = NodeCircuits()
        for _ in range(IN_A_ROW - 1):
            assert not circuits.would_open_for_s("n1", "echo")
            circuits.failed("n1", "echo", 0.0, opens=False)

        assert circuits.would_open_for_s("n1", "echo") == OPEN_S
        assert circuits.would_open_for_s("n1", "sing") == 0.0
        assert circuits.would_open_for_s("n2", "echo") == 0.0

    def test_so_does_a_high_rate_without_any_row(self) -> None:
        circuits = NodeCircuits()
        circuits.failed("n1", "echo", 0.0, opens=False)
        times = 0
        while not circuits.would_open_for_s("n1", "echo"):
            circuits.failed("n1", "echo", 0.0, opens=False)
            if not circuits.would_open_for_s("n1", "echo"):
                circuits.failed("n1", "echo", 0.0, opens=False)
            circuits.succeeded("n1", "echo", 1)
            times += 1
            assert times < 30
        assert times >= 5

    def test_one_failure_among_many_successes_does_not(self) -> None:
        circuits = NodeCircuits()
        for _ in range(200):
            circuits.failed("n1", "echo", 0.0, opens=False)
            circuits.succeeded("n1", "echo", 9)
        assert circuits.would_open_for_s("n1", "echo") == 0.0

    def test_when_its_time_is_over_one_is_let_through(self) -> None:
        circuits = NodeCircuits()
        open_s = opened(circuits)
        assert circuits.shut("n1") == {"echo"}
        assert circuits.half_opened(open_s - 0.1) == []
        assert circuits.half_opened(open_s) == ["n1"]
        assert circuits.shut("n1") == frozenset()
        circuits.probe_sent("n1", "echo", open_s)
        assert circuits.shut("n1") == {"echo"}

    def test_a_probe_that_succeeds_closes_it(self) -> None:
        circuits = NodeCircuits()
        now = opened(circuits)
        circuits.half_opened(now)
        circuits.probe_sent("n1", "echo", now)

        assert circuits.succeeded("n1", "echo", 1)
        assert circuits.shut("n1") == frozenset()
        assert circuits.to_json(now) == []

    def test_a_probe_that_fails_opens_it_for_longer_up_to_a_bound(self) -> None:
        circuits = NodeCircuits()
        now, times = 0.0, []
        for _ in range(12):
            times.append(opened(circuits, now))
            now += times[-1]
            circuits.half_opened(now)
            circuits.probe_sent("n1", "echo", now)
        assert times[:3] == [OPEN_S, 2 * OPEN_S, 4 * OPEN_S]
        assert times[-1] == OPEN_MAX_S

    def test_a_probe_that_never_comes_back_is_followed_by_another(self) -> None:
        circuits = NodeCircuits()
        now = opened(circuits)
        circuits.half_opened(now)
        circuits.probe_sent("n1", "echo", now)

        assert circuits.half_opened(now + OPEN_MAX_S) == ["n1"]

    def test_what_began_before_it_opened_does_not_close_it(self) -> None:
        circuits = NodeCircuits()
        opened(circuits)

        assert not circuits.succeeded("n1", "echo", 1)
        assert circuits.shut("n1") == {"echo"}


def fails_at_everything(mesh: DispatchHarness, worker: Worker, tasks: int) -> list[Incident]:
    """Submit tasks until a node has failed so often; what was told."""
    told: list[Incident] = []
    number = 0
    while tasks:
        number += 1
        # So many that even the worst node gets one.
        mesh.submit(*(a_spec(f"f{number}-{one}", max_attempts=1) for one in range(2)))
        others = [w for w in mesh.workers.values() if w is not worker]
        for other in others:
            for task_id in other.tasks:
                mesh.complete(other, task_id)
        for task_id in worker.tasks:
            told += [e for e in mesh.fail(worker, task_id) if isinstance(e, Incident)]
            tasks -= 1
        assert number < 200
    return told


class TestInTheMachine:
    def test_a_node_that_fails_is_left_alone_with_that_and_probed_later(self) -> None:
        mesh = DispatchHarness(EAGER)
        bad, good = mesh.node("bad", "echo", "sing"), mesh.node("good", "echo", "sing")
        told = fails_at_everything(mesh, bad, IN_A_ROW)
        assert [i.reason for i in told if i.kind == "circuit_opened"] == [
            "bad gets no echo for 10 s, then one to see"
        ]

        mesh.submit(*(a_spec(f"t{number}") for number in range(3)))
        assert bad.tasks == []
        mesh.submit(a_spec("song", task_type="sing"))
        assert bad.tasks == ["song"]  # at everything else it is as good as it was
        mesh.complete(bad, "song")

        mesh.wait(15.0)
        for worker in (bad, good):
            mesh.beat(worker)
        assert len(bad.tasks) == 1  # the probe
        effects = mesh.complete(bad, bad.tasks[0])
        assert [e.kind for e in effects if isinstance(e, Incident)] == ["circuit_closed"]

    def test_the_last_node_is_never_left_alone(self) -> None:
        mesh = DispatchHarness(PATIENT)
        only = mesh.node("only")
        told = fails_at_everything(mesh, only, 3 * IN_A_ROW)
        assert not [i for i in told if i.kind == "circuit_opened"]

    def test_a_peer_that_is_only_tried_again_is_no_peer(self) -> None:
        mesh = DispatchHarness(EAGER)
        first, second = mesh.node("first"), mesh.node("second", slots=IN_A_ROW)
        leave_alone(mesh, first)
        mesh.submit(*(a_spec(f"t{number}", max_attempts=1) for number in range(IN_A_ROW)))
        assert len(second.tasks) == IN_A_ROW
        mesh.wait(15.0)
        for worker in (first, second):
            mesh.beat(worker)
        assert mesh.board.circuits.half_open == {("first", "echo")}

        told = [effect for task_id in second.tasks for effect in mesh.fail(second, task_id)]

        assert "circuit_opened" not in [e.kind for e in told if isinstance(e, Incident)]

    def test_of_those_who_are_left_alone_one_is_not_when_the_last_other_has_gone(self) -> None:
        mesh = DispatchHarness(EAGER)
        worse, bad, good = (mesh.node(name) for name in ("worse", "bad", "good"))
        for worker in (worse, bad):
            leave_alone(mesh, worker)
            mesh.wait(1.0)
        assert [set(mesh.board.roster.by_node[n].shut) for n in ("worse", "bad")] == [{"echo"}] * 2

        told = mesh.lose(good)

        closed = [e for e in told if isinstance(e, Incident) and e.kind == "circuit_closed"]
        assert [(e.node_id, e.reason) for e in closed] == [
            ("worse", "nobody else is left who does echo")
        ]
        mesh.submit(a_spec("now"))
        assert worse.tasks == ["now"]

    def test_busy_is_no_failure(self) -> None:
        mesh = DispatchHarness(PATIENT)
        busy = mesh.node("busy")
        mesh.node("other", slots=1)
        for number in range(5 * IN_A_ROW):
            mesh.submit(a_spec(f"t{number}"))
            for task_id in busy.tasks:
                mesh.hand_back(busy, task_id)
        assert mesh.board.circuits.to_json(mesh.now) == []

    def test_what_fails_for_good_is_not_the_nodes_fault(self) -> None:
        mesh = DispatchHarness(PATIENT)
        node = mesh.node("n1")
        mesh.node("n2")
        for number in range(5 * IN_A_ROW):
            mesh.submit(a_spec(f"t{number}"))
            for task_id in node.tasks:
                mesh.fail(node, task_id, for_good=True)
        assert mesh.board.circuits.to_json(mesh.now) == []
