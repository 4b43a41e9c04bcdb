"""What requesters want, in the corners that the stories in ``tests/scenarios`` leave out."""

import pytest

from cognitive_architecture.distributed_mesh.machines import events
from cognitive_architecture.distributed_mesh.machines.effects import LookUp, Tell, Write
from cognitive_architecture.distributed_mesh.machines.entry import Phase
from cognitive_architecture.distributed_mesh.messages import (
    Accepted,
    Cancelled,
    Ended,
    Happened,
    Message,
)
from cognitive_architecture.distributed_mesh.model import TaskEvent, TaskEventKind
from cognitive_architecture.foundation.errors import (
    Deposed,
    NoCapableNode,
    QueueFull,
    StoreError,
    StoreFull,
    UnknownCapability,
)
from cognitive_architecture.foundation.remote_errors import from_wire
from cognitive_architecture.foundation.settings import DispatchSettings
from tests.support.builders import a_spec
from tests.support.harness import ANN, BOB, DispatchHarness


def accepted(messages: list[Message]) -> Accepted:
    """The one acknowledgement among them."""
    (answer,) = (message for message in messages if isinstance(message, Accepted))
    return answer


def refusals(messages: list[Message]) -> list[tuple[int, str]]:
    return [(place, fault.code) for place, fault in accepted(messages).refused]


class TestAdmission:
    def test_the_answer_carries_the_number_of_the_request(self) -> None:
        mesh = DispatchHarness()
        mesh.node()
        first, second = mesh.submit(a_spec("a")), mesh.submit(a_spec("b"))
        assert [
            message.request for message in mesh.heard(ANN) if isinstance(message, Accepted)
        ] == [
            first,
            second,
        ]

    def test_each_task_is_judged_by_itself(self) -> None:
        mesh = DispatchHarness()
        mesh.node()
        mesh.submit(a_spec("a"), a_spec("b", priority=99), a_spec("c", "ecko"), a_spec("d"))
        assert refusals(mesh.heard(ANN)) == [(1, "invalid_task"), (2, "unknown_capability")]
        assert set(mesh.board.entries) == {"a", "d"}

    def test_a_request_for_nothing_is_accepted(self) -> None:
        mesh = DispatchHarness()
        mesh.submit()
        assert mesh.heard(ANN) == [Accepted(1)]

    def test_errors_arrive_as_what_they_are(self) -> None:
        mesh = DispatchHarness(DispatchSettings(queue_tasks_max=1))
        mesh.node("n1", "echo", "sum")
        mesh.node("n2", "gpu")
        mesh.submit(
            a_spec("a", "ecko"), a_spec("b", "sum", capabilities=("gpu",)), a_spec("c"), a_spec("d")
        )
        errors = [
            from_wire(fault.code, fault.sentence, fault.details)
            for _, fault in accepted(mesh.heard(ANN)).refused
        ]
        assert [type(error) for error in errors] == [UnknownCapability, NoCapableNode, QueueFull]
        assert errors[1].details == {
            "task_id": "b",
            "refusals": {"n1": "does not offer gpu", "n2": "does not offer sum"},
        }
        assert errors[2].details["retry_after_s"] == 1.0

    def test_options_are_written_as_they_were_asked_for(self) -> None:
        mesh = DispatchHarness()
        mesh.node("n1", "echo", "gpu")
        spec = a_spec("a", capabilities=("gpu",), key="k", max_attempts=7, backoff_s=3.0)
        mesh.submit(spec)
        stored = mesh.store.task("a")
        assert stored is not None
        assert stored.task.spec == spec

    def test_a_task_that_only_an_absent_node_offered_may_wait(self) -> None:
        mesh = DispatchHarness()
        n1 = mesh.node()
        mesh.lose(n1)
        mesh.submit(a_spec("a"))
        assert accepted(mesh.heard(ANN)).notes == [
            (0, "waits for a node that offers echo: the mesh has no nodes")
        ]

    def test_a_task_that_a_draining_node_could_do_may_wait_too(self) -> None:
        mesh = DispatchHarness()
        n1 = mesh.node()
        mesh.feed(events.NodeDrains(n1.address))
        mesh.submit(a_spec("a"))
        assert refusals(mesh.heard(ANN)) == []
        assert mesh.phase("a") is Phase.QUEUED

    def test_known_names_are_listed_up_to_thirty(self) -> None:
        mesh = DispatchHarness()
        mesh.node("n1", *(f"c{number:02}" for number in range(50)))
        mesh.submit(a_spec("a", "unheard-of"))
        ((_, fault),) = accepted(mesh.heard(ANN)).refused
        assert "c29;" in fault.sentence
        assert "c30" not in fault.sentence


