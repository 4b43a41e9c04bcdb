from __future__ import annotations

import pytest
from rich.text import Text

from cognitive_architecture.cli.rendering import (
    duration,
    json_text,
    listed,
    may_animate,
    plural,
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
        (0.0123, "12.3 ms"),
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
