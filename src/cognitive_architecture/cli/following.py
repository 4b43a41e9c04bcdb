"""Showing what happens to a task while it happens."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from rich.text import Text

from cognitive_architecture.distributed_mesh.model import TaskEvent, TaskEventKind, TaskStatus

from .outcomes import ExitCode
from .rendering import (
    STATE_STYLES,
    duration,
    json_text,
    notices,
    print_json_line,
    print_line,
    print_value,
)

if TYPE_CHECKING:
    from cognitive_architecture.distributed_mesh.client import MeshClient
    from cognitive_architecture.distributed_mesh.model import Ending


async def follow(client: MeshClient, task_id: str, *, as_json: bool) -> ExitCode:
    """Show every event of a task until it has ended.

    Raises:
        TaskUnsuccessful: It failed or was cancelled; with ``as_json``, the last event says so.
    """
    if as_json:
        return await _follow_for_programs(client, task_id)
    view = _View()
    async for event in client.events(task_id):
        view.show(event)
        if event.ending is not None:
            # Loaded with the client already.
            from cognitive_architecture.distributed_mesh.client import result_of

            result = result_of(event.ending)
            if not view.has_streamed:
                print_value(result)
    return ExitCode.OK


async def _follow_for_programs(client: MeshClient, task_id: str) -> ExitCode:
    code = ExitCode.OK
    async for event in client.events(task_id):
        print_json_line(event_to_json(event))
        if event.ending is not None and event.ending.status != TaskStatus.COMPLETED:
            code = ExitCode.UNSUCCESSFUL
    return code


def event_to_json(event: TaskEvent) -> dict[str, Any]:
    """An event as JSON can say it; what does not apply is null."""
    return {
        "task_id": event.task_id,
        "kind": str(event.kind),
        "attempt": event.attempt,
        "node_id": event.node_id,
        "note": event.note,
        "fraction": event.fraction,
        "index": event.index,
        "chunk": _decoded(event.chunk),
        "ending": None if event.ending is None else ending_to_json(event.ending),
    }


def ending_to_json(ending: Ending) -> dict[str, Any]:
    """How a task ended, as JSON can say it."""
    return {
        "task_id": ending.task_id,
        "status": ending.status,
        "result": _decoded(ending.result),
        "reason": ending.reason,
        "node_id": ending.node_id,
        "attempt": ending.attempt,
        "started_at": ending.started_at,
        "ended_at": ending.ended_at,
    }


def _decoded(data: bytes | None) -> Any:
    # Whoever has an event has the client, and the client has this.
    from cognitive_architecture.distributed_mesh.payloads import decode_value

    return None if data is None else decode_value(data)


class _View:
    """Events for people: streamed text as it comes, everything else beside it."""

    def __init__(self) -> None:
        self.has_streamed = False
        self._is_mid_line = False

    def show(self, event: TaskEvent) -> None:
        """Show one event."""
        if event.kind == TaskEventKind.CHUNK:
            self._show_chunk(_decoded(event.chunk))
            return
        if self._is_mid_line:
            print_line("")
            self._is_mid_line = False
        if event.kind == TaskEventKind.RETRYING:
            self.has_streamed = False  # what was streamed is void
        style = STATE_STYLES.get(event.kind, "dim")
        if event.ending is not None:
            style = STATE_STYLES.get(event.ending.status, "")
        notices().print(Text(_in_words(event), style=style), soft_wrap=True)

    def _show_chunk(self, chunk: Any) -> None:
        self.has_streamed = True
        if isinstance(chunk, str):
            sys.stdout.write(chunk)
            sys.stdout.flush()
            self._is_mid_line = not chunk.endswith("\n")
        else:
            print_line(json_text(chunk))


def _in_words(event: TaskEvent) -> str:
    note = event.note or ""
    match event.kind:
        case TaskEventKind.QUEUED:
            return "waits for a free slot"
        case TaskEventKind.ASSIGNED:
            again = f", attempt {event.attempt}" if event.attempt > 1 else ""
            why = f" ({note})" if note else ""
            return f"runs on {event.node_id}{again}{why}"
        case TaskEventKind.PROGRESS:
            return f"{event.fraction or 0.0:4.0%} {note}"
        case TaskEventKind.RETRYING:
            return f"will be tried again: {note}"
        case TaskEventKind.BLOCKED:
            return f"waits for a node that can do it: {note}"
        case TaskEventKind.DELAYED:
            return str(note)
        case TaskEventKind.ENDED:
            return _ended_in_words(event.ending)
        case _:
            return f"{event.kind} {note}".strip()


def _ended_in_words(ending: Ending | None) -> str:
    if ending is None:
        return "ended"
    ran = (
        ""
        if ending.started_at is None
        else f" after {duration(ending.ended_at - ending.started_at)}"
    )
    where = f" on {ending.node_id}" if ending.node_id else ""
    return f"{ending.status}{where}{ran}"
