"""``cogmesh node``."""

from __future__ import annotations

import asyncio
import os
import platform
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from cognitive_architecture.cli.asking import settings_for
from cognitive_architecture.cli.child_nodes import ChildNodes, name_from_parent
from cognitive_architecture.cli.describing import pairs, typed_pairs, whole_description
from cognitive_architecture.cli.loop_watchdog import loop_watchdog
from cognitive_architecture.cli.node_view import NodeView
from cognitive_architecture.cli.offering import built_in_handlers, offered_handlers
from cognitive_architecture.cli.options import (
    DESCRIPTIONS,
    ConnectOption,
    JsonOption,
    MeshOption,
)
from cognitive_architecture.cli.outcomes import ExitCode, WrongUsage
from cognitive_architecture.cli.rendering import notices, print_error
from cognitive_architecture.cli.stopping import StopRequests, stop_requests
from cognitive_architecture.distributed_mesh.model import MeshNodeType
from cognitive_architecture.foundation.errors import HandlerStuck
from cognitive_architecture.foundation.world import RealClock, RealIds

if TYPE_CHECKING:
    from cognitive_architecture.distributed_mesh.node import NodeRuntime
    from cognitive_architecture.foundation.settings import Settings

_MEMORY_SLOTS = 16
"""Most of what a memory node does is waiting for its disk, and many share one commit."""


def node(
    *,
    capability: Annotated[
        list[str] | None,
        typer.Option(
            "--capability",
            "-C",
            metavar="NAME",
            help="Offer this built-in one; repeatable.",
            show_default="all, unless --handlers is given",
        ),
    ] = None,
    handlers: Annotated[
        list[str] | None,
        typer.Option(
            "--handlers",
            "-H",
            metavar="FILE",
            help="Offer what this file.py or package.module declares with @handles; repeatable.",
        ),
    ] = None,
    atomspace: Annotated[
        str | None,
        typer.Option(
            "--atomspace",
            metavar="DIR",
            help="Be a memory node: keep atoms in this folder, and do nothing else. "
            ":memory: keeps them in memory.",
        ),
    ] = None,
    node_id: Annotated[
        str | None,
        typer.Option(
            "--id", metavar="ID", help="Its name in the mesh.", show_default="host and a number"
        ),
    ] = None,
    node_type: Annotated[
        MeshNodeType, typer.Option("--type", "-t", help="The part it plays.")
    ] = MeshNodeType.AGENT,
    slots: Annotated[
        int | None,
        typer.Option(
            "--slots",
            metavar="N",
            min=1,
            max=10_000,
            help="Tasks it works on at a time.",
            show_default="one for each core; 16 for a memory node",
        ),
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option(
            "--label",
            metavar="KEY=VALUE",
            help="A word about it, for people and for tasks that ask for it; repeatable.",
        ),
    ] = None,
    attribute: Annotated[
        list[str] | None,
        typer.Option(
            "--attribute",
            metavar="NAME=VALUE",
            help="What tasks may require, as gpu=rtx3060 or context_length=8192; repeatable.",
        ),
    ] = None,
    rule: Annotated[
        list[str] | None,
        typer.Option(
            "--rule",
            metavar="EXPRESSION",
            help='Whom it serves, as requester == "ann" || priority >= 8; repeatable.',
        ),
    ] = None,
    supervise: Annotated[
        bool,
        typer.Option(
            "--supervise",
            help="Work in a process of its own, which is started again when it dies or hangs.",
        ),
    ] = False,
    atoms: Annotated[
        str,
        typer.Option(
            "--atoms",
            metavar="SCHEME",
            help="Atoms it declares, for tasks that ask with a pattern.",
            show_default=False,
        ),
    ] = "",
    connect: ConnectOption = None,
    mesh: MeshOption = None,
    as_json: JsonOption = False,
    as_child: Annotated[bool, typer.Option("--as-child", hidden=True)] = False,
    quiet: Annotated[bool, typer.Option("--quiet", hidden=True)] = False,
    standby: Annotated[bool, typer.Option("--standby", hidden=True)] = False,
) -> ExitCode:
    """Start a node: it joins the mesh and works on tasks.

    Ctrl-C lets running tasks finish first and hands the others back; a second one leaves at once.
    With --json: one line on standard output when it has joined, {node_id, mesh, slots,
    capabilities, pid}; with --supervise, one for each process that has joined.
    """
    said = {
        "labels": pairs("--label", label),
        "attributes": typed_pairs("--attribute", attribute),
        "rules": rule or [],
        "atoms": atoms,
    }
    if atomspace is not None and (capability or handlers):
        raise WrongUsage(
            "--atomspace: a memory node does nothing else, so that those who wait for it always go "
            "on; start another node for --capability and --handlers"
        )
    slots = slots or (os.cpu_count() or 1 if atomspace is None else _MEMORY_SLOTS)
    settings = settings_for(connect, mesh, log_name=(node_id or "node") if quiet else "").settings
    if supervise:
        words = [
            *_repeated("--capability", capability),
            *_repeated("--handlers", handlers),
            *_repeated("--atomspace", None if atomspace is None else [atomspace]),
            *_repeated("--label", label),
            *_repeated("--attribute", attribute),
            *_repeated("--rule", rule),
            *_repeated("--connect", connect),
            *(("--atoms", atoms) if atoms else ()),
            *("--type", str(node_type), "--slots", str(slots), "--mesh", settings.mesh.name),
            *(["--json"] if as_json else []),
        ]
        return asyncio.run(_supervise(node_id, words, settings))
    # The network is loaded here, where it is needed; and handlers may load anything.
    from cognitive_architecture.composition import network_node
    from cognitive_architecture.foundation.logs import configure_logs

    if standby:
        built_in_handlers()  # but nobody's handlers yet: their modules may hold a GPU
        node_id = name_from_parent()
        if node_id is None:
            return ExitCode.OK
        configure_logs(settings.log, name=node_id if quiet else "")
    offered, described_by_files = ([], []) if atomspace else offered_handlers(capability, handlers)
    described = {handler.capability: handler.description for handler in offered}

    async def run() -> ExitCode:
        runtime, fabric = network_node(
            settings,
            offered,
            node_id=node_id,
            node_type=node_type,
            slots=slots,
            metadata=whole_description(described_by_files, said) | {DESCRIPTIONS: described},
            is_supervised=as_child,
            atoms_in=atomspace,
        )
        with stop_requests(with_stdin=as_child) as stops, _watchdog(settings, as_child):
            await fabric.start()
            try:
                await runtime.start()
                view = NodeView(
                    runtime,
                    settings,
                    slots,
                    chosen_id=node_id,
                    as_json=as_json,
                    is_quiet=quiet,
                )
                return await _work(runtime, view, stops)
            except HandlerStuck as error:
                await fabric.stop()
                print_error(error, as_json=as_json)
                # What does not stop would keep asyncio.run() from ever returning.
                os._exit(ExitCode.HUNG)
            finally:
                await fabric.stop()

    return asyncio.run(run())


