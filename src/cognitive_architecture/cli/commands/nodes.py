"""``cogmesh nodes``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from rich.text import Text

from cognitive_architecture.cli.asking import ask
from cognitive_architecture.cli.options import ConnectOption, JsonOption, MeshOption
from cognitive_architecture.cli.outcomes import ExitCode
from cognitive_architecture.cli.rendering import (
    duration,
    notices,
    print_json,
    print_rows,
    state,
)

_SILENT_S = 1.5
"""Without a word for so long, a node of default settings has missed two heartbeats."""


def nodes(
    connect: ConnectOption = None, mesh: MeshOption = None, as_json: JsonOption = False
) -> ExitCode:
    """The nodes: what they offer, how busy and how well they are.

    With --json: a list of {node_id, node_type, status, capabilities, slots, current_load, room,
    health_score, heard_s_ago, in_contact, joined_s_ago, vitals {cpu_usage, memory_usage, uptime_s,
    stuck_slots}, metadata}; in_contact: whether it answers pings.
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
    print_rows(
        _COLUMNS,
        found,
        numbers=["busy", "health", "cpu", "here for", "heard"],
        flexible=["offers"],
        dispensable=["host", "here for", "cpu", "heard", "health"],
    )


def _busy(node: dict[str, Any]) -> Text:
    """Slots at work, and what the node has fetched ahead of them."""
    held, slots, stuck = node["current_load"], node["slots"], node["vitals"].get("stuck_slots", 0)
    text = Text(f"{min(held, slots):,} of {slots:,}", style="cyan" if held else "")
    if held > slots:
        text.append(f" +{held - slots:,}", style="dim")
    if stuck:
        text.append(f" ({stuck} stuck)", style="red")
    return text


def _health(node: dict[str, Any]) -> Text:
    score = node["health_score"]
    style = "green" if score >= 0.7 else "yellow" if score >= 0.4 else "red"
    return Text(f"{score:.2f}", style=style)


def _heard(node: dict[str, Any]) -> Text:
    style = "yellow" if node["heard_s_ago"] > _SILENT_S else ""
    return Text(f"{duration(node['heard_s_ago'])} ago", style=style)


_COLUMNS: Final[dict[str, Callable[[dict[str, Any]], str | Text]]] = {
    "node": lambda node: Text(node["node_id"], style="bold"),
    "state": lambda node: state(node["status"]),
    "busy": _busy,
    "health": _health,
    "cpu": lambda node: f"{node['vitals'].get('cpu_usage', 0.0):.0%}",
    "here for": lambda node: duration(node["joined_s_ago"]),
    "heard": _heard,
    "host": lambda node: str(node["metadata"].get("host", "")),
    "offers": lambda node: ", ".join(node["capabilities"]),
}
