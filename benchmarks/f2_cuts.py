"""How soon a frozen process or a cut cable is noticed, and how soon the tasks run elsewhere.

Many nodes, an orchestrator, this client. In each round tasks run until they are stopped, their node
is frozen or cut off, and when they run elsewhere it is let go on, and comes back. Then it rests:
whoever was away a moment ago is waited for longer, and so is a newcomer
(``policies/detection/contact.py``), so only nodes are broken of which nothing like that is
remembered. How long it takes until one is noticed that is broken again at once is measured
besides.

Frozen: the node's process is suspended; its connection stays, nothing comes over it.

Cut (Linux, as root): each node lives in a network namespace of its own, and all are joined by a
bridge. A node's cable is cut by pulling it out of the bridge: nothing goes either way any more, and
nobody is told. The orchestrator's side: the client hears that the attempt is void, and the first
word of the handler at another node. The node's side: it writes that its orchestrator is gone.

One way: what the node sends is lost and what is sent to it arrives (mute), or the other way round
(deaf).

Without pings (``mesh.ping_s=0``, as where nothing lets UDP through): the heartbeats' silence is
left.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Final

from cognitive_architecture.distributed_mesh.client import MeshClient
from cognitive_architecture.distributed_mesh.policies.detection.contact import FEW, REMEMBERED
from cognitive_architecture.foundation.settings import MeshSettings

from .broken_mesh import BrokenMesh, Moved, held_on, percentiles, stop_all
from .cables import Cable, Cables, can_cut, since
from .drill import Drill
from .report import Options, Report

ROUNDS: Final = 100
ONE_WAY_ROUNDS: Final = 10
BESIDES_ROUNDS: Final = 3
NODES: Final = 20
TASKS: Final = 2
GOAL_MS: Final = 1500.0
REST_S: Final = 1.2 * MeshSettings().ping_s * max(FEW, REMEMBERED)
_WITHOUT: Final = "without_pings"
_AGAIN: Final = "again"
_BESIDES: Final = (
    *("frozen_back", "cut_back", "mute_back", "deaf_back"),
    *("mute_noticed_by_node", "deaf_noticed_by_node", _WITHOUT, _AGAIN),
)
"""Figures that no goal is about: by then the tasks are elsewhere, or it is another case."""
_NEVER_S: Final = 60.0
_SAY_EVERY_S: Final = 10.0
_UNTIL_STEADY_S: Final = 45.0
"""Of heartbeats: until 64 of them have shown that a node is steady, and some more."""


def measure(options: Options) -> Report:
    """Freeze and cut, and report percentiles."""
    count, one_way = options.scaled(ROUNDS), options.scaled(ONE_WAY_ROUNDS)
    with Drill() as drill, ExitStack() as stack:
        cables = stack.enter_context(Cables()) if can_cut() else None
        if cables is None:
            drill.say("no cables are cut: that takes Linux, root and the program ip")
        stage = _Stage(drill, cables)
        found = asyncio.run(stage.play(count, one_way))
    rounds: dict[str, list[float]] = {}
    for name, one in found.items():
        rounds |= one.figures(name)
    met = all(
        values[0] <= GOAL_MS
        for name, values in rounds.items()
        if name.endswith("p99_ms") and not name.startswith(_BESIDES)
    )
    return Report(
        "frozen_noticed_p99_ms",
        "ms",
        rounds,
        met=met and cables is not None and not drill.was_stopped,
        config={"nodes": NODES, "rest_s": REST_S}
        | {name: one.moved.failures for name, one in found.items()},
    )


@dataclass(slots=True)
class _Found:
    """What came of breaking nodes in one way."""

    moved: Moved = field(default_factory=Moved)
    by_node_ms: list[float] = field(default_factory=list)
    """Until the node had noticed; of those that can."""
    back_ms: list[float] = field(default_factory=list)
    """From the repair until the node was in again."""

    def figures(self, name: str) -> dict[str, list[float]]:
        """Percentiles."""
        return (
            self.moved.figures(f"{name}_")
            | percentiles(f"{name}_noticed_by_node", self.by_node_ms)
            | percentiles(f"{name}_back", self.back_ms)
        )


_Change = Callable[[str], float]
"""Break a node or mend it; the instant before."""


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to break a node."""

    name: str
    breaks: _Change
    mends: _Change
    is_noticed_there: bool = False
    """Whether the node writes soon that its orchestrator is gone."""


