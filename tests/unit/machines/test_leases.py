import math

from cognitive_architecture.distributed_mesh.machines.entry import Entry
from cognitive_architecture.distributed_mesh.machines.leases import LeaseTable
from tests.support.builders import a_spec


def an_entry(task_id: str = "a") -> Entry:
    return Entry(1, a_spec(task_id), 0.0, 0.0)


def test_a_lease_is_on_its_entry_until_it_ends() -> None:
    table, entry = LeaseTable(1), an_entry()
    lease = table.grant(entry, 10.0)
    assert table.holder(lease) is entry
    assert len(table) == 1
    assert table.end(lease) is entry
    assert table.holder(lease) is None
    assert len(table) == 0


def test_ending_it_twice_is_noticed() -> None:
    table = LeaseTable(1)
    lease = table.grant(an_entry(), 10.0)
    table.end(lease)
    assert table.end(lease) is None
    assert table.revoke(lease, "too late") is None


def test_no_two_leases_have_the_same_number_whoever_the_owner_is() -> None:
    tables = [LeaseTable(epoch) for epoch in (1, 2, 3, 1000)]
    leases = [table.grant(an_entry(), 1.0) for table in tables for _ in range(1000)]
    assert len(set(leases)) == 4000


def test_a_lease_fits_in_the_integers_that_travel() -> None:
    lease = LeaseTable(2**22).grant(an_entry(), 1.0)
    assert lease < 2**63


class TestWhyInvalid:
    def test_a_revoked_lease_is_refused_with_its_reason(self) -> None:
        table = LeaseTable(1)
        lease = table.grant(an_entry(), 10.0)
        table.revoke(lease, "node n1 was lost")
        assert table.holder(lease) is None
        assert table.why_invalid(lease) == "node n1 was lost"

    def test_any_other_with_what_can_be_said_of_it(self) -> None:
        table = LeaseTable(1)
        lease = table.grant(an_entry(), 10.0)
        table.end(lease)
        assert (
            table.why_invalid(lease)
            == table.why_invalid(7)
            == "the attempt is over, its task has ended or was reassigned"
        )

    def test_only_the_latest_reasons_are_remembered(self) -> None:
        table = LeaseTable(1)
        leases = [table.grant(an_entry(), 10.0) for _ in range(10_001)]
        for lease in leases:
            table.revoke(lease, "lost")
        assert table.why_invalid(leases[0]).startswith("the attempt is over")
        assert table.why_invalid(leases[1]) == table.why_invalid(leases[-1]) == "lost"


class TestDeadlines:
    def test_nothing_expires_where_nothing_is_leased(self) -> None:
        table = LeaseTable(1)
        assert table.next_deadline == math.inf
        assert table.expired(1e12) == []

    def test_leases_expire_at_their_deadline_and_not_before(self) -> None:
        table = LeaseTable(1)
        late, early = table.grant(an_entry("a"), 10.0), table.grant(an_entry("b"), 5.0)
        assert table.next_deadline == 5.0
        assert table.expired(4.999) == []
        assert table.expired(5.0) == [early]
        assert table.expired(10.0) == [late]

    def test_a_lease_that_is_over_does_not_expire(self) -> None:
        table = LeaseTable(1)
        ended, revoked, valid = (table.grant(an_entry(), 5.0) for _ in range(3))
        table.end(ended)
        table.revoke(revoked, "lost")
        assert table.expired(5.0) == [valid]

    def test_deadlines_of_leases_that_are_over_do_not_pile_up(self) -> None:
        table = LeaseTable(1)
        for _ in range(100_000):
            table.end(table.grant(an_entry(), 300.0))
        assert len(table._deadlines) <= 1025

    def test_nor_where_many_are_valid(self) -> None:
        table = LeaseTable(1)
        valid = [table.grant(an_entry(), 300.0) for _ in range(5000)]
        for _ in range(50_000):
            table.end(table.grant(an_entry(), 300.0))
        assert len(table._deadlines) <= 4 * 5000 + 1
        assert sorted(table.expired(300.0)) == valid

    def test_time_in_which_nobody_listened_does_not_count(self) -> None:
        table = LeaseTable(1)
        before = table.grant(an_entry("a"), 10.0)
        table.adopt(1, an_entry("b"), 5.0)
        table.excuse(3.0)
        after = table.grant(an_entry("c"), 10.5)
        assert table.next_deadline == 8.0
        assert table.expired(8.0) == [1]
        assert table.expired(12.0) == [after]
        assert table.expired(13.0) == [before]


class TestAdoption:
    def test_a_lease_of_the_owner_before_becomes_valid(self) -> None:
        before, now = LeaseTable(1), LeaseTable(2)
        lease, entry = before.grant(an_entry(), 10.0), an_entry()
        now.adopt(lease, entry, 20.0)
        assert now.holder(lease) is entry
        assert now.next_deadline == 20.0

    def test_a_lease_revoked_in_error_is_no_longer_refused(self) -> None:
        table, entry = LeaseTable(1), an_entry()
        lease = table.grant(entry, 10.0)
        table.revoke(lease, "node n1 was lost")
        table.adopt(lease, entry, 20.0)
        assert table.holder(lease) is entry
        table.end(lease)
        assert table.why_invalid(lease).startswith("the attempt is over")

    def test_it_expires_at_its_new_deadline(self) -> None:
        table, entry = LeaseTable(1), an_entry()
        lease = table.grant(entry, 10.0)
        table.revoke(lease, "node n1 was lost")
        table.adopt(lease, entry, 20.0)
        assert table.expired(10.0) == []
        assert table.expired(20.0) == [lease]
