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

from .broken_mesh import BrokenMesh, Moved, held_on, percentiles, stop_all
from .cables import Cable, Cables, can_cut, since
from .drill import Drill
from .report import Options, Report

ROUNDS = 100
ONE_WAY_ROUNDS = 20
TASKS = 2
GOAL_MS = 1500.0
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
        config["frozen"] = count
        if not can_cut():
            drill.say("no cables cut: that takes Linux, root and the program ip")
        elif not drill.was_stopped:
            with Cables() as cables:
                rounds |= asyncio.run(_cut(count, one_way, cables, drill))
                config |= {"cut": count, "one_way_each": one_way}
                if not drill.was_stopped:
                    config["lease_that_counts"] = asyncio.run(_whose_lease(cables))
    met = all(
        values[0] <= GOAL_MS
        for name, values in rounds.items()
        if name.endswith("p99_ms") and "_back_" not in name
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


async def _cut(count: int, one_way: int, cables: Cables, drill: Drill) -> dict[str, list[float]]:
    mesh = BrokenMesh(endpoint=f"tcp/{cables.address}:7464")
    rounds: dict[str, list[float]] = {}
    try:
        mesh.up("--memory")
        by_node: dict[str, Cable] = {}
        async with mesh.client() as client:
            for _ in range(2):
                cable = cables.plug()
                by_node[mesh.node(slots=TASKS, prefix=cable.prefix)] = cable
            for name, times, breaks, mends in (
                ("cut", count, cables.cut, cables.mend),
                ("mute", one_way, cables.mute, cables.unmute),
                ("deaf", one_way, cables.deafen, cables.undeafen),
            ):
                moved, by_victim, back = Moved(), [], []
                for _ in drill.rounds(times, name):
                    await mesh.until_nodes(client, 2)
                    tasks = await held_on(client, TASKS)
                    victim = tasks[0].node
                    said = mesh.said(victim).count(_GONE)
                    cut_at = since(breaks, by_node[victim])
                    noticing = asyncio.create_task(_until_said(mesh, victim, said, cut_at))
                    await moved.follow(tasks, victim, cut_at)
                    by_victim.append(await noticing)
                    await stop_all(client, tasks)
                    mended_at = since(mends, by_node[victim])
                    await mesh.until_nodes(client, 2)
                    back.append((time.perf_counter() - mended_at) * 1e3)
                    await asyncio.sleep(_UNTIL_SETTLED_S)
                rounds |= moved.figures(f"{name}_")
                rounds |= percentiles(f"{name}_noticed_by_node", by_victim)
                rounds |= percentiles(f"{name}_back", back)
    finally:
        mesh.close()
    return rounds


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
