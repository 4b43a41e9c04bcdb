"""``cogmesh match``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from cognitive_architecture.cli.asking import REQUESTER, ask
from cognitive_architecture.cli.describing import (
    AffinityOption,
    AtomsOption,
    PatternOption,
    PrefersOption,
    RequiresOption,
    TaskLabelOption,
    pairs,
    preferences,
)
from cognitive_architecture.cli.options import ConnectOption, JsonOption, MeshOption
from cognitive_architecture.cli.outcomes import ExitCode
from cognitive_architecture.cli.rendering import notices, print_json, print_rows, results
from cognitive_architecture.distributed_mesh.model import (
    PRIORITY_DEFAULT,
    PRIORITY_MAX,
    PRIORITY_MIN,
    DistributedTask,
)


def match(
    task_type: Annotated[str, typer.Argument(metavar="TYPE", help="What would be done.")],
    *,
    needs: Annotated[
        list[str] | None,
        typer.Option(
            "--needs", metavar="CAPABILITY", help="The node must offer this too; repeatable."
        ),
    ] = None,
    requires: RequiresOption = None,
    prefers: PrefersOption = None,
    pattern: PatternOption = "",
    atoms: AtomsOption = "",
    affinity: AffinityOption = None,
    label: TaskLabelOption = None,
    priority: Annotated[
        int,
        typer.Option(
            "--priority", metavar="N", min=PRIORITY_MIN, max=PRIORITY_MAX, help="10 is most urgent."
        ),
    ] = PRIORITY_DEFAULT,
    requester: Annotated[
        str, typer.Option("--requester", metavar="NAME", help="Who would ask.")
    ] = REQUESTER,
    connect: ConnectOption = None,
    mesh: MeshOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Show which node would get a task, and why: every node with its score, or its refusal.

    Nothing is submitted. The first line is where the task would go now; the score is the product
    of the other columns, each to the power of its weight (cogmesh weigh). Below stands why others
    do not take it, or not now. Exit code 1 if no node can do it at all. With --json: a list of
    {node_id, refusal, waiting_for, score, factors {fit, load, success, speed, health, affinity}}.
    """
    task = DistributedTask(
        task_type=task_type,
        priority=priority,
        required_capabilities=frozenset(needs or ()),
        requirements=requires or [],
        preferences=preferences(prefers),
        labels=pairs("--label", label),
        pattern=pattern,
        atoms=atoms,
        affinity=affinity,
    )
    found = ask(lambda client: client.match(task), connect, mesh, requester=requester)
    if as_json:
        print_json(found)
    elif found:
        _show(found)
    else:
        notices().print("no nodes yet; start one with: cogmesh node")
    able = any(one["refusal"] is None for one in found)
    return ExitCode.OK if able else ExitCode.UNSUCCESSFUL


def _show(found: list[dict[str, Any]]) -> None:
    """Scores, and below them reasons, which would find no room beside them."""
    able = [one for one in found if one["refusal"] is None]
    hindered = [one for one in found if one["refusal"] is not None or one["waiting_for"]]
    if able:
        print_rows(_SCORES, able, numbers=["score", *_FACTORS], flexible=[], dispensable=[])
    if able and hindered:
        results().print()
    if hindered:
        print_rows(_REASONS, hindered, numbers=[], flexible=["why not"], dispensable=[])


def _factor(name: str) -> Callable[[dict[str, Any]], str]:
    return lambda one: f"{one['factors'][name]:.2f}" if one["factors"] else ""


def _why_not(one: dict[str, Any]) -> Text:
    if one["refusal"] is not None:
        return Text(one["refusal"], style="red")
    return Text(one["waiting_for"] or "", style="yellow")


_FACTORS: Final = ("fit", "load", "success", "speed", "health", "affinity")
_Columns = dict[str, Callable[[dict[str, Any]], str | Text]]
_NODE: Final[_Columns] = {"node": lambda one: Text(one["node_id"], style="bold")}
_SCORES: Final[_Columns] = {
    **_NODE,
    "score": lambda one: f"{one['score']:.3f}",
    **{name: _factor(name) for name in _FACTORS},
}
_REASONS: Final[_Columns] = {**_NODE, "why not": _why_not}
