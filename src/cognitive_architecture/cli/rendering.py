"""How everything looks: results on standard output, everything else on standard error.

Calm: colour only for states and only on a terminal, no boxes, nothing that moves in a pipe.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any, Final

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.highlighter import JSONHighlighter
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
    "suspect": "yellow",
    "warn": "yellow",
    "failed": "red",
    "fail": "red",
    "cancelled": "magenta",
}
"""Colours of the words for how something stands."""

_JSON_WIDE: Final = 80
_COLUMN_GAP: Final = 3
_FLEXIBLE_LEAST: Final = 20
_ENDLESS: Final = 10_000
"""Columns of a pipe: nothing is cut or wrapped that a program may want to read."""


def results() -> Console:
    """Standard output."""
    return _console(sys.stdout)


def notices() -> Console:
    """Standard error: what a person may want to know besides the result."""
    return _console(sys.stderr)


def notice_of_leaving(sentence: str) -> None:
    """On standard error, below the ``^C`` that a terminal has just shown."""
    out = notices()
    if out.is_terminal:
        out.print()
    out.print(sentence, style="dim")


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
    """What a handler returned, for people: text as text, everything else as JSON."""
    if isinstance(value, str):
        print_line(value)
        return
    out = results()
    text = readable_json(value, width=min(out.width, _JSON_WIDE))
    if out.is_terminal:
        out.print(JSONHighlighter()(text), soft_wrap=True)
    else:
        print_line(text)


def readable_json(value: object, *, width: int, at: int = 0, indent: int = 0) -> str:
    """JSON in which whatever fits on a line stands on one.

    Args:
        value: What JSON can say.
        width: Columns of a line.
        at: Columns that are taken before the first character.
        indent: Of the line it begins on.
    """
    on_one_line = json_text(value)
    is_too_deep = indent >= width  # no room is left for anything but the indentation
    if not isinstance(value, dict | list) or is_too_deep or at + cell_len(on_one_line) < width:
        return on_one_line
    inside = indent + 2
    heads = (
        [f"{json_text(name)}: " for name in value] if isinstance(value, dict) else [""] * len(value)
    )
    items = value.values() if isinstance(value, dict) else value
    lines = [
        " " * inside
        + head
        + readable_json(item, width=width, at=inside + cell_len(head), indent=inside)
        for head, item in zip(heads, items, strict=True)
    ]
    first, last = "{}" if isinstance(value, dict) else "[]"
    return "\n".join((first, ",\n".join(lines), " " * indent + last))


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
        box=None,
        pad_edge=False,
        padding=(0, _COLUMN_GAP, 0, 0),
        header_style="dim",
        show_edge=False,
    )
    for title in columns:
        made.add_column(
            title,
            justify="right" if title in numbers else "left",
            no_wrap=title not in flexible,
            overflow="fold",
        )
    return made


def print_rows(
    columns: Mapping[str, Callable[[Any], str | Text]],
    items: Iterable[Any],
    *,
    numbers: Sequence[str] = (),
    flexible: Sequence[str] = (),
    dispensable: Sequence[str] = (),
) -> None:
    """A table on standard output, of as many columns as there is room for.

    Names are for copying: rather leave a column out than cut one.

    Args:
        columns: What stands in each, by title.
        items: One for each row.
        numbers: Columns that are aligned on the right.
        flexible: Columns that may be wrapped between words.
        dispensable: Columns that may be left out, in this order.
    """
    out = results()
    cells = {title: [cell(item) for item in items] for title, cell in columns.items()}
    widths = {
        title: _least_width(title, texts, is_flexible=title in flexible)
        for title, texts in cells.items()
    }
    for title in dispensable:
        if _width(widths) <= out.width:
            break
        del cells[title], widths[title]
    out.width = max(out.width, _width(widths))  # what is too wide, the terminal wraps
    rows = table(*cells, numbers=numbers, flexible=flexible)
    for row in zip(*cells.values(), strict=True):
        rows.add_row(*row)
    out.print(rows)


def _width(columns: Mapping[str, int]) -> int:
    return sum(columns.values()) + _COLUMN_GAP * (len(columns) - 1)


def _least_width(title: str, texts: list[str | Text], *, is_flexible: bool) -> int:
    words = [title, *(str(text) for text in texts)]
    longest = max(cell_len(text) for text in words)
    if is_flexible:
        longest_word = max(cell_len(word) for text in words for word in (*text.split(), ""))
        longest = max(longest_word, min(longest, _FLEXIBLE_LEAST))
    return longest


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
        return f"{seconds * 1000:.{2 if seconds < 0.00995 else 1 if seconds < 0.0995 else 0}f} ms"
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
