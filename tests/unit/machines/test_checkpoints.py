"""What a handler has kept of a task is given to the attempt that comes next."""

from __future__ import annotations

import pytest

from cognitive_architecture.distributed_mesh.machines import events
from cognitive_architecture.distributed_mesh.machines.checkpoints import Checkpoints
from cognitive_architecture.foundation.settings import DispatchSettings
from tests.support.builders import a_spec, packed
from tests.support.harness import DispatchHarness, Worker

PATIENT = DispatchSettings(node_silence_s=3600.0, node_silence_max_s=3600.0)


def save(mesh: DispatchHarness, worker: Worker, task_id: str, data: bytes) -> None:
    mesh.feed(events.CheckpointSaved(worker.address, worker.lease_of(task_id), data))


def given(worker: Worker) -> list[bytes]:
    return [assignment.checkpoint for assignment in worker.assignments.values()]


def a_mesh() -> tuple[DispatchHarness, Worker]:
    mesh = DispatchHarness(PATIENT)
    worker = mesh.node("n1")
    mesh.submit(a_spec("a", max_attempts=5, resumable=True))
    assert given(worker) == [b""]
    save(mesh, worker, "a", b"one")
    save(mesh, worker, "a", b"two")
    return mesh, worker


@pytest.mark.parametrize("how", ["failed", "timed out", "handed back", "lost", "restart"])
def test_the_next_attempt_has_the_latest_however_the_one_before_ended(how: str) -> None:
    mesh, worker = a_mesh()
    match how:
        case "failed":
            mesh.fail(worker, "a")
        case "timed out":
            mesh.time_out(worker, "a")
        case "handed back":
            mesh.hand_back(worker, "a")
        case _:
            if how == "lost":
                mesh.lose(worker)
            else:
                mesh.restart()
            worker.forget_everything()
            mesh.arrive(worker)
    mesh.wait(5.0)

    assert given(worker) == [b"two"]


def test_a_task_that_was_stopped_for_another_goes_on_where_it_was() -> None:
    mesh, worker = a_mesh()
    mesh.submit(a_spec("urgent", latency_target_s=1.0))
    mesh.report(worker)
    assert worker.tasks == ["urgent"]
    assert given(worker) == [b""]

    mesh.complete(worker, "urgent")

    assert given(worker) == [b"two"]


def test_what_is_said_under_a_lease_that_is_over_is_not_kept() -> None:
    mesh, worker = a_mesh()
    lease = worker.lease_of("a")
    mesh.fail(worker, "a")
    mesh.feed(events.CheckpointSaved(worker.address, lease, b"late"))
    mesh.wait(5.0)

    assert given(worker) == [b"two"]


def test_it_is_gone_when_the_task_is() -> None:
    mesh, worker = a_mesh()
    assert mesh.disk.checkpoints

    mesh.complete(worker, "a")

    assert not mesh.board.checkpoints.by_serial
    assert not mesh.disk.checkpoints


@pytest.mark.parametrize("restarts", [False, True])
def test_another_capability_does_not_get_it(restarts: bool) -> None:
    mesh = DispatchHarness(PATIENT)
    one, two = mesh.node("one", "one"), mesh.node("two", "two")
    mesh.submit(a_spec("a", task_type="one", max_attempts=1, fallback=("two",)))
    save(mesh, one, "a", b"of one")
    mesh.fail(one, "a")
    if restarts:
        mesh.restart()
        for worker in (one, two):
            worker.forget_everything()
            mesh.arrive(worker)
        mesh.wait(5.0)
    assert given(two) == [b""]
    save(mesh, two, "a", b"of two")
    mesh.lose(two)
    two.forget_everything()
    mesh.arrive(two)
    mesh.wait(5.0)

    assert given(two) == [b"of two"]


def test_all_of_them_together_are_bounded() -> None:
    kept = Checkpoints(bytes_max=10)
    assert kept.keep(1, b"12345")
    assert kept.keep(2, b"12345")
    assert not kept.keep(1, b"123456")
    assert kept.of(1) == b"12345"
    assert kept.keep(1, b"1")
    assert kept.keep(3, b"1234")
    assert kept.bytes == 10
    assert [one.serial for one in kept.drop(2)] == [2]
    assert kept.drop(2) == []
    assert (kept.bytes, len(kept.by_serial)) == (5, 2)


def test_one_that_is_too_large_is_not_kept() -> None:
    mesh = DispatchHarness(DispatchSettings(payload_bytes_max=1024))
    worker = mesh.node("n1")
    mesh.submit(a_spec("a"))
    save(mesh, worker, "a", packed("x" * 2000))
    assert not mesh.board.checkpoints.by_serial
