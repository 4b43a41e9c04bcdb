"""How soon a frozen process or a cut cable is noticed, and how soon the tasks run elsewhere.

Frozen: the node's process gets SIGSTOP on loopback; its connection stays, nothing comes over it.

Cut (Linux, as root): orchestrator and nodes live in network namespaces of their own, joined by a
bridge. A node's cable is cut by taking down its end of it, so nothing goes either way any more and
nobody is told. The orchestrator's side: the client hears that the attempt is void, and the first
word of the handler at another node. The node's side: it writes that its orchestrator is gone.

Links have their default lease (mesh.link_lease_s). Which side's lease counts is measured besides:
the two sides are given different ones.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from typing import Self

from rich.console import Console

from .broken_mesh import BrokenMesh, held_on
from .report import Options, Report, percentile

ROUNDS = 100
TASKS = 2
GOAL_MS = 1500.0

_NET = "10.231.77"


def measure(options: Options) -> Report:
    """Freeze and cut, and report percentiles."""
    console = Console()
    count = options.scaled(ROUNDS)
    frozen = asyncio.run(_freeze(count, console))
    rounds = _figures("frozen", frozen)
    config: dict[str, object] = {"rounds": count}
    if _can_cut():
        with _Cables() as cables:
            cut, from_node = asyncio.run(_cut(count, cables, console))
            rounds |= _figures("cut", cut)
            rounds["cut_noticed_by_node_p99_ms"] = [percentile(sorted(from_node), 0.99)]
            config["lease_that_counts"] = asyncio.run(_whose_lease(cables))
    else:
        console.print("no cables cut: that takes Linux, root and the program ip")
    met = all(values[0] <= GOAL_MS for name, values in rounds.items() if name.endswith("p99_ms"))
    return Report("frozen_noticed_p99_ms", "ms", rounds, met=met, config=config)


def _figures(what: str, measured: list[tuple[float, float]]) -> dict[str, list[float]]:
    noticed = sorted(noticed for noticed, _ in measured)
    elsewhere = sorted(elsewhere for _, elsewhere in measured)
    return {
        f"{what}_noticed_p99_ms": [percentile(noticed, 0.99)],
        f"{what}_noticed_p50_ms": [percentile(noticed, 0.5)],
        f"{what}_elsewhere_p99_ms": [percentile(elsewhere, 0.99)],
        f"{what}_elsewhere_p50_ms": [percentile(elsewhere, 0.5)],
    }


async def _freeze(count: int, console: Console) -> list[tuple[float, float]]:
    mesh = BrokenMesh()
    measured: list[tuple[float, float]] = []
    try:
        mesh.up("--memory")
        async with mesh.client() as client:
            for _ in range(2):
                mesh.node(slots=TASKS)
            for number in range(1, count + 1):
                await mesh.until_nodes(client, 2)
                tasks = await held_on(client, TASKS)
                victim = tasks[0].node
                at = mesh.signal(victim, signal.SIGSTOP)
                for task in (one for one in tasks if one.node == victim):
                    await task.until("elsewhere")
                    assert task.lost_at is not None
                    assert task.elsewhere_at is not None
                    measured.append(((task.lost_at - at) * 1e3, (task.elsewhere_at - at) * 1e3))
                for task in tasks:
                    await client.cancel(task.task_id)
                    task.forget()
                mesh.end(victim)
                mesh.node(slots=TASKS)
                if number % 10 == 0:
                    console.print(f"{number} of {count} frozen")
    finally:
        mesh.close()
    return measured


# -- cables --------------------------------------------------------------------------------------


def _can_cut() -> bool:
    return sys.platform == "linux" and os.geteuid() == 0 and shutil.which("ip") is not None


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


class _Cables:
    """A bridge, and namespaces that hang on it by a cable each; 0 is this benchmark's own."""

    def __enter__(self) -> Self:
        self._namespaces: list[str] = []
        self.bridge = f"cmb{os.getpid() % 100000}"
        _ip("link", "add", self.bridge, "type", "bridge")
        _ip("addr", "add", f"{_NET}.1/24", "dev", self.bridge)
        _ip("link", "set", self.bridge, "up")
        return self

    def __exit__(self, *_: object) -> None:
        for name in self._namespaces:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)
        subprocess.run(["ip", "link", "del", self.bridge], check=False, capture_output=True)

    def plug(self) -> tuple[list[str], str]:
        """A new namespace: the words that run a command in it, and the end of its cable here."""
        number = len(self._namespaces) + 2
        name, here = f"{self.bridge}-{number}", f"{self.bridge[:8]}h{number}"
        _ip("netns", "add", name)
        self._namespaces.append(name)
        _ip("link", "add", here, "type", "veth", "peer", "name", "eth0", "netns", name)
        _ip("link", "set", here, "master", self.bridge)
        _ip("link", "set", here, "up")
        _ip("-n", name, "addr", "add", f"{_NET}.{number}/24", "dev", "eth0")
        _ip("-n", name, "link", "set", "eth0", "up")
        _ip("-n", name, "link", "set", "lo", "up")
        return ["ip", "netns", "exec", name], here

    def cut(self, here: str) -> float:
        """Pull a cable's plug out of the bridge; the ends stay up, so nobody is told."""
        at = time.perf_counter()
        _ip("link", "set", here, "nomaster")
        return at

    def mend(self, here: str) -> None:
        """Put it back."""
        _ip("link", "set", here, "master", self.bridge)


