"""``cogmesh doctor``."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from cognitive_architecture.cli import asking
from cognitive_architecture.cli.examination import mesh as mesh_examination
from cognitive_architecture.cli.examination import places, program
from cognitive_architecture.cli.examination.findings import (
    Finding,
    Level,
    failure,
    verdict,
    well,
)
from cognitive_architecture.cli.options import ConnectOption, JsonOption, MeshOption
from cognitive_architecture.cli.outcomes import ExitCode
from cognitive_architecture.cli.rendering import (
    notices,
    plural,
    print_json,
    results,
    state,
)
from cognitive_architecture.foundation.errors import ConfigurationError, MeshError
from cognitive_architecture.foundation.world import RealClock

if TYPE_CHECKING:
    from cognitive_architecture.foundation.settings import Settings
    from cognitive_architecture.foundation.settings_source import LoadedSettings

_PATIENCE_S = 3.0


def doctor(
    *,
    data: Annotated[
        str | None,
        typer.Option(
            "--data", "-d", metavar="DIR", help="Where tasks are kept.", show_default="./.cogmesh"
        ),
    ] = None,
    connect: ConnectOption = None,
    mesh: MeshOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Look for whatever could keep a mesh from working, and say what to do about it.

    The exit code is 0 if nothing fails, else that of the first failure. That no mesh runs is a
    failure only if somebody has said where it should be. With --json: {ok, findings [{level,
    subject, sentence, advice}]}.
    """
    findings = []
    for finding in _findings(data, connect, mesh):
        findings.append(finding)
        if not as_json:
            _show(finding)
    code = verdict(findings)
    if as_json:
        print_json(
            {
                "ok": code == ExitCode.OK,
                "findings": [
                    {
                        "level": str(finding.level),
                        "subject": finding.subject,
                        "sentence": finding.sentence,
                        "advice": finding.advice,
                    }
                    for finding in findings
                ],
            }
        )
    else:
        _show_sum(findings)
    return code


def _findings(data: str | None, connect: list[str] | None, mesh: str | None) -> Iterator[Finding]:
    yield program.python()
    yield from program.packages()
    try:
        loaded = asking.settings_for(connect, mesh)
    except ConfigurationError as error:
        for sentence in str(error).splitlines():
            yield failure(
                "settings", sentence, "correct it; the rest is not looked at", ExitCode.WRONG_USAGE
            )
        return
    files = ", ".join(str(path) for path in loaded.files)
    yield well("settings", f"valid; {f'read from {files}' if files else 'no file, all is usual'}")
    folder = Path(data or loaded.settings.store.directory or ".cogmesh")
    yield places.data_folder(folder)
    yield places.disk(folder)
    for endpoint in loaded.settings.mesh.listen:
        yield places.port(endpoint)
    yield from _of_the_mesh(loaded)


def _of_the_mesh(loaded: LoadedSettings) -> list[Finding]:
    from cognitive_architecture.foundation.settings_check import amended_settings

    patience_s = min(_PATIENCE_S, loaded.settings.mesh.connect_timeout_s)
    settings = amended_settings(loaded.settings, {"mesh.connect_timeout_s": patience_s})
    try:
        return asyncio.run(_ask(settings))
    except MeshError as error:
        is_expected = "mesh.connect" in loaded.origins
        return [mesh_examination.unreachable(error, is_expected=is_expected)]


async def _ask(settings: Settings) -> list[Finding]:
    async with asking.open_client(settings, "doctor") as client:
        return await mesh_examination.examine(client, RealClock())


def _show(finding: Finding) -> None:
    row = Table.grid(padding=(0, 2, 0, 0))
    row.add_column(width=4)
    row.add_column(width=8, style="dim")
    row.add_column(overflow="fold")
    row.add_row(state(finding.level), finding.subject, finding.sentence)
    if finding.advice:
        row.add_row("", "", Text(f"→ {finding.advice}", style="bold"))
    results().print(row)


def _show_sum(findings: list[Finding]) -> None:
    failures = sum(finding.level is Level.FAIL for finding in findings)
    doubts = sum(finding.level is Level.WARN for finding in findings)
    if failures:
        said, style = f"{plural(failures, 'failure')}, {plural(doubts, 'warning')}", "red"
    elif doubts:
        said, style = f"nothing fails; {plural(doubts, 'warning')}", "yellow"
    else:
        said, style = "all is well", "green"
    notices().print(f"\n{said}", style=style)
