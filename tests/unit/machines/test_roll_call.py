"""Who is still there and of use, as the dispatch machine finds out."""

from __future__ import annotations

import pytest

from cognitive_architecture.distributed_mesh.machines import events
from cognitive_architecture.distributed_mesh.machines.effects import Effect, Incident, Tell
from cognitive_architecture.distributed_mesh.machines.entry import Phase
from cognitive_architecture.distributed_mesh.machines.membership import MemberState
from cognitive_architecture.distributed_mesh.messages import Heard, Stop, Vitals
from cognitive_architecture.distributed_mesh.policies.recovery import FailureType
from cognitive_architecture.foundation.settings import DispatchSettings, RecoverySettings
from cognitive_architecture.foundation.world import World
from tests.support.builders import a_spec, packed
from tests.support.harness import DispatchHarness, Worker

SETTINGS = DispatchSettings(node_silence_s=3.0, node_silence_max_s=10.0)


def incidents(effects: list[Effect], kind: str | None = None) -> list[Incident]:
    return [e for e in effects if isinstance(e, Incident) and kind in (None, e.kind)]


class Heart:
    """Beats for a node, as evenly as it is told."""

    def __init__(self, mesh: DispatchHarness, worker: Worker) -> None:
        self.mesh = mesh
        self.worker = worker
        self.beats = 0
        self.hears = True

    def beat(self) -> list[Effect]:
        self.beats += 1
        heard = self.beats - 1 if self.hears else 1
        return self.mesh.feed(
            events.NodeMeasured(
                self.worker.address,
                Vitals(),
                1.0,
                self.worker.granted,
                self.worker.received,
                self.worker.leases,
                [],
                self.beats,
                heard,
            )
        )


def beating(mesh: DispatchHarness, *hearts: Heart, every_s: float, times: int) -> list[Effect]:
    effects: list[Effect] = []
    for _ in range(times):
        effects += mesh.wait(every_s)
        for heart in hearts:
            effects += heart.beat()
    return effects


def state_of(mesh: DispatchHarness, node_id: str) -> MemberState:
    member = mesh.board.membership.of(node_id)
    assert member is not None
    return member.state