def _repeated(flag: str, values: list[str] | None) -> list[str]:
    return [word for value in values or () for word in (flag, value)]


def _watchdog(settings: Settings, is_supervised: bool) -> AbstractContextManager[None]:
    return loop_watchdog(settings.supervision.stuck_s) if is_supervised else nullcontext()


async def _supervise(node_id: str | None, words: list[str], settings: Settings) -> ExitCode:
    """Look after one node process until somebody wants an end, or it died too often."""
    children = ChildNodes(
        words,
        settings=settings.supervision,
        clock=RealClock(),
        drain_timeout_s=settings.node.drain_timeout_s,
        report=lambda sentence: notices().print(sentence, style="yellow", soft_wrap=True),
    )
    with stop_requests() as stops:
        await children.start(
            [node_id or RealIds().next_id(platform.node().split(".")[0] or "node")]
        )
        over = asyncio.ensure_future(children.until_over())
        polite = asyncio.ensure_future(stops.polite.wait())
        urgent = asyncio.ensure_future(stops.urgent.wait())
        try:
            await asyncio.wait([over, polite], return_when=asyncio.FIRST_COMPLETED)
            if not over.done():
                stopping = asyncio.ensure_future(children.stop())
                await asyncio.wait([stopping, urgent], return_when=asyncio.FIRST_COMPLETED)
                stopping.cancel()
        finally:
            polite.cancel()
            urgent.cancel()
            await children.kill()
        return ExitCode.INTERRUPTED if stops.urgent.is_set() else await over


async def _work(runtime: NodeRuntime, view: NodeView, stops: StopRequests) -> ExitCode:
    over = asyncio.ensure_future(runtime.until_over())
    others = [
        asyncio.ensure_future(view.greet()),
        asyncio.ensure_future(_leave(runtime, view, stops)),
    ]
    try:
        await over
    finally:
        for other in others:
            other.cancel()
        await asyncio.gather(*others, return_exceptions=True)
    view.say_goodbye()
    return ExitCode.INTERRUPTED if stops.urgent.is_set() else ExitCode.OK


async def _leave(runtime: NodeRuntime, view: NodeView, stops: StopRequests) -> None:
    """Wait until somebody wants an end, and bring it about."""
    await stops.polite.wait()
    view.say_leaving()
    draining = asyncio.ensure_future(runtime.drain())
    urgent = asyncio.ensure_future(stops.urgent.wait())
    await asyncio.wait([draining, urgent], return_when=asyncio.FIRST_COMPLETED)
    draining.cancel()
    urgent.cancel()
    await runtime.stop()