class TestBounds:
    def test_bytes_are_counted_over_all_open_tasks_exactly(self) -> None:
        half = b"\x81\xa1x\xc6\x00\x08\x00\x00" + b"y" * (512 * 1024)
        room = len(half) * 2
        mesh = DispatchHarness(
            DispatchSettings(queue_bytes_max=max(room, 1024 * 1024), payload_bytes_max=1024 * 1024)
        )
        mesh.node(slots=9)
        mesh.submit(a_spec("a", payload=half), a_spec("b", payload=half), a_spec("c", payload=half))
        assert refusals(mesh.heard(ANN)) == [(2, "queue_full")]
        assert mesh.board.open_bytes == room

    def test_a_task_whose_ending_is_being_written_still_counts(self) -> None:
        mesh = DispatchHarness(DispatchSettings(queue_tasks_max=1), holds_writes=True)
        n1 = mesh.node()
        mesh.commit()
        mesh.submit(a_spec("a"))
        mesh.commit()
        mesh.complete(n1, "a")
        mesh.heard(ANN)
        mesh.submit(a_spec("b"))
        mesh.commit()
        assert refusals(mesh.heard(ANN)) == [(0, "queue_full")]
        mesh.submit(a_spec("b"))
        mesh.commit()
        assert refusals(mesh.heard(ANN)) == []

    def test_what_was_found_after_a_restart_may_be_more_than_the_bound(self) -> None:
        mesh = DispatchHarness(DispatchSettings(queue_tasks_max=5))
        mesh.node()
        mesh.submit(*(a_spec(name) for name in "abcde"))
        mesh.settings = DispatchSettings(queue_tasks_max=2)
        mesh.restart()
        assert set(mesh.board.entries) == set("abcde")
        mesh.submit(a_spec("f"))
        assert refusals(mesh.heard(ANN)) == [(0, "queue_full")]


class TestRepeats:
    def test_a_task_is_not_changed_by_a_repetition_that_says_something_else(self) -> None:
        mesh = DispatchHarness()
        mesh.node()
        mesh.submit(a_spec("a", priority=3))
        mesh.submit(a_spec("a", "sum", priority=9))
        assert mesh.entry("a").spec == a_spec("a", priority=3)

    def test_everybody_who_submitted_it_hears_of_the_ending_once(self) -> None:
        mesh = DispatchHarness()
        n1 = mesh.node()
        for sender in (ANN, BOB, ANN, BOB, "client/cid"):
            mesh.submit(a_spec("a"), sender=sender, tell=sender != "client/cid")
        for sender in (ANN, BOB, "client/cid"):
            mesh.heard(sender)
        mesh.complete(n1, "a")
        assert mesh.heard(ANN) == mesh.heard(BOB) == [Ended([mesh.ended("a")])]
        assert mesh.heard("client/cid") == []

    def test_a_repetition_by_key_is_not_begun_and_leaves_nothing_behind(self) -> None:
        mesh = DispatchHarness()
        n1 = mesh.node(slots=5)
        mesh.submit(a_spec("a", key="k"))
        mesh.submit(a_spec("b", key="k"))
        assert n1.tasks == ["a"]
        assert set(mesh.board.entries) == {"a"}
        assert mesh.store.task("b") is None

    def test_a_repetition_of_an_ended_task_is_told_so_and_can_look_it_up(self) -> None:
        mesh = DispatchHarness()
        n1 = mesh.node()
        mesh.submit(a_spec("a"))
        mesh.complete(n1, "a")
        mesh.heard(ANN)
        mesh.submit(a_spec("a"), tell=True)
        assert accepted(mesh.heard(ANN)).same_as == [(0, "a")]
        request = mesh.watch("a")
        assert mesh.effects[-1] == LookUp(ANN, request, ["a"])

    def test_a_repetition_is_not_acknowledged_when_the_write_of_its_task_fails(self) -> None:
        mesh = DispatchHarness(holds_writes=True)
        mesh.node()
        mesh.commit()
        mesh.submit(a_spec("a"), sender=ANN)
        mesh.submit(a_spec("a"), sender=BOB, tell=True)
        mesh.refuse_writes(count=1)
        mesh.commit()
        assert refusals(mesh.heard(ANN)) == [(0, "store_full")]
        assert refusals(mesh.heard(BOB)) == [(0, "store_full")]

    def test_nor_when_both_writes_fail(self) -> None:
        mesh = DispatchHarness(holds_writes=True)
        mesh.node()
        mesh.commit()
        mesh.submit(a_spec("a"), sender=ANN)
        mesh.submit(a_spec("a"), sender=BOB, tell=True)
        mesh.refuse_writes()
        assert refusals(mesh.heard(BOB)) == [(0, "store_full")]

    def test_a_repetition_of_a_repetition_is_told_of_the_earliest_task(self) -> None:
        mesh = DispatchHarness(holds_writes=True)
        mesh.node()
        mesh.commit()
        mesh.submit(a_spec("first", key="k"))
        mesh.commit()
        mesh.submit(a_spec("again", key="k"), sender=ANN)
        mesh.submit(a_spec("again", key="k"), sender=BOB, tell=True)
        mesh.heard(ANN)
        mesh.commit()
        assert accepted(mesh.heard(ANN)).same_as == [(0, "first")]
        assert accepted(mesh.heard(BOB)).same_as == [(0, "first")]


