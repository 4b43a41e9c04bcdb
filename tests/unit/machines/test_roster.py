from cognitive_architecture.distributed_mesh.machines.roster import Roster, Seat


def a_seat(node_id: str = "n1", *, now: float = 0.0) -> Seat:
    return Seat(f"node/{node_id}~1", node_id, now=now)


class TestSeat:
    def test_room_is_what_was_granted_and_not_sent(self) -> None:
        seat = a_seat()
        seat.granted, seat.sent = 5, 3
        assert seat.room == 2

    def test_a_draining_node_has_no_room(self) -> None:
        seat = a_seat()
        seat.granted, seat.is_draining = 5, True
        assert seat.room == 0

    def test_a_newcomer_has_none_before_it_granted_any(self) -> None:
        assert a_seat().room == 0

    def test_load_is_leases_per_slot(self) -> None:
        seat = a_seat()
        seat.slots = 4
        seat.leases = {1, 2, 3, 4, 5, 6}
        assert seat.load == 1.5


class TestRoster:
    def test_a_seat_is_found_by_address_and_by_node(self) -> None:
        roster, seat = Roster(), a_seat()
        roster.add(seat)
        assert roster.by_address["node/n1~1"] is seat
        assert roster.by_node["n1"] is seat
        assert list(roster) == [seat]
        assert len(roster) == 1

    def test_a_cleared_seat_is_found_by_neither(self) -> None:
        roster, seat = Roster(), a_seat()
        roster.add(seat)
        roster.remove(seat)
        assert (roster.by_address, roster.by_node, len(roster)) == ({}, {}, 0)

    def test_an_empty_roster_is_falsy_so_that_no_roll_is_called(self) -> None:
        assert not Roster()