async def _cut(
    count: int, cables: _Cables, console: Console
) -> tuple[list[tuple[float, float]], list[float]]:
    mesh = BrokenMesh(endpoint=f"tcp/{_NET}.1:7464")
    measured: list[tuple[float, float]] = []
    from_node: list[float] = []
    try:
        mesh.up("--memory")
        ends: dict[str, str] = {}
        async with mesh.client() as client:
            for _ in range(2):
                prefix, here = cables.plug()
                ends[mesh.node(slots=TASKS, prefix=prefix)] = here
            for number in range(1, count + 1):
                await mesh.until_nodes(client, 2)
                tasks = await held_on(client, TASKS)
                victim = tasks[0].node
                said_before = mesh.said(victim).count("orchestrator gone")
                at = cables.cut(ends[victim])
                noticing = asyncio.create_task(_until_said(mesh, victim, said_before, at))
                for task in (one for one in tasks if one.node == victim):
                    await task.until("elsewhere")
                    assert task.lost_at is not None
                    assert task.elsewhere_at is not None
                    measured.append(((task.lost_at - at) * 1e3, (task.elsewhere_at - at) * 1e3))
                from_node.append(await noticing)
                for task in tasks:
                    await client.cancel(task.task_id)
                    task.forget()
                cables.mend(ends[victim])
                if number % 10 == 0:
                    console.print(f"{number} of {count} cut")
    finally:
        mesh.close()
    return measured, from_node


async def _until_said(mesh: BrokenMesh, node: str, before: int, at: float) -> float:
    """Milliseconds until a node has written once more that its orchestrator is gone."""
    while mesh.said(node).count("orchestrator gone") <= before:
        if time.perf_counter() - at > 30.0:
            return 30_000.0
        await asyncio.sleep(0.005)
    return (time.perf_counter() - at) * 1e3


async def _whose_lease(cables: _Cables) -> dict[str, float]:
    """Seconds until each side notices, with different leases; 15 where it does not."""
    found: dict[str, float] = {}
    for here_s, there_s in ((3.0, 1.0), (1.0, 3.0)):
        mesh = BrokenMesh(endpoint=f"tcp/{_NET}.1:7464")
        try:
            mesh.settings["COGMESH_MESH__LINK_LEASE_S"] = str(here_s)
            # So that silence of heartbeats is not what is measured.
            mesh.settings["COGMESH_DISPATCH__NODE_SILENCE_S"] = "60"
            mesh.up("--memory")
            mesh.settings["COGMESH_MESH__LINK_LEASE_S"] = str(there_s)
            async with mesh.client() as client:
                prefix, here = cables.plug()
                node = mesh.node(slots=1, prefix=prefix)
                await mesh.until_nodes(client, 1)
                (task,) = await held_on(client, 1)
                at = cables.cut(here)
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
