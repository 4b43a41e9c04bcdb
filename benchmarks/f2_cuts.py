"""How soon a frozen process or a cut cable is noticed, and how soon the tasks run elsewhere.

Two nodes, an orchestrator, this client. In each round tasks run until they are stopped, one node is
frozen or cut off, and when its tasks run at the other one it is let go on, and comes back.

Frozen: the node's process is suspended; its connection stays, nothing comes over it.

Cut (Linux, as root): each node lives in a network namespace of its own, and all are joined by a
bridge. A node's cable is cut by pulling it out of the bridge: nothing goes either way any more, and
nobody is told. The orchestrator's side: the client hears that the attempt is void, and the first
word of the handler at another node. The node's side: it writes that its orchestrator is gone.

One way: what the node sends is lost and what is sent to it arrives (mute), or the other way round
(deaf).

Links have their default lease (mesh.link_lease_s). Which side's lease counts is measured besides:
the two sides are given different ones.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from cognitive_architecture.distributed_mesh.client import MeshClient

from .broken_mesh import BrokenMesh, Moved, held_on, percentiles, stop_all
from .cables import Cable, Cables, can_cut, since
from .drill import Drill
from .report import Options, Report

ROUNDS = 100
ONE_WAY_ROUNDS = 10
TASKS = 2
GOAL_MS = 1500.0
_BESIDES = ("cut_back", "mute_back", "deaf_back", "mute_noticed_by_node", "deaf_noticed_by_node")
"""Figures that no goal is about: their tasks are elsewhere by then."""
_NEVER_S = 30.0
_UNTIL_SETTLED_S = 0.3
"""Between a return and the next failure, so that a node is not cut off while it still arrives."""


def measure(options: Options) -> Report:
    """Freeze and cut, and report percentiles."""
    count, one_way = options.scaled(ROUNDS), options.scaled(ONE_WAY_ROUNDS)
    config: dict[str, object] = {}
    with Drill() as drill:
        frozen = asyncio.run(_freeze(count, drill))
        rounds = frozen.figures("frozen_")
        config["frozen"] = frozen.failures
        if not can_cut():
            drill.say("no cables cut: that takes Linux, root and the program ip")
        elif not drill.was_stopped:
            with Cables() as cables:
                for name, (moved, figures) in asyncio.run(
                    _cut(count, one_way, cables, drill)
                ).items():
                    rounds |= moved.figures(f"{name}_") | figures
                    config[name] = moved.failures
                if not drill.was_stopped:
                    config["lease_that_counts"] = asyncio.run(_whose_lease(cables))
    met = all(
        values[0] <= GOAL_MS
        for name, values in rounds.items()
        if name.endswith("p99_ms") and not name.startswith(_BESIDES)
    )
    return Report(
        "frozen_noticed_p99_ms", "ms", rounds, met=met and not drill.was_stopped, config=config
    )


async def _freeze(count: int, drill: Drill) -> Moved:
    mesh = BrokenMesh()
    moved = Moved()
    try:
        mesh.up("--memory")
        async with mesh.client() as client:
            for _ in range(2):
                mesh.node(slots=TASKS)
            for _ in drill.rounds(count, "frozen"):
                await mesh.until_nodes(client, 2)
                tasks = await held_on(client, TASKS)
                victim = tasks[0].node
                await moved.follow(tasks, victim, mesh.freeze(victim))
                await stop_all(client, tasks)
                mesh.thaw(victim)
                await asyncio.sleep(_UNTIL_SETTLED_S)
    finally:
        mesh.close()
    return moved


# -- cables --------------------------------------------------------------------------------------


_Change = Callable[[Cable], None]
_Found = tuple[Moved, dict[str, list[float]]]
"""How the tasks moved, and the figures of the node's side."""


