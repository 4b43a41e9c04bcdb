from cognitive_architecture.distributed_mesh.machines import (
    closing,
    leasing,
    queueing,
    resting,
)
from cognitive_architecture.distributed_mesh.machines.board import Board
from cognitive_architecture.distributed_mesh.machines.candidates import why_blocked
from cognitive_architecture.distributed_mesh.machines.entry import Phase
from cognitive_architecture.distributed_mesh.machines.roster import Seat
from cognitive_architecture.distributed_mesh.model import TaskStatus
from cognitive_architecture.distributed_mesh.policies.attributes import Declaration
from cognitive_architecture.distributed_mesh.policies.matching import CapabilityMatcher
from cognitive_architecture.distributed_mesh.policies.scheduling import AgeingOrder
from cognitive_architecture.foundation.settings import DispatchSettings
from tests.support.builders import a_spec


def a_board(**settings: float) -> Board:
    return Board(
        DispatchSettings.model_validate(settings),
        epoch=1,
        last_serial=100,
        order=AgeingOrder(30.0),
        matcher=CapabilityMatcher(),
        chance=lambda: 0.0,
    )


def seated(board: Board, node_id: str = "n1", *offers: str) -> Seat:
    seat = Seat(f"node/{node_id}~1", node_id, now=0.0)
    seat.offered = seat.capabilities = frozenset(offers or ("echo",))
    seat.granted = 10
    board.roster.add(seat)
    board.classes.seat(seat, Declaration({}))
    return seat


class TestComingInAndGoingOut:
    def test_serials_go_on_from_the_last_one_of_the_store(self) -> None:
        board = a_board()
        assert [board.admit(a_spec(name), 0.0).serial for name in "abc"] == [101, 102, 103]

    def test_bytes_are_weighed_in_and_out(self) -> None:
        board = a_board()
        first = board.admit(a_spec("a", payload=b"x" * 10), 0.0)
        board.admit(a_spec("b", payload=b"x" * 5), 0.0)
        assert board.open_bytes == 15
        board.drop(first)
        board.drop(first)  # it is gone already
        assert board.open_bytes == 5

    def test_a_new_entry_is_on_its_way_to_the_disk(self) -> None:
        entry = a_board().admit(a_spec("a"), 3.0)
        assert (entry.phase, entry.queued_at, entry.attempt) == (Phase.WRITING, 3.0, 1)


class TestClosing:
    def test_from_a_queue_it_leaves_the_queue(self) -> None:
        board = a_board()
        entry = board.admit(a_spec("a"), 0.0)
        queueing.queue(board, [entry])
        ending = closing.close(board, entry, TaskStatus.CANCELLED, 5.0, reason="why")
        assert board.lane(entry.spec).waiting == 0
        assert (ending.attempt, ending.node_id, ending.started_at) == (0, None, None)
        assert (ending.status, ending.reason, ending.ended_at) == ("cancelled", "why", 5.0)

    def test_from_a_lease_it_names_node_and_attempt(self) -> None:
        board = a_board()
        seat = seated(board)
        entry = board.admit(a_spec("a"), 0.0)
        queueing.queue(board, [entry])
        queueing.take_next(board, board.lane(entry.spec).lines[""])
        leasing.lease_out(board, entry, seat, 2.0)
        ending = closing.close(board, entry, TaskStatus.COMPLETED, 5.0, result=b"\x01")
        assert (ending.attempt, ending.node_id, ending.started_at) == (1, "n1", 2.0)
        assert entry.phase is Phase.CLOSING


class TestUnderALease:
    def test_handing_out_counts_against_the_credit_and_taking_back_does_not(self) -> None:
        board = a_board()
        seat = seated(board)
        entry = board.admit(a_spec("a"), 0.0)
        queueing.queue(board, [entry])
        queueing.take_next(board, board.lane(entry.spec).lines[""])
        assignment = leasing.lease_out(board, entry, seat, 0.0)
        assert (seat.sent, seat.leases, assignment.attempt) == (1, {entry.lease}, 1)
        leasing.take_back(board, entry, "handed back")
        assert (seat.sent, seat.leases, entry.lease) == (1, set(), 0)
        assert board.leases.why_invalid(assignment.lease) == "handed back"

    def test_taking_back_forgets_what_the_attempt_said(self) -> None:
        board = a_board()
        entry = board.admit(a_spec("a"), 0.0)
        queueing.queue(board, [entry])
        queueing.take_next(board, board.lane(entry.spec).lines[""])
        leasing.lease_out(board, entry, seated(board), 0.0)
        entry.progress, entry.chunks, entry.chunk_bytes = (0.5, "half"), [b"\x01"], 1
        leasing.take_back(board, entry)
        forgotten: list[object] = [entry.progress, entry.chunks, entry.chunk_bytes]
        assert forgotten == [None, None, 0]

    def test_taking_back_what_nobody_has_is_harmless(self) -> None:
        board = a_board()
        entry = board.admit(a_spec("a"), 0.0)
        leasing.take_back(board, entry, "why")
        assert entry.lease == 0


