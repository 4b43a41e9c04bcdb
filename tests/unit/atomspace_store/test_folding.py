"""The log's changes, applied to parts of the snapshot."""

from __future__ import annotations

import pytest

from cognitive_architecture.atomspace_store.folding import LogChanges, Record, cut_evenly, part_of
from cognitive_architecture.atomspace_store.portions import Portion

PART = Portion(["Concept"], ["k"], [2, 5, 9], [0, 0, 0], ["a", "b", "c"], [(2, 0, [0, 1.0, 1.0])])


def changes(removed: set[int], *logged: Portion) -> LogChanges:
    found = LogChanges(removed)
    for portion in logged:
        found.set_values(portion)
    found.seal()
    return found


def test_a_part_is_touched_between_its_first_and_last_number() -> None:
    found = changes({4, 20}, Portion(keys=["k"], values=[(10, 0, None), (20, 0, None)]))

    touched = [(1, 3), (1, 4), (4, 4), (5, 9), (5, 10), (11, 19), (11, 20), (21, 99)]
    assert [found.touches(*span) for span in touched] == [
        *(False, True, True, False, True, False, True, False)
    ]


def test_what_is_gone_is_left_out_and_the_last_value_counts() -> None:
    found = changes(
        {5},
        Portion(keys=["k"], values=[(2, 0, None), (9, 0, [3, "old"]), (5, 0, [3])]),
        Portion(keys=["l", "k"], values=[(9, 1, [3, "new"]), (9, 0, [2])]),
    )

    records = found.applied_to(PART)

    assert records == [
        Record(2, "Concept", "a", {"k": None}),
        Record(9, "Concept", "c", {"k": [3, "new"], "l": [2]}),
    ]
    assert part_of(records) == Portion(
        ["Concept"], ["k", "l"], [2, 9], [0, 0], ["a", "c"], [(9, 0, [3, "new"]), (9, 1, [2])]
    )


def test_a_part_that_nothing_touches_stays_as_it_is() -> None:
    assert part_of(changes(set()).applied_to(PART)) == PART


@pytest.mark.parametrize(
    ("count", "sizes"), [(0, []), (1, [1]), (4, [4]), (5, [2, 3]), (9, [3, 3, 3]), (12, [4, 4, 4])]
)
def test_pieces_are_about_as_long_as_one_another(count: int, sizes: list[int]) -> None:
    records = [Record(number, "Concept", "") for number in range(count)]

    pieces = list(cut_evenly(records, 4))

    assert [len(piece) for piece in pieces] == sizes
    assert [record for piece in pieces for record in piece] == records
