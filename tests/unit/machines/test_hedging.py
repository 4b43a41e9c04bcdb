"""A second attempt beside one that takes long; its course is told in the scenarios."""

from __future__ import annotations

from typing import Any

import pytest

from cognitive_architecture.distributed_mesh.fault_tolerance.failures import (
    FailureHistory,
    failure_of,
)
from cognitive_architecture.distributed_mesh.machines import events
from cognitive_architecture.distributed_mesh.machines.circuits import IN_A_ROW
from cognitive_architecture.distributed_mesh.machines.effects import Effect, Incident
from cognitive_architecture.distributed_mesh.machines.entry import Phase
from cognitive_architecture.distributed_mesh.machines.explaining import explain
from cognitive_architecture.distributed_mesh.machines.watching import story_so_far
from cognitive_architecture.distributed_mesh.messages import Claim
from cognitive_architecture.distributed_mesh.model import TaskStatus
from cognitive_architecture.distributed_mesh.policies.recovery import (
    FailureType,
    RecoveryStrategy,
)
from cognitive_architecture.distributed_mesh.views import add_progress, task_of
from cognitive_architecture.foundation.settings import (
    DispatchSettings,
    QuotaSettings,
    RecoverySettings,
)
from cognitive_architecture.foundation.world import simulated_world
from tests.support.builders import a_spec, packed
from tests.support.harness import DispatchHarness, Worker

PATIENT = DispatchSettings(node_silence_s=3600.0, node_silence_max_s=3600.0)
LONG_S = 500.0
"""In this time there is one roll call of the patient ones."""


def a_mesh(
    *, accepted: int = 50, quotas: QuotaSettings | None = None, **recovery: Any
) -> tuple[DispatchHarness, Worker]:
    """A mesh with one node, which has done so many tasks in a tenth of a second each."""
    settings = RecoverySettings(**{"on_node_unresponsive": []} | recovery)
    mesh = DispatchHarness(PATIENT, recovery=settings, quotas=quotas)
    first = mesh.node("n1")
    practise(mesh, first, accepted)
    return mesh, first


def practise(mesh: DispatchHarness, worker: Worker, times: int) -> None:
    for number in range(times):
        task_id = f"practice-{mesh.board.tally.submitted}-{number}"
        mesh.submit(a_spec(task_id))
        mesh.complete(worker, task_id)


def a_late(mesh: DispatchHarness, task_id: str = "a", **fields: Any) -> None:
    mesh.submit(a_spec(task_id, timeout_s=3000.0, **fields))


def incidents(effects: list[Effect], *kinds: str) -> list[Incident]:
    return [e for e in effects if isinstance(e, Incident) and e.kind in kinds]


class TestWhatIsHedged:
    def test_the_budget_is_earned_by_results_and_spent_by_second_attempts(self) -> None:
        mesh, first = a_mesh(accepted=49)
        second = mesh.node("n2")
        a_late(mesh)
        mesh.wait(LONG_S)
        assert second.tasks == []

        mesh.complete(first, "a")
        a_late(mesh, "b")
        mesh.wait(LONG_S)
        a_late(mesh, "c", requester="bob")
        mesh.wait(LONG_S)

        assert mesh.board.tally.hedged == 1

    def test_what_takes_as_long_as_usual_is_left_alone(self) -> None:
        mesh = DispatchHarness(PATIENT, recovery=RecoverySettings())
        first = mesh.node("n1")
        for number in range(50):
            mesh.submit(a_spec(f"p{number}"))
            mesh.complete(first, f"p{number}", run_s=400.0)
        second = mesh.node("n2")
        a_late(mesh)

        mesh.wait(LONG_S)

        assert (first.tasks, second.tasks) == (["a"], [])

    @pytest.mark.parametrize(
        "recovery",
        [
            {"hedge_share": 0.0},
            {"hedge_samples_min": 51},
            {"hedge_after_s": 1000.0},
            {"on_task_timeout": ["redistribute"]},
        ],
    )
    def test_it_can_be_put_off_and_switched_off(self, recovery: dict[str, Any]) -> None:
        mesh, first = a_mesh(**recovery)
        mesh.node("n2")
        a_late(mesh)

        mesh.wait(LONG_S)

        assert mesh.board.tally.hedged == 0
        assert first.tasks == ["a"]

    def test_only_a_node_with_an_idle_slot_is_asked(self) -> None:
        mesh, first = a_mesh()
        # It would hold one more ready, behind what it runs.
        second = mesh.node("n2", ahead=1)
        a_late(mesh, "other")
        a_late(mesh)
        assert len(first.tasks) == len(second.tasks) == 1

        mesh.wait(LONG_S)

        assert mesh.board.tally.hedged == 0

    def test_a_requester_has_no_more_running_than_its_quota_allows(self) -> None:
        mesh, _ = a_mesh(quotas=QuotaSettings(running_max=1))
        mesh.node("n2")
        a_late(mesh, requester="ann")

        mesh.wait(LONG_S)

        assert mesh.board.tally.hedged == 0

    def test_what_streams_already_is_left_alone(self) -> None:
        mesh, first = a_mesh()
        mesh.node("n2")
        a_late(mesh)
        said = events.ChunkArrived(first.address, first.lease_of("a"), 0, packed("once"))
        mesh.feed(said)

        mesh.wait(LONG_S)

        assert mesh.board.tally.hedged == 0


