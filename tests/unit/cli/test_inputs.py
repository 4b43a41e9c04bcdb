from __future__ import annotations

import io
from pathlib import Path

import pytest

from cognitive_architecture.cli.inputs import count_lines, many_payloads, one_payload
from cognitive_architecture.cli.outcomes import WrongUsage


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stdin", stream)
    return stream


def say(stdin: io.StringIO, text: str) -> None:
    stdin.write(text)
    stdin.seek(0)


def test_without_any_flag_the_payload_is_empty() -> None:
    assert one_payload(None, None, None) == {}


def test_json_on_the_command_line() -> None:
    assert one_payload('{"a": 1}', None, None) == {"a": 1}


def test_json_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "payload.json"
    file.write_text('{"a": 1}')

    assert one_payload(None, str(file), None) == {"a": 1}


def test_a_file_written_by_notepad_begins_with_a_mark_that_is_left_aside(tmp_path: Path) -> None:
    file = tmp_path / "payload.json"
    file.write_bytes(b'\xef\xbb\xbf{"a": 1}')

    assert one_payload(None, str(file), None) == {"a": 1}


def test_text_of_a_file_goes_into_a_field_beside_others(tmp_path: Path) -> None:
    file = tmp_path / "story.txt"
    file.write_text("Once.\n")

    assert one_payload('{"analyses": []}', str(file), "text") == {
        "analyses": [],
        "text": "Once.\n",
    }


@pytest.mark.parametrize(("payload", "file"), [("-", None), (None, "-")])
def test_json_from_standard_input(
    stdin: io.StringIO, payload: str | None, file: str | None
) -> None:
    say(stdin, '{"a": 1}')

    assert one_payload(payload, file, None) == {"a": 1}


def test_text_from_standard_input(stdin: io.StringIO) -> None:
    say(stdin, "Once.")

    assert one_payload(None, "-", "text") == {"text": "Once."}


@pytest.mark.parametrize(
    ("payload", "file", "text_field", "sentence"),
    [
        ("{", None, None, "--payload: this is no JSON"),
        ("[1]", None, None, "--payload: a JSON object like"),
        ("{}", "x.json", None, "--payload and --file: one of them"),
        ("-", "x.txt", "text", "--payload and --file: one of them"),
        (None, None, "text", "--text-field: needs --file"),
        (None, "missing.json", None, "missing.json cannot be read: No such file or directory"),
    ],
)
def test_what_makes_no_sense_is_refused(
    payload: str | None, file: str | None, text_field: str | None, sentence: str
) -> None:
    with pytest.raises(WrongUsage) as caught:
        one_payload(payload, file, text_field)
    assert sentence in str(caught.value)


def test_a_mistake_in_json_names_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "payload.json"
    file.write_text('{\n "a": tru\n}')

    with pytest.raises(WrongUsage, match="line 2, column 7"):
        one_payload(None, str(file), None)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "payload.json"
    file.write_bytes(b"\xff\xff")

    with pytest.raises(WrongUsage, match="no text in UTF-8"):
        one_payload(None, str(file), None)


def test_every_line_that_is_not_empty_is_a_payload_with_its_number(stdin: io.StringIO) -> None:
    say(stdin, '{"a": 1}\n\n{"a": 2, "b": 3}\r\n')

    assert list(many_payloads("-", None, {"b": 0})) == [
        (1, {"a": 1, "b": 0}),
        (3, {"a": 2, "b": 3}),
    ]


def test_every_line_may_be_text(stdin: io.StringIO) -> None:
    say(stdin, "one\ntwo\n")

    assert list(many_payloads(None, "text", {})) == [(1, {"text": "one"}), (2, {"text": "two"})]


def test_a_wrong_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / "payloads.jsonl"
    file.write_text('{"a": 1}\n{"a": \n')
    lines = many_payloads(str(file), None, {})

    assert next(lines) == (1, {"a": 1})
    with pytest.raises(WrongUsage, match=r"payloads\.jsonl, line 2: this is no JSON"):
        next(lines)


def test_lines_are_counted_where_they_can_be_read_twice(tmp_path: Path) -> None:
    file = tmp_path / "payloads.jsonl"
    file.write_text("{}\n\n{}\n")

    assert count_lines(str(file)) == 2
    assert count_lines("-") is None
    assert count_lines(None) is None
