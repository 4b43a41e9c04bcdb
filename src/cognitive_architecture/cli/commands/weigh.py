"""``cogmesh weigh``."""

from __future__ import annotations

from typing import Annotated

import typer

from cognitive_architecture.cli.asking import ask
from cognitive_architecture.cli.describing import pairs
from cognitive_architecture.cli.options import ConnectOption, JsonOption, MeshOption
from cognitive_architecture.cli.outcomes import ExitCode, WrongUsage
from cognitive_architecture.cli.rendering import facts, print_json, results


def weigh(
    weights: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FACTOR=NUMBER",
            help="fit, load, success, speed, health or affinity, and 0 (left out) to 16.",
            show_default=False,
        ),
    ] = None,
    connect: ConnectOption = None,
    mesh: MeshOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Show or change how much each factor counts when a node is chosen.

    What is changed holds from the next decision until the orchestrator ends; the settings in
    [matching] are what it begins with. With --json: {fit, load, success, speed, health, affinity}.
    """
    asked = {}
    for name, value in pairs("weights", weights, form="FACTOR=NUMBER, as load=2,").items():
        try:
            asked[name] = float(value)
        except ValueError:
            raise WrongUsage(f"{name}: a number is required, not {value!r}") from None
    now = ask(lambda client: client.weigh(**asked), connect, mesh)
    if as_json:
        print_json(now)
    else:
        results().print(facts({name: f"{weight:g}" for name, weight in now.items()}))
    return ExitCode.OK
