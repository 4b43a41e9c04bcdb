from __future__ import annotations

import json

import pytest
from rich.text import Text

from cognitive_architecture.cli.rendering import (
    duration,
    json_text,
    listed,
    may_animate,
    plural,
    print_rows,
    readable_json,
    results,
    shortened,
    table,
)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (0.0, "0.00 ms"),
        (0.00032, "0.32 ms"),
        (0.0038, "3.80 ms"),
        (0.00996, "10.0 ms"),
        (0.0123, "12.3 ms"),
        (0.0999, "100 ms"),
        (0.25, "250 ms"),
        (0.9996, "1.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (61.0, "1 min 01 s"),
        (3600.0, "1 h 00 min"),
        (200_000.0, "2 days 7 h"),
    ],
)
def test_durations(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words


def test_plurals() -> None:
    assert [plural(count, "task") for count in (0, 1, 1234)] == ["0 tasks", "1 task", "1,234 tasks"]
    assert plural(2, "task waits", "tasks wait") == "2 tasks wait"


def test_a_text_is_shortened_to_one_line() -> None:
    assert shortened("one\n  two", 20) == "one two"
    assert shortened("abcdefgh", 5) == "abcd…"


def test_a_list_of_facts_leaves_out_what_is_empty() -> None:
    assert listed("a", "", Text("b"), Text("")).plain == "a · b"


def test_nothing_is_cut_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    rows = table("task", "note")
    rows.add_row("t" * 200, "n" * 300)

    results().print(rows)

    printed = capsys.readouterr().out
    assert "t" * 200 in printed
    assert "n" * 300 in printed
    assert len(printed.splitlines()) == 2


def test_nothing_is_coloured_or_moves_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    results().print("failed", style="red")

    assert capsys.readouterr().out == "failed\n"
    assert not may_animate()


def test_what_looks_like_markup_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    results().print("[red]:smile: [0, 1]")

    assert capsys.readouterr().out == "[red]:smile: [0, 1]\n"


def test_json_for_an_output_that_knows_ascii_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    class Ascii:
        encoding = "ascii"

    monkeypatch.setattr("sys.stdout", Ascii())

    assert json_text("é") == '"\\u00e9"'


def test_json_for_people_breaks_only_what_does_not_fit_on_a_line() -> None:
    value = {"words": 3, "most_common": [["two", 2], ["one", 1]], "none": [], "at": {"x": 1}}

    assert readable_json(value, width=200) == json_text(value)
    assert readable_json(value, width=30).splitlines() == [
        "{",
        '  "words": 3,',
        '  "most_common": [',
        '    ["two", 2],',
        '    ["one", 1]',
        "  ],",
        '  "none": [],',
        '  "at": {"x": 1}',
        "}",
    ]
    assert json.loads(readable_json(value, width=30)) == value


def test_json_for_people_may_be_nested_deeper_than_a_line_is_wide() -> None:
    value: list[object] = []
    for _ in range(500):  # what a payload may have at most
        value = [value]

    assert json.loads(readable_json(value, width=80)) == value


def test_a_table_leaves_out_what_there_is_no_room_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = {"id": str, "size": len, "note": lambda _: "some words to wrap"}
    texts = {title: (lambda item, cell=cell: str(cell(item))) for title, cell in columns.items()}

    def printed(width: int) -> list[str]:
        monkeypatch.setenv("COLUMNS", str(width))
        print_rows(texts, ["a" * 20], numbers=["size"], flexible=["note"], dispensable=["size"])
        return [line.rstrip() for line in capsys.readouterr().out.splitlines()]

    assert printed(60) == [
        "id                     size   note",
        "aaaaaaaaaaaaaaaaaaaa     20   some words to wrap",
    ]
    assert printed(42) == [
        "id                     note",
        "aaaaaaaaaaaaaaaaaaaa   some words to wrap",
    ]
    assert "a" * 20 in printed(10)[1]
