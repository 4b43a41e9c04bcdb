"""Payloads from the command line, from files and from standard input."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TextIO

from .outcomes import WrongUsage

STDIN: Final = "-"
_SHOWN_MAX: Final = 60


def one_payload(payload: str | None, file: str | None, text_field: str | None) -> dict[str, Any]:
    """The payload that the flags describe.

    Args:
        payload: JSON; ``-`` reads it from standard input.
        file: A file with JSON, or with text if ``text_field`` is given; ``-`` is standard input.
        text_field: The field that the text of the file goes into.

    Raises:
        WrongUsage: They contradict each other, cannot be read, or are no JSON object.
    """
    if payload is not None and file is not None and (payload == STDIN or text_field is None):
        raise WrongUsage(
            "--payload and --file: one of them, or --text-field NAME to add the file's text"
        )
    if text_field is not None:
        if file is None:
            raise WrongUsage("--text-field: needs --file, the file whose text goes into the field")
        given = {} if payload is None else parsed_payload(payload, "--payload")
        return given | {text_field: all_text(file)}
    if payload == STDIN:
        return parsed_payload(all_text(STDIN), "standard input")
    if payload is not None:
        return parsed_payload(payload, "--payload")
    if file is not None:
        return parsed_payload(all_text(file), _named(file))
    return {}


def many_payloads(
    file: str | None, text_field: str | None, shared: dict[str, Any]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """One payload for each line that is not empty, with its number, 1 for the first.

    Args:
        file: ``-`` or ``None`` reads standard input.
        text_field: The field that each line goes into; without it, each line is JSON.
        shared: Fields that every payload gets unless its line has them.

    Raises:
        WrongUsage: A line is no JSON object; the sentence names it.
    """
    source = file or STDIN
    with _opened(source) as lines:
        for number, line in enumerate(lines, start=1):
            text = line.rstrip("\r\n")
            if not text.strip():
                continue
            if text_field is None:
                yield number, shared | parsed_payload(text, f"{_named(source)}, line {number}")
            else:
                yield number, shared | {text_field: text}


def count_lines(file: str | None) -> int | None:
    """How many payloads a file has, for the length of a progress bar; ``None`` for a pipe."""
    if file is None or file == STDIN or not Path(file).is_file():
        return None
    with _opened(file) as lines:
        return sum(1 for line in lines if line.strip())


def parsed_payload(text: str, where: str) -> dict[str, Any]:
    """A JSON object.

    Raises:
        WrongUsage: It is something else; the sentence says where, and what is wrong.
    """
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise WrongUsage(
            f"{where}: this is no JSON ({error.msg}, line {error.lineno}, column {error.colno}): "
            f"{_shown(text)}"
        ) from None
    if not isinstance(value, dict):
        raise WrongUsage(
            f'{where}: a JSON object like {{"text": "…"}} is required, not {_shown(text)}'
        )
    return value


def all_text(file: str) -> str:
    """All that is in a file; ``-`` is standard input.

    Raises:
        WrongUsage: It cannot be read.
    """
    with _opened(file) as lines:
        return lines.read()


@contextmanager
def _opened(file: str) -> Iterator[TextIO]:
    try:
        if file == STDIN:
            yield sys.stdin
        else:
            with Path(file).open(encoding="utf-8-sig") as lines:
                yield lines
    except UnicodeDecodeError as error:
        raise WrongUsage(f"{_named(file)}: this is no text in UTF-8") from error
    except OSError as error:
        raise WrongUsage(f"{_named(file)} cannot be read: {error.strerror}") from error


def _named(file: str) -> str:
    return "standard input" if file == STDIN else file


def _shown(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= _SHOWN_MAX else one_line[: _SHOWN_MAX - 1] + "…"
