from __future__ import annotations

import asyncio
import itertools
from collections.abc import Coroutine
from typing import Any

import pytest

from cognitive_architecture.distributed_mesh.load_testing.arrivals import Arrivals
from cognitive_architecture.distributed_mesh.load_testing.driver import PATIENCE_S, Driver
from cognitive_architecture.distributed_mesh.load_testing.measurement import Measurement
from cognitive_architecture.distributed_mesh.model import DistributedTask, TaskStatus
from cognitive_architecture.foundation.errors import (
    InvalidTask,
    QueueFull,
    TaskFailed,
    UnknownTask,
)
from cognitive_architecture.foundation.world import SimulatedClock
from tests.support.asynchronous import async_test, turns


class FakeMesh:
    """Answers each task after a time of its own, or as it is told."""

    def __init__(self, clock: SimulatedClock, *, takes_s: float = 0.0) -> None:
        self.clock = clock
        self.takes_s = takes_s
        self.is_deaf = False
        """Tasks are accepted and never end."""
        self.has_forgotten = False
        self.error: Exception | None = None
        self.arrived: list[float] = []
        self.cancelled: list[str] = []
        self.at_once_max = 0
        self._at_once = 0

    async def run(self, task: DistributedTask) -> Any:
        assert task.task_id
        self.arrived.append(self.clock.now())
        if self.error is not None:
            raise self.error
        self._at_once += 1
        self.at_once_max = max(self.at_once_max, self._at_once)
        try:
            if self.is_deaf:
                await asyncio.Event().wait()
            await self.clock.sleep_until(self.clock.now() + self.takes_s)
        finally:
            self._at_once -= 1
        return {}

    def get_task_status(self, task_id: str) -> TaskStatus:
        if self.has_forgotten:
            raise UnknownTask(task_id)
        return TaskStatus.RUNNING

    def cancel_task(self, task_id: str) -> bool:
        self.cancelled.append(task_id)
        return True


class Drive:
    """A driver, its mesh, and time that moves when everybody waits for it."""

    def __init__(self, *, takes_s: float = 0.0) -> None:
        self.clock = SimulatedClock()
        self.mesh = FakeMesh(self.clock, takes_s=takes_s)
        self.measured = Measurement(began=0.0)
        serials = itertools.count()
        self.driver = Driver(
            self.mesh,
            self.clock,
            lambda: DistributedTask(task_id=f"t{next(serials)}", task_type="echo"),
            [self.measured],
        )

    async def play(self, story: Coroutine[Any, Any, None]) -> None:
        playing = asyncio.create_task(story)
        while not playing.done():
            await turns(20)
            if not playing.done():
                self.clock.jump_to(min(timer.instant for timer in self.clock._timers))
        await playing


@async_test
async def test_tasks_arrive_when_they_are_due_whatever_the_mesh_answers() -> None:
    drive = Drive(takes_s=5.0)
    await drive.play(drive.driver.send(Arrivals(rate=4.0, duration_s=1.0), in_flight_max=10))
    assert drive.mesh.arrived == [0.0, 0.25, 0.5, 0.75]
    assert drive.measured.latencies.largest == 5.0
    assert drive.measured.send_delays.largest == 0.0
    assert (drive.measured.sent, drive.measured.completed, drive.measured.unsent) == (4, 4, 0)


@async_test
async def test_latency_counts_from_when_a_task_was_due_not_from_when_it_was_sent() -> None:
    drive = Drive(takes_s=0.75)
    await drive.play(drive.driver.send(Arrivals(rate=2.0, duration_s=2.0), in_flight_max=1))
    assert drive.mesh.arrived == [0.0, 0.75, 1.5], "one at a time"
    # Due at 0, 0.5 and 1; done at 0.75, 1.5 and 2.25.
    assert drive.measured.latencies.mean == pytest.approx((0.75 + 1.0 + 1.25) / 3)
    assert drive.measured.latencies.largest == 1.25
    assert drive.measured.send_delays.largest == 0.5
    assert drive.measured.unsent == 1, "the task due at 1.5 found no place before the end"
    assert drive.measured.due == 4


@async_test
async def test_saturation_keeps_every_place_taken() -> None:
    drive = Drive(takes_s=1.0)
    await drive.play(drive.driver.saturate(2.5, in_flight_max=3))
    assert drive.mesh.arrived == [0.0] * 3 + [1.0] * 3 + [2.0] * 3
    assert drive.mesh.at_once_max == 3
    assert drive.measured.completed == 9
    assert drive.measured.throughput == 3.0
    assert drive.measured.unsent == 0


