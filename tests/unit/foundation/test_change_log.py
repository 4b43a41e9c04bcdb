from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.foundation.change_log import ChangeLog
from tests.support.examples import quick


def test_nothing_has_changed_in_a_new_one() -> None:
    log: ChangeLog[str] = ChangeLog()
    assert (log.end, log.since(0)) == (0, [])


def test_each_reader_reads_on_where_it_stopped() -> None:
    log: ChangeLog[str] = ChangeLog()
    log.note("a")
    assert log.since(0) == ["a"]
    early = log.end
    log.note("b")
    assert log.since(early) == ["b"]
    assert log.since(0) == ["b", "a"]


def test_what_changes_again_unread_is_noted_once() -> None:
    log: ChangeLog[str] = ChangeLog()
    log.note("a")
    log.note("a")
    assert log.end == 1
    log.since(0)
    log.note("a")
    assert (log.end, log.since(1)) == (2, ["a"])


def test_everything_is_more_than_a_list() -> None:
    log: ChangeLog[str] = ChangeLog()
    log.note("a")
    log.note_all()
    log.note("b")
    assert log.since(0) is None
    assert log.since(log.end - 1) == ["b"]


def test_a_million_changes_of_one_thing_take_one_place() -> None:
    log: ChangeLog[int] = ChangeLog()
    for _ in range(10_000):
        log.note(7)
        log.since(log.end - 1)
    assert len(log._noted_at) == 1


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("note"), st.integers(0, 4)),
            st.tuples(st.just("forget"), st.integers(0, 4)),
            st.tuples(st.just("read"), st.integers(0, 2)),
            st.tuples(st.just("begin"), st.integers(0, 2)),
            st.tuples(st.just("all"), st.just(0)),
        ),
        max_size=80,
    )
)
@quick(200)
def test_no_reader_misses_a_change(steps: list[tuple[str, int]]) -> None:
    log: ChangeLog[int] = ChangeLog()
    positions, owed = [0, 0, 0], [set[int](), set[int](), set[int]()]
    for step, number in steps:
        if step == "note":
            log.note(number)
            for due in owed:
                due.add(number)
        elif step == "forget":
            log.forget(number)
            for due in owed:
                due.discard(number)
        elif step == "all":
            log.note_all()
            for due in owed:
                due.update(range(5))
        elif step == "begin":  # another reader takes its place
            positions[number] = log.from_here()
            owed[number].clear()
        else:
            read = log.since(positions[number])
            positions[number] = log.end
            assert owed[number] <= set(range(5) if read is None else read)
            owed[number].clear()
