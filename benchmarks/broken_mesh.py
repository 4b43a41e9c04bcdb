"""A mesh of real processes that a benchmark breaks, and what its client sees of that."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil

from cognitive_architecture.composition import connect
from cognitive_architecture.distributed_mesh.client import MeshClient
from cognitive_architecture.distributed_mesh.model import (
    DistributedTask,
    TaskEvent,
    TaskEventKind,
)
from cognitive_architecture.foundation.errors import MeshError

from .cogmesh_system import _free_port
from .report import percentile
from .systems import Unavailable

HANDLERS = str(Path(__file__).with_name("held_handlers.py"))
COMMAND = [sys.executable, "-m", "cognitive_architecture.cli"]
SOON_S = 30.0
_ABOVE_ALL: Final = 1000.0
"""Weight of a preference beside which nothing else counts."""

_APART: Final[dict[str, Any]] = (
    {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    if sys.platform == "win32"
    else {"start_new_session": True}
)
"""Ctrl-C at the terminal reaches the benchmark alone, and the mesh works on until it ends it."""


class BrokenMesh:
    """The processes, by name, and the folder they run in."""

    def __init__(self, *, prefix: Sequence[str] = (), endpoint: str | None = None) -> None:
        """Prepare.

        Args:
            prefix: Of every command of the orchestrator, as ``ip netns exec NAME``.
            endpoint: Where the orchestrator listens; a free port of this machine if left out.
        """
        self.folder = Path(tempfile.mkdtemp(prefix="cogmesh-bench-"))
        self.endpoint = endpoint or f"tcp/127.0.0.1:{_free_port()}"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._prefix = list(prefix)
        self._numbers = 0
        self.settings: dict[str, str] = {
            # A benchmark kills the same machine's nodes again and again, which is what flapping is.
            "COGMESH_RECOVERY__FLAPPING_LOSSES_MAX": "1000",
            "COGMESH_RECOVERY__POISON_NODES_MAX": "1000",
            "COGMESH_DISPATCH__NODE_LOSSES_MAX": "1000",
            "COGMESH_SUPERVISION__RESTARTS_MAX": "10000",
            "COGMESH_SUPERVISION__PAUSE_S": "0",
            "COGMESH_LOG__LEVEL": "warning",
        }

    def start(self, name: str, *words: str, prefix: Sequence[str] | None = None) -> None:
        """Start a command of ``cogmesh``."""
        err = (self.folder / f"{name}.err").open("ab")
        self.processes[name] = subprocess.Popen(
            [*(self._prefix if prefix is None else prefix), *COMMAND, *words],
            cwd=self.folder,
            env=os.environ | self.settings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=err,
            **_APART,
        )
        err.close()

    def up(self, *words: str) -> None:
        """Start the orchestrator."""
        self.start("up", "up", "--listen", self.endpoint, *words)

    def node(self, *, slots: int = 4, prefix: Sequence[str] | None = None) -> str:
        """Start a node; its name."""
        self._numbers += 1
        name = f"n{self._numbers}"
        words = ("--handlers", HANDLERS, "--slots", str(slots), "--connect", self.endpoint)
        self.start(name, "node", "--id", name, *words, prefix=prefix)
        return name

    def kill(self, name: str) -> float:
        """Kill a process without a word; the instant before."""
        at = time.perf_counter()
        self.processes[name].kill()
        return at

    def freeze(self, name: str) -> float:
        """Stop a process where it is, with its connections open; the instant before."""
        at = time.perf_counter()
        psutil.Process(self.processes[name].pid).suspend()
        return at

    def thaw(self, name: str) -> None:
        """Let it go on."""
        psutil.Process(self.processes[name].pid).resume()

    def said(self, name: str) -> str:
        """What a process has written to standard error."""
        return (self.folder / f"{name}.err").read_text(errors="replace")

    def end(self, name: str) -> None:
        """Kill a process, whatever it does, and those that it has started."""
        process = self.processes.pop(name)
        started: list[psutil.Process] = []
        with contextlib.suppress(psutil.NoSuchProcess):
            started = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.wait(SOON_S)
        for one in started:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()

    def close(self) -> None:
        """End all, and remove the folder."""
        for name in reversed(list(self.processes)):
            self.end(name)
        shutil.rmtree(self.folder, ignore_errors=True)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[MeshClient]:
        """A client that waits until the orchestrator is there."""
        async with AsyncExitStack() as stack:
            yield await self._connected(stack)

    async def _connected(self, stack: AsyncExitStack) -> MeshClient:
        deadline = time.perf_counter() + SOON_S
        while True:
            try:
                return await stack.enter_async_context(connect(self.endpoint, name="bench"))
            except MeshError as error:
                if time.perf_counter() > deadline:
                    raise Unavailable(f"the orchestrator did not start: {error}") from error

    async def until_nodes(self, client: MeshClient, count: int) -> None:
        """Return when so many nodes are in."""
        deadline = time.perf_counter() + SOON_S
        while len(await client.nodes()) < count:
            if time.perf_counter() > deadline:
                raise Unavailable(f"not {count} nodes within {SOON_S:g} s")
            await asyncio.sleep(0.02)

    async def until_there(self, client: MeshClient, node: str) -> None:
        """Return when a node is in."""
        deadline = time.perf_counter() + SOON_S
        while all(one["node_id"] != node for one in await client.nodes()):
            if time.perf_counter() > deadline:
                raise Unavailable(f"{node} is not in within {SOON_S:g} s")
            await asyncio.sleep(0.02)


class Followed:
    """A task that is watched: when its node was given up, and when it ran elsewhere."""

    def __init__(self, client: MeshClient, task_id: str) -> None:
        self.task_id = task_id
        self.node = ""
        self.lost_at: float | None = None
        self.elsewhere_at: float | None = None
        self._news = asyncio.Event()
        self._following = asyncio.create_task(self._follow(client))

    async def _follow(self, client: MeshClient) -> None:
        async for event in client.events(self.task_id):
            self._take(event, time.perf_counter())
            self._news.set()

    def _take(self, event: TaskEvent, now: float) -> None:
        if event.kind == TaskEventKind.ASSIGNED:
            self.node = event.node_id or ""
        elif event.kind == TaskEventKind.RETRYING and self.lost_at is None:
            self.lost_at = now
        elif event.kind == TaskEventKind.PROGRESS and self.lost_at is not None:
            self.elsewhere_at = self.elsewhere_at or now

    async def until(self, what: str, within_s: float = SOON_S) -> None:
        """Return when it has ``begun``, or runs ``elsewhere``."""
        deadline = time.perf_counter() + within_s
        while not (self.node if what == "begun" else self.elsewhere_at):
            left = deadline - time.perf_counter()
            if left <= 0:
                raise Unavailable(f"{self.task_id} was not {what} within {within_s:g} s")
            self._news.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), left)

    def forget(self) -> None:
        """Follow it no more."""
        self._following.cancel()


@dataclass(slots=True)
class Moved:
    """How long it took until tasks were given up at one node, and ran at another; milliseconds."""

    noticed: list[float] = field(default_factory=list)
    elsewhere: list[float] = field(default_factory=list)
    failures: int = 0
    """How often something was broken; each time several tasks may have been there."""

    async def follow(self, tasks: Sequence[Followed], victim: str, broken_at: float) -> None:
        """Wait until what the victim had runs elsewhere."""
        self.failures += 1
        for task in tasks:
            if task.node != victim and task.lost_at is None:
                continue
            await task.until("elsewhere")
            assert task.lost_at is not None
            assert task.elsewhere_at is not None
            self.noticed.append((task.lost_at - broken_at) * 1e3)
            self.elsewhere.append((task.elsewhere_at - broken_at) * 1e3)

    def figures(self, before: str = "") -> dict[str, list[float]]:
        """Percentiles, each with ``before`` in front of its name; none of no tasks."""
        found: dict[str, list[float]] = {}
        for what, took in (("noticed", self.noticed), ("elsewhere", self.elsewhere)):
            found |= percentiles(f"{before}{what}", took)
        return found


def percentiles(name: str, took_ms: Sequence[float]) -> dict[str, list[float]]:
    """The 99th, the median and the longest, under names that end with ``_ms``; none of none."""
    if not took_ms:
        return {}
    ordered = sorted(took_ms)
    return {
        f"{name}_p99_ms": [percentile(ordered, 0.99)],
        f"{name}_p50_ms": [percentile(ordered, 0.5)],
        f"{name}_max_ms": [ordered[-1]],
    }


async def held_on(
    client: MeshClient, count: int, seconds: float = 3600.0, *, node: str | None = None
) -> list[Followed]:
    """So many tasks that run until they are stopped, each begun at its node.

    Args:
        client: Of the mesh.
        count: How many.
        seconds: How long they would run.
        node: Where all of them are to begin; wherever there is room if left out.
    """
    tasks = [
        DistributedTask(
            task_type="held",
            payload={"seconds": seconds},
            wait_for_node=True,
            preferences={} if node is None else {f'id == "{node}"': _ABOVE_ALL},
        )
        for _ in range(count)
    ]
    followed = [Followed(client, task_id) for task_id in await client.submit_many(tasks)]
    for one in followed:
        await one.until("begun")
        if node not in (None, one.node):
            raise Unavailable(f"{one.task_id} was to begin at {node} and began at {one.node}")
    await asyncio.sleep(0.05)  # until the handlers run
    return followed


async def stop_all(client: MeshClient, tasks: Iterable[Followed]) -> None:
    """Cancel them, and follow them no more."""
    for task in tasks:
        await client.cancel(task.task_id)
        task.forget()