@async_test
async def test_a_failed_task_is_counted_with_its_reason() -> None:
    drive = Drive()
    drive.mesh.error = TaskFailed("t0", "boom")
    await drive.play(drive.driver.send(Arrivals(rate=2.0, duration_s=1.0), in_flight_max=1))
    assert (drive.measured.failed, drive.measured.success_rate) == (2, 0.0)
    assert drive.measured.reasons == {"boom": 2}


@async_test
async def test_a_refused_task_keeps_its_place_until_it_may_come_back() -> None:
    drive = Drive()
    drive.mesh.error = QueueFull("the queue is full", 0.4)
    await drive.play(drive.driver.saturate(1.0, in_flight_max=1))
    assert drive.mesh.arrived == [0.0, 0.4, 0.8]
    assert (drive.measured.refused, drive.measured.lost, drive.measured.unfinished) == (3, 0, 0)
    assert drive.mesh.cancelled == []


@pytest.mark.parametrize("error", [InvalidTask("payload: no"), ZeroDivisionError("no")])
@async_test
async def test_what_repeating_cannot_help_ends_the_test(error: Exception) -> None:
    drive = Drive()
    drive.mesh.error = error
    with pytest.raises(type(error), match="no"):
        await drive.play(drive.driver.send(Arrivals(rate=10.0, duration_s=60.0), in_flight_max=5))
    assert drive.mesh.arrived == [0.0]


@async_test
async def test_what_is_open_when_patience_ends_is_unfinished_and_cancelled() -> None:
    drive = Drive()
    drive.mesh.is_deaf = True
    await drive.play(drive.driver.send(Arrivals(rate=2.0, duration_s=1.0), in_flight_max=5))
    assert drive.clock.now() == 0.5 + PATIENCE_S
    assert (drive.measured.unfinished, drive.measured.lost) == (2, 0)
    assert drive.mesh.cancelled == ["t0", "t1"]
    assert drive.driver.in_flight == 0


@async_test
async def test_what_the_mesh_no_longer_knows_is_lost() -> None:
    drive = Drive()
    drive.mesh.is_deaf = drive.mesh.has_forgotten = True
    await drive.play(drive.driver.send(Arrivals(rate=2.0, duration_s=1.0), in_flight_max=5))
    assert (drive.measured.unfinished, drive.measured.lost) == (0, 2)


@async_test
async def test_a_cancelled_test_leaves_nothing_open_in_the_mesh() -> None:
    drive = Drive()
    drive.mesh.is_deaf = True
    sending = asyncio.create_task(drive.driver.saturate(60.0, in_flight_max=3))
    await turns()
    sending.cancel()
    await asyncio.wait([sending])
    assert sending.cancelled()
    assert drive.mesh.cancelled == ["t0", "t1", "t2"]
    assert drive.driver.in_flight == 0


@async_test
async def test_every_measurement_of_the_moment_is_told() -> None:
    drive = Drive(takes_s=1.0)
    window = Measurement(began=0.0)
    told = [drive.measured, window]
    drive.driver._measurements = told

    async def story() -> None:
        sending = asyncio.create_task(drive.driver.saturate(3.5, in_flight_max=1))
        await drive.clock.sleep_until(1.5)
        told[1] = Measurement(began=1.5)
        await sending

    await drive.play(story())
    assert (drive.measured.completed, window.completed, told[1].completed) == (4, 1, 3)


def test_steps_add_up() -> None:
    total, step = Measurement(began=0.0), Measurement(began=1.0)
    for measured, latency in ((total, 0.1), (step, 0.3)):
        measured.note_sent(0.0)
        measured.note_completed(latency, 2.0)
    step.note_sent(0.0)
    step.note_failed("boom", 3.0)
    step.unsent, step.lost = 2, 1
    total.absorb(step)
    said = total.to_dict()
    assert said["total_tasks_due"] == 5
    assert said["total_tasks_sent"] == 3
    assert said["total_tasks_completed"] == 2
    assert said["total_tasks_failed"] == said["total_tasks_lost"] == 1
    assert said["success_rate"] == pytest.approx(2 / 3)
    assert said["throughput"] == pytest.approx(2 / 3)
    assert said["average_latency"] == pytest.approx(0.2)
    assert said["reasons"] == {"boom": 1}


def test_only_a_few_reasons_are_kept() -> None:
    measured = Measurement(began=0.0)
    for number in range(100):
        measured.note_refused(f"reason {number}")
    measured.note_refused("reason 0")
    assert measured.reasons == {"reason 0": 2} | {f"reason {n}": 1 for n in range(1, 5)}
    assert measured.refused == 101
