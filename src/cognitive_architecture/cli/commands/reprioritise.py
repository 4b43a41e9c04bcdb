"""``cogmesh reprioritise``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.text import Text

from cognitive_architecture.cli.asking import ask
from cognitive_architecture.cli.options import ConnectOption, JsonOption, MeshOption
from cognitive_architecture.cli.outcomes import ExitCode
from cognitive_architecture.cli.rendering import listed, print_json, results

_UNKNOWN = Text("has ended, or was never submitted", style="red")


class What(StrEnum):
    """What can be raised and lowered."""

    TASK = "task"
    TYPE = "type"
    CONCEPT = "concept"
    REQUESTER = "requester"


def reprioritise(
    what: Annotated[What, typer.Argument(help="What matters more now, or less.", metavar="WHAT")],
    name: Annotated[str, typer.Argument(help="Its name; of a task, its id.", metavar="NAME")],
    value: Annotated[
        float,
        typer.Argument(
            help="task: its priority, 1 to 10. type, concept: by how many levels, -20 to 20; 0 "
            "undoes it. requester: its weight, 1 is the usual one.",
            metavar="VALUE",
        ),
    ],
    connect: ConnectOption = None,
    mesh: MeshOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Let a task, a type, a concept or a requester matter more, or less, from now on.

    WHAT is task, type, concept or requester. A task's priority is kept; the rest is forgotten when
    the orchestrator ends.

    With --json: {waiting, unknown}: how many waiting tasks have another place now, and the ids of
    tasks that have ended or were never known.
    """
    number = int(value) if what is What.TASK and value.is_integer() else value
    change: dict[str, Any] = {f"{what}s": {name: number}}
    answer = ask(lambda client: client.reprioritise(**change), connect, mesh)
    known = not answer["unknown"]
    if as_json:
        print_json(answer)
    else:
        said = _in_words(what, value, answer["waiting"]) if known else _UNKNOWN
        results().print(listed(Text(name, style="bold"), said))
    return ExitCode.OK if known else ExitCode.NOT_FOUND


def _in_words(what: What, value: float, waiting: int) -> str:
    tasks = "1 waiting task has" if waiting == 1 else f"{waiting:,} waiting tasks have"
    if what is What.REQUESTER:
        return f"has weight {value:g} now"
    if what is What.TASK:
        place = "" if waiting else "; it is not waiting, so this counts for its next attempt"
        return f"has priority {value:g} now{place}"
    if not value:
        return f"stands where its tasks say; {tasks} another place"
    direction = "raised" if value > 0 else "lowered"
    return f"is {direction} by {abs(value):g} levels; {tasks} another place"
