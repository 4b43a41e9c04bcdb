"""Draws what happened when, a line for each kind, in characters that every terminal has."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rich.text import Text

from .rendering import duration

_QUIET = "·"
_COUNTS = "•23456789+"
"""How one, two, … things in one column are shown."""


def draw_timeline(
    happened: Iterable[tuple[float, str]], *, width: int, clock: Callable[[float], str]
) -> list[Text]:
    """Lines of at most ``width`` columns; none if nothing happened.

    Args:
        happened: Instants, in seconds, and kinds.
        width: Columns there are.
        clock: Shows an instant.
    """
    items = sorted(happened)
    if not items:
        return []
    kinds = sorted({kind for _, kind in items})
    name_wide = max(len(kind) for kind in kinds) + 2
    columns = max(20, width - name_wide)
    first, last = items[0][0], items[-1][0]
    span = max(last - first, 1.0)
    counts = {kind: [0] * columns for kind in kinds}
    for instant, kind in items:
        counts[kind][min(columns - 1, int((instant - first) / span * (columns - 1)))] += 1
    lines = []
    for kind in kinds:
        line = Text(f"{kind:<{name_wide}}")
        for count in counts[kind]:
            mark = _COUNTS[min(count, len(_COUNTS)) - 1] if count else _QUIET
            line.append(mark, style="red" if count else "dim")
        lines.append(line)
    begin, length = clock(first), f"over {duration(last - first)}"
    end = clock(first + span)
    gap = columns - len(begin) - len(end)
    middle = f"{length:^{gap}}" if len(length) < gap else " " * max(1, gap)
    lines.append(Text(f"{'':<{name_wide}}{begin}{middle}{end}", style="dim"))
    return lines
