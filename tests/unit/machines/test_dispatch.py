"""The machine as a whole: when it wants to be woken, and what it promises at every instant."""

import math
import typing

from cognitive_architecture.distributed_mesh.machines import dispatch, events
from cognitive_architecture.distributed_mesh.machines.effects import Incident
from cognitive_architecture.distributed_mesh.machines.entry import Phase
from cognitive_architecture.distributed_mesh.records import WriteBatch
from cognitive_architecture.foundation.settings import DispatchSettings
from tests.support.builders import a_failed_attempt, a_spec
from tests.support.harness import ANN, WALL_AT_ZERO, DispatchHarness


def test_there_is_a_function_for_every_event() -> None:
    assert set(dispatch._HANDLERS) == set(typing.get_args(events.Event))


class TestDeadline:
    def test_nothing_is_due_in_an_empty_mesh(self) -> None:
        assert DispatchHarness().machine.deadline == math.inf

    def test_a_node_is_looked_after_eight_times_as_often_as_it_may_be_silent(self) -> None:
        mesh = DispatchHarness(DispatchSettings(node_silence_s=8.0))
        mesh.node()
        mesh.wait(0.0)
        assert mesh.machine.deadline == 1.0

    def test_an_attempt_is_looked_after_at_its_timeout_and_a_grace(self) -> None:
        mesh = DispatchHarness(DispatchSettings(node_silence_s=3600.0, timeout_grace_s=2.0))
        mesh.node()
        mesh.wait(0.0)
        mesh.submit(a_spec("a", timeout_s=5.0))
        assert mesh.machine.deadline == 7.0

    def test_a_pause_is_over_when_it_is_over(self) -> None:
        mesh = DispatchHarness(DispatchSettings(node_silence_s=3600.0))
        n1 = mesh.node()
        mesh.wait(0.0)
        mesh.submit(a_spec("a", backoff_s=4.0))
        mesh.fail(n1, "a")
        assert mesh.machine.deadline == 4.0

    def test_a_refused_write_is_tried_again_after_a_pause(self) -> None:
        mesh = DispatchHarness(DispatchSettings(store_retry_s=0.5), holds_writes=True)
        mesh.submit(a_spec("a", wait_for_node=True))
        mesh.commit()
        mesh.wait(0.0)
        mesh.cancel("a")
        mesh.refuse_writes()
        mesh.wait(0.0)
        before = len(mesh.effects)
        mesh.wait(0.49)
        assert [e for e in mesh.effects[before:] if not isinstance(e, Incident)] == []
        mesh.wait(0.02)
        assert len(mesh.waiting) == 1

    def test_a_second_refusal_does_not_put_the_first_off(self) -> None:
        mesh = DispatchHarness(DispatchSettings(store_retry_s=1.0), holds_writes=True)
        mesh.submit(a_spec("a", wait_for_node=True), a_spec("b", wait_for_node=True))
        mesh.commit()
        mesh.cancel("a")
        mesh.refuse_writes()
        mesh.wait(0.75)
        mesh.cancel("b")
        mesh.refuse_writes()
        assert mesh.machine.deadline == 1.0

    def test_what_was_cancelled_while_it_paused_wakes_nobody(self) -> None:
        mesh = DispatchHarness(DispatchSettings(node_silence_s=3600.0))
        n1 = mesh.node()
        mesh.wait(0.0)
        mesh.submit(a_spec("a", backoff_s=4.0))
        mesh.fail(n1, "a")
        mesh.cancel("a")
        assert mesh.machine.deadline == 450.0  # the next roll call

    def test_waking_it_early_changes_nothing(self) -> None:
        mesh = DispatchHarness()
        n1 = mesh.node()
        mesh.submit(a_spec("a", timeout_s=5.0), a_spec("b"))
        mesh.fail(n1, "a")
        mesh.wait(0.0)
        began = len(mesh.effects)
        for _ in range(10):
            mesh.tick()
        assert mesh.effects[began:] == []