async def _cut(count: int, one_way: int, cables: Cables, drill: Drill) -> dict[str, _Found]:
    """By the way to cut."""
    mesh = BrokenMesh(endpoint=f"tcp/{cables.address}:7464")
    ways: dict[str, tuple[int, _Change, _Change]] = {
        "cut": (count, cables.cut, cables.mend),
        "mute": (one_way, cables.mute, cables.unmute),
        "deaf": (one_way, cables.deafen, cables.undeafen),
    }
    found: dict[str, _Found] = {}
    try:
        mesh.up("--memory")
        by_node: dict[str, Cable] = {}
        async with mesh.client() as client:
            for _ in range(2):
                cable = cables.plug()
                by_node[mesh.node(slots=TASKS, prefix=cable.prefix)] = cable
            for name, (times, breaks, mends) in ways.items():
                moved, by_victim, back = Moved(), list[float](), list[float]()
                for _ in drill.rounds(times, name):
                    noticed_ms, back_ms = await _cut_off_and_back(
                        mesh, client, by_node, breaks, mends, moved
                    )
                    by_victim.append(noticed_ms)
                    back.append(back_ms)
                figures = percentiles(f"{name}_noticed_by_node", by_victim)
                found[name] = moved, figures | percentiles(f"{name}_back", back)
    finally:
        mesh.close()
    return found


async def _cut_off_and_back(
    mesh: BrokenMesh,
    client: MeshClient,
    by_node: dict[str, Cable],
    breaks: _Change,
    mends: _Change,
    moved: Moved,
) -> tuple[float, float]:
    """Milliseconds from the cut until the node has noticed, and from the repair until it is in."""
    await mesh.until_nodes(client, 2)
    tasks = await held_on(client, TASKS)
    victim = tasks[0].node
    said = mesh.said(victim).count(_GONE)
    cut_at = since(breaks, by_node[victim])
    noticing = asyncio.create_task(_until_said(mesh, victim, said, cut_at))
    await moved.follow(tasks, victim, cut_at)
    noticed_ms = await noticing
    await stop_all(client, tasks)
    mended_at = since(mends, by_node[victim])
    await mesh.until_nodes(client, 2)
    back_ms = (time.perf_counter() - mended_at) * 1e3
    await asyncio.sleep(_UNTIL_SETTLED_S)
    return noticed_ms, back_ms


_GONE = "orchestrator gone"


async def _until_said(mesh: BrokenMesh, node: str, before: int, at: float) -> float:
    """Milliseconds until a node has written once more that its orchestrator is gone."""
    while mesh.said(node).count(_GONE) <= before:
        if time.perf_counter() - at > _NEVER_S:
            return _NEVER_S * 1e3
        await asyncio.sleep(0.005)
    return (time.perf_counter() - at) * 1e3


async def _whose_lease(cables: Cables) -> dict[str, float]:
    """Seconds until each side notices, with different leases; 15 where it does not."""
    found: dict[str, float] = {}
    for here_s, there_s in ((3.0, 1.0), (1.0, 3.0)):
        mesh = BrokenMesh(endpoint=f"tcp/{cables.address}:7464")
        try:
            mesh.settings["COGMESH_MESH__LINK_LEASE_S"] = str(here_s)
            # So that silence of heartbeats is not what is measured.
            mesh.settings["COGMESH_DISPATCH__NODE_SILENCE_S"] = "60"
            mesh.up("--memory")
            mesh.settings["COGMESH_MESH__LINK_LEASE_S"] = str(there_s)
            async with mesh.client() as client:
                cable = cables.plug()
                node = mesh.node(slots=1, prefix=cable.prefix)
                await mesh.until_nodes(client, 1)
                (task,) = await held_on(client, 1)
                at = since(cables.cut, cable)
                noticing = asyncio.create_task(_until_said(mesh, node, 0, at))
                while task.lost_at is None and time.perf_counter() - at < 15.0:
                    await asyncio.sleep(0.01)
                lost_at = task.lost_at or time.perf_counter()
                name = f"orchestrator {here_s:g} s, node {there_s:g} s"
                found[f"{name}: orchestrator after s"] = round(lost_at - at, 2)
                found[f"{name}: node after s"] = round(await noticing / 1e3, 2)
                task.forget()
        finally:
            mesh.close()
    return found
