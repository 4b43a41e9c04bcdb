"""``cogmesh handlers``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from cognitive_architecture.cli.asking import ask
from cognitive_architecture.cli.options import (
    DESCRIPTIONS,
    ConnectOption,
    JsonOption,
    MeshOption,
)
from cognitive_architecture.cli.outcomes import ExitCode
from cognitive_architecture.cli.rendering import notices, plural, print_json, results, table

if TYPE_CHECKING:
    from cognitive_architecture.distributed_mesh.client import MeshClient
    from cognitive_architecture.distributed_mesh.handlers import Handler


def handlers(
    file: Annotated[
        str | None,
        typer.Option(
            "--file",
            "-f",
            metavar="FILE",
            help="Show what this file.py or package.module declares; no mesh is needed.",
        ),
    ] = None,
    connect: ConnectOption = None,
    mesh: MeshOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """What can be asked for, and which nodes offer it now.

    With --json: a list of {capability, nodes, description}; with --file, of {capability, kind,
    function, description}.
    """
    if file is not None:
        return _declared(file, as_json=as_json)
    found = ask(_offered, connect, mesh)
    if as_json:
        print_json(found)
    elif found:
        _show(found)
    else:
        notices().print("nothing yet: no node has ever joined; start one with: cogmesh node")
    return ExitCode.OK


async def _offered(client: MeshClient) -> list[dict[str, Any]]:
    known = {handler.capability: handler.description for handler in _built_in()}
    for node in await client.nodes():
        told = node["metadata"].get(DESCRIPTIONS)
        if isinstance(told, dict):  # a node of another make may say anything
            known |= {name: str(text) for name, text in told.items()}
    offered = await client.capabilities()
    return [entry | {"description": known.get(entry["capability"], "")} for entry in offered]


def _built_in() -> tuple[Handler, ...]:
    # The handlers bring their word lists along; only this command describes them.
    from cognitive_architecture.capabilities import BUILT_IN_HANDLERS

    return BUILT_IN_HANDLERS


def _show(found: list[dict[str, Any]]) -> None:
    rows = table("capability", "nodes", "what it does", flexible=["nodes", "what it does"])
    for entry in found:
        names = entry["nodes"]
        rows.add_row(
            Text(entry["capability"], style="bold"),
            Text(_who(names), style="" if names else "yellow"),
            Text(entry["description"], style="dim"),
        )
    results().print(rows)


def _who(names: list[str]) -> str:
    if not names:
        return "nobody now"
    if len(names) <= 3:
        return ", ".join(names)
    return f"{', '.join(names[:2])} and {plural(len(names) - 2, 'other')}"


def _declared(source: str, *, as_json: bool) -> ExitCode:
    # Loading a file needs none of the mesh, and everything the file imports.
    from cognitive_architecture.distributed_mesh.node.loading import by_capability, load_handlers

    found = [
        {
            "capability": handler.capability,
            "kind": str(handler.kind),
            "function": handler.function.__qualname__,
            "description": handler.description,
        }
        for handler in by_capability(load_handlers(source)).values()
    ]
    if as_json:
        print_json(found)
        return ExitCode.OK
    rows = table("capability", "runs as", "what it does", flexible=["what it does"])
    for entry in found:
        rows.add_row(
            Text(entry["capability"], style="bold"),
            _KINDS.get(entry["kind"], entry["kind"]),
            Text(entry["description"], style="dim"),
        )
    results().print(rows)
    return ExitCode.OK


_KINDS = {
    "coroutine": "coroutine, on the node's event loop",
    "stream": "stream, chunk by chunk",
    "thread": "function, in a thread",
    "process": "function, in a process of its own",
}
