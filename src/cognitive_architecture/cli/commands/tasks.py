"""``cogmesh tasks``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from cognitive_architecture.cli.asking import ask
from cognitive_architecture.cli.options import ConnectOption, JsonOption, MeshOption
from cognitive_architecture.cli.outcomes import ExitCode
from cognitive_architecture.cli.rendering import (
    duration,
    notices,
    print_json,
    print_rows,
    shortened,
    state,
)
from cognitive_architecture.distributed_mesh.model import TaskStatus


def tasks(
    *,
    status: Annotated[
        TaskStatus | None, typer.Option("--status", "-s", help="Only those that stand so.")
    ] = None,
    task_type: Annotated[
        str | None, typer.Option("--type", "-t", metavar="TYPE", help="Only those of this type.")
    ] = None,
    requester: Annotated[
        str | None,
        typer.Option("--requester", metavar="NAME", help="Only those this requester asked for."),
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", metavar="N", min=1, max=1000, help="How many at most.")
    ] = 20,
    before: Annotated[
        int | None,
        typer.Option("--before", metavar="SERIAL", help="Only older ones; for the next page."),
    ] = None,
    connect: ConnectOption = None,
    mesh: MeshOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """The tasks, youngest first.

    With --json: a list of tasks as `cogmesh task` shows them, without payload and result, with
    their serial in the store. For the next page, give the smallest serial to --before.
    """
    found = ask(
        lambda client: client.tasks(
            status=status,
            task_type=task_type,
            requester=requester,
            limit=limit,
            before_serial=before,
        ),
        connect,
        mesh,
    )
    if as_json:
        print_json(found)
        return ExitCode.OK
    if not found:
        notices().print("no such tasks")
        return ExitCode.OK
    _show(found)
    # RUNNING tasks are not paged: the orchestrator takes them from memory, in no order.
    if len(found) == limit and status is not TaskStatus.RUNNING:
        notices().print(f"\nolder ones: the same with --before {found[-1]['serial']}", style="dim")
    return ExitCode.OK


def _show(found: list[dict[str, Any]]) -> None:
    print_rows(
        _COLUMNS,
        found,
        numbers=["prio", "waited", "ran"],
        flexible=["note"],
        dispensable=["prio", "waited", "note", "ran", "node"],
    )


def _between(earlier: float | None, later: float | None) -> str:
    if earlier is None or later is None:
        return ""
    return duration(max(0.0, later - earlier))


def _note(task: dict[str, Any]) -> str:
    if task["error"]:
        return shortened(task["error"], 80)
    if task["attempts"]:
        last = task["attempts"][-1]
        return shortened(f"attempt {last['number']} {last['outcome']}: {last['reason']}", 80)
    return ""


_COLUMNS: Final[dict[str, Callable[[dict[str, Any]], str | Text]]] = {
    "task": lambda task: str(task["task_id"]),
    "type": lambda task: str(task["task_type"]),
    "status": lambda task: state(task["status"]),
    "prio": lambda task: str(task["priority"]),
    "node": lambda task: task["assigned_node"] or "",
    "waited": lambda task: _between(task["created_at"], task["started_at"]),
    "ran": lambda task: _between(task["started_at"], task["completed_at"]),
    "note": lambda task: Text(_note(task), style="dim"),
}