class TestSilence:
    def test_a_node_is_joined_then_healthy_then_gone(self) -> None:
        mesh = DispatchHarness(SETTINGS)
        n1 = mesh.node("n1")
        assert state_of(mesh, "n1") is MemberState.JOINED
        Heart(mesh, n1).beat()
        assert state_of(mesh, "n1") is MemberState.HEALTHY
        effects = mesh.wait(11.0)
        (lost,) = incidents(effects, "node_lost")
        assert lost.reason.startswith("not heard of for 10.")
        assert state_of(mesh, "n1") is MemberState.GONE

    def test_a_newcomer_may_pause_like_any_starved_node(self) -> None:
        mesh = DispatchHarness(SETTINGS)
        heart = Heart(mesh, mesh.node("n1"))
        beating(mesh, heart, every_s=0.5, times=12)

        assert not incidents(mesh.wait(8.0), "node_lost")
        heart.beat()
        assert state_of(mesh, "n1") is MemberState.HEALTHY

    def test_a_steady_node_is_given_up_at_the_floor_once_it_is_known(self) -> None:
        mesh = DispatchHarness(SETTINGS)
        heart = Heart(mesh, mesh.node("n1"))
        beating(mesh, heart, every_s=0.5, times=64)

        (lost,) = incidents(mesh.wait(4.0), "node_lost")

        assert 3.0 < float(lost.details["silent_s"]) <= 3.375

    def test_who_is_quieter_than_usual_is_asked_and_sent_nothing_until_it_is_heard(self) -> None:
        mesh = DispatchHarness(SETTINGS)
        heart = Heart(mesh, mesh.node("n1"))
        beating(mesh, heart, every_s=0.25, times=20)

        effects = mesh.wait(2.0)

        (suspected,) = incidents(effects)
        assert suspected.kind == "node_suspected"
        assert "usually it is heard every 0.25 s" in suspected.reason
        assert Tell(heart.worker.address, Heard(20, is_suspect=True)) in effects
        mesh.submit(a_spec("a"))
        assert heart.worker.tasks == []

        effects = heart.beat()

        assert [incident.kind for incident in incidents(effects)] == ["node_refuted"]
        assert heart.worker.tasks == ["a"]
        assert state_of(mesh, "n1") is MemberState.HEALTHY

    def test_a_suspect_keeps_what_it_has(self) -> None:
        mesh = DispatchHarness(SETTINGS)
        heart = Heart(mesh, mesh.node("n1"))
        mesh.submit(a_spec("a"))
        beating(mesh, heart, every_s=0.25, times=20)
        mesh.wait(2.0)
        assert state_of(mesh, "n1") is MemberState.SUSPECT

        mesh.complete(heart.worker, "a")

        assert mesh.board.tally.completed == 1
        assert state_of(mesh, "n1") is MemberState.HEALTHY

    def test_a_node_over_a_bad_network_is_given_more_time_up_to_the_bound(self) -> None:
        mesh = DispatchHarness(SETTINGS)
        heart = Heart(mesh, mesh.node("n1"))
        for _ in range(10):
            beating(mesh, heart, every_s=0.2, times=2)
            beating(mesh, heart, every_s=2.6, times=1)
        assert not incidents(mesh.wait(3.5), "node_lost")
        heart.beat()

        effects = mesh.wait(11.0)

        (lost,) = incidents(effects, "node_lost")
        assert float(lost.details["silent_s"]) <= 10.5

    def test_a_judge_who_did_not_listen_blames_nobody(self) -> None:
        mesh = DispatchHarness(SETTINGS)
        hearts = [Heart(mesh, mesh.node(f"n{number}")) for number in range(3)]
        beating(mesh, *hearts, every_s=0.25, times=20)

        mesh.now += 60.0  # the orchestrator was stopped, and goes on
        mesh.tick()

        assert len(mesh.board.roster) == 3
        assert not incidents(beating(mesh, *hearts, every_s=0.25, times=8))

    def test_a_judge_who_stood_still_ends_no_attempt_that_may_be_reported_already(self) -> None:
        mesh = DispatchHarness(SETTINGS)
        heart = Heart(mesh, mesh.node("n1"))
        beating(mesh, heart, every_s=0.5, times=10)
        mesh.submit(a_spec("a", timeout_s=1.0))
        mesh.now += 60.0  # the whole machine slept
        mesh.tick()

        mesh.complete(heart.worker, "a")

        assert mesh.board.tally.completed == 1
        assert mesh.board.tally.stale_refused == 0

    def test_a_node_that_was_started_again_is_another_incarnation(self) -> None:
        mesh = DispatchHarness(SETTINGS)
        n1 = mesh.node("n1")
        mesh.lose(n1)
        n1.forget_everything()
        mesh.arrive(n1)
        member = mesh.board.membership.of("n1")
        assert member is not None
        assert (member.incarnation, member.state) == ("2", MemberState.JOINED)
        assert [m["state"] for m in mesh.board.membership.to_json(mesh.now)] == ["joined"]


