"""A writer that is killed at any moment, also while it folds, has lost nothing it acknowledged."""

from __future__ import annotations

import pytest

from cognitive_architecture.atomspace import AtomSpace

from .atom_store_writer import last_round, play
from .atom_stores import SqliteAtomPlace, content, kept_on
from .processes import child

KILLED_AFTER_LINES = (2, 25, 1, 70, 9, 110, 33)


@pytest.mark.processes
def test_seven_killed_writers_lose_nothing_acknowledged(
    sqlite_atom_place: SqliteAtomPlace,
) -> None:
    expected = AtomSpace()
    played = -1
    for lines in KILLED_AFTER_LINES:
        with child("tests.conformance.atom_store_writer", str(sqlite_atom_place.folder)) as writer:
            said = [writer.line() for _ in range(lines)]
            writer.kill()
            said += writer.rest()
        kept, store = kept_on(sqlite_atom_place)
        found = last_round(kept.space)
        # A round is one commit: it is there whole, and one more may be durable than was said.
        assert found in (int(said[-1]), int(said[-1]) + 1)
        while played < found:
            played += 1
            play(expected, played)
        assert content(kept.space) == content(expected)
        store.close()