class _Stage:
    """The mesh, and the nodes that have rested."""

    def __init__(self, drill: Drill, cables: Cables | None) -> None:
        self._drill = drill
        self._cables = cables
        self._mesh = BrokenMesh(endpoint=f"tcp/{cables.address}:7464" if cables else None)
        self._cable_of: dict[str, Cable] = {}
        self._rested_at: dict[str, float] = {}

    async def play(self, count: int, one_way: int) -> dict[str, _Found]:
        """By the way to break."""
        mesh, cables = self._mesh, self._cables
        found: dict[str, _Found] = {}
        try:
            mesh.up("--memory")
            async with mesh.client() as client:
                await self._start_nodes(client)
                found["frozen"] = await self._broken(
                    client, _Way("frozen", mesh.freeze, self._thaw), count
                )
                if cables is None:
                    return found
                cut = self._by_cable("cut", cables.cut, cables.mend)
                mute = self._by_cable("mute", cables.mute, cables.unmute)
                deaf = self._by_cable("deaf", cables.deafen, cables.undeafen)
                for way, times in ((cut, count), (mute, one_way), (deaf, one_way)):
                    found[way.name] = await self._broken(client, way, times)
                found[_AGAIN] = await self._broken_again(client, cut)
                found[_WITHOUT] = await self._broken_without_pings(client, cut)
        finally:
            mesh.close()
        return found

    # -- nodes ---------------------------------------------------------------------------------

    async def _start_nodes(self, client: MeshClient) -> None:
        for _ in self._drill.rounds(NODES, "nodes started"):
            await self._start_node(client)
        for node in self._mesh.processes:
            if node != "up":
                self._rest(node)

    async def _start_node(self, client: MeshClient) -> str:
        cable = self._cables.plug() if self._cables else None
        node = self._mesh.node(slots=TASKS, prefix=cable.prefix if cable else None)
        if cable is not None:
            self._cable_of[node] = cable
        await self._mesh.until_there(client, node)
        return node

    def _rest(self, node: str) -> None:
        self._rested_at[node] = time.perf_counter() + REST_S

    async def _rested(self) -> str | None:
        """The node that has rested longest, when it has rested; none if somebody wants an end."""
        node = min(self._rested_at, key=self._rested_at.__getitem__)
        said_at = 0.0
        while (left_s := self._rested_at[node] - time.perf_counter()) > 0.0:
            if self._drill.was_stopped:
                return None
            if time.perf_counter() - said_at > _SAY_EVERY_S:
                said_at = time.perf_counter()
                self._drill.say(f"{node} rests for {left_s:,.0f} s more before it is broken")
            await asyncio.sleep(min(left_s, 0.5))
        return node

    # -- rounds --------------------------------------------------------------------------------

    async def _broken(self, client: MeshClient, way: _Way, times: int) -> _Found:
        found = _Found()
        for _ in self._drill.rounds(times, way.name):
            if victim := await self._rested():
                await self._round(client, victim, way, found)
        return found

    async def _broken_again(self, client: MeshClient, way: _Way) -> _Found:
        """As soon as it is back."""
        found = _Found()
        for _ in self._drill.rounds(BESIDES_ROUNDS, f"{way.name} again at once"):
            if victim := await self._rested():
                await self._round(client, victim, way, _Found())
                await self._round(client, victim, way, found)
        return found

    async def _broken_without_pings(self, client: MeshClient, way: _Way) -> _Found:
        """A node whose heartbeats have shown that it is steady."""
        self._mesh.settings["COGMESH_MESH__PING_S"] = "0"
        victim = await self._start_node(client)
        found = _Found()
        for _ in self._drill.rounds(BESIDES_ROUNDS, f"{way.name} without pings"):
            await asyncio.sleep(_UNTIL_STEADY_S)
            await self._round(client, victim, replace(way, is_noticed_there=False), found)
        return found

    async def _round(self, client: MeshClient, victim: str, way: _Way, found: _Found) -> None:
        tasks = await held_on(client, TASKS, node=victim)
        said = self._mesh.said(victim).count(_GONE)
        broken_at = way.breaks(victim)
        noticing = asyncio.create_task(_until_said(self._mesh, victim, said, broken_at))
        await found.moved.follow(tasks, victim, broken_at)
        if way.is_noticed_there:
            found.by_node_ms.append(await noticing)
        noticing.cancel()
        await stop_all(client, tasks)
        mended_at = way.mends(victim)
        await self._mesh.until_there(client, victim)
        found.back_ms.append((time.perf_counter() - mended_at) * 1e3)
        self._rest(victim)

    def _thaw(self, node: str) -> float:
        at = time.perf_counter()
        self._mesh.thaw(node)
        return at

    def _by_cable(
        self, name: str, breaks: Callable[[Cable], None], mends: Callable[[Cable], None]
    ) -> _Way:
        return _Way(
            name,
            lambda node: since(breaks, self._cable_of[node]),
            lambda node: since(mends, self._cable_of[node]),
            is_noticed_there=True,
        )


_GONE = "orchestrator gone"


async def _until_said(mesh: BrokenMesh, node: str, before: int, at: float) -> float:
    """Milliseconds until a node has written once more that its orchestrator is gone."""
    while mesh.said(node).count(_GONE) <= before:
        if time.perf_counter() - at > _NEVER_S:
            return _NEVER_S * 1e3
        await asyncio.sleep(0.005)
    return (time.perf_counter() - at) * 1e3
