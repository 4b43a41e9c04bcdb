"""What nodes say, in the corners that the stories in ``tests/scenarios`` leave out."""

from typing import Any

import pytest

from cognitive_architecture.distributed_mesh.machines import events
from cognitive_architecture.distributed_mesh.machines.effects import Effect, Incident, Tell
from cognitive_architecture.distributed_mesh.machines.entry import Phase
from cognitive_architecture.distributed_mesh.messages import (
    Claim,
    Ended,
    Happened,
    Introduce,
    Kept,
    NodeRefused,
    Outcome,
    Stop,
    Vitals,
    Welcome,
)
from cognitive_architecture.distributed_mesh.model import TaskEventKind
from cognitive_architecture.foundation.settings import DispatchSettings
from tests.support.builders import a_spec, completed, failed
from tests.support.harness import ANN, BOB, DispatchHarness, Worker

PATIENT = DispatchSettings(node_silence_s=3600.0)


def told(effects: list[Effect], address: str) -> list[Any]:
    return [
        effect.message
        for effect in effects
        if isinstance(effect, Tell) and effect.address == address
    ]


def incidents(effects: list[Effect]) -> list[str]:
    return [effect.kind for effect in effects if isinstance(effect, Incident)]


class TestArriving:
    def test_a_seat_is_what_the_node_says_of_itself(self) -> None:
        mesh = DispatchHarness()
        n1 = mesh.node("n1", "echo", "sum", slots=3, ahead=2, metadata={"host": "h"})
        seat = mesh.board.roster.by_node["n1"]
        assert (seat.address, seat.node_type, seat.slots) == (n1.address, "agent", 3)
        assert (seat.granted, seat.sent, seat.room) == (5, 0, 5)
        assert (seat.offered, seat.metadata) == (frozenset({"echo", "sum"}), {"host": "h"})

    def test_a_hello_again_changes_what_it_offers(self) -> None:
        mesh = DispatchHarness()
        n1 = mesh.node("n1", "echo")
        mesh.submit(a_spec("s", "sum", wait_for_node=True))
        n1.offers = frozenset({"sum"})
        effects = mesh.arrive(n1)
        assert incidents(effects) == []
        assert n1.tasks == ["s"]
        assert mesh.board.tally.nodes_joined == 1

    def test_a_node_without_slots_has_one(self) -> None:
        mesh = DispatchHarness()
        mesh.node(slots=0)
        assert mesh.board.roster.by_node["n1"].slots == 1

    def test_new_capabilities_are_written_once(self) -> None:
        mesh = DispatchHarness()
        mesh.node("n1", "echo")
        mesh.node("n2", "echo", "sum")
        assert mesh.disk.capabilities == {"echo", "sum"}

    def test_a_namesake_is_refused_for_as_long_as_the_other_lives(self) -> None:
        mesh = DispatchHarness()
        first = mesh.node("n1")
        second = Worker("n1", slots=1, ahead=0, offers=["echo"])
        second.incarnation = 2
        (refusal,) = told(mesh.arrive(second), second.address)
        assert isinstance(refusal, NodeRefused)
        assert refusal.fault.code == "duplicate_node"
        mesh.lose(first)
        assert told(mesh.arrive(second), second.address) == [Welcome(1)]

    def test_an_address_that_takes_another_id_gives_up_the_first(self) -> None:
        mesh = DispatchHarness()
        n1 = mesh.node("n1")
        mesh.submit(a_spec("a"))
        n1.node_id, address = "n2", n1.address
        mesh.machine.handle(
            events.NodeArrived(address, "n2", "agent", n1.offers, 1, 2, 1, [], {}), mesh.now
        )
        assert set(mesh.board.roster.by_node) == {"n2"}


