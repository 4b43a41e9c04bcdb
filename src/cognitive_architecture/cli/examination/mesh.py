"""Is there a mesh, and is it well: the orchestrator, its nodes, its clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from cognitive_architecture import __version__
from cognitive_architecture.cli.outcomes import ExitCode
from cognitive_architecture.cli.rendering import duration, plural
from cognitive_architecture.foundation.errors import MeshError, MeshUnreachable

from .findings import Finding, doubt, failure, well

if TYPE_CHECKING:
    from cognitive_architecture.distributed_mesh.client import MeshClient
    from cognitive_architecture.foundation.world import Clock

_SETTLED_S: Final = 10.0
"""Pings of a node that joined so long ago have arrived, if they ever do."""

_SILENT_S: Final = 2.5
_HEALTH_LOW: Final = 0.4
_CLOCK_OFF_S: Final = 1.0


def unreachable(error: MeshError, *, is_expected: bool) -> Finding:
    """Nobody answers.

    Args:
        error: What came instead of an answer.
        is_expected: Somebody has said where the mesh is, so that it should be there.
    """
    if not isinstance(error, MeshUnreachable):
        return failure("mesh", str(error), "correct this, and ask again", ExitCode.UNREACHABLE)
    if not is_expected:
        return doubt("mesh", "no orchestrator answers", "start one with: cogmesh up")
    return failure(
        "mesh",
        str(error),
        "see that it runs, that its --listen lets other machines in, and that no firewall is "
        "between",
        ExitCode.UNREACHABLE,
    )


async def examine(client: MeshClient, clock: Clock) -> list[Finding]:
    """Everything that the orchestrator can be asked."""
    status = await client.status()
    nodes = await client.nodes()
    latest = await client.tasks(limit=1)
    found = [orchestrator(status), *blocked(status)]
    found += [finding for node in nodes for finding in node_findings(node)]
    found.append(nodes_at_all(nodes))
    if latest:
        found.append(clock_finding(latest[0], now=clock.wall()))
    return found


def orchestrator(status: Mapping[str, Any]) -> Finding:
    """Who answers."""
    said = (
        f"mesh {status['mesh']}, cogmesh {status['version']}, "
        f"up {duration(status['uptime_s'])}, keeps {status['store']}"
    )
    if status["version"] != __version__:
        return doubt(
            "mesh",
            f"{said}; this is cogmesh {__version__}",
            "install the same version on all machines",
        )
    return well("mesh", said)


def blocked(status: Mapping[str, Any]) -> list[Finding]:
    """Tasks that no node can take."""
    return [
        doubt(
            "queue",
            f"{', '.join(lane['needs'])}, {plural(lane['waiting'], 'task')}: {lane['reason']}",
            "start a node that offers it, or cancel them",
        )
        for lane in status["blocked"]
    ]


def nodes_at_all(nodes: list[dict[str, Any]]) -> Finding:
    """Whether anybody works."""
    active = [node for node in nodes if node["status"] == "active"]
    if not active:
        return doubt("nodes", "no node takes tasks", "start one with: cogmesh node")
    slots = sum(node["slots"] for node in active)
    return well(
        "nodes", f"{plural(len(active), 'node takes', 'nodes take')} tasks, {plural(slots, 'slot')}"
    )


def node_findings(node: Mapping[str, Any]) -> list[Finding]:
    """What is wrong with one node."""
    name = node["node_id"]
    found = []
    if node["heard_s_ago"] > _SILENT_S:
        found.append(
            doubt(
                "nodes",
                f"{name} was last heard {duration(node['heard_s_ago'])} ago",
                "see whether its machine is overloaded, suspended or cut off",
            )
        )
    is_settled = node["joined_s_ago"] > _SETTLED_S
    if is_settled and "host" in node["metadata"] and not node.get("in_contact", True):
        found.append(
            doubt(
                "nodes",
                f"no ping of {name} arrives, so a pulled cable or a frozen process is noticed late",
                "let UDP through to the port of the mesh, or set mesh.link_lease_s to 1 to 5 s",
            )
        )
    if stuck := node["vitals"].get("stuck_slots", 0):
        found.append(
            doubt(
                "nodes",
                f"{name}: {plural(stuck, 'slot is', 'slots are')} held by handlers that do not "
                "stop",
                "let long handlers look at task.is_cancelled, or declare them with process=True; "
                "starting the node again frees them",
            )
        )
    if node["health_score"] < _HEALTH_LOW:
        found.append(
            doubt(
                "nodes",
                f"{name} is not well (health {node['health_score']:.2f} of 1)",
                "see what else its machine does",
            )
        )
    return found


def clock_finding(latest: Mapping[str, Any], *, now: float) -> Finding:
    """Whether this machine and the orchestrator's agree on the time, as far as can be seen.

    Nothing in the mesh depends on it: only ages travel. It is the times that people are shown
    which look odd.
    """
    ahead = float(latest["created_at"] or 0.0) - now
    if ahead > _CLOCK_OFF_S:
        return doubt(
            "clock",
            f"the latest task was made {duration(ahead)} in the future: the clock of the "
            "orchestrator's machine is ahead of this one's",
            "let both follow a time server (NTP); until then, shown times are off",
        )
    return well("clock", "no sign that it differs from the orchestrator's")
