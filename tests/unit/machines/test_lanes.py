from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.machines.entry import Entry, Phase
from cognitive_architecture.distributed_mesh.machines.lanes import Lane
from cognitive_architecture.distributed_mesh.machines.needs import Needs
from cognitive_architecture.distributed_mesh.machines.roster import Roster
from cognitive_architecture.distributed_mesh.machines.seats import SeatIndex
from tests.support.builders import a_spec
from tests.support.examples import quick


def an_entry(name: object = "a") -> Entry:
    return Entry(1, a_spec(str(name)), 0.0, 0.0)


def a_lane() -> Lane:
    return Lane(SeatIndex(Needs("echo", frozenset({"echo"})), lambda _: 1.0, Roster()))


def popped(lane: Lane) -> list[str]:
    """Everybody who waits, in the order in which they go."""
    found = []
    while lane.front() is not None:
        found.append(lane.pop().spec.task_id)
    return found


class TestLane:
    def test_the_smallest_order_goes_first(self) -> None:
        lane, tickets = a_lane(), count(1)
        for order in (3.0, 1.0, 2.0):
            lane.push(order, next(tickets), an_entry(order))
        assert lane.waiting == 3
        assert lane.front() == (1.0, an_entry(1.0).serial)
        assert popped(lane) == ["1.0", "2.0", "3.0"]
        assert lane.waiting == 0

    def test_of_equals_who_came_first(self) -> None:
        lane = a_lane()
        for ticket in range(1, 6):
            lane.push(0.0, ticket, an_entry(ticket))
        assert popped(lane) == ["1", "2", "3", "4", "5"]

    def test_who_waits_is_queued_under_its_ticket(self) -> None:
        lane, entry = a_lane(), an_entry()
        lane.push(1.0, 7, entry)
        assert (entry.phase, entry.ticket) == (Phase.QUEUED, 7)

    def test_who_leaves_is_passed_over(self) -> None:
        lane = a_lane()
        entries = [an_entry(number) for number in range(5)]
        for ticket, entry in enumerate(entries, 1):
            lane.push(float(ticket), ticket, entry)
        lane.leave(entries[0])
        lane.leave(entries[2])
        assert lane.waiting == 3
        assert popped(lane) == ["1", "3", "4"]

    def test_who_leaves_and_comes_back_stands_where_it_came_back(self) -> None:
        lane, first, second = a_lane(), an_entry("first"), an_entry("second")
        lane.push(1.0, 1, first)
        lane.push(2.0, 2, second)
        lane.leave(first)
        lane.push(3.0, 3, first)
        assert popped(lane) == ["second", "first"]

    def test_places_of_those_who_left_do_not_pile_up(self) -> None:
        lane, tickets = a_lane(), count(1)
        for _ in range(10_000):
            entry = an_entry()
            lane.push(1.0, next(tickets), entry)
            lane.leave(entry)
        assert lane.waiting == 0
        assert len(lane._heap) <= 65

    @given(st.lists(st.tuples(st.floats(0, 100), st.booleans()), max_size=300))
    @quick(100)
    def test_whatever_leaves_the_rest_keeps_its_order(
        self, waiting: list[tuple[float, bool]]
    ) -> None:
        lane, expected = a_lane(), []
        for ticket, (order, leaves) in enumerate(waiting, 1):
            entry = an_entry(ticket)
            lane.push(order, ticket, entry)
            if leaves:
                lane.leave(entry)
                entry.phase = Phase.CLOSING
            else:
                expected.append((order, ticket))
        assert popped(lane) == [str(ticket) for _, ticket in sorted(expected)]