class TestClaims:
    def test_what_it_holds_rightly_is_left_alone(self) -> None:
        mesh = DispatchHarness(PATIENT)
        n1 = mesh.node()
        mesh.submit(a_spec("a"))
        mesh.wait(10.0)
        assert told(mesh.arrive(n1), n1.address) == [Welcome(1)]
        assert mesh.entry("a").lease == n1.lease_of("a")

    def test_what_it_does_not_claim_may_be_on_its_way(self) -> None:
        mesh = DispatchHarness(PATIENT)
        n1 = mesh.node(slots=2)
        mesh.submit(a_spec("a"), a_spec("b"))
        mesh.wait(20.0)
        mesh.arrive(n1, claims=[Claim(n1.lease_of("a"), "a")])
        n1.let_go(n1.lease_of("b"))  # for it was lost with the link
        assert mesh.entry("b").attempts == ()
        mesh.beat(n1)
        assert mesh.entry("b").attempts == ()
        mesh.beat(n1)
        assert [a.reason for a in mesh.entry("b").attempts] == ["it never reached node n1"]
        assert mesh.entry("a").attempts == ()

    def test_what_has_ended_it_may_stop(self) -> None:
        mesh = DispatchHarness(PATIENT)
        n1 = mesh.node()
        mesh.submit(a_spec("a"))
        lease = n1.lease_of("a")
        n1.is_deaf = True
        mesh.cancel("a")
        mesh.lose(n1)
        n1.is_deaf = False
        assert told(mesh.arrive(n1), n1.address) == [
            Welcome(1),
            Stop([(lease, "cancelled by request")]),
        ]

    def test_what_nobody_knows_it_may_stop(self) -> None:
        mesh = DispatchHarness(PATIENT)
        n1 = mesh.node()
        effects = mesh.arrive(n1, claims=[Claim(7, "never-heard-of")])
        assert told(effects, n1.address)[-1] == Stop(
            [(7, "the attempt is over, its task has ended or was reassigned")]
        )

    def test_a_claim_on_a_task_whose_ending_is_being_written_is_void(self) -> None:
        mesh = DispatchHarness(PATIENT, holds_writes=True)
        n1 = mesh.node()
        mesh.commit()
        mesh.submit(a_spec("a"))
        mesh.commit()
        n1.is_deaf = True
        mesh.cancel("a")
        n1.is_deaf = False
        mesh.arrive(n1)
        assert n1.tasks == []
        assert mesh.phase("a") is Phase.CLOSING

    def test_a_resting_task_is_claimed_with_its_attempts(self) -> None:
        mesh = DispatchHarness(DispatchSettings(node_silence_s=3600.0, rejoin_grace_s=5.0))
        n1 = mesh.node()
        mesh.submit(a_spec("a", backoff_s=0.0))
        mesh.fail(n1, "a")
        mesh.wait(0.0)
        mesh.restart()
        mesh.arrive(n1)
        assert mesh.phase("a") is Phase.LEASED
        assert mesh.entry("a").attempt == 2
        mesh.wait(10.0)
        assert mesh.phase("a") is Phase.LEASED

    @pytest.mark.parametrize("by_the_next_owner", [False, True])
    def test_a_failure_that_was_accepted_is_not_accepted_again(
        self, by_the_next_owner: bool
    ) -> None:
        mesh = DispatchHarness(PATIENT)
        n1 = mesh.node()
        mesh.submit(a_spec("a", max_attempts=2, backoff_s=5.0))
        lease = n1.lease_of("a")
        n1.is_deaf = True  # the answer to its report is lost with the link
        mesh.fail(n1, "a")
        n1.is_deaf = False
        if by_the_next_owner:
            mesh.restart()
        else:
            mesh.lose(n1)
        mesh.arrive(n1, claims=[Claim(lease, "a")])
        mesh.report(n1, failed(lease), number=1)
        assert mesh.ending("a") is None
        assert len(mesh.entry("a").attempts) == 1

    def test_a_claim_cannot_take_over_the_lease_of_another_task(self) -> None:
        mesh = DispatchHarness(PATIENT)
        n1 = mesh.node("n1")
        mesh.submit(a_spec("a"), a_spec("b"))
        n2 = Worker("n2", slots=1, ahead=0, offers=["sum"])
        mesh.workers[n2.address] = n2
        mesh.machine.handle(
            events.NodeArrived(
                n2.address,
                "n2",
                "agent",
                n2.offers,
                1,
                1,
                0,
                [Claim(n1.lease_of("a"), "b")],
                {},
            ),
            mesh.now,
        )
        assert mesh.board.leases.holder(n1.lease_of("a")) is mesh.entry("a")


