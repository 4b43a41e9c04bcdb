"""``cogmesh failures``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from cognitive_architecture.cli.asking import ask
from cognitive_architecture.cli.options import ConnectOption, JsonOption, MeshOption
from cognitive_architecture.cli.outcomes import ExitCode
from cognitive_architecture.cli.rendering import (
    duration,
    listed,
    notices,
    plural,
    print_json,
    print_rows,
    results,
    shortened,
)
from cognitive_architecture.cli.timeline import draw_timeline

_TIMELINE_WIDE: Final = 78


def failures(
    connect: ConnectOption = None,
    mesh: MeshOption = None,
    limit: Annotated[
        int,
        typer.Option(
            "--limit", "-n", metavar="N", min=1, max=1000, help="So many of the youngest."
        ),
    ] = 20,
    steps: Annotated[
        bool, typer.Option("--steps", help="Show what happened when, for each of them.")
    ] = False,
    as_json: JsonOption = False,
) -> ExitCode:
    """What went wrong, what was done about it and why, and how long it took.

    With --json: total_failures, failures_by_type, recoveries_by_strategy, seconds_until_elsewhere
    {count, mean, max, p50, p90, p99}, not_recovered_yet, recent_failures [{failure_id,
    failure_type, timestamp, severity, affected_node_id, affected_task_id, description, metadata,
    recovery_strategy, recovery_status, steps [{what, after_s}], is_recovered}], node_circuits,
    members, overload {why, level, since_s, tasks_held_back}.
    """
    said = ask(lambda client: client.failures(limit), connect, mesh)
    if as_json:
        print_json(said)
    elif not said["total_failures"]:
        notices().print("nothing has failed since the orchestrator was started")
    else:
        _show(said, with_steps=steps)
    return ExitCode.OK


def _show(said: dict[str, Any], *, with_steps: bool) -> None:
    out = results()
    out.print(_headline(said))
    out.print()
    events = said["recent_failures"]
    for line in draw_timeline(
        [(event["timestamp"], event["failure_type"]) for event in events],
        width=min(out.width, _TIMELINE_WIDE),
        clock=_clock,
    ):
        out.print(line, soft_wrap=True)
    out.print()
    if with_steps:
        for event in events:
            _tell(event)
    else:
        print_rows(
            _COLUMNS, events, numbers=["after"], flexible=["what", "done"], dispensable=["task"]
        )
    _tell_of_now(said)


def _headline(said: dict[str, Any]) -> Text:
    kinds = [f"{count} {kind}" for kind, count in said["failures_by_type"].items() if count]
    elsewhere = said["seconds_until_elsewhere"]
    waiting = said["not_recovered_yet"]
    return listed(
        Text(plural(said["total_failures"], "failure"), style="bold"),
        *kinds,
        f"tasks elsewhere after {duration(elsewhere['p50'])}, 99 of 100 after "
        f"{duration(elsewhere['p99'])}"
        if elsewhere["count"]
        else "",
        Text(f"{waiting} not put right yet", style="yellow") if waiting else "",
    )


def _tell(event: dict[str, Any]) -> None:
    out = results()
    whom = event["affected_node_id"] or ""
    if event["affected_task_id"]:
        whom = f"{event['affected_task_id']} at {whom}"
    kind = Text(event["failure_type"], style="bold")
    out.print(listed(_clock(event["timestamp"]), kind, whom, _repaired(event)))
    for step in event["steps"]:
        sign = "-" if step["after_s"] < 0 else "+"
        after = f"{sign}{duration(abs(step['after_s']))}"
        out.print(Text.assemble((f"  {after:>10}  ", "dim"), step["what"]))
    out.print()


def _tell_of_now(said: dict[str, Any]) -> None:
    out = results()
    lines = [_overloaded(said["overload"])] if said["overload"]["why"] else []
    lines += [_circuit(one) for one in said["node_circuits"]]
    lines += [
        f"{member['node_id']} is of no use: {sentence}"
        for member in said["members"]
        for sentence in member["gray"]
    ]
    lines += [
        f"{member['node_id']} is {member['state']}: {member['reason']}"
        for member in said["members"]
        if member["state"] == "suspect" and member["reason"] not in member["gray"]
    ]
    lines += [
        f"{member['node_id']} comes and goes too often: it gets nothing for "
        f"{duration(member['left_out_s'])}"
        for member in said["members"]
        if member["left_out_s"] and member["state"] != "gone"
    ]
    if lines:
        out.print()
    for line in lines:
        out.print(Text(line, style="yellow"))


def _overloaded(overload: dict[str, Any]) -> str:
    return (
        f"overloaded for {duration(overload['since_s'])}: {overload['why']}; "
        f"{plural(overload['tasks_held_back'], 'task')} below level {overload['level']:g} wait"
    )


def _circuit(one: dict[str, Any]) -> str:
    if one["on_probation"]:
        return f"{one['node_id']} gets one {one['capability']} at a time ({one['state']})"
    return (
        f"{one['node_id']} is left alone with {one['capability']} ({one['state']}): "
        f"{one['why']}; tried again in {duration(one['tried_again_in_s'])}"
    )


def _clock(timestamp: float) -> str:
    return datetime.fromtimestamp(timestamp).astimezone().strftime("%H:%M:%S")


def _repaired(event: dict[str, Any]) -> Text:
    if event["is_recovered"] is None:
        return Text("")
    word, style = ("repaired", "green") if event["is_recovered"] else ("waiting", "yellow")
    return Text(word, style=style)


def _after(event: dict[str, Any]) -> Text:
    """How long until everything was with another node."""
    if event["is_recovered"] is None:
        return Text("")
    if not event["is_recovered"]:
        return Text("waiting", style="yellow")
    return Text(duration(event["steps"][-1]["after_s"]), style="green")


_COLUMNS: Final[dict[str, Callable[[dict[str, Any]], str | Text]]] = {
    "when": lambda event: _clock(event["timestamp"]),
    "node": lambda event: Text(event["affected_node_id"] or "", style="bold"),
    "task": lambda event: event["affected_task_id"] or "",
    "what": lambda event: shortened(event["description"], 120),
    "done": lambda event: event["recovery_strategy"] or "nothing",
    "after": _after,
}
