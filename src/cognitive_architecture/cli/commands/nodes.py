"""``cogmesh nodes``."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from cognitive_architecture.cli.asking import ask
from cognitive_architecture.cli.options import ConnectOption, JsonOption, MeshOption
from cognitive_architecture.cli.outcomes import ExitCode
from cognitive_architecture.cli.rendering import (
    duration,
    notices,
    print_json,
    results,
    state,
    table,
)

_SILENT_S = 2.5
"""Without a word for so long, a node of default settings has missed two heartbeats."""


def nodes(
    connect: ConnectOption = None, mesh: MeshOption = None, as_json: JsonOption = False
) -> ExitCode:
    """The nodes: what they offer, how busy and how well they are.

    With --json: a list of {node_id, node_type, status, capabilities, slots, current_load, room,
    health_score, heard_s_ago, joined_s_ago, vitals {cpu_usage, memory_usage, uptime_s,
    stuck_slots}, metadata}.
    """
    found = ask(lambda client: client.nodes(), connect, mesh)
    if as_json:
        print_json(found)
    elif found:
        _show(found)
    else:
        notices().print("no nodes yet; start one with: cogmesh node")
    return ExitCode.OK


def _show(found: list[dict[str, Any]]) -> None:
    rows = table(
        "node", "state", "busy", "health", "cpu", "here for", "heard", "host", "offers",
        numbers=["busy", "health", "cpu", "here for", "heard"],
        flexible=["offers"],
    )  # fmt: skip
    for node in found:
        vitals = node["vitals"]
        stuck = vitals.get("stuck_slots", 0)
        rows.add_row(
            Text(node["node_id"], style="bold"),
            state(node["status"]),
            _busy(node["current_load"], node["slots"], stuck),
            _health(node["health_score"]),
            f"{vitals.get('cpu_usage', 0.0):.0%}",
            duration(node["joined_s_ago"]),
            Text(
                f"{duration(node['heard_s_ago'])} ago",
                style="yellow" if node["heard_s_ago"] > _SILENT_S else "",
            ),
            str(node["metadata"].get("host", "")),
            ", ".join(node["capabilities"]),
        )
    results().print(rows)


def _busy(held: int, slots: int, stuck: int) -> Text:
    """Slots at work, and what the node has fetched ahead of them."""
    text = Text(f"{min(held, slots):,} of {slots:,}", style="cyan" if held else "")
    if held > slots:
        text.append(f" +{held - slots:,}", style="dim")
    if stuck:
        text.append(f" ({stuck} stuck)", style="red")
    return text


def _health(score: float) -> Text:
    style = "green" if score >= 0.7 else "yellow" if score >= 0.4 else "red"
    return Text(f"{score:.2f}", style=style)