class TestOnTheWay:
    """What a node does not name is lost when it has heard what was sent later, and not before."""

    class Slow:
        """A node whose frames come late: what it says was true long ago."""

        def __init__(self) -> None:
            self.mesh = DispatchHarness(PATIENT)
            self.node = self.mesh.node(slots=2)

        def says(self, beat: int, *, heard: int, held: tuple[str, ...] = ()) -> list[Effect]:
            leases = [self.node.lease_of(task_id) for task_id in held]
            received = len(held)
            return self.mesh.feed(
                events.NodeMeasured(
                    self.node.address, Vitals(), 1.0, 2, received, leases, [], beat, heard
                )
            )

        @property
        def sent(self) -> int:
            return self.mesh.board.roster.by_node["n1"].sent

    def test_what_was_sent_after_the_answer_that_was_heard_may_still_arrive(self) -> None:
        slow = self.Slow()
        slow.says(1, heard=0)
        slow.mesh.submit(a_spec("a"))
        for beat in range(2, 30):
            slow.mesh.wait(1.0)
            assert incidents(slow.says(beat, heard=1)) == []
        assert slow.sent == 1
        slow.says(30, heard=29, held=("a",))
        assert slow.mesh.entry("a").attempts == ()

    def test_what_was_sent_before_it_is_lost_at_once(self) -> None:
        slow = self.Slow()
        slow.mesh.submit(a_spec("a"))
        slow.says(1, heard=0)
        slow.mesh.submit(a_spec("b"))
        assert incidents(slow.says(2, heard=1))[0] == "attempt_unreached"
        assert slow.mesh.entry("b").attempts == ()

    def test_an_answer_that_is_said_again_tells_nothing_of_what_was_sent_meanwhile(self) -> None:
        slow = self.Slow()
        slow.says(1, heard=0)
        slow.mesh.submit(a_spec("a"))
        slow.says(1, heard=0)
        assert incidents(slow.says(2, heard=1)) == []

    def test_an_answer_of_an_earlier_owner_tells_nothing(self) -> None:
        slow = self.Slow()
        slow.mesh.submit(a_spec("a"))
        slow.says(1, heard=0)
        slow.says(2, heard=0)
        slow.mesh.restart()
        slow.mesh.lose(slow.node)
        slow.node.forget_everything()
        slow.node.incarnation -= 1
        slow.mesh.arrive(slow.node)
        slow.mesh.wait(5.0)
        assert slow.mesh.phase("a") is Phase.LEASED
        assert incidents(slow.says(3, heard=2)) == []
        assert incidents(slow.says(4, heard=3))[0] == "attempt_unreached"

    def test_a_heartbeat_that_comes_out_of_order_is_judged_by_what_it_had_heard_itself(
        self,
    ) -> None:
        slow = self.Slow()
        slow.says(1, heard=0)
        slow.mesh.submit(a_spec("a"))
        slow.says(2, heard=1)
        slow.says(4, heard=2, held=("a",))
        assert incidents(slow.says(3, heard=1)) == []
        assert slow.sent == 1

    def test_credit_is_given_back_while_more_is_on_its_way(self) -> None:
        slow = self.Slow()
        slow.mesh.submit(a_spec("a"))
        slow.says(1, heard=0)
        slow.mesh.cancel("a")
        slow.mesh.submit(a_spec("b"))
        assert slow.sent == 2
        slow.says(2, heard=1)
        assert slow.sent == 1, "a is lost, b may arrive"

    def test_answers_that_nobody_hears_take_no_room(self) -> None:
        slow = self.Slow()
        for beat in range(1, 1000):
            slow.says(beat, heard=0)
        assert len(slow.mesh.board.roster.by_node["n1"].answered) < 100


