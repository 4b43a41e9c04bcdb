"""An attempt that was lost through nobody's fault is kept so."""

from __future__ import annotations

from cognitive_architecture.distributed_mesh.model import CUT_OFF, NODE_LOST, Attempt
from cognitive_architecture.distributed_mesh.records import Excuse, FailedAttempt, WriteBatch

from .stores import Place, new_tasks, open_tasks, opened


def lost(serial: int, number: int) -> FailedAttempt:
    return FailedAttempt(serial, Attempt(number, "n1", NODE_LOST, "its link is gone", 1.0, 2.0))


def outcomes(place: Place) -> list[list[str]]:
    return [[attempt.outcome for attempt in one.attempts] for one in open_tasks(opened(place))]


def test_one_attempt_of_several_is_excused(place: Place) -> None:
    store = opened(place)
    store.commit_now(new_tasks([1, 2]))
    store.commit_now(WriteBatch(attempts=[lost(1, 1), lost(1, 2), lost(2, 1)]))
    store.commit_now(WriteBatch(excuses=[Excuse(1, 2)]))
    store.close()
    assert outcomes(place) == [[NODE_LOST, CUT_OFF], [NODE_LOST]]


def test_an_attempt_of_the_same_batch_is_excused_as_well(place: Place) -> None:
    store = opened(place)
    store.commit_now(new_tasks([1]))
    batch = WriteBatch(attempts=[lost(1, 1)])
    batch.extend(WriteBatch(excuses=[Excuse(1, 1)]))
    assert batch.rows == 2
    store.commit_now(batch)
    store.close()
    assert outcomes(place) == [[CUT_OFF]]


def test_of_what_is_not_kept_nothing_is_excused(place: Place) -> None:
    store = opened(place)
    store.commit_now(new_tasks([1]))
    store.commit_now(WriteBatch(excuses=[Excuse(7, 1), Excuse(1, 1)]))
    store.close()
    assert outcomes(place) == [[]]
