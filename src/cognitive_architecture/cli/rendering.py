"""How everything looks: results on standard output, everything else on standard error.

Calm: colour only for states and only on a terminal, no boxes, nothing that moves in a pipe.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, Final

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from cognitive_architecture.foundation.errors import MeshError

STATE_STYLES: Final = {
    "active": "green",
    "completed": "green",
    "ok": "green",
    "running": "cyan",
    "assigned": "cyan",
    "pending": "yellow",
    "queued": "yellow",
    "retrying": "yellow",
    "blocked": "yellow",
    "draining": "yellow",
    "warn": "yellow",
    "failed": "red",
    "fail": "red",
    "cancelled": "magenta",
}
"""Colours of the words for how something stands."""

_ENDLESS: Final = 10_000
"""Columns of a pipe: nothing is cut or wrapped that a program may want to read."""


def results() -> Console:
    """Standard output."""
    return _console(sys.stdout)


def notices() -> Console:
    """Standard error: what a person may want to know besides the result."""
    return _console(sys.stderr)


def _console(stream: IO[str]) -> Console:
    width = None if stream.isatty() or "COLUMNS" in os.environ else _ENDLESS
    no_colour = bool(os.environ.get("NO_COLOR"))
    return Console(
        file=stream,
        width=width,
        highlight=False,
        markup=False,
        emoji=False,
        no_color=no_colour,
    )


def may_animate() -> bool:
    """Whether progress may be shown by something that moves."""
    return (
        sys.stdout.isatty()
        and sys.stderr.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
    )


@contextmanager
def at_work(words: str) -> Iterator[None]:
    """Show that something is going on, where there is a person to see it."""
    if may_animate():
        with notices().status(Text(words, style="dim"), spinner_style="dim"):
            yield
    else:
        yield


# -- JSON ------------------------------------------------------------------------------------------


def json_text(value: object, *, indent: int | None = None) -> str:
    """A value as JSON."""
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    return json.dumps(value, ensure_ascii=encoding != "utf8", indent=indent, default=str)


def print_json(value: object) -> None:
    """A result for programs: on one line, or indented if a person is looking."""
    print_line(json_text(value, indent=2 if sys.stdout.isatty() else None))


def print_json_line(value: object) -> None:
    """One of many results for programs."""
    print_line(json_text(value))


def print_line(text: str) -> None:
    """Text as it is, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def print_value(value: object) -> None:
    """What a handler returned, for people: text as text, everything else as indented JSON."""
    if isinstance(value, str):
        print_line(value)
    elif sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        results().print_json(json_text(value), indent=2)
    else:
        print_line(json_text(value, indent=2))


# -- errors ----------------------------------------------------------------------------------------


def print_error(error: MeshError, *, as_json: bool) -> None:
    """What went wrong: a sentence for people, or one object for programs."""
    message = "\n".join([str(error), *getattr(error, "__notes__", ())])
    print_fault(
        error.code, message, as_json=as_json, retryable=error.retryable, details=error.details
    )


def print_fault(code: str, message: str, *, as_json: bool, **more: object) -> None:
    """The same for what is no ``MeshError``."""
    if as_json:
        print_json({"error": {"code": code, "message": message, **more}})
        return
    for sentence in message.splitlines():
        notices().print(Text.assemble(("cogmesh: ", "red"), sentence), soft_wrap=True)


# -- tables ----------------------------------------------------------------------------------------


def table(*columns: str, numbers: Iterable[str] = (), flexible: Iterable[str] = ()) -> Table:
    """An empty table.

    Args:
        columns: Their titles.
        numbers: Those that are aligned on the right.
        flexible: Those that may be wrapped where there is little room; the others are for copying.
    """
    made = Table(
        box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim", show_edge=False
    )
    for title in columns:
        made.add_column(
            title,
            justify="right" if title in numbers else "left",
            no_wrap=title not in flexible,
            overflow="fold",
        )
    return made


def facts(pairs: Mapping[str, RenderableType]) -> Table:
    """Names on the left, what they are on the right."""
    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(style="dim", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in pairs.items():
        made.add_row(f"  {name}", value)
    return made


def state(word: str) -> Text:
    """A word for how something stands, in its colour."""
    return Text(word, style=STATE_STYLES.get(word, ""))


def listed(*parts: str | Text) -> Text:
    """Several facts on one line; empty ones are left out."""
    line = Text()
    for part in parts:
        if line and part:
            line.append(" · ", style="dim")
        line.append(part)
    return line


# -- words -----------------------------------------------------------------------------------------


def plural(count: int, word: str, many: str | None = None) -> str:
    """``1 task``, ``2 tasks``."""
    return f"{count:,} {word if count == 1 else many or word + 's'}"


def duration(seconds: float | None) -> str:
    """A length of time, short."""
    if seconds is None:
        return ""
    if seconds < 0.9995:
        return f"{seconds * 1000:.3g} ms" if seconds >= 0.001 else f"{seconds * 1000:.2f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes:02d} min"
    return f"{hours // 24} days {hours % 24} h"


def shortened(text: str, length: int) -> str:
    """The beginning of a text on one line."""
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= length else one_line[: length - 1] + "…"


def as_dict(value: Any, *names: str) -> dict[str, Any]:
    """Some attributes by name, for JSON."""
    return {name: getattr(value, name) for name in names}