class TestCredit:
    def test_a_lost_assignment_gives_its_credit_back(self) -> None:
        mesh = DispatchHarness(PATIENT)
        n1 = mesh.node()
        n1.is_deaf = True
        mesh.submit(a_spec("a"))
        n1.is_deaf = False
        mesh.beat(n1)
        mesh.beat(n1)
        seat = mesh.board.roster.by_node["n1"]
        assert (seat.sent, n1.received, n1.tasks) == (1, 1, ["a"])

    def test_a_stale_heartbeat_does_not_take_credit_away(self) -> None:
        mesh = DispatchHarness(PATIENT)
        n1 = mesh.node(slots=2)
        seat = mesh.board.roster.by_node["n1"]
        mesh.feed(events.NodeMeasured(n1.address, Vitals(), 1.0, 1, 0, [], []))
        assert seat.granted == 2

    def test_what_was_lost_with_its_node_and_comes_late_does_not_widen_the_credit(self) -> None:
        mesh = DispatchHarness(PATIENT)
        n1 = mesh.node()
        mesh.submit(a_spec("a"), a_spec("b"), a_spec("c"))
        received, n1.received = n1.received, 0
        mesh.lose(n1)
        mesh.arrive(n1, claims=[])  # it says hello before the assignment arrives
        n1.received += received
        n1.assignments.clear()
        n1.done = n1.received  # it was told to stop, and has finished whatever it got
        mesh.beat(n1)
        mesh.beat(n1)
        seat = mesh.board.roster.by_node["n1"]
        assert seat.sent == n1.received
        assert n1.received - n1.done <= n1.slots

    def test_an_assignment_that_was_lost_and_cancelled_gives_its_credit_back(self) -> None:
        mesh = DispatchHarness(PATIENT)
        n1 = mesh.node()
        n1.is_deaf = True
        mesh.submit(a_spec("a"))
        n1.is_deaf = False
        mesh.cancel("a")
        mesh.submit(a_spec("b"))
        for _ in range(10):
            mesh.wait(1.0)
            mesh.beat(n1)
        assert n1.tasks == ["b"]

    def test_an_unknown_node_that_reports_is_refused_and_asked_for_its_name(self) -> None:
        mesh = DispatchHarness()
        n1 = Worker("n1", slots=1, ahead=0, offers=["echo"])
        effects = mesh.report(n1, completed(7), failed(8))
        why = "the attempt is over, its task has ended or was reassigned"
        assert told(effects, n1.address) == [Kept(1, [(7, why), (8, why)]), Introduce()]
        assert mesh.board.tally.stale_refused == 2

    @pytest.mark.parametrize(
        "event",
        [
            events.NodeLost("node/n1~1", "gone"),
            events.NodeLeft("node/n1~1"),
            events.NodeDrains("node/n1~1"),
            events.NodeHandedBack("node/n1~1", [7], "busy", 1),
            events.AttemptProgressed("node/n1~1", 7, 0.5, ""),
            events.ChunkArrived("node/n1~1", 7, 0, b"\x01"),
        ],
        ids=lambda event: type(event).__name__,
    )
    def test_anything_else_an_unknown_node_says_is_ignored(self, event: events.Event) -> None:
        assert DispatchHarness().feed(event) == []


