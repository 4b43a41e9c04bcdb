from __future__ import annotations

import json
from typing import Any

import pytest

from cognitive_architecture.distributed_mesh.fault_tolerance import (
    FailureEvent,
    FailureType,
    FaultToleranceManager,
    FaultToleranceSettings,
    RecoveryStrategy,
)
from cognitive_architecture.distributed_mesh.machines.effects import Effect, Incident
from cognitive_architecture.distributed_mesh.policies.recovery import (
    NOTED,
    PlannedStep,
    RecoveryPlan,
)
from cognitive_architecture.foundation.errors import (
    ConfigurationError,
)
from cognitive_architecture.foundation.settings import DispatchSettings
from cognitive_architecture.foundation.world import SimulatedClock, World, simulated_world
from tests.support.asynchronous import async_test, turns
from tests.support.builders import a_spec
from tests.support.harness import DispatchHarness


def clock_of(world: World) -> SimulatedClock:
    assert isinstance(world.clock, SimulatedClock)
    return world.clock


class TestHealth:
    def test_the_first_update_registers_the_node(self) -> None:
        manager = FaultToleranceManager(world=simulated_world())
        score = manager.update_node_health(
            "node_id", cpu_usage=0.5, memory_usage=0.3, network_latency=50.0
        )
        assert manager.register_node_health("node_id").health_score == score
        assert manager.get_health_summary()["summary"] == {
            "total_nodes": 1,
            "healthy_nodes": 1,
            "unresponsive_nodes": 0,
            "average_health": score,
        }

    @pytest.mark.parametrize(
        ("metrics", "sentence"),
        [
            ({"cpu": 0.5}, r"^cpu: no such health measure; there are cpu_usage"),
            ({"cpu_usage": 50.0}, r"^cpu_usage: 0 to 1 is allowed, not 50\.0$"),
        ],
    )
    def test_a_wrong_measure_changes_nothing(
        self, metrics: dict[str, float], sentence: str
    ) -> None:
        manager = FaultToleranceManager(world=simulated_world())
        with pytest.raises(ConfigurationError, match=sentence):
            manager.update_node_health("n1", **metrics)
        assert manager.get_health_summary()["nodes"] == {}

    def test_an_ill_node_is_not_counted_as_healthy(self) -> None:
        manager = FaultToleranceManager(world=simulated_world())
        manager.update_node_health("well")
        manager.update_node_health("ill", task_success_rate=0.1, error_rate=0.9)
        summary = manager.get_health_summary()["summary"]
        assert (summary["total_nodes"], summary["healthy_nodes"]) == (2, 1)

    def test_over_no_nodes_health_is_perfect(self) -> None:
        summary = FaultToleranceManager(world=simulated_world()).get_health_summary()["summary"]
        assert (summary["total_nodes"], summary["average_health"]) == (0, 1.0)

    @pytest.mark.parametrize(
        ("measure", "kind"),
        [
            ("cpu_usage", FailureType.RESOURCE_EXHAUSTION),
            ("memory_usage", FailureType.RESOURCE_EXHAUSTION),
        ],
    )
    def test_exhaustion_is_told_once_until_it_was_clearly_left(
        self, measure: str, kind: FailureType
    ) -> None:
        manager = FaultToleranceManager(world=simulated_world())
        counts = []
        for value in (0.94, 0.95, 0.99, 0.90, 0.96, 0.84, 0.95):
            manager.update_node_health("n1", **{measure: value})
            counts.append(manager.get_failure_statistics()["failures_by_type"][kind])
        assert counts == [0, 1, 1, 1, 1, 1, 2]
        assert manager.recent_failures(1)[0].metadata == {
            "measure": measure,
            "value": 0.95,
            "limit": 0.95,
        }

    def test_a_high_error_rate_is_a_failure_of_tasks(self) -> None:
        manager = FaultToleranceManager(world=simulated_world())
        for value in (0.5, 0.45, 0.6, 0.39, 0.5):
            manager.update_node_health("n1", error_rate=value)
        kinds = [event.failure_type for event in manager.recent_failures()]
        assert kinds == [FailureType.TASK_FAILURE] * 2
        assert manager.recent_failures()[0].recovery_strategy is None
        assert manager.recent_failures()[0].recovery_status == NOTED

    def test_each_node_has_alarms_of_its_own(self) -> None:
        manager = FaultToleranceManager(world=simulated_world())
        manager.update_node_health("n1", cpu_usage=1.0)
        manager.update_node_health("n2", cpu_usage=1.0)
        manager.forget_node_health("n1")
        manager.update_node_health("n1", cpu_usage=1.0)
        assert [e.affected_node_id for e in manager.recent_failures()] == ["n1", "n2", "n1"]


