"""``cogmesh drain``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from cognitive_architecture.cli.asking import ask
from cognitive_architecture.cli.options import ConnectOption, JsonOption, MeshOption
from cognitive_architecture.cli.outcomes import ExitCode, UnknownNode
from cognitive_architecture.cli.rendering import listed, plural, print_json, results
from cognitive_architecture.foundation.errors import MeshError

if TYPE_CHECKING:
    from cognitive_architecture.distributed_mesh.client import MeshClient


def drain(
    node_id: Annotated[str, typer.Argument(metavar="NODE", help="As `cogmesh nodes` shows it.")],
    connect: ConnectOption = None,
    mesh: MeshOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Let a node finish what it has and leave the mesh.

    With --json: node_id, and running, the number of tasks it has to finish.
    """

    async def question(client: MeshClient) -> dict[str, Any]:
        try:
            return await client.drain(node_id)
        except MeshError as error:
            # The orchestrator has one reason to refuse this, and no code of its own for it.
            if error.code == MeshError.code:
                raise UnknownNode(str(error)) from error
            raise

    said = ask(question, connect, mesh)
    if as_json:
        print_json(said)
    else:
        left = f"finishes {plural(said['running'], 'task')} and leaves"
        results().print(
            listed(Text(said["node_id"], style="bold"), left if said["running"] else "leaves")
        )
    return ExitCode.OK