class TestRefusedWrites:
    @pytest.mark.parametrize(
        "error", [StoreFull("full"), Deposed("deposed"), StoreError("disk I/O error")]
    )
    def test_new_tasks_are_refused_with_what_the_store_said(self, error: StoreError) -> None:
        mesh = DispatchHarness(holds_writes=True)
        mesh.node()
        mesh.commit()
        mesh.submit(a_spec("a"), a_spec("b", priority=0), a_spec("c"), tell=True)
        mesh.refuse_writes(error)
        assert sorted(refusals(mesh.heard(ANN))) == [
            (0, error.code),
            (1, "invalid_task"),
            (2, error.code),
        ]
        assert mesh.board.entries == {}
        assert mesh.board.open_bytes == 0

    def test_a_refused_task_may_be_submitted_again_under_its_id(self) -> None:
        mesh = DispatchHarness(holds_writes=True)
        n1 = mesh.node()
        mesh.commit()
        mesh.submit(a_spec("a"))
        mesh.refuse_writes()
        mesh.submit(a_spec("a"))
        mesh.commit()
        assert n1.tasks == ["a"]

    def test_capabilities_are_written_some_time(self) -> None:
        mesh = DispatchHarness(holds_writes=True)
        mesh.node()
        mesh.refuse_writes()
        mesh.wait(1.0)
        mesh.commit()
        assert mesh.disk.capabilities == {"echo"}

    def test_what_waits_for_room_survives_any_number_of_refusals(self) -> None:
        mesh = DispatchHarness(DispatchSettings(node_silence_s=3600.0), holds_writes=True)
        n1 = mesh.node()
        mesh.commit()
        mesh.submit(a_spec("a"), tell=True)
        mesh.commit()
        mesh.complete(n1, "a", 42)
        for _ in range(50):
            mesh.refuse_writes()
            mesh.wait(1.0)
        mesh.commit()
        assert sum(isinstance(message, Ended) for message in mesh.heard(ANN)) == 1


class TestCancelling:
    def test_nothing_is_answered_at_once(self) -> None:
        mesh = DispatchHarness(holds_writes=True)
        mesh.cancel()
        assert mesh.heard(ANN) == [Cancelled(1, [])]

    def test_the_same_task_twice_in_one_request(self) -> None:
        mesh = DispatchHarness()
        mesh.node()
        mesh.submit(a_spec("a"))
        mesh.heard(ANN)
        mesh.cancel("a", "a", "b")
        assert mesh.heard(ANN) == [Cancelled(2, [True, True, False])]

    def test_one_that_is_being_written_holds_up_the_request_and_not_the_others(self) -> None:
        mesh = DispatchHarness(holds_writes=True)
        n1 = mesh.node()
        mesh.commit()
        mesh.submit(a_spec("a"))
        mesh.commit()
        mesh.submit(a_spec("b"))
        mesh.cancel("a", "b")
        mesh.commit()
        assert n1.tasks == []
        mesh.commit()
        assert [m for m in mesh.heard(ANN) if isinstance(m, Cancelled)] == [
            Cancelled(3, [True, True])
        ]

    def test_a_handler_that_runs_is_told_at_once_whatever_else_is_asked(self) -> None:
        mesh = DispatchHarness(holds_writes=True)
        n1 = mesh.node()
        mesh.commit()
        mesh.submit(a_spec("a"))
        mesh.commit()
        mesh.submit(a_spec("b"))
        mesh.cancel("a", "b")
        assert n1.tasks == []

    def test_a_cancelled_task_whose_ending_is_refused_stays_cancelled(self) -> None:
        mesh = DispatchHarness(holds_writes=True)
        n1 = mesh.node()
        mesh.commit()
        mesh.submit(a_spec("a"))
        mesh.commit()
        mesh.cancel("a")
        mesh.refuse_writes()
        mesh.complete(n1, "a", "late")
        mesh.wait(1.0)
        mesh.commit()
        ending = mesh.ended("a")
        assert ending.status == "cancelled"

    def test_nobody_is_told_that_a_task_had_ended_before_that_is_durable(self) -> None:
        mesh = DispatchHarness(holds_writes=True)
        mesh.node()
        mesh.commit()
        mesh.submit(a_spec("a"))
        mesh.commit()
        mesh.cancel("a", sender=ANN)
        mesh.cancel("a", sender=BOB)
        mesh.refuse_writes(count=1)
        mesh.commit()
        assert mesh.ending("a") is None
        assert mesh.heard(BOB) == []


