"""A mesh of real processes with handlers that leave traces, and a client to watch it with."""

from __future__ import annotations

import inspect
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cognitive_architecture.composition import connect
from cognitive_architecture.distributed_mesh.client import MeshClient
from cognitive_architecture.distributed_mesh.model import DistributedTask
from cognitive_architecture.foundation.settings import ClientSettings, MeshSettings, Settings
from cognitive_architecture.foundation.world import RealClock

from .cli_processes import CommandLine, Process, command_line

CLOCK: Final = RealClock()

SOON_S: Final = 25.0
"""Nothing a test waits for may take longer, however busy the machine is. Below the deadline of a
whole test, so that what is missing is named."""

_HANDLERS: Final = '''
import asyncio
import os
import time
from pathlib import Path

from cognitive_architecture.distributed_mesh.handlers import handles

traces = os.open(f"traces-{os.getpid()}", os.O_WRONLY | os.O_CREAT | os.O_APPEND)


def leave(word, task):
    os.write(traces, f"{word} {task.task_id} {task.attempt}\\n".encode())


@handles("quick")
async def quick(payload, task):
    """Leave a trace, that is all."""
    leave("ran", task)


@handles("hold")
async def hold(payload, task):
    """Wait until there is a file."""
    leave("began", task)
    try:
        while not Path(payload["until"]).exists():
            await asyncio.sleep(0.005)
    except asyncio.CancelledError:
        leave("told", task)
        raise
    return "done"


@handles("obedient")
def obedient(payload, task):
    """Block a thread until told to stop."""
    leave("began", task)
    while not task.is_cancelled:
        time.sleep(0.002)
    leave("told", task)


@handles("deaf")
def deaf(payload, task):
    """Block a thread until there is a file, whatever one is told."""
    leave("began", task)
    while not Path(payload["until"]).exists():
        time.sleep(0.005)
    leave("ended", task)


@handles("rude")
async def rude(payload, task):
    """Block the loop of the node until there is a file; only for whoever comes first."""
    leave("began", task)
    while task.attempt == 1 and not Path(payload["until"]).exists():
        time.sleep(0.005)
    return task.attempt


@handles("paint")
async def paint(payload, task):
    """Paint picture after picture; before the last one, wait until there is a file."""
    painted = task.checkpoint or 0
    leave(f"from-{painted}", task)
    while painted < payload["pictures"]:
        painted += 1
        leave(f"painted-{painted}", task)
        task.save_checkpoint(painted)
        while painted == payload["pictures"] - 1 and not Path(payload["until"]).exists():
            await asyncio.sleep(0.005)
    return painted


@handles("clumsy")
async def clumsy(payload, task):
    """Raise."""
    leave("began", task)
    raise ZeroDivisionError("nobody can")
'''


@dataclass(frozen=True, slots=True)
class Trace:
    """What a handler left in a file of its process."""

    word: str
    task_id: str
    attempt: int


class RealMesh:
    """Processes of one mesh, started as people start them."""

    def __init__(self, commands: CommandLine) -> None:
        self.commands = commands
        self.folder = commands.folder
        (self.folder / "handlers.py").write_text(_HANDLERS)
        self.set(log__as_json="true")
        self._processes: list[tuple[tuple[str, ...], Process]] = []

    def set(self, **settings: object) -> None:
        """Settings of the processes started from now on: ``dispatch__node_silence_s=1``."""
        for name, value in settings.items():
            self.commands.environment[f"COGMESH_{name.upper()}"] = str(value)

    def up(self, *words: str) -> Process:
        """An orchestrator that is ready."""
        process = self._start("up", "--json", *words)
        process.says('"pid"')
        return process

    def nodes(self, *names: str, slots: int = 1) -> dict[str, Process]:
        """Nodes that have joined, by name."""
        words = ("--handlers", "handlers.py", "--slots", str(slots))
        started = {name: self._start("node", "--id", name, *words) for name in names}
        for process in started.values():
            process.says("joined home")
        return started

    def _start(self, *words: str) -> Process:
        process = self.commands.start(*words)
        self._processes.append((words, process))
        return process

    def print_what_was_said(self) -> None:
        """Pytest shows it where a test has failed."""
        for words, process in self._processes:
            log = process.stderr.splitlines()[-40:]
            traces = self.traces(process)[-20:]
            print(f"$ cogmesh {' '.join(words)}", process.stdout, *log, *traces, sep="\n")

    def traces(self, process: Process, word: str | None = None) -> list[Trace]:
        """What the handlers of a node have left; all of it, or one word's."""
        path = self.folder / f"traces-{process.popen.pid}"
        if not path.exists():
            return []
        lines = [line.split() for line in path.read_text().splitlines()]
        found = [Trace(said, task_id, int(attempt)) for said, task_id, attempt in lines]
        return [trace for trace in found if word in (None, trace.word)]

    def logged(self, process: Process, event: str) -> list[dict[str, Any]]:
        """What a process has logged under this name."""
        lines = [line for line in process.stderr.splitlines() if line.startswith("{")]
        found = [json.loads(line) for line in lines if line.endswith("}")]
        return [entry for entry in found if entry["event"] == event]

    def has_begun(self, process: Process, task_id: str) -> bool:
        """Whether a handler of this node has begun with the task."""
        return any(trace.task_id == task_id for trace in self.traces(process, "began"))

    @asynccontextmanager
    async def client(self, **settings: Any) -> AsyncIterator[MeshClient]:
        """A client in this process."""
        chosen = Settings(
            mesh=MeshSettings(connect=[self.commands.endpoint]), client=ClientSettings(**settings)
        )
        async with connect(settings=chosen, name="test") as client:
            yield client


@contextmanager
def real_mesh(folder: Path) -> Iterator[RealMesh]:
    """A mesh that leaves no process behind."""
    with command_line(folder) as commands:
        mesh = RealMesh(commands)
        try:
            yield mesh
        finally:
            mesh.print_what_was_said()


def held(until: Path, **options: Any) -> DistributedTask:
    """A task that is not done before there is a file."""
    return DistributedTask(task_type="hold", payload={"until": str(until)}, **options)


async def soon(what: str, condition: Callable[[], Any], *, within_s: float = SOON_S) -> Any:
    """What the condition gives, awaited if need be, as soon as that is something true."""
    deadline = CLOCK.now() + within_s
    while CLOCK.now() < deadline:
        found = condition()
        if inspect.isawaitable(found):
            found = await found
        if found:
            return found
        await CLOCK.sleep_until(CLOCK.now() + 0.01)
    raise AssertionError(f"after {within_s:g} s still not: {what}")
