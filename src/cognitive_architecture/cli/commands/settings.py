"""``cogmesh settings``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from cognitive_architecture.cli.asking import settings_for
from cognitive_architecture.cli.options import ConnectOption, JsonOption, MeshOption
from cognitive_architecture.cli.outcomes import ExitCode
from cognitive_architecture.cli.rendering import (
    json_text,
    notices,
    print_json,
    print_line,
    results,
    table,
)

if TYPE_CHECKING:
    from cognitive_architecture.foundation.settings_source import LoadedSettings


def settings(
    example: Annotated[
        bool,
        typer.Option("--example", help="Print a cogmesh.toml with every setting explained."),
    ] = False,
    connect: ConnectOption = None,
    mesh: MeshOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """The settings that hold here and now, and where each one comes from.

    Sources, the weakest first: defaults, the user's file, ./cogmesh.toml, COGMESH_SECTION__NAME
    variables, flags. With --json: {section.name: {value, source}}.
    """
    if example:
        # Only this flag needs the texts.
        from cognitive_architecture.foundation.settings_example import example_toml

        print_line(example_toml().rstrip("\n"))
        return ExitCode.OK
    loaded = settings_for(connect, mesh)
    if as_json:
        print_json(
            {
                f"{section}.{name}": {
                    "value": value,
                    "source": loaded.origins.get(f"{section}.{name}", "default"),
                }
                for section, values in loaded.settings.model_dump().items()
                for name, value in values.items()
            }
        )
    else:
        _show(loaded)
    return ExitCode.OK


def _show(loaded: LoadedSettings) -> None:
    rows = table("setting", "value", "source", flexible=["value", "source"])
    for section, values in loaded.settings.model_dump().items():
        for name, value in values.items():
            origin = loaded.origins.get(f"{section}.{name}")
            rows.add_row(
                Text.assemble((f"{section}.", "dim"), name),
                Text(
                    "not set" if value is None else json_text(value),
                    style="bold" if origin else "",
                ),
                Text(origin or "default", style="" if origin else "dim"),
            )
    results().print(rows)
    read = ", ".join(str(path) for path in loaded.files) or "none"
    notices().print(
        f"\nfiles read: {read} · what each means: cogmesh settings --example", style="dim"
    )
