from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.machines.accounts import Account
from cognitive_architecture.distributed_mesh.machines.entry import Entry, Phase
from cognitive_architecture.distributed_mesh.machines.lanes import Lane
from cognitive_architecture.distributed_mesh.machines.lines import Line
from cognitive_architecture.distributed_mesh.machines.needs import Needs
from cognitive_architecture.distributed_mesh.machines.roster import Roster
from cognitive_architecture.distributed_mesh.machines.seats import SeatIndex
from tests.support.builders import a_spec
from tests.support.examples import quick


def an_entry(name: object = "a") -> Entry:
    return Entry(1, a_spec(str(name)), 0.0, 0.0)


def a_line() -> Line:
    lane = Lane(SeatIndex(Needs("echo", frozenset({"echo"})), lambda _: 1.0, Roster()))
    return Line(lane, Account("ann", 1, 1, running_max=1))


def popped(line: Line) -> list[str]:
    """Everybody who waits, in the order in which they go."""
    found = []
    while line.front() is not None:
        found.append(line.pop().spec.task_id)
    return found


class TestLine:
    def test_the_smallest_order_goes_first(self) -> None:
        line, tickets = a_line(), count(1)
        for order in (3.0, 1.0, 2.0):
            line.push(order, next(tickets), an_entry(order))
        assert line.waiting == 3
        assert line.front() == (1.0, an_entry(1.0).serial)
        assert popped(line) == ["1.0", "2.0", "3.0"]
        assert line.waiting == 0

    def test_of_equals_who_came_first(self) -> None:
        line = a_line()
        for ticket in range(1, 6):
            line.push(0.0, ticket, an_entry(ticket))
        assert popped(line) == ["1", "2", "3", "4", "5"]

    def test_who_waits_is_queued_under_its_ticket(self) -> None:
        line, entry = a_line(), an_entry()
        line.push(1.0, 7, entry)
        assert (entry.phase, entry.ticket) == (Phase.QUEUED, 7)

    def test_who_leaves_is_passed_over(self) -> None:
        line = a_line()
        entries = [an_entry(number) for number in range(5)]
        for ticket, entry in enumerate(entries, 1):
            line.push(float(ticket), ticket, entry)
        line.leave(entries[0])
        line.leave(entries[2])
        assert line.waiting == 3
        assert popped(line) == ["1", "3", "4"]

    def test_who_leaves_and_comes_back_stands_where_it_came_back(self) -> None:
        line, first, second = a_line(), an_entry("first"), an_entry("second")
        line.push(1.0, 1, first)
        line.push(2.0, 2, second)
        line.leave(first)
        line.push(3.0, 3, first)
        assert popped(line) == ["second", "first"]

    def test_places_of_those_who_left_do_not_pile_up(self) -> None:
        line, tickets = a_line(), count(1)
        for _ in range(10_000):
            entry = an_entry()
            line.push(1.0, next(tickets), entry)
            line.leave(entry)
        assert line.waiting == 0
        assert len(line._places) <= 65

    @given(st.lists(st.tuples(st.floats(0, 100), st.booleans()), max_size=300))
    @quick(100)
    def test_whatever_leaves_the_rest_keeps_its_order(
        self, waiting: list[tuple[float, bool]]
    ) -> None:
        line, expected = a_line(), []
        for ticket, (order, leaves) in enumerate(waiting, 1):
            entry = an_entry(ticket)
            line.push(order, ticket, entry)
            if leaves:
                line.leave(entry)
                entry.phase = Phase.CLOSING
            else:
                expected.append((order, ticket))
        assert popped(line) == [str(ticket) for _, ticket in sorted(expected)]
