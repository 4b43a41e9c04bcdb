"""What makes a task more urgent than its priority."""

from cognitive_architecture.distributed_mesh.machines.entry import Entry
from cognitive_architecture.distributed_mesh.machines.urgency import Urgency
from cognitive_architecture.foundation.settings import DispatchSettings
from tests.support.builders import a_spec, an_attempt


def urgency(**settings: float) -> Urgency:
    return Urgency(DispatchSettings.model_validate(settings))


def test_the_nth_of_a_kind_has_the_nth_part_of_the_bonus() -> None:
    known = urgency(novelty_levels=1.0)
    assert [known.of_a_new(a_spec()) for _ in range(4)] == [1.0, 1 / 2, 1 / 3, 1 / 4]
    assert known.of_a_new(a_spec(task_type="sum")) == 1.0


def test_of_several_concepts_the_newest_counts() -> None:
    known = urgency(novelty_levels=1.0)
    known.of_a_new(a_spec(concepts=("dragon",)))
    assert known.of_a_new(a_spec(concepts=("dragon",))) == 0.5
    assert known.of_a_new(a_spec(concepts=("dragon", "sea"))) == 1.0


def test_without_a_bonus_nothing_is_counted() -> None:
    known = urgency(novelty_levels=0.0)
    assert known.of_a_new(a_spec()) == 0.0
    assert not known._seen


def test_of_very_many_kinds_the_one_longest_unheard_of_is_new_again() -> None:
    known = urgency(novelty_levels=1.0)
    for number in range(10_001):
        known.of_a_new(a_spec(task_type=f"t{number}"))
    assert known.of_a_new(a_spec(task_type="t0")) == 1.0
    assert known.of_a_new(a_spec(task_type="t9999")) == 0.5


def test_each_failure_makes_a_task_more_urgent() -> None:
    entry = Entry(1, a_spec(), 0.0, 0.0)
    entry.attempts = (an_attempt(1), an_attempt(2))
    assert urgency(failure_levels=0.5).levels(entry) == 1.0


def test_nobody_is_raised_beyond_the_bound() -> None:
    entry = Entry(1, a_spec(), 0.0, 0.0, levels=1000.0)
    assert urgency().levels(entry) == 20.0


def test_what_declares_several_raised_concepts_is_raised_once_by_all_of_them() -> None:
    known = urgency()
    both, sea = (
        Entry(serial, a_spec(str(serial), concepts=names), 0.0, 0.0)
        for serial, names in enumerate([("dragon", "sea"), ("sea",)])
    )
    known.add(both)
    known.add(sea)
    assert list(known.raise_concepts({"dragon": 1.0, "sea": 2.0})) == [both, sea]
    assert (known.levels(both), known.levels(sea)) == (3.0, 2.0)


def test_a_concept_that_stands_there_already_moves_nothing() -> None:
    known = urgency()
    known.add(Entry(1, a_spec(concepts=("sea",)), 0.0, 0.0))
    assert not known.raise_concepts({"sea": 0.0})
    assert known.raise_concepts({"sea": 2.0})
    assert not known.raise_concepts({"sea": 2.0})
