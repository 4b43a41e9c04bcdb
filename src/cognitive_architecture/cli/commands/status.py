"""``cogmesh status``."""

from __future__ import annotations

from typing import Any

from rich.console import RenderableType
from rich.text import Text

from cognitive_architecture.cli.asking import ask
from cognitive_architecture.cli.options import ConnectOption, JsonOption, MeshOption
from cognitive_architecture.cli.outcomes import ExitCode
from cognitive_architecture.cli.rendering import (
    duration,
    facts,
    listed,
    plural,
    print_json,
    results,
    table,
)


def status(
    connect: ConnectOption = None, mesh: MeshOption = None, as_json: JsonOption = False
) -> ExitCode:
    """How the mesh is, in numbers.

    With --json: mesh, version, store, epoch, uptime_s, nodes {total, active, suspect, draining,
    slots}, tasks {pending, running, completed, failed, cancelled} since the start, kept {status:
    number} in the store, statistics, blocked [{needs, waiting, reason}].
    """
    said = ask(lambda client: client.status(), connect, mesh)
    if as_json:
        print_json(said)
    else:
        _show(said)
    return ExitCode.OK


def _show(said: dict[str, Any]) -> None:
    out = results()
    uptime = duration(said["uptime_s"])
    out.print(
        listed(
            Text.assemble((said["mesh"], "bold")),
            f"cogmesh {said['version']}",
            f"up {uptime}",
            f"owner {said['epoch']} of {said['store']}",
        )
    )
    out.print()
    out.print(facts(_numbers(said)))
    if said["blocked"]:
        out.print()
        out.print(_waiting_in_vain(said["blocked"]))


def _numbers(said: dict[str, Any]) -> dict[str, RenderableType]:
    nodes, tasks, kept = said["nodes"], said["tasks"], said.get("kept", {})
    statistics = said["statistics"]
    return {
        "nodes": listed(
            Text(f"{nodes['active']:,} active", style="green" if nodes["active"] else "yellow"),
            Text(f"{nodes['draining']} draining", style="yellow") if nodes["draining"] else "",
            Text(f"{nodes['suspect']} suspect", style="yellow") if nodes.get("suspect") else "",
            plural(nodes["slots"], "slot"),
            Text(f"{statistics['nodes_lost']:,} lost", style="yellow")
            if statistics["nodes_lost"]
            else "",
        ),
        "open": listed(
            Text(f"{tasks['running']:,} running", style="cyan" if tasks["running"] else ""),
            Text(f"{tasks['pending']:,} waiting", style="yellow" if tasks["pending"] else ""),
            f"{statistics['found_at_start']:,} found at the start"
            if statistics["found_at_start"]
            else "",
        ),
        "ended since start": _ended(tasks),
        "kept in the store": _ended(kept),
    }


def _ended(counts: dict[str, int]) -> Text:
    completed, failed, cancelled = (
        counts.get(name, 0) for name in ("completed", "failed", "cancelled")
    )
    return listed(
        Text(f"{completed:,} completed", style="green" if completed else ""),
        Text(f"{failed:,} failed", style="red" if failed else ""),
        Text(f"{cancelled:,} cancelled", style="magenta") if cancelled else "",
    )


def _waiting_in_vain(blocked: list[dict[str, Any]]) -> RenderableType:
    rows = table("waiting in vain", "tasks", "why", numbers=["tasks"], flexible=["why"])
    for lane in blocked:
        rows.add_row(
            Text(", ".join(lane["needs"]), style="yellow"), f"{lane['waiting']:,}", lane["reason"]
        )
    return rows
