from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.machines.entry import Entry, Phase
from cognitive_architecture.distributed_mesh.machines.lanes import Lane, SeatChoice, needs_of
from cognitive_architecture.distributed_mesh.machines.roster import Seat
from cognitive_architecture.distributed_mesh.model import TaskSpec
from tests.support.builders import a_spec
from tests.support.examples import quick


def an_entry(name: object = "a") -> Entry:
    return Entry(1, a_spec(str(name)), 0.0, 0.0)


def a_seat(node_id: str, *, granted: int = 1, sent: int = 0, slots: int = 1) -> Seat:
    seat = Seat(f"node/{node_id}~1", node_id, now=0.0)
    seat.granted, seat.sent, seat.slots = granted, sent, slots
    return seat


def popped(lane: Lane) -> list[str]:
    """Everybody who waits, in the order in which they go."""
    found = []
    while lane.front() is not None:
        found.append(lane.pop().spec.task_id)
    return found


class TestLane:
    def test_the_smallest_order_goes_first(self) -> None:
        lane, tickets = Lane(frozenset({"echo"})), count(1)
        for order in (3.0, 1.0, 2.0):
            lane.push(order, next(tickets), an_entry(order))
        assert lane.waiting == 3
        assert lane.front() == (1.0, an_entry(1.0).serial)
        assert popped(lane) == ["1.0", "2.0", "3.0"]
        assert lane.waiting == 0

    def test_of_equals_who_came_first(self) -> None:
        lane = Lane(frozenset({"echo"}))
        for ticket in range(1, 6):
            lane.push(0.0, ticket, an_entry(ticket))
        assert popped(lane) == ["1", "2", "3", "4", "5"]

    def test_who_waits_is_queued_under_its_ticket(self) -> None:
        lane, entry = Lane(frozenset({"echo"})), an_entry()
        lane.push(1.0, 7, entry)
        assert (entry.phase, entry.ticket) == (Phase.QUEUED, 7)

    def test_who_leaves_is_passed_over(self) -> None:
        lane = Lane(frozenset({"echo"}))
        entries = [an_entry(number) for number in range(5)]
        for ticket, entry in enumerate(entries, 1):
            lane.push(float(ticket), ticket, entry)
        lane.leave(entries[0])
        lane.leave(entries[2])
        assert lane.waiting == 3
        assert popped(lane) == ["1", "3", "4"]

    def test_who_leaves_and_comes_back_stands_where_it_came_back(self) -> None:
        lane, first, second = Lane(frozenset({"echo"})), an_entry("first"), an_entry("second")
        lane.push(1.0, 1, first)
        lane.push(2.0, 2, second)
        lane.leave(first)
        lane.push(3.0, 3, first)
        assert popped(lane) == ["second", "first"]

    def test_places_of_those_who_left_do_not_pile_up(self) -> None:
        lane, tickets = Lane(frozenset({"echo"})), count(1)
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
        lane, expected = Lane(frozenset({"echo"})), []
        for ticket, (order, leaves) in enumerate(waiting, 1):
            entry = an_entry(ticket)
            lane.push(order, ticket, entry)
            if leaves:
                lane.leave(entry)
                entry.phase = Phase.CLOSING
            else:
                expected.append((order, ticket))
        assert popped(lane) == [str(ticket) for _, ticket in sorted(expected)]

    def test_open_seats_are_those_with_room(self) -> None:
        lane = Lane(frozenset({"echo"}))
        draining = a_seat("n3")
        draining.is_draining = True
        for seat in (a_seat("n1"), a_seat("n2", sent=1), draining):
            lane.seats[seat.node_id] = seat
        assert [seat.node_id for seat in lane.open_seats()] == ["n1"]


class TestSeatChoice:
    def test_takes_the_best_again_and_again(self) -> None:
        seats = [a_seat("n1", granted=2), a_seat("n2", granted=3), a_seat("n3", granted=1)]
        worth = {"n1": 3.0, "n2": 1.0, "n3": 2.0}
        choice = SeatChoice(seats, lambda seat: worth[seat.node_id] / (1 + seat.sent))
        taken = []
        while (seat := choice.best()) is not None:
            taken.append(seat.node_id)
            seat.sent += 1
        assert taken == ["n1", "n3", "n1", "n2", "n2", "n2"]

    def test_what_is_equal_goes_by_id(self) -> None:
        choice = SeatChoice([a_seat("n2"), a_seat("n10"), a_seat("n1")], lambda _: 1.0)
        taken = []
        while (seat := choice.best()) is not None:
            taken.append(seat.node_id)
            seat.sent += 1
        assert taken == ["n1", "n10", "n2"]

    def test_nobody_is_best_of_nobody(self) -> None:
        assert SeatChoice([], lambda _: 1.0).best() is None

    @given(
        st.lists(st.tuples(st.integers(0, 5), st.floats(0.01, 1.0)), min_size=1, max_size=8),
    )
    @quick(100)
    def test_finds_exactly_the_best_as_scores_fall(self, nodes: list[tuple[int, float]]) -> None:
        seats = [a_seat(f"n{i}", granted=granted) for i, (granted, _) in enumerate(nodes)]
        worth = {f"n{i}": merit for i, (_, merit) in enumerate(nodes)}

        def score(seat: Seat) -> float:
            return worth[seat.node_id] / (1 + seat.sent)

        choice = SeatChoice(seats, score)
        while (seat := choice.best()) is not None:
            with_room = [other for other in seats if other.room > 0]
            assert score(seat) == max(score(other) for other in with_room)
            seat.sent += 1
        assert all(seat.room == 0 for seat in seats)


@pytest.mark.parametrize(
    ("spec", "needs"),
    [
        (a_spec(), ("echo",)),
        (a_spec(key="k"), ("echo",)),
        (a_spec(capabilities=("gpu", "disk")), ("echo", "disk", "gpu")),
        (a_spec(capabilities=("gpu", "gpu", "echo")), ("echo", "gpu")),
    ],
)
def test_what_a_task_needs(spec: TaskSpec, needs: tuple[str, ...]) -> None:
    assert needs_of(spec) == needs
