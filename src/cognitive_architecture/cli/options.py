"""Flags and words that several commands have."""

from __future__ import annotations

from typing import Annotated, Final

import typer

DESCRIPTIONS: Final = "descriptions"
"""Where a node's metadata say what each of its handlers does."""

ConnectOption = Annotated[
    list[str] | None,
    typer.Option(
        "--connect",
        "-c",
        metavar="ENDPOINT",
        help="Where the orchestrator is, as tcp/ADDRESS:PORT; several may be given.",
        show_default="this machine",
    ),
]

MeshOption = Annotated[
    str | None,
    typer.Option("--mesh", "-m", metavar="NAME", help="Name of the mesh.", show_default="home"),
]

JsonOption = Annotated[
    bool,
    typer.Option("--json", help="JSON on standard output, and nothing else there."),
]
