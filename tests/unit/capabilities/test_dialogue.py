from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cognitive_architecture.capabilities.dialogue import attribute_speech
from cognitive_architecture.foundation.errors import InvalidPayload

from .language.texts import ANY_TEXT
from .recorded_task import RecordedTask

TEXT = '"Come in," said Mara, "and sit."\n\n"Thank you," he said.'


def attribute(**payload: Any) -> dict[str, Any]:
    return attribute_speech(payload, RecordedTask())


def test_the_shape_of_the_result() -> None:
    found = attribute(text=TEXT)
    assert list(found) == ["turns", "speakers", "narration_ratio"]
    assert found["turns"][0] == {
        "speaker": "Mara",
        "text": "Come in,",
        "start": 1,
        "end": 9,
        "rule": "tag after the quotation",
        "resolved_by": None,
        "confidence": 0.98,
        "continues": False,
    }
    assert found["turns"][1]["continues"]
    assert found["speakers"] == {"Mara": 1}
    assert found["narration_ratio"] == pytest.approx(4 / 10)


def test_a_speaker_nobody_can_know_is_null() -> None:
    last = attribute(text=TEXT)["turns"][2]
    assert (last["speaker"], last["confidence"]) == (None, 0.0)
    assert last["resolved_by"] == "he: nobody in particular"


def test_listed_characters_are_used() -> None:
    found = attribute(text='Hope looked up. "Come in."', characters=["Hope"])
    assert found["speakers"] == {"Hope": 1}


def test_a_text_without_speech() -> None:
    assert attribute(text="Nobody spoke.") == {
        "turns": [],
        "speakers": {},
        "narration_ratio": 1.0,
    }


@pytest.mark.parametrize(
    ("payload", "sentence"),
    [
        ({"text": None}, "payload.text: a string is required, not null"),
        (
            {"text": "", "characters": "Mara"},
            'payload.characters: a list is required, not "Mara"',
        ),
        (
            {"text": "", "characters": ["Mara", "!"]},
            'payload.characters[1]: a name with a letter in it, not "!"',
        ),
        (
            {"text": "", "characters": ["x"] * 1001},
            "payload.characters: at most 1,000 names, not 1,001",
        ),
        (
            {"text": "", "speakers": []},
            'payload: unknown field "speakers"; allowed are text, characters',
        ),
    ],
)
def test_a_wrong_payload_is_refused_with_what_came_and_what_is_allowed(
    payload: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InvalidPayload) as refused:
        attribute_speech(payload, RecordedTask())
    assert str(refused.value) == sentence


def test_progress_is_told_and_a_stopped_task_ends_early() -> None:
    task = RecordedTask()
    attribute_speech({"text": TEXT}, task)
    assert [share for share, _ in task.heard] == [0.0, 0.4, 0.9]
    assert attribute_speech({"text": TEXT}, RecordedTask(stopped_after=1)) == {}


@given(ANY_TEXT, st.lists(st.sampled_from(["Mara", "Tom Lee", "\u00c9va 2"]), max_size=3))
@settings(deadline=None)
def test_results_are_json_and_offsets_slice_back(text: str, characters: list[str]) -> None:
    found = attribute(text=text, characters=characters)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert all(text[turn["start"] : turn["end"]] == turn["text"] for turn in found["turns"])
