"""Writes the table of planted bugs into ``docs/simulation.md``: ``make docs``."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from statistics import median_high

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "simulation.md"
FOUND = ROOT / "tests" / "simulation" / "planted" / "found.json"
_TABLE = re.compile(r"(<!-- planted -->\n).*?(<!-- /planted -->)", re.DOTALL)


def table() -> str:
    """What was planted, and after how many seeds it was found."""
    catches = json.loads(FOUND.read_text("utf-8"))
    found = [catch["seeds"] for catch in catches.values() if catch["seeds"] is not None]
    share = 100 * len(found) // len(catches)
    middle = median_high(found)
    half = f"half of them within {middle} seeds" if middle > 1 else "most of them by the first seed"
    lines = [
        f"{len(found)} of {len(catches)} were found ({share} %), {half}.",
        "",
        "| planted in | what it breaks | seeds | changed | how it shows |",
        "|---|---|---:|---:|---|",
    ]
    for name, catch in catches.items():
        function, _, breaks = name.partition(": ")
        seeds = catch["seeds"] if catch["seeds"] is not None else f"not in {catch['played']}"
        breach = catch["breach"].replace("|", "/")[:100]
        lines.append(f"| `{function}` | {breaks} | {seeds} | {catch['changed']} | {breach} |")
    return "\n".join(lines)


def page() -> str:
    """The whole page, with the table as it should be."""
    return _TABLE.sub(lambda match: f"{match[1]}{table()}\n{match[2]}", PAGE.read_text("utf-8"))


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
    sys.stdout.write(f"wrote {PAGE.relative_to(ROOT)}\n")
