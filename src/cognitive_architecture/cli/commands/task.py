"""``cogmesh task``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from cognitive_architecture.cli.asking import ask
from cognitive_architecture.cli.options import ConnectOption, JsonOption, MeshOption
from cognitive_architecture.cli.outcomes import ExitCode
from cognitive_architecture.cli.rendering import (
    duration,
    facts,
    json_text,
    listed,
    print_json,
    print_value,
    results,
    shortened,
    state,
    table,
)
from cognitive_architecture.distributed_mesh.model import DistributedTask, TaskStatus

_PAYLOAD_SHOWN = 300


def task(
    task_id: Annotated[str, typer.Argument(metavar="ID", help="As submit prints it.")],
    connect: ConnectOption = None,
    mesh: MeshOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Everything about one task: what was asked, what happened, what came out.

    With --json: task_id, task_type, status, priority, payload, result, error, attempts [{number,
    node_id, outcome, reason, started_at, ended_at}], assigned_node, created_at, started_at and
    completed_at in seconds since 1970, and what it was submitted with. The exit code says that the
    task was found, not how it ended.
    """
    found = ask(lambda client: client.task(task_id), connect, mesh)
    if as_json:
        # The mesh is loaded by now, so this costs nothing more.
        from cognitive_architecture.distributed_mesh.views import task_to_json

        print_json(task_to_json(found))
    else:
        _show(found)
    return ExitCode.OK


def _show(found: DistributedTask) -> None:
    out = results()
    out.print(
        listed(
            Text(found.task_id, style="bold"),
            found.task_type,
            state(found.status),
            f"priority {found.priority}",
        )
    )
    out.print()
    out.print(facts(_story(found)))
    if found.attempts:
        out.print()
        out.print(_attempts(found))
    if found.status is TaskStatus.COMPLETED:
        out.print()
        out.print("  result", style="dim")
        print_value(found.result)


def _story(found: DistributedTask) -> dict[str, RenderableType]:
    def at(seconds: float) -> str:
        return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")

    story: dict[str, RenderableType] = {
        "payload": shortened(json_text(found.payload), _PAYLOAD_SHOWN),
        "asked by": found.requester_node or "",
    }
    if found.required_capabilities:
        story["needs too"] = ", ".join(sorted(found.required_capabilities))
    if found.requirements:
        story["requires"] = " and ".join(found.requirements)
    if found.idempotency_key:
        story["key"] = found.idempotency_key
    if found.created_at is not None:
        story["submitted"] = at(found.created_at)
    if found.started_at is not None and found.created_at is not None:
        waited = duration(max(0.0, found.started_at - found.created_at))
        story["begun"] = listed(f"after {waited}", f"on {found.assigned_node or 'no node'}")
    if found.second_node is not None:
        story["takes long"] = f"begun on {found.second_node} too; the first result counts"
    if found.completed_at is not None:
        ran = found.completed_at - (found.started_at or found.completed_at)
        story["ended"] = listed(at(found.completed_at), f"ran {duration(max(0.0, ran))}")
    if found.error:
        story["because"] = Text(found.error, style="red")
    return story


def _attempts(found: DistributedTask) -> RenderableType:
    rows = table(
        "attempt", "node", "outcome", "ran", "why", numbers=["attempt", "ran"], flexible=["why"]
    )
    for attempt in found.attempts:
        rows.add_row(
            str(attempt.number),  # not "of" any: those whose node was lost do not count
            attempt.node_id or "",
            Text(attempt.outcome.replace("_", " "), style="red"),
            duration(max(0.0, attempt.ended_at - attempt.started_at)),
            attempt.reason,
        )
    return rows