class TestMonitoring:
    @async_test
    async def test_a_silent_node_is_told_of_once_until_it_speaks_again(self) -> None:
        world = simulated_world()
        clock = clock_of(world)
        manager = FaultToleranceManager(world=world)
        manager.register_node_health("n1")
        await manager.start_monitoring()

        async def at(instant: float) -> list[FailureEvent]:
            while clock.now() < instant:
                await turns()
                clock.jump_to(min(instant, clock.now() + 1.0))
            await turns()
            return manager.recent_failures()

        assert await at(29.0) == []
        assert [event.failure_type for event in await at(30.0)] == [FailureType.NODE_UNRESPONSIVE]
        assert len(await at(100.0)) == 1
        summary = manager.get_health_summary()
        assert summary["summary"]["healthy_nodes"] == 0
        assert summary["nodes"]["n1"]["is_unresponsive"]

        manager.update_node_health("n1", cpu_usage=0.1)
        assert manager.get_health_summary()["summary"]["healthy_nodes"] == 1
        assert len(await at(129.0)) == 1
        assert len(await at(130.0)) == 2
        await manager.stop_monitoring()

    @async_test
    async def test_starting_and_stopping_may_be_repeated(self) -> None:
        manager = FaultToleranceManager(world=simulated_world())
        assert not manager.get_failure_statistics()["monitoring_status"]["is_monitoring"]
        for _ in range(2):
            await manager.start_monitoring()
            await manager.start_monitoring()
            assert manager.get_failure_statistics()["monitoring_status"]["is_monitoring"]
            await manager.stop_monitoring()
            await manager.stop_monitoring()
            assert not manager.is_monitoring


def incidents(effects: list[Effect]) -> list[Incident]:
    return [effect for effect in effects if isinstance(effect, Incident)]


class TestWhatTheDispatchMachineTells:
    """Incidents of the real machine, so that a reworded reason is noticed here."""

    def watched(self, _mesh: DispatchHarness) -> FaultToleranceManager:
        return FaultToleranceManager(world=simulated_world())

    def told(self, manager: FaultToleranceManager, effects: list[Effect]) -> FailureEvent:
        for incident in incidents(effects):
            manager.observe(incident, None)
        (event,) = manager.recent_failures(1)
        return event

    def test_a_joining_node_is_watched_and_a_leaving_one_is_not(self) -> None:
        manager = FaultToleranceManager(world=simulated_world())
        manager.observe(Incident("node_joined", "n1"), None)
        assert manager.get_health_summary()["summary"]["total_nodes"] == 1
        manager.observe(Incident("node_left", "n1"), None)
        assert manager.get_health_summary()["summary"]["total_nodes"] == 0
        assert manager.get_failure_statistics()["total_failures"] == 0

    def test_a_process_that_is_gone_is_a_crash(self) -> None:
        mesh = DispatchHarness()
        manager, node = self.watched(mesh), mesh.node("n1")
        event = self.told(manager, mesh.lose(node))
        assert event.failure_type is FailureType.NODE_CRASH
        assert (event.affected_node_id, event.affected_task_id) == ("n1", None)
        assert event.recovery_strategy is RecoveryStrategy.REDISTRIBUTE
        assert event.recovery_status == "it held no task"
        assert event.is_recovered is None

    def test_a_node_not_heard_of_is_unresponsive(self) -> None:
        mesh = DispatchHarness()
        manager = self.watched(mesh)
        mesh.node("n1")
        event = self.told(manager, mesh.wait(11.0))
        assert event.failure_type is FailureType.NODE_UNRESPONSIVE
        assert event.steps[0].what == "last heard of"
        assert event.steps[0].after_s < -10.0

    def test_taking_a_node_away_before_it_ran_is_no_failure(self) -> None:
        manager = FaultToleranceManager(world=simulated_world())
        manager.observe(Incident("node_lost", "n1", "it was unregistered"), None)
        assert manager.recent_failures() == []

    def test_a_failed_attempt_is_followed_by_another(self) -> None:
        mesh = DispatchHarness()
        manager, node = self.watched(mesh), mesh.node("n1")
        mesh.submit(a_spec("a"))
        event = self.told(manager, mesh.fail(node, "a"))
        assert event.failure_type is FailureType.TASK_FAILURE
        assert (event.affected_node_id, event.affected_task_id) == ("n1", "a")
        assert event.description == "boom"
        assert event.recovery_status == "tried again after 0.5 s"
        assert event.is_recovered is False

    def test_the_last_failed_attempt_is_given_up(self) -> None:
        mesh = DispatchHarness(holds_writes=False)
        manager, node = self.watched(mesh), mesh.node("n1")
        mesh.submit(a_spec("a", max_attempts=1))
        mesh.holds_writes = True
        event = self.told(manager, mesh.fail(node, "a"))
        assert event.recovery_status.startswith("given up: no attempt was left")
        assert event.recovery_strategy is None
        assert event.severity > 0.5

    def test_an_attempt_that_takes_too_long_is_a_timeout(self) -> None:
        mesh = DispatchHarness(DispatchSettings(node_silence_s=3600.0))
        manager = self.watched(mesh)
        mesh.node("n1")
        mesh.submit(a_spec("a", timeout_s=5.0))
        event = self.told(manager, mesh.wait(10.0))
        assert event.failure_type is FailureType.TASK_TIMEOUT
        assert event.recovery_status == "tried again after 0.5 s"

    def test_a_failure_is_told_from_the_first_sign_to_the_last_task_that_is_elsewhere(self) -> None:
        mesh = DispatchHarness()
        manager = self.watched(mesh)
        n1, n2 = mesh.node("n1", slots=2), mesh.node("n2", slots=1)
        mesh.submit(a_spec("long"))
        (busy,) = (worker for worker in (n1, n2) if worker.tasks)
        assert busy is n1
        mesh.submit(a_spec("a"), a_spec("b"))
        effects = mesh.wait(1.0)
        effects += mesh.lose(n1)
        event = self.told(manager, effects)
        assert event.is_recovered is False
        assert event.recovery_status == "its 2 tasks go back to the old place in the queue"
        assert manager.get_failure_statistics()["not_recovered_yet"] == 1

        mesh.wait(0.5)
        effects = mesh.complete(n2, n2.tasks[0])
        mesh.wait(0.25)
        effects += mesh.complete(n2, n2.tasks[0])
        event = self.told(manager, effects)

        assert event.is_recovered is True
        assert [(step.what, step.after_s) for step in event.steps] == [
            ("noticed: its process or its link is gone", 0.0),
            ("decided: its 2 tasks go back to the old place in the queue", 0.0),
            ("the first of its tasks is with another node", 0.5),
            ("its 2 tasks are with n2 after 0.750 s", 0.75),
        ]
        statistics = manager.get_failure_statistics()
        assert statistics["not_recovered_yet"] == 0
        assert statistics["seconds_until_elsewhere"]["count"] == 1