class TestAcknowledgedTasks:
    def test_are_open_or_ended_at_every_instant_of_their_life(self) -> None:
        mesh = DispatchHarness(holds_writes=True)
        n1 = mesh.node()
        mesh.commit()
        mesh.submit(a_spec("a"))
        mesh.commit()
        phases = [mesh.phase("a")]
        mesh.fail(n1, "a")
        phases.append(mesh.phase("a"))
        mesh.commit()
        mesh.wait(0.5)
        mesh.beat(n1)
        phases.append(mesh.phase("a"))
        mesh.complete(n1, "a")
        phases.append(mesh.phase("a"))
        assert mesh.ending("a") is None
        mesh.commit()
        assert "a" not in mesh.board.entries
        assert mesh.ending("a") is not None
        assert phases == [Phase.LEASED, Phase.RESTING, Phase.LEASED, Phase.CLOSING]

    def test_times_are_dates_for_people(self) -> None:
        mesh = DispatchHarness()
        mesh.now = 10.0
        n1 = mesh.node()
        mesh.submit(a_spec("a"))
        mesh.now = 12.5
        mesh.complete(n1, "a")
        stored = mesh.store.task("a")
        assert stored is not None
        assert stored.ending is not None
        assert stored.task.created_at == WALL_AT_ZERO + 10.0
        assert stored.ending.started_at == WALL_AT_ZERO + 10.0
        assert stored.ending.ended_at == WALL_AT_ZERO + 12.5

    def test_are_found_by_the_next_owner_with_the_time_they_have_waited(self) -> None:
        mesh = DispatchHarness(DispatchSettings(ageing_s=30.0, rejoin_grace_s=0.0))
        mesh.submit(a_spec("old", priority=1, wait_for_node=True))
        mesh.now = 300.0
        mesh.restart()
        mesh.submit(a_spec("fresh", priority=10, wait_for_node=True))
        mesh.wait(0.0)
        n1 = mesh.node()
        assert n1.tasks == ["old"]

    def test_whose_first_failure_the_disk_refused_are_counted_on_from_the_second(self) -> None:
        mesh = DispatchHarness(DispatchSettings(rejoin_grace_s=0.0))
        mesh.submit(a_spec("a", max_attempts=5, wait_for_node=True))
        mesh.store.commit_now(WriteBatch(attempts=[a_failed_attempt(1, number=2)]))
        mesh.restart()
        mesh.wait(0.0)
        n1 = mesh.node()
        mesh.fail(n1, "a")
        mesh.wait(1.0)
        mesh.complete(n1, "a")
        stored = mesh.store.task("a")
        assert stored is not None
        assert [attempt.number for attempt in stored.attempts] == [2, 3]
        assert mesh.ended("a").attempt == 4

    def test_are_counted(self) -> None:
        mesh = DispatchHarness()
        n1 = mesh.node(slots=4)
        mesh.submit(a_spec("a"), a_spec("b"), a_spec("c", max_attempts=1), a_spec("a"))
        mesh.complete(n1, "a")
        mesh.complete(n1, "a")
        mesh.cancel("b")
        mesh.fail(n1, "c")
        mesh.lose(n1)
        tally = mesh.board.tally
        assert (tally.submitted, tally.repeated) == (3, 1)
        assert (tally.completed, tally.cancelled, tally.failed) == (1, 1, 1)
        assert (tally.attempts_failed, tally.stale_refused) == (1, 1)
        assert (tally.nodes_joined, tally.nodes_lost) == (1, 1)

    def test_a_repetition_by_key_is_not_counted_as_submitted(self) -> None:
        mesh = DispatchHarness()
        mesh.node()
        mesh.submit(a_spec("a", key="k"))
        mesh.submit(a_spec("b", key="k"))
        assert (mesh.board.tally.submitted, mesh.board.tally.repeated) == (1, 1)


class TestBounds:
    def test_a_million_refused_tasks_leave_nothing_behind(self) -> None:
        mesh = DispatchHarness(DispatchSettings(queue_tasks_max=10))
        n1 = mesh.node()
        mesh.submit(*(a_spec(f"t{n}") for n in range(10)))
        for start in range(0, 2000, 100):
            mesh.submit(*(a_spec(f"u{start + n}", f"type-{start + n}") for n in range(100)))
        assert len(mesh.board.entries) == 10
        mesh.beat(n1)
        mesh.wait(1.0)
        assert set(mesh.board.lanes) == {("echo",)}

    def test_nor_do_they_in_a_mesh_without_nodes(self) -> None:
        mesh = DispatchHarness()
        mesh.submit(*(a_spec(f"u{n}", f"type-{n}") for n in range(1000)))
        mesh.wait(3600.0)
        assert mesh.board.lanes == {}

    def test_nor_do_combinations_that_are_no_longer_asked_for(self) -> None:
        mesh = DispatchHarness()
        names = [f"c{n}" for n in range(10)]
        n1 = mesh.node("n1", *names, slots=1000)
        for number in range(1, 500):
            some = tuple(name for bit, name in enumerate(names) if number >> bit & 1)
            mesh.submit(a_spec(f"t{number}", some[0], capabilities=some))
            mesh.complete(n1, f"t{number}")
        mesh.wait(1.0)
        assert len(mesh.board.lanes) < 20


def test_a_requester_that_streams_hears_the_whole_story_in_order() -> None:
    mesh = DispatchHarness()
    mesh.submit(a_spec("a", wait_for_node=True))
    mesh.watch("a", stream=True)
    n1 = mesh.node()
    mesh.fail(n1, "a")
    mesh.beat(n1)
    mesh.wait(0.5)
    mesh.complete(n1, "a")
    kinds = [
        str(event.kind) for message in mesh.heard(ANN) for event in getattr(message, "events", [])
    ]
    assert kinds == ["queued", "blocked", "assigned", "retrying", "queued", "assigned", "ended"]