class TestWatching:
    def test_a_task_that_is_not_known_here_is_looked_up(self) -> None:
        mesh = DispatchHarness()
        mesh.node()
        mesh.submit(a_spec("a"))
        request = mesh.watch("a", "b", "c")
        assert mesh.effects[-1] == LookUp(ANN, request, ["b", "c"])

    def test_watching_the_same_task_twice_is_watching_it_once(self) -> None:
        mesh = DispatchHarness()
        n1 = mesh.node()
        mesh.submit(a_spec("a"))
        mesh.watch("a", sender=BOB)
        mesh.watch("a", sender=BOB)
        mesh.complete(n1, "a")
        assert mesh.heard(BOB) == [Ended([mesh.ended("a")])]

    def test_a_requester_that_is_gone_hears_only_what_it_was_promised(self) -> None:
        mesh = DispatchHarness()
        n1 = mesh.node()
        mesh.submit(a_spec("a"), sender=BOB, tell=True)
        mesh.watch("a", sender=BOB, stream=True)
        mesh.heard(BOB)
        mesh.feed(events.WatchEnded(BOB, None))
        mesh.complete(n1, "a")
        assert mesh.heard(BOB) == [Ended([mesh.ended("a")])]

    def test_a_late_joiner_hears_that_the_task_is_blocked(self) -> None:
        mesh = DispatchHarness()
        mesh.submit(a_spec("a", wait_for_node=True))
        mesh.watch("a", stream=True, sender=BOB)
        assert mesh.heard(BOB) == [
            Happened(
                [
                    TaskEvent("a", TaskEventKind.QUEUED, 1),
                    TaskEvent(
                        "a",
                        TaskEventKind.BLOCKED,
                        1,
                        note="waits for a node that offers echo: the mesh has no nodes",
                    ),
                ]
            )
        ]

    def test_nothing_is_told_of_a_task_that_is_being_written(self) -> None:
        mesh = DispatchHarness(holds_writes=True)
        mesh.submit(a_spec("a", wait_for_node=True))
        mesh.watch("a", stream=True, sender=BOB)
        assert mesh.heard(BOB) == []

    @pytest.mark.parametrize("stream", [False, True])
    def test_who_watches_a_task_that_is_never_written_is_told(self, stream: bool) -> None:
        mesh = DispatchHarness(holds_writes=True)
        mesh.submit(a_spec("a", wait_for_node=True))
        mesh.watch("a", stream=stream, sender=BOB)
        mesh.refuse_writes()
        mesh.wait(10.0)
        assert LookUp(BOB, 0, ["a"]) in mesh.effects
        assert mesh.board.watchers.watching("a") == [BOB], "until the store has answered"

    def test_who_watches_the_repetition_of_an_ended_task_is_told_how_that_ended(self) -> None:
        mesh = DispatchHarness(holds_writes=True)
        n1 = mesh.node()
        mesh.commit()
        mesh.submit(a_spec("a"))
        mesh.commit()
        mesh.complete(n1, "a")
        mesh.commit()
        mesh.submit(a_spec("a"))
        mesh.watch("a", sender=BOB)
        mesh.commit()
        assert LookUp(BOB, 0, ["a"]) in mesh.effects


def test_every_write_that_is_asked_for_has_a_ticket_of_its_own() -> None:
    mesh = DispatchHarness()
    n1 = mesh.node()
    for number in range(20):
        mesh.submit(a_spec(f"t{number}"))
        mesh.complete(n1, f"t{number}")
        mesh.cancel(f"t{number}")
    tickets = [effect.ticket for effect in mesh.effects if isinstance(effect, Write)]
    assert tickets == sorted(set(tickets))


def test_an_acknowledgement_that_nobody_waits_for_may_wait() -> None:
    mesh = DispatchHarness()
    mesh.node()

    def patience(*, tell: bool, task_id: str, priority: int = 5) -> bool:
        began = len(mesh.effects)
        mesh.submit(a_spec(task_id, priority=priority), tell=tell)
        (told,) = (
            effect
            for effect in mesh.effects[began:]
            if isinstance(effect, Tell) and isinstance(effect.message, Accepted)
        )
        return told.can_wait

    assert patience(tell=True, task_id="a")
    assert not patience(tell=False, task_id="b")
    assert not patience(tell=True, task_id="c", priority=0)
