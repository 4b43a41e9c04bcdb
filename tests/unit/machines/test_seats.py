from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.machines.needs import Needs
from cognitive_architecture.distributed_mesh.machines.roster import Roster, Seat
from cognitive_architecture.distributed_mesh.machines.seats import SeatIndex
from tests.support.examples import quick

ECHO = Needs("echo", frozenset({"echo"}))


def a_seat(node_id: str, *, granted: int = 1, sent: int = 0, slots: int = 1) -> Seat:
    seat = Seat(f"node/{node_id}~1", node_id, now=0.0)
    seat.granted, seat.sent, seat.slots = granted, sent, slots
    return seat


def an_index(*seats: Seat, merit: Callable[[Seat], float] = lambda _: 1.0) -> SeatIndex:
    return SeatIndex(ECHO, merit, Roster(), seats=seats)


def hand_out(seat: Seat) -> None:
    seat.sent += 1
    seat.leases.add(seat.sent)


def all_taken(index: SeatIndex) -> list[str]:
    """Hand out until nobody has room."""
    taken = []
    while (seat := index.best()) is not None:
        taken.append(seat.node_id)
        hand_out(seat)
    return taken


class TestTheBestSeat:
    def test_is_taken_again_and_again(self) -> None:
        worth = {"n1": 3.0, "n2": 1.0, "n3": 2.0}
        seats = [a_seat("n1", granted=2), a_seat("n2", granted=3), a_seat("n3", granted=1)]
        index = an_index(*seats, merit=lambda seat: worth[seat.node_id])
        assert all_taken(index) == ["n1", "n3", "n1", "n2", "n2", "n2"]

    def test_of_equals_is_the_first_by_id(self) -> None:
        assert all_taken(an_index(a_seat("n2"), a_seat("n10"), a_seat("n1"))) == ["n1", "n10", "n2"]

    def test_is_nobody_where_there_is_nobody(self) -> None:
        index = an_index()
        assert (len(index), index.has_room, index.best()) == (0, False, None)

    def test_is_never_full_and_never_draining(self) -> None:
        draining = a_seat("n3")
        draining.is_draining = True
        index = an_index(a_seat("n1"), a_seat("n2", sent=1), draining)
        assert all_taken(index) == ["n1"]
        assert len(index) == 3

    def test_has_room_again_when_it_says_so(self) -> None:
        seat, roster = a_seat("n1"), Roster()
        index = SeatIndex(ECHO, lambda _: 1.0, roster, seats=[seat])
        all_taken(index)
        assert not index.has_room
        seat.granted += 1
        roster.freed.note(seat)
        assert index.best() is seat

    def test_has_gone_when_it_is_removed(self) -> None:
        first, second = a_seat("n1"), a_seat("n2")
        index = an_index(first, second)
        index.remove(first)
        index.remove(first)
        assert list(index) == [second]
        assert index.best() is second

    def test_may_come_back_as_another_under_the_same_id(self) -> None:
        old, new = a_seat("n1"), a_seat("n1")
        index = an_index(old, a_seat("n2"))
        index.remove(old)
        index.add(new)
        assert index.best() is new


def test_void_places_do_not_pile_up() -> None:
    seats, roster = [a_seat(f"n{n}", granted=10**9) for n in range(10)], Roster()
    index = SeatIndex(ECHO, lambda _: 1.0, roster, seats=seats)
    for _ in range(2000):
        for seat in seats:
            hand_out(seat)
        index.best()
        for seat in seats:
            seat.leases.clear()
            roster.freed.note(seat)
        index.best()
    assert len(index._heap) <= 2 * len(seats) + 65


steps = st.lists(
    st.tuples(
        st.sampled_from(
            ["join", "leave", "drain", "hand out", "end", "grant", "merit", "everybody's merit"]
        ),
        st.integers(0, 5),
        st.floats(0.0, 1.0),
    ),
    max_size=120,
)


@given(steps)
@quick(300)
def test_whatever_happens_the_index_finds_what_looking_at_every_node_finds(
    story: list[tuple[str, int, float]],
) -> None:
    roster = Roster()
    merits: dict[str, float] = {}
    index = SeatIndex(ECHO, lambda seat: merits[seat.node_id], roster)
    seats: dict[str, Seat] = {}
    for step, number, value in story:
        node_id = f"n{number}"
        seat = seats.get(node_id)
        if step == "join" and seat is None:
            merits[node_id] = value
            seats[node_id] = a_seat(node_id, granted=number + 1, slots=number % 3 + 1)
            index.add(seats[node_id])
        elif step == "everybody's merit":
            for position, other in enumerate(sorted(merits)):
                merits[other] = (value + position / 7) % 1.0
            roster.judged.note_all()
        elif seat is not None:
            if step == "leave":
                index.remove(seats.pop(node_id))
            elif step == "drain":
                seat.is_draining = not seat.is_draining
            elif step == "end" and seat.leases:
                seat.leases.pop()
            elif step == "grant":
                seat.granted = max(seat.granted, seat.sent + number)
            elif step == "merit":
                merits[node_id] = value
                roster.judged.note(seat)
            roster.freed.note(seat)
        best = index.best()
        open_seats = [other for other in seats.values() if other.room > 0]
        looked = min(
            open_seats,
            key=lambda other: (-(merits[other.node_id] / (1.0 + other.load)), other.node_id),
            default=None,
        )
        assert best is looked
        if step == "hand out" and best is not None:
            hand_out(best)