class TestContact:
    """Its process answers pings, and its link says nothing."""

    def test_it_is_suspected_and_sent_nothing_and_keeps_what_it_has(self) -> None:
        mesh = DispatchHarness(SETTINGS)
        heart = Heart(mesh, mesh.node("n1", slots=2))
        mesh.submit(a_spec("a"))
        beating(mesh, heart, every_s=0.5, times=70)

        effects = mesh.wait(20.0, in_contact=[heart.worker])

        assert [incident.kind for incident in incidents(effects)] == ["node_suspected"]
        mesh.submit(a_spec("b"))
        assert heart.worker.tasks == ["a"]
        heart.beat()
        assert heart.worker.tasks == ["a", "b"]

    def test_a_newcomer_of_whose_rhythm_nothing_is_known_is_suspected_as_well(self) -> None:
        mesh = DispatchHarness(SETTINGS)
        worker = mesh.node("n1")

        effects = mesh.wait(11.0, in_contact=[worker])

        (suspected,) = incidents(effects)
        assert suspected.kind == "node_suspected"
        assert suspected.reason.startswith("not heard of for 10.")
        mesh.submit(a_spec("a"))
        assert worker.tasks == []

    def test_one_that_says_nothing_for_much_longer_is_lost(self) -> None:
        mesh = DispatchHarness(SETTINGS)
        heart = Heart(mesh, mesh.node("n1"))
        beating(mesh, heart, every_s=0.5, times=10)

        effects = mesh.wait(41.0, in_contact=[heart.worker])

        (lost,) = incidents(effects, "node_lost")
        assert lost.reason == (
            "its process answers pings and says nothing: not heard of for 40.4 s; usually it is "
            "heard every 0.50 s, give or take 0.05 s"
        )
        assert (lost.details["is_in_contact"], lost.details["silent_s"]) == (1, 40.375)
        assert lost.kind_of is FailureType.NODE_UNRESPONSIVE

    def test_when_the_contact_is_lost_as_well_it_is_lost(self) -> None:
        mesh = DispatchHarness(SETTINGS)
        heart = Heart(mesh, mesh.node("n1"))
        beating(mesh, heart, every_s=0.5, times=70)
        mesh.wait(5.0, in_contact=[heart.worker])

        (lost,) = incidents(mesh.wait(2.0), "node_lost")

        assert lost.reason.startswith("not heard of for 6.")

    def test_contact_does_not_shorten_what_a_bad_network_is_granted(self) -> None:
        mesh = DispatchHarness(
            DispatchSettings(node_silence_s=3.0, node_silence_max_s=10.0, node_mute_max_s=1.0)
        )
        heart = Heart(mesh, mesh.node("n1"))
        beating(mesh, heart, every_s=0.5, times=70)

        assert not incidents(mesh.wait(3.0, in_contact=[heart.worker]), "node_lost")
        assert incidents(mesh.wait(1.0, in_contact=[heart.worker]), "node_lost")

    def test_a_judge_who_stood_still_forgets_no_contact(self) -> None:
        mesh = DispatchHarness(SETTINGS)
        heart = Heart(mesh, mesh.node("n1"))
        beating(mesh, heart, every_s=0.5, times=70)
        mesh.wait(5.0, in_contact=[heart.worker])

        mesh.now += 60.0
        mesh.tick()

        assert state_of(mesh, "n1") is MemberState.SUSPECT

    def test_somebody_unknown_is_in_contact_with_nobody(self) -> None:
        mesh = DispatchHarness(SETTINGS)

        assert mesh.feed(events.NodesInContact(["node/who~1"])) == []


class TestGray:
    def test_a_node_that_speaks_and_does_not_hear_is_sent_nothing(self) -> None:
        mesh = DispatchHarness(SETTINGS)
        heart = Heart(mesh, mesh.node("n1"))
        beating(mesh, heart, every_s=0.5, times=6)
        heart.hears = False

        effects = beating(mesh, heart, every_s=0.5, times=12)

        (gray,) = incidents(effects)
        assert gray.kind == "node_gray"
        assert gray.reason.startswith("it is heard and does not hear: its last")
        mesh.submit(a_spec("a"))
        assert heart.worker.tasks == []

        heart.hears = True
        beating(mesh, heart, every_s=0.5, times=2)

        assert heart.worker.tasks == ["a"]


class TestFlapping:
    def test_who_comes_and_goes_too_often_gets_nothing_for_a_while(self) -> None:
        mesh = DispatchHarness(SETTINGS)
        n1 = mesh.node("n1")
        effects: list[Effect] = []
        for _ in range(4):
            mesh.wait(1.0)
            mesh.lose(n1)
            n1.forget_everything()
            effects = mesh.arrive(n1)
        (left_out,) = incidents(effects, "node_left_out")
        assert "it was lost too often lately" in left_out.reason
        mesh.submit(a_spec("a"))
        assert n1.tasks == []

        beating(mesh, Heart(mesh, n1), every_s=0.5, times=2 * int(left_out.details["left_out_s"]))

        assert n1.tasks == [] or mesh.now > 60.0
        beating(mesh, Heart(mesh, n1), every_s=0.5, times=4)
        assert n1.tasks == ["a"]


