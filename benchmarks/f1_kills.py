"""How soon a killed node process is noticed, and how soon its tasks run elsewhere.

Three node processes over Zenoh on loopback, an orchestrator, this client. In each round the client
starts tasks that run until they are stopped and follows them; the process of a node that has any is
killed with SIGKILL; a new node takes its place. Noticed: the client has heard that the attempt is
void. Elsewhere: it has heard the first word of the handler at another node. Both are counted from
just before the signal was sent, and include the way to the client.

Besides: the only node that can do a task is killed and the task submitted at once, so its result
tells how long the supervised restart took, from the signal to the first task done: of a node of
`cogmesh up --nodes 1` (up), and of one of `cogmesh node --supervise` with handlers from a file
(supervised). Both keep a process in hand that has loaded what it can; a node is killed when that
process is at rest. Deaths that follow each other within a minute are given growing pauses; there
are none here, as before the first restart.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import psutil

from cognitive_architecture.distributed_mesh.model import DistributedTask

from .broken_mesh import HANDLERS, SOON_S, BrokenMesh, Moved, held_on, percentiles, stop_all
from .drill import Drill
from .report import Options, Report
from .systems import Unavailable

KILLS = 200
RESTARTS = 20
NODES = 3
TASKS = 4
GOALS = {
    "noticed_p99_ms": 50.0,
    "elsewhere_p99_ms": 250.0,
    "restart_up_p99_ms": 1000.0,
    "restart_supervised_p99_ms": 1000.0,
}


def measure(options: Options) -> Report:
    """Kill, and report percentiles."""
    kills, restarts = options.scaled(KILLS), options.scaled(RESTARTS)
    with Drill() as drill:
        moved = asyncio.run(_kills(kills, drill))
        rounds = moved.figures()
        config = {"kills": moved.failures, "tasks_each": TASKS}
        for name, words in _SUPERVISORS.items():
            if drill.was_stopped:
                break
            took = asyncio.run(_restarts(restarts, name, words, drill))
            rounds |= percentiles(f"restart_{name}", took)
            config[f"restarts_{name}"] = len(took)
    met = all(name in rounds and rounds[name][0] <= goal for name, goal in GOALS.items())
    return Report("noticed_p99_ms", "ms", rounds, met=met and not drill.was_stopped, config=config)


async def _kills(count: int, drill: Drill) -> Moved:
    mesh = BrokenMesh()
    moved = Moved()
    try:
        mesh.up("--memory")
        async with mesh.client() as client:
            for _ in range(NODES):
                mesh.node(slots=TASKS)
            for _ in drill.rounds(count, "node processes killed"):
                await mesh.until_nodes(client, NODES)
                tasks = await held_on(client, TASKS)
                victim = tasks[0].node
                await moved.follow(tasks, victim, mesh.kill(victim))
                await stop_all(client, tasks)
                mesh.end(victim)
                mesh.node(slots=TASKS)
    finally:
        mesh.close()
    return moved


# -- supervised restarts -------------------------------------------------------------------------

_SUPERVISORS = {
    "up": ("up", "--nodes", "1", "--slots", "1"),
    "supervised": ("node", "--supervise", "--id", "only", "--slots", "1", "--handlers", HANDLERS),
}

_QUESTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "up": ("text_processing", {"text": "One."}),
    "supervised": ("held", {"seconds": 0.0}),
}
"""What is asked of them: a task that is done at once."""


async def _restarts(count: int, name: str, words: tuple[str, ...], drill: Drill) -> list[float]:
    mesh = BrokenMesh()
    took = []
    task_type, payload = _QUESTIONS[name]
    try:
        mesh.up("--memory", *(words[1:] if name == "up" else ()))
        if name != "up":
            mesh.start(name, *words, "--connect", mesh.endpoint)
        async with mesh.client() as client:
            await mesh.until_nodes(client, 1)
            process = psutil.Process(mesh.processes[name].pid)
            for _ in drill.rounds(count, f"nodes restarted ({name})"):
                await _until_at_rest(process, 2)
                # The older one works; the younger one is the spare.
                child = min(process.children(), key=lambda one: one.create_time())
                killed_at = time.perf_counter()
                child.kill()
                await client.run(
                    DistributedTask(task_type=task_type, payload=payload, wait_for_node=True)
                )
                took.append((time.perf_counter() - killed_at) * 1e3)
    finally:
        mesh.close()
    return took


async def _until_at_rest(parent: psutil.Process, children: int) -> None:
    """Return when a process has so many children, and all of them have loaded what they need.

    Whoever loads wants a core all the time, and whoever has loaded sleeps. Ten looks in a row: one
    that was started just now may sleep for a moment as well.
    """
    deadline = time.perf_counter() + SOON_S
    looks = 0
    while looks < _LOOKS:
        await asyncio.sleep(0.1)
        states = [_state(one) for one in parent.children()]
        looks = looks + 1 if states == [psutil.STATUS_SLEEPING] * children else 0
        if time.perf_counter() > deadline:
            raise Unavailable(f"the {children} processes were {', '.join(states)}, not at rest")


_LOOKS = 10


def _state(process: psutil.Process) -> str:
    try:
        return str(process.status())
    except psutil.NoSuchProcess:
        return psutil.STATUS_DEAD
