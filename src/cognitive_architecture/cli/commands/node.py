"""``cogmesh node``."""

from __future__ import annotations

import asyncio
import os
import platform
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from cognitive_architecture.cli.asking import settings_for
from cognitive_architecture.cli.child_nodes import ChildNodes, name_from_parent
from cognitive_architecture.cli.describing import pairs, typed_pairs
from cognitive_architecture.cli.loop_watchdog import loop_watchdog
from cognitive_architecture.cli.options import (
    DESCRIPTIONS,
    ConnectOption,
    JsonOption,
    MeshOption,
)
from cognitive_architecture.cli.outcomes import ExitCode, WrongUsage
from cognitive_architecture.cli.rendering import (
    listed,
    notice_of_leaving,
    notices,
    plural,
    print_error,
    print_json_line,
    results,
)
from cognitive_architecture.cli.stopping import StopRequests, stop_requests
from cognitive_architecture.distributed_mesh.model import MeshNodeType
from cognitive_architecture.foundation.errors import HandlerStuck
from cognitive_architecture.foundation.world import RealClock, RealIds

if TYPE_CHECKING:
    from cognitive_architecture.distributed_mesh.handlers import Handler
    from cognitive_architecture.distributed_mesh.node import NodeRuntime
    from cognitive_architecture.foundation.settings import Settings

_SAY_WAITING_AFTER_S = 0.5

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
        _built_in()  # but nobody's handlers yet: their modules may hold a GPU
        node_id = name_from_parent()
        if node_id is None:
            return ExitCode.OK
        configure_logs(settings.log, name=node_id if quiet else "")
    offered, described_by_files = ([], []) if atomspace else _handlers(capability, handlers)
    described = {handler.capability: handler.description for handler in offered}

    async def run() -> ExitCode:
        runtime, fabric = network_node(
            settings,
            offered,
            node_id=node_id,
            node_type=node_type,
            slots=slots,
            metadata=_joined(described_by_files, said) | {DESCRIPTIONS: described},
            is_supervised=as_child,
            atoms_in=atomspace,
        )
        with stop_requests(with_stdin=as_child) as stops, _watchdog(settings, as_child):
            await fabric.start()
            try:
                await runtime.start()
                view = _View(
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


def _joined(described: list[dict[str, Any]], said: dict[str, Any]) -> dict[str, Any]:
    """What the files of handlers say of the node, and what flags say; flags come last and win."""
    whole: dict[str, Any] = {}
    for one in (*described, said):
        for key, value in one.items():
            before = whole.get(key)
            if isinstance(before, dict) and isinstance(value, dict):
                whole[key] = before | value
            elif isinstance(before, list) and isinstance(value, list):
                whole[key] = [*before, *value]
            else:
                whole[key] = value
    return {key: value for key, value in whole.items() if value not in ({}, [], "")}


def _handlers(
    names: list[str] | None, sources: list[str] | None
) -> tuple[list[Handler], list[dict[str, Any]]]:
    """What the node is to offer, and what the sources say of it.

    Raises:
        WrongUsage: There is no such built-in capability.
        HandlersFileError: A source cannot be loaded, or two serve the same capability.
    """
    from cognitive_architecture.distributed_mesh.node.loading import by_capability, load_source

    built_in = _built_in()
    if unknown := sorted(set(names or ()) - set(built_in)):
        raise WrongUsage(
            f"--capability: there is no built-in {', '.join(unknown)}; there are "
            f"{', '.join(sorted(built_in))}. Handlers of your own come with --handlers FILE"
        )
    chosen = names if names or sources else list(built_in)
    found = [built_in[name] for name in chosen or ()]
    described = []
    for source in sources or ():
        more, said = load_source(source)
        found += more
        described.append(said)
    return list(by_capability(found).values()), described


def _built_in() -> dict[str, Handler]:
    """By capability."""
    from cognitive_architecture.capabilities import BUILT_IN_HANDLERS

    return {handler.capability: handler for handler in BUILT_IN_HANDLERS}


async def _work(runtime: NodeRuntime, view: _View, stops: StopRequests) -> ExitCode:
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


async def _leave(runtime: NodeRuntime, view: _View, stops: StopRequests) -> None:
    """Wait until somebody wants an end, and bring it about."""
    await stops.polite.wait()
    view.say_leaving()
    draining = asyncio.ensure_future(runtime.drain())
    urgent = asyncio.ensure_future(stops.urgent.wait())
    await asyncio.wait([draining, urgent], return_when=asyncio.FIRST_COMPLETED)
    draining.cancel()
    urgent.cancel()
    await runtime.stop()


class _View:
    """What a person at this terminal is told."""

    def __init__(
        self,
        runtime: NodeRuntime,
        settings: Settings,
        slots: int,
        *,
        chosen_id: str | None,
        as_json: bool,
        is_quiet: bool,
    ) -> None:
        self._runtime = runtime
        self._slots = slots
        self._mesh = settings.mesh
        self._as_json = as_json
        self._is_quiet = is_quiet
        # Until it is let in, a node does not say which of the two it waits for.
        self._or_namesake = f", or another node named {chosen_id} has not left" if chosen_id else ""
        self._is_leaving = False

    async def greet(self) -> None:
        """Say when it has joined; and before, if that takes long, what it waits for."""
        joined = asyncio.ensure_future(self._runtime.joined())
        try:
            await asyncio.wait([joined], timeout=_SAY_WAITING_AFTER_S)
            if not joined.done() and not self._is_quiet:
                notices().print(
                    f"no orchestrator of mesh {self._mesh.name!r} answers at "
                    f"{', '.join(self._mesh.connect)} yet; waiting for one (start it with "
                    f"cogmesh up){self._or_namesake}",
                    style="yellow",
                    soft_wrap=True,
                )
            await joined
        finally:
            joined.cancel()
        if not self._is_quiet and not self._is_leaving:
            self._say_joined()

    def _say_joined(self) -> None:
        about = self._about()
        if self._as_json:
            print_json_line(about)
            return
        results().print(
            listed(
                Text(about["node_id"], style="bold"),
                Text(f"joined {about['mesh']}", style="green"),
                plural(about["slots"], "slot"),
                f"offers {', '.join(about['capabilities'])}",
            )
        )

    def _about(self) -> dict[str, Any]:
        return {
            "node_id": self._runtime.node_id,
            "mesh": self._mesh.name,
            "slots": self._slots,
            "capabilities": sorted(self._runtime.capabilities),
            "pid": os.getpid(),
        }

    def say_leaving(self) -> None:
        """The first request has been heard."""
        self._is_leaving = True
        if not self._is_quiet:
            notice_of_leaving(
                "finishing what runs, handing back what waits; Ctrl-C again leaves at once"
            )

    def say_goodbye(self) -> None:
        """It is over."""
        if not self._is_quiet and not self._as_json:
            results().print(f"{self._runtime.node_id} has left")
