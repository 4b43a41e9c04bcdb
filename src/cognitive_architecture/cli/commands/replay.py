"""``cogmesh replay``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.text import Text

from cognitive_architecture.cli.options import JsonOption
from cognitive_architecture.cli.outcomes import ExitCode
from cognitive_architecture.cli.rendering import (
    at_work,
    listed,
    plural,
    print_json,
    print_rows,
    results,
)

if TYPE_CHECKING:
    from cognitive_architecture.distributed_mesh.replay.story import Moment, Verdict

_NODE_COLUMNS: Final[dict[str, Any]] = {
    "node": lambda one: one["node_id"],
    "score": lambda one: "" if one["score"] is None else f"{one['score']:.3f}",
    "factors": lambda one: " · ".join(
        f"{name} {value:.2f}" for name, value in (one["factors"] or {}).items() if value != 1.0
    ),
    "why not": lambda one: one["refusal"] or one["waiting_for"] or "",
}


def replay(
    journal: Annotated[
        Path, typer.Argument(metavar="FILE", help="decisions-N.journal of a data folder.")
    ],
    task_id: Annotated[
        str | None, typer.Option("--task", metavar="ID", help="Tell the story of this task.")
    ] = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Take every decision of a recorded mesh again, and compare; or tell why a task went where.

    cogmesh up --record keeps the journal. The same facts must give the same decisions: one that
    differs is a bug. With --task: every move of that task, and for each time it was given to a node
    what was ahead of it and how every node scored at that instant. Exit code 1 if a decision
    differed. With --json: {steps, assignments, differences, first_difference, moments [{step, at,
    sentence, why, nodes}]}.
    """
    # The machine is loaded here, where it is needed.
    from cognitive_architecture.distributed_mesh.adapters.decision_file import chunks_of
    from cognitive_architecture.distributed_mesh.replay.journal import read
    from cognitive_architecture.distributed_mesh.replay.story import verdict_of

    with at_work("taking the decisions again"):
        verdict = verdict_of(lambda: read(chunks_of(journal)), task_id=task_id)
    if as_json:
        print_json(_as_json(verdict))
    else:
        _show(verdict, task_id)
    return ExitCode.UNSUCCESSFUL if verdict.differences else ExitCode.OK


def _as_json(verdict: Verdict) -> dict[str, Any]:
    first = verdict.first_difference
    return {
        "steps": verdict.steps,
        "assignments": verdict.assignments,
        "differences": verdict.differences,
        "first_difference": None if first is None else str(first),
        "moments": [moment.as_json() for moment in verdict.moments],
    }


def _show(verdict: Verdict, task_id: str | None) -> None:
    out = results()
    out.print(
        listed(
            plural(verdict.steps, "step"),
            plural(verdict.assignments, "assignment"),
            Text("every decision came out the same", style="green")
            if not verdict.differences
            else Text(f"{plural(verdict.differences, 'decision')} differed", style="red"),
        )
    )
    if verdict.first_difference is not None:
        out.print(Text(f"  first: {verdict.first_difference}"), soft_wrap=True)
    if task_id is None:
        return
    if not verdict.moments:
        out.print(Text(f"\nthe journal does not tell of task {task_id}", style="yellow"))
    for moment in verdict.moments:
        _show_moment(moment)


def _show_moment(moment: Moment) -> None:
    out = results()
    out.print()
    out.print(Text.assemble((f"{moment.at:10.3f} s  ", "dim"), (moment.sentence, "bold")))
    for sentence in moment.why:
        out.print(Text(f"              just before: {sentence}"), soft_wrap=True)
    if moment.nodes:
        print_rows(
            _NODE_COLUMNS,
            moment.nodes,
            numbers=["score"],
            flexible=["factors", "why not"],
            dispensable=[],
        )
