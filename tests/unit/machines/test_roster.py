from collections import deque

from hypothesis import given
from hypothesis import strategies as st

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


class TestOnTheWay:
    def test_an_answer_that_was_not_given_here_tells_nothing(self) -> None:
        seat = a_seat()
        seat.sent = seat.assigned = 2
        seat.answer(5, lease=7)
        assert seat.pass_by(6) is None, "it was another orchestrator that it heard"
        seat.reconcile(0, None)
        assert seat.sent == 2

    def test_what_was_passed_stays_so_until_it_has_heard_more(self) -> None:
        seat = a_seat()
        for beat in (1, 2, 3):
            seat.answer(beat, lease=10 * beat)
        assert seat.pass_by(2) == seat.pass_by(2) == (2, 20, 0)
        assert seat.pass_by(1) is None
        assert seat.pass_by(3) == (3, 30, 0)

    @given(st.lists(st.sampled_from(["assign", "lose", "arrive", "beat", "heartbeat"])))
    def test_what_counts_as_sent_is_never_less_than_what_has_arrived_or_may(
        self, steps: list[str]
    ) -> None:
        seat = a_seat()
        down: deque[int | None] = deque()  # assignments, and answers by their beat
        up: deque[tuple[int, int, int]] = deque()
        beats = heard = received = 0
        for step in steps:
            match step:
                case "assign":
                    seat.sent, seat.assigned = seat.sent + 1, seat.assigned + 1
                    down.append(None)
                case "lose" if None in down:
                    down.remove(None)
                case "arrive" if down:
                    beat = down.popleft()
                    received, heard = received + (beat is None), max(heard, beat or 0)
                case "beat":
                    beats += 1
                    up.append((beats, received, heard))
                case "heartbeat" if up:
                    number, had, latest = up.popleft()
                    passed = seat.pass_by(latest)
                    seat.answer(number, lease=0)
                    down.append(number)
                    seat.reconcile(had, passed)
            assert seat.sent >= received + down.count(None)
        beats += 1
        seat.answer(beats, lease=0)
        received += down.count(None)
        seat.reconcile(received, seat.pass_by(beats))
        assert seat.sent == received, "when all has come or is lost, it is known how much"


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
