import pytest

from cognitive_architecture.distributed_mesh.machines.effects import Write
from cognitive_architecture.distributed_mesh.machines.writing import PendingWrite, PendingWrites
from cognitive_architecture.distributed_mesh.records import WriteBatch


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
