from types import SimpleNamespace

import psutil
import pytest

from cognitive_architecture.distributed_mesh.node.vitals import CpuUsage, MachineVitals
from cognitive_architecture.foundation.world import SimulatedClock


class Machine:
    """A machine whose cores work when the test says so."""

    def __init__(self) -> None:
        self.worked_s = self.rested_s = 0.0
        self.memory_percent = 40.0
        self.looks = 0

    def passes(self, *, worked_s: float = 0.0, rested_s: float = 0.0) -> None:
        self.worked_s += worked_s
        self.rested_s += rested_s

    def cpu_times(self) -> "Times":
        self.looks += 1
        return Times((self.worked_s, self.rested_s))

    def virtual_memory(self) -> SimpleNamespace:
        return SimpleNamespace(percent=self.memory_percent)


class Times(tuple[float, float]):
    __slots__ = ()

    @property
    def idle(self) -> float:
        return self[1]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine()
    monkeypatch.setattr(psutil, "cpu_times", machine.cpu_times)
    monkeypatch.setattr(psutil, "virtual_memory", machine.virtual_memory)
    return machine


class TestCpuUsage:
    def test_is_the_share_since_it_was_last_asked(self, machine: Machine) -> None:
        usage = CpuUsage()
        machine.passes(worked_s=1.0, rested_s=3.0)
        assert usage.since_last() == 0.25
        machine.passes(worked_s=1.0)
        assert usage.since_last() == 1.0

    def test_is_not_disturbed_by_others_who_ask(self, machine: Machine) -> None:
        usage, other = CpuUsage(), CpuUsage()
        machine.passes(worked_s=1.0, rested_s=1.0)
        assert (usage.since_last(), other.since_last()) == (0.5, 0.5)

    @pytest.mark.usefixtures("machine")
    def test_is_0_where_no_time_has_passed(self) -> None:
        assert CpuUsage().since_last() == 0.0

    def test_is_within_0_and_1_when_the_totals_go_back(self, machine: Machine) -> None:
        usage = CpuUsage()
        machine.passes(worked_s=2.0, rested_s=-1.0)
        assert usage.since_last() == 1.0


class TestMachineVitals:
    def test_all_nodes_of_a_process_hear_the_same(self, machine: Machine) -> None:
        clock = SimulatedClock()
        vitals = MachineVitals(clock)
        machine.passes(worked_s=1.0, rested_s=1.0)
        clock.jump_to(1.0)
        first = vitals.measure(uptime_s=1.0, stuck_slots=0)
        machine.passes(worked_s=0.01)
        clock.jump_to(1.01)
        second = vitals.measure(uptime_s=0.5, stuck_slots=2)
        assert (first.cpu_usage, second.cpu_usage) == (0.5, 0.5)
        assert (first.memory_usage, second.memory_usage) == (0.4, 0.4)
        assert (second.uptime_s, second.stuck_slots) == (0.5, 2)

    def test_the_machine_is_looked_at_again_after_half_a_second(self, machine: Machine) -> None:
        clock = SimulatedClock()
        vitals = MachineVitals(clock)
        machine.passes(worked_s=1.0)
        machine.memory_percent = 50.0
        clock.jump_to(0.49)
        assert vitals.measure(uptime_s=0.0, stuck_slots=0).cpu_usage == 0.0
        clock.jump_to(0.5)
        measured = vitals.measure(uptime_s=0.0, stuck_slots=0)
        assert (measured.cpu_usage, measured.memory_usage) == (1.0, 0.5)
        assert machine.looks == 2
