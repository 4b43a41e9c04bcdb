from typing import Any

from cognitive_architecture.distributed_mesh.machines.effects import Tell
from cognitive_architecture.distributed_mesh.machines.entry import Entry, Phase
from cognitive_architecture.distributed_mesh.machines.roster import Seat
from cognitive_architecture.distributed_mesh.machines.watching import Watchers, story_so_far
from cognitive_architecture.distributed_mesh.messages import Ended, Happened
from cognitive_architecture.distributed_mesh.model import Ending, TaskEvent, TaskEventKind
from tests.support.builders import a_spec, an_attempt, an_ending

ANN, BOB, CID = "client/ann", "client/bob", "client/cid"


def an_entry(task_id: str = "a", **fields: Any) -> Entry:
    return Entry(1, a_spec(task_id), 0.0, 0.0, **fields)


def ended(task_id: str) -> Ending:
    return an_ending(task_id=task_id)


class TestNews:
    def test_goes_to_those_who_stream_the_task(self) -> None:
        watchers = Watchers()
        watchers.add("a", ANN, stream=True)
        watchers.add("a", BOB, stream=False)
        watchers.add("b", CID, stream=True)
        event = TaskEvent("a", TaskEventKind.QUEUED, 1)
        assert watchers.news(event) == [Tell(ANN, Happened([event]))]

    def test_is_wanted_where_anybody_streams(self) -> None:
        watchers = Watchers()
        assert not watchers.are_any
        assert not watchers.wants_news("a")
        watchers.add("a", BOB, stream=False)
        assert watchers.are_any
        assert not watchers.wants_news("a")
        watchers.add("a", ANN, stream=True)
        assert watchers.wants_news("a")
        assert not watchers.wants_news("b")

    def test_asking_for_more_wins_over_asking_for_less(self) -> None:
        watchers = Watchers()
        watchers.add("a", ANN, stream=True)
        watchers.add("a", ANN, stream=False)
        assert watchers.wants_news("a")


class TestEndings:
    def test_go_to_whoever_is_owed_them_each_address_once(self) -> None:
        watchers = Watchers()
        watchers.add("a", ANN, stream=False)
        watchers.add("b", ANN, stream=False)
        closed = [(an_entry(name), ended(name)) for name in ("a", "b", "c")]
        assert watchers.endings(closed) == [Tell(ANN, Ended([ended("a"), ended("b")]))]

    def test_go_to_the_teller_without_being_asked_for(self) -> None:
        entry = an_entry("a", teller=ANN)
        assert Watchers().endings([(entry, ended("a"))]) == [Tell(ANN, Ended([ended("a")]))]

    def test_go_once_to_a_teller_who_watches_too(self) -> None:
        watchers = Watchers()
        watchers.add("a", ANN, stream=False)
        entry = an_entry("a", teller=ANN)
        assert watchers.endings([(entry, ended("a"))]) == [Tell(ANN, Ended([ended("a")]))]

    def test_go_as_news_to_those_who_stream_the_teller_included(self) -> None:
        watchers = Watchers()
        watchers.add("a", ANN, stream=True)
        watchers.add("a", BOB, stream=True)
        news = Happened([TaskEvent("a", TaskEventKind.ENDED, ending=ended("a"))])
        entry = an_entry("a", teller=ANN)
        assert watchers.endings([(entry, ended("a"))]) == [Tell(ANN, news), Tell(BOB, news)]

    def test_are_told_once_and_the_tasks_forgotten(self) -> None:
        watchers = Watchers()
        watchers.add("a", ANN, stream=False)
        watchers.endings([(an_entry("a"), ended("a"))])
        assert not watchers.are_any
        assert watchers.endings([(an_entry("a"), ended("a"))]) == []

    def test_go_to_nobody_where_nobody_asked(self) -> None:
        assert Watchers().endings([(an_entry("a"), ended("a"))]) == []


class TestLeaving:
    def test_one_task(self) -> None:
        watchers = Watchers()
        watchers.add("a", ANN, stream=False)
        watchers.add("b", ANN, stream=False)
        watchers.remove(ANN, ["a"])
        closed = [(an_entry(name), ended(name)) for name in ("a", "b")]
        assert watchers.endings(closed) == [Tell(ANN, Ended([ended("b")]))]

    def test_all_tasks(self) -> None:
        watchers = Watchers()
        watchers.add("a", ANN, stream=False)
        watchers.add("b", ANN, stream=True)
        watchers.add("b", BOB, stream=True)
        watchers.remove(ANN)
        closed = [(an_entry(name), ended(name)) for name in ("a", "b")]
        assert [tell.address for tell in watchers.endings(closed)] == [BOB]

    def test_leaving_what_one_never_watched_is_harmless(self) -> None:
        watchers = Watchers()
        watchers.add("a", BOB, stream=False)
        watchers.remove(ANN)
        watchers.remove(ANN, ["a", "b"])
        assert watchers.are_any

    def test_nothing_is_kept_of_those_who_left(self) -> None:
        watchers = Watchers()
        for number in range(100):
            watchers.add(f"t{number}", ANN, stream=True)
        watchers.remove(ANN)
        assert (watchers._by_task, watchers._by_address) == ({}, {})


class TestStorySoFar:
    def test_of_a_task_that_waits(self) -> None:
        entry = an_entry(phase=Phase.QUEUED)
        assert story_so_far(entry) == [TaskEvent("a", TaskEventKind.QUEUED, 1)]

    def test_of_a_task_that_pauses(self) -> None:
        entry = an_entry(phase=Phase.RESTING, attempts=(an_attempt(),))
        assert story_so_far(entry) == [TaskEvent("a", TaskEventKind.QUEUED, 2)]

    def test_of_a_task_at_work(self) -> None:
        entry = an_entry(phase=Phase.LEASED, seat=Seat("node/n1~1", "n1", now=0.0), lease=7)
        entry.chunks = [b"\x01", b"\x02"]
        entry.progress = (0.5, "half")
        assert story_so_far(entry) == [
            TaskEvent("a", TaskEventKind.ASSIGNED, 1, node_id="n1"),
            TaskEvent("a", TaskEventKind.CHUNK, 1, index=0, chunk=b"\x01"),
            TaskEvent("a", TaskEventKind.CHUNK, 1, index=1, chunk=b"\x02"),
            TaskEvent("a", TaskEventKind.PROGRESS, 1, fraction=0.5, note="half"),
        ]

    def test_of_a_task_that_failed_says_nothing_of_an_attempt_that_never_was(self) -> None:
        entry = an_entry(phase=Phase.CLOSING, seat=Seat("node/n1~1", "n1", now=0.0))
        entry.attempts = (an_attempt(),)
        assert all(event.attempt <= 1 for event in story_so_far(entry))
