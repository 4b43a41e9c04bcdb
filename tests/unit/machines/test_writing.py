import pytest

from cognitive_architecture.distributed_mesh.machines.effects import Write
from cognitive_architecture.distributed_mesh.machines.writing import PendingWrite, PendingWrites
from cognitive_architecture.distributed_mesh.model import CUT_OFF, NODE_LOST, Attempt
from cognitive_architecture.distributed_mesh.records import Excuse, FailedAttempt, WriteBatch


def a_write(name: str) -> PendingWrite:
    return PendingWrite(WriteBatch(capabilities=[name]))


def test_each_write_has_a_ticket_larger_than_any_before() -> None:
    writes = PendingWrites()
    orders = [writes.order(a_write(name)) for name in "abc"]
    assert orders == [
        Write(ticket, WriteBatch(capabilities=[name])) for ticket, name in enumerate("abc", 1)
    ]
    assert len(writes) == 3


def test_an_answered_write_is_no_longer_pending() -> None:
    writes, pending = PendingWrites(), a_write("a")
    order = writes.order(pending)
    assert writes.answered(order.ticket) is pending
    assert len(writes) == 0


def test_an_answer_to_what_nobody_asked_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        PendingWrites().answered(1)


def test_refused_writes_are_tried_again_in_their_order_under_new_tickets() -> None:
    writes = PendingWrites()
    for name in "abc":
        writes.keep_for_later(writes.answered(writes.order(a_write(name)).ticket))
    assert writes.has_refused
    assert [(order.ticket, order.batch.capabilities) for order in writes.try_again()] == [
        (4, ["a"]),
        (5, ["b"]),
        (6, ["c"]),
    ]
    assert not writes.has_refused
    assert len(writes) == 3


def test_there_may_be_nothing_to_try_again() -> None:
    assert PendingWrites().try_again() == []


def test_a_loss_that_the_disk_refused_is_written_as_excused_if_it_was_excused_meanwhile() -> None:
    writes = PendingWrites()
    lost = Attempt(1, "n1", NODE_LOST, "node n1 was lost", 0.0, 1.0, 7)
    losses = [FailedAttempt(serial, lost) for serial in (1, 2)]
    refused = writes.answered(writes.order(PendingWrite(WriteBatch(attempts=losses))).ticket)
    writes.keep_for_later(refused)
    writes.order(PendingWrite(WriteBatch(excuses=[Excuse(2, 1)])))
    (again,) = writes.try_again()
    outcomes = [(kept.serial, kept.attempt.outcome) for kept in again.batch.attempts]
    assert outcomes == [(1, NODE_LOST), (2, CUT_OFF)]


def test_so_is_one_that_the_disk_refuses_after_the_excuse_was_ordered() -> None:
    writes = PendingWrites()
    lost = FailedAttempt(1, Attempt(1, "n1", NODE_LOST, "node n1 was lost", 0.0, 1.0, 7))
    order = writes.order(PendingWrite(WriteBatch(attempts=[lost])))
    writes.order(PendingWrite(WriteBatch(excuses=[Excuse(1, 1)])))
    writes.keep_for_later(writes.answered(order.ticket))
    (again,) = writes.try_again()
    assert [kept.attempt.outcome for kept in again.batch.attempts] == [CUT_OFF]