class TestWhatBecomesOfIt:
    def test_the_circuit_of_a_node_hears_of_a_run_that_failed(self) -> None:
        mesh, first = a_mesh(accepted=400)
        second = mesh.node("n2")
        told: list[Effect] = []
        for number in range(IN_A_ROW):
            a_late(mesh, f"a{number}")
            mesh.wait(LONG_S)
            assert mesh.entry(f"a{number}").is_hedged
            slow = first if f"a{number}" in first.tasks else second
            told += mesh.fail(second, f"a{number}")
            mesh.complete(first, f"a{number}")
            assert slow.tasks == []

        (opened,) = incidents(told, "circuit_opened")
        assert opened.node_id == "n2"
        assert opened.reason.startswith("n2 gets no echo for 10 s")

    def hedged(self, **fields: Any) -> tuple[DispatchHarness, Worker, Worker]:
        mesh, first = a_mesh()
        second = mesh.node("n2")
        a_late(mesh, **fields)
        mesh.wait(LONG_S)
        assert first.tasks == second.tasks == ["a"]
        return mesh, first, second

    def test_the_first_may_win_as_well(self) -> None:
        mesh, first, second = self.hedged()

        mesh.complete(first, "a", "mine")

        assert mesh.ended("a").node_id == "n1"
        assert mesh.ended("a").attempt == 1
        assert second.tasks == []

    def test_only_the_one_that_counts_is_charged(self) -> None:
        mesh, _, second = self.hedged(requester="ann")
        account = mesh.board.shares.account("ann")
        assert account.running == 2

        mesh.complete(second, "a", run_s=3.0)

        assert (account.running, account.escrow) == (0, 0)
        assert account.served == 3_000_000

    def test_what_fails_for_good_on_one_node_ends_the_task_on_both(self) -> None:
        mesh, first, second = self.hedged()

        mesh.fail(second, "a", for_good=True)

        assert mesh.ended("a").status == TaskStatus.FAILED
        assert first.tasks == []

    def test_each_run_has_its_own_deadline_and_the_last_to_pass_counts(self) -> None:
        mesh, first, second = self.hedged(max_attempts=1)

        mesh.wait(2600.0)
        assert first.tasks == []
        assert mesh.phase("a") is Phase.LEASED
        mesh.wait(500.0)

        assert second.tasks == []
        ending = mesh.ended("a")
        assert ending.status == TaskStatus.FAILED
        assert ending.reason == "timed out after 3000 s"

    def test_a_run_that_failed_is_not_claimed_later_when_the_other_is_lost(self) -> None:
        mesh, first, second = self.hedged(max_attempts=2)
        spent = mesh.workers[first.address].lease_of("a")
        mesh.fail(first, "a")
        mesh.lose(second)
        assert first.tasks == ["a"]  # as its next attempt

        mesh.lose(first)
        first.forget_everything()
        mesh.arrive(first, claims=[Claim(spent, "a")])

        assert mesh.board.leases.holder(spent) is None

    def test_a_lost_node_whose_run_was_not_the_last_is_not_held_against_the_task(self) -> None:
        mesh, first, second = self.hedged()
        mesh.lose(second)

        assert mesh.entry("a").attempts == ()
        assert mesh.entry("a").losses == 0
        mesh.complete(first, "a")
        assert mesh.ended("a").attempt == 1

    def test_a_resumable_one_is_not_stopped_while_two_nodes_have_it_and_may_be_later(self) -> None:
        mesh, first, second = self.hedged(resumable=True)
        mesh.submit(a_spec("chat", latency_target_s=1.0))
        assert first.tasks == second.tasks == ["a"]

        mesh.lose(second)
        mesh.submit(a_spec("another", latency_target_s=1.0))

        assert first.tasks == []

    def test_progress_does_not_go_back_to_whoever_is_behind(self) -> None:
        mesh, first, second = self.hedged()
        for worker, fraction in ((first, 0.7), (second, 0.1)):
            lease = worker.lease_of("a")
            mesh.feed(events.AttemptProgressed(worker.address, lease, fraction, ""))

        assert mesh.entry("a").progress == (0.7, "")

    def test_it_is_told_where_it_stands(self) -> None:
        mesh, _, _ = self.hedged()
        entry = mesh.entry("a")

        view = task_of(entry.spec, entry.created_at)
        add_progress(view, entry)

        assert (view.assigned_node, view.second_node) == ("n1", "n2")
        assert [event.node_id for event in story_so_far(entry)] == ["n1", "n2"]
        assert explain(mesh.board, entry, mesh.now).sentences[-1].startswith("is late on n1")

    def test_a_failure_says_what_was_seen_decided_and_what_became_of_it(self) -> None:
        mesh, _, second = self.hedged()
        mesh.complete(second, "a")
        history = FailureHistory(simulated_world(seed=1), kept_max=10)
        late, over = incidents(mesh.effects, "attempt_late", "hedge_over")
        facts = failure_of(late)
        assert facts is not None
        history.note(**facts)

        history.over(over)

        (event,) = history.recent()
        assert event.failure_type is FailureType.TASK_TIMEOUT
        assert event.recovery_strategy is RecoveryStrategy.REPLICATE
        assert event.is_recovered
        assert [step.what.partition(" ")[0] for step in event.steps] == [
            "noticed:",
            "decided:",
            "the",
        ]
        assert event.recovery_status.endswith("n1 was stopped, 50.0 s after the second began")
