"""``cogmesh explain``."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.padding import Padding
from rich.text import Text

from cognitive_architecture.cli.asking import ask
from cognitive_architecture.cli.options import ConnectOption, JsonOption, MeshOption
from cognitive_architecture.cli.outcomes import ExitCode
from cognitive_architecture.cli.rendering import print_json, results


def explain(
    task_id: Annotated[str, typer.Argument(metavar="ID", help="As submit prints it.")],
    connect: ConnectOption = None,
    mesh: MeshOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Say why a task waits, what is ahead of it, what it would need, and when it may begin.

    With --json: {task_id, phase, sentences, ahead {requester: tasks}, nodes [{node_id, refusal,
    waiting_for, score, factors}], begins_in_s, error_s}; the last two are null if too little was
    measured.
    """
    found = ask(lambda client: client.explain(task_id), connect, mesh)
    if as_json:
        print_json(found)
    else:
        out = results()
        out.print(Text(found["task_id"], style="bold"))
        for sentence in found["sentences"]:
            if out.is_terminal:
                out.print(Padding(Text(sentence), (0, 0, 0, 2)))
            else:
                out.print(Text(f"  {sentence}"), soft_wrap=True)
    return ExitCode.OK
