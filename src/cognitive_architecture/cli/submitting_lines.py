"""Many tasks from a file or a pipe, a line each."""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cognitive_architecture.distributed_mesh.model import DistributedTask, Ending, TaskStatus
from cognitive_architecture.foundation.errors import MeshError

from .following import ending_to_json
from .inputs import STDIN, count_lines, many_payloads, parsed_payload
from .outcomes import ExitCode, WrongUsage
from .rendering import may_animate, notices, plural, print_json_line, print_line

if TYPE_CHECKING:
    from cognitive_architecture.distributed_mesh.client import MeshClient

_PORTION: Final = 5000
"""Tasks held in memory at once, however long the file is."""

Numbered = tuple[int, DistributedTask]
"""A task and the number of its line."""

Asking = Callable[[Callable[["MeshClient"], Awaitable[ExitCode]]], ExitCode]


def submit_lines(
    options: dict[str, Any],
    *,
    payload: str | None,
    file: str | None,
    text_field: str | None,
    key: str | None,
    wait: bool,
    as_json: bool,
    asking: Asking,
) -> ExitCode:
    """Submit a task for every line; print their ids, or how each ended, as it ends.

    Args:
        options: Of every task.
        payload: JSON with fields that all of them share.
        file: Where the lines are.
        text_field: The field that a line goes into; without it, a line is JSON.
        key: Each task's idempotency key is this and the number of its line, so that the same
            command repeated after an interruption submits nothing twice.
        wait: For the endings.
        as_json: One object a line.
        asking: Connects and asks.

    Raises:
        MeshError: A line is wrong or a task was refused; a note says how many are in.
    """
    if payload == STDIN:
        raise WrongUsage("--payload - and --lines: the lines come from stdin already")
    shared = {} if payload is None else parsed_payload(payload, "--payload")
    tasks = _tasks(options, many_payloads(file, text_field, shared), key)

    async def question(client: MeshClient) -> ExitCode:
        run = _Run(client, as_json=as_json)
        with _bar(count_lines(file)) as advance:
            try:
                await (run.to_the_end(tasks, advance) if wait else run.hand_over(tasks, advance))
            except MeshError as error:
                if run.submitted:
                    error.add_note(f"{plural(run.submitted, 'task')} of the lines before are in")
                raise
        return run.finish()

    return asking(question)


def _tasks(
    options: dict[str, Any], payloads: Iterator[tuple[int, dict[str, Any]]], key: str | None
) -> Iterator[Numbered]:
    for number, payload in payloads:
        own_key = None if key is None else f"{key}:{number}"
        yield number, DistributedTask(payload=payload, idempotency_key=own_key, **options)


class _Run:
    """One go at all lines."""

    def __init__(self, client: MeshClient, *, as_json: bool) -> None:
        self.submitted = 0
        self._client = client
        self._as_json = as_json
        self._completed = 0
        self._unsuccessful = 0

    async def hand_over(self, tasks: Iterator[Numbered], advance: Callable[[int], None]) -> None:
        """Submit all, and print their ids in order."""
        while portion := list(itertools.islice(tasks, _PORTION)):
            ids = await self._submit(portion)
            advance(len(ids))
            for (number, _), task_id in zip(portion, ids, strict=True):
                if self._as_json:
                    print_json_line({"line": number, "task_id": task_id})
                elif not sys.stdout.isatty():  # nobody reads a thousand ids on a screen
                    print_line(task_id)

    async def to_the_end(self, tasks: Iterator[Numbered], advance: Callable[[int], None]) -> None:
        """Submit all, and print how each ended, as it ends."""
        while portion := list(itertools.islice(tasks, _PORTION)):
            async for line, ending in self._endings(portion):
                advance(1)
                if ending.status == TaskStatus.COMPLETED:
                    self._completed += 1
                else:
                    self._unsuccessful += 1
                print_json_line({"line": line} | ending_to_json(ending))

    async def _endings(self, portion: list[Numbered]) -> AsyncIterator[tuple[int, Ending]]:
        ids = await self._submit(portion)
        lines = {task_id: number for (number, _), task_id in zip(portion, ids, strict=True)}
        for ended in asyncio.as_completed([self._client.ending(task_id) for task_id in ids]):
            ending = await ended
            yield lines[ending.task_id], ending

    async def _submit(self, portion: list[Numbered]) -> list[str]:
        ids = await self._client.submit_many([task for _, task in portion])
        self.submitted += len(ids)
        return ids

    def finish(self) -> ExitCode:
        """Say how it went."""
        ended = self._completed + self._unsuccessful
        if not self._as_json:
            said = f"{plural(self.submitted, 'task')} submitted"
            if ended:
                said += f", {self._completed:,} completed, {self._unsuccessful:,} without success"
            notices().print(said, style="dim")
        return ExitCode.UNSUCCESSFUL if self._unsuccessful else ExitCode.OK


@contextmanager
def _bar(total: int | None) -> Iterator[Callable[[int], None]]:
    """A progress bar where there is a person to see it."""
    if not may_animate():
        yield lambda _count: None
        return
    with Progress(
        TextColumn("  {task.description}"),
        BarColumn(complete_style="cyan", finished_style="green"),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=notices(),
        transient=True,
    ) as progress:
        bar = progress.add_task("tasks", total=total)
        yield lambda count: progress.advance(bar, count)