class TestHistory:
    def test_counters_do_not_forget_what_the_history_does(self) -> None:
        manager = FaultToleranceManager(
            FaultToleranceSettings(history_max=3), world=simulated_world()
        )
        for number in range(10):
            manager.observe(
                Incident(
                    "attempt_failed",
                    "n1",
                    f"boom {number}",
                    "a",
                    {"failure": number},
                    FailureType.TASK_FAILURE,
                    RecoveryPlan((PlannedStep(RecoveryStrategy.REDISTRIBUTE, "again"),)),
                ),
                None,
            )
        statistics = manager.get_failure_statistics()
        assert statistics["total_failures"] == 10
        assert statistics["failures_by_type"]["task_failure"] == 10
        assert statistics["history"] == {"kept": 3, "forgotten": 7}
        assert [e.description for e in manager.recent_failures()] == ["boom 9", "boom 8", "boom 7"]
        assert manager.recent_failures(0) == []

    def test_statistics_can_be_said_in_json(self) -> None:
        manager = FaultToleranceManager(world=simulated_world())
        manager.update_node_health("n1", cpu_usage=1.0)
        mesh = DispatchHarness()
        effects = mesh.lose(mesh.node("n1"))
        for incident in incidents(effects):
            manager.observe(incident, None)
        manager.get_circuit_breaker("kobold")
        said = json.loads(json.dumps([manager.summary(), manager.get_health_summary()]))
        assert said[0]["recent_failures_by_node"] == {"n1": 2}

    def test_ids_and_times_come_from_the_world(self) -> None:
        world = simulated_world()
        clock_of(world).jump_to(5.0)
        manager = FaultToleranceManager(world=world)
        manager.update_node_health("n1", cpu_usage=1.0)
        event = manager.recent_failures()[0]
        assert (event.failure_id, event.timestamp) == ("failure-1", 1_700_000_005.0)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"silence_s": 0}, "silence_s: a number above 0, not 0"),
        ({"usage_alarm": 1.5}, "usage_alarm: a number from 0 to 1, not 1.5"),
        ({"history_max": 0}, "history_max: an integer from 1, not 0"),
        (
            {"error_rate_clear": 0.5},
            (
                "error_rate_clear must lie below error_rate_alarm, or every wobble is a new "
                "failure: 0.5 >= 0.5"
            ),
        ),
    ],
)
def test_settings_are_checked(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        FaultToleranceSettings(**settings)
    assert str(refused.value) == sentence


def test_the_values_of_the_enums_are_their_names_in_lower_case() -> None:
    for member in (*FailureType, *RecoveryStrategy):
        assert member.value == member.name.lower()
