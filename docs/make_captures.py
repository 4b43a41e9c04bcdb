"""Writes the terminal pictures of the README from a real run.

``python docs/make_captures.py`` starts ``examples/first_run.py`` in an empty folder, waits until
the story is read, asks ``cogmesh status`` and ``cogmesh nodes``, and ends the run again. Nothing
in the pictures is written by hand, so the figures are those of the machine it ran on.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

DOCS: Final = Path(__file__).parent
PICTURES: Final = DOCS / "pictures"
FIRST_RUN: Final = DOCS.parent / "examples" / "first_run.py"
COGMESH: Final = [sys.executable, "-m", "cognitive_architecture.cli"]
STORY_COLUMNS: Final = 84
TABLE_COLUMNS: Final = 110
LAST_WORDS: Final = "Ctrl-C ends it"

# Readable on a light and on a dark page; the frame is part of the picture.
THEME: Final = TerminalTheme(
    (13, 20, 31),
    (212, 220, 232),
    [(13, 20, 31), (248, 113, 113), (94, 214, 160), (250, 204, 110), (110, 168, 254),
     (214, 149, 245), (92, 208, 224), (212, 220, 232)],
    [(100, 116, 139), (248, 113, 113), (94, 214, 160), (250, 204, 110), (110, 168, 254),
     (214, 149, 245), (92, 208, 224), (255, 255, 255)],
)  # fmt: skip


def main() -> None:
    """Run, look, write."""
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.Popen(
            [sys.executable, str(FIRST_RUN)],
            cwd=folder,
            env=_terminal(folder, STORY_COLUMNS),
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        try:
            said = _until_read(run)
            status = _said_by(folder, "status")
            nodes = _said_by(folder, "nodes")
        finally:
            run.terminate()
            run.wait()
    PICTURES.mkdir(exist_ok=True)
    story, _, _ = said.partition("The mesh stays up")
    _draw("make-run", "make run", story.strip("\n"), STORY_COLUMNS)
    _draw("status", "cogmesh status · cogmesh nodes", f"{status}\n\n{nodes}", TABLE_COLUMNS)


def _terminal(folder: str, columns: int) -> dict[str, str]:
    """What makes rich write colours into a pipe, and nothing that moves."""
    return os.environ | {
        "COLUMNS": str(columns),
        "FORCE_COLOR": "1",
        "TERM": "xterm-256color",
        "TTY_COMPATIBLE": "1",
        "TTY_INTERACTIVE": "0",
        "HOME": folder,
    }


def _until_read(run: subprocess.Popen[str]) -> str:
    lines: list[str] = []
    for line in run.stdout or ():
        lines.append(line)
        if LAST_WORDS in line:
            return "".join(lines)
    sys.exit(f"the run ended early:\n{''.join(lines)}")


def _said_by(folder: str, command: str) -> str:
    done = subprocess.run(
        [*COGMESH, command],
        cwd=folder,
        env=_terminal(folder, TABLE_COLUMNS),
        capture_output=True,
        check=True,
        text=True,
        encoding="utf-8",
    )
    prompt = f"\x1b[2m$\x1b[0m \x1b[1mcogmesh {command}\x1b[0m\n"
    return prompt + done.stdout.rstrip("\n")


def _draw(name: str, title: str, screen: str, columns: int) -> None:
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=columns, file=nowhere, force_terminal=True)
        console.print(Text("\n").join(_without_gaps(Text.from_ansi(screen).split("\n"))))
    svg = console.export_svg(title=title, theme=THEME, unique_id=f"cogmesh-{name}")
    # rich would have the reader's browser fetch a font; every system has one of fixed width.
    svg = re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code, monospace", "ui-monospace, Menlo, Consolas, monospace")
    (PICTURES / f"{name}.svg").write_text(_without_blanks_at_ends(svg), encoding="utf-8")


def _without_gaps(lines: Iterable[Text]) -> list[Text]:
    """At most one empty line in a row, and none at the end."""
    kept: list[Text] = []
    for line in lines:
        if line.plain.strip() or (kept and kept[-1].plain.strip()):
            kept.append(line)
    return kept if kept[-1].plain.strip() else kept[:-1]


def _without_blanks_at_ends(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


if __name__ == "__main__":
    main()
