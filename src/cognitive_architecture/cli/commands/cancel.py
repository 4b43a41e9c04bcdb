"""``cogmesh cancel``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from cognitive_architecture.cli.asking import ask
from cognitive_architecture.cli.options import ConnectOption, JsonOption, MeshOption
from cognitive_architecture.cli.outcomes import ExitCode
from cognitive_architecture.cli.rendering import listed, print_json, results
from cognitive_architecture.foundation.errors import UnknownTask

if TYPE_CHECKING:
    from cognitive_architecture.distributed_mesh.client import MeshClient


def cancel(
    task_ids: Annotated[list[str], typer.Argument(metavar="ID...", help="As submit prints them.")],
    connect: ConnectOption = None,
    mesh: MeshOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Stop tasks, wherever they are; a running handler is told at once.

    With --json: a list of {task_id, cancelled, known}. A task that had ended before stays as it
    was. If one of them is not known, the others are cancelled and the exit code is 5.
    """

    async def each(client: MeshClient) -> list[dict[str, Any]]:
        return [await _cancelled(client, task_id) for task_id in task_ids]

    outcomes = ask(each, connect, mesh)
    if as_json:
        print_json(outcomes)
    else:
        for outcome in outcomes:
            results().print(listed(Text(outcome["task_id"], style="bold"), _in_words(outcome)))
    return ExitCode.OK if all(outcome["known"] for outcome in outcomes) else ExitCode.NOT_FOUND


async def _cancelled(client: MeshClient, task_id: str) -> dict[str, Any]:
    try:
        return {"task_id": task_id, "cancelled": await client.cancel(task_id), "known": True}
    except UnknownTask:
        return {"task_id": task_id, "cancelled": False, "known": False}


def _in_words(outcome: dict[str, Any]) -> Text:
    if outcome["cancelled"]:
        return Text("cancelled", style="magenta")
    if outcome["known"]:
        return Text("had ended before")
    return Text("is not known here", style="red")