class TestResting:
    def test_a_pause_ends_when_it_ends(self) -> None:
        board = a_board()
        first, second = board.admit(a_spec("a"), 0.0), board.admit(a_spec("b"), 0.0)
        resting.rest(board, first, 5.0)
        resting.rest(board, second, 3.0)
        assert resting.next_rested(board) == 3.0
        assert resting.rested(board, 2.999) == []
        assert resting.rested(board, 3.0) == [second]
        assert resting.rested(board, 10.0) == [first]
        assert resting.rested(board, 10.0) == []

    def test_of_two_pauses_the_later_one_counts(self) -> None:
        board = a_board()
        entry = board.admit(a_spec("a"), 0.0)
        resting.rest(board, entry, 3.0)
        resting.rest(board, entry, 5.0)
        assert resting.next_rested(board) == 5.0
        assert resting.rested(board, 4.0) == []
        assert resting.rested(board, 5.0) == [entry]


class TestQueueing:
    def test_waiting_time_counts_from_when_it_came(self) -> None:
        board = a_board()
        old, fresh = board.admit(a_spec("old"), 0.0), board.admit(a_spec("fresh"), 100.0)
        queueing.queue(board, [fresh])
        queueing.queue(board, [old])
        line = board.lane(old.spec).lines[""]
        assert line.front() is not None
        assert queueing.take_next(board, line) is old

    def test_a_task_that_comes_back_goes_before_those_that_came_with_it(self) -> None:
        board = a_board()
        first, second = board.admit(a_spec("a"), 0.0), board.admit(a_spec("b"), 0.0)
        queueing.queue(board, [first])
        queueing.queue(board, [second])
        line = board.lane(first.spec).lines[""]
        line.front()
        assert queueing.take_next(board, line) is first
        leasing.lease_out(board, first, seated(board), 1.0)
        leasing.take_back(board, first, "handed back")
        queueing.queue(board, [first])
        line.front()
        assert queueing.take_next(board, line) is first

    def test_why_it_is_blocked_is_said_node_by_node(self) -> None:
        board = a_board()
        lane = board.lane(a_spec("a", "gpu"))
        assert why_blocked(board, lane) == "waits for a node that offers gpu: the mesh has no nodes"
        seated(board, "n2", "sum")
        seated(board, "n1", "echo")
        assert (
            why_blocked(board, lane)
            == "waits for a node that offers gpu: n1 does not offer gpu; n2 does not offer gpu"
        )

    def test_of_many_nodes_the_first_twenty_are_named(self) -> None:
        board = a_board()
        for number in range(50):
            seated(board, f"n{number:02}")
        said = why_blocked(board, board.lane(a_spec("a", "gpu")))
        assert said.count("does not offer gpu") == 20
        assert "n19 does" in said


class TestLanes:
    def test_a_new_lane_knows_who_serves_it(self) -> None:
        board = a_board()
        seated(board, "n1", "echo", "gpu")
        seated(board, "n2", "echo")
        served_by = [seat.node_id for seat in board.lane(a_spec("a")).seats]
        assert served_by == ["n1", "n2"]
        served_by = [seat.node_id for seat in board.lane(a_spec("a", capabilities=("gpu",))).seats]
        assert served_by == ["n1"]

    def test_the_same_needs_are_the_same_lane(self) -> None:
        board = a_board()
        assert board.lane(a_spec("a", capabilities=("x", "y"))) is board.lane(
            a_spec("b", capabilities=("y", "x", "x"), priority=9)
        )

    def test_unused_is_a_lane_in_which_nobody_waits(self) -> None:
        board = a_board()
        seated(board, "n1", "served")
        board.lane(a_spec("a", "served"))
        board.lane(a_spec("b", "unused"))
        queueing.queue(board, [board.admit(a_spec("c", "waited-in"), 0.0)])
        queueing.clear_unused_lanes(board)
        assert set(board.lanes) == {("waited-in",)}