class TestReports:
    def test_several_outcomes_are_written_and_told_together(self) -> None:
        mesh = DispatchHarness(PATIENT)
        n1 = mesh.node(slots=4)
        mesh.submit(*(a_spec(name, max_attempts=1) for name in "abcd"), tell=True)
        mesh.heard(ANN)
        effects = mesh.report(
            n1,
            completed(n1.lease_of("a"), 1),
            failed(n1.lease_of("b"), "boom"),
            completed(n1.lease_of("c"), 3),
            failed(n1.lease_of("d"), "bang", for_good=True),
        )
        assert told(effects, n1.address) == [Kept(1)]
        (ended,) = (message for message in mesh.heard(ANN) if isinstance(message, Ended))
        assert [(e.task_id, e.status) for e in ended.endings] == [
            ("a", "completed"),
            ("b", "failed"),
            ("c", "completed"),
            ("d", "failed"),
        ]

    def test_the_same_lease_twice_in_one_report_counts_once(self) -> None:
        mesh = DispatchHarness(PATIENT)
        n1 = mesh.node()
        mesh.submit(a_spec("a"))
        lease = n1.lease_of("a")
        effects = mesh.report(n1, completed(lease, "first"), completed(lease, "second"))
        (kept,) = told(effects, n1.address)
        assert [refused for refused, _ in kept.refused] == [lease]
        ending = mesh.ended("a")
        assert ending.result == b"\xa5first"

    def test_an_outcome_of_an_unknown_kind_is_a_failure(self) -> None:
        mesh = DispatchHarness(PATIENT)
        n1 = mesh.node()
        mesh.submit(a_spec("a", max_attempts=1))
        mesh.report(n1, Outcome(n1.lease_of("a"), 99, None, 0.1))
        ending = mesh.ended("a")
        assert (ending.status, ending.reason) == ("failed", "no reason was given")

    def test_a_report_without_outcomes_grants_and_is_kept(self) -> None:
        mesh = DispatchHarness(PATIENT)
        n1 = mesh.node()
        mesh.submit(a_spec("a"), a_spec("b"))
        n1.ahead = 1
        effects = mesh.report(n1)
        assert n1.tasks == ["a", "b"]
        assert told(effects, n1.address)[0] == Kept(1)

    def test_experience_is_what_was_accepted(self) -> None:
        mesh = DispatchHarness(PATIENT)
        n1 = mesh.node(slots=4)
        mesh.submit(*(a_spec(name, max_attempts=1) for name in "abcd"))
        matcher = mesh.board.matcher
        mesh.complete(n1, "a")
        assert matcher.performance("n1", "echo") == pytest.approx(0.775)
        mesh.fail(n1, "b")
        assert matcher.performance("n1", "echo") == pytest.approx(0.6975)
        mesh.fail(n1, "c", for_good=True)  # what fails everywhere is not the node's fault
        mesh.complete(n1, "a")  # stale
        assert matcher.performance("n1", "echo") == pytest.approx(0.6975)
        mesh.lose(n1)
        assert matcher.performance("n1", "echo") == pytest.approx(0.6975)
        mesh.wait(3.0)  # now it is clear that it was lost alone
        assert matcher.performance("n1", "echo") == pytest.approx(0.62775)

    def test_a_repeated_report_is_not_kept_before_the_first_is_durable(self) -> None:
        mesh = DispatchHarness(PATIENT, holds_writes=True)
        n1 = mesh.node()
        mesh.commit()
        mesh.submit(a_spec("a"))
        mesh.commit()
        mesh.complete(n1, "a", 42)
        mesh.refuse_writes()  # the disk is full; n1 repeats its report after two seconds
        mesh.wait(0.5)
        effects = mesh.report(n1, completed(n1.lease_of("a"), 42), number=1)
        assert mesh.ending("a") is None
        assert told(effects, n1.address) == []

    def test_nor_of_a_node_that_was_given_up_meanwhile(self) -> None:
        mesh = DispatchHarness(PATIENT, holds_writes=True)
        n1 = mesh.node()
        mesh.commit()
        mesh.submit(a_spec("a"))
        mesh.commit()
        mesh.complete(n1, "a", 42)
        mesh.lose(n1)
        effects = mesh.report(n1, completed(n1.lease_of("a"), 42), number=1)
        assert told(effects, n1.address) == [Introduce()]
        mesh.commit()
        assert mesh.heard(n1.address)[-1] == Kept(1, [])


class TestStreams:
    def test_more_chunks_than_announced_are_said_to_be_more(self) -> None:
        mesh = DispatchHarness(PATIENT)
        n1 = mesh.node()
        mesh.submit(a_spec("a", max_attempts=1))
        for index in range(2):
            mesh.feed(events.ChunkArrived(n1.address, n1.lease_of("a"), index, b"\x01"))
        mesh.report(n1, completed(n1.lease_of("a"), chunks=1))
        ending = mesh.ended("a")
        assert ending.reason is not None
        assert "-1" not in ending.reason

    def test_the_result_of_a_plain_attempt_wins_over_stray_chunks(self) -> None:
        mesh = DispatchHarness(PATIENT)
        n1 = mesh.node()
        mesh.submit(a_spec("a"))
        mesh.feed(events.ChunkArrived(n1.address, n1.lease_of("a"), 0, b"\x01"))
        mesh.complete(n1, "a", "plain")
        ending = mesh.ended("a")
        assert ending.result == b"\xa5plain"

    def test_chunks_of_exactly_the_bound_are_accepted(self) -> None:
        mesh = DispatchHarness(DispatchSettings(node_silence_s=3600.0, payload_bytes_max=1024))
        n1 = mesh.node()
        mesh.submit(a_spec("a"))
        for index in range(2):
            mesh.feed(events.ChunkArrived(n1.address, n1.lease_of("a"), index, b"x" * 512))
        assert mesh.phase("a") is Phase.LEASED
        mesh.feed(events.ChunkArrived(n1.address, n1.lease_of("a"), 2, b"x"))
        assert mesh.phase("a") is Phase.RESTING


