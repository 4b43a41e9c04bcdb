"""``cogmesh up``."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.text import Text

from cognitive_architecture import __version__
from cognitive_architecture.cli.asking import settings_for
from cognitive_architecture.cli.child_nodes import ChildNodes
from cognitive_architecture.cli.endpoints import Endpoint, from_other_machines, from_this_machine
from cognitive_architecture.cli.options import JsonOption, MeshOption
from cognitive_architecture.cli.outcomes import ExitCode, WrongUsage
from cognitive_architecture.cli.rendering import (
    at_work,
    facts,
    listed,
    notice_of_leaving,
    notices,
    plural,
    print_error,
    print_json_line,
    results,
)
from cognitive_architecture.cli.stopping import StopRequests, stop_requests
from cognitive_architecture.foundation.errors import FabricError
from cognitive_architecture.foundation.world import RealClock

if TYPE_CHECKING:
    from cognitive_architecture.distributed_mesh.orchestrator import CognitiveMeshOrchestrator
    from cognitive_architecture.distributed_mesh.records import TaskCounts
    from cognitive_architecture.foundation.settings import Settings

_DATA: Final = ".cogmesh"
_RECORDED_MIB: Final = 1024


def up(
    *,
    data: Annotated[
        str | None,
        typer.Option(
            "--data", "-d", metavar="DIR", help="Where tasks are kept.", show_default="./.cogmesh"
        ),
    ] = None,
    memory: Annotated[
        bool, typer.Option("--memory", help="Keep tasks in memory; they end with the process.")
    ] = False,
    listen: Annotated[
        list[str] | None,
        typer.Option(
            "--listen",
            "-l",
            metavar="ENDPOINT",
            help="tcp/0.0.0.0:7464 lets in every machine that can reach this one.",
            show_default="this machine alone",
        ),
    ] = None,
    nodes: Annotated[
        int,
        typer.Option(
            "--nodes",
            "-n",
            metavar="N",
            min=0,
            max=256,
            help="Start so many nodes here as well.",
        ),
    ] = 0,
    memory_nodes: Annotated[
        int,
        typer.Option(
            "--memory-nodes",
            metavar="N",
            min=0,
            max=256,
            help="Start so many nodes that keep atoms; two or more keep each atom twice.",
        ),
    ] = 0,
    slots: Annotated[
        int | None,
        typer.Option(
            "--slots",
            metavar="N",
            min=1,
            max=10_000,
            help="Tasks each of the nodes works on at a time.",
            show_default="the cores, shared out",
        ),
    ] = None,
    record: Annotated[
        bool,
        typer.Option("--record", help="Keep a journal of all decisions, for cogmesh replay."),
    ] = False,
    mesh: MeshOption = None,
    as_json: JsonOption = False,
    as_child: Annotated[bool, typer.Option("--as-child", hidden=True)] = False,
) -> ExitCode:
    """Start the orchestrator: it takes tasks, keeps them safe and gives them to nodes.

    Ctrl-C lets running tasks finish first; a second one ends at once. Nothing is lost either way.
    A node of its own that dies is started again, within the limits of the supervision settings.
    With --json: one line on standard output when it is ready, {mesh, version, listen, store, open,
    ended {status: number}, nodes, memory_nodes, pid}.
    """
    if memory and data is not None:
        raise WrongUsage("--memory and --data: one of them")
    if memory and record:
        raise WrongUsage("--memory and --record: a journal needs a folder")
    settings = _settings(data, memory=memory, listen=listen, mesh=mesh, record=record)
    _tune_interpreter()
    return asyncio.run(
        _run(
            settings,
            _Started(nodes, slots or _share(nodes), memory_nodes),
            as_json=as_json,
            as_child=as_child,
        )
    )


@dataclass(frozen=True, slots=True)
class _Started:
    """The nodes that are started here as well."""

    nodes: int
    slots: int
    """Of each of these."""
    memory_nodes: int

    def __bool__(self) -> bool:
        return self.nodes + self.memory_nodes > 0


def _settings(
    data: str | None,
    *,
    memory: bool,
    listen: list[str] | None,
    mesh: str | None,
    record: bool,
) -> Settings:
    # As in asking.settings_for: pydantic is loaded by commands that need settings.
    from cognitive_architecture.foundation.settings_check import amended_settings
    from cognitive_architecture.foundation.settings_source import Flag

    settings = settings_for(
        None,
        mesh,
        Flag("mesh.listen", list(listen or ()), "--listen"),
        Flag("store.directory", data, "--data"),
    ).settings
    directory = None if memory else settings.store.directory or _DATA
    changes: dict[str, object] = {"store.directory": directory}
    if record:
        changes["store.decisions_mib_max"] = settings.store.decisions_mib_max or _RECORDED_MIB
    return amended_settings(settings, changes)


def _tune_interpreter() -> None:
    """Suit the interpreter to an orchestrator."""
    # The thread that commits and the event loop take turns with the interpreter lock. By default
    # a thread that computes may keep the other one waiting for 5 ms, more than a task may take.
    sys.setswitchinterval(0.001)
    # A collection looks for cycles among objects. By default one starts with every few hundred new
    # objects, and at 10,000 tasks a second that is hundreds of times a second, to find nothing:
    # what a task leaves behind is freed without it.
    gc.set_threshold(50_000, 20, 100)


def _share(nodes: int) -> int:
    return max(1, (os.cpu_count() or 1) // max(1, nodes))


async def _run(settings: Settings, started: _Started, *, as_json: bool, as_child: bool) -> ExitCode:
    # The network and the database are loaded here, where they are needed.
    from cognitive_architecture.composition import network_parts
    from cognitive_architecture.distributed_mesh.orchestrator import CognitiveMeshOrchestrator

    with stop_requests(with_stdin=as_child) as stops:
        parts = network_parts(settings)
        orchestrator = CognitiveMeshOrchestrator(parts)
        try:
            with at_work(f"reading {parts.store_name}"):  # some seconds for a million tasks
                found = orchestrator.take_over()
                await orchestrator.start_enhanced_orchestration()
        except FabricError as error:
            # Elsewhere it means that nobody can be reached; here, that nobody could be heard.
            print_error(error, as_json=as_json)
            return ExitCode.TAKEN
        try:
            counts = await asyncio.to_thread(parts.store.counts)
            _show(settings, found, counts, started, as_json=as_json)
            return await _serve(orchestrator, settings, started, stops)
        finally:
            await orchestrator.stop_enhanced_orchestration()


async def _serve(
    orchestrator: CognitiveMeshOrchestrator,
    settings: Settings,
    started: _Started,
    stops: StopRequests,
) -> ExitCode:
    """Look after the nodes until somebody wants an end."""
    children = ChildNodes(
        _arguments_of_nodes(settings),
        settings=settings.supervision,
        clock=RealClock(),
        drain_timeout_s=settings.node.drain_timeout_s,
        report=lambda sentence: notices().print(sentence, style="yellow", soft_wrap=True),
    )
    # What is loaded now stays; no collection need look at it again.
    gc.collect()
    gc.freeze()
    over = asyncio.ensure_future(orchestrator.until_stopped())
    polite = asyncio.ensure_future(stops.polite.wait())
    try:
        names = [f"memory-{number}" for number in range(1, started.memory_nodes + 1)]
        await children.start(names, ["--atomspace", _atomspace(settings)])
        names = [f"node-{number}" for number in range(1, started.nodes + 1)]
        await children.start(names, ["--slots", str(started.slots)])
        await asyncio.wait([over, polite], return_when=asyncio.FIRST_COMPLETED)
        if over.done():
            over.result()  # raises if the store was taken away
            return ExitCode.OK
        return await _leave(children, started, stops)
    finally:
        over.cancel()
        polite.cancel()
        with suppress(asyncio.CancelledError):
            await children.kill()


async def _leave(children: ChildNodes, started: _Started, stops: StopRequests) -> ExitCode:
    if started:
        notice_of_leaving("letting the nodes finish what they have; Ctrl-C again ends at once")
    stopping = asyncio.ensure_future(children.stop())
    urgent = asyncio.ensure_future(stops.urgent.wait())
    await asyncio.wait([stopping, urgent], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    urgent.cancel()
    return ExitCode.INTERRUPTED if stops.urgent.is_set() else ExitCode.OK


def _atomspace(settings: Settings) -> str:
    """Where a memory node keeps its atoms: beside the tasks, in a folder of its own."""
    directory = settings.store.directory
    return ":memory:" if directory is None else str(Path(directory) / "{name}")


def _arguments_of_nodes(settings: Settings) -> list[str]:
    return [
        "--quiet",
        *("--connect", from_this_machine(settings.mesh.listen[0])),
        *("--mesh", settings.mesh.name),
    ]


# -- words -----------------------------------------------------------------------------------------


def _show(
    settings: Settings, found: int, counts: TaskCounts, started: _Started, *, as_json: bool
) -> None:
    if as_json:
        print_json_line(
            {
                "mesh": settings.mesh.name,
                "version": __version__,
                "listen": settings.mesh.listen,
                "store": settings.store.directory,
                "open": found,
                "ended": counts.ended,
                "nodes": started.nodes,
                "memory_nodes": started.memory_nodes,
                "pid": os.getpid(),
            }
        )
        return
    out = results()
    out.print(
        listed(Text(f"Cogmesh {__version__}", style="bold"), f"mesh {settings.mesh.name}", "ready")
    )
    out.print(facts(_state(settings, found, counts, started)))
    out.print()
    for step, command in _next_steps(settings).items():
        # Not wrapped: a command is there to be copied.
        out.print(Text.assemble((f"  {step:<17}", "dim"), command), soft_wrap=True)
    out.print()


def _state(settings: Settings, found: int, counts: TaskCounts, started: _Started) -> dict[str, Any]:
    ended = sum(counts.ended.values())
    where = settings.store.directory or "memory: tasks end with this process"
    state: dict[str, Any] = {
        "listens at": ", ".join(settings.mesh.listen),
        "keeps": listed(
            where,
            Text(f"{plural(found, 'open task')} found", style="yellow") if found else "",
            f"{ended:,} ended" if ended else "",
        ),
    }
    if not all(Endpoint.of(at).is_this_machine_alone for at in settings.mesh.listen):
        state["open to"] = Text(
            "every machine that can reach it: there is no access control yet", style="yellow"
        )
    if settings.metrics.listen is not None:
        state["measures at"] = f"http://{settings.metrics.listen}/metrics"
    starts = []
    if started.nodes:
        each = " each" if started.nodes > 1 else ""
        slots = plural(started.slots, "slot")
        starts.append(f"{plural(started.nodes, 'node')} with {slots}{each}")
    if started.memory_nodes:
        starts.append(plural(started.memory_nodes, "memory node"))
    if starts:
        state["starts"] = listed(*starts)
    return state


def _next_steps(settings: Settings) -> dict[str, str]:
    here = reach(settings)
    steps = {
        "one more node": f"cogmesh node{here}",
        "how it is": f"cogmesh status{here}",
        "a task": f'cogmesh submit text_processing{here} --wait -p \'{{"text": "Hello."}}\'',
    }
    outside = [found for at in settings.mesh.listen if (found := from_other_machines(at))]
    if outside:
        mesh = "" if settings.mesh.name == "home" else f" --mesh {settings.mesh.name}"
        steps["another machine"] = f"cogmesh node --connect {outside[0]}{mesh}"
    end = "nothing is lost" if settings.store.directory else "the tasks end with it"
    return steps | {"the end": f"Ctrl-C; {end}"}


def reach(settings: Settings) -> str:
    """The flags with which commands of this machine reach the orchestrator; often none."""
    usual = type(settings)().mesh
    flags = ""
    if not set(settings.mesh.listen) & set(usual.connect):
        flags += f" --connect {from_this_machine(settings.mesh.listen[0])}"
    if settings.mesh.name != usual.name:
        flags += f" --mesh {settings.mesh.name}"
    return flags
