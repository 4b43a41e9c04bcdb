"""What the dispatch machine does about failures beyond another attempt."""

from __future__ import annotations

from cognitive_architecture.distributed_mesh.machines import events
from cognitive_architecture.distributed_mesh.machines.effects import Effect, Incident
from cognitive_architecture.distributed_mesh.model import UNREACHED, TaskStatus
from cognitive_architecture.foundation.settings import DispatchSettings, RecoverySettings
from tests.support.builders import a_spec
from tests.support.harness import DispatchHarness

PATIENT = DispatchSettings(node_silence_s=3600.0, node_silence_max_s=3600.0)


def kinds(effects: list[Effect]) -> list[str]:
    return [effect.kind for effect in effects if isinstance(effect, Incident)]


class TestFallback:
    def test_another_capability_is_tried_when_the_attempts_are_used_up(self) -> None:
        mesh = DispatchHarness(PATIENT)
        poet, clerk = mesh.node("poet", "haiku"), mesh.node("clerk", "prose")
        mesh.submit(a_spec("a", task_type="haiku", max_attempts=2, fallback=("prose",)))
        mesh.fail(poet, "a")
        mesh.wait(1.0)
        assert poet.tasks == ["a"]

        mesh.fail(poet, "a")

        assert clerk.tasks == ["a"]
        mesh.complete(clerk, "a", "prose will do")
        assert mesh.ended("a").status == TaskStatus.COMPLETED

    def test_each_capability_has_its_own_attempts_and_the_last_one_ends_it(self) -> None:
        mesh = DispatchHarness(PATIENT)
        workers = [mesh.node(name, name) for name in ("one", "two", "three")]
        spec = a_spec("a", task_type="one", max_attempts=2, fallback=("two", "three"))
        mesh.submit(spec)
        tried = []
        for _ in range(6):
            (worker,) = (worker for worker in workers if worker.tasks)
            tried.append(worker.node_id)
            mesh.fail(worker, "a")
            mesh.wait(1.0)
        assert tried == ["one", "one", "two", "two", "three", "three"]
        assert mesh.ended("a").status == TaskStatus.FAILED

    def test_a_restart_goes_on_where_it_was(self) -> None:
        mesh = DispatchHarness(PATIENT)
        one, two = mesh.node("one", "one"), mesh.node("two", "two")
        mesh.submit(a_spec("a", task_type="one", max_attempts=1, fallback=("two",)))
        mesh.fail(one, "a")
        assert two.tasks == ["a"]
        mesh.restart()
        for worker in (one, two):
            worker.forget_everything()
            mesh.arrive(worker)

        mesh.wait(5.0)

        assert (one.tasks, two.tasks) == ([], ["a"])

    def test_a_capability_that_nobody_ever_offered_is_no_help(self) -> None:
        mesh = DispatchHarness(PATIENT)
        node = mesh.node("n1")
        mesh.submit(a_spec("a", max_attempts=1, fallback=("levitation",)))

        mesh.fail(node, "a")

        assert mesh.ended("a").status == TaskStatus.FAILED


