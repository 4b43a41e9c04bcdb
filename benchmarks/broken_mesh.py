"""A mesh of real processes that a benchmark breaks, and what its client sees of that."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from cognitive_architecture.composition import connect
from cognitive_architecture.distributed_mesh.client import MeshClient
from cognitive_architecture.distributed_mesh.model import (
    DistributedTask,
    TaskEvent,
    TaskEventKind,
)

from .cogmesh_system import _free_port
from .systems import Unavailable

HANDLERS = str(Path(__file__).with_name("held_handlers.py"))
COMMAND = [sys.executable, "-m", "cognitive_architecture.cli"]
SOON_S = 30.0


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

    def signal(self, name: str, number: int) -> float:
        """Send a signal; the instant."""
        process = self.processes[name]
        at = time.perf_counter()
        process.send_signal(number)
        return at

    def said(self, name: str) -> str:
        """What a process has written to standard error."""
        return (self.folder / f"{name}.err").read_text(errors="replace")

    def end(self, name: str) -> None:
        """End a process, whatever it does."""
        process = self.processes.pop(name)
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGCONT if os.name != "nt" else signal.SIGTERM)
            process.kill()
        process.wait(SOON_S)

    def close(self) -> None:
        """End all, and remove the folder."""
        for name in reversed(list(self.processes)):
            self.end(name)
        shutil.rmtree(self.folder, ignore_errors=True)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[MeshClient]:
        """A client that waits until the orchestrator is there."""
        deadline = time.perf_counter() + SOON_S
        while True:
            try:
                async with connect(self.endpoint, name="bench") as client:
                    yield client
                return
            except Exception as error:
                if time.perf_counter() > deadline:
                    raise Unavailable(f"the orchestrator did not start: {error}") from error

    async def until_nodes(self, client: MeshClient, count: int) -> None:
        """Return when so many nodes are in."""
        deadline = time.perf_counter() + SOON_S
        while len(await client.nodes()) < count:
            if time.perf_counter() > deadline:
                raise Unavailable(f"not {count} nodes within {SOON_S:g} s")
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
        """Return when ``begun`` or ``elsewhere`` is true."""
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


async def held_on(client: MeshClient, count: int, seconds: float = 3600.0) -> list[Followed]:
    """So many tasks that run until they are stopped, each begun at its node."""
    tasks = [
        DistributedTask(task_type="held", payload={"seconds": seconds}, wait_for_node=True)
        for _ in range(count)
    ]
    followed = [Followed(client, task_id) for task_id in await client.submit_many(tasks)]
    for one in followed:
        await one.until("begun")
    await asyncio.sleep(0.05)  # until the handlers run
    return followed