class TestPartition:
    def half_vanish(
        self, mesh: DispatchHarness, count: int = 8
    ) -> tuple[list[Worker], list[Effect]]:
        workers = [mesh.node(f"n{number}") for number in range(count)]
        mesh.submit(*(a_spec(f"t{number}") for number in range(count)))
        mesh.wait(1.0)
        effects: list[Effect] = []
        for worker in workers[: count // 2]:
            effects += mesh.lose(worker)
        return workers, effects

    def test_many_that_vanish_at_once_are_told_as_one_thing(self) -> None:
        _, effects = self.half_vanish(DispatchHarness(SETTINGS))

        assert [i.reason for i in incidents(effects, "network_partition")] == [
            "4 of 8 nodes vanished within 2 s: the network was cut, or something that they share"
        ]

    def test_their_tasks_wait_for_them_and_they_go_on(self) -> None:
        mesh = DispatchHarness(SETTINGS)
        workers, _ = self.half_vanish(mesh)
        last = workers[3]
        (task_id,) = last.tasks
        assert mesh.board.entries[task_id].phase is Phase.RESTING

        mesh.arrive(last, claims=last.claims)
        mesh.complete(last, task_id)

        assert mesh.board.tally.completed == 1

    def test_nobody_is_blamed(self) -> None:
        mesh = DispatchHarness(SETTINGS)
        workers, _ = self.half_vanish(mesh)
        held = [worker.tasks[0] for worker in workers[:4]]
        records = [mesh.board.matcher.performance(worker.node_id, "echo") for worker in workers]

        mesh.wait(2.5)

        assert [mesh.board.entries[task_id].excused for task_id in held] == [1] * 4
        assert records == [
            mesh.board.matcher.performance(worker.node_id, "echo") for worker in workers
        ]
        assert mesh.board.membership.flapping.penalty("n0", mesh.now) == 0.0

    def test_one_that_is_lost_alone_is_blamed(self) -> None:
        mesh = DispatchHarness(SETTINGS)
        workers = [mesh.node(f"n{number}") for number in range(8)]
        mesh.submit(*(a_spec(f"t{number}") for number in range(8)))
        record = mesh.board.matcher.performance("n0", "echo")
        mesh.wait(1.0)

        mesh.lose(workers[0])
        mesh.wait(2.5)

        assert mesh.board.matcher.performance("n0", "echo") < record
        assert mesh.board.membership.flapping.penalty("n0", mesh.now) == pytest.approx(1.0, 0.1)


class TestStalls:
    def test_a_stream_that_stops_in_the_middle_is_tried_again(self) -> None:
        mesh = DispatchHarness(
            SETTINGS, recovery=RecoverySettings(stall_s=2.0, stall_intervals_max=10)
        )
        n1 = mesh.node("n1")
        heart = Heart(mesh, n1)
        mesh.submit(a_spec("story"))
        lease = n1.lease_of("story")
        for index in range(5):
            mesh.wait(0.1)
            mesh.feed(events.ChunkArrived(n1.address, lease, index, packed(f"word {index}")))
        assert len(mesh.board.streams) == 1

        effects = beating(mesh, heart, every_s=0.5, times=6)

        (stalled,) = incidents(effects, "attempt_stalled")
        assert stalled.reason.startswith("its stream stopped after 5 pieces: one came every 0.1 s")
        assert any(isinstance(e, Tell) and isinstance(e.message, Stop) for e in effects)
        assert mesh.board.streams == {}
        assert [a.outcome for a in mesh.board.entries["story"].attempts] == ["stalled"]


def test_a_network_that_loses_messages_loses_no_node() -> None:
    """One message in twenty is lost, either way; a node answers when it is suspected."""
    mesh = DispatchHarness(SETTINGS)
    worker = mesh.node("n1")
    heart = Heart(mesh, worker)
    chance = World(seed=3).rng("lost messages")
    lost: list[Incident] = []
    next_beat = 0.0
    for _ in range(20_000):
        effects = mesh.wait(0.1)
        asked = any(
            isinstance(e, Tell) and isinstance(e.message, Heard) and e.message.is_suspect
            for e in effects
        )
        if asked and chance.random() < 0.95**2:
            heart.beat()
        if mesh.now >= next_beat:
            next_beat = mesh.now + 0.5
            if chance.random() < 0.95:
                heart.beat()
        lost += incidents(effects, "node_lost")
    assert lost == []