class TestPoison:
    def kill(self, mesh: DispatchHarness, names: list[str]) -> list[Effect]:
        effects: list[Effect] = []
        for name in names:
            worker = mesh.node(name)
            effects += mesh.wait(3.0)
            effects += mesh.lose(worker)
        return effects

    def test_a_task_that_kills_three_different_nodes_is_quarantined_with_evidence(self) -> None:
        mesh = DispatchHarness(PATIENT)
        worker = mesh.node("n0")
        mesh.submit(a_spec("poison"))
        mesh.wait(3.0)
        mesh.lose(worker)

        effects = self.kill(mesh, ["n1", "n2", "n3"])

        assert kinds(effects).count("task_quarantined") == 1
        ended = mesh.ended("poison")
        assert ended.status == TaskStatus.FAILED
        assert ended.reason is not None
        assert "3 different nodes were lost while they worked on it (n0, n1, n2)" in ended.reason

    def test_one_node_that_dies_again_and_again_does_not_make_a_task_poison(self) -> None:
        mesh = DispatchHarness(PATIENT, recovery=RecoverySettings(flapping_losses_max=100))
        worker = mesh.node("n1")
        mesh.submit(a_spec("innocent"))
        for _ in range(5):
            mesh.wait(3.0)
            mesh.lose(worker)
            worker.forget_everything()
            mesh.arrive(worker)

        mesh.complete(worker, "innocent")

        assert mesh.ended("innocent").status == TaskStatus.COMPLETED

    def test_what_never_came_to_its_nodes_has_killed_none_of_them(self) -> None:
        mesh = DispatchHarness(PATIENT, recovery=RecoverySettings(poison_nodes_max=1))
        worker = mesh.node("n1")
        mesh.submit(a_spec("innocent"))
        mesh.beat(worker)

        effects = mesh.beat(worker, held=[])

        assert kinds(effects) == ["attempt_unreached"]
        assert [one.outcome for one in mesh.entry("innocent").attempts] == [UNREACHED]
        assert mesh.entry("innocent").losses == 1, "it is not sent in vain for ever"
        mesh.complete(mesh.node("n2"), "innocent")
        assert mesh.ended("innocent").status == TaskStatus.COMPLETED

    def vanish_together(self, mesh: DispatchHarness, round_: int) -> None:
        """Three nodes, one of which holds the task, vanish at once and alone are all there is."""
        workers = [mesh.node(f"r{round_}-{place}") for place in range(3)]
        mesh.wait(3.0)
        for worker in workers:
            mesh.lose(worker)
        mesh.wait(3.0)

    def test_what_was_excused_stays_excused_when_the_orchestrator_starts_again(self) -> None:
        mesh = DispatchHarness(PATIENT)
        mesh.submit(a_spec("innocent", wait_for_node=True))
        for round_ in (1, 2):
            self.vanish_together(mesh, round_)
            entry = mesh.entry("innocent")
            assert entry.losses == entry.excused == 3 * round_, "it was with each of them"
            mesh.restart()
            assert mesh.entry("innocent").excused == 3 * round_

        self.kill(mesh, ["n1", "n2"])
        worker = mesh.node("n3")
        mesh.wait(3.0)
        mesh.complete(worker, "innocent")

        assert mesh.ended("innocent").status == TaskStatus.COMPLETED

    def test_one_that_kills_quickly_is_given_to_nobody_until_it_is_judged(self) -> None:
        mesh = DispatchHarness(PATIENT)
        workers = [mesh.node(f"n{number}") for number in range(20)]
        mesh.submit(a_spec("poison"))
        for _ in range(3):
            (worker,) = (w for w in workers if w.tasks)
            mesh.lose(worker)
            worker.forget_everything()
            mesh.wait(0.1)
        assert not any(worker.tasks for worker in workers)

        effects = mesh.wait(3.0)

        assert kinds(effects).count("task_quarantined") == 1
        assert mesh.ended("poison").status == TaskStatus.FAILED

    def test_a_node_that_comes_back_and_goes_on_was_cut_off_and_not_killed(self) -> None:
        mesh = DispatchHarness(PATIENT)
        mesh.submit(a_spec("innocent", wait_for_node=True))
        for name in ("n1", "n2", "n3", "n4"):
            worker = mesh.node(name)
            mesh.lose(worker)
            mesh.arrive(worker)
            assert worker.tasks == ["innocent"], "it goes on"
            mesh.restart()
            mesh.arrive(worker)
            mesh.wait(3.0)
            mesh.feed(events.NodeLeft(worker.address))
        entry = mesh.entry("innocent")
        assert entry.losses == entry.excused == 4

        mesh.complete(mesh.node("n5"), "innocent")

        assert mesh.ended("innocent").status == TaskStatus.COMPLETED

    def test_what_was_not_excused_counts_after_a_restart_too(self) -> None:
        mesh = DispatchHarness(PATIENT)
        mesh.submit(a_spec("poison", wait_for_node=True))
        for name in ("n1", "n2"):
            self.kill(mesh, [name])
            mesh.restart()
        effects = self.kill(mesh, ["n3"]) + mesh.wait(3.0)

        assert "task_quarantined" in kinds(effects)


class TestTable:
    def test_without_redistribute_a_lost_task_ends(self) -> None:
        mesh = DispatchHarness(PATIENT, recovery=RecoverySettings(on_node_crash=["restart"]))
        worker = mesh.node("n1")
        mesh.node("n2")
        mesh.submit(a_spec("a"))
        (worker,) = (w for w in mesh.workers.values() if w.tasks)

        mesh.lose(worker)

        assert mesh.ended("a").reason == (
            "given up: recovery.on_node_crash does not name redistribute"
        )

    def test_without_redistribute_a_failed_attempt_is_the_last(self) -> None:
        mesh = DispatchHarness(PATIENT, recovery=RecoverySettings(on_task_failure=[]))
        worker = mesh.node("n1")
        mesh.submit(a_spec("a", max_attempts=3))

        mesh.fail(worker, "a")

        assert mesh.ended("a").status == TaskStatus.FAILED


class TestRetryStorms:
    def test_retries_beyond_the_budget_wait_for_their_turn(self) -> None:
        mesh = DispatchHarness(PATIENT)
        worker = mesh.node("n1", slots=200)
        mesh.submit(*(a_spec(f"t{number}", max_attempts=2) for number in range(200)))
        for task_id in list(worker.tasks):
            mesh.fail(worker, task_id)

        mesh.wait(2.0)
        soon = len(worker.tasks)
        mesh.wait(30.0)

        assert soon <= 40
        assert len(worker.tasks) == 200
