"""``cogmesh submit``."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cognitive_architecture.cli.asking import REQUESTER, ask
from cognitive_architecture.cli.describing import (
    AffinityOption,
    AtomsOption,
    ConceptOption,
    CostOption,
    DeadlineOption,
    ExclusiveOption,
    LatencyOption,
    PatternOption,
    PrefersOption,
    RequiresOption,
    ResumableOption,
    TaskLabelOption,
    pairs,
    preferences,
)
from cognitive_architecture.cli.following import ending_to_json, follow
from cognitive_architecture.cli.inputs import one_payload
from cognitive_architecture.cli.options import ConnectOption, JsonOption, MeshOption
from cognitive_architecture.cli.outcomes import ExitCode, WrongUsage
from cognitive_architecture.cli.rendering import (
    at_work,
    notices,
    print_json,
    print_line,
    print_value,
)
from cognitive_architecture.cli.submitting_lines import submit_lines
from cognitive_architecture.distributed_mesh.model import (
    ATTEMPTS_DEFAULT,
    PRIORITY_DEFAULT,
    PRIORITY_MAX,
    PRIORITY_MIN,
    TIMEOUT_DEFAULT_S,
    DistributedTask,
)

if TYPE_CHECKING:
    from cognitive_architecture.distributed_mesh.client import MeshClient


def submit(
    task_type: Annotated[
        str,
        typer.Argument(metavar="TYPE", help="What is to be done; `cogmesh handlers` lists it."),
    ],
    *,
    payload: Annotated[
        str | None,
        typer.Option(
            "--payload", "-p", metavar="JSON", help="A JSON object; - reads it from stdin."
        ),
    ] = None,
    file: Annotated[
        str | None,
        typer.Option("--file", "-f", metavar="FILE", help="A file with the JSON; - is stdin."),
    ] = None,
    text_field: Annotated[
        str | None,
        typer.Option(
            "--text-field", metavar="NAME", help="The file is text; it goes into this field."
        ),
    ] = None,
    lines: Annotated[
        bool, typer.Option("--lines", help="Every line of the file or of stdin is a task.")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait", "-w", help="Wait, and print the result.")] = False,
    follow_it: Annotated[
        bool, typer.Option("--follow", "-F", help="Show what happens, and what is streamed, live.")
    ] = False,
    priority: Annotated[
        int,
        typer.Option(
            "--priority", metavar="N", min=PRIORITY_MIN, max=PRIORITY_MAX, help="10 is most urgent."
        ),
    ] = PRIORITY_DEFAULT,
    timeout: Annotated[
        float, typer.Option("--timeout", metavar="SECONDS", help="How long one attempt may run.")
    ] = TIMEOUT_DEFAULT_S,
    attempts: Annotated[
        int,
        typer.Option(
            "--attempts", metavar="N", min=1, help="How often to try before it has failed."
        ),
    ] = ATTEMPTS_DEFAULT,
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
    deadline: DeadlineOption = None,
    latency_target: LatencyOption = None,
    concept: ConceptOption = None,
    cost: CostOption = None,
    resumable: ResumableOption = False,
    exclusive: ExclusiveOption = False,
    key: Annotated[
        str | None,
        typer.Option(
            "--key", metavar="KEY", help="Idempotency key: the same key again is the same task."
        ),
    ] = None,
    fallback: Annotated[
        list[str] | None,
        typer.Option(
            "--fallback",
            metavar="CAPABILITY",
            help="Try this one when all attempts have failed; repeatable, in this order.",
        ),
    ] = None,
    wait_for_node: Annotated[
        bool,
        typer.Option("--wait-for-node", help="Accept it although no node has ever offered TYPE."),
    ] = False,
    requester: Annotated[
        str, typer.Option("--requester", metavar="NAME", help="Who asks, as tasks show it.")
    ] = REQUESTER,
    connect: ConnectOption = None,
    mesh: MeshOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Give the mesh a task; it is safe on disk when its id is printed.

    With --json: {task_id}; with --wait {task_id, status, result, reason, node_id, attempt,
    started_at, ended_at}; with --follow one event a line, {task_id, kind, attempt, node_id, note,
    fraction, index, chunk, ending}; with --lines one object a line, with line, its number.
    """
    if wait and follow_it:
        raise WrongUsage("--wait and --follow: one of them; --follow waits as well")
    options: dict[str, Any] = {
        "task_type": task_type,
        "priority": priority,
        "timeout": timeout,
        "max_attempts": attempts,
        "required_capabilities": frozenset(needs or ()),
        "wait_for_node": wait_for_node,
        "requirements": requires or [],
        "preferences": preferences(prefers),
        "labels": pairs("--label", label),
        "pattern": pattern,
        "atoms": atoms,
        "affinity": affinity,
        "deadline_s": deadline,
        "latency_target_s": latency_target,
        "concepts": frozenset(concept or ()),
        "cost_s": cost,
        "resumable": resumable,
        "exclusive": exclusive,
        "fallback_capabilities": fallback or [],
    }
    if lines:
        if follow_it:
            raise WrongUsage("--lines and --follow: many tasks at once cannot be followed")
        return submit_lines(
            options,
            payload=payload,
            file=file,
            text_field=text_field,
            key=key,
            wait=wait,
            as_json=as_json,
            asking=lambda question: ask(question, connect, mesh, requester=requester),
        )
    task = DistributedTask(
        payload=one_payload(payload, file, text_field), idempotency_key=key, **options
    )
    if follow_it or wait:
        return ask(
            lambda client: _stay(client, task, follows=follow_it, as_json=as_json),
            connect,
            mesh,
            requester=requester,
        )
    task_id = ask(lambda client: client.submit(task), connect, mesh, requester=requester)
    if as_json:
        print_json({"task_id": task_id})
    else:
        print_line(task_id)
    return ExitCode.OK


async def _stay(
    client: MeshClient, task: DistributedTask, *, follows: bool, as_json: bool
) -> ExitCode:
    """Submit, and stay until it has ended."""
    task_id = await client.submit(task)
    try:
        if follows:
            if not as_json:
                notices().print(f"{task_id} is submitted", style="dim", soft_wrap=True)
            return await follow(client, task_id, as_json=as_json)
        # The client is loaded already.
        from cognitive_architecture.distributed_mesh.client import result_of

        with at_work(f"{task_id} is on its way"):
            ending = await client.ending(task_id)
        result = result_of(ending)
    except asyncio.CancelledError:
        if not as_json:
            notices().print(f"the task goes on: cogmesh task {task_id}")
        raise
    if as_json:
        print_json(ending_to_json(ending))
    else:
        print_value(result)
    return ExitCode.OK
