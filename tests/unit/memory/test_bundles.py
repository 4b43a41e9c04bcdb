"""Records travel as JSON, and what comes is trusted in nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.atomspace import Atom, Link, Node, standard_types
from cognitive_architecture.memory.bundles import RECORDS_USUAL, bundled, in_bundles, unbundled
from cognitive_architecture.memory.errors import BadBundle, NestedTooDeep
from cognitive_architecture.memory.records import Record, added
from tests.support.examples import quick
from tests.unit.atomspace.notation.made_up import atoms_with_values

from .made_up import STAMPS, records

TYPES = standard_types()
STAMP = STAMPS[0]


@given(atoms_with_values(), st.lists(records(), max_size=4))
@quick(100)
def test_records_come_back_from_json(
    said: tuple[Atom, dict[Atom, dict[str, Any]]], more: list[Record]
) -> None:
    atom, values = said
    sent = [added(atom, STAMP), *(added(on, STAMP, kept) for on, kept in values.items()), *more]
    alive = [record for record in sent if record.is_there]
    gone = [(r.digest, r.added, r.removed) for r in sent if not r.is_there]

    found = unbundled(json.loads(json.dumps(bundled(sent))), TYPES)

    assert found[: len(alive)] == alive
    assert [(r.digest, r.added, r.removed) for r in found[len(alive) :]] == gone


def test_an_unordered_link_is_the_same_however_it_was_written() -> None:
    a, b = Node("Concept", "a"), Node("Concept", "b")
    rows = [["Concept", "a"], ["Concept", "b"], ["Set", [1, 0]]]

    (found,) = unbundled({"rows": rows, "records": [[2, STAMP, "", {}]]}, TYPES)

    assert found == added(Link("Set", (a, b)), STAMP)


@pytest.mark.parametrize(
    "said",
    [
        None,
        [],
        {"rows": [["Concept"]]},
        {"rows": [["Nonsense", "a"]]},
        {"rows": [["Tombstone", "a"]]},
        {"rows": [["List", [0]]]},
        {"rows": [["List", "a"]], "records": [[0, STAMP, "", {}]]},
        {"records": [[0, STAMP, "", {}]]},
        {"rows": [["Concept", "a"]], "records": [[0, "yesterday", "", {}]]},
        {"rows": [["Concept", "a"]], "records": [[0, STAMP, STAMP, {}]]},
        {"rows": [["Concept", "a"]], "records": [[0, STAMP, "", {"truth": [STAMP, [0, 2.0]]}]]},
        {"rows": [["Concept", "a"]], "records": [[0, STAMP, "", {"truth": [STAMP, [99, 1.0]]}]]},
        {"gone": [["00", "", STAMP]]},
        {"gone": [["z" * 32, "", STAMP]]},
    ],
)
def test_what_is_no_bundle_is_refused_with_a_sentence(said: Any) -> None:
    with pytest.raises(BadBundle, match=r"no bundle of records|a stamp is"):
        unbundled(said, TYPES)


def test_what_nests_too_deep_is_refused() -> None:
    rows = [["Concept", "a"], *(["List", [place]] for place in range(200))]

    with pytest.raises(NestedTooDeep):
        unbundled({"rows": rows, "records": [[200, STAMP, "", {}]]}, TYPES)


def test_many_records_go_in_several_bundles() -> None:
    many = [added(Node("Concept", "a"), STAMP)] * (2 * RECORDS_USUAL + 1)

    assert [len(portion) for portion in in_bundles(many)] == [RECORDS_USUAL, RECORDS_USUAL, 1]
    assert list(in_bundles([])) == []
