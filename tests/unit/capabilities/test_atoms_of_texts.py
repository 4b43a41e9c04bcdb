"""``text_processing`` reads a text into atoms that say where they come from."""

from __future__ import annotations

from typing import Any

import pytest

from cognitive_architecture.atomspace import AtomSpace, Node
from cognitive_architecture.atomspace.notation import load
from cognitive_architecture.atomspace.text import exact_text, sentences_of
from cognitive_architecture.capabilities.text_processing import process_text
from cognitive_architecture.foundation.errors import InvalidPayload

from .recorded_task import RecordedTask

TEXT = "The lamp burns. Mara guards it,\nand says: “Stay.”"


def read(**asked: Any) -> dict[str, Any]:
    payload = {"text": TEXT, "analyses": [], "atoms": {"document": "lamp"} | asked}
    found: dict[str, Any] = process_text(payload, RecordedTask())["atoms"]
    return found


@pytest.mark.parametrize("dialect", ["2026", "classic"])
def test_the_text_comes_back_exactly_from_its_atoms(dialect: str) -> None:
    found = read(notation=dialect)
    space = AtomSpace()
    load(space, found["notation"], dialect=dialect)

    document = Node("Document", "lamp")
    assert exact_text(space, document) == TEXT
    assert len(sentences_of(space, document)) == 2
    assert found["atoms"] == len(space)


def test_it_says_which_layers_were_read_and_why_others_were_not() -> None:
    found = read()

    assert found["layers"][0] == "L0"
    assert set(found["layers"]) | set(found["left_out"]) == {"L0", "L1", "L2"}
    assert all("left out" in reason for reason in found["left_out"].values())


def test_nothing_is_read_into_atoms_unless_somebody_asks() -> None:
    assert "atoms" not in process_text({"text": TEXT}, RecordedTask())


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (True, "payload.atoms: an object is required, not true"),
        ({}, "payload.atoms.document: a name of 1 to 200 characters is required"),
        ({"document": ""}, "payload.atoms.document"),
        ({"document": "x", "keep": 1}, "payload.atoms.keep: true or false"),
        ({"document": "x", "notation": "metta"}, "payload.atoms.notation: one of 2026, classic"),
        ({"document": "x", "layer": "L3"}, "payload.atoms: unknown field"),
    ],
)
def test_bad_wishes_are_refused(asked: Any, sentence: str) -> None:
    with pytest.raises(InvalidPayload) as refused:
        process_text({"text": TEXT, "atoms": asked}, RecordedTask())

    assert sentence in str(refused.value)


def test_half_a_character_is_refused_with_a_sentence() -> None:
    with pytest.raises(InvalidPayload, match=r"payload\.text"):
        process_text(
            {"text": "half \ud800", "analyses": [], "atoms": {"document": "x"}}, RecordedTask()
        )
