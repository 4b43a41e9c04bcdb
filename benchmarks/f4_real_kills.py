"""Nothing acknowledged is lost and nothing is accepted twice, while everything is killed.

An orchestrator with a store on disk, four supervised nodes, a client that submits all the time.
Again and again a process gets SIGKILL: nine times out of ten a node, which most often is one that
works on something just then, else the orchestrator, which is started again at once. Every result is
a token that no other attempt of any task makes; handlers write each token to a file before they
return it.

When the kills are over, and everything that was acknowledged has ended, the mesh is ended and the
history is checked: what was submitted, what was acknowledged, what handlers made, what the client
was told, and what stands in the store.

* lost: acknowledged, and not completed in the store, or the client was not told;
* twice: the client was told one result when the task ended, and the store has another; or the
  store has a task that was never acknowledged, as a second one of one that was;
* made up: the result is none that a handler made for that task.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from cognitive_architecture.composition import connect
from cognitive_architecture.distributed_mesh.adapters.sql_store import SqlTaskStore
from cognitive_architecture.distributed_mesh.client import MeshClient, result_of
from cognitive_architecture.distributed_mesh.model import DistributedTask, TaskStatus
from cognitive_architecture.distributed_mesh.records import StoredTask, TaskFilter
from cognitive_architecture.foundation.errors import MeshError
from cognitive_architecture.foundation.settings import ClientSettings, MeshSettings, Settings
from cognitive_architecture.foundation.world import RealClock

from .broken_mesh import HANDLERS, BrokenMesh
from .drill import Drill
from .report import Options, Report

KILLS = 1000
NODES = 4
BATCH = 10
TASK_S = 0.2
OPEN_MAX = 200
"""More would only wait, and no kill would strike them."""
PAUSE_S = 0.4
"""Between two kills: some of them hit what has not come back from the last one."""
_ORCHESTRATORS = 0.1
_AT_WORK = 0.75
_PATIENCE_S = 5.0
_UNTIL_ENDED_S = 300.0
_PAGE = 5000
_SEED = 7


def measure(options: Options) -> Report:
    """Kill, then check the history."""
    kills = options.scaled(KILLS)
    with Drill() as drill:
        killed, history = asyncio.run(_drill(kills, drill))
    rounds = {name: [float(value)] for name, value in (asdict(history) | asdict(killed)).items()}
    met = not (history.lost or history.twice or history.made_up)
    config = {"kills": killed.nodes_killed + killed.orchestrators_killed, "seed": _SEED}
    return Report("lost", "tasks", rounds, met=met and not drill.was_stopped, config=config)


@dataclass(slots=True)
class Killed:
    """How often what was killed."""

    nodes_killed: int = 0
    of_them_at_work: int = 0
    orchestrators_killed: int = 0


@dataclass(slots=True)
class History:
    """What became of what was acknowledged."""

    acknowledged: int = 0
    executed: int = 0
    """Attempts that handlers brought to an end, accepted or not."""
    lost: int = 0
    twice: int = 0
    made_up: int = 0


async def _drill(kills: int, drill: Drill) -> tuple[Killed, History]:
    mesh = BrokenMesh()
    trace = mesh.folder / "made"
    trace.touch()
    words = ("--data", str(mesh.folder / "data"))
    try:
        mesh.up(*words)
        async with mesh.client() as first:
            for number in range(NODES):
                mesh.start(
                    f"supervisor-node-{number}", "node", "--supervise", "--id", f"node-{number}",
                    "--handlers", HANDLERS, "--slots", "8", "--connect", mesh.endpoint,
                )  # fmt: skip
            await mesh.until_nodes(first, NODES)
        settings = Settings(
            mesh=MeshSettings(connect=[mesh.endpoint]), client=ClientSettings(answer_timeout_s=60)
        )
        async with connect(settings=settings, name="bench") as client:
            load = _Load(client, trace)
            submitting = asyncio.create_task(load.submit())
            killed = await _kill(mesh, client, words, kills, drill)
            load.is_over = True
            await submitting
            drill.say(f"{len(load.told):,} tasks acknowledged; waiting until all have ended")
            await asyncio.wait_for(load.all_told(), _UNTIL_ENDED_S)
        # The supervisors first, so that they do not start nodes that nobody wants.
        for name in sorted(mesh.processes, key=lambda name: name == "up"):
            mesh.end(name)
        return killed, _check(load, _stored(mesh.folder / "data"), trace)
    finally:
        mesh.close()


async def _kill(
    mesh: BrokenMesh, client: MeshClient, words: tuple[str, ...], kills: int, drill: Drill
) -> Killed:
    chance = random.Random(_SEED)
    killed = Killed()
    for _ in drill.rounds(kills, "killed"):
        await asyncio.sleep(PAUSE_S * (0.5 + chance.random()))
        if chance.random() < _ORCHESTRATORS:
            mesh.end("up")
            mesh.up(*words)
            killed.orchestrators_killed += 1
            continue
        working = await _working(client) if chance.random() < _AT_WORK else []
        names = working or [f"node-{number}" for number in range(NODES)]
        while not _kill_a_node(mesh, chance.choice(names)):
            await asyncio.sleep(0.05)
        killed.nodes_killed += 1
        killed.of_them_at_work += bool(working)
    return killed


async def _working(client: MeshClient) -> list[str]:
    """The nodes that work on something, as soon as there are any; none if that takes too long."""
    with contextlib.suppress(TimeoutError, MeshError):
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                nodes = await client.nodes()
                if names := [node["node_id"] for node in nodes if node["current_load"]]:
                    return names
                await asyncio.sleep(0.05)
    return []


def _kill_a_node(mesh: BrokenMesh, name: str) -> bool:
    """Kill the process that works under this name, if there is one just now."""
    supervisor = psutil.Process(mesh.processes[f"supervisor-{name}"].pid)
    with contextlib.suppress(psutil.NoSuchProcess):
        # The older one works; the younger one is the spare.
        for child in sorted(supervisor.children(), key=lambda one: one.create_time())[:1]:
            child.kill()
            return True
    return False


class _Load:
    """What was asked for, and what was told."""

    def __init__(self, client: MeshClient, trace: Path) -> None:
        self.is_over = False
        self.told: dict[str, asyncio.Task[object]] = {}
        """The result of each task that was acknowledged, as soon as the client has it."""
        self._open = 0
        self._client = client
        self._trace = trace

    async def submit(self) -> None:
        """Submit batches until it is over, as long as not too many are open."""
        while not self.is_over:
            if self._open > OPEN_MAX:
                await asyncio.sleep(0.1)
                continue
            tasks = [
                DistributedTask(
                    task_type="token",
                    payload={"seconds": TASK_S, "trace": str(self._trace)},
                    max_attempts=1000,
                    wait_for_node=True,
                )
                for _ in range(BATCH)
            ]
            for task_id in await self._client.submit_many(tasks):
                self._open += 1
                telling = asyncio.create_task(self._client.result(task_id))
                telling.add_done_callback(self._was_told)
                self.told[task_id] = telling
            await asyncio.sleep(0.1)

    def _was_told(self, _: object) -> None:
        self._open -= 1

    async def all_told(self) -> None:
        """Return when the client has heard how each of them ended."""
        if self.told:
            await asyncio.wait(self.told.values())


def _stored(folder: Path) -> Iterator[StoredTask]:
    """Everything that the store holds."""
    store = SqlTaskStore(folder, RealClock())
    store.open()
    try:
        before = None
        while page := store.tasks(TaskFilter(before_serial=before, limit=_PAGE)):
            yield from page
            before = page[-1].task.serial
    finally:
        store.close()


def _check(load: _Load, stored: Iterator[StoredTask], trace: Path) -> History:
    made = set(trace.read_text().split())
    history = History(acknowledged=len(load.told), executed=len(made))
    missing = dict(load.told)
    for found in stored:
        task_id = found.task.spec.task_id
        told = missing.pop(task_id, None)
        if told is None:
            history.twice += 1
        elif found.status is not TaskStatus.COMPLETED or told.exception() is not None:
            history.lost += 1
        else:
            assert found.ending is not None
            token = str(result_of(found.ending))
            history.twice += told.result() != token
            history.made_up += token not in made or not token.startswith(f"{task_id}/")
    history.lost += len(missing)
    return history