class TestGoing:
    def test_a_lost_node_takes_nobody_elses_tasks_with_it(self) -> None:
        mesh = DispatchHarness(PATIENT)
        n1, n2 = mesh.node("n1"), mesh.node("n2")
        mesh.submit(a_spec("a"), a_spec("b"))
        mesh.lose(n1)
        assert n2.tasks == ["b"]
        assert mesh.phase("a") is Phase.QUEUED

    def test_losing_it_twice_is_losing_it_once(self) -> None:
        mesh = DispatchHarness(PATIENT)
        n1 = mesh.node()
        mesh.lose(n1)
        assert mesh.lose(n1) == []
        assert mesh.board.tally.nodes_lost == 1

    def test_an_ending_on_its_way_to_the_disk_is_not_undone(self) -> None:
        mesh = DispatchHarness(PATIENT, holds_writes=True)
        n1 = mesh.node()
        mesh.commit()
        mesh.submit(a_spec("a"))
        mesh.commit()
        mesh.complete(n1, "a", 42)
        mesh.lose(n1)
        mesh.commit()
        ending = mesh.ended("a")
        assert ending.status == "completed"

    def test_who_streams_hears_why(self) -> None:
        mesh = DispatchHarness(PATIENT)
        n1 = mesh.node()
        mesh.submit(a_spec("a"))
        mesh.watch("a", stream=True, sender=BOB)
        mesh.heard(BOB)
        mesh.lose(n1, "its cable was pulled")
        news = [
            event
            for message in mesh.heard(BOB)
            if isinstance(message, Happened)
            for event in message.events
        ]
        assert [(event.kind, event.note) for event in news] == [
            ("retrying", "node n1 was lost: its cable was pulled"),
            ("queued", None),
            ("blocked", "waits for a node that offers echo: the mesh has no nodes"),
        ]

    def test_who_streams_a_waiting_task_hears_that_its_last_node_went(self) -> None:
        mesh = DispatchHarness(PATIENT)
        n1 = mesh.node()
        mesh.submit(a_spec("busy"), a_spec("a"))
        mesh.watch("a", stream=True, sender=BOB)
        mesh.heard(BOB)
        mesh.lose(n1)
        kinds = [
            event.kind
            for message in mesh.heard(BOB)
            if isinstance(message, Happened)
            for event in message.events
        ]
        assert TaskEventKind.BLOCKED in kinds

    def test_a_node_lost_while_the_disk_is_full_is_lost_once(self) -> None:
        mesh = DispatchHarness(PATIENT, holds_writes=True)
        n1 = mesh.node()
        mesh.commit()
        mesh.submit(a_spec("a"))
        mesh.commit()
        mesh.lose(n1)
        mesh.refuse_writes()
        mesh.wait(1.0)
        mesh.commit()
        stored = mesh.store.task("a")
        assert stored is not None
        assert [attempt.outcome for attempt in stored.attempts] == ["node_lost"]


def test_vitals_and_health_are_shown_as_they_were_measured() -> None:
    mesh = DispatchHarness()
    n1 = mesh.node()
    vitals = Vitals(0.5, 0.25, 60.0, 1)
    mesh.feed(events.NodeMeasured(n1.address, vitals, 0.8, 1, 0, [], []))
    seat = mesh.board.roster.by_node["n1"]
    assert (seat.vitals, seat.health_score) == (vitals, 0.8)
