"""What a client's program does with a mesh: submits, waits, follows, cancels.

It does not give up on what can be tried again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

from cognitive_architecture.distributed_mesh.client import MeshClient
from cognitive_architecture.distributed_mesh.model import (
    DistributedTask,
    Ending,
    TaskEventKind,
    TaskStatus,
)
from cognitive_architecture.distributed_mesh.payloads import decode_value
from cognitive_architecture.foundation.errors import (
    MeshError,
    MeshUnreachable,
    PlacementError,
    UnknownTask,
)

from .judging.judge import Judge
from .plan import Step

_AGAIN_S = 1.0
_AGAIN_MAX_S = 8.0
_T = TypeVar("_T")


class Program:
    """The program of one client process; every errand is a task of its own.

    Args:
        process: Of the client.
        client: Open.
        judge: Told what the program lives through.
        gives_up: Whether what no node can do is to be left alone.
        has_rivals: Whether it may talk with an orchestrator that was deposed.
    """

    def __init__(
        self,
        process: str,
        client: MeshClient,
        judge: Judge,
        *,
        gives_up: Callable[[], bool],
        has_rivals: bool,
    ) -> None:
        self.client = client
        self.ids: dict[int, str] = {}
        """Ids of accepted tasks, by the tag of their step."""
        self.open: dict[str, str] = {}
        """Errands that are not done, and what each waits for."""
        self.done = 0
        """How many errands are."""
        self._host = process.partition(".")[0]
        self._process = process
        self._judge = judge
        self._gives_up = gives_up
        self._has_rivals = has_rivals
        self._errands = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, step: Step) -> None:
        """Go on an errand."""
        self._errands += 1
        name = f"{self._host}/{self._errands}"
        self.open[name] = f"{step.do} {step.what.get('tag', '')}"
        task = asyncio.get_running_loop().create_task(self._do(name, step))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _do(self, name: str, step: Step) -> None:
        try:
            if step.do == "cancel":
                await self._cancel(step.what["tag"])
            elif step.do == "watch":
                await self._watch(step.what["tag"], step.what["how"])
            elif step.do == "raise":
                await self._raise(step.what["tag"], step.what["priority"])
            elif step.do == "drain":
                await self._drain(step.what["node"])
            elif step.what["how"] == "run":
                await self._run(name, step.what)
            elif step.what["how"] == "bulk":
                await self._submit_bulk(name, step.what)
            elif step.what["how"] == "bulk run":
                await self._run_bulk(name, step.what)
            else:
                await self._submit(name, step.what)
        finally:
            del self.open[name]
            self.done += 1

    # -- errands -------------------------------------------------------------------------------

    async def _submit(self, name: str, what: dict[str, Any]) -> None:
        task_id = await self._until_accepted(_task(what))
        if task_id is None:
            return
        self._judge.clients.acknowledge(task_id)
        self.ids[what["tag"]] = task_id
        self.open[name] += f": {task_id}"
        if what["how"] != "forget":
            self._judge.clients.awaits(task_id)
        if what["how"] == "stream":
            await self._follow(task_id)
        elif what["how"] == "wait":
            self._hears(task_id, await self.client.ending(task_id))

    async def _until_accepted(self, task: DistributedTask) -> str | None:
        self._judge.tally.submitted += 1
        pause_s = _AGAIN_S
        while True:
            try:
                return await self._answer(f"submit {task.task_id}", self.client.submit(task))
            except MeshError as error:
                if not self._may_try_again(error):
                    self._judge.tally.refused += 1
                    return None
            await asyncio.sleep(pause_s)
            pause_s = min(2.0 * pause_s, _AGAIN_MAX_S)

    async def _run(self, name: str, what: dict[str, Any]) -> None:
        task = _task(what)
        self._judge.tally.submitted += 1
        pause_s = _AGAIN_S
        while True:
            self.open[name] = f"run {what['tag']}: {task.task_id}"
            try:
                async for ending in self.client.run_many([task]):
                    self.ids[what["tag"]] = ending.task_id
                    self._judge.clients.acknowledge(ending.task_id)
                    self._hears(ending.task_id, ending)
                return
            except UnknownTask:
                self._judge.breaches.broken(
                    f"{self._host} runs {task.task_id} and is told that nobody knows it"
                )
                return
            except MeshError as error:
                if not self._may_try_again(error):
                    self._judge.tally.refused += 1
                    return
            await asyncio.sleep(pause_s)
            pause_s = min(2.0 * pause_s, _AGAIN_MAX_S)

    async def _submit_bulk(self, name: str, what: dict[str, Any]) -> None:
        accepted = await self._until_all_accepted(_tasks(what))
        if accepted is None:
            return
        for place, task_id in enumerate(accepted):
            self.ids[what["tag"] + place] = task_id
            self._judge.clients.acknowledge(task_id)
        last = accepted[-1]
        self.open[name] += f": {last}"
        self._judge.clients.awaits(last)
        self._hears(last, await self.client.ending(last))

    async def _until_all_accepted(self, tasks: list[DistributedTask]) -> list[str] | None:
        self._judge.tally.submitted += len(tasks)
        pause_s = _AGAIN_S
        while True:
            try:
                return await self.client.submit_many(tasks)
            except MeshError as error:
                if not self._may_try_again(error):
                    self._judge.tally.refused += len(tasks)
                    return None
            await asyncio.sleep(pause_s)
            pause_s = min(2.0 * pause_s, _AGAIN_MAX_S)

    async def _run_bulk(self, name: str, what: dict[str, Any]) -> None:
        tasks = _tasks(what)
        ended: set[str] = set()
        self._judge.tally.submitted += len(tasks)
        pause_s = _AGAIN_S
        while left := [task for task in tasks if task.task_id not in ended]:
            self.open[name] = f"run {what['tag']}: {len(left)} of {len(tasks)} tasks"
            try:
                async for ending in self.client.run_many(left):
                    ended.add(ending.task_id)
                    self._judge.clients.acknowledge(ending.task_id)
                    self._hears(ending.task_id, ending)
                return
            except MeshError as error:
                if not self._may_try_again(error):
                    self._judge.tally.refused += len(left)
                    return
            await asyncio.sleep(pause_s)
            pause_s = min(2.0 * pause_s, _AGAIN_MAX_S)

    def _may_try_again(self, error: MeshError) -> bool:
        if isinstance(error, MeshUnreachable):
            return True  # it may have been accepted: only asking again tells
        if isinstance(error, PlacementError) and self._gives_up():
            return False  # whoever could do it has come back by now
        return error.retryable

    def _hears(self, task_id: str, ending: Ending) -> None:
        if ending.task_id != task_id:
            self._judge.breaches.broken(
                f"{self._host} asked for {task_id} and hears of {ending.task_id}"
            )
        self._judge.clients.heard(self._host, task_id, ending)

    async def _follow(self, task_id: str) -> None:
        """Chunks of each attempt come in order, and those of the last one are the result."""
        chunks: list[Any] = []
        attempt, ending = 0, None
        async for event in self.client.events(task_id):
            if event.kind == TaskEventKind.CHUNK and event.chunk is not None:
                if event.attempt != attempt:
                    attempt, chunks = event.attempt, []
                if event.index != len(chunks):
                    self._judge.breaches.broken(
                        f"{self._host} is told chunk {event.index} of {task_id} where "
                        f"{len(chunks)} is due"
                    )
                chunks.append(decode_value(event.chunk))
            ending = event.ending or ending
        if ending is None:
            self._judge.breaches.broken(f"{self._host} follows {task_id} to no end")
            return
        self._hears(task_id, ending)

    async def _watch(self, tag: int, how: str) -> None:
        """Wait for a task that another may have submitted, or not yet, or never."""
        task_id = self._id_of(tag)
        is_known = task_id in self._judge.clients.acknowledged
        try:
            if how == "stream":
                await self._follow(task_id)
            else:
                ending = await self.client.ending(task_id)
                self._judge.clients.heard(self._host, ending.task_id, ending)
        except UnknownTask:
            self._judge.requests.believed_unknown(self._process, task_id)
            if is_known:
                self._judge.breaches.broken(f"{self._host} is told that nobody knows {task_id}")
        except MeshError:
            pass  # this client has submitted it, and it was refused

    async def _raise(self, tag: int, priority: int) -> None:
        with suppress(MeshError):
            await self.client.reprioritise(tasks={self._id_of(tag): priority})

    async def _cancel(self, tag: int) -> None:
        task_id = self._id_of(tag)
        is_known = task_id in self._judge.clients.acknowledged
        try:
            was_open = await self._until_cancelled(task_id)
        except UnknownTask:
            if is_known and not self._has_rivals:
                self._judge.breaches.broken(
                    f"{self._host} cannot cancel {task_id}, which nobody knows"
                )
            return
        status = self._judge.status(task_id)
        if was_open and status != TaskStatus.CANCELLED:
            self._judge.breaches.broken(f"{self._host} has cancelled {task_id}, which is {status}")
        elif is_known and not (was_open or self._has_rivals) and status in ("open", "unknown"):
            self._judge.breaches.broken(
                f"{self._host} is told that {task_id} had ended; it is {status}"
            )

    def _id_of(self, tag: int) -> str:
        return self.ids.get(tag, id_of(tag))

    async def _until_cancelled(self, task_id: str) -> bool:
        while True:
            try:
                asked = self.client.cancel(task_id)
                return await self._answer(f"cancel {task_id}", asked, requests=2)
            except MeshUnreachable:
                await asyncio.sleep(_AGAIN_S)

    async def _answer(self, what: str, asked: Awaitable[_T], *, requests: int = 1) -> _T:
        """What somebody answers, after so many requests at most."""
        since = self._judge.clients.agenda.now
        try:
            answer = await asked
        except MeshError:  # and nothing else: it may be killed while it waits
            self._judge.requests.waited(self._process, what, since, requests)
            raise
        self._judge.requests.waited(self._process, what, since, requests)
        return answer

    async def _drain(self, node: str) -> None:
        try:
            await self.client.drain(node)
        except MeshError:
            return  # it is not there now


def _tasks(what: dict[str, Any]) -> list[DistributedTask]:
    """The tasks of a bulk: all alike but for their payloads, which come round."""
    payloads = what["payloads"]
    return [
        _task({**what, "tag": what["tag"] + place, "payload": payloads[place % len(payloads)]})
        for place in range(what["count"])
    ]


def id_of(tag: int) -> str:
    """The id of the task of a step, unless it repeats another."""
    return f"task-{tag}" if tag > 0 else f"proof-{-tag}"


def _task(what: dict[str, Any]) -> DistributedTask:
    optional = {
        name: what[name]
        for name in (
            "priority",
            "timeout",
            "max_attempts",
            "backoff_s",
            "idempotency_key",
            "wait_for_node",
            "fallback_capabilities",
            "latency_target_s",
            "resumable",
            "exclusive",
        )
        if name in what
    }
    return DistributedTask(
        task_id=id_of(what["tag"]),
        task_type=what["type"],
        payload=what["payload"],
        required_capabilities=frozenset(what.get("needs", ())),
        **optional,
    )
