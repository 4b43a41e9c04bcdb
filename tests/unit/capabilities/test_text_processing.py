from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings

from cognitive_architecture.capabilities.text_processing import process_text
from cognitive_architecture.foundation.errors import InvalidPayload

from .language.texts import ANY_TEXT
from .recorded_task import RecordedTask

TEXT = "Mara Voss paid $5 for the lamp. The lamp was lit."
ALL = ["sentences", "tokens", "keywords", "entities", "readability", "counts"]


def process(**payload: Any) -> dict[str, Any]:
    return process_text(payload, RecordedTask())


def test_all_analyses_are_the_default() -> None:
    assert list(process(text=TEXT)) == ALL


def test_only_the_chosen_analyses_come_back() -> None:
    assert list(process(text=TEXT, analyses=["counts", "tokens"])) == ["tokens", "counts"]
    assert process(text=TEXT, analyses=[]) == {}


def test_the_shapes_of_the_results() -> None:
    found = process(text=TEXT, keywords_max=1)
    assert found["sentences"][1] == {"text": "The lamp was lit.", "start": 32, "end": 49}
    assert found["tokens"][2] == {"kind": "word", "text": "paid", "start": 10, "end": 14}
    assert [list(keyword) for keyword in found["keywords"]] == [["text", "score", "count"]]
    assert found["entities"][0] == {
        "kind": "person",
        "text": "Mara Voss",
        "start": 0,
        "end": 9,
        "rule": "known given name",
    }
    assert found["counts"]["words"] == 11
    assert found["readability"]["measures"]["sentences"] == 2


def test_an_empty_text_is_allowed() -> None:
    found = process(text="")
    assert (found["sentences"], found["tokens"], found["keywords"], found["entities"]) == (
        [], [], [], [],
    )  # fmt: skip
    assert found["counts"]["reading_time_s"] == 0.0
    assert found["readability"]["smog_grade"] is None


@pytest.mark.parametrize(
    ("payload", "sentence"),
    [
        ({}, "payload.text: a string is required, not nothing at all"),
        ({"text": 12}, "payload.text: a string is required, not 12"),
        (
            {"text": "", "analyses": "tokens"},
            'payload.analyses: a list is required, not "tokens"',
        ),
        (
            {"text": "", "analyses": ["tokens", "words"]},
            f'payload.analyses[1]: one of {", ".join(ALL)}, not "words"',
        ),
        (
            {"text": "", "keywords_max": 0},
            "payload.keywords_max: a whole number from 1 to 100, not 0",
        ),
        (
            {"text": "", "keywords_max": True},
            "payload.keywords_max: a whole number from 1 to 100, not true",
        ),
        ({"text": "", "language": "de"}, 'payload.language: one of en, not "de"'),
        (
            {"text": "", "txt": ""},
            (
                'payload: unknown field "txt"; '
                "allowed are text, analyses, keywords_max, language, atoms"
            ),
        ),
    ],
)
def test_a_wrong_payload_is_refused_with_what_came_and_what_is_allowed(
    payload: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InvalidPayload) as refused:
        process_text(payload, RecordedTask())
    assert str(refused.value) == sentence


def test_progress_rises_and_names_what_comes_next() -> None:
    task = RecordedTask()
    process_text({"text": TEXT}, task)
    shares = [share for share, _ in task.heard]
    assert shares == sorted(shares)
    assert [note.rpartition(" ")[2] for _, note in task.heard] == ALL


def test_a_stopped_task_ends_between_two_analyses() -> None:
    assert list(process_text({"text": TEXT}, RecordedTask(stopped_after=2))) == ALL[:2]


@given(ANY_TEXT)
@settings(deadline=None)
def test_results_are_json_and_offsets_slice_back(text: str) -> None:
    found = process(text=text)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    for analysis in ("sentences", "tokens", "entities"):
        for item in found[analysis]:
            assert text[item["start"] : item["end"]] == item["text"]
