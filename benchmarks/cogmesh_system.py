"""The mesh under test: an orchestrator process with SQLite, one node process, and this client."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

from cognitive_architecture.composition import connect
from cognitive_architecture.distributed_mesh.client import MeshClient
from cognitive_architecture.distributed_mesh.model import DistributedTask

from .systems import Unavailable

_COMMAND = [sys.executable, "-m", "cognitive_architecture.cli"]
_WARM_UP = 5000


class Cogmesh:
    """As a user would start it, with a commit to the disk before each acknowledgement."""

    name = "cogmesh"
    durable = True

    def __init__(self, *, slots: int = 4) -> None:
        self._slots = slots
        self._loop = asyncio.Runner()
        self._stack = AsyncExitStack()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._folder = tempfile.TemporaryDirectory(prefix="cogmesh-bench-", dir=Path.cwd())
        self._mesh: MeshClient | None = None

    def start(self) -> None:
        """Start both processes and run some tasks."""
        endpoint = f"tcp/127.0.0.1:{_free_port()}"
        handlers = str(Path(__file__).with_name("noop_handlers.py"))
        self._spawn("up", "--data", self._folder.name, "--listen", endpoint)
        self._spawn(
            "node", "--id", "bench", "--handlers", handlers, "--slots", str(self._slots),
            "--connect", endpoint,
        )  # fmt: skip
        # As an orchestrator does for itself: collecting garbage among many live tasks costs more
        # than it finds.
        gc.set_threshold(100_000, 50, 50)
        self._loop.run(self._connect(endpoint))

    def _spawn(self, *arguments: str) -> None:
        quiet = subprocess.DEVNULL
        self._processes.append(subprocess.Popen([*_COMMAND, *arguments], stdout=quiet))

    async def _connect(self, endpoint: str) -> None:
        deadline = time.perf_counter() + 30.0
        while self._mesh is None:
            try:
                self._mesh = await self._stack.enter_async_context(connect(endpoint, name="bench"))
            except Exception as error:
                if time.perf_counter() > deadline:
                    raise Unavailable(f"it did not start: {error}") from error
        while not (await self._mesh.status())["nodes"]["total"]:
            if time.perf_counter() > deadline:
                raise Unavailable("its node did not join")
            await asyncio.sleep(0.05)
        await self._burst(_WARM_UP)

    def stop(self) -> None:
        """End the client, then the processes."""
        with contextlib.suppress(Exception):
            self._loop.run(self._stack.aclose())
        self._loop.close()
        for process in reversed(self._processes):
            process.terminate()
            process.wait(30.0)
        self._folder.cleanup()

    def burst(self, tasks: int) -> float:
        """``run_many``: few messages, as many tasks at once as there are."""
        return self._loop.run(self._burst(tasks))

    async def _burst(self, tasks: int) -> float:
        began = time.perf_counter()
        ended = 0
        async for ending in self._client.run_many(_noop() for _ in range(tasks)):
            assert ending.status == "completed", ending.reason
            ended += 1
        assert ended == tasks
        return time.perf_counter() - began

    def in_flight(self, tasks: int, window: int) -> float:
        """``window`` requesters, each submitting its next task when it has a result."""
        return self._loop.run(self._in_flight(tasks, window))

    async def _in_flight(self, tasks: int, window: int) -> float:
        left = tasks

        async def requester() -> None:
            nonlocal left
            while left > 0:
                left -= 1
                await self._client.run(_noop())

        began = time.perf_counter()
        await asyncio.gather(*(requester() for _ in range(window)))
        return time.perf_counter() - began

    def one_by_one(self, tasks: int) -> list[float]:
        """``run``, one after the other."""
        return self._loop.run(self._one_by_one(tasks))

    async def _one_by_one(self, tasks: int) -> list[float]:
        took = []
        for _ in range(tasks):
            began = time.perf_counter()
            await self._client.run(_noop())
            took.append(time.perf_counter() - began)
        return took

    def at_rate(self, tasks: int, rate: float) -> list[float]:
        """An open load: each task has its instant, and waits are counted from it; seconds."""
        return self._loop.run(self._at_rate(tasks, rate))

    async def _at_rate(self, tasks: int, rate: float) -> list[float]:
        took: list[float] = []

        async def one(due: float) -> None:
            await self._client.run(_noop())
            took.append(time.perf_counter() - due)

        running = set()
        began = time.perf_counter()
        for index in range(tasks):
            due = began + index / rate
            while (early := due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            task = asyncio.ensure_future(one(due))
            running.add(task)
            task.add_done_callback(running.discard)
        while running:
            await asyncio.wait(running)
        return took

    @property
    def _client(self) -> MeshClient:
        assert self._mesh is not None
        return self._mesh


def _noop() -> DistributedTask:
    return DistributedTask(task_type="noop", payload={"n": 1})


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
